//! Names that make a write be refused.

use super::SimulatorError;
use super::refusal::Refusal;
use axum::http::StatusCode;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Why a name is refused. Each has its own list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Because {
    /// 400.
    UnknownProduct,
    /// 404, "client not found".
    UnknownClient,
    /// The test says so.
    Told(StatusCode),
}

impl Because {
    /// As a test wishes.
    pub(super) fn told(status: u16) -> Result<Self, SimulatorError> {
        match StatusCode::from_u16(status) {
            Ok(status) if status.is_client_error() || status.is_server_error() => Ok(Self::Told(status)),
            _ => Err(SimulatorError::new(format!("{status} does not refuse; give a status from 400 to 599"))),
        }
    }

    fn refusal(self, name: &str) -> Refusal {
        match self {
            Self::UnknownProduct => {
                Refusal::new(StatusCode::BAD_REQUEST, "UNKNOWN_PRODUCT", format!("unknown product {name}"))
            }
            Self::UnknownClient => Refusal::not_found("client"),
            Self::Told(status) => Refusal::new(status, "REFUSED", format!("{name} is refused")),
        }
    }
}

/// The lists of refused names.
#[derive(Debug, Default)]
pub(super) struct Refused(BTreeMap<Because, BTreeSet<String>>);

impl Refused {
    /// Replaces a list.
    pub(super) fn set(&mut self, because: Because, mut names: BTreeSet<String>) {
        if because == Because::UnknownClient {
            // Some paths want the id without its prefix.
            let bare = |name: &String| {
                name.strip_prefix("org:").or_else(|| name.strip_prefix("ind:")).map(str::to_owned)
            };
            names.extend(names.iter().filter_map(bare).collect::<Vec<_>>());
        }
        self.0.insert(because, names);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.values().all(BTreeSet::is_empty)
    }

    /// Refuses if this is one of the names.
    pub(super) fn check(&self, name: &str) -> Result<(), Refusal> {
        match self.0.iter().find(|(_, names)| names.contains(name)) {
            Some((because, _)) => Err(because.refusal(name)),
            None => Ok(()),
        }
    }

    /// Refuses if a text of this JSON, at any depth, is one of the names. Names of fields are not looked at.
    pub(super) fn check_json(&self, json: &Value) -> Result<(), Refusal> {
        match json {
            Value::String(text) => self.check(text),
            Value::Array(items) => items.iter().try_for_each(|item| self.check_json(item)),
            Value::Object(fields) => fields.values().try_for_each(|value| self.check_json(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }
}
