//! A PostgreSQL cluster of a test's own, and PgBouncer in front of one.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use tempfile::TempDir;

/// Says on the real standard error, which tests do not capture, that a test did nothing.
pub(crate) fn skip(why: &str) {
    std::io::stderr().write_all(format!("test skipped: {why}\n").as_bytes()).unwrap();
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The server refuses to run as root, and so does the bouncer.
fn unprivileged(program: &Path) -> Command {
    if output(Command::new("id").arg("-u")).trim() != "0" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command.current_dir("/");
    command
}

fn give_away(folder: &Path) {
    if output(Command::new("id").arg("-u")).trim() == "0" {
        output(Command::new("chown").arg("-R").arg("postgres").arg(folder));
    }
}

fn found(program: &str, more: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain(more).collect();
    folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The folder of the server's programs.
fn programs() -> Option<PathBuf> {
    let installed = Command::new("pg_config").arg("--bindir").output().ok();
    let installed = installed.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let more = installed.into_iter().chain(versions.map(|version| version.path().join("bin")));
    Some(found("initdb", more)?.parent()?.to_owned())
}

/// A running cluster, reached through a socket in its folder.
pub(crate) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
}

impl Cluster {
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            skip("there is no initdb");
            return None;
        };
        let cluster = Self { folder: tempfile::tempdir().unwrap(), programs };
        give_away(cluster.folder.path());
        let mut initdb = unprivileged(&cluster.programs.join("initdb"));
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        output(initdb.arg("-D").arg(cluster.data()));
        cluster.control(&["start", "-o", &format!("-c listen_addresses= -k {}", cluster.socket())]);
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn socket(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }

    fn control(&self, arguments: &[&str]) {
        let mut control = unprivileged(&self.programs.join("pg_ctl"));
        control.arg("-D").arg(self.data()).arg("-l").arg(self.folder.path().join("log")).arg("-w");
        // the server keeps what it inherits open
        let status = control.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(status.success(), "pg_ctl {arguments:?}");
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@/postgres?host={}", self.socket().replace('/', "%2F"))
    }

    /// As after a loss of power.
    pub(crate) fn restart(&self) {
        self.control(&["restart", "-m", "immediate"]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.control(&["stop", "-m", "immediate"]);
    }
}

/// PgBouncer in transaction mode, with two connections to a cluster.
pub(crate) struct Bouncer {
    cluster: Cluster,
    process: Child,
    /// It goes on writing there.
    _log: BufReader<ChildStderr>,
}

impl Bouncer {
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = found("pgbouncer", ["/usr/sbin".into()]) else {
            skip("there is no pgbouncer");
            return None;
        };
        let cluster = Cluster::start()?;
        let socket = cluster.socket();
        let settings = cluster.folder.path().join("bouncer.ini");
        let text = format!(
            "[databases]\npostgres = host={socket} user=postgres\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n\
             unix_socket_dir = {socket}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n\
             log_connections = 0\nlog_disconnections = 0\nlog_stats = 0\n"
        );
        std::fs::write(&settings, text).unwrap();
        give_away(&settings);
        let mut process = unprivileged(&program)
            .arg(&settings)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("process up") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the bouncer ended");
        }
        Some(Self { cluster, process, _log: log })
    }

    pub(crate) fn url(&self) -> String {
        format!("{}&port=6432", self.cluster.url())
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
