use api_transport::{Effect, Endpoint, Path};
use serde::{Deserialize, Serialize};

use crate::b2b::lista::ROWS;
use crate::ceny::WyjatekCeny;
use crate::envelope::{self, Rows};
use crate::page::{Continuation, SnapshotQuery, WirePage};
use crate::{Error, Result, TowarId};

/// Names this list in its continuations.
const LIST: &str = "b2b/ceny-wyjatki";

/// `POST api/B2BCeny/Wyjatki`: a snapshot of contractors' exceptions, ordered by `(KontrahentId, TowarId)`.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenyWyjatki {
    /// Together with `po_id` the place of the last row that is known; 0 = from the beginning.
    #[builder(default)]
    pub po_kontrahent_id: i32,
    /// Of that contractor only goods with a larger id.
    #[builder(default)]
    pub po_id: i32,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
    /// Only these goods; empty = all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub towary_id: Vec<TowarId>,
}

/// An answer of `B2BCeny/Wyjatki`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Wyjatki {
    /// The rows, ordered by contractor and good.
    pub pozycje: Rows<WyjatekCeny>,
    /// Whether this page is the last one.
    pub koniec: bool,
    /// To be sent next.
    pub po_kontrahent_id: i32,
    /// To be sent next together with `po_kontrahent_id`.
    pub po_id: i32,
}

impl Endpoint for CenyWyjatki {
    const EFFECT: Effect = Effect::Read;
    type Response = Wyjatki;

    fn path(&self) -> Path {
        Path::new(["api", "B2BCeny", "Wyjatki"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            koniec: bool,
            po_kontrahent_id: i32,
            po_id: i32,
        }
        let (Beside { koniec, po_kontrahent_id, po_id }, pozycje) = envelope::decode_rows(body, ROWS)?;
        Ok(Wyjatki { pozycje, koniec, po_kontrahent_id, po_id })
    }
}

impl Wyjatki {
    pub(super) fn into_page(self) -> WirePage<WyjatekCeny> {
        let Self { po_kontrahent_id, po_id, .. } = self;
        let next =
            (!self.koniec).then(|| Continuation::new(LIST, format_args!("{po_kontrahent_id} {po_id}")));
        WirePage::new(self.pozycje, next).at_end(self.koniec)
    }
}

impl CenyWyjatki {
    /// Asks for the page after the query's continuation.
    pub(super) fn after(query: &SnapshotQuery, towary: &[TowarId]) -> Result<Self> {
        let (po_kontrahent_id, po_id) = match &query.after {
            None => (0, 0),
            Some(after) => pair(after.position(LIST)?)
                .ok_or_else(|| Error::config(format!("a continuation of {LIST} is damaged")))?,
        };
        Ok(Self { po_kontrahent_id, po_id, ile: query.limit, towary_id: towary.to_vec() })
    }
}

fn pair(position: &str) -> Option<(i32, i32)> {
    let (kontrahent, towar) = position.split_once(' ')?;
    Some((kontrahent.parse().ok()?, towar.parse().ok()?))
}
