//! Does an installation offer what a contract asks for? Compares its OpenAPI document with what this crate reads and sends.
//!
//! An enova365 server describes itself (its OpenAPI page, in JSON). [`check`] takes that document and tells, for each chosen
//! contract, which endpoints, fields, types, required marks and words of enums are missing, changed or new, and what that means.
//! Run it before the first start and after every update of the server or its add-ons.
//!
//! ```
//! use soneta_webapi::contract_check::{Contract, Severity, check};
//!
//! let installed = br#"{"openapi": "3.0.1", "paths": {"/api/CurrentVersion": {"get": {}}}}"#;
//! let report = check(installed, &[Contract::B2b])?;
//! assert_eq!(report.worst(), Some(Severity::BreaksUs));
//! println!("{report}");
//! # Ok::<(), soneta_webapi::Error>(())
//! ```
//!
//! # What is compared
//!
//! - By structure, from each endpoint's request and answer downwards; names of schemas do not matter. A record that occurs in several
//!   places is compared once for requests and once for answers, and named where it was met first.
//! - Swagger 2, OpenAPI 3.0 and 3.1, JSON only. Real documents are not always valid: types that are no JSON types
//!   (`Soneta.Types.Currency`), references to nothing or with raw `<`, `>` and `+` in them. Such a part is no error; it is
//!   reported as not described, and the rest is compared.
//! - For [`Contract::AltOne`] the expectation is AltOne's own OpenAPI of server 2510, cut to names and kinds of the trade
//!   calls. It marks no field as required, so that a field that is missing counts as needed, and one that a newer server requires is
//!   only worth knowing.
//!
//! A description is what the server says of itself; nothing is called. What data an operator may see it does not tell.

mod compare;
mod document;
mod fetch;
mod report;
#[cfg(test)]
mod tests;

use self::compare::Comparison;
use self::document::Document;
use crate::Result;

pub use self::fetch::OpenApiDocument;
pub use self::report::{Contract, ContractSummary, Finding, FindingKind, Report, Severity};

/// Compares an installation's OpenAPI document (JSON) with contracts.
///
/// # Errors
/// Kind `Decode`: `openapi` is no JSON, or no OpenAPI document (an object with `paths`). Kind `Config`: no contract is chosen.
pub fn check(openapi: &[u8], contracts: &[Contract]) -> Result<Report> {
    if contracts.is_empty() {
        return Err(crate::Error::config("no contract is chosen"));
    }
    let found = Document::parse(openapi)?;
    let mut report = Report::new(found.title());
    for contract in contracts {
        let expected = Document::parse(contract.expectation())?;
        let (summary, findings) =
            Comparison::new(*contract, contract.marks_required(), &expected, &found).run();
        report.add(summary, findings);
    }
    Ok(report)
}

impl Contract {
    /// What the contract asks for, as an OpenAPI document.
    fn expectation(self) -> &'static [u8] {
        match self {
            Self::B2b => include_bytes!("../contract/b2b.openapi.json"),
            Self::AltOne => include_bytes!("contract_check/altone.json"),
        }
    }

    /// Whether that document marks what is required.
    fn marks_required(self) -> bool {
        match self {
            Self::B2b => true,
            Self::AltOne => false,
        }
    }
}
