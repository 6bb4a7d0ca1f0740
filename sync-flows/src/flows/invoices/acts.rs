//! Invoices as acts, for ONe's POST.

use rust_decimal::Decimal;
use serde::Serialize;
use soneta_webapi::{DokumentId, Faktura};
use sync_core::{ActKind, Key, LinkRef, Links, Mapped, Mapper, NewAct, OpKey, Reason};

use super::OneInvoice;
use crate::exact;

/// Kind of the acts that add invoices to the ONe of this tenant. Each tenant has its own, so that a dispatcher never takes another's.
#[must_use]
pub fn invoice_act_kind(tenant: &str) -> ActKind {
    ActKind::from(format!("invoice:{tenant}"))
}

/// The name of the act that adds the ERP's document to ONe: for ever the same, so that it happens once.
#[must_use]
pub fn invoice_op_key(tenant: &str, dokument: DokumentId) -> OpKey {
    OpKey::from(format!("invoice:{tenant}:{dokument}"))
}

/// Makes one act of each invoice that `inner` maps.
///
/// What makes it another invoice are number, day, buyer, lines and sums. What comes later (payments, KSeF's number, another mapping) is
/// sent if the invoice still waits, and otherwise changes nothing: POST adds, and ONe has no known call that edits.
#[derive(Debug, Clone)]
pub(super) struct InvoiceActs<M> {
    tenant: String,
    inner: M,
}

impl<M> InvoiceActs<M> {
    pub(super) fn new(tenant: impl Into<String>, inner: M) -> Self {
        Self { tenant: tenant.into(), inner }
    }
}

impl<M: Mapper<Faktura, Out = OneInvoice>> Mapper<Faktura> for InvoiceActs<M> {
    type Out = NewAct;

    fn version(&self) -> u32 {
        self.inner.version()
    }

    fn links_needed(&self, faktura: &Faktura) -> Vec<LinkRef> {
        self.inner.links_needed(faktura)
    }

    fn map(&self, key: &Key, faktura: Faktura, links: &Links) -> Result<Mapped<NewAct>, Reason> {
        let op_key = invoice_op_key(&self.tenant, faktura.id);
        // a correction does not overtake what it corrects, of what was read before it
        let order_key = format!("invoice:{}", faktura.koryguje_id.unwrap_or(faktura.id));
        let business =
            serde_json::to_value(Business::of(&faktura)).map_err(|_| Reason::new("not-encodable"))?;
        let kind = invoice_act_kind(&self.tenant);
        self.inner.map(key, faktura, links)?.try_map(|invoice| {
            NewAct::new(op_key, order_key, kind, &invoice, &business).map_err(Reason::from)
        })
    }
}

/// What makes it another invoice if it changes.
#[derive(Serialize)]
struct Business<'a> {
    numer: &'a str,
    data: chrono::NaiveDate,
    kontrahent: Option<i32>,
    koryguje: Option<DokumentId>,
    sums: [Option<Exact>; 2],
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: i32,
    kod: Option<&'a str>,
    quantity: Exact,
    price: Option<Exact>,
    value: Option<Exact>,
}

#[derive(Serialize)]
struct Exact(#[serde(serialize_with = "exact::serialize")] Decimal);

impl<'a> Business<'a> {
    fn of(faktura: &'a Faktura) -> Self {
        let money = |money: &Option<soneta_webapi::wire::Currency>| money.as_ref().map(|it| Exact(it.value));
        Self {
            numer: &faktura.numer,
            data: faktura.data,
            kontrahent: faktura.kontrahent.id.map(|id| id.0),
            koryguje: faktura.koryguje_id,
            sums: [money(&faktura.suma_netto), money(&faktura.suma_brutto)],
            lines: faktura
                .pozycje
                .iter()
                .map(|line| Line {
                    id: line.id,
                    kod: line.kod.as_deref(),
                    quantity: Exact(line.ilosc.value),
                    price: money(&line.cena_netto),
                    value: money(&line.wartosc_netto),
                })
                .collect(),
        }
    }
}
