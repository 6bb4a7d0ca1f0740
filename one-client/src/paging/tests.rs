//! One answer by itself, and whole lists of every style read from a server.

use super::*;
use api_transport::{Effect, Path};
use futures::{StreamExt as _, TryStreamExt as _};
use http::Method;
use rstest::rstest;
use url::Url;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

#[derive(Clone, PartialEq, Eq, Deserialize, Debug)]
struct Thing {
    id: String,
}

impl Keyed for Thing {
    const KEY: &'static str = "id";
}

fn page(asked: u32, body: &str) -> Listing<Thing, PageNumber> {
    Listing::numbered(PageNumber::new(asked), body.as_bytes()).unwrap()
}

#[rstest]
#[case::p1_last(
    r#"{"items":[{"id":"a"}],"totalItems":3,"pageNumber":3,"totalPages":3,"pageSize":1,"nextPage":null}"#,
    None
)]
#[case::p1_more(
    r#"{"items":[{"id":"a"}],"totalItems":4,"pageNumber":3,"totalPages":4,"pageSize":1,"nextPage":4}"#,
    Some(4)
)]
#[case::p1_pages_win(r#"{"items":[{"id":"a"}],"totalPages":4,"nextPage":null}"#, Some(4))]
#[case::p1_only_next(r#"{"items":[{"id":"a"}],"nextPage":"…/next"}"#, Some(4))]
#[case::p1_pages_as_text(r#"{"items":[{"id":"a"}],"totalPages":"3"}"#, None)]
#[case::p1_pages_are_nonsense(r#"{"items":[{"id":"a"}],"totalPages":{"of":"ż"}}"#, Some(4))]
#[case::p1_no_next(r#"{"items":[{"id":"a"}],"nextPage":null}"#, None)]
#[case::p2(r#"{"listElement":[{"id":"a"}],"totalElement":9,"items":[{"id":"a"}]}"#, Some(4))]
#[case::p2_without_items(r#"{"listElement":[{"id":"a"}]}"#, Some(4))]
#[case::p2_with_one_of_two(r#"{"listElement":[{"id":"a"}],"items":[]}"#, Some(4))]
#[case::p3(r#" [{"id":"a"}]"#, Some(4))]
#[case::p5(r#"{"total":9,"elements":[{"id":"a"}]}"#, Some(4))]
fn every_envelope_is_read_and_says_where_it_goes_on(#[case] body: &str, #[case] next: Option<u32>) {
    let page = page(3, body);
    assert_eq!(page.rows[0].as_ref().unwrap().id, "a");
    assert_eq!(page.next.map(PageNumber::get), next);
}

#[rstest]
#[case("[]")]
#[case(r#"{"items":[],"totalPages":9,"nextPage":4}"#)]
#[case(r#"{"total":9,"elements":[]}"#)]
fn a_page_without_rows_is_the_last(#[case] body: &str) {
    assert_eq!(page(3, body).next, None);
}

#[rstest]
#[case("{}")]
#[case(r#"{"items":null}"#)]
#[case(r#"{"error":"no"}"#)]
#[case("null")]
#[case("\"a\"")]
#[case("")]
fn what_has_no_rows_is_no_empty_list(#[case] body: &str) {
    assert!(Listing::<Thing, _>::numbered(PageNumber::FIRST, body.as_bytes()).is_err());
    assert!(Listing::<Thing, _>::offset(RowOffset::FIRST, body.as_bytes()).is_err());
}

