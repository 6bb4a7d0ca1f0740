//! A port's list, read to its end.

use soneta_webapi::{BadRow, Continuation, WirePage};
use sync_core::Result;

use super::snapshot::onward;
use crate::client_error::engine_error;

/// Every row of a list, page by page.
pub(crate) async fn each_row<T, Fut>(
    message: &'static str,
    page: impl Fn(Option<Continuation>) -> Fut,
    mut take: impl FnMut(std::result::Result<T, BadRow>),
) -> Result<()>
where
    Fut: Future<Output = soneta_webapi::Result<WirePage<T>>>,
{
    let mut after = None;
    loop {
        let answer = page(after.clone()).await.map_err(|error| engine_error(message, error))?;
        let next = onward(&answer, after.as_ref())?;
        answer.rows.into_iter().for_each(&mut take);
        let Some(next) = next else { return Ok(()) };
        after = Some(next);
    }
}
