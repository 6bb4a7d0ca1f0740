//! The watchdog.

mod driver;
mod flows;
mod history;
