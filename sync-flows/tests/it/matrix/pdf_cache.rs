//! E8: PDFs of invoices on demand. Nothing flows by itself here, so the seven are written by hand.
#![expect(clippy::indexing_slicing, reason = "a failed test may panic, also in its helpers")]

use api_transport::simulation::Fault;
use soneta_webapi::{DokumentId, Pdf};
use std::sync::Arc;
use std::time::Duration;
use sync_core::ErrorKind;
use sync_core::testing::ManualClock;
use sync_flows::enova::PdfCache;

use crate::papers::Papers;

const PRINT: &str = "B2BFaktury/Pdf";

struct Shop {
    papers: Papers,
    clock: Arc<ManualClock>,
    cache: PdfCache,
}

impl Shop {
    async fn of(invoices: usize, most_bytes: Option<usize>) -> Self {
        let (papers, clock) = (Papers::of(invoices).await, Arc::new(ManualClock::default()));
        let cache = PdfCache::builder()
            .faktury(Arc::new(papers.world.erp.b2b().faktury()))
            .maybe_most_bytes(most_bytes)
            .keep_for(Duration::from_secs(60 * 60))
            .clock(clock.clone())
            .build();
        Self { papers, clock, cache }
    }

    /// Somebody asks for the nth invoice, of which the shop knows what the ERP knows now.
    async fn ask(&self, nth: usize) -> sync_core::Result<Pdf> {
        let id = self.papers.documents(true)[nth].id;
        let faktura = self.papers.faktura(id).await;
        self.cache.invoice(DokumentId(id), faktura.ksef.as_ref()).await
    }

    /// What the ERP prints now, and how often it has printed until then.
    async fn printed(&self, nth: usize) -> (Pdf, u64) {
        let prints = self.prints();
        let id = DokumentId(self.papers.documents(true)[nth].id);
        (self.papers.world.erp.b2b().faktury().pdf(id).await.unwrap(), prints)
    }

    fn prints(&self) -> u64 {
        self.papers.world.enova.faults().calls(PRINT)
    }

    fn fault(&self, fault: Fault) {
        self.papers.world.enova.faults().add(fault);
    }
}

mod e8 {
    use super::*;

    #[tokio::test]
    async fn first_run_brings_everything_there() {
        let shop = Shop::of(3, None).await;
        for nth in 0..3 {
            let pdf = shop.ask(nth).await.unwrap();
            assert_eq!(pdf.bytes, shop.printed(nth).await.0.bytes);
        }
    }

    #[tokio::test]
    async fn no_change_sends_nothing() {
        let shop = Shop::of(1, None).await;
        let first = shop.ask(0).await.unwrap();
        shop.clock.advance(Duration::from_secs(59 * 60));
        assert_eq!(shop.ask(0).await.unwrap(), first);
        assert_eq!(shop.prints(), 1);
    }

    #[tokio::test]
    async fn one_change_sends_only_that() {
        let shop = Shop::of(2, None).await;
        for nth in 0..2 {
            shop.ask(nth).await.unwrap();
        }
        let numer = shop.papers.world.enova.ksef_accept(shop.papers.documents(true)[0].id).unwrap();
        let accepted = shop.ask(0).await.unwrap();
        shop.ask(1).await.unwrap();
        assert!(String::from_utf8_lossy(&accepted.bytes).contains(&numer));
        assert_eq!(shop.prints(), 3);
        shop.ask(0).await.unwrap();
        assert_eq!(shop.prints(), 3);
    }

    #[tokio::test]
    async fn what_is_removed_is_withdrawn_as_the_row_says() {
        let shop = Shop::of(1, None).await;
        shop.ask(0).await.unwrap();
        shop.fault(Fault::on(PRINT).refuse(404, "").always());
        // what is kept is shown as long as it is kept, and no longer
        shop.ask(0).await.unwrap();
        shop.clock.advance(Duration::from_secs(60 * 60));
        assert_eq!(shop.ask(0).await.unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn a_bad_record_stops_only_itself() {
        let shop = Shop::of(2, None).await;
        let name = format!("{}.pdf", shop.papers.documents(true)[0].numer.replace('/', "_"));
        shop.fault(Fault::on(PRINT).rewrite(format!("\"Nazwa\":\"{name}\""), "\"Nazwa\":7").always());
        assert_eq!(shop.ask(0).await.unwrap_err().kind(), ErrorKind::Unreadable);
        shop.ask(1).await.unwrap();
        shop.papers.heal();
        assert_eq!(shop.ask(0).await.unwrap().nazwa, name);
    }

    #[tokio::test]
    async fn a_lost_answer_loses_and_doubles_nothing() {
        let shop = Shop::of(1, None).await;
        // the client asks twice
        shop.fault(Fault::on(PRINT).drop_after().times(2));
        assert_eq!(shop.ask(0).await.unwrap_err().kind(), ErrorKind::Transient);
        let pdf = shop.ask(0).await.unwrap();
        let (printed, prints) = shop.printed(0).await;
        assert_eq!((pdf.bytes, prints), (printed.bytes, 3));
    }

    #[tokio::test]
    async fn a_restart_goes_on_where_it_was() {
        let mut shop = Shop::of(1, None).await;
        let before = shop.ask(0).await.unwrap();
        // nothing outlives the process: the ERP keeps the original
        shop.cache = PdfCache::builder().faktury(Arc::new(shop.papers.world.erp.b2b().faktury())).build();
        assert_eq!(shop.ask(0).await.unwrap(), before);
        assert_eq!(shop.prints(), 2);
    }
}

#[tokio::test]
async fn what_was_not_asked_for_the_longest_goes_when_the_cache_is_full() {
    let one_pdf = {
        let shop = Shop::of(1, None).await;
        shop.ask(0).await.unwrap().bytes.len()
    };
    let shop = Shop::of(3, Some(one_pdf * 5 / 2)).await;
    for nth in [0, 1, 0, 2] {
        shop.ask(nth).await.unwrap();
    }
    assert_eq!(shop.prints(), 3);
    assert!(shop.cache.bytes() <= one_pdf * 5 / 2);
    shop.ask(0).await.unwrap();
    assert_eq!(shop.prints(), 3, "the first was asked for after the second");
    shop.ask(1).await.unwrap();
    assert_eq!(shop.prints(), 4);
}

#[tokio::test]
async fn one_that_is_longer_than_the_cache_is_handed_on_and_pushes_nothing_out() {
    let shop = Shop::of(1, Some(10)).await;
    assert!(shop.ask(0).await.unwrap().bytes.len() > 10);
    assert_eq!(shop.cache.bytes(), 0);
    shop.ask(0).await.unwrap();
    assert_eq!(shop.prints(), 2);
}

#[tokio::test]
async fn many_who_ask_at_the_same_time_cost_one_print() {
    let shop = Shop::of(1, None).await;
    let held = shop.papers.world.enova.faults().add(Fault::on(PRINT).hold_before());
    let id = DokumentId(shop.papers.documents(true)[0].id);
    let ask = || shop.cache.invoice(id, None);
    let let_go = async {
        held.held().await;
        held.release();
    };
    let (first, second, third, ()) = tokio::join!(ask(), ask(), ask(), let_go);
    assert_eq!(first.unwrap(), second.unwrap());
    third.unwrap();
    assert_eq!(shop.prints(), 1);
}
