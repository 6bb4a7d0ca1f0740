//! The contractor of an order, looked up for its name and for its Kod.

use crate::altone::AltOneKontrahenci;
use crate::kontrahenci::{KluczKontrahenta, Kontrahent};
use crate::towary::at_most_one;
use crate::{Client, Result};

/// The contractor of this key. Rows that cannot be read are nobody: a server that ignores the filter must not fail the look-up.
pub(super) async fn kontrahent(client: &Client, klucz: KluczKontrahenta) -> Result<Option<Kontrahent>> {
    let mut rows = AltOneKontrahenci::new(client.clone()).get(&klucz).await?;
    rows.retain(Result::is_ok);
    at_most_one(rows)
}
