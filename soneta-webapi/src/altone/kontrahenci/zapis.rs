//! Writing contractors: the upsert, and a safe way to it.

use std::collections::BTreeMap;

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::super::WynikZapisu;
use super::super::adres::{AdresKontrahenta, Wojewodztwo};
use super::{
    AltOneKontrahenci, KartotekaKontrahenta, KontaktKontrahenta, ListaKontrahentow, RodzajPodmiotu,
    WarunkiPlatnosci, rows,
};
use crate::adres::Adres;
use crate::envelope::{self, BadRow, Rows};
use crate::ids::redacted_debug;
use crate::kontrahenci::{KluczKontrahenta, ZapisKontrahenta, ZapisKontrahentow, ZapisanyKontrahent};
use crate::towary::at_most_one;
use crate::wire;
use crate::{Error, KodOdmowy, KontrahentId, Result};

/// `POST api/OperationFunctionsWebAPI/UpdateContractor`: makes or changes a contractor.
///
/// A `Create`: in which order `ID`, `Guid` and `Kod` find the contractor is not documented, so that a second delivery could make
/// a second one. Fields that are not sent may fall back to their defaults; for a contractor that exists, [`ZapiszCalosc`] sends them
/// all.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct UpdateContractor {
    /// The contractor.
    pub kontrahent: KartotekaKontrahenta,
}

impl UpdateContractor {
    /// This contractor.
    pub fn new(kontrahent: KartotekaKontrahenta) -> Self {
        Self { kontrahent }
    }
}

impl Endpoint for UpdateContractor {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisu;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "UpdateContractor"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// `POST api/OperationFunctionsWebAPI/UpdateContractor` with a contractor as it was read, and changes laid over it.
///
/// Every field that the server sent goes back, also those that this version of the crate does not know, except two lists:
/// `Attachments`, which would be attached again, and `Features`, of which only the named ones are sent, since calculated ones
/// cannot be written (both *inferred*).
#[derive(Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ZapiszCalosc {
    calosc: Object,
}

redacted_debug!(ZapiszCalosc {});

impl ZapiszCalosc {
    /// The contractor that was read with the fields that are set in `zmiany`; those that are not set stay.
    ///
    /// # Errors
    /// Kind `Decode` when what was read is no JSON object, `Config` when the changes cannot be written as one.
    pub fn new(odczytany: &RawValue, zmiany: &impl Serialize) -> Result<Self> {
        let mut calosc = object(odczytany).ok_or_else(|| Error::decode_at("a contractor is no object"))?;
        for list in ["Attachments", "Features"] {
            let empty = RawValue::from_string("[]".to_owned()).map_err(unwritable)?;
            calosc.insert(list.to_owned(), empty);
        }
        let zmiany = to_raw_value(zmiany).map_err(unwritable)?;
        let zmiany = object(&zmiany).ok_or_else(|| Error::config("the changes are no object"))?;
        lay_over(&mut calosc, zmiany)?;
        Ok(Self { calosc })
    }
}

impl Endpoint for ZapiszCalosc {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisu;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "UpdateContractor"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// A JSON object whose values keep their digits.
type Object = BTreeMap<String, Box<RawValue>>;

fn object(json: &RawValue) -> Option<Object> {
    serde_json::from_str(json.get()).ok()
}

fn unwritable(_: serde_json::Error) -> Error {
    Error::config("a contractor cannot be written as JSON")
}

/// Members of `over` replace those of `base`; objects in both are gone into.
fn lay_over(base: &mut Object, over: Object) -> Result<()> {
    for (name, value) in over {
        let value = match (base.get(&name).and_then(|own| object(own)), object(&value)) {
            (Some(mut own), Some(inner)) => {
                lay_over(&mut own, inner)?;
                to_raw_value(&own).map_err(unwritable)?
            }
            _ => value,
        };
        base.insert(name, value);
    }
    Ok(())
}

/// `GetContractors` for one Guid, each row as its JSON text and what names it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Odczyt(ListaKontrahentow);

impl Endpoint for Odczyt {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<Box<RawValue>>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetContractors"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        rows(body)
    }
}

