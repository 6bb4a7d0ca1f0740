//! Renamed goods of enova365, reported.

use std::sync::Arc;

use serde::Deserialize;
use soneta_webapi::Area;
use sync_flows::catalog::Entry;
use sync_flows::enova::TowaryList;
use sync_flows::flows::goods::{GOOD_CODES, LogRenames, watch_codes};

use super::Wiring;
use crate::error::Result;
use crate::wire::{Wire, Wired};

/// `[tenants.flows.good-codes]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoodCodes {}

impl Wiring for GoodCodes {
    const ENTRY: &'static Entry = &GOOD_CODES;
    const LIST: Option<Area> = Some(Area::Goods);

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let source = wire.list(Area::Goods, TowaryList::new(wire.installation.towary()?))?;
        let flow = watch_codes(&wire.setup, source, wire.reads.goods.clone(), Arc::new(LogRenames))?;
        Ok(vec![wire.flow(flow)])
    }
}
