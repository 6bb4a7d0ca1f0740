//! ONe's words for statuses.

use one_client::orders::OrderStatus as Word;
use one_client::{Extra, ShipmentId};
use serde::{Deserialize, Serialize};
use soneta_webapi::{DokumentPowiazany, StatusZamowienia};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use sync_core::{Fingerprint, Key, LinkRef, Links, Mapped, Mapper, Reason};

use super::OrderStatus;

/// What ONe calls the statuses, and what else it is told with one.
///
/// **The words of [`Default`] are a guess**: ONe documents none. They are the derived statuses in capitals (`PROCESSING`,
/// `PARTLY_SHIPPED`, …); ask the tenant's ONe for its words before the flow is switched on. In settings the words that are given take the
/// place of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(default, deny_unknown_fields)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct StatusWords {
    /// The word for each status. One without is a reject [`NO_WORD`](Self::NO_WORD), unless it is not told.
    #[builder(default = guessed())]
    pub words: BTreeMap<StatusZamowienia, String>,
    /// Statuses that ONe is not told: it keeps the one that it has.
    #[builder(default)]
    pub not_told: BTreeSet<StatusZamowienia>,
    /// Field of the body for the document's number. ONe documents no such field, so there is none by default; the same for the next
    /// two.
    pub number_field: Option<String>,
    /// Field of the body for the numbers of delivery notes, a list.
    pub delivery_notes_field: Option<String>,
    /// Field of the body for the numbers of invoices, a list.
    pub invoices_field: Option<String>,
}

impl StatusWords {
    /// Code of the reject of an order whose status ONe has no word for.
    pub const NO_WORD: &'static str = "no-word-for-status";
}

impl Default for StatusWords {
    fn default() -> Self {
        Self::builder().build()
    }
}

fn guessed() -> BTreeMap<StatusZamowienia, String> {
    use StatusZamowienia as Status;
    let statuses = [
        Status::Processing,
        Status::Confirmed,
        Status::PartlyShipped,
        Status::Shipped,
        Status::Invoiced,
        Status::Cancelled,
        Status::Rejected,
    ];
    statuses.into_iter().map(|status| (status.clone(), status.as_str().to_uppercase())).collect()
}

/// Status of a shipment, as ONe gets it. `Debug` shows the shipment only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ShipmentStatus {
    /// The shipment.
    pub shipment: ShipmentId,
    /// ONe's word for the status; `None` if it is not told.
    pub word: Option<Word>,
    /// What else the body holds.
    pub extra: Extra,
    /// Whether nothing more is expected: see [`OrderStatus::is_final`].
    pub is_final: bool,
    /// The id of its document; `None` of an order that never became one.
    pub(crate) document: Option<String>,
}

impl ShipmentStatus {
    /// The link that has come to its end.
    pub(crate) fn ended(&self) -> Option<LinkRef> {
        let document = self.document.clone().filter(|_| self.is_final)?;
        Some(LinkRef::of_b(super::ORDER_LINK, document))
    }
}

impl fmt::Debug for ShipmentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShipmentStatus").field("shipment", &self.shipment).finish_non_exhaustive()
    }
}

/// The statuses that `mapper` derives, in ONe's words.
pub fn in_words<M>(mapper: M, words: StatusWords) -> InWords<M> {
    InWords { mapper, words }
}

/// See [`in_words`].
#[derive(Debug, Clone)]
pub struct InWords<M> {
    mapper: M,
    words: StatusWords,
}

impl<M> InWords<M> {
    fn say(&self, status: OrderStatus) -> Result<ShipmentStatus, Reason> {
        let StatusWords { words, not_told, number_field, delivery_notes_field, invoices_field } = &self.words;
        let word = match words.get(&status.status) {
            _ if not_told.contains(&status.status) => None,
            Some(word) => Some(Word::new(word)),
            None => {
                let detail = format!("the settings have no word of ONe's for {}", status.status.as_str());
                return Err(Reason::new(StatusWords::NO_WORD).with_detail(detail));
            }
        };
        let mut extra = Extra::default();
        let mut tell = |field: &Option<String>, value: Option<serde_json::Value>| match (field, value) {
            (Some(field), Some(value)) => extra.set(field, &value).map_err(|_| Reason::new("not-json")),
            _ => Ok(()),
        };
        if word.is_some() {
            tell(number_field, status.number.clone().map(Into::into))?;
            tell(delivery_notes_field, numbers(&status.delivery_notes))?;
            tell(invoices_field, numbers(&status.invoices))?;
        }
        let document = status.document.map(|document| document.to_string());
        let shipment = ShipmentId::new(status.order);
        Ok(ShipmentStatus { shipment, word, extra, is_final: status.is_final, document })
    }
}

fn numbers(documents: &[DokumentPowiazany]) -> Option<serde_json::Value> {
    (!documents.is_empty()).then(|| documents.iter().map(|document| document.numer.as_str()).collect())
}

impl<In, M: Mapper<In, Out = OrderStatus>> Mapper<In> for InWords<M> {
    type Out = ShipmentStatus;

    fn version(&self) -> u32 {
        self.mapper.version()
    }

    fn links_needed(&self, record: &In) -> Vec<LinkRef> {
        self.mapper.links_needed(record)
    }

    fn echo_of(&self, key: &Key, record: &In) -> Option<(Key, Fingerprint)> {
        self.mapper.echo_of(key, record)
    }

    fn map(&self, key: &Key, record: In, links: &Links) -> Result<Mapped<ShipmentStatus>, Reason> {
        self.mapper.map(key, record, links)?.try_map(|status| self.say(status))
    }
}
