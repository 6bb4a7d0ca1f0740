//! The older MethodInvoker, with one published service: `ITowarAPI` of the vendor's own sample.
//!
//! An exception is an answer 200, wrong credentials included (*inferred*). `NazwaMagazynu` is a warehouse's symbol, as
//! simulated warehouses have no other name. `UtworzTowar` is missing.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{Shared, catalogue::Towar, company::Company, number};

const SERVICE: &str = "WebApiService.Interfaces.ITowarAPI, WebApiService";

/// Who may call.
#[derive(Clone)]
pub(super) struct Operator {
    pub(super) name: String,
    pub(super) password: SecretString,
}

pub(super) fn routes(operator: Option<Operator>) -> Router<Shared> {
    let Some(operator) = operator else { return Router::new() };
    let invoke =
        move |State(shared): State<Shared>, body: Bytes| async move { invoke(&shared, &operator, &body) };
    Router::new().route("/api/MethodInvoker/InvokeServiceMethod", post(invoke))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Call {
    database_handle: String,
    operator: String,
    password: String,
    service_name: String,
    method_name: String,
    method_args: Box<RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TowarInfo {
    #[serde(rename = "EAN")]
    ean: String,
    #[serde(rename = "NazwaMagazynu")]
    nazwa_magazynu: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NazwaTowaru {
    #[serde(rename = "EAN")]
    ean: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TowarModel<'a> {
    kod: &'a str,
    #[serde(rename = "EAN")]
    ean: &'a str,
    nazwa: &'a str,
    #[serde(with = "number")]
    stan: Decimal,
    jednostka: &'a str,
    #[serde(with = "number")]
    cena: Decimal,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    is_exception: bool,
    exception_message: Option<String>,
    is_empty: bool,
    result_instance: Option<Box<RawValue>>,
}

enum Failure {
    Exception(String),
    Arguments(serde_json::Error),
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Arguments(error)
    }
}

fn invoke(shared: &Shared, operator: &Operator, body: &[u8]) -> Response {
    let call: Call = match serde_json::from_slice(body) {
        Ok(call) => call,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let company = shared.company();
    let known = call.operator == operator.name
        && call.password == operator.password.expose_secret()
        && call.database_handle == company.baza_nazwa;
    let outcome = if known {
        run(&company, &call)
    } else {
        Err(Failure::Exception("Nieprawidłowa baza danych, operator lub hasło.".to_owned()))
    };
    let (exception, result) = match outcome {
        Ok(result) => (None, result),
        Err(Failure::Exception(message)) => (Some(message), None),
        Err(Failure::Arguments(error)) => {
            return (StatusCode::BAD_REQUEST, error.to_string()).into_response();
        }
    };
    Json(Answer {
        is_exception: exception.is_some(),
        exception_message: exception,
        is_empty: result.is_none(),
        result_instance: result,
    })
    .into_response()
}

/// What the method returns; nothing where it knows no such good.
fn run(company: &Company, call: &Call) -> Result<Option<Box<RawValue>>, Failure> {
    if call.service_name != SERVICE {
        return Err(Failure::Exception(format!("Usługa {} nie jest opublikowana.", call.service_name)));
    }
    let args = call.method_args.get();
    match call.method_name.as_str() {
        "TowarInfo" => {
            let TowarInfo { ean, nazwa_magazynu } = serde_json::from_str(args)?;
            let magazyn = company.catalogue.place_of_magazyn(&nazwa_magazynu);
            let magazyn =
                magazyn.ok_or_else(|| Failure::Exception(format!("Nie ma magazynu {nazwa_magazynu}.")))?;
            let Some((place, towar)) = by_ean(company, &ean) else { return Ok(None) };
            let model = TowarModel {
                kod: &towar.kod,
                ean: &ean,
                nazwa: &towar.nazwa,
                stan: company.stock(place, magazyn).0,
                jednostka: company.catalogue.words.word(towar.jednostka),
                cena: towar.cena.map_or(Decimal::ZERO, |cena| cena.netto),
            };
            Ok(Some(to_raw_value(&model)?))
        }
        "NazwaTowaru" => {
            let NazwaTowaru { ean } = serde_json::from_str(args)?;
            Ok(by_ean(company, &ean).map(|(_, towar)| to_raw_value(&towar.nazwa)).transpose()?)
        }
        other => Err(Failure::Exception(format!("Usługa {SERVICE} nie ma metody {other}."))),
    }
}

fn by_ean<'a>(company: &'a Company, ean: &str) -> Option<(usize, &'a Towar)> {
    company.catalogue.towary.iter().enumerate().find(|(_, towar)| towar.ean.as_deref() == Some(ean))
}
