//! Credit limits and blockades of sale, enova365 → ONe.

use one_client::account::BlockadeType;
use serde::Deserialize;
use soneta_webapi::Area;
use sync_flows::catalog::Entry;
use sync_flows::enova::LimitySource;
use sync_flows::flows::credit::{
    BlockadeMapper, BlockadeSettings, CLIENT_BLOCKADES, TRADE_CREDITS, TradeCreditMapper,
    TradeCreditSettings, blockades_to_one, trade_credits_to_one,
};

use super::Wiring;
use super::clients::contractors;
use crate::error::Result;
use crate::exact::Exact;
use crate::wire::{Wire, Wired};

/// `[tenants.flows.trade-credits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TradeCredits {
    /// ONe's currency.
    #[serde(default = "crate::flows::pln")]
    currency: String,
    /// Whether to send how much is used.
    #[serde(default = "crate::flows::yes")]
    used: bool,
    /// Whether to send how much is left.
    #[serde(default)]
    available: bool,
    /// What a contractor without a limit gets, as text; nothing without this.
    unlimited: Option<Exact>,
    /// ONe's field that takes the days until payment; they are not sent without it.
    term_field: Option<String>,
}

impl Wiring for TradeCredits {
    const ENTRY: &'static Entry = &TRADE_CREDITS;

    fn check(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if self.unlimited.is_some_and(|unlimited| !unlimited.is_positive()) {
            wrong.push(("unlimited", "expected an amount above zero".to_owned()));
        }
        wrong
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let settings = TradeCreditSettings::builder()
            .waluta(&self.currency)
            .used(self.used)
            .available(self.available)
            .maybe_unlimited(self.unlimited.map(Exact::get))
            .maybe_term_field(self.term_field.clone())
            .build();
        let limits = LimitySource::new(wire.installation.limity()?, wire.setup.erp.clone());
        let source = wire.of_ticked_contractors(limits)?;
        let mapper = TradeCreditMapper::new(settings);
        let flow = trade_credits_to_one(&wire.setup, source, mapper, wire.one.clone())?;
        Ok(vec![wire.flow(flow)])
    }
}

/// `[tenants.flows.client-blockades]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientBlockades {
    /// The id by which the kind of blockade is set up in ONe. Nobody sets one with it by hand.
    external_id: String,
    /// What it forbids: `SALE`, `TRADE_CREDIT`, `CLIENT`.
    #[serde(rename = "type", default = "sale")]
    kind: BlockadeType,
    /// Its name in ONe.
    label: Option<String>,
    /// What the client is told.
    message: Option<String>,
}

fn sale() -> BlockadeType {
    BlockadeType::Sale
}

impl Wiring for ClientBlockades {
    const ENTRY: &'static Entry = &CLIENT_BLOCKADES;
    const LIST: Option<Area> = Some(Area::Contractors);

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let settings = BlockadeSettings::builder()
            .external_id(&self.external_id)
            .kind(self.kind.clone())
            .maybe_label(self.label.clone())
            .maybe_message(self.message.clone())
            .tick(wire.reads.contractors.clone())
            .build();
        let mapper = BlockadeMapper::new(settings);
        let flow = blockades_to_one(&wire.setup, contractors(wire)?, mapper, wire.one.clone())?;
        Ok(vec![wire.flow(flow)])
    }
}
