//! An ERP without an API, such as Subiekt GT: it exports its goods as CSV by a schedule of its own, and imports orders from a
//! folder.
//!
//! ```text
//! exports/towary-*.csv ─► stock, retail prices ─► ONe
//! ONe's order feed ─► outbox ─► orders/*.csv, which the ERP moves to orders/done
//! ```
//!
//! The flows are those for enova365 with another source or submitter: ONe's side, the outbox and everything that may go wrong
//! are the same.
//!
//! To see it with ONe simulated in the process, from the repository's folder:
//!
//! ```sh
//! mkdir -p try/exports try/orders/done
//! printf 'Symbol;Nazwa;Jm;Stan;Rezerwacja;Cena netto;Sklep\r\nNARTY;Narty;para;5,00;0;1 999,99;tak\r\n' > try/exports/towary-1.csv
//! cargo run -p file-exchange -- --simulate --exports try/exports --orders try/orders --state try/state.sqlite
//! ```
//!
//! What is left at the end is listed with its reason and what to do; `--help` has the exit codes.
//!
//! Letters beyond ASCII are written in Windows-1250 (`| iconv -t CP1250`). The simulated ONe is empty and forgotten at the end, so
//! it has no orders: for those, start `cargo run -p simulator -- one --port 9020`, and give `--one http://localhost:9020
//! --tenant demo` with `ONE_API_KEY=simulated-key` and a state of its own instead of `--simulate`.
#![forbid(unsafe_code)]

mod exports;
mod left;
mod orders;

pub use left::Left;

use std::path::Path;
use std::sync::Arc;

use one_client::{Client, FeedPosition};
use sync_core::{Dispatcher, Flow, FlowName, Result, Store};
use sync_flows::one::{OrderSource, RetailPriceSink, StockSink};

/// Everything that this integration does.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Stock from the newest export to ONe.
    pub stock: Flow,
    /// Retail prices from the same export to ONe.
    pub retail_prices: Flow,
    /// ONe's orders to the outbox.
    pub orders: Flow,
    /// The outbox to files.
    pub order_files: Dispatcher,
    store: Arc<dyn Store>,
}

impl Exchange {
    /// Reads `towary-*.csv` of the folder `exports`; writes orders into the folder `orders`, at the very first run from `start_at` of
    /// ONe's order feed on: what an earlier integration has booked lies before. Later runs go on where the last one was.
    ///
    /// # Errors
    /// Kind `Config` if a name cannot be used.
    pub fn new(
        exports: &Path,
        orders: &Path,
        one: Client,
        start_at: FeedPosition,
        store: Arc<dyn Store>,
    ) -> Result<Self> {
        let name = |flow: &str| FlowName::new(format!("files/{flow}"));
        let stock = Flow::new(
            name("stock")?,
            exports::source(exports, "stock", exports::stock_key, exports::stock)?,
            exports::StockMapper,
            StockSink::new(one.clone()),
            Arc::clone(&store),
        );
        let retail_prices = Flow::new(
            name("retail-prices")?,
            exports::source(exports, "retail prices", exports::price_key, exports::price)?,
            exports::PriceMapper,
            RetailPriceSink::new(one.clone()),
            Arc::clone(&store),
        );
        let source = OrderSource::new(one, "files").starting_at(start_at);
        let order_flow = Flow::to_outbox(name("orders")?, source, orders::OrderMapper, Arc::clone(&store));
        let order_files = Dispatcher::new(
            name("order-files")?,
            [orders::KIND.into()],
            orders::files(orders),
            Arc::clone(&store),
        );
        Ok(Self { stock, retail_prices, orders: order_flow, order_files, store })
    }
}
