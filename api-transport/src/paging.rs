//! Lists that come page by page.

use crate::{Error, ErrorKind, Result};
use futures::{Stream, stream};
use std::future::Future;

/// One page of a list, and where the next one begins.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "clients build it; a page has items and a continuation, nothing else"
)]
pub struct Page<T, C> {
    /// The records.
    pub items: Vec<T>,
    /// Where to go on; none on the last page. Keep it when all items of this page are dealt with: [`pages`] started with it goes on.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// A page.
    pub fn new(items: Vec<T>, next: Option<C>) -> Self {
        Self { items, next }
    }
}

/// Reads page after page from `start`, one at a time and only when asked, until a page has no continuation.
///
/// The stream ends after the first error; it can be taken up again with the continuation of the last page. A continuation that
/// was there before is an error in place of that page (at the latest after a few rounds of a long circle), so a list never runs
/// for ever.
///
/// ```
/// use api_transport::{Page, Result, pages};
/// use futures::TryStreamExt;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let list = pages(None, |from: Option<u32>| async move {
///     let from = from.unwrap_or(0);
///     Ok(Page::new(vec![from], (from < 2).then_some(from + 1)))
/// });
/// let all: Vec<Page<u32, u32>> = list.try_collect().await?;
/// assert_eq!(all.len(), 3);
/// # Ok::<(), api_transport::Error>(())
/// # }).unwrap();
/// ```
pub fn pages<T, C, F, Fut>(start: Option<C>, fetch: F) -> impl Stream<Item = Result<Page<T, C>>>
where
    C: Clone + PartialEq,
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<Page<T, C>>>,
{
    let walk = Walk { fetch, mark: start.clone(), from: start, steps: 0, next_mark: 1, done: false };
    stream::try_unfold(walk, |mut walk| async move {
        if walk.done {
            return Ok(None);
        }
        let page = (walk.fetch)(walk.from.clone()).await?;
        walk.advance(page.next.clone())?;
        Ok(Some((page, walk)))
    })
}

struct Walk<C, F> {
    fetch: F,
    from: Option<C>,
    /// An earlier continuation, moved on at every power of two (Brent): finds circles of any length with one value kept.
    mark: Option<C>,
    steps: u64,
    next_mark: u64,
    done: bool,
}

impl<C: Clone + PartialEq, F> Walk<C, F> {
    fn advance(&mut self, next: Option<C>) -> Result<()> {
        if next.is_none() {
            self.done = true;
            return Ok(());
        }
        if next == self.from || next == self.mark {
            return Err(Error::new(ErrorKind::Unexpected, "a list's continuation came a second time"));
        }
        self.steps += 1;
        if self.steps == self.next_mark {
            self.mark.clone_from(&next);
            self.next_mark = self.next_mark.saturating_mul(2);
        }
        self.from = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt, TryStreamExt};
    use rstest::rstest;

    #[rstest]
    #[case(7, 7)]
    #[case(7, 6)]
    #[case(7, 0)]
    #[case(1_000, 3)]
    #[tokio::test]
    async fn a_continuation_that_comes_again_is_an_error(#[case] last: u32, #[case] back_to: u32) {
        let list = pages(Some(0), move |from: Option<u32>| async move {
            let from = from.unwrap();
            Ok(Page::new(vec![from], Some(if from == last { back_to } else { from + 1 })))
        });
        let seen: Vec<_> = list.take(10_000).collect().await;
        let error = seen.last().unwrap().as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unexpected);
        assert!(seen.len() < 5 * (last as usize + 2), "{}", seen.len());
    }

    #[tokio::test]
    async fn a_list_can_be_taken_up_at_any_page() {
        let fetch = |from: Option<u32>| async move {
            let from = from.unwrap_or(0);
            Ok(Page::new(vec![from], (from < 9).then_some(from + 1)))
        };
        let first: Vec<_> = pages(None, fetch).take(4).try_collect::<Vec<_>>().await.unwrap();
        let rest: Vec<_> = pages(first[3].next, fetch).try_collect::<Vec<_>>().await.unwrap();
        let items: Vec<_> = first.into_iter().chain(rest).flat_map(|page| page.items).collect();
        assert_eq!(items, (0..10).collect::<Vec<_>>());
    }
}
