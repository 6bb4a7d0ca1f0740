use api_transport::{Effect, Endpoint, Path, Priority};
use async_trait::async_trait;
use serde::Serialize;

use super::B2bZamowienia;
use crate::b2b::lista::Wiersze;
use crate::ids::DokumentId;
use crate::towary::at_most_one;
use crate::zamowienia::{AnulowanieZamowienia, Zamowienie, ZmianaZamowienia, ZmianyZamowien};
use crate::{Error, Result};

/// `POST api/B2BZamowienia/Zmien`: edits an order, guarded by its `Wersja`.
///
/// A repeat makes no second change, but it is refused with `Konflikt` although the first attempt was applied: so the call is a
/// `Create`, and nothing but the caller's look-up decides on a repeat.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ZamowieniaZmien<'a> {
    zmiana: &'a ZmianaZamowienia,
}

impl<'a> From<&'a ZmianaZamowienia> for ZamowieniaZmien<'a> {
    fn from(zmiana: &'a ZmianaZamowienia) -> Self {
        Self { zmiana }
    }
}

impl Endpoint for ZamowieniaZmien<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = Zamowienie;

    fn path(&self) -> Path {
        Path::new(["api", "B2BZamowienia", "Zmien"])
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        the_order(body, self.zmiana.id)
    }
}

/// `POST api/B2BZamowienia/Anuluj`: cancels an order, guarded by its `Wersja`; a cancelled one is answered as it is, whatever
/// version is named. So the call may be repeated.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ZamowieniaAnuluj<'a> {
    anulowanie: &'a AnulowanieZamowienia,
}

impl<'a> From<&'a AnulowanieZamowienia> for ZamowieniaAnuluj<'a> {
    fn from(anulowanie: &'a AnulowanieZamowienia) -> Self {
        Self { anulowanie }
    }
}

impl Endpoint for ZamowieniaAnuluj<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Zamowienie;

    fn path(&self) -> Path {
        Path::new(["api", "B2BZamowienia", "Anuluj"])
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        the_order(body, self.anulowanie.id)
    }
}

/// The one row of the answer, which is the order that was named.
fn the_order(body: &[u8], id: DokumentId) -> Result<Zamowienie> {
    let order = at_most_one(Wiersze::<Zamowienie>::decode(body)?.pozycje)?;
    order
        .filter(|order| order.id == id)
        .ok_or_else(|| Error::decode_at("the answer is not the order that was named"))
}

impl B2bZamowienia {
    /// Edits an order and, when the answer is lost or the order has another version, reads it and compares: see
    /// [`ZmianyZamowien::update_or_find`].
    ///
    /// # Errors
    /// The client's errors; with `may_have_been_applied()` the edit is in doubt.
    pub async fn update_or_find(&self, zmiana: &ZmianaZamowienia) -> Result<Zamowienie> {
        ZmianyZamowien::update_or_find(self, zmiana).await
    }

    /// Cancels an order; one that is cancelled already is answered as it is.
    ///
    /// # Errors
    /// The client's errors; refused with [`KodOdmowy::Konflikt`](crate::KodOdmowy::Konflikt) when it has another version.
    pub async fn cancel(&self, anulowanie: &AnulowanieZamowienia) -> Result<Zamowienie> {
        self.client.send(&ZamowieniaAnuluj::from(anulowanie)).await
    }
}

#[async_trait]
impl ZmianyZamowien for B2bZamowienia {
    async fn update_zamowienie(&self, zmiana: &ZmianaZamowienia) -> Result<Zamowienie> {
        self.client.send(&ZamowieniaZmien::from(zmiana)).await
    }

    async fn cancel_zamowienie(&self, anulowanie: &AnulowanieZamowienia) -> Result<Zamowienie> {
        self.cancel(anulowanie).await
    }
}
