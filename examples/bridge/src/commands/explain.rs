use std::fmt;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use sync_core::{Explanation, Key, Reason};

use super::Clean;
use crate::error::{Error, Result};
use crate::output::{instant, print};
use crate::session::{Needs, Session, Systems};
use crate::shapes::{Doubt, Turned};

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The record's key, as rejects and plans show it.
    key: String,
    /// Only this flow: `stock`, or `shop/stock`.
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
    #[command(flatten)]
    systems: Systems,
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    key: &'a str,
    known: Vec<Known<'a>>,
}

#[derive(Debug, Serialize)]
struct Known<'a> {
    flow: &'a str,
    part: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Sent<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reject: Option<Turned<'a>>,
    held: bool,
    acts: Vec<Doubt<'a>>,
}

#[derive(Debug, Serialize)]
struct Sent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    target_id: Option<&'a str>,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapping: Option<u32>,
    missing_in_passes: u8,
}

impl Explain {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::StoreAlone).await?;
        let flows = match &self.flow {
            Some(name) => vec![session.flow(name)?.1],
            None => {
                session.tenants().iter().flat_map(|tenant| tenant.flows()).map(|(_, flow)| flow).collect()
            }
        };
        let key = Key::from(self.key.as_str());
        let mut explained = Vec::new();
        for flow in flows {
            let told = flow.explain(&key).await;
            explained.extend(told.map_err(|error| Error::engine("the record cannot be explained", error))?);
        }
        let told = Told { key: &self.key, known: explained.iter().map(Known::of).collect() };
        print(&told, json)?;
        let clean = told.known.iter().all(|known| known.reject.is_none());
        session.close().await;
        Ok(Clean::if_(clean))
    }
}

impl<'a> Known<'a> {
    fn of(explanation: &'a Explanation) -> Self {
        let sent = explanation.sent.as_ref().map(|origin| Sent {
            target_id: origin.sent.target_id.as_ref().map(|id| id.as_str()),
            fingerprint: origin
                .sent
                .fingerprint
                .as_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            at: origin.sent_at,
            run: origin.by.as_ref().map(|by| by.run.as_str()),
            mapping: origin.by.as_ref().map(|by| by.mapping),
            missing_in_passes: origin.sent.absences,
        });
        Self {
            flow: explanation.part.flow().as_str(),
            part: explanation.part.name(),
            sent,
            reject: explanation.reject.as_ref().map(Turned::of),
            held: explanation.is_held(),
            acts: explanation.acts.iter().map(Doubt::of).collect(),
        }
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.known.is_empty() {
            return write!(
                f,
                "{}: no flow has sent it or turned it away: it was never seen, is left out, or was removed",
                self.key
            );
        }
        for Known { flow, part, sent, reject, acts, .. } in &self.known {
            let part = if part.is_empty() { String::new() } else { format!(" ({part})") };
            writeln!(f, "{flow}{part}, {}:", self.key)?;
            match sent {
                None if reject.as_ref().is_some_and(|it| it.reason == Reason::REMOVAL_NOT_SUPPORTED) => {
                    writeln!(
                        f,
                        "  what was sent of it before is still there: the other system takes none away, a person has to"
                    )?
                }
                None => writeln!(f, "  nothing was sent of it")?,
                Some(sent) => {
                    write!(f, "  sent")?;
                    if let Some(at) = sent.at {
                        write!(f, " at {}", instant(at))?;
                    }
                    if let Some(run) = sent.run {
                        write!(f, " by run {run}")?;
                    }
                    if let Some(id) = sent.target_id {
                        write!(f, ", there it is {id}")?;
                    }
                    writeln!(f, ", fingerprint {}", sent.fingerprint)?;
                    if sent.missing_in_passes > 0 {
                        writeln!(f, "  missing in the last {} full passes", sent.missing_in_passes)?;
                    }
                }
            }
            if let Some(reject) = reject {
                let held = if reject.stage == "brake" { "held back" } else { "turned away" };
                write!(f, "  {held} since {}: {}", instant(reject.first_seen), reject.reason)?;
                match reject.detail {
                    Some(detail) => writeln!(f, " ({detail})")?,
                    None => writeln!(f)?,
                }
            }
            for act in acts {
                write!(f, "  act {} {}", act.name, act.state)?;
                if let Some(document) = act.document {
                    write!(f, ", document {document}")?;
                }
                if let Some(number) = act.number {
                    write!(f, ", number {number}")?;
                }
                if let Some(reason) = act.reason {
                    write!(f, ": {reason}")?;
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sync_core::{FlowName, NewReject, Part, Reject, RejectStage};

    use super::*;

    #[test]
    fn what_the_other_system_cannot_take_away_is_told_to_be_still_there() {
        let part = Part::whole(&FlowName::new("demo/retail-prices").unwrap());
        let told = |code: &'static str| {
            let new = NewReject::new(Key::from("A1"), RejectStage::Sink, Reason::new(code));
            let reject = Reject::new(part.clone(), new, DateTime::UNIX_EPOCH);
            let reject = Some(Turned::of(&reject));
            let known = Known {
                flow: "demo/retail-prices",
                part: "",
                sent: None,
                reject,
                held: false,
                acts: Vec::new(),
            };
            Told { key: "A1", known: vec![known] }.to_string()
        };
        let removed = told(Reason::REMOVAL_NOT_SUPPORTED);
        assert!(removed.contains("what was sent of it before is still there"), "{removed}");
        assert!(!removed.contains("nothing was sent"), "{removed}");
        assert!(told("invalid").contains("nothing was sent of it"));
    }
}
