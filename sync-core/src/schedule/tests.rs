//! Whole years, both days of the clock change, and random schedules.
