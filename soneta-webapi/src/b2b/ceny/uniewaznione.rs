use std::fmt;

use api_transport::{Effect, Endpoint, Path};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::b2b::lista::ROWS;
use crate::ceny::{Uniewaznienie, ZakresCen};
use crate::envelope::{self, Rows};
use crate::page::{Continuation, WirePage};
use crate::wire;
use crate::{KontrahentId, ProfilCenId, Result, TowarId};

/// Names this list in its continuations.
const LIST: &str = "b2b/ceny-uniewaznione";

/// `POST api/B2BCeny/Uniewaznione`: which prices became invalid since a token, in the order in which they did.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct CenyUniewaznione {
    /// The token of an earlier answer, exactly as it came; absent = everything is invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
}

/// An answer of `B2BCeny/Uniewaznione`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Uniewaznione {
    /// The rows, oldest first.
    pub pozycje: Rows<Uniewaznienie>,
    /// Whether this page is the last one for now.
    pub koniec: bool,
    /// To be sent next.
    pub token: String,
}

impl Endpoint for CenyUniewaznione {
    const EFFECT: Effect = Effect::Read;
    type Response = Uniewaznione;

    fn path(&self) -> Path {
        Path::new(["api", "B2BCeny", "Uniewaznione"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            koniec: bool,
            token: String,
        }
        let (Beside { koniec, token }, pozycje) = envelope::decode_rows(body, ROWS)?;
        Ok(Uniewaznione { pozycje, koniec, token })
    }
}

impl Uniewaznione {
    pub(super) fn into_page(self) -> WirePage<Uniewaznienie> {
        WirePage::new(self.pozycje, Some(Continuation::new(LIST, self.token))).at_end(self.koniec)
    }
}

/// The token that a continuation stands for.
pub(super) fn token(after: Option<&Continuation>) -> Result<Option<String>> {
    after.map(|after| after.position(LIST).map(str::to_owned)).transpose()
}

/// A row of the wire, its scope not yet looked at.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WierszUniewaznienia {
    zakres: String,
    towar_id: Option<TowarId>,
    kontrahent_id: Option<KontrahentId>,
    profil_id: Option<ProfilCenId>,
    #[serde(default, with = "wire::instant::option")]
    wazna_od: Option<DateTime<Utc>>,
}

/// A row names a scope and not what is in it.
#[derive(Debug)]
pub(crate) struct NoScope;

impl fmt::Display for NoScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id that `Zakres` asks for is missing")
    }
}

impl TryFrom<WierszUniewaznienia> for Uniewaznienie {
    type Error = NoScope;

    fn try_from(row: WierszUniewaznienia) -> Result<Self, NoScope> {
        let zakres = match row.zakres.as_str() {
            "Towar" => row.towar_id.map(ZakresCen::Towar),
            "Kontrahent" => row.kontrahent_id.map(ZakresCen::Kontrahent),
            "Profil" => row.profil_id.map(ZakresCen::Profil),
            // Too much read is safe, a change overlooked is not.
            _ => Some(ZakresCen::Wszystko),
        };
        Ok(Self { zakres: zakres.ok_or(NoScope)?, wazna_od: row.wazna_od })
    }
}
