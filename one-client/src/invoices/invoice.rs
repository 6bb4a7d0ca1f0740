//! Invoices, ERP → ONe.

use super::{
    GetInvoiceStatus, InvoiceClient, InvoiceOperator, InvoicePayer, InvoiceSeller, InvoiceStatus,
    PostInvoiceUploadBegin, PostInvoiceUploadComplete, PutInvoiceStatus,
};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::DocumentNumber;
use crate::service::{handle, service};
use crate::upload::{self, PdfOf, PdfUpload};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use bytes::Bytes;
use chrono::NaiveDate;
use http::Method;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An invoice. `Debug` shows the number alone.
///
/// It reads back what it writes, digit for digit, so that it can be stored before it is sent.
///
/// The JSON was never seen. Names of the header are *documented*, types and what is required *inferred*;
/// days are written `yyyy-MM-dd` (*inferred*). **The lines, and whatever follows `currencyCode`, are
/// unknown**: they are not typed here, and go into [`extra`](Self::extra) under the names that the vendor's
/// Swagger gives. If lines of invoices turn out to look like those of goods notes, which nobody knows, that
/// is:
///
/// ```
/// use one_client::goods_notes::{GoodsNoteLine, GoodsNoteProduct};
/// use one_client::invoices::Invoice;
/// use one_client::{Decimal, Extra};
///
/// let product = GoodsNoteProduct::builder().sku("ŁOŻYSKO-6204").name("Łożysko kulkowe").build();
/// let line = GoodsNoteLine::builder().line_number(1).quantity(Decimal::new(25, 1)).product(product).build();
/// let mut lines = Extra::default();
/// lines.set("productLines", &[line])?;
/// let invoice = Invoice::builder().number("FV/01/03/2022").currency_code("PLN").extra(lines).build();
/// assert_eq!(
///     serde_json::to_string(&invoice)?,
///     r#"{"number":"FV/01/03/2022","currencyCode":"PLN","productLines":[{"lineNumber":1,"quantity":2.5,"product":{"sku":"ŁOŻYSKO-6204","name":"Łożysko kulkowe"}}]}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Invoice {
    /// The number.
    #[builder(into)]
    pub number: DocumentNumber,
    /// The receipt that it belongs to.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_reference_number: Option<String>,
    /// When it was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_date: Option<NaiveDate>,
    /// Until when it is to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_date: Option<NaiveDate>,
    /// The currency of all amounts, as in ISO 4217: a closed list, of which the visible part also has
    /// superseded codes and those of funds.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    /// Whether split payment applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_payment: Option<bool>,
    /// Whether it is paid in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_paid: Option<bool>,
    /// How much is paid, gross; it decides whether all is (*documented*).
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub amount_paid: Option<Decimal>,
    /// The client's own order numbers (a list: *inferred* from the plural).
    #[builder(default)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customer_purchase_numbers: Vec<String>,
    /// Notes.
    #[builder(into)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_prices: Option<InvoiceTotals>,
    /// Who buys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_data: Option<InvoiceClient>,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_data: Option<InvoicePayer>,
    /// Who sells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_data: Option<InvoiceSeller>,
    /// Who wrote it; not printed (*documented*).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_data: Option<InvoiceOperator>,
    /// What else is to be sent: lines, and what nobody knows here.
    #[builder(default)]
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Invoice { number });

/// The sums of an invoice (names *documented*), in its currency. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceTotals {
    /// Without tax.
    #[serde(with = "wire::decimal")]
    pub net_price: Decimal,
    /// With tax.
    #[serde(with = "wire::decimal")]
    pub gross_price: Decimal,
    /// The tax.
    #[serde(with = "wire::decimal")]
    pub tax_value: Decimal,
    /// What else is to be sent.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(InvoiceTotals {});
keeps_extra!(Invoice, InvoiceTotals);

impl InvoiceTotals {
    /// Net, gross and tax as the ERP has them; nothing is calculated.
    pub fn new(net_price: Decimal, gross_price: Decimal, tax_value: Decimal) -> Self {
        Self { net_price, gross_price, tax_value, extra: Extra::default() }
    }
}

/// `POST /api/v1/invoices/integrations/auth-required/invoices`: adds an invoice.
///
/// Path *path only*; method *inferred*, by analogy with corrections and receipts, while goods notes use PUT
/// (quirk Q22), so it is a setting; body *inferred* (see [`Invoice`]), one invoice per request. The answer
/// is not documented and not read. With POST nobody knows what a second delivery does: it is not repeated
/// after an unclear answer. With PUT it is taken to replace. The vendor's hours are 8 to 20 o'clock (quirk
/// Q23); nothing here keeps them.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostInvoice<'a> {
    /// The invoice.
    pub invoice: &'a Invoice,
    /// The verb.
    #[serde(skip)]
    pub method: Method,
}

