//! Small pure functions that keep money and goods right.

pub mod price;
pub mod stock;
