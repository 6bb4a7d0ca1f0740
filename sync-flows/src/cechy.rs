//! Custom fields of the ERP (pola dodatkowe, cechy) on the way to a portal (E17).
//!
//! Goods, contractors, invoices and delivery notes carry their cechy, and so do the neutral records that flows to a portal of your own
//! hand on. The contract `b2b` sends those that are asked for by name (`with_cechy` of its handles), AltOne's all that are open to
//! WebAPI.
//!
//! - One cecha in a field of your own: [`adjust`](crate::adjust) the mapper.
//! - Cechy by settings: a table [`Cechy`] says which become which field, [`with_fields`] puts them beside the record.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use sync_core::testing::MemorySink;
//! use sync_core::{Job, MemoryStore, RunContext, SystemClock};
//! use sync_flows::cechy::{Cechy, with_fields};
//! use sync_flows::enova::{TowaryList, changes};
//! use sync_flows::flows::goods::{self, GoodsMapper, LogRenames};
//! use sync_flows::{Erp, Setup, Tick, adjust};
//!
//! # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
//! # let client = soneta_webapi::Client::builder(simulator.url().clone(), simulator.application_token()).build()?;
//! let towary = TowaryList::new(Arc::new(client.b2b().towary().with_cechy(["Portal"])));
//! # let erp = Erp::new("enova", simulator.database_id().to_string());
//! let setup = Setup::builder().tenant("shop").erp(erp).store(Arc::new(MemoryStore::new())).build();
//!
//! // From a settings file: the ERP's name = the portal's field.
//! let cechy: Cechy = serde_json::from_str(r#"{"Portal": "visible"}"#)?;
//! // In code: looking at the record, changing what is sent.
//! let mapper = adjust(GoodsMapper::new(Tick::Told), |towar, out| {
//!     if towar.cecha("Portal").and_then(|cecha| cecha.wartosc.bool()) == Some(true) {
//!         out.nazwa.push_str(" (online)");
//!     }
//!     Ok(())
//! });
//!
//! let portal = Arc::new(MemorySink::new());
//! let source = changes(towary, &setup.erp, Arc::new(SystemClock));
//! let flow = goods::to(&setup, source, with_fields(mapper, cechy), Arc::clone(&portal), Arc::new(LogRenames))?;
//! flow.step(&RunContext::default()).await?;
//! for good in portal.records().values() {
//!     assert!(good.record.nazwa.ends_with(" (online)"));
//!     assert_eq!(good.fields["visible"], "true");
//! }
//! # assert!(!portal.records().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Back to the ERP
//!
//! | what | cechy | by |
//! |---|---|---|
//! | a contractor | yes | [`ZapisKontrahenta::cechy`](soneta_webapi::ZapisKontrahenta) |
//! | a line of an order | yes | [`PozycjaZamowienia::cechy`](soneta_webapi::PozycjaZamowienia), by the mapper that makes the order |
//! | the head of an order | no | [`NoweZamowienie`](soneta_webapi::NoweZamowienie) has none, since the contract `b2b` takes none there: its notes carry what has no field |
//! | goods | no | the ERP is the only source of goods; AltOne's [`UpsertKartotekaTowarowa`](soneta_webapi::altone::UpsertKartotekaTowarowa) writes a whole card |

use serde::{Deserialize, Serialize};
use soneta_webapi::wire::Cecha;
use soneta_webapi::{Faktura, Kontrahent, Towar, Wydanie};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use sync_core::{Error, Fingerprint, Key, LinkRef, Links, Mapped, Mapper, Reason, Result};

/// Which cecha becomes which field of a portal: exact names of the ERP → names of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Cechy(BTreeMap<String, String>);

impl Cechy {
    /// This table.
    ///
    /// # Errors
    /// Kind `Config` if two cechy share a field.
    pub fn new(fields: BTreeMap<String, String>) -> Result<Self> {
        let mut taken = BTreeSet::new();
        match fields.values().find(|field| !taken.insert(*field)) {
            Some(field) => Err(Error::config(format!("two cechy become the field {field:?}"))),
            None => Ok(Self(fields)),
        }
    }

