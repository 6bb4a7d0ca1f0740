//! Answers of controllers: rows, refusals inside a 200, and the frame that turns a function into a route.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Shared, company::Company, error::SimulatorError};

/// One reason of a refusal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Blad {
    kod: &'static str,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lp: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pole: Option<&'static str>,
}

impl Blad {
    pub(super) fn new(kod: &'static str, pole: &'static str, message: impl Into<String>) -> Self {
        Self { kod, message: message.into(), lp: None, pole: Some(pole) }
    }

    pub(super) fn missing(pole: &'static str) -> Self {
        Self::new("BledneDane", pole, format!("Pole {pole} jest wymagane."))
    }

    pub(super) fn invalid(pole: &'static str, message: impl Into<String>) -> Self {
        Self::new("BledneDane", pole, message)
    }

    pub(super) fn not_found(pole: &'static str, message: impl Into<String>) -> Self {
        Self::new("NieZnaleziono", pole, message)
    }

    /// What a platform that throws exceptions calls it.
    pub(super) fn net_type(&self) -> &'static str {
        match self.kod {
            "NieZnaleziono" => "Soneta.Business.RowNotFoundException",
            "Konflikt" => "Soneta.Business.DuplicatedRowException",
            _ => "System.ArgumentException",
        }
    }

    pub(super) fn in_line(mut self, lp: usize) -> Self {
        self.lp = Some(lp);
        self
    }
}

/// Why a call has no rows to show.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(Vec<Blad>),
    Broken(SimulatorError),
}

impl From<Blad> for Failure {
    fn from(blad: Blad) -> Self {
        Self::Refused(vec![blad])
    }
}

impl From<SimulatorError> for Failure {
    fn from(error: SimulatorError) -> Self {
        Self::Broken(error)
    }
}

/// A finished answer, written while the company was at hand.
pub(super) type Outcome = Result<Vec<u8>, Failure>;

/// Writes an answer.
pub(super) fn written(answer: &impl Serialize) -> Outcome {
    serde_json::to_vec(answer).map_err(|error| {
        Failure::Broken(SimulatorError::state_file("the answer cannot be written").because(error))
    })
}

/// `{Success, Pozycje, Koniec}` and, on snapshots, `PoId`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rows<R> {
    success: bool,
    pozycje: Vec<R>,
    koniec: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    po_id: Option<i32>,
}

impl<R> Rows<R> {
    pub(super) fn all(pozycje: Vec<R>) -> Self {
        Self { success: true, pozycje, koniec: true, po_id: None }
    }

    pub(super) fn snapshot(pozycje: Vec<R>, koniec: bool, po_id: i32) -> Self {
        Self { success: true, pozycje, koniec, po_id: Some(po_id) }
    }
}

/// A page of a change list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Changes<R> {
    pub(super) success: bool,
    pub(super) czas_serwera: String,
    pub(super) pozycje: Vec<R>,
    pub(super) koniec: bool,
    pub(super) zmienione_po: Option<String>,
    pub(super) po_id: Option<i32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Odmowa {
    success: bool,
    errors: Vec<Blad>,
}

/// A route that reads one JSON object, asks the company and answers. Unlike a real server it does not ignore fields that it does
/// not know: a misspelt name is an error that a test should see.
pub(super) fn method<Q, F>(run: F) -> MethodRouter<Shared>
where
    Q: DeserializeOwned + Send + 'static,
    F: Fn(&mut Company, Q) -> Outcome + Clone + Send + Sync + 'static,
{
    post(move |State(shared): State<Shared>, headers: HeaderMap, body: Bytes| {
        let run = run.clone();
        async move {
            let kind =
                headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if !kind.contains("json") {
                return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
            }
            match serde_json::from_slice::<Q>(&body) {
                Ok(question) => respond(run(&mut shared.company(), question)),
                Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
            }
        }
    })
}

fn respond(outcome: Outcome) -> Response {
    let body = match outcome {
        Ok(body) => Ok(body),
        Err(Failure::Refused(errors)) => {
            serde_json::to_vec(&Odmowa { success: false, errors }).map_err(|error| error.to_string())
        }
        Err(Failure::Broken(error)) => Err(error.to_string()),
    };
    match body {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response(),
        Err(message) => (StatusCode::INTERNAL_SERVER_ERROR, message).into_response(),
    }
}
