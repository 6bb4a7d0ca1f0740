//! From an invoice of the ERP to ONe's.

use one_client::Extra;
use one_client::invoices::{
    Invoice, InvoiceAddress, InvoiceClient, InvoiceClientType, InvoicePayer, InvoiceTotals,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use soneta_webapi::{DokumentId, Faktura, PozycjaDokumentu, Strona, SumaVat};
use sync_core::{Key, LinkRef, Links, Mapped, Mapper, Reason};

use super::status::is_paid;
use crate::flows::clients::{client_links, client_of_documents};
use crate::flows::documents::{
    Buyer, DocumentFilter, INVOICE_LINK, buyer, buyer_links, document_link, filled, line, links_of_lines,
};

/// An invoice as ONe gets it. Stored as JSON while it waits: fields are added with a default, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OneInvoice {
    /// The ERP's document.
    pub dokument: DokumentId,
    /// What is sent.
    pub invoice: Invoice,
}

/// Names of the fields of ONe's invoice that no page of its documentation shows. What has no name is not sent: ONe may refuse what it
/// does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(default, deny_unknown_fields)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct InvoiceFields {
    /// The lines, written as those of goods notes: `productLines` unless told otherwise (*inferred*).
    #[builder(required, default = Some("productLines".to_owned()))]
    pub lines: Option<String>,
    /// Sums per VAT rate: `[{rate, net, tax}]`.
    pub vat_sums: Option<String>,
    /// Payments: `[{method, amount, dueDate, account}]`.
    pub payments: Option<String>,
    /// KSeF: `{status, number, acceptanceDate, link}`.
    pub ksef: Option<String>,
    /// The number of the invoice that this one corrects.
    pub corrects: Option<String>,
}

impl Default for InvoiceFields {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// Settings of the invoice flow.
#[derive(Debug, Clone, Default, bon::Builder)]
#[non_exhaustive]
pub struct InvoiceSettings {
    /// Which invoices.
    #[builder(default)]
    pub filter: DocumentFilter,
    /// Names of fields that are not documented.
    #[builder(default)]
    pub fields: InvoiceFields,
}

/// From an invoice of the ERP to ONe's: sums, amounts and days as the ERP has them; nothing is calculated but the tax, where the ERP
/// tells no sums per rate.
#[derive(Debug, Clone, Default)]
pub struct InvoiceMapper {
    settings: InvoiceSettings,
}

impl InvoiceMapper {
    /// Maps by these settings.
    #[must_use]
    pub fn new(settings: InvoiceSettings) -> Self {
        Self { settings }
    }

    fn extra(&self, faktura: &Faktura, corrected: Option<&str>, links: &Links) -> Result<Extra, Reason> {
        let mut extra = Extra::default();
        let fields = &self.settings.fields;
        if let Some(name) = &fields.lines {
            let lines = (1..).zip(&faktura.pozycje);
            let lines: Vec<_> = lines
                .map(|(number, pozycja)| line(number, pozycja, pozycja.ilosc.value, before(pozycja), links))
                .collect();
            set(&mut extra, name, &lines)?;
        }
        if let Some(name) = &fields.vat_sums {
            let sums: Result<Vec<Extra>, Reason> = faktura.sumy_vat.iter().map(vat_sum).collect();
            set(&mut extra, name, &sums?)?;
        }
        if let Some(name) = &fields.payments {
            let payments = faktura.platnosci.iter().map(|platnosc| {
                let mut payment = Extra::default();
                set(&mut payment, "method", &platnosc.forma_platnosci)?;
                payment.set_decimal("amount", platnosc.kwota.value.normalize());
                set(&mut payment, "dueDate", &platnosc.termin)?;
                set(&mut payment, "account", &platnosc.rachunek)?;
                Ok(payment)
            });
            set(&mut extra, name, &payments.collect::<Result<Vec<Extra>, Reason>>()?)?;
        }
        if let (Some(name), Some(ksef)) = (&fields.ksef, &faktura.ksef) {
            let mut block = Extra::default();
            set(&mut block, "status", &ksef.status)?;
            set(&mut block, "number", &ksef.numer)?;
            set(&mut block, "acceptanceDate", &ksef.data_przyjecia)?;
            set(&mut block, "link", &ksef.link)?;
            set(&mut extra, name, &block)?;
        }
        if let (Some(name), Some(corrected)) = (&fields.corrects, corrected) {
            set(&mut extra, name, &corrected)?;
        }
        Ok(extra)
    }
}

impl Mapper<Faktura> for InvoiceMapper {
    type Out = OneInvoice;

    fn links_needed(&self, faktura: &Faktura) -> Vec<LinkRef> {
        let payer = faktura.platnik.as_ref().and_then(|platnik| platnik.id);
        let payer = payer.into_iter().flat_map(client_links);
        let corrected = faktura.koryguje_id.map(|id| document_link(INVOICE_LINK, id));
        buyer_links(faktura).chain(payer).chain(corrected).chain(links_of_lines(&faktura.pozycje)).collect()
    }

