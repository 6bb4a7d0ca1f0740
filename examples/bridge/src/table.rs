//! The closing table.

use std::fmt;

use sync_core::{ActStatus, Counts, JobEnd, Reject, Report};

use crate::error::remedy;
use crate::output::{columns, instant};
use crate::shapes::pause_in_words;
use crate::summary::Summary;

const HEAD: [&str; 10] =
    ["flow", "read", "sent", "unchanged", "left out", "rejected", "in doubt", "waiting", "seconds", "rows/s"];

impl fmt::Display for Summary {
    /// The table, then what is left to do: open acts, refused ones, rejects with their reasons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<[String; 10]> = vec![HEAD.map(str::to_owned)];
        rows.extend(self.reports.iter().map(row));
        columns(f, &rows)?;
        for report in &self.reports {
            match &report.end {
                JobEnd::Failed(error) => {
                    writeln!(f, "{} failed: {error}", report.name)?;
                    if let Some(advice) = remedy(error) {
                        writeln!(f, "  → {advice}")?;
                    }
                }
                JobEnd::Paused(pause) => {
                    let until = instant(pause.until());
                    writeln!(f, "{} {}, until {until}", report.name, pause_in_words(pause))?;
                }
                JobEnd::Stopped => writeln!(f, "{} was stopped before its end", report.name)?,
                _ => {}
            }
        }
        list(f, "acts that are not settled; run again later, or release them if they are held", &self.open)?;
        list(f, "acts that the other system refused", &self.refused)?;
        rejects(
            f,
            "orders that cannot be transferred, or that changed after they were",
            &self.rejected_orders,
        )?;
        for (number, held) in self.held.iter().enumerate() {
            write!(f, "{}{held}", if number == 0 { "\n" } else { "" })?;
        }
        let others = self.rejects_in_all.saturating_sub(self.rejected_orders.len() as u64);
        rejects(f, &format!("rejected records ({others} in all, with what is held back)"), &self.rejects)
    }
}

fn row(report: &Report) -> [String; 10] {
    let Counts { fetched, applied, unchanged, left_out, rejected, in_doubt, postponed, .. } = report.counts;
    let seconds = report.elapsed.as_millis().max(1);
    [
        report.name.clone(),
        fetched.to_string(),
        applied.to_string(),
        unchanged.to_string(),
        left_out.to_string(),
        rejected.to_string(),
        in_doubt.to_string(),
        postponed.to_string(),
        format!("{}.{:03}", seconds / 1000, seconds % 1000),
        (u128::from(fetched) * 1000 / seconds).to_string(),
    ]
}

fn list(f: &mut fmt::Formatter<'_>, title: &str, acts: &[ActStatus]) -> fmt::Result {
    if acts.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}:")?;
    for status in acts {
        write!(f, "  {} {}", status.act.op_key, status.state.as_str())?;
        if let Some(reason) = &status.reason {
            write!(f, ": {reason}")?;
        }
        if let Some(next_at) = status.next_at {
            write!(f, ", next at {}", instant(next_at))?;
        }
        detail(f, status.reason.as_ref().and_then(|reason| reason.detail()))?;
    }
    Ok(())
}

fn rejects(f: &mut fmt::Formatter<'_>, title: &str, rejects: &[Reject]) -> fmt::Result {
    if rejects.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}:")?;
    for reject in rejects {
        write!(f, "  {} {}: {}", reject.part.flow(), reject.key, reject.reason)?;
        detail(f, reject.reason.detail())?;
    }
    Ok(())
}

/// The other system's own words: for the person at the terminal, not for a log.
fn detail(f: &mut fmt::Formatter<'_>, detail: Option<&str>) -> fmt::Result {
    match detail {
        Some(detail) => writeln!(f, " ({detail})"),
        None => writeln!(f),
    }
}
