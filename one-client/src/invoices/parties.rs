//! Who stands on an invoice.

use crate::ids::ClientId;
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{open_enum, shows};
use serde::{Deserialize, Serialize};

open_enum! {
    /// What kind of client an invoice is for (*documented*).
    InvoiceClientType {
        /// A person.
        Individual = "INDIVIDUAL",
        /// A business.
        Organization = "ORGANIZATION",
    }
}

/// Who buys (names *documented*). `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceClient {
    /// ONe's id.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Tax number (NIP).
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Person or business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_type: Option<InvoiceClientType>,
    /// Telephone.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where invoices are mailed to.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_email: Option<String>,
    /// Name and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_data: Option<InvoiceAddress>,
    /// What else is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(InvoiceClient { client_id });

/// Who pays (names *documented*). `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoicePayer {
    /// ONe's id.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Tax number (NIP).
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Telephone.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Name and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_data: Option<InvoiceAddress>,
    /// What else is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(InvoicePayer { client_id });

/// Who sells: `tenantData` (names *documented*). `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceSeller {
    /// Tax number (NIP).
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Name and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_data: Option<InvoiceAddress>,
    /// What else is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(InvoiceSeller {});

/// Who wrote the invoice (names *documented*). `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceOperator {
    /// A UUID (*documented*).
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What else is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(InvoiceOperator { id });

/// An address on an invoice (names *documented*). The postal code is `postalCode` here and nowhere else
/// (quirk Q9). `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceAddress {
    /// Town.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Country.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Who.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Postal code.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Street and number.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// What else is to be sent.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(InvoiceAddress {});

keeps_extra!(InvoiceClient, InvoicePayer, InvoiceSeller, InvoiceOperator, InvoiceAddress);
