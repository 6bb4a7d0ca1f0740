use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::uniewaznione::{self, CenyUniewaznione};
use super::wyjatki::CenyWyjatki;
use super::{B2bCeny, nothing};
use crate::b2b::lista::{Migawka, ROWS, snapshot_start};
use crate::ceny::{CenaKontrahenta, ProfilCen, ProfileCen, Uniewaznienie, WyjatekCeny};
use crate::envelope;
use crate::page::{SnapshotQuery, WirePage};
use crate::{Error, ProfilCenId, Result, TowarId};

/// Names the list of profiles in its continuations.
const PROFILES: &str = "b2b/ceny-profile";

/// `POST api/B2BCeny/Profile`: a snapshot of the price profiles, ordered by id, each with all its contractors.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenyProfile {
    /// Only profiles with a larger id; 0 = from the beginning.
    #[builder(default)]
    pub po_id: i32,
    /// How many profiles at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
}

impl Endpoint for CenyProfile {
    const EFFECT: Effect = Effect::Read;
    type Response = Migawka<ProfilCen>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BCeny", "Profile"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Migawka::decode(body)
    }
}

/// `POST api/B2BCeny/DlaProfilu`: a snapshot of what the contractors of a profile pay, ordered by the good's id.
#[derive(Debug, Clone, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenyDlaProfilu {
    /// The profile.
    pub profil_id: ProfilCenId,
    /// Only goods with a larger id; 0 = from the beginning.
    #[builder(default)]
    pub po_id: i32,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
    /// Only these goods; empty = all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub towary_id: Vec<TowarId>,
}

impl Endpoint for CenyDlaProfilu {
    const EFFECT: Effect = Effect::Read;
    type Response = Migawka<CenaKontrahenta>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BCeny", "DlaProfilu"])
    }

    /// An answer about another profile is an error.
    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            profil_id: ProfilCenId,
            koniec: bool,
            po_id: i32,
        }
        let (Beside { profil_id, koniec, po_id }, pozycje) = envelope::decode_rows(body, ROWS)?;
        if profil_id != self.profil_id {
            return Err(Error::decode_at("the prices are those of another profile"));
        }
        Ok(Migawka { pozycje, koniec, po_id })
    }
}

/// Names a profile's list in its continuations, so that they fit no other profile's.
fn list(profil_id: ProfilCenId) -> String {
    format!("b2b/ceny-profilu/{profil_id}")
}

#[async_trait]
impl ProfileCen for B2bCeny {
    async fn list_profile(&self, query: &SnapshotQuery) -> Result<WirePage<ProfilCen>> {
        let po_id = snapshot_start(PROFILES, query.after.as_ref())?;
        Ok(self.client.send(&CenyProfile { po_id, ile: query.limit }).await?.into_page(PROFILES))
    }

    async fn list_dla_profilu(
        &self,
        profil: ProfilCenId,
        towary: Option<&[TowarId]>,
        query: &SnapshotQuery,
    ) -> Result<WirePage<CenaKontrahenta>> {
        let list = list(profil);
        let po_id = snapshot_start(&list, query.after.as_ref())?;
        if towary.is_some_and(<[TowarId]>::is_empty) {
            return Ok(nothing());
        }
        let towary_id = towary.unwrap_or_default().to_vec();
        let request = CenyDlaProfilu { profil_id: profil, po_id, ile: query.limit, towary_id };
        Ok(self.client.send(&request).await?.into_page(&list))
    }

    async fn list_wyjatki(
        &self,
        towary: Option<&[TowarId]>,
        query: &SnapshotQuery,
    ) -> Result<WirePage<WyjatekCeny>> {
        let request = CenyWyjatki::after(query, towary.unwrap_or_default())?;
        if towary.is_some_and(<[TowarId]>::is_empty) {
            return Ok(nothing());
        }
        Ok(self.client.send(&request).await?.into_page())
    }

    async fn list_uniewaznione(&self, query: &SnapshotQuery) -> Result<WirePage<Uniewaznienie>> {
        let token = uniewaznione::token(query.after.as_ref())?;
        Ok(self.client.send(&CenyUniewaznione { token, ile: query.limit }).await?.into_page())
    }
}
