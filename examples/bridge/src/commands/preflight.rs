use std::fmt;

use clap::Args;
use one_client::FeedPosition;
use serde::Serialize;
use soneta_webapi::preflight;

use super::{Clean, unless_stopped};
use crate::error::{Result, remedy};
use crate::output::{counted, print};
use crate::session::{Needs, Session, Systems};
use crate::tenant::Tenant;
use crate::wire::{SetUp, Work};

const WHICH_TENANT: &str = "check one.tenant and its key (one.api_key_env or one.api_key_file): they belong together, and the key needs the rights of an integration";

#[derive(Debug, Args)]
pub(super) struct Preflight {
    /// How many rows of each list are read; more take longer and tell more.
    #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
    rows: u32,
    /// Leave out what is of this installation alone, so that the report can be handed on.
    #[arg(long)]
    redacted: bool,
    #[command(flatten)]
    systems: Systems,
}

#[derive(Debug, Serialize)]
struct Looked {
    tenants: Vec<TenantLooked>,
}

#[derive(Debug, Serialize)]
struct TenantLooked {
    tenant: String,
    enova: preflight::Report,
    one: Finding,
    /// What the settings name in either system, where it does not fit.
    settings: Vec<Finding>,
}

/// What one look found.
#[derive(Debug, Serialize)]
struct Finding {
    /// `ok`, `warning` or `failed`.
    outcome: &'static str,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_to_do: Option<&'static str>,
}

impl Preflight {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::Answers).await?;
        let looked = unless_stopped(self.looked(session.tenants())).await;
        session.close().await;
        let looked = looked?;
        print(&looked, json)?;
        let failed = |tenant: &TenantLooked| {
            tenant.enova.outcome() == preflight::Outcome::Failed
                || tenant.one.outcome == "failed"
                || tenant.settings.iter().any(|finding| finding.outcome == "failed")
        };
        Ok(Clean::if_(!looked.tenants.iter().any(failed)))
    }

    async fn looked(&self, of: &[Tenant]) -> Result<Looked> {
        let mut tenants = Vec::new();
        for tenant in of {
            tenants.push(self.look(tenant).await);
        }
        Ok(Looked { tenants })
    }

    async fn look(&self, tenant: &Tenant) -> TenantLooked {
        let report = preflight::Preflight::new(tenant.enova(), tenant.installation().clone())
            .rows(self.rows)
            .database(tenant.database())
            .run()
            .await;
        let enova = if self.redacted { report.redacted() } else { report };
        // the best documented call that only reads; an answer proves address, tenant and key
        let one = match tenant.one().orders().feed(FeedPosition::FIRST, 1).await {
            Ok(feed) => Finding {
                outcome: "ok",
                finding: format!(
                    "the order feed answers, with {} at its beginning",
                    counted(feed.events.len() as u64, "event")
                ),
                detail: None,
                what_to_do: None,
            },
            Err(error) => Finding {
                outcome: "failed",
                finding: error.to_string(),
                detail: error.detail().filter(|_| !self.redacted).map(str::to_owned),
                what_to_do: Some(match error.kind() {
                    one_client::ErrorKind::Unauthorized | one_client::ErrorKind::Forbidden => WHICH_TENANT,
                    _ => error.what_to_do(),
                }),
            },
        };
        let mut settings = Vec::new();
        for wired in tenant.wired() {
            if let Work::SetUp(job) = &wired.work {
                settings.extend(self.fits(&**job).await);
            }
        }
        for named in tenant.named() {
            let Some(unknown) = named.unknown(tenant.installation()).await else { continue };
            settings.push(Finding {
                outcome: if unknown.sure { "failed" } else { "warning" },
                finding: unknown.finding,
                detail: Some(unknown.detail).filter(|_| !self.redacted),
                what_to_do: Some("correct the setting, spelt exactly as in enova365"),
            });
        }
        TenantLooked { tenant: tenant.name().to_owned(), enova, one, settings }
    }

    /// What of the settings does not fit what the systems have.
    async fn fits(&self, job: &dyn SetUp) -> Option<Finding> {
        let (finding, detail, what_to_do) = match job.preflight().await {
            Ok(lines) if lines.is_empty() => return None,
            Ok(lines) => (
                format!("{}: {} lines of the settings do not fit", job.name(), lines.len()),
                Some(lines.join("; ")),
                Some("correct them, or take them out: a link that is there stays"),
            ),
            Err(error) => (format!("{}: {error}", job.name()), None, remedy(&error)),
        };
        Some(Finding { outcome: "failed", finding, detail: detail.filter(|_| !self.redacted), what_to_do })
    }
}

impl Finding {
    fn show(&self, f: &mut fmt::Formatter<'_>, of: &str) -> fmt::Result {
        writeln!(f, "{:<8} {of:<31} {}", self.outcome, self.finding)?;
        if let Some(detail) = &self.detail {
            writeln!(f, "{:41}({detail})", "")?;
        }
        match self.what_to_do {
            Some(advice) => writeln!(f, "{:41}→ {advice}", ""),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for TenantLooked { tenant, enova, one, settings } in &self.tenants {
            writeln!(f, "{tenant}: enova365\n{enova}\n\n{tenant}: ONe")?;
            one.show(f, "order feed")?;
            for finding in settings {
                finding.show(f, "settings")?;
            }
        }
        Ok(())
    }
}
