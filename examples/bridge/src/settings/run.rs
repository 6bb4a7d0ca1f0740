//! What every flow's section has besides its own keys: when it runs, and how it reads.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::{Deserialize, Deserializer};
use std::time::Duration;
use sync_core::{FlowSettings, Schedule, Window};
use sync_flows::catalog::Entry;

use super::mistake::Place;
use super::read::Reader;
use super::span::Span;

/// When a flow runs and how it reads. Without these keys the catalogue's schedule and the engine's defaults hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RunSettings {
    /// Every so long: `every = "2 min"`.
    pub every: Option<Span>,
    /// With `every`: so long after the full hour or midnight, `at = "50 s"`. Alone: once a day, `at = "00:15"`. Polish time.
    pub at: Option<String>,
    /// Only from the one full hour until the other: `hours = [8, 20]`. Polish time.
    pub hours: Option<[u32; 2]>,
    /// How many pages one step commits at most.
    pub page_budget: Option<usize>,
    /// Records per page.
    pub batch: Option<usize>,
    /// Least time between two pages: a first load that leaves the other system room.
    pub pace: Option<Span>,
    /// How often everything is read and compared, besides changes.
    pub full_pass: Option<Span>,
    /// How often everything is sent again, also what has not changed.
    pub reassert: Option<Span>,
    /// Records before this day are not transferred, where a flow knows days; the tenant's otherwise.
    #[serde(deserialize_with = "day")]
    pub start_date: Option<NaiveDate>,
}

impl RunSettings {
    /// Its keys.
    pub(crate) const KEYS: &[&str] =
        &["every", "at", "hours", "page_budget", "batch", "pace", "full_pass", "reassert", "start_date"];

    /// These on top of the engine's.
    pub(crate) fn engine(&self, engine: FlowSettings) -> FlowSettings {
        let Self { page_budget, batch, pace, full_pass, reassert, .. } = self;
        let mut settings = engine;
        if let Some(pages) = page_budget {
            settings = settings.page_budget(*pages);
        }
        if let Some(records) = batch {
            settings = settings.batch(*records);
        }
        if let Some(least) = pace {
            settings = settings.pace(least.get());
        }
        if let Some(every) = full_pass {
            settings = settings.full_pass(every.get());
        }
        if let Some(every) = reassert {
            settings = settings.reassert(every.get());
        }
        settings
    }

    pub(crate) fn check(&self, reader: &mut Reader, place: &Place) {
        for (key, number) in [("page_budget", self.page_budget), ("batch", self.batch)] {
            if number == Some(0) {
                reader.wrong(&place.key(key), "is 0, expected at least 1");
            }
        }
        if self.reassert.is_some() && self.full_pass.is_none() {
            reader.wrong(
                &place.key("reassert"),
                "needs full_pass as well: everything is sent again in a full pass",
            );
        }
    }

    /// The schedule, or the key that is wrong and why.
    pub(crate) fn schedule(&self, entry: &Entry) -> Result<Schedule, (&'static str, String)> {
        let told = |key| move |error: sync_core::Error| (key, error.to_string());
        let schedule = match (self.every, &self.at) {
            (None, None) => {
                let ticks = entry.ticks;
                let period = Duration::from_secs(ticks.period.into());
                Schedule::every_at(period, Duration::from_secs(ticks.phase.into())).map_err(told("every"))?
            }
            (None, Some(time)) => Schedule::daily_at(time_of_day(time).ok_or_else(|| {
                let why = "is no time of the day, expected one such as \"00:15\"; with every, a span such as \"50 s\"";
                ("at", why.to_owned())
            })?)
            .map_err(told("at"))?,
            (Some(every), None) => Schedule::every(every.get())
                .map_err(|_| ("every", divides()))?,
            (Some(every), Some(phase)) => {
                let phase = Span::try_from(phase.clone()).map_err(|why| ("at", why))?;
                Schedule::every(every.get()).map_err(|_| ("every", divides()))?;
                Schedule::every_at(every.get(), phase.get())
                    .map_err(|_| ("at", "is not shorter than every, or no whole seconds".to_owned()))?
            }
        };
        let hours = match (self.hours, self.every.is_some() || self.at.is_some()) {
            (Some([from, until]), _) => Some((from, until)),
            (None, true) => None,
            (None, false) => entry.ticks.hours,
        };
        let Some((from, until)) = hours else { return Ok(schedule) };
        let window = Window::hours(from, until)
            .map_err(|_| ("hours", "are two different full hours, 0 to 23: [8, 20]".to_owned()))?;
        schedule.within(window).map_err(|_| ("hours", "leave no time at which the flow would run".to_owned()))
    }
}

fn divides() -> String {
    "does not divide a day into equal parts of whole seconds, expected a span such as \"2 min\", \"15 min\" or \"1 h\""
        .to_owned()
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let time =
        NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
    // a leap second is no time of a schedule
    time.ok().filter(|time| time.signed_duration_since(NaiveTime::MIN) < TimeDelta::days(1))
}

/// A day, as TOML's own date (`2026-01-01`) or as text.
pub(crate) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Date(toml::value::Datetime),
        Text(String),
    }
    let expected = || serde::de::Error::custom("is no day, expected one such as 2026-01-31");
    let written = Option::<Written>::deserialize(deserializer).map_err(|_| expected())?;
    let text = match written {
        None => return Ok(None),
        Some(Written::Date(date)) => date.to_string(),
        Some(Written::Text(text)) => text,
    };
    text.parse().map(Some).map_err(|_| expected())
}
