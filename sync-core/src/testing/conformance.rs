//! What every implementation of an extension point has to do.

mod history;
mod store;

pub use history::store_history;
pub use store::{ClockedStore, StoreUnderTest, store_conformance};