impl<'a> PostInvoice<'a> {
    /// Adds with POST.
    pub fn new(invoice: &'a Invoice) -> Self {
        Self { invoice, method: Method::POST }
    }

    /// Adds with another verb.
    #[must_use]
    pub fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }
}

impl Endpoint for PostInvoice<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = ();

    fn path(&self) -> Path {
        service("invoices").segment("invoices")
    }

    fn effect(&self) -> Effect {
        if self.method == Method::PUT { Effect::Idempotent } else { Effect::Create }
    }

    fn method(&self) -> Method {
        self.method.clone()
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostInvoice<'_> {
    const PATH: &'static str = "invoices/…/invoices";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Inferred, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[9, 22, 23])
        .rows(&["O10"]);
}

handle! {
    /// The calls about invoices: `client.invoices()`.
    Invoices
}

impl Invoices<'_> {
    /// What a second delivery of an invoice does, by the verb that is set. Whoever repeats deliveries must ask.
    pub fn effect(&self) -> Effect {
        if self.client.settings().invoice_method == Method::PUT { Effect::Idempotent } else { Effect::Create }
    }

    /// Adds an invoice (O10), with the verb of
    /// [`ClientBuilder::invoice_method`](crate::ClientBuilder::invoice_method).
    ///
    /// How far the wire is known: [`PostInvoice`].
    ///
    /// ```
    /// # use one_client::invoices::{Invoice, InvoiceTotals};
    /// # use one_client::simulator::Simulator;
    /// # use one_client::Decimal;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// let totals = InvoiceTotals::new(Decimal::new(1000, 2), Decimal::new(1230, 2), Decimal::new(230, 2));
    /// let invoice = Invoice::builder().number("FV/01/03/2022").currency_code("PLN").total_prices(totals).build();
    /// one.invoices().create(&invoice).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). With POST an error may say `may_have_been_applied`;
    /// then [`get_status`](Self::get_status) tells whether the invoice is there, since no call that reads one is
    /// documented. All of that call is *inferred*: trust its *not found* only once it has answered for an invoice
    /// that is there.
    pub async fn create(&self, invoice: &Invoice) -> Result<()> {
        let method = self.client.settings().invoice_method.clone();
        self.client.send(&PostInvoice::new(invoice).with_method(method)).await
    }

    /// What ONe believes to be paid.
    ///
    /// How far the wire is known: [`GetInvoiceStatus`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this invoice alone.
    pub async fn get_status(&self, number: &DocumentNumber) -> Result<InvoiceStatus> {
        self.client.send(&GetInvoiceStatus::new(number.clone())).await
    }

    /// Says how much of an invoice is paid (O12).
    ///
    /// How far the wire is known: [`PutInvoiceStatus`].
    ///
    /// ```
    /// # use one_client::invoices::{Invoice, InvoiceStatus};
    /// # use one_client::simulator::Simulator;
    /// # use one_client::Decimal;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// # one.invoices().create(&Invoice::builder().number("FV/01/03/2022").build()).await?;
    /// let status = InvoiceStatus::new("FV/01/03/2022", Decimal::new(1230, 2), true);
    /// one.invoices().update_status(&status).await?;
    /// assert_eq!(one.invoices().get_status(&"FV/01/03/2022".into()).await?, status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this invoice alone.
    pub async fn update_status(&self, status: &InvoiceStatus) -> Result<()> {
        self.client.send(&PutInvoiceStatus::new(status)).await
    }

    /// Uploads the PDF of an invoice that ONe has (O11), in the way of
    /// [`ClientBuilder::upload`](crate::ClientBuilder::upload).
    ///
    /// How far the wire is known: [`PostInvoiceUploadBegin`] and [`PostInvoiceUploadComplete`].
    ///
    /// ```
    /// # use one_client::invoices::Invoice;
    /// # use one_client::simulator::Simulator;
    /// # use one_client::Bytes;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// # one.invoices().create(&Invoice::builder().number("FV/01/03/2022").build()).await?;
    /// let pdf = Bytes::from_static(b"%PDF-1.7 and so on");
    /// one.invoices().upload_pdf(&"FV/01/03/2022".into(), pdf).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `Invalid` without anything sent if the bytes are no PDF. Otherwise the error's text says which of
    /// the three steps failed; its `what_to_do` says whether to upload anew, which is the only way on:
    /// nothing is resumed. `may_have_been_applied` is said of the third step alone, since before it the
    /// document has no other PDF than it had (*inferred*).
    pub async fn upload_pdf(&self, number: &DocumentNumber, pdf: Bytes) -> Result<()> {
        let pdf = PdfUpload::new(PdfOf::Invoice, number, pdf);
        upload::upload(self.client, pdf, PostInvoiceUploadBegin::new, PostInvoiceUploadComplete::new).await
    }
}
