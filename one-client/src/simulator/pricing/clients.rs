//! Who has which price lists, and groups of clients.

use super::pricings;
use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

const GROUPS: &str = "client-groups";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientToPricing {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_group_id: Option<String>,
    pricing_id: String,
}

fn check_group(call: &Call, books: &Books, group: &str) -> Result<(), Refusal> {
    if call.is_strict() && books.raw(GROUPS, group).is_none() {
        return Err(Refusal::not_found(&format!("client group {group}")));
    }
    Ok(())
}

/// `PUT /clients-to-pricings` (*example only*). A line adds a list to what the client or group has (*inferred*).
pub(super) async fn put_pricings(call: Call) -> Result<StatusCode, Refusal> {
    let lines: Vec<ClientToPricing> = call.read_lines()?;
    let mut books = call.books();
    pricings::check(&call, &books, lines.iter().map(|line| line.pricing_id.as_str()))?;
    let keyed = lines.into_iter().map(|line| {
        let key = match (&line.client_id, &line.client_group_id) {
            (Some(client), None) => format!("clientId:{client}|{}", line.pricing_id),
            (None, Some(group)) => {
                check_group(&call, &books, group)?;
                format!("clientGroupId:{group}|{}", line.pricing_id)
            }
            _ => return Err(Refusal::malformed("exactly one of clientId and clientGroupId must be set")),
        };
        Ok((key, line))
    });
    let keyed = keyed.collect::<Result<Vec<_>, Refusal>>()?;
    books.put_all("clients-to-pricings", keyed)?;
    Ok(StatusCode::OK)
}

#[derive(Deserialize)]
struct NewGroup {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    client_group_id: String,
    name: String,
}

/// `POST /client-group`: answers `{clientGroupId, name}`, as the prose promises (quirk Q5).
pub(super) async fn post_group(call: Call) -> Result<Json<Group>, Refusal> {
    let NewGroup { name } = call.read()?;
    let mut books = call.books();
    let group = Group { client_group_id: books.new_id()?, name };
    books.put(GROUPS, &group.client_group_id, &group)?;
    Ok(Json(group))
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientToGroup {
    client_id: String,
    client_group_id: String,
}

/// `PUT /client-to-groups`. A line adds a client to a group (*inferred*).
pub(super) async fn put_groups(call: Call) -> Result<StatusCode, Refusal> {
    let lines: Vec<ClientToGroup> = call.read_lines()?;
    let mut books = call.books();
    lines.iter().try_for_each(|line| check_group(&call, &books, &line.client_group_id))?;
    let keyed = lines.into_iter().map(|line| (format!("{}|{}", line.client_id, line.client_group_id), line));
    books.put_all("client-to-groups", keyed)?;
    Ok(StatusCode::OK)
}
