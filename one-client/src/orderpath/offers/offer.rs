//! What an offer holds. All of it *example only*: one answer is shown, cut at the first line of its first slot.

use crate::ids::{AttachmentId, ClientId, OfferId, WarehouseId};
use crate::orders::{DeliveryType, PaymentMethod};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, open_enum, shows};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

open_enum! {
    /// How far an offer is (an open set: one word was seen).
    OfferStatus {
        /// The client took it, and an operator handed it to the ERP.
        WonTransferred = "WON_TRANSFERRED",
    }
}

open_enum! {
    /// Who somebody is (an open set: one word was seen).
    PersonType {
        /// An operator of the backoffice.
        Operator = "OPERATOR",
    }
}

open_enum! {
    /// Whether the goods of a slot are there (an open set: one word was seen).
    AvailabilityState {
        /// None of them.
        NoneAvailable = "NONE_AVAILABLE",
    }
}

/// An offer. Required is its id alone; `Debug` shows ids.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Offer {
    /// The offer.
    #[serde(deserialize_with = "wire::text::required")]
    pub id: OfferId,
    /// Whose it is.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Its number, for people: `O/36/1/2022`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub document_number: Option<String>,
    /// The last day it holds.
    #[serde(default, deserialize_with = "wire::date::option", skip_serializing_if = "Option::is_none")]
    pub expiration_date: Option<NaiveDate>,
    /// The branch.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub branch_id: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_creator_user: Option<OfferPerson>,
    /// How far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<OfferStatus>,
    /// What was written about it.
    #[serde(default, deserialize_with = "wire::list")]
    pub notes: Vec<OfferNote>,
    /// How it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethod>,
    /// How it is delivered, part by part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<OfferSplit>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Offer { id, client_id });

/// Somebody who made or wrote something. A creator's `branch` is in `extra`; it was seen as `null` alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferPerson {
    /// `type`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<PersonType>,
    /// ONe's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address of e-mail.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(OfferPerson { kind, id });

/// A note about an offer. Its times have no zone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferNote {
    /// The note.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<OfferPerson>,
    /// What it says.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// When it was written.
    #[serde(
        default,
        deserialize_with = "wire::date::time::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub created_on: Option<NaiveDateTime>,
    /// When it was last changed.
    #[serde(
        default,
        deserialize_with = "wire::date::time::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_modified_date: Option<NaiveDateTime>,
    /// Whether the client sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_for_clients: Option<bool>,
    /// Files.
    #[serde(default, deserialize_with = "wire::list")]
    pub attachments: Vec<OfferAttachment>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(OfferNote { id });

/// A file of a note. Only an empty list was seen; that the id is to be found here is *documented*, its name *inferred*.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferAttachment {
    /// What [`Offers::attachment_url`](super::Offers::attachment_url) asks for.
    #[serde(
        default,
        deserialize_with = "wire::text::option",
        alias = "attachmentId",
        skip_serializing_if = "Option::is_none"
    )]
    pub id: Option<AttachmentId>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

/// How an offer is delivered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferSplit {
    /// The parts.
    #[serde(default, deserialize_with = "wire::list")]
    pub slots: Vec<OfferSlot>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

/// A part of an offer that is delivered as one. `authorizedPersons` was seen empty alone: it is in `extra`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferSlot {
    /// The part: `EMPTY:0`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether the goods are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_state: Option<AvailabilityState>,
    /// How it is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<OfferDelivery>,
    /// What was written to it; an empty text if nothing was.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The lines.
    #[serde(default, deserialize_with = "wire::list")]
    pub product_lines: Vec<OfferLine>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(OfferSlot { id });

/// Delivery of a part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferDelivery {
    /// The way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<OfferDeliveryMethod>,
    /// Where the client collects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_point_warehouse: Option<OfferWarehouse>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

/// A way of delivery.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferDeliveryMethod {
    /// ONe's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, in words.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `type`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<DeliveryType>,
    /// The day of delivery.
    #[serde(default, deserialize_with = "wire::date::option", skip_serializing_if = "Option::is_none")]
    pub delivery_date: Option<NaiveDate>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

/// A warehouse where a client collects.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferWarehouse {
    /// The warehouse.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<WarehouseId>,
    /// Its name for clients.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

/// A line of an offer. The example ends after its id: product, quantity and price are in `extra`, under names that have
/// to be seen first. `Debug` shows the id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferLine {
    /// The line.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What else came: most of the line.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(OfferLine { id });

keeps_extra!(
    Offer,
    OfferPerson,
    OfferNote,
    OfferAttachment,
    OfferSplit,
    OfferSlot,
    OfferDelivery,
    OfferDeliveryMethod,
    OfferWarehouse,
    OfferLine,
);
