//! Stock, enova365 → ONe.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{NaiveDate, Weekday};
use serde::Deserialize;
use sync_core::Schedule;
use sync_core::guard::stock::Buffer;
use sync_flows::catalog::Entry;
use sync_flows::flows::stock::{self, RushTime, STOCK, StockMapper, StockMode, StockRush, StockSettings};

use super::Wiring;
use crate::error::Result;
use crate::exact::Exact;
use crate::named::{Dictionary, Named};
use crate::settings::{Span, day};
use crate::wire::{Wire, Wired};

/// `[tenants.flows.stock]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stock {
    /// Symbol of a warehouse in the ERP → id in ONe.
    #[serde(default)]
    warehouses: BTreeMap<String, String>,
    /// Instead: these warehouses of the ERP (none: all) added up in one of ONe.
    summed: Option<Summed>,
    /// How much of the available stock is shown, in percent.
    #[serde(default = "ninety_five")]
    buffer_percent: u32,
    /// Whether a single last piece is shown.
    #[serde(default = "crate::flows::yes")]
    keep_last: bool,
    /// Smallest quantity sold, by unit, as text: `m = "0.1"`.
    #[serde(default)]
    steps: BTreeMap<String, Exact>,
    /// When stock is sent more often than otherwise.
    rush: Option<Rush>,
}

/// When stock is sent more often.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rush {
    /// How often.
    #[serde(default = "often")]
    every: Span,
    /// When a rush is on.
    calendar: Vec<RushHours>,
}

/// One rush of the calendar, Polish time: all that is told holds together.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RushHours {
    /// First day; goes with the last.
    #[serde(default, deserialize_with = "day")]
    from: Option<NaiveDate>,
    /// Last day, included.
    #[serde(default, deserialize_with = "day")]
    to: Option<NaiveDate>,
    /// From the one full hour until the other.
    hours: Option<(u32, u32)>,
    /// Days of the week, `Mon` to `Sun`; all without them.
    #[serde(default)]
    days: Vec<Weekday>,
}

fn often() -> Span {
    Span::new(Duration::from_secs(60))
}

impl Rush {
    fn schedule(&self, normal: Schedule) -> sync_core::Result<Schedule> {
        let calendar = self.calendar.iter().map(|time| {
            let RushHours { from, to, hours, days } = time.clone();
            RushTime::builder().maybe_from(from).maybe_to(to).maybe_hours(hours).days(days).build()
        });
        // what is no whole second, or too long, divides no day
        let span = self.every.get();
        let every = u32::try_from(span.as_secs()).ok().filter(|_| span.subsec_nanos() == 0).unwrap_or(0);
        StockRush::builder().every(every).calendar(calendar.collect()).build().schedule(normal, None)
    }
}

/// Several warehouses shown as one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summed {
    /// Symbols in the ERP; empty: all.
    #[serde(default)]
    warehouses: BTreeSet<String>,
    /// Id in ONe.
    to: String,
}

fn ninety_five() -> u32 {
    95
}

impl Wiring for Stock {
    const ENTRY: &'static Entry = &STOCK;

    fn check(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        let ids: BTreeSet<&String> = self.warehouses.values().collect();
        match &self.summed {
            Some(_) if !self.warehouses.is_empty() => {
                wrong.push(("summed", "contradicts warehouses: name them one by one or summed".to_owned()));
            }
            None if self.warehouses.is_empty() => {
                let what =
                    "expected warehouses = { SYMBOL = \"id in ONe\" }, or summed = { to = \"id in ONe\" }";
                wrong.push(("", what.to_owned()));
            }
            None if ids.len() < self.warehouses.len() => {
                wrong.push(("warehouses", "two of them have one id in ONe; use summed for that".to_owned()));
            }
            _ => {}
        }
        if !(1..=100).contains(&self.buffer_percent) {
            wrong.push(("buffer_percent", "expected 1 to 100".to_owned()));
        }
        if let Some(rush) = &self.rush {
            let told = STOCK.ticks.schedule().and_then(|normal| rush.schedule(normal));
            wrong.extend(told.err().map(|error| ("rush", error.to_string())));
        }
        if self.steps.values().any(|step| !step.is_positive()) {
            wrong.push(("steps", "expected quantities above zero".to_owned()));
        }
        wrong
    }

    fn named(&self) -> Vec<Named> {
        let summed = self.summed.iter().flat_map(|summed| &summed.warehouses);
        vec![
            Named::new("stock.warehouses", self.warehouses.keys(), Dictionary::Magazyny),
            Named::new("stock.summed.warehouses", summed, Dictionary::Magazyny),
        ]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let mode = match &self.summed {
            Some(summed) => StockMode::summed(summed.warehouses.iter().cloned(), summed.to.clone()),
            None => StockMode::per_warehouse(self.warehouses.clone()),
        };
        let settings = StockSettings::builder()
            .mode(mode.clone())
            .buffer(Buffer::default().percent(self.buffer_percent).keep_last(self.keep_last))
            .steps(self.steps.iter().map(|(unit, step)| (unit.clone(), step.get())).collect())
            .build();
        let mapper = StockMapper::new(settings)?;
        let stock = stock::source(&wire.setup, wire.installation.stany()?, mode);
        let source = wire.of_ticked_goods(stock)?;
        let flow = stock::source_to_one(&wire.setup, source, wire.one.clone(), mapper)?;
        let schedule = match &self.rush {
            Some(rush) => rush.schedule(wire.schedule.clone())?,
            None => wire.schedule.clone(),
        };
        Ok(vec![wire.flow_at(schedule, flow)])
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use sync_flows::flows::stock::STOCK;

    use super::Stock;

    #[test]
    fn in_the_rush_of_the_settings_stock_goes_more_often() {
        let section = r#"
            warehouses = { F = "WRO" }
            rush = { every = "1 min", calendar = [{ from = 2026-11-23, to = 2026-11-30, hours = [8, 22] }] }
        "#;
        let stock: Stock = toml::from_str(section).unwrap();
        let schedule = stock.rush.unwrap().schedule(STOCK.ticks.schedule().unwrap()).unwrap();
        let ticks = |hour: &str| {
            let from: DateTime<Utc> = hour.parse().unwrap();
            schedule.ticks_between(from, from + chrono::TimeDelta::hours(1))
        };
        // Poland is an hour ahead
        assert_eq!(ticks("2026-11-24T08:00:00Z"), 60);
        assert_eq!(ticks("2026-11-24T03:00:00Z"), 30, "not at night");
        assert_eq!(ticks("2026-11-21T08:00:00Z"), 30, "not before the first day");
    }
}
