//! What an application token says of itself.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The claims of an application token: which database it is for, and until when.
///
/// They are read without looking at the signature, which only the server can check: good for a display and a reminder, not for a
/// decision. How sure: the names are those of a token in the vendor's own sample; the meaning of database, identity and service
/// is *inferred*.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApplicationTokenClaims {
    /// `ath-db`: the name of the database.
    pub database: Option<String>,
    /// `ath-guid`: which token of the ERP's list of application tokens it is.
    pub guid: Option<Uuid>,
    /// `ath-svc`: what the token is for, `Api`.
    pub service: Option<String>,
    /// `nbf`: not good before.
    pub not_before: Option<DateTime<Utc>>,
    /// `iat`: when it was issued.
    pub issued: Option<DateTime<Utc>>,
    /// `exp`: not good from then on. An administrator can lock it earlier.
    pub expires: Option<DateTime<Utc>>,
}

impl ApplicationTokenClaims {
    /// The claims of a token; `None` when it is no JWT. A claim of an unexpected form counts as missing.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        let claims: Map<String, Value> = serde_json::from_slice(&claims).ok()?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let instant = |name: &str| DateTime::from_timestamp(claims.get(name)?.as_i64()?, 0);
        Some(Self {
            database: text("ath-db").map(str::to_owned),
            guid: text("ath-guid").and_then(|guid| guid.parse().ok()),
            service: text("ath-svc").map(str::to_owned),
            not_before: instant("nbf"),
            issued: instant("iat"),
            expires: instant("exp"),
        })
    }
}

/// Database and validity, not the identity.
impl fmt::Debug for ApplicationTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationTokenClaims")
            .field("database", &self.database)
            .field("service", &self.service)
            .field("not_before", &self.not_before)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_claims_are_those_of_the_vendors_sample() {
        let claims = ApplicationTokenClaims::of(&token(
            r#"{"ath-mth":"1024","ath-pwt":"1","ath-db":"geekout","ath-guid":"6f1e8ac6-87dc-4720-b50d-f769e475ed40",
                "ath-svc":"Api","nbf":1652000000,"iat":1652000001,"exp":1683536000,"iss":"https://www.enova.pl"}"#,
        ))
        .unwrap();
        assert_eq!((claims.database.as_deref(), claims.service.as_deref()), (Some("geekout"), Some("Api")));
        let seconds = [claims.not_before, claims.issued, claims.expires].map(|at| at.unwrap().timestamp());
        assert_eq!(seconds, [1_652_000_000, 1_652_000_001, 1_683_536_000]);
        assert!(claims.guid.is_some() && !format!("{claims:?}").contains("6f1e8ac6"));
    }

    #[test]
    fn a_token_that_is_no_jwt_has_no_claims() {
        for token in ["", "abc", "a.b", "a.b.c", "a.e30.c.d", &token("[]"), &token("tekst")] {
            assert_eq!(ApplicationTokenClaims::of(token), None, "{token}");
        }
    }

    #[test]
    fn padding_is_accepted_and_an_odd_claim_is_missing() {
        let token =
            format!("a.{}==.c", URL_SAFE_NO_PAD.encode(r#"{"ath-db":"żółw","exp":"jutro","nbf":1.5}"#));
        let claims = ApplicationTokenClaims::of(&token).unwrap();
        assert_eq!(claims.database.as_deref(), Some("żółw"));
        assert_eq!((claims.expires, claims.not_before), (None, None));
    }
}
