//! Credit limits to ONe.

use one_client::{Client, ClientId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use soneta_webapi::{Area, LimitKredytowy, RodzajLimitu};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use sync_core::{Class, Flow, Key, LinkRef, Links, Mapped, Mapper, Reason, Source};

use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::exact;
use crate::flows::clients::{client_links, client_of, has_followed};
use crate::one::TradeCreditSink;
use crate::setup::Setup;

/// Credit limits to ONe.
pub const TRADE_CREDITS: Entry = Entry {
    id: "trade-credits",
    rows: &["O6"],
    what: "credit limits of businesses and how much of them is used",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60).at(50),
    stage: Some(Stage::I),
    needs: &[Area::CreditLimits],
    after: &["new-clients", "orders"],
    guarantee: "the last limit counts; a limit that is gone, or whose contractor loses its tick, is deleted",
};

/// The flow [`TRADE_CREDITS`]: limits are read by a [`LimitySource`](crate::enova::LimitySource), [ticked](crate::enova::ticked) where the
/// tick is a cecha of the contractor.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn trade_credits_to_one<S, M>(setup: &Setup, source: S, mapper: M, one: Client) -> sync_core::Result<Flow>
where
    S: Source<Record = LimitKredytowy> + 'static,
    M: Mapper<LimitKredytowy, Out = TradeCredit> + 'static,
{
    let sink = TradeCreditSink::new(one, Arc::clone(&setup.store), setup.name(TRADE_CREDITS.id)?);
    setup.flow(TRADE_CREDITS.id, source, mapper, sink)
}

/// Settings of the flow [`TRADE_CREDITS`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TradeCreditSettings {
    /// ONe's currency; a limit in another one becomes a reject. `PLN` unless told otherwise.
    #[builder(default = "PLN".to_owned())]
    pub waluta: String,
    /// Whether to send how much is used. On unless told otherwise; off where ONe counts by itself.
    #[builder(default = true)]
    pub used: bool,
    /// Whether to send how much is left, for a server that does not calculate it. Off unless told otherwise.
    #[builder(default)]
    pub available: bool,
    /// What a contractor without a limit gets; nothing unless told otherwise, since how ONe says "unlimited" is not documented.
    /// Read from a text: `"1000000"`.
    #[serde(deserialize_with = "exact::from_text")]
    pub unlimited: Option<Decimal>,
    /// The field that takes the days until payment. The vendor's table mentions an optional date of payment, whose name and
    /// form are not documented: nothing is sent unless a name is told.
    pub term_field: Option<String>,
}

impl Default for TradeCreditSettings {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// A trade credit as ONe gets it. `Debug` shows the client alone.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TradeCredit {
    /// ONe's client, a business.
    pub client: ClientId,
    /// How much it may owe.
    #[serde(serialize_with = "exact::serialize")]
    pub value: Decimal,
    /// How much of it is used.
    #[serde(serialize_with = "exact::option")]
    pub used: Option<Decimal>,
    /// How much is left.
    #[serde(serialize_with = "exact::option")]
    pub available: Option<Decimal>,
    /// Further fields of the body, which is not documented whole.
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl fmt::Debug for TradeCredit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TradeCredit").field("client", &self.client).finish_non_exhaustive()
    }
}

/// From the ERP's limit to ONe's trade credit.
#[derive(Debug, Clone, Default)]
pub struct TradeCreditMapper {
    settings: TradeCreditSettings,
}

impl TradeCreditMapper {
    /// Maps by these settings.
    #[must_use]
    pub fn new(settings: TradeCreditSettings) -> Self {
        Self { settings }
    }

    /// How much the contractor may owe; `None` where it has no limit to speak of.
    fn value(&self, limit: &LimitKredytowy) -> Result<Option<Decimal>, Reason> {
        match (&limit.rodzaj, &limit.limit) {
            (RodzajLimitu::Nieograniczony, _) => Ok(self.settings.unlimited),
            (RodzajLimitu::Kwota, None) => Ok(None),
            (RodzajLimitu::Kwota, Some(money)) if money.symbol != self.settings.waluta => {
                Err(Reason::new("other-currency").with_detail(money.symbol.clone()))
            }
            (RodzajLimitu::Kwota, Some(money)) if money.value < Decimal::ZERO => {
                Err(Reason::new("bad-limit"))
            }
            (RodzajLimitu::Kwota, Some(money)) => Ok(Some(money.value)),
            (kind, _) => Err(Reason::new("unknown-limit-kind").with_detail(kind.as_str())),
        }
    }
}

impl Mapper<LimitKredytowy> for TradeCreditMapper {
    type Out = TradeCredit;

    fn links_needed(&self, limit: &LimitKredytowy) -> Vec<LinkRef> {
        client_links(limit.kontrahent_id).to_vec()
    }

    fn map(&self, _key: &Key, limit: LimitKredytowy, links: &Links) -> Result<Mapped<TradeCredit>, Reason> {
        if !limit.zaznaczony.unwrap_or(true) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        if has_followed(limit.kontrahent_id, links) {
            return Ok(Mapped::LeaveOut(Reason::new("merged")));
        }
        let Some(value) = self.value(&limit)? else {
            return Ok(Mapped::LeaveOut(Reason::new("no-limit")));
        };
        let client = client_of(limit.kontrahent_id, links)?;
        if client.is_individual() {
            return Ok(Mapped::LeaveOut(Reason::new("person")));
        }
        let in_currency = |money: Option<soneta_webapi::wire::Currency>| {
            money.filter(|money| money.symbol == self.settings.waluta).map(|money| money.value)
        };
        let term = self.settings.term_field.clone().zip(limit.termin_dni);
        Ok(Mapped::Send(TradeCredit {
            client,
            value,
            used: in_currency(limit.wykorzystano).filter(|_| self.settings.used),
            available: in_currency(limit.dostepny).filter(|_| self.settings.available),
            extra: term.map(|(field, days)| (field, days.into())).into_iter().collect(),
        }))
    }
}