    fn map(&self, _key: &Key, faktura: Faktura, links: &Links) -> Result<Mapped<OneInvoice>, Reason> {
        let client = match buyer(&self.settings.filter, &faktura, links)? {
            Buyer::Client(client) => client,
            Buyer::LeftOut(reason) => return Ok(Mapped::LeaveOut(reason)),
        };
        let corrected = corrected(&faktura, links);
        let extra = self.extra(&faktura, corrected.as_deref(), links)?;
        let currency = faktura.suma_brutto.as_ref().map(|sum| sum.symbol.clone());
        let totals = totals(&faktura)?;
        let paid = faktura.zaplacono.as_ref().zip(faktura.suma_brutto.as_ref());
        let paid = paid.and_then(|(paid, total)| Some((paid.value.normalize(), is_paid(paid, total)?)));
        let payer = faktura.platnik.as_ref().map(|platnik| {
            let id = platnik.id.and_then(|id| client_of_documents(id, links));
            InvoicePayer::builder()
                .maybe_client_id(id)
                .maybe_tin(filled(platnik.nip.clone()))
                .maybe_address_data(named(platnik))
                .build()
        });
        let client_type = match client.is_individual() {
            true => InvoiceClientType::Individual,
            false => InvoiceClientType::Organization,
        };
        let client_data = InvoiceClient::builder()
            .client_id(client)
            .client_type(client_type)
            .maybe_tin(filled(faktura.kontrahent.nip.clone()))
            .maybe_address_data(named(&faktura.kontrahent))
            .build();
        let invoice = Invoice::builder()
            .number(faktura.numer.as_str())
            .sale_date(faktura.data_operacji.unwrap_or(faktura.data))
            .maybe_payment_date(faktura.platnosci.iter().filter_map(|platnosc| platnosc.termin).max())
            .maybe_currency_code(filled(currency))
            .maybe_split_payment(faktura.mpp)
            .maybe_is_paid(paid.map(|(_, is_paid)| is_paid))
            .maybe_amount_paid(paid.map(|(amount, _)| amount))
            .customer_purchase_numbers(filled(faktura.numer_obcy.clone()).into_iter().collect())
            .maybe_notes(notes(&faktura, corrected))
            .maybe_total_prices(totals)
            .client_data(client_data)
            .maybe_payer_data(payer)
            .extra(extra)
            .build();
        Ok(Mapped::Send(OneInvoice { dokument: faktura.id, invoice }))
    }
}

/// The number of what it corrects: as the ERP tells it, or as ONe has it.
fn corrected(faktura: &Faktura, links: &Links) -> Option<String> {
    let sent = || links.get(&document_link(INVOICE_LINK, faktura.koryguje_id?)).map(str::to_owned);
    filled(faktura.koryguje_numer.clone()).or_else(sent)
}

/// The ERP's notes, and what has no field of its own.
fn notes(faktura: &Faktura, corrected: Option<String>) -> Option<String> {
    let ksef =
        faktura.ksef.as_ref().filter(|_| faktura.ksef_accepted()).and_then(|ksef| filled(ksef.numer.clone()));
    let parts = [
        filled(faktura.opis.clone()),
        corrected.map(|numer| format!("Korekta do {numer}")),
        ksef.map(|numer| format!("KSeF: {numer}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    filled(Some(parts.join("\n")))
}

/// Of a corrected line, what it was before.
fn before(pozycja: &PozycjaDokumentu) -> Option<String> {
    let before = pozycja.przed.as_ref()?;
    let price =
        before.cena_netto.as_ref().map(|price| format!(" po {} {}", price.value.normalize(), price.symbol));
    let quantity = before.ilosc.value.normalize();
    let unit = &before.ilosc.symbol;
    Some(format!("Przed korektą: {quantity} {unit}{}", price.unwrap_or_default()))
}

fn totals(faktura: &Faktura) -> Result<Option<InvoiceTotals>, Reason> {
    let (Some(net), Some(gross)) = (&faktura.suma_netto, &faktura.suma_brutto) else { return Ok(None) };
    if net.symbol != gross.symbol {
        return Err(Reason::new("mixed-currencies"));
    }
    let overflow = || Reason::new("bad-sum");
    let tax = match faktura.sumy_vat.as_slice() {
        [] => gross.value.checked_sub(net.value).ok_or_else(overflow)?,
        sums => {
            sums.iter().try_fold(Decimal::ZERO, |sum, rate| sum.checked_add(rate.vat)).ok_or_else(overflow)?
        }
    };
    Ok(Some(InvoiceTotals::new(net.value.normalize(), gross.value.normalize(), tax.normalize())))
}

fn vat_sum(suma: &SumaVat) -> Result<Extra, Reason> {
    let mut sum = Extra::default();
    set(&mut sum, "rate", &suma.stawka_vat)?;
    sum.set_decimal("net", suma.netto.normalize());
    sum.set_decimal("tax", suma.vat.normalize());
    Ok(sum)
}

fn named(strona: &Strona) -> Option<InvoiceAddress> {
    let name = filled(strona.nazwa.clone())?;
    Some(InvoiceAddress::builder().name(name).build())
}

fn set(extra: &mut Extra, name: &str, value: &impl Serialize) -> Result<(), Reason> {
    extra.set(name, value).map_err(|_| Reason::new("not-encodable"))
}
