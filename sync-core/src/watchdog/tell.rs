//! Who is told.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::alert::Severity;
use super::watch::{Change, Notice};
use crate::error::Result;

/// Tells people: a mail, a chat, a ticket.
///
/// # Contract
/// - [`Watchdog`](super::Watchdog) calls `tell` once per check, with at least one notice, never twice at once. `Ok` means that
///   somebody will read them.
/// - After an error the same notices come again with the next check, as far as they still hold. So what was told before
///   the error may come twice.
/// - It returns in bounded time: the other sinks wait for it.
#[async_trait]
pub trait AlertSink: Debug + Send + Sync {
    /// Tells these notices.
    ///
    /// # Errors
    /// Any: it is logged and nothing else stops.
    async fn tell(&self, notices: &[Notice]) -> Result<()>;
}

/// A switch that raises the alarm elsewhere when it is not pinged for a while, because then nobody here may be alive to do so.
#[async_trait]
pub trait DeadMan: Debug + Send + Sync {
    /// Says that all is well.
    ///
    /// # Errors
    /// Any: it is logged, and the next check pings again.
    async fn ping(&self) -> Result<()>;
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: AlertSink + ?Sized> AlertSink for Arc<T> {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        (**self).tell(notices).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: DeadMan + ?Sized> DeadMan for Arc<T> {
    async fn ping(&self) -> Result<()> {
        (**self).ping().await
    }
}

const _: fn(&dyn AlertSink, &dyn DeadMan) = |_, _| {};

/// Writes notices to the log (`tracing`): what is critical as an error, the rest as a warning, what is cleared as
/// information.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct LogAlerts;

#[async_trait]
impl AlertSink for LogAlerts {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        for Notice { change, code, flow, part, since, severity, text } in notices {
            let change_id = change.as_str();
            match (change, severity) {
                (Change::Cleared, _) => {
                    tracing::info!(%flow, %part, %code, %since, change = change_id, "{text}")
                }
                (_, Severity::Critical) => {
                    tracing::error!(%flow, %part, %code, %since, change = change_id, "{text}");
                }
                (_, Severity::Warning) => {
                    tracing::warn!(%flow, %part, %code, %since, change = change_id, "{text}")
                }
            }
        }
        Ok(())
    }
}