#[test]
fn a_bad_row_names_itself_and_hides_no_other() {
    let page = page(1, r#"[{"id":"a"},{"id":7},{"id":null},"x",{"id":"b"}]"#);
    let told: Vec<_> = page
        .rows
        .iter()
        .map(|row| row.as_ref().map(|row| row.id.as_str()).map_err(|bad| (bad.index, bad.key.as_deref())))
        .collect();
    assert_eq!(told, [Ok("a"), Err((1, Some("7"))), Err((2, None)), Err((3, None)), Ok("b")]);
}

#[test]
fn an_offset_moves_by_the_rows_that_came() {
    let page: Listing<Thing, _> = Listing::offset(RowOffset::new(40), br#"[{"id":"a"},{"id":"b"}]"#).unwrap();
    assert_eq!(page.next, Some(RowOffset::new(42)));
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    P1,
    P2,
    P3,
    P4,
    P5,
}

/// A list on a server that tells no more than `cap` rows at a time, whatever it is asked for.
struct Shelf {
    style: Style,
    rows: Vec<String>,
    cap: usize,
}

impl Respond for Shelf {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let asked = |name: &str| -> usize {
            let pairs: BTreeMap<_, _> = request.url.query_pairs().collect();
            assert_eq!(pairs.len(), 2, "{pairs:?}");
            pairs[name].parse().unwrap()
        };
        let (first, size) = match self.style {
            Style::P4 => (asked("start"), asked("rows").min(self.cap)),
            _ => {
                let size = asked("pageSize").min(self.cap);
                ((asked("pageNumber") - 1) * size, size)
            }
        };
        let rows: Vec<_> = self.rows.iter().skip(first).take(size).map(String::as_str).collect();
        let (total, rows) = (self.rows.len(), rows.join(","));
        let body = match self.style {
            Style::P1 => {
                let (page, pages) = (first / size + 1, total.div_ceil(size));
                let next = if page < pages { (page + 1).to_string() } else { "null".to_owned() };
                format!(
                    r#"{{"items":[{rows}],"totalItems":{total},"pageNumber":{page},"totalPages":{pages},"pageSize":{size},"nextPage":{next}}}"#
                )
            }
            Style::P2 => format!(r#"{{"listElement":[{rows}],"totalElement":{total},"items":[{rows}]}}"#),
            Style::P3 | Style::P4 => format!("[{rows}]"),
            Style::P5 => format!(r#"{{"total":{total},"elements":[{rows}]}}"#),
        };
        ResponseTemplate::new(200).set_body_raw(body, "application/json")
    }
}

/// Asks for ten rows from a place on.
#[derive(Serialize)]
struct GetThings<C>(C);

impl Endpoint for GetThings<PageNumber> {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = Listing<Thing, PageNumber>;

    fn path(&self) -> Path {
        Path::new(["things"])
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.0.query(10)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.0, body)
    }
}

impl Endpoint for GetThings<RowOffset> {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = Listing<Thing, RowOffset>;

    fn path(&self) -> Path {
        Path::new(["things"])
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("start", self.0.get().to_string()), ("rows", "10".to_owned())]
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::offset(self.0, body)
    }
}

async fn serve(answers: impl Respond + 'static) -> (MockServer, Client) {
    let server = MockServer::builder().start().await;
    Mock::given(any()).respond_with(answers).mount(&server).await;
    let url = Url::parse(&server.uri()).unwrap();
    let one = Client::builder(url, "my-tenant", "secret-key".into()).build().unwrap();
    (server, one)
}

async fn calls(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// The ids on each page from `start` on, each with where to go on.
async fn pages_of<C>(one: &Client, start: C) -> Result<Vec<(Vec<String>, Option<C>)>>
where
    C: Copy + PartialEq + Send,
    GetThings<C>: Endpoint<Response = Listing<Thing, C>>,
{
    let ids =
        |page: Page<Row<Thing>, C>| (page.items.into_iter().map(|row| row.unwrap().id).collect(), page.next);
    list(one, start, GetThings).map_ok(ids).try_collect().await
}

async fn is_read_to_its_end_from_every_page<C>(style: Style, start: C, total: usize)
where
    C: Copy + PartialEq + Send + fmt::Debug,
    GetThings<C>: Endpoint<Response = Listing<Thing, C>>,
{
    let ids: Vec<String> = (1..=total).map(|n| format!("Ł/{n}:a")).collect();
    let rows = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let (_server, one) = serve(Shelf { style, rows, cap: 3 }).await;
    let whole = pages_of(&one, start).await.unwrap();
    let told: Vec<_> = whole.iter().flat_map(|(ids, _)| ids.clone()).collect();
    assert_eq!(told, ids);
    assert!(whole.iter().all(|(ids, _)| ids.len() <= 3));
    assert_eq!(whole.iter().filter(|(_, next)| next.is_none()).count(), 1);
    for (page, (_, next)) in whole.iter().enumerate() {
        let Some(next) = next else { continue };
        assert_eq!(pages_of(&one, *next).await.unwrap(), whole[page + 1..]);
    }
}

#[rstest]
#[tokio::test]
async fn a_list_is_read_to_its_end_and_from_every_page_though_the_server_tells_fewer_rows_than_asked_for(
    #[values(Style::P1, Style::P2, Style::P3, Style::P4, Style::P5)] style: Style,
    #[values(0, 1, 3, 7, 9, 31)] total: usize,
) {
    match style {
        Style::P4 => is_read_to_its_end_from_every_page(style, RowOffset::FIRST, total).await,
        _ => is_read_to_its_end_from_every_page(style, PageNumber::FIRST, total).await,
    }
}

#[tokio::test]
async fn a_page_is_asked_for_only_when_it_is_wanted() {
    let rows = (1..=9).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect();
    let (server, one) = serve(Shelf { style: Style::P5, rows, cap: 3 }).await;
    let mut pages = std::pin::pin!(list(&one, PageNumber::FIRST, GetThings));
    assert_eq!(calls(&server).await, 0);
    pages.next().await.unwrap().unwrap();
    assert_eq!(calls(&server).await, 1);
}

#[tokio::test]
async fn bad_rows_hide_neither_their_neighbours_nor_the_next_page() {
    let rows = ["a", "b", "c"].map(|id| format!(r#"{{"id":"{id}"}}"#));
    let rows =
        vec![rows[0].clone(), r#"{"id":7}"#.to_owned(), "null".to_owned(), rows[1].clone(), rows[2].clone()];
    let (_server, one) = serve(Shelf { style: Style::P2, rows, cap: 3 }).await;
    let pages: Vec<_> = list(&one, PageNumber::FIRST, GetThings).try_collect().await.unwrap();
    let told: Vec<_> = pages
        .iter()
        .flat_map(|page| &page.items)
        .map(|row| row.as_ref().map(|row| row.id.as_str()).map_err(|bad| (bad.index, bad.key.as_deref())))
        .collect();
    assert_eq!(told, [Ok("a"), Err((1, Some("7"))), Err((2, None)), Ok("b"), Ok("c")]);
}

/// A server that takes no notice of the place that is asked for.
#[rstest]
#[case::one_page(&["[{\"id\":\"a\"}]"])]
#[case::two_pages_by_turns(&["[{\"id\":\"a\"}]", "[{\"id\":\"b\"}]"])]
#[case::pages_of_bad_rows(&["[7,8]", "[9]", "[10]"])]
#[tokio::test]
async fn a_page_that_comes_again_ends_the_list_with_an_error(#[case] answers: &'static [&'static str]) {
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let answer = move |_: &Request| {
        let turn = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        ResponseTemplate::new(200).set_body_raw(answers[turn % answers.len()], "application/json")
    };
    let (server, one) = serve(answer).await;
    let mut pages = std::pin::pin!(list(&one, RowOffset::FIRST, GetThings));
    for _ in answers {
        assert!(pages.next().await.unwrap().is_ok());
    }
    assert_eq!(pages.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unexpected);
    assert!(pages.next().await.is_none());
    assert_eq!(calls(&server).await, answers.len() + 1);
}
