//! AltOne's envelope around answers and refusals.

use axum::routing::MethodRouter;
use serde::{Serialize, de::DeserializeOwned};

use crate::simulator::{
    Shared, answer,
    answer::{Failure, Outcome, written},
    company::Company,
};

/// An answer with what every answer has.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Koperta<T> {
    #[serde(flatten)]
    answer: T,
    success: bool,
    description: Option<String>,
    errors: Option<Vec<Blad>>,
    warnings: Option<[u8; 0]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Blad {
    source: &'static str,
    r#type: &'static str,
    message: String,
    stack_trace: &'static str,
}

#[derive(Debug, Serialize)]
struct Nothing {}

/// Writes an answer of a call that succeeded.
pub(super) fn answer(answer: &impl Serialize) -> Outcome {
    written(&Koperta { answer, success: true, description: None, errors: None, warnings: None })
}

/// `UpdateResult`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Zapisano<'a> {
    #[serde(rename = "ID")]
    pub(super) id: Option<i32>,
    pub(super) kod: Option<&'a str>,
    pub(super) test_mode: bool,
}

/// Packet size when none is asked for.
const PACKET: usize = 200;

/// A packet, as all lists have it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Packet<R> {
    pub(super) all_rows: bool,
    #[serde(rename = "LastID")]
    pub(super) last_id: i32,
    pub(super) to_read_records: usize,
    pub(super) read_records: usize,
    pub(super) data: Vec<R>,
}

impl<R> Packet<R> {
    /// The first rows of all that are waiting, each with its ID, by which they are ordered, and what it is written from.
    pub(super) fn of<T>(
        waiting: impl Iterator<Item = (i32, T)>,
        last_id: Option<i32>,
        packet_size: Option<i32>,
        most: usize,
        row: impl Fn(T) -> R,
    ) -> Self {
        let last_id = last_id.unwrap_or(0).max(0);
        let size = packet_size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
        let mut waiting = waiting.skip_while(|(id, _)| *id <= last_id);
        let rows: Vec<(i32, T)> = waiting.by_ref().take(size.unwrap_or(PACKET).min(most)).collect();
        let left = waiting.count();
        Self {
            all_rows: left == 0,
            last_id: rows.last().map_or(last_id, |(last, _)| *last),
            to_read_records: left,
            read_records: rows.len(),
            data: rows.into_iter().map(|(_, of)| row(of)).collect(),
        }
    }
}

/// A route as all others have it, whose refusals look like AltOne's: .NET exceptions.
pub(super) fn method<Q, F>(run: F) -> MethodRouter<Shared>
where
    Q: DeserializeOwned + Send + 'static,
    F: Fn(&mut Company, Q) -> Outcome + Clone + Send + Sync + 'static,
{
    answer::method(move |company, question| match run(company, question) {
        Err(Failure::Refused(errors)) => {
            let errors: Vec<Blad> = errors
                .into_iter()
                .map(|error| Blad {
                    source: "AltOne.WebAPI",
                    r#type: error.net_type(),
                    message: error.message,
                    stack_trace: "   at AltOne.WebAPI.Service.Run()",
                })
                .collect();
            let description = errors.first().map(|error| error.message.clone());
            let answer = Nothing {};
            written(&Koperta { answer, success: false, description, errors: Some(errors), warnings: None })
        }
        other => other,
    })
}
