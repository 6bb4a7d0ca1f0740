//! PDFs of invoices on demand.

use soneta_webapi::{DokumentId, Faktury, KSeF, Pdf};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use sync_core::{Clock, Result, SystemClock};

use crate::client_error::engine_error;

/// PDFs of invoices for a portal of your own (E8): printed by the ERP when somebody asks, kept in memory for a while.
///
/// A PDF is printed again after [`keep_for`](PdfCache::builder), and when KSeF has accepted the invoice since: its number and code are
/// printed on it. What is kept is bounded; beyond that, what was not asked for the longest goes. Two who ask for one invoice at the
/// same time cost one print. The ERP keeps the original.
#[derive(Debug, bon::Builder)]
#[non_exhaustive]
pub struct PdfCache {
    /// Prints.
    faktury: Arc<dyn Faktury>,
    /// How long a PDF is kept; a day unless told otherwise.
    #[builder(default = Duration::from_secs(24 * 60 * 60))]
    keep_for: Duration,
    /// How many bytes of PDFs are kept at most; 64 MiB unless told otherwise. A longer one is handed on and not kept.
    #[builder(default = 64 * 1024 * 1024)]
    most_bytes: usize,
    /// The time.
    #[builder(default = Arc::new(SystemClock))]
    clock: Arc<dyn Clock>,
    #[builder(skip)]
    shelf: Mutex<Shelf>,
    #[builder(skip)]
    printing: Mutex<BTreeMap<DokumentId, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Debug, Default)]
struct Shelf {
    pdfs: BTreeMap<DokumentId, Kept>,
    bytes: usize,
    /// Counts askings.
    asked: u64,
}

#[derive(Debug)]
struct Kept {
    pdf: Pdf,
    ksef: Option<KSeF>,
    until: chrono::DateTime<chrono::Utc>,
    asked: u64,
}

impl Shelf {
    fn take(&mut self, id: DokumentId) {
        if let Some(kept) = self.pdfs.remove(&id) {
            self.bytes = self.bytes.saturating_sub(kept.pdf.bytes.len());
        }
    }
}

impl PdfCache {
    /// The PDF of the invoice `id`, of which the portal knows this about KSeF ([`Faktura::ksef`](soneta_webapi::Faktura::ksef)).
    ///
    /// # Errors
    /// The ERP was not asked successfully; kind `NotFound` or `Invalid` if it has no such invoice.
    pub async fn invoice(&self, id: DokumentId, ksef: Option<&KSeF>) -> Result<Pdf> {
        if let Some(pdf) = self.kept(id, ksef) {
            return Ok(pdf);
        }
        let turn = Arc::clone(lock(&self.printing).entry(id).or_default());
        let printed = {
            let _turn = turn.lock().await;
            match self.kept(id, ksef) {
                // somebody else has had it printed meanwhile
                Some(pdf) => Ok(pdf),
                None => self.print(id, ksef).await,
            }
        };
        drop(turn);
        let mut printing = lock(&self.printing);
        // whoever waits holds a clone
        if printing.get(&id).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            printing.remove(&id);
        }
        printed
    }

    /// How many bytes are kept now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        lock(&self.shelf).bytes
    }

    fn kept(&self, id: DokumentId, ksef: Option<&KSeF>) -> Option<Pdf> {
        let now = self.clock.now();
        let mut shelf = lock(&self.shelf);
        shelf.asked += 1;
        let asked = shelf.asked;
        let kept = shelf.pdfs.get_mut(&id)?;
        if now < kept.until && KSeF::prints_alike(kept.ksef.as_ref(), ksef) {
            kept.asked = asked;
            return Some(kept.pdf.clone());
        }
        None
    }

    async fn print(&self, id: DokumentId, ksef: Option<&KSeF>) -> Result<Pdf> {
        let now = self.clock.now();
        let printed = self.faktury.get_faktura_pdf(id).await;
        let printed = printed.map_err(|error| engine_error("the PDF was not printed", error))?;
        // bytes of their own, not a part of the whole answer
        let pdf = Pdf::new(printed.nazwa, printed.bytes.to_vec());
        let mut shelf = lock(&self.shelf);
        shelf.take(id);
        let until =
            chrono::TimeDelta::from_std(self.keep_for).ok().and_then(|span| now.checked_add_signed(span));
        let until = until.unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC);
        if pdf.bytes.len() > self.most_bytes {
            return Ok(pdf);
        }
        shelf.bytes += pdf.bytes.len();
        let asked = shelf.asked;
        shelf.pdfs.insert(id, Kept { pdf: pdf.clone(), ksef: ksef.cloned(), until, asked });
        while shelf.bytes > self.most_bytes {
            let others = shelf.pdfs.iter().filter(|(other, _)| **other != id);
            let Some(oldest) = others.min_by_key(|(_, kept)| kept.asked).map(|(id, _)| *id) else { break };
            shelf.take(oldest);
        }
        Ok(pdf)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
