//! From a client's report on a long write to the engine's outcomes.

use one_client::BulkReport;
use sync_core::{Error, Outcome, Result};

use crate::client_error::{engine_error, refusal};

/// The lines of one long write, each with the place of its record in the batch.
#[derive(Debug)]
pub(crate) struct Lines<T> {
    values: Vec<T>,
    records: Vec<usize>,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self { values: Vec::new(), records: Vec::new() }
    }
}

impl<T> Lines<T> {
    pub(crate) fn push(&mut self, record: usize, value: T) {
        self.values.push(value);
        self.records.push(record);
    }

    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// Writes refused lines into the outcomes. A line that was not sent, or whose fate is unclear, fails the write as a
    /// whole: the page comes again.
    pub(crate) fn judge(
        &self,
        message: &'static str,
        report: BulkReport,
        outcomes: &mut [Outcome],
    ) -> Result<()> {
        if report.resume_at().is_some() {
            // the write stopped at its last outcome; what came before was answered
            let error = report.outcomes.into_iter().rev().find_map(|outcome| outcome.result.err());
            return Err(match error {
                Some(error) => engine_error(message, error),
                None => Error::bug("a long write stopped without an error"),
            });
        }
        for outcome in report.outcomes {
            let Err(error) = outcome.result else { continue };
            for record in self.records.get(outcome.lines).unwrap_or_default() {
                if let Some(place) = outcomes.get_mut(*record) {
                    *place = Outcome::rejected(refusal(&error));
                }
            }
        }
        Ok(())
    }
}
