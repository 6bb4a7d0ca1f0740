//! Clients. No JSON of them was seen: names are those of the glossary and, after the letter C, of another
//! contract of the vendor's (*inferred*, as the client's). A write replaces all fields.

use super::{Event, addresses, check_client, segments};
use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::feed::FeedAnswer;
use crate::simulator::page::ListElement;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    client_id: Option<String>,
    external_id: Option<String>,
    name: Option<String>,
    tin: Option<String>,
    phone: Option<String>,
    segment_id: Option<String>,
    warehouse_id: Option<String>,
    account_type: Option<AccountType>,
    account_manager_id: Option<String>,
    additional_fields: Option<Box<RawValue>>,
    address: Option<Address>,
    admin: Option<Admin>,
    bank_account_number: Option<String>,
    business_registration_number: Option<String>,
    client_status: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum AccountType {
    Client,
    Supplier,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    pub(super) external_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) street: Option<String>,
    pub(super) city: Option<String>,
    pub(super) zip_code: Option<String>,
    pub(super) country: Option<String>,
    pub(super) phone: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Admin {
    email: Option<String>,
    name: Option<String>,
    phone: Option<String>,
}

/// The answer to a create, which is not documented.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    client_id: String,
}

/// In pages of style P2, as users; how clients are paged is not documented.
pub(super) async fn list(call: Call) -> Result<Json<ListElement<Box<RawValue>>>, Refusal> {
    let given = call.parameters(&[], &["pageNumber", "pageSize"])?;
    Ok(given.page(call.books().values("clients")?)?.list_element())
}

pub(super) async fn create(call: Call) -> Result<Json<Created>, Refusal> {
    let client: Client = call.read()?;
    let mut books = call.books();
    check(&client, &books, call.is_strict())?;
    if client.client_id.is_some() {
        return Err(Refusal::malformed("clientId is assigned, not given"));
    }
    // Which of the two a client is must be told somehow; a tax number is the likeliest way.
    let kind = if client.tin.as_deref().unwrap_or_default().is_empty() { "ind" } else { "org" };
    let client_id = format!("{kind}:{}", books.new_id()?);
    save(&mut books, &client_id, client)?;
    Ok(Json(Created { client_id }))
}

pub(super) async fn get(Path(id): Path<String>, call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    call.parameters(&[], &[])?;
    call.books().find("clients", &id, "client").map(Json)
}

pub(super) async fn update(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let client: Client = call.read()?;
    let mut books = call.books();
    check_client(&books, &id)?;
    check(&client, &books, call.is_strict())?;
    if client.client_id.as_ref().is_some_and(|given| *given != id) {
        return Err(Refusal::malformed("clientId is another one than the path's"));
    }
    save(&mut books, &id, client)?;
    Ok(StatusCode::OK)
}

/// With it goes what belongs to it.
pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Owned {
        client_id: Option<String>,
    }
    call.parameters(&[], &[])?;
    let mut books = call.books();
    check_client(&books, &id)?;
    for shelf in ["users", "addresses", "roles"] {
        let owned = books.all::<Owned>(shelf)?.into_iter();
        let owned = owned.filter(|(_, record)| record.client_id.as_ref() == Some(&id));
        for (key, _) in owned {
            books.remove(shelf, &key)?;
        }
    }
    books.remove("client-blockades", &id)?;
    books.remove("trade-credits", &id)?;
    books.remove("clients", &id)?;
    books.tell("clients", &Event { client_id: &id, kind: "DELETE" })?;
    Ok(StatusCode::OK)
}

pub(super) async fn synchronization(call: Call) -> Result<Json<FeedAnswer>, Refusal> {
    let given = call.parameters(&["startId"], &["contexts"])?;
    given.feed(&call.books(), "clients", |_| true)
}

/// One billing address is obligatory (*documented*).
fn check(client: &Client, books: &Books, is_strict: bool) -> Result<(), Refusal> {
    if !is_strict {
        return Ok(());
    }
    if client.address.is_none() {
        return Err(Refusal::malformed("address is required: one billing address is obligatory"));
    }
    match &client.segment_id {
        Some(segment) if segments::find(books, segment).is_err() => {
            Err(Refusal::malformed("there is no such segment"))
        }
        _ => Ok(()),
    }
}

fn save(books: &mut Books, id: &str, mut client: Client) -> Result<(), Refusal> {
    client.client_id = Some(id.to_owned());
    let is_new = books.raw("clients", id).is_none();
    books.put("clients", id, &client)?;
    addresses::save_billing(books, id, is_new, client.address.unwrap_or_default())?;
    // One word for both, as with trade credits.
    books.tell("clients", &Event { client_id: id, kind: "UPDATE" })?;
    Ok(())
}
