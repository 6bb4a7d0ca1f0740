//! Starting, killing, stopping and continuing a child.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::child::Task;

/// A child that is stuck for so long is a defect.
const STUCK: Duration = Duration::from_secs(60);

/// A child at work. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    pub(crate) fn start(task: &Task) -> Self {
        let entry = "kill::child::entry_of_the_processes_that_other_tests_start";
        Self::start_at(entry, task.environment())
    }

    /// Starts this test binary once more, at a test that is a child's entry.
    pub(crate) fn start_at(entry: &str, environment: Vec<(&'static str, String)>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([entry, "--exact", "--nocapture", "--test-threads=1"])
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in said.lines() {
                if line.is_err() || line.is_ok_and(|line| sender.send(line).is_err()) {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// What the child says next, or `None` at the deadline.
    pub(crate) fn line(&self, deadline: Option<Instant>) -> Option<String> {
        let rest = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match self.lines.recv_timeout(rest.unwrap_or(STUCK)) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) if deadline.is_some() => None,
            Err(error) => panic!("the child is stuck or has ended: {error}"),
        }
    }

    pub(crate) fn wait_for(&self, wanted: &str) {
        while self.line(None).unwrap() != wanted {}
    }

    /// Waits for the child's end; tells all that it said.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(STUCK) {
                Ok(line) => said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the child is stuck"),
            }
        }
        assert!(self.child.wait().unwrap().success(), "{said:?}");
        said
    }

    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn open_the_gate(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    pub(crate) fn kill(mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "the child has ended by itself");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
