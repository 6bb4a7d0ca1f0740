//! Invoices, enova365 → ONe: themselves, what is paid, PDFs.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use soneta_webapi::{Area, Faktura};
use sync_core::{Act, Link};
use sync_flows::Tick;
use sync_flows::catalog::Entry;
use sync_flows::enova::{FakturyList, full_list, paid_invoices};
use sync_flows::flows::documents::{DocumentFilter, INVOICE_LINK, PdfMapper};
use sync_flows::flows::invoices::{
    self, INVOICE_PDFS, INVOICE_STATUS, INVOICES, InvoiceFields, InvoiceMapper, InvoiceSettings,
    InvoiceStatusMapper,
};

use super::{Wiring, documents};
use crate::error::Result;
use crate::reads::AnySource;
use crate::wire::{Learned, Wire, Wired};

/// `[tenants.flows.invoices]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Invoices {
    /// Which invoices go to ONe; their PDFs and payments too.
    tick: Tick,
    /// Only those of these definitions (`FV`, `KFV`).
    definitions: BTreeSet<String>,
    /// Names of fields that ONe does not document.
    fields: InvoiceFields,
}

/// `[tenants.flows.invoice-status]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {}

/// `[tenants.flows.invoice-pdfs]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pdfs {}

impl Wiring for Invoices {
    const ENTRY: &'static Entry = &INVOICES;
    const LIST: Option<Area> = Some(Area::Invoices);

    fn tick(&self) -> Option<(Area, &Tick)> {
        Some((Area::Invoices, &self.tick))
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let settings = InvoiceSettings::builder().filter(self.filter()).fields(self.fields.clone()).build();
        let jobs =
            invoices::to_one(&wire.setup, list(wire)?, wire.one.clone(), InvoiceMapper::new(settings))?;
        wire.jobs(jobs, invoice_link)
    }
}

impl Wiring for Status {
    const ENTRY: &'static Entry = &INVOICE_STATUS;

    fn beside(&self) -> Vec<&'static str> {
        vec![INVOICES.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let (erp, clock, day) = (&wire.setup.erp, Arc::clone(&wire.setup.clock), wire.first_day()?);
        let mapper = InvoiceStatusMapper::new(filter(wire));
        let faktury = wire.installation.faktury()?;
        let flow = match wire.installation.rozrachunki() {
            Ok(rozrachunki) => {
                let paid = paid_invoices(rozrachunki, faktury, day, erp, clock);
                invoices::status_to_one(&wire.setup, paid, wire.one.clone(), mapper)
            }
            // a payment does not change the invoice's own row
            Err(_) => {
                let all = full_list(FakturyList::new(faktury).since(day), erp);
                invoices::status_to_one(&wire.setup, all, wire.one.clone(), mapper)
            }
        };
        Ok(vec![wire.flow(flow?)])
    }
}

impl Wiring for Pdfs {
    const ENTRY: &'static Entry = &INVOICE_PDFS;
    const LIST: Option<Area> = Some(Area::Invoices);

    fn beside(&self) -> Vec<&'static str> {
        vec![INVOICES.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let mapper = PdfMapper::new(filter(wire));
        let faktury = wire.installation.faktury()?;
        let flow = invoices::pdfs_to_one(&wire.setup, list(wire)?, faktury, wire.one.clone(), mapper)?;
        Ok(vec![wire.flow(flow)])
    }
}

impl Invoices {
    fn filter(&self) -> DocumentFilter {
        documents::filter(&self.tick, &self.definitions)
    }
}

fn list(wire: &Wire<'_>) -> Result<AnySource<Faktura>> {
    wire.list(Area::Invoices, FakturyList::new(wire.installation.faktury()?).since(wire.first_day()?))
}

/// Of the invoices that are sent.
fn filter(wire: &Wire<'_>) -> DocumentFilter {
    wire.section::<Invoices>().map(Invoices::filter).unwrap_or_default()
}

/// What is learned when a person tells the number under which ONe has an invoice.
fn invoice_link(act: &Act, number: &str) -> Learned {
    // `invoice:tenant:document`
    let document = act.document.as_str().splitn(3, ':').nth(2);
    Ok(document.map(|document| Link::new(INVOICE_LINK, number, document)).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::invoice_link;
    use sync_core::{Act, Link, Payload};
    use sync_flows::flows::documents::INVOICE_LINK;
    use sync_flows::flows::invoices::{invoice_act_kind, invoice_op_key};

    #[test]
    fn an_invoice_that_a_person_found_is_linked_to_the_document_that_its_act_names() {
        let act = Act::new(
            invoice_op_key("shop", soneta_webapi::DokumentId(17)),
            "invoice:17",
            invoice_act_kind("shop"),
            Payload::from_json("{}"),
            chrono::DateTime::UNIX_EPOCH,
        );
        assert_eq!(invoice_link(&act, "FV/1/26"), Ok(vec![Link::new(INVOICE_LINK, "FV/1/26", "17")]));
    }
}
