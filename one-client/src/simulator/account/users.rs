//! Users. Rows are known from an example; what a write needs and answers is *inferred*. A write replaces all fields.

use super::check_client;
use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::page::ListElement;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    id: String,
    organization_id: Option<String>,
    client_id: String,
    email: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    role: Option<Role>,
    is_active: bool,
    agreements: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Role {
    id: String,
    organization_id: Option<String>,
    client_id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    client_id: String,
    email: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    role_id: Option<String>,
}

impl Body {
    /// The client must be there, and the role one that it may have.
    fn with_id(self, id: String, books: &Books) -> Result<User, Refusal> {
        let Self { client_id, email, name, phone, role_id } = self;
        check_client(books, &client_id)?;
        let role: Option<Role> = role_id
            .map(|role| books.get("roles", &role)?.ok_or_else(|| Refusal::not_found("role")))
            .transpose()?;
        if role.as_ref().and_then(|role| role.client_id.as_ref()).is_some_and(|owner| *owner != client_id) {
            return Err(Refusal::conflict("the role is another client's"));
        }
        let organization_id = client_id.strip_prefix("org:").map(str::to_owned);
        let (is_active, agreements) = (true, Vec::new());
        Ok(User { id, organization_id, client_id, email, name, phone, role, is_active, agreements })
    }
}

pub(super) async fn list(call: Call) -> Result<Json<ListElement<Box<RawValue>>>, Refusal> {
    let given = call.parameters(&[], &["pageNumber", "pageSize"])?;
    Ok(given.page(call.books().values("users")?)?.list_element())
}

pub(super) async fn create(call: Call) -> Result<Json<User>, Refusal> {
    let body: Body = call.read()?;
    let mut books = call.books();
    let id = books.new_id()?;
    let user = body.with_id(id, &books)?;
    books.put("users", &user.id, &user)?;
    Ok(Json(user))
}

pub(super) async fn get(Path(id): Path<String>, call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    call.parameters(&[], &[])?;
    call.books().find("users", &id, "user").map(Json)
}

pub(super) async fn update(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let body: Body = call.read()?;
    let mut books = call.books();
    let before: User = books.find("users", &id, "user")?;
    let user =
        User { is_active: before.is_active, agreements: before.agreements, ..body.with_id(id, &books)? };
    books.put("users", &user.id, &user)?;
    Ok(StatusCode::OK)
}

pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    call.parameters(&[], &[])?;
    match call.books().remove("users", &id)? {
        true => Ok(StatusCode::OK),
        false => Err(Refusal::not_found("user")),
    }
}
