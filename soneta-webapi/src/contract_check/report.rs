use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// A contract that an installation is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Contract {
    /// The reference contract, see [`b2b`](crate::b2b).
    B2b,
    /// AltOne's public add-on, see [`altone`](crate::altone).
    AltOne,
}

impl Contract {
    /// Its name: `b2b`, `altone`.
    pub fn name(self) -> &'static str {
        match self {
            Self::B2b => "b2b",
            Self::AltOne => "altone",
        }
    }
}

/// What a finding means for this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// A difference that nothing here depends on.
    Fine,
    /// It works, but something is lost, ignored, or not described well enough to tell.
    WorthKnowing,
    /// A call fails, or rows cannot be read, or read as if a field were empty.
    BreaksUs,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "fine",
            Self::WorthKnowing => "worth knowing",
            Self::BreaksUs => "BREAKS US",
        })
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Not one controller of the contract is there.
    ContractMissing,
    /// A controller is missing.
    ControllerMissing,
    /// A method of a controller that is there is missing.
    EndpointMissing,
    /// The path is there, the verb is another.
    VerbChanged,
    /// A controller of the contract has a method that is not part of it.
    EndpointNew,
    /// A field is missing.
    FieldMissing,
    /// A field is new.
    FieldNew,
    /// A value is of another JSON kind or format.
    TypeChanged,
    /// What was required is not any more, or the other way round.
    RequiredChanged,
    /// `null` may come where none was expected.
    NullPossible,
    /// A word of an enum is gone.
    WordMissing,
    /// A word of an enum is new.
    WordNew,
    /// The document does not describe it, or describes it in an invalid way.
    NotDescribed,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContractMissing | Self::ControllerMissing | Self::EndpointMissing => "not there",
            Self::VerbChanged => "another verb",
            Self::EndpointNew => "new",
            Self::FieldMissing => "field missing",
            Self::FieldNew => "field new",
            Self::TypeChanged => "another type",
            Self::RequiredChanged => "another required mark",
            Self::NullPossible => "null possible",
            Self::WordMissing => "word missing",
            Self::WordNew => "word new",
            Self::NotDescribed => "not described",
        })
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Which contract it concerns.
    pub contract: Contract,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub kind: FindingKind,
    /// Where: `POST /api/B2BTowary/Lista answer Pozycje[].EAN`.
    pub place: String,
    /// What the contract has there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What the installation has there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What it means.
    pub meaning: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names come from a document of somebody else: nothing of them may steer a terminal.
        write!(f, "{:<13}  {}: {}", self.severity, Plain(&self.place), self.kind)?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {}", Plain(expected))?;
        }
        if let Some(found) = &self.found {
            write!(f, "; found {}", Plain(found))?;
        }
        write!(f, ". {}", self.meaning)
    }
}

struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|sign| match sign.is_control() {
            true => write!(f, "{}", sign.escape_default()),
            false => write!(f, "{sign}"),
        })
    }
}

/// How much of a contract is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ContractSummary {
    /// The contract.
    pub contract: Contract,
    /// How many endpoints it has.
    pub endpoints: usize,
    /// How many of them the installation has, with the right verb.
    pub present: usize,
}

/// What [`check`](super::check) found. Print it, or write it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Title and version of the installation's document, as it states them.
    pub document: String,
    /// The contracts that were compared.
    pub contracts: Vec<ContractSummary>,
    /// All differences, the worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(document: String) -> Self {
        Self { document, contracts: Vec::new(), findings: Vec::new() }
    }

    pub(super) fn add(&mut self, summary: ContractSummary, findings: Vec<Finding>) {
        self.contracts.push(summary);
        self.findings.extend(findings);
        self.findings.sort_by(|a, b| (b.severity, a.contract).cmp(&(a.severity, b.contract)));
    }

    /// The worst severity; `None` when nothing differs.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

impl fmt::Display for Report {
    /// Everything but the fine differences, which are only counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Plain(&self.document))?;
        for summary in &self.contracts {
            let mut counts = BTreeMap::new();
            for finding in self.findings.iter().filter(|finding| finding.contract == summary.contract) {
                *counts.entry(finding.severity).or_insert(0_usize) += 1;
            }
            let count = |severity| counts.get(&severity).copied().unwrap_or_default();
            writeln!(
                f,
                "{}: {} of {} endpoints; {} break us, {} worth knowing, {} fine",
                summary.contract.name(),
                summary.present,
                summary.endpoints,
                count(Severity::BreaksUs),
                count(Severity::WorthKnowing),
                count(Severity::Fine),
            )?;
            for finding in &self.findings {
                if finding.contract == summary.contract && finding.severity > Severity::Fine {
                    writeln!(f, "  {finding}")?;
                }
            }
        }
        Ok(())
    }
}
