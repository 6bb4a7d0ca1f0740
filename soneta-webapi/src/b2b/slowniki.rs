use std::marker::PhantomData;

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::lista::Wiersze;
use crate::envelope::Rows;
use crate::slowniki::{
    DefinicjaCechy, DefinicjaDokumentu, FormaPlatnosci, GrupaCenowa, Magazyn, Slowniki, StawkaVat,
};
use crate::{Client, Result};

/// A word of a dictionary of the contract.
pub trait WierszSlownika: DeserializeOwned + Send {
    /// Controller and method that list it.
    const LISTA: [&'static str; 2];
}

/// `POST api/{Controller}/{Method}`: a whole dictionary. Asks nothing.
///
/// ```
/// use soneta_webapi::Endpoint;
/// use soneta_webapi::StawkaVat;
/// use soneta_webapi::b2b::Slownik;
///
/// assert_eq!(Slownik::<StawkaVat>::default().path().to_string(), "/api/B2BSlowniki/StawkiVat");
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Slownik<T> {
    #[serde(skip)]
    wiersz: PhantomData<fn() -> T>,
}

impl<T> Default for Slownik<T> {
    fn default() -> Self {
        Self { wiersz: PhantomData }
    }
}

impl<T: WierszSlownika> Endpoint for Slownik<T> {
    const EFFECT: Effect = Effect::Read;
    type Response = Wiersze<T>;

    fn path(&self) -> Path {
        let [controller, method] = T::LISTA;
        Path::new(["api", controller, method])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Wiersze::decode_whole(body)
    }
}

impl WierszSlownika for Magazyn {
    const LISTA: [&'static str; 2] = ["B2BSlowniki", "Magazyny"];
}

impl WierszSlownika for StawkaVat {
    const LISTA: [&'static str; 2] = ["B2BSlowniki", "StawkiVat"];
}

impl WierszSlownika for FormaPlatnosci {
    const LISTA: [&'static str; 2] = ["B2BSlowniki", "FormyPlatnosci"];
}

impl WierszSlownika for DefinicjaCechy {
    const LISTA: [&'static str; 2] = ["B2BSlowniki", "Cechy"];
}

impl WierszSlownika for DefinicjaDokumentu {
    const LISTA: [&'static str; 2] = ["B2BSlowniki", "DefinicjeDokumentow"];
}

impl WierszSlownika for GrupaCenowa {
    const LISTA: [&'static str; 2] = ["B2BGrupyCenowe", "Lista"];
}

/// Dictionaries of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bSlowniki {
    client: Client,
}

impl B2bSlowniki {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    async fn whole<T: WierszSlownika>(&self) -> Result<Rows<T>> {
        Ok(self.client.send(&Slownik::default()).await?.pozycje)
    }
}

#[async_trait]
impl Slowniki for B2bSlowniki {
    async fn list_magazyny(&self) -> Result<Rows<Magazyn>> {
        self.whole().await
    }

    async fn list_stawki_vat(&self) -> Result<Rows<StawkaVat>> {
        self.whole().await
    }

    async fn list_formy_platnosci(&self) -> Result<Rows<FormaPlatnosci>> {
        self.whole().await
    }

    async fn list_cechy(&self) -> Result<Rows<DefinicjaCechy>> {
        self.whole().await
    }

    async fn list_definicje_dokumentow(&self) -> Result<Rows<DefinicjaDokumentu>> {
        self.whole().await
    }

    async fn list_grupy_cenowe(&self) -> Result<Rows<GrupaCenowa>> {
        self.whole().await
    }
}
