//! Everything that is logged on this thread, and everything that a test shows.

use std::error::Error;
use std::fmt::{self, Debug, Write};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Collects every log record of the current thread at every level, also of the `log` crate, from [`start`](Self::start) until it
/// is dropped, together with what is shown to it.
///
/// Only the current thread: use it on a current-thread runtime (plain `#[tokio::test]`), where the client's own tasks run too.
pub struct Capture {
    text: Buffer,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Capture {
    /// Begins to collect.
    #[must_use]
    pub fn start() -> Self {
        let text = Buffer::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(text.clone())
            .finish();
        Self { text, _guard: subscriber.set_default() }
    }

    /// Adds the `Debug` of a value: a client, a builder, a credential.
    pub fn debug(&self, value: &dyn Debug) {
        self.add(&format!("{value:?}\n{value:#?}\n"));
    }

    /// Adds an error with `Display` and `Debug` of its whole chain.
    pub fn error(&self, error: &(dyn Error + 'static)) {
        let mut text = String::new();
        let mut next = Some(error);
        while let Some(error) = next {
            let _ = writeln!(text, "{error}\n{error:?}\n{error:#?}");
            next = error.source();
        }
        self.add(&text);
    }

    /// Adds a text that a client writes somewhere: a state, a metric.
    pub fn add(&self, text: &str) {
        self.text.lock().extend_from_slice(text.as_bytes());
    }

    /// Everything so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock()).into_owned()
    }

    /// Checks that something was collected and that none of these words is in it.
    ///
    /// # Panics
    ///
    /// A word is there, or nothing is.
    pub fn assert_shows_none_of(&self, canaries: &[&str]) {
        let text = self.text();
        assert!(!text.is_empty(), "nothing was collected: another thread?");
        for canary in canaries {
            let line = text.lines().find(|line| line.contains(canary));
            assert!(line.is_none(), "`{canary}` shows in: {}", line.unwrap_or_default());
        }
    }
}

impl Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Capture")
    }
}

impl Buffer {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Buffer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
