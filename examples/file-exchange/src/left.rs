//! What is left for a later run or a person, and what a person says of it.

use std::fmt;

use sync_core::{
    ActFilter, ActState, ActStatus, Error, ErrorKind, Flow, Held, OpKey, Reason, Reject, RejectFilter,
    RejectStage, Result, Verdict,
};

use crate::Exchange;

/// How many of each sort are listed.
const LISTED: usize = 50;

/// Who is kept as the one who decided: whoever calls the program.
const PERSON: &str = "file-exchange";

/// One thing that is left: which, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Left {
    /// The record's flow and key, the order's name, or the flow that holds something back.
    pub what: String,
    /// Why, with the other system's own words: for a person's eyes.
    pub why: String,
    /// What to do about it.
    pub what_to_do: String,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  → {}", self.what, self.why, self.what_to_do)
    }
}

impl Exchange {
    /// What waits for a later run or a person, the oldest first, at most 50 of each sort; nothing if all is done.
    ///
    /// # Errors
    /// Kind `Store`.
    pub async fn left(&self) -> Result<Vec<Left>> {
        let mut left = Vec::new();
        for flow in [&self.orders, &self.stock, &self.retail_prices] {
            let parts = flow.status().await?.parts.into_iter();
            left.extend(parts.filter_map(|part| part.held).map(|held| held_back(flow, &held)));
        }
        let rejects = self.store.rejects(&RejectFilter::all().limit(LISTED)).await?;
        let rejects = rejects.iter().filter(|reject| reject.stage != RejectStage::Brake);
        left.extend(rejects.map(|reject| self.rejected(reject)));
        let acts = ActFilter::open().limit(LISTED);
        left.extend(self.store.acts(&acts).await?.iter().map(order));
        let acts = ActFilter::all().states([ActState::Rejected]).limit(LISTED);
        let refused = self.store.acts(&acts).await?.into_iter();
        let given_up =
            |act: &ActStatus| act.reason.as_ref().is_some_and(|why| why.code() == Reason::GIVEN_UP);
        left.extend(refused.filter(|act| !given_up(act)).map(|act| order(&act)));
        Ok(left)
    }

    /// Lets go what a flow holds back under this token, with its next run.
    ///
    /// # Errors
    /// Kind `NotFound` if nothing is held under it.
    pub async fn approve(&self, token: &str) -> Result<()> {
        let mut done = Err(Error::bug("there is no flow"));
        for flow in [&self.orders, &self.stock, &self.retail_prices] {
            done = flow.approve(token, PERSON, "--approve").await;
            if !done.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
                break;
            }
        }
        done
    }

    /// A person has seen to the record of this key, or to the order of this name: it is listed no more.
    ///
    /// # Errors
    /// Kind `NotFound` without such an entry, `Conflict` if the order's file is written, or being written.
    pub async fn forget(&self, key: &str) -> Result<()> {
        let name = OpKey::from(key);
        match self.store.resolve(&name, &Verdict::GivenUp, PERSON, "--forget").await {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            done => return done,
        }
        match self.store.drop_rejects(&RejectFilter::all().key(key)).await? {
            0 => Err(Error::new(ErrorKind::NotFound, "nothing is left under this key")
                .with_task("run once without --forget: what is left is listed at the end")),
            _ => Ok(()),
        }
    }

    fn rejected(&self, reject: &Reject) -> Left {
        let key = &reject.key;
        let is_order = reject.part.flow() == self.orders.flow_name();
        let what_to_do = match (is_order, reject.reason.code()) {
            _ if reject.reason.waits_for().is_some() => "nothing: a later run decides".to_owned(),
            (true, Reason::CHANGED_AFTER_TRANSFER) => {
                format!(
                    "its file was written before the change: correct the order in the ERP, then run with --forget {key}"
                )
            }
            (true, Reason::WITHDRAWN_AFTER_TRANSFER) => {
                format!(
                    "its file was written before it was cancelled: cancel the order in the ERP, then run with --forget {key}"
                )
            }
            (true, _) => format!(
                "correct the order on the portal; or enter it in the ERP, then run with --forget {key}"
            ),
            (false, _) => "correct it in the ERP; the next export is read as a whole".to_owned(),
        };
        Left { what: format!("{} {key}", reject.part.flow()), why: told(Some(&reject.reason)), what_to_do }
    }
}

fn held_back(flow: &Flow, held: &Held) -> Left {
    Left {
        what: format!("{} holds back", flow.flow_name()),
        why: format!(
            "{} removals, {} stocks that become 0, {} rejects, of {} records",
            held.removals, held.emptyings, held.rejects, held.of
        ),
        what_to_do: format!(
            "look whether the export is whole; if it is right, run with --approve {}",
            held.token
        ),
    }
}

fn order(act: &ActStatus) -> Left {
    let name = &act.act.op_key;
    let what_to_do = match act.state {
        ActState::Ready | ActState::Sending | ActState::InDoubt => {
            "nothing: the next run goes on with it".to_owned()
        }
        _ => format!("enter the order in the ERP, then run with --forget {name}"),
    };
    Left { what: format!("{name} {}", act.state.as_str()), why: told(act.reason.as_ref()), what_to_do }
}

fn told(reason: Option<&Reason>) -> String {
    let Some(reason) = reason else { return "not done yet".to_owned() };
    reason.detail().map_or_else(|| reason.to_string(), |detail| format!("{reason} ({detail})"))
}