impl AltOneKontrahenci {
    /// A new contractor may not take the Kod of another one: a server that finds by Kod would overwrite that one.
    async fn kod_is_free(&self, zapis: &ZapisKontrahenta) -> Result<()> {
        let Some(kod) = &zapis.kod else { return Ok(()) };
        let rows = self.get(&KluczKontrahenta::Kod(kod.clone())).await?;
        let found = rows.into_iter().next().transpose().map_err(|bad| bad.error)?;
        if found.is_none() {
            return Ok(());
        }
        let code = KodOdmowy::BledneDane.as_str().to_owned();
        Err(Error::refused(Some(code), "another contractor has this Kod"))
    }

    /// The contractor of this Guid, whole, as JSON text.
    async fn whole(&self, guid: Uuid) -> Result<Option<Box<RawValue>>> {
        #[derive(Deserialize)]
        struct Key {
            #[serde(rename = "Guid", default, with = "wire::guid")]
            guid: Option<Uuid>,
        }
        let wybor = ListaKontrahentow::builder()
            .guid(guid)
            .powiazania(true)
            .warunki_handlowe(true)
            .odsetki_karne(true)
            .build();
        let mut rows = self.client.send(&Odczyt(wybor)).await?;
        // The remote filter is a hint. A row whose key cannot be read might be the one: better no write than a second contractor.
        let key = |row: &RawValue| serde_json::from_str::<Key>(row.get()).ok().and_then(|key| key.guid);
        for (position, row) in rows.iter_mut().enumerate() {
            if row.as_ref().is_ok_and(|row| key(row).is_none()) {
                *row = Err(BadRow::new(position, Error::decode_at("Guid")));
            }
        }
        rows.retain(|row| row.as_ref().map_or(true, |row| key(row) == Some(guid)));
        at_most_one(rows)
    }
}

/// Saves by reading first: the contractor of the Guid is read whole, the named fields are laid over it, and all of it is sent
/// ([`ZapiszCalosc`]). Without one, a contractor is made with the Guid.
///
/// - A second call after a lost answer finds the contractor by its Guid. That a server keeps the Guid that a caller assigns is
///   documented; which key wins is not, so that an existing contractor is sent with its `ID`, `Guid` and `Kod`.
/// - Between reading and writing somebody else may write: the contract has no versions. A `wersja` is refused (kind `Invalid`), and so
///   is an addressee in the address, which the contract has no place for.
/// - The tax number goes to `EuVAT`; an `eu_vat` that is not empty wins over `nip`.
/// - A new contractor whose Kod another one has is refused (`BledneDane`), since the server may find by Kod.
/// - An address that is another one than before also clears commune, county, voivodeship and the country's name.
/// - The id comes from the answer, or from reading again where the answer does not tell it.
#[async_trait]
impl ZapisKontrahentow for AltOneKontrahenci {
    async fn save_kontrahent(&self, zapis: &ZapisKontrahenta) -> Result<ZapisanyKontrahent> {
        #[derive(Deserialize)]
        struct Written {
            #[serde(rename = "ID")]
            id: Option<KontrahentId>,
            #[serde(rename = "Kod")]
            kod: Option<String>,
        }
        if zapis.wersja.is_some() {
            return Err(Error::invalid("AltOne's contract has no versions of contractors"));
        }
        let client = &self.client;
        let wynik = match self.whole(zapis.guid).await? {
            Some(whole) => {
                let old: KartotekaKontrahenta = serde_json::from_str(whole.get())
                    .map_err(|_| Error::decode_at("a contractor that is to be changed"))?;
                client.send(&ZapiszCalosc::new(&whole, &changes(zapis, old.adres)?)?).await?
            }
            None if zapis.nazwa.is_none() => {
                return Err(Error::invalid("a new contractor needs a name"));
            }
            None => {
                self.kod_is_free(zapis).await?;
                client.send(&UpdateContractor::new(changes(zapis, None)?)).await?
            }
        };
        let (id, kod) = match wynik.id {
            Some(id) => (id, wynik.kod),
            None => {
                let unread = || Error::decode_at("a contractor that was saved is not found");
                let again = self.whole(zapis.guid).await.and_then(|whole| whole.ok_or_else(unread));
                let again: Written = again
                    .and_then(|whole| serde_json::from_str(whole.get()).map_err(|_| unread()))
                    .map_err(|error| error.with_may_have_been_applied(true))?;
                let id = again.id.ok_or_else(unread);
                (id.map_err(|error| error.with_may_have_been_applied(true))?.0, again.kod)
            }
        };
        let kod = kod.filter(|kod| !kod.is_empty()).or_else(|| zapis.kod.clone());
        Ok(ZapisanyKontrahent::builder().id(KontrahentId(id)).guid(zapis.guid).maybe_kod(kod).build())
    }
}

