//! What every implementation of an extension point has to do.

mod store;

pub use store::{ClockedStore, StoreUnderTest, store_conformance};
