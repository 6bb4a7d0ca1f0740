//! Delivery notes, enova365 → ONe: themselves and PDFs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use soneta_webapi::{Area, Wydanie};
use sync_flows::Tick;
use sync_flows::catalog::Entry;
use sync_flows::enova::WydaniaList;
use sync_flows::flows::delivery_notes::{self, DELIVERY_NOTE_PDFS, DELIVERY_NOTES, GoodsNoteMapper};
use sync_flows::flows::documents::{DocumentFilter, PdfMapper};

use super::{Wiring, documents};
use crate::error::Result;
use crate::reads::AnySource;
use crate::wire::{Wire, Wired};

/// `[tenants.flows.delivery-notes]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeliveryNotes {
    /// Which delivery notes go to ONe; their PDFs too.
    tick: Tick,
    /// Only those of these definitions (`WZ`, `KWZ`).
    definitions: BTreeSet<String>,
    /// Symbol of a warehouse in the ERP → id in ONe; one that is not named is not told.
    warehouses: BTreeMap<String, String>,
}

/// `[tenants.flows.delivery-note-pdfs]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryNotePdfs {}

impl Wiring for DeliveryNotes {
    const ENTRY: &'static Entry = &DELIVERY_NOTES;
    const LIST: Option<Area> = Some(Area::DeliveryNotes);

    fn tick(&self) -> Option<(Area, &Tick)> {
        Some((Area::DeliveryNotes, &self.tick))
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let mapper =
            GoodsNoteMapper::builder().filter(self.filter()).warehouses(self.warehouses.clone()).build();
        let flow = delivery_notes::to_one(&wire.setup, list(wire)?, wire.one.clone(), mapper)?;
        Ok(vec![wire.flow(flow)])
    }
}

impl Wiring for DeliveryNotePdfs {
    const ENTRY: &'static Entry = &DELIVERY_NOTE_PDFS;
    const LIST: Option<Area> = Some(Area::DeliveryNotes);

    fn beside(&self) -> Vec<&'static str> {
        vec![DELIVERY_NOTES.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let sent = wire.section::<DeliveryNotes>().map(DeliveryNotes::filter).unwrap_or_default();
        let mapper = PdfMapper::new(sent);
        let wydania = wire.installation.wydania()?;
        let flow = delivery_notes::pdfs_to_one(&wire.setup, list(wire)?, wydania, wire.one.clone(), mapper)?;
        Ok(vec![wire.flow(flow)])
    }
}

impl DeliveryNotes {
    fn filter(&self) -> DocumentFilter {
        documents::filter(&self.tick, &self.definitions)
    }
}

fn list(wire: &Wire<'_>) -> Result<AnySource<Wydanie>> {
    wire.list(Area::DeliveryNotes, WydaniaList::new(wire.installation.wydania()?).since(wire.first_day()?))
}
