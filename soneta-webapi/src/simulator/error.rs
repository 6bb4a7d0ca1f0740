//! Why the simulator could not do what a test or a person asked of it.

use std::{error::Error, fmt};

use crate::export::ExportError;

/// Why the simulator could not start, or could not do what it was told.
#[derive(Debug)]
pub struct SimulatorError {
    kind: SimulatorErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of failure a [`SimulatorError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimulatorErrorKind {
    /// The exports cannot be read as a catalogue.
    Catalogue,
    /// The state file cannot be read or written, or belongs to another catalogue or database.
    StateFile,
    /// The port cannot be had.
    Port,
    /// There is no such good, warehouse or document.
    Unknown,
    /// The ERP would not do it as things stand: too little stock, nothing left to invoice.
    Refused,
}

impl SimulatorError {
    /// What kind of failure it is.
    pub fn kind(&self) -> SimulatorErrorKind {
        self.kind
    }

    pub(super) fn new(kind: SimulatorErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self::new(SimulatorErrorKind::Unknown, message)
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(SimulatorErrorKind::Refused, message)
    }

    pub(super) fn state_file(message: impl Into<String>) -> Self {
        Self::new(SimulatorErrorKind::StateFile, message)
    }

    pub(super) fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }
}

impl fmt::Display for SimulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SimulatorError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<ExportError> for SimulatorError {
    fn from(error: ExportError) -> Self {
        Self::new(SimulatorErrorKind::Catalogue, error.to_string())
    }
}
