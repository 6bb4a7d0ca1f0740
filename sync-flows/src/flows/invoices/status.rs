//! What is paid.

use one_client::invoices::InvoiceStatus;
use rust_decimal::Decimal;
use soneta_webapi::Faktura;
use soneta_webapi::wire::Currency;
use sync_core::{Key, LinkRef, Links, Mapped, Mapper, Reason};

use crate::flows::documents::{
    Buyer, DocumentFilter, INVOICE_LINK, TradeDocument, buyer, buyer_links, document_link,
};

/// From an invoice to what is paid of it, once ONe has the invoice.
///
/// ONe is told an amount and whether that is all, as of fiscal receipts; that invoices are the same is *inferred*. Other words go into
/// [`InvoiceStatus::extra`] by [`adjust`](crate::adjust).
#[derive(Debug, Clone, Default)]
pub struct InvoiceStatusMapper {
    filter: DocumentFilter,
}

impl InvoiceStatusMapper {
    /// Of these invoices: the same as of the flow that sends them.
    #[must_use]
    pub fn new(filter: DocumentFilter) -> Self {
        Self { filter }
    }
}

impl Mapper<Faktura> for InvoiceStatusMapper {
    type Out = InvoiceStatus;

    fn links_needed(&self, faktura: &Faktura) -> Vec<LinkRef> {
        buyer_links(faktura).chain([document_link(INVOICE_LINK, faktura.id())]).collect()
    }

    fn map(&self, _key: &Key, faktura: Faktura, links: &Links) -> Result<Mapped<InvoiceStatus>, Reason> {
        if let Buyer::LeftOut(reason) = buyer(&self.filter, &faktura, links)? {
            return Ok(Mapped::LeaveOut(reason));
        }
        let (Some(paid), Some(total)) = (&faktura.zaplacono, &faktura.suma_brutto) else {
            return Ok(Mapped::LeaveOut(Reason::new("payment-not-told")));
        };
        let is_paid = is_paid(paid, total).ok_or_else(|| Reason::new("other-currency"))?;
        let sent = document_link(INVOICE_LINK, faktura.id());
        let number = links.get(&sent).ok_or_else(|| Reason::missing_link(sent.clone()))?;
        Ok(Mapped::Send(InvoiceStatus::new(number, paid.value.normalize(), is_paid)))
    }
}

/// Whether that is all; of a correction below zero too. `None` if the two are in different currencies.
pub(super) fn is_paid(paid: &Currency, total: &Currency) -> Option<bool> {
    // what was never paid may be told without a currency
    let same = paid.symbol == total.symbol || paid.value.is_zero();
    same.then(|| match total.value < Decimal::ZERO {
        true => paid.value <= total.value,
        false => paid.value >= total.value,
    })
}

#[cfg(test)]
mod tests {
    use super::is_paid;
    use rstest::rstest;
    use soneta_webapi::wire::Currency;

    #[rstest]
    #[case("10 PLN", "10 PLN", Some(true))]
    #[case("11 PLN", "10 PLN", Some(true))]
    #[case("9.99 PLN", "10 PLN", Some(false))]
    #[case("0 ", "10 PLN", Some(false))]
    #[case("0 PLN", "0 PLN", Some(true))]
    #[case("0 PLN", "-10 PLN", Some(false))]
    #[case("-10 PLN", "-10 PLN", Some(true))]
    #[case("10 EUR", "10 PLN", None)]
    fn an_invoice_is_paid_when_nothing_is_left(
        #[case] paid: &str,
        #[case] total: &str,
        #[case] expected: Option<bool>,
    ) {
        let money = |text: &str| {
            let (value, symbol) = text.split_once(' ').unwrap();
            Currency::new(value.parse().unwrap(), symbol)
        };
        assert_eq!(is_paid(&money(paid), &money(total)), expected);
    }
}
