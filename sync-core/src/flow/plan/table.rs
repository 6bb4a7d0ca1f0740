//! A plan as a table for a person.

use std::fmt;

use super::{Effect, EffectCounts, Plan, PlannedHold};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flow, totals, fetched, unchanged, left_out, .. } = self;
        writeln!(f, "{flow}: {fetched} read, {unchanged} unchanged, {left_out} left out")?;
        let EffectCounts { create, update, remove, enqueue, replace, withdraw, edit, cancel, reject, hold } =
            totals;
        let counts = [
            ("create", create),
            ("update", update),
            ("remove", remove),
            ("enqueue", enqueue),
            ("replace", replace),
            ("withdraw", withdraw),
            ("edit", edit),
            ("cancel", cancel),
            ("reject", reject),
            ("hold", hold),
        ];
        let counted: Vec<String> = counts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        writeln!(f, "{}", if counted.is_empty() { "nothing to do".to_owned() } else { counted.join(", ") })?;
        let width =
            |of: fn(&Effect) -> &str| self.effects.iter().map(|effect| of(effect).chars().count()).max();
        let parts = width(|effect| &effect.part).unwrap_or_default();
        let keys = width(|effect| effect.key.as_str()).unwrap_or_default();
        for Effect { part, key, what } in &self.effects {
            let line =
                format!("  {:<8}  {part:<parts$}  {:<keys$}  {}", what.as_str(), key.as_str(), what.detail());
            writeln!(f, "{}", line.trim_end())?;
        }
        let more = totals.all().saturating_sub(self.effects.len() as u64);
        if more > 0 {
            writeln!(f, "  and {more} more")?;
        }
        for PlannedHold { part, held } in &self.held {
            let of_part = if part.is_empty() { String::new() } else { format!(" {part}") };
            writeln!(f, "held{of_part}: {held}")?;
        }
        if let Some(code) = &self.fails {
            writeln!(f, "then it fails: {code}")?;
        } else if !self.complete {
            writeln!(f, "not planned to the end")?;
        }
        write!(f, "{}", self.hash)
    }
}
