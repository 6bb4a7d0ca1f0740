//! What a person may have a flow read again.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;

use super::lane::Lane;
use super::{Error, ErrorKind, Flow, Result};
use crate::cursor::Keyset;
use crate::source::SourceKind;
use crate::store::{Command, Order};

/// Where the live cycle goes back to: see [`Flow::rewind`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rewind {
    /// A cursor of the source as JSON; `None` is the start.
    cursor: Option<String>,
    part: Option<String>,
}

impl Rewind {
    /// To the start: everything is read again.
    #[must_use]
    pub fn to_start() -> Self {
        Self { cursor: None, part: None }
    }

    /// To a cursor of the source's own type.
    ///
    /// # Errors
    /// [`Bug`](ErrorKind::Bug) if it does not serialise.
    pub fn to_cursor<C: Serialize + ?Sized>(cursor: &C) -> Result<Self> {
        let json = serde_json::to_string(cursor).map_err(|_| Error::bug("a cursor does not serialise"))?;
        Ok(Self { cursor: Some(json), part: None })
    }

    /// To an instant, of a [`KeysetSource`](crate::KeysetSource): what was committed at the source since then, less its overlap,
    /// is read again.
    ///
    /// # Errors
    /// [`Bug`](ErrorKind::Bug), never to be seen.
    pub fn to_instant(instant: DateTime<Utc>) -> Result<Self> {
        Self::to_cursor(&Keyset::at(instant))
    }

    /// Only this part of a flow [over parts](Flow::over_parts).
    #[must_use]
    pub fn of_part(mut self, name: impl Into<String>) -> Self {
        self.part = Some(name.into());
        self
    }
}

impl Flow {
    /// Asks for a full pass now, whatever the [settings](crate::FlowSettings::full_pass) say: it begins with the flow's next
    /// step, or after the full pass that is under way by then. It sends what differs, and has a position of its own: the live
    /// cycle goes on before each part of it, from where it is. A pass that the source cuts short begins again.
    ///
    /// It may be called in another process than the one that works on the flow. Of a source that cannot list everything, the
    /// step that takes it up fails once with [`Config`](ErrorKind::Config).
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if nothing of the flow was read yet: then everything will be.
    /// [`Conflict`](ErrorKind::Conflict) if an earlier command to a part was not taken up yet; the other parts have got this
    /// one.
    pub async fn backfill(&self, by: &str, reason: &str) -> Result<()> {
        self.command(None, Order::Backfill, by, reason).await
    }

    /// Sets the live cycle back: with its next step the flow reads from there. What is unchanged since it was sent is not sent
    /// again. This alone makes a position go back; who did it and why stays with the
    /// [part](crate::PartReport::command).
    ///
    /// Only a cursor at which the flow has been is safe: what lies between its position and a later one would be skipped.
    ///
    /// It may be called in another process than the one that works on the flow.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) of a snapshot, which reads everything anyhow; [`Invalid`](ErrorKind::Invalid) if
    /// it is no cursor of the source; else as [`backfill`](Self::backfill).
    pub async fn rewind(&self, to: Rewind, by: &str, reason: &str) -> Result<()> {
        let Rewind { cursor, part } = to;
        if cursor.as_ref().is_some_and(|json| !self.pipeline.reads_cursor(json)) {
            return Err(Error::invalid("this is no cursor of the flow's source"));
        }
        self.command(part.as_deref(), Order::Rewind(cursor), by, reason).await
    }

    async fn command(&self, only: Option<&str>, order: Order, by: &str, reason: &str) -> Result<()> {
        let mut parts = self.store.parts(&self.name).await?;
        parts.retain(|status| only.is_none_or(|name| name == status.part.name()));
        if parts.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "nothing was read yet"));
        }
        let is_rewind = matches!(order, Order::Rewind(_));
        if is_rewind
            && parts.iter().any(|status| self.pipeline.source_of(&status.part).kind == SourceKind::Snapshot)
        {
            return Err(Error::new(ErrorKind::Unsupported, "a snapshot has no live position"));
        }
        let command = Command::new(order, by, reason, self.store.now().await?);
        let mut refused = None;
        for status in &parts {
            match self.store.command(&status.part, &command).await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Conflict => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        refused.map_or(Ok(()), Err)
    }
}

impl Lane<'_> {
    /// Takes a command up, in a commit of its own.
    pub(crate) async fn take_up(&mut self, command: Command) -> Result<()> {
        let mut state = self.state.clone();
        match &command.order {
            Order::Backfill => state.backfill = true,
            Order::Rewind(None) => state.cursor = None,
            Order::Rewind(Some(json)) => {
                let cursor = RawValue::from_string(json.clone());
                let unreadable = |_| Error::new(ErrorKind::UnknownFormat, "a stored cursor is unreadable");
                state.cursor = Some(cursor.map_err(unreadable)?);
            }
        }
        let Command { order, by, reason, at } = &command;
        tracing::warn!(flow = %self.flow.flow_name(), part = self.part.name(), ?order, by, reason, %at, "a person's command");
        state.command = Some(command);
        let mut commit = self.begin_commit(&state)?;
        commit.command_taken = true;
        self.commit(commit, state).await.map(drop)
    }
}
