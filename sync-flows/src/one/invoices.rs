//! ONe's invoices.

use async_trait::async_trait;
use one_client::invoices::InvoiceStatus;
use one_client::{Client, DocumentNumber, Effect, Error as ClientError, ErrorKind as ClientErrorKind};
use soneta_webapi::DokumentId;
use std::sync::Arc;
use sync_core::{
    Act, ActFilter, ActKind, ActState, Created, Error, ErrorKind, Link, Outcome, Reason, Removal, Result,
    Sink, Store, Submission, Submitter, Write,
};

use crate::client_error::{engine_error, outcome_of, refusal};
use crate::flows::documents::INVOICE_LINK;
use crate::flows::invoices::OneInvoice;

/// How many calls one commit stands for: each record is one.
const BATCH: usize = 50;

/// How many invoices are asked about before ONe's *not found* is given up as unreliable.
const PROBES: usize = 3;

fn link(number: &DocumentNumber, dokument: DokumentId) -> Link {
    Link::new(INVOICE_LINK, number.as_str(), dokument.to_string())
}

/// Puts invoices, for a client whose [`invoice_method`](one_client::ClientBuilder::invoice_method) is PUT, and learns the
/// [links](INVOICE_LINK) of those that ONe has. Any other client is refused before anything is sent.
#[derive(Debug, Clone)]
pub struct InvoiceSink {
    one: Client,
}

impl InvoiceSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for InvoiceSink {
    type Record = OneInvoice;

    fn preferred_batch(&self) -> usize {
        BATCH
    }

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<OneInvoice>]) -> Result<Vec<Outcome>> {
        if self.one.invoices().effect() != Effect::Idempotent {
            return Err(Error::config("invoices are sent again when in doubt only if they are put"));
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            outcomes.push(match write {
                Write::Upsert { record: OneInvoice { dokument, invoice }, .. } => {
                    let sent = self.one.invoices().create(invoice).await;
                    let applied = Outcome::applied_as(invoice.number.as_str())
                        .with_link(link(&invoice.number, *dokument));
                    outcome_of("the invoices were not written", sent.map(|()| applied))?
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        Ok(outcomes)
    }
}

/// Adds invoices, for a client whose [`invoice_method`](one_client::ClientBuilder::invoice_method) is POST.
///
/// After an unclear answer ONe's status of the invoice is asked for, the only call that tells whether it is there; so it is when ONe
/// says that it has the number already. That call is *inferred*: its *not found* is believed only if it answers for an invoice of an
/// earlier act. Otherwise a person decides.
#[derive(Debug, Clone)]
pub struct InvoiceSubmitter {
    one: Client,
    store: Arc<dyn Store>,
    kind: ActKind,
}

impl InvoiceSubmitter {
    /// Adds with this client; earlier acts of this kind in the store are what its look-up is tried on.
    #[must_use]
    pub fn new(one: Client, store: Arc<dyn Store>, kind: ActKind) -> Self {
        Self { one, store, kind }
    }

    /// Whether ONe's status call answers for an invoice that is there.
    async fn look_up_works(&self) -> Result<bool> {
        let done = ActFilter::all().kinds([self.kind.clone()]).states([ActState::Done]).limit(PROBES);
        for act in self.store.acts(&done).await? {
            let Some(created) = act.created else { continue };
            let number = DocumentNumber::new(created.target_id.as_str());
            match self.one.invoices().get_status(&number).await {
                Ok(status) => return Ok(names(&status, &number)),
                Err(error) if error.kind() == ClientErrorKind::NotFound => {}
                Err(error) => return Err(engine_error("ONe's look-up was not tried", error)),
            }
        }
        Ok(false)
    }
}

#[async_trait]
impl Submitter for InvoiceSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let OneInvoice { dokument, invoice } = match act.payload.decode() {
            Ok(request) => request,
            Err(error) => return Submission::NotSent(error),
        };
        match self.one.invoices().create(&invoice).await {
            Ok(()) => Submission::Done(created(&invoice.number, dokument)),
            Err(error) => judge(error),
        }
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let OneInvoice { dokument, invoice } = act.payload.decode()?;
        match self.one.invoices().get_status(&invoice.number).await {
            // the number is the ERP's, and its only one
            Ok(status) if names(&status, &invoice.number) => Ok(Some(created(&invoice.number, dokument))),
            Ok(_) => {
                Err(Error::new(ErrorKind::Unsupported, "ONe answered with the status of another invoice"))
            }
            Err(error) if error.kind() == ClientErrorKind::NotFound => match self.look_up_works().await? {
                true => Ok(None),
                false => {
                    let message = "ONe's look-up has not answered for any invoice yet, so its 'not found' means nothing";
                    Err(Error::new(ErrorKind::Unsupported, message).with_source(error))
                }
            },
            Err(error) => Err(engine_error("the invoice was not looked up", error)),
        }
    }
}

/// Whether the status is that of this invoice; an answer without a number is to the question.
fn names(status: &InvoiceStatus, number: &DocumentNumber) -> bool {
    status.number.as_ref().is_none_or(|named| named == number)
}

fn created(number: &DocumentNumber, dokument: DokumentId) -> Created {
    Created::new(number.as_str()).with_number(number.as_str()).with_link(link(number, dokument))
}

/// What a failed call means.
fn judge(error: ClientError) -> Submission {
    // 409: it has the number already, which a look-up confirms
    if error.may_have_been_applied() || error.status() == Some(409) {
        return Submission::InDoubt(engine_error("nobody knows whether ONe has the invoice", error));
    }
    match error.kind() {
        ClientErrorKind::Rejected | ClientErrorKind::Refused | ClientErrorKind::Invalid => {
            Submission::Refused(refusal(&error))
        }
        // 404 is about the address, and the others pass or need a person who sees to the connection
        _ => Submission::NotSent(engine_error("the invoice was not sent", error)),
    }
}

/// Writes how much of invoices is paid.
#[derive(Debug, Clone)]
pub struct InvoiceStatusSink {
    one: Client,
}

impl InvoiceStatusSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for InvoiceStatusSink {
    type Record = InvoiceStatus;

    fn preferred_batch(&self) -> usize {
        BATCH
    }

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<InvoiceStatus>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            outcomes.push(match write {
                Write::Upsert { record: status, .. } => {
                    let sent = self.one.invoices().update_status(status).await;
                    outcome_of("the status of invoices was not written", sent.map(|()| Outcome::applied()))?
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        Ok(outcomes)
    }
}