    /// The names of the cechy, to ask for them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The fields of a record with these cechy, as text. A cecha without a value gives none.
    #[must_use]
    pub fn fields(&self, cechy: &[Cecha]) -> BTreeMap<String, String> {
        let fields = cechy.iter().filter_map(|cecha| {
            let field = self.0.get(&cecha.nazwa)?;
            Some((field.clone(), cecha.wartosc.text()?))
        });
        fields.collect()
    }
}

impl TryFrom<BTreeMap<String, String>> for Cechy {
    type Error = Error;

    fn try_from(fields: BTreeMap<String, String>) -> Result<Self> {
        Self::new(fields)
    }
}

impl From<Cechy> for BTreeMap<String, String> {
    fn from(cechy: Cechy) -> Self {
        cechy.0
    }
}

/// A record of the ERP with custom fields.
pub trait HasCechy {
    /// Its custom fields, as far as the contract sends them.
    fn cechy(&self) -> &[Cecha];
}

macro_rules! has_cechy {
    ($($record:ty),+) => {
        $(impl HasCechy for $record {
            fn cechy(&self) -> &[Cecha] {
                &self.cechy
            }
        })+
    };
}

has_cechy!(Towar, Kontrahent, Faktura, Wydanie);

/// A record as the inner mapper makes it, and the fields that cechy became. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WithFields<R> {
    /// The record.
    pub record: R,
    /// Field of the portal → value as text; absent where the cecha has none.
    pub fields: BTreeMap<String, String>,
}

impl<R> fmt::Debug for WithFields<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithFields(..)")
    }
}

/// The mapper `inner`, with the fields that cechy become by this table beside what it makes.
pub fn with_fields<M>(inner: M, cechy: Cechy) -> FieldsMapper<M> {
    FieldsMapper { inner, cechy }
}

/// See [`with_fields`].
#[derive(Debug, Clone)]
pub struct FieldsMapper<M> {
    inner: M,
    cechy: Cechy,
}

impl<In: HasCechy, M: Mapper<In>> Mapper<In> for FieldsMapper<M> {
    type Out = WithFields<M::Out>;

    fn version(&self) -> u32 {
        self.inner.version()
    }

    fn links_needed(&self, record: &In) -> Vec<LinkRef> {
        self.inner.links_needed(record)
    }

    fn empties(&self, out: &Self::Out) -> bool {
        self.inner.empties(&out.record)
    }

    fn echo_of(&self, key: &Key, record: &In) -> Option<(Key, Fingerprint)> {
        self.inner.echo_of(key, record)
    }

    fn map(&self, key: &Key, record: In, links: &Links) -> std::result::Result<Mapped<Self::Out>, Reason> {
        let fields = self.cechy.fields(record.cechy());
        Ok(self.inner.map(key, record, links)?.map(|record| WithFields { record, fields }))
    }
}

#[cfg(test)]
mod tests {
    use super::Cechy;
    use soneta_webapi::wire::Cecha;
    use std::collections::BTreeMap;

    #[test]
    fn named_cechy_become_fields_and_those_without_a_value_none() {
        let cechy: Cechy =
            serde_json::from_str(r#"{"Kolor": "colour", "Sezon": "season", "Waga": "weight"}"#).unwrap();
        let of_a_record =
            [Cecha::new("Kolor", "żółty"), Cecha::new("Sezon", ""), Cecha::new("kolor", "inny")];
        assert_eq!(cechy.fields(&of_a_record), BTreeMap::from([("colour".to_owned(), "żółty".to_owned())]));
        assert_eq!(cechy.names().collect::<Vec<_>>(), ["Kolor", "Sezon", "Waga"]);
    }

    #[test]
    fn two_cechy_cannot_become_one_field() {
        let error = serde_json::from_str::<Cechy>(r#"{"Kolor": "colour", "Barwa": "colour"}"#).unwrap_err();
        assert!(error.to_string().contains(r#"two cechy become the field "colour""#), "{error}");
    }
}
