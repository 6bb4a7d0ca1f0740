//! Segments of clients. The list is known from a whole example; what a write answers, and when it is refused, is
//! *inferred*.

use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The root, which is there from the start, under a name for an id.
const ROOT: &str = "segment";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment {
    id: String,
    name: String,
    external_id: Option<String>,
    parent_segment_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    name: String,
    external_id: Option<String>,
    parent_segment_id: Option<String>,
}

impl Body {
    fn with_id(self, id: String) -> Segment {
        let Self { name, external_id, parent_segment_id } = self;
        Segment { id, name, external_id, parent_segment_id }
    }
}

pub(super) fn find(books: &Books, id: &str) -> Result<Segment, Refusal> {
    match books.get("segments", id)? {
        None if id == ROOT => {
            let (id, name) = (ROOT.to_owned(), ROOT.to_owned());
            Ok(Segment { id, name, external_id: None, parent_segment_id: None })
        }
        found => found.ok_or_else(|| Refusal::not_found("segment")),
    }
}

pub(super) async fn list(call: Call) -> Result<Json<Vec<Segment>>, Refusal> {
    let given = call.parameters(&["pageNumber", "pageSize"], &[])?;
    let books = call.books();
    let mut all: Vec<Segment> = books.values("segments")?;
    if !all.iter().any(|segment| segment.id == ROOT) {
        all.push(find(&books, ROOT)?);
    }
    Ok(given.page(all)?.bare())
}

pub(super) async fn create(call: Call) -> Result<Json<Segment>, Refusal> {
    let body: Body = call.read()?;
    let mut books = call.books();
    check_parent(&books, &body, None, call.is_strict())?;
    let segment = body.with_id(books.new_id()?);
    books.put("segments", &segment.id, &segment)?;
    Ok(Json(segment))
}

pub(super) async fn get(Path(id): Path<String>, call: Call) -> Result<Json<Segment>, Refusal> {
    call.parameters(&[], &[])?;
    find(&call.books(), &id).map(Json)
}

pub(super) async fn update(Path(id): Path<String>, call: Call) -> Result<Json<Segment>, Refusal> {
    let body: Body = call.read()?;
    let mut books = call.books();
    find(&books, &id)?;
    check_parent(&books, &body, Some(&id), call.is_strict())?;
    let segment = body.with_id(id);
    books.put("segments", &segment.id, &segment)?;
    Ok(Json(segment))
}

pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    call.parameters(&[], &[])?;
    let mut books = call.books();
    find(&books, &id)?;
    let below: Vec<Segment> = books.values("segments")?;
    if id == ROOT || below.iter().any(|segment| segment.parent_segment_id.as_ref() == Some(&id)) {
        return Err(Refusal::conflict("the segment is the root, or has segments below it"));
    }
    books.remove("segments", &id)?;
    Ok(StatusCode::OK)
}

/// When strict, the parent must be there and not below the segment itself, nor below its own self: what was laid
/// down by hand may be.
fn check_parent(books: &Books, body: &Body, id: Option<&str>, is_strict: bool) -> Result<(), Refusal> {
    let mut seen: BTreeSet<_> = id.map(str::to_owned).into_iter().collect();
    let mut above = body.parent_segment_id.clone();
    while let Some(parent) = above.filter(|_| is_strict) {
        if !seen.insert(parent.clone()) {
            return Err(Refusal::conflict("a segment cannot be below itself"));
        }
        let found = find(books, &parent);
        above = found.map_err(|_| Refusal::malformed("there is no such parent segment"))?.parent_segment_id;
    }
    Ok(())
}