/// The named fields as AltOne spells them, nothing else.
fn changes(zapis: &ZapisKontrahenta, old: Option<AdresKontrahenta>) -> Result<KartotekaKontrahenta> {
    let adres = zapis.adres.as_ref().map(|adres| whole_address(adres, old)).transpose()?;
    let email = zapis.email.clone().or_else(|| zapis.adres.as_ref().and_then(|adres| adres.email.clone()));
    let adres = match (adres, &zapis.telefon) {
        (adres, None) => adres,
        (adres, Some(telefon)) => {
            Some(AdresKontrahenta { telefon: Some(telefon.clone()), ..adres.unwrap_or_default() })
        }
    };
    let platnosci = WarunkiPlatnosci {
        nazwa: zapis.forma_platnosci.clone(),
        termin_dni: zapis.termin_dni,
        waluta: zapis.waluta.clone(),
        ..WarunkiPlatnosci::default()
    };
    let mut kontrahent = KartotekaKontrahenta::builder()
        .guid(zapis.guid)
        .nazwa("")
        .maybe_kod(zapis.kod.clone())
        .maybe_eu_vat(tax_number(zapis))
        .maybe_rodzaj_podmiotu(zapis.rodzaj_vat.as_deref().map(RodzajPodmiotu::from))
        .maybe_adres(adres)
        .maybe_forma_platnosci((platnosci != WarunkiPlatnosci::default()).then_some(platnosci))
        .maybe_kontakt(email.map(|email| KontaktKontrahenta::builder().email(email).build()))
        .features(zapis.cechy.clone())
        .build();
    kontrahent.nazwa.clone_from(&zapis.nazwa);
    Ok(kontrahent)
}

/// The one tax number that the contract has: the EU's, else the Polish one. Both empty empties it.
fn tax_number(zapis: &ZapisKontrahenta) -> Option<String> {
    let both = [&zapis.eu_vat, &zapis.nip];
    let told = both.into_iter().flatten().find(|number| !number.is_empty());
    told.or(zapis.eu_vat.as_ref()).or(zapis.nip.as_ref()).cloned()
}

/// An address as a whole: what it does not name is emptied, unless nothing of it changes.
fn whole_address(adres: &Adres, old: Option<AdresKontrahenta>) -> Result<AdresKontrahenta> {
    if adres.nazwa.as_deref().is_some_and(|nazwa| !nazwa.is_empty()) {
        return Err(Error::invalid("AltOne's contract has no addressee in the address of a contractor"));
    }
    let text = |part: &Option<String>| Some(part.clone().unwrap_or_default());
    let mut new = AdresKontrahenta {
        ulica: text(&adres.ulica),
        nr_domu: text(&adres.nr_domu),
        nr_lokalu: text(&adres.nr_lokalu),
        kod_pocztowy_s: text(&adres.kod_pocztowy),
        miejscowosc: text(&adres.miejscowosc),
        poczta: text(&adres.poczta),
        kod_kraju: text(&adres.kod_kraju),
        telefon: adres.telefon.clone(),
        ..AdresKontrahenta::default()
    };
    let place = |adres: AdresKontrahenta| {
        let adres = adres.into_adres();
        Adres { telefon: None, email: None, ..adres }
    };
    if old.is_some_and(|old| place(old) != place(new.clone())) {
        new.gmina = Some(String::new());
        new.powiat = Some(String::new());
        new.kraj = Some(String::new());
        new.wojewodztwo = Some(Wojewodztwo::Nieokreslone);
    }
    Ok(new)
}
