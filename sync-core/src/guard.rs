//! Small pure functions that keep money and goods right.

pub mod confirmation;
mod exact;
pub mod nip;
pub mod price;
pub mod reference;
pub mod stock;
pub mod unit;
