//! File exchange (feature `files`): CSV, JSON and XML as sources and targets, for ERPs without an API.
//!
//! | what | is | for |
//! |---|---|---|
//! | [`FullExport`] | a source: the newest complete file is all there is | goods, prices, stocks that a program exports by night |
//! | [`DropFolder`] | a source: each file once, then moved | changes or documents that another program drops |
//! | [`CurrentFile`] | a sink: one CSV, JSON or XML file with the current state of all records | prices and stocks for a program that reads files |
//! | [`OrderFiles`] | a submitter: one act, one file | orders for an ERP that imports from a folder |
//!
//! - Only [complete](Complete) files are read, and read files are [surveyed](FullExport) as a whole before their
//!   first row is given.
//! - Text is UTF-8 or Windows-1250 ([`TextEncoding`]); what does not decode is an error with its byte offset, and
//!   letters that were encoded twice (`Å‚`) make their row bad. Nothing is ever replaced.
//! - Numbers ([`NumberFormat`]) are exact or refused. Absent, empty and zero stay three things ([`Row`]).
//! - A wrong row stops only itself. Errors name file, line, byte and column, never what stands there.
//! - What is written appears whole or not at all.
//!
//! ```
//! use std::sync::Arc;
//!
//! use rust_decimal::Decimal;
//! use serde::Serialize;
//! use sync_core::files::{Complete, CurrentFile, FileFormat, Folder, FullExport, NumberFormat};
//! use sync_core::{
//!     Flow, FlowName, Identity, Key, MemoryStore, Result, RunContext, SourceIdentity, run_until_done,
//! };
//!
//! #[derive(Clone, Serialize)]
//! struct Stock {
//!     #[serde(serialize_with = "digits")]
//!     quantity: Decimal,
//! }
//!
//! fn digits<S: serde::Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
//!     serializer.collect_str(value)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! # let place = tempfile::tempdir().unwrap();
//! # let (exports, shop) = (place.path().to_owned(), place.path().join("shop.csv"));
//! std::fs::write(exports.join("stany-1.csv"), "Kod;Stan\r\nPIŁKA;1 234,50\r\n").unwrap();
//!
//! let numbers = NumberFormat::comma().groups_by_spaces();
//! let stock = FullExport::new(
//!     SourceIdentity::new("subiekt", "stock"),
//!     Folder::new(&exports, "stany-*.csv", Complete::Renamed)?,
//!     FileFormat::csv(["Kod", "Stan"]).numbers(numbers),
//!     |row| Ok(Key::from(row.text("Kod")?)),
//!     |row| Ok(Stock { quantity: row.decimal("Stan")? }),
//! );
//! let target = CurrentFile::new(&shop, ["code", "quantity"], |stock: &Stock| {
//!     Ok(vec![NumberFormat::point().write(stock.quantity)])
//! })?;
//! let flow = Flow::new(FlowName::new("demo/stock")?, stock, Identity, target, Arc::new(MemoryStore::new()));
//! run_until_done(&flow, &RunContext::default()).await;
//! assert_eq!(std::fs::read_to_string(&shop).unwrap(), "code;quantity\r\nPIŁKA;1234.50\r\n");
//! # Ok(())
//! # }
//! ```

mod csv;
mod current;
mod drop_folder;
mod encoding;
mod export;
mod fault;
mod folder;
mod format;
mod json;
mod layout;
mod ledger;
mod number;
mod opened;
mod orders;
mod row;
mod whole;
mod xml;

pub use current::CurrentFile;
pub use drop_folder::{DropFolder, DropPosition};
pub use encoding::TextEncoding;
pub use export::{ExportPosition, FullExport};
pub use folder::{Complete, Folder};
pub use format::FileFormat;
pub use number::NumberFormat;
pub use orders::OrderFiles;
pub use row::Row;

use crate::error::{Error, Result};

/// Does file work on a thread where it may wait. If the future is dropped, the work still comes to its end.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Error::bug("work on files panicked or the runtime is shutting down")),
    }
}
