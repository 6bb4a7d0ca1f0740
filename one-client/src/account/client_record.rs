//! What is known of a client.
//!
//! It is called a record here because [`Client`](crate::Client) is the program that calls ONe.

use crate::ids::{ClientId, SegmentId, WarehouseId};
use crate::paging::Keyed;
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, open_enum, shows};
use serde::{Deserialize, Serialize};

open_enum! {
    /// What a client is to the seller (*documented*; an open set).
    AccountType {
        /// It buys.
        Client = "CLIENT",
        /// It supplies.
        Supplier = "SUPPLIER",
    }
}

/// A client as ONe tells of it.
///
/// The JSON was never seen, and the glossary is cut after the letter C. Fields up to there are *documented* by
/// name; those marked *inferred* are called so in another contract of the vendor's, that of his plugins.
/// Everything else is in `extra`: also `additionalFields`, which each tenant sets up, and the blockades, which
/// are said to be here too.
///
/// `Debug` shows ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClientRecord {
    /// ONe's id, assigned on creation; [`id`](Self::id) also finds it under another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// The ERP's id, if ONe was told (*inferred*).
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Name (*inferred*).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tax number, the ERP's NIP (*inferred*).
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Telephone (*inferred*).
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The segment it is in (*inferred*).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_id: Option<SegmentId>,
    /// The warehouse it is served from (*inferred*).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse_id: Option<WarehouseId>,
    /// What it is to the seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<AccountType>,
    /// The account manager's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub account_manager_id: Option<String>,
    /// The billing address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ClientAddress>,
    /// Its administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<ClientAdmin>,
    /// Its own bank account for payments, where the tenant issues such.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub bank_account_number: Option<String>,
    /// REGON.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub business_registration_number: Option<String>,
    /// Its status; the words are unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_status: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(ClientRecord { client_id, external_id, extra });

impl Keyed for ClientRecord {
    const KEY: &'static str = "clientId";
}

impl ClientRecord {
    /// ONe's id: `clientId` (*documented*), or else `id` (*inferred*).
    pub fn id(&self) -> Option<ClientId> {
        self.client_id.clone().or_else(|| self.extra.text("id").map(ClientId::from))
    }
}

/// What is written of a client, to create or to change it.
///
/// The JSON was never seen; the fields are those of [`ClientRecord`], known as far. *Documented:* one billing
/// address is obligatory, and `bankAccountNumber` is left out by tenants that issue none. Otherwise unknown is
/// what is required, whether a field that is left out keeps its value, and by what ONe tells a business (`org:`) from a
/// person (`ind:`): the simulator goes by `tin`, which is made up. `extra` takes everything else, for
/// example `additionalFields`.
///
/// `Debug` shows the ERP's id alone.
#[derive(Clone, PartialEq, Eq, Default, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct ClientData {
    /// The ERP's id (*inferred*). By it the client is found again after an unclear answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Name (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tax number, the ERP's NIP (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Telephone (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The segment it is in (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(into)]
    pub segment_id: Option<SegmentId>,
    /// The warehouse it is served from (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(into)]
    pub warehouse_id: Option<WarehouseId>,
    /// What it is to the seller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_type: Option<AccountType>,
    /// The account manager's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_manager_id: Option<String>,
    /// The billing address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<ClientAddress>,
    /// Its administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<ClientAdmin>,
    /// Its own bank account for payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account_number: Option<String>,
    /// REGON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_registration_number: Option<String>,
    /// Its status; the words are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_status: Option<String>,
    /// Further fields.
    #[serde(flatten)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(ClientData { external_id, extra });

/// The billing address in a client (names *documented*; the postal code is called `zipCode` here, quirk Q9). `Debug`
/// shows its id alone.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct ClientAddress {
    /// The ERP's id.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// Country; whether a code or a name is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What else came, or is to be sent.
    #[serde(flatten, skip_deserializing)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(ClientAddress { external_id });

/// The administrator of a client (names *documented*; *inferred:* its first user). `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct ClientAdmin {
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Telephone.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What else came, or is to be sent.
    #[serde(flatten, skip_deserializing)]
    #[builder(default)]
    pub extra: Extra,
}

shows!(ClientAdmin {});

keeps_extra!(ClientRecord, ClientAddress, ClientAdmin);
