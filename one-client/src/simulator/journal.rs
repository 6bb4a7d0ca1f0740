//! The state file: what happened, one JSON line each.

use super::SimulatorError;
use super::orders::shipment::Order;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

/// Something that happened. Decimals are texts here: they need no reading by JSON's rules.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    /// Whose file this is; always the first line.
    Tenant(String),
    /// A stock message.
    Stocks {
        warehouse: String,
        /// id, sku, quantity
        set: Vec<(String, String, String)>,
        remove: Vec<String>,
    },
    /// All stocks of a warehouse.
    AllStocks {
        warehouse: String,
        /// id, sku, quantity
        set: Vec<(String, String, String)>,
    },
    /// Retail prices: sku, price.
    Prices(Vec<(String, String)>),
    /// Prices of price lists: list, sku, price.
    ListPrices(Vec<(String, String, String)>),
    Placed(Box<Order>),
    Edited(Box<Order>),
    Cancelled(String),
    Payment {
        shipment_id: String,
        status: String,
    },
    /// Records laid on a shelf: key, document.
    Put {
        shelf: String,
        records: Vec<(String, Box<RawValue>)>,
    },
    /// A record taken off a shelf.
    Removed {
        shelf: String,
        key: String,
    },
    /// An event told to a feed that is not told by the entries above.
    Event {
        feed: String,
        context: String,
        json: Box<RawValue>,
    },
    /// The last of the ids that were given out.
    Id(u64),
}

#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Where the last whole line ends.
    end: u64,
}

impl Journal {
    /// Opens the file, tells every entry to `apply`, and drops a last line that was cut short: nobody was
    /// told that it was accepted.
    pub(super) fn open(
        path: &Path,
        tenant: &str,
        mut apply: impl FnMut(Entry) -> Result<(), SimulatorError>,
    ) -> Result<Self, SimulatorError> {
        let failed = |error| SimulatorError::io(format!("the state file {} fails", path.display()), error);
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        let head = written(&Entry::Tenant(tenant.to_owned()))?;
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        let mut end = 0;
        for number in 1_u64.. {
            line.clear();
            let length = lines.read_until(b'\n', &mut line).map_err(failed)?;
            let is_whole = line.last() == Some(&b'\n');
            // Somebody else's file is left as it is.
            if number == 1 && if is_whole { line != head } else { !head.starts_with(&line) } {
                let message = format!("{} is no state file of the tenant {tenant}", path.display());
                return Err(SimulatorError::new(message));
            }
            if !is_whole {
                break;
            }
            if number > 1 {
                let entry = serde_json::from_slice(&line).map_err(|_| {
                    SimulatorError::new(format!("line {number} of {} is damaged", path.display()))
                })?;
                apply(entry)?;
            }
            end += length as u64;
        }
        drop(lines);
        file.set_len(end).map_err(failed)?;
        let mut journal = Self { file, end };
        if end == 0 {
            journal.append(&Entry::Tenant(tenant.to_owned()))?;
        }
        Ok(journal)
    }

    /// Appends one line. A line that was written in part is taken back, so that the next one is whole.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<(), SimulatorError> {
        let line = written(entry)?;
        let failed = |error| SimulatorError::io("the state file cannot be written", error);
        if self.file.metadata().map_err(failed)?.len() != self.end {
            return Err(SimulatorError::new("the state file was changed by somebody else"));
        }
        if let Err(error) = self.file.write_all(&line) {
            // If even this fails, nothing more is written.
            let _ = self.file.set_len(self.end);
            return Err(failed(error));
        }
        self.end += line.len() as u64;
        Ok(())
    }
}

fn written(entry: &Entry) -> Result<Vec<u8>, SimulatorError> {
    let mut line = serde_json::to_vec(entry)
        .map_err(|error| SimulatorError::io("the entry does not encode", error.into()))?;
    line.push(b'\n');
    Ok(line)
}
