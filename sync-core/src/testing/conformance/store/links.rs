//! Links.

use super::{Case, fails, same};
use crate::error::{ErrorKind, Reason, Result};
use crate::link::{Link, LinkRef};
use crate::store::PageQuery;

pub(super) async fn links(case: &Case) -> Result<()> {
    let link = |a: &str, b: &str| Link::new("contractor", a, b);
    case.store.put_links(&[link("1", "x"), link("2", "y")]).await?;
    case.store.put_links(&[link("1", "x")]).await?;
    let contradiction = case.store.put_links(&[link("3", "z"), link("1", "z")]).await;
    fails("a contradiction is refused", contradiction, ErrorKind::Conflict)?;
    let asked = vec![
        LinkRef::of_a("contractor", "1"),
        LinkRef::of_b("contractor", "y"),
        LinkRef::of_a("contractor", "3"),
        LinkRef::of_a("other", "1"),
    ];
    let found = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
    let found: Vec<_> = asked.iter().map(|asked| found.get(asked)).collect();
    same("links are found both ways, refused ones not", found, vec![Some("x"), Some("2"), None, None])?;
    case.commit(|page| page.links.extend([link("4", "v"), link("5", "y")])).await?;
    let codes = case.reject_codes().await?;
    let expected = vec![("link:contractor:5".to_owned(), Reason::LINK_CONFLICT.to_owned(), 1)];
    same("a contradiction learned in a commit becomes a reject", codes, expected)
}
