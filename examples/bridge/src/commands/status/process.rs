//! What a running process says of its jobs, on its private face: why one pauses is known to no store.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a process may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// More than any process has to say.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Whether a running process was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Process {
    /// It told how its jobs stand.
    Answers,
    /// Nobody answers at `faces.private`: no process runs, or it runs on another machine.
    Silent,
    /// The settings name no address at which one could be asked.
    NotAsked,
}

/// A job that does not get on.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Pause {
    pub(super) job: String,
    /// `throttled`, `auth`, `failing`, `held-elsewhere`; without one it tries at each of its times.
    pub(super) paused: Option<String>,
    pub(super) paused_until: Option<DateTime<Utc>>,
    /// Failed steps in a row.
    pub(super) failures: u32,
    /// The code of the last error.
    pub(super) last_error: Option<String>,
    /// A step shows no progress.
    pub(super) stuck: bool,
    pub(super) what_to_do: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Health {
    tenants: Vec<Tenant>,
}

#[derive(Debug, Deserialize)]
struct Tenant {
    tenant: String,
    jobs: Vec<Pause>,
}

/// What was said, by tenant.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) process: Process,
    tenants: Vec<Tenant>,
}

impl Said {
    /// Asks at this address.
    pub(super) async fn at(private: Option<SocketAddr>) -> Self {
        // the system chose the port of a zero
        let Some(address) = private.filter(|address| address.port() != 0) else {
            return Self { process: Process::NotAsked, tenants: Vec::new() };
        };
        match timeout(PATIENCE, ask(address)).await {
            Ok(Ok(Health { tenants })) => Self { process: Process::Answers, tenants },
            _ => Self { process: Process::Silent, tenants: Vec::new() },
        }
    }

    /// The tenant's jobs that pause, fail or do not move.
    pub(super) fn pauses(&self, tenant: &str) -> Vec<Pause> {
        let jobs = self.tenants.iter().filter(|told| told.tenant == tenant).flat_map(|told| &told.jobs);
        jobs.filter(|job| job.paused.is_some() || job.failures > 0 || job.stuck).cloned().collect()
    }
}

impl Pause {
    /// A person may have to see to it.
    pub(super) fn is_trouble(&self) -> bool {
        !matches!(self.paused.as_deref(), Some("throttled" | "held-elsewhere"))
    }

    pub(super) fn in_words(&self) -> String {
        let mut words = match self.paused.as_deref() {
            Some("throttled") => "waits as the other side asked".to_owned(),
            Some("auth") => "waits: its credentials are refused".to_owned(),
            Some("failing") => format!("waits after {} failures in a row", self.failures),
            Some("held-elsewhere") => "is in the hands of another process".to_owned(),
            _ if self.stuck => "shows no progress".to_owned(),
            _ if self.failures > 1 => format!("failed {} times in a row", self.failures),
            _ => "failed".to_owned(),
        };
        if let Some(error) = &self.last_error {
            words.push_str(&format!(" ({error})"));
        }
        words
    }
}

/// One request without keep-alive; the answer of HTTP/1.0 comes in one piece.
async fn ask(mut address: SocketAddr) -> io::Result<Health> {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /healthz HTTP/1.0\r\nhost: localhost\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    let body =
        answer.windows(4).position(|window| window == b"\r\n\r\n").and_then(|end| answer.get(end + 4..));
    serde_json::from_slice(body.unwrap_or_default()).map_err(io::Error::other)
}
