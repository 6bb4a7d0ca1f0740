//! A port's list, read to its end.

use soneta_webapi::{BadRow, Continuation, WirePage};
use sync_core::{Error, Result};

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
        answer.rows.into_iter().for_each(&mut take);
        if answer.end {
            return Ok(());
        }
        if answer.next.is_none() || answer.next == after {
            return Err(Error::invalid("a page that is not the last one does not move the list on"));
        }
        after = answer.next;
    }
}
