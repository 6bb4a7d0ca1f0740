//! The add-on `SklepApi`: one method that gives goods with stock and cechy. All that the flows need of it is here.

use async_trait::async_trait;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use soneta_webapi::wire::{self, Cecha};
use soneta_webapi::{
    Change, ChangesQuery, Client, Continuation, Effect, Endpoint, Error, MagazynId, Path, Result, Rows,
    StanMagazynu, StanTowaru, Stany, StanyQuery, Towar, TowarId, Towary, WirePage, envelope,
};

/// The cecha that sends a good to the portal.
const TICK: &str = "Sklep internetowy";

/// `POST api/SklepApi/Towary`: goods after an id, or the goods of these ids or codes.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListaTowarow<'a> {
    po_id: i32,
    ile: u32,
    idy: &'a [TowarId],
    kody: &'a [String],
}

/// A row as the add-on spells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wiersz {
    id: TowarId,
    symbol: String,
    nazwa: String,
    jm: String,
    stawka: String,
    #[serde(with = "wire::decimal")]
    na_stanie: Decimal,
    #[serde(with = "wire::decimal")]
    zarezerwowane: Decimal,
    cechy: Vec<Cecha>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reszta {
    dalej: bool,
}

impl Endpoint for ListaTowarow<'_> {
    const EFFECT: Effect = Effect::Read;
    type Response = (Reszta, Rows<Wiersz>);
    fn path(&self) -> Path {
        Path::new(["api", "SklepApi", "Towary"])
    }
    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        // each row by itself: a bad one does not hide the others
        envelope::decode_rows(body, "Towary")
    }
}

/// The add-on's client: it implements the ports of the areas that the add-on has, and no others.
#[derive(Debug, Clone)]
pub struct Sklep(Client);

impl Sklep {
    /// The add-on behind this client's session.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self(client.clone())
    }

    /// A page of the list called `list`, its rows made into neutral records.
    async fn page<T>(
        &self,
        list: &str,
        after: Option<&Continuation>,
        ile: u32,
        record: impl Fn(Wiersz) -> T,
    ) -> Result<WirePage<T>> {
        let damaged = |_| Error::config("a continuation of the add-on's list is damaged");
        let after = after.map(|after| after.position(list)?.parse().map_err(damaged)).transpose()?;
        let po_id = after.unwrap_or(0);
        let (Reszta { dalej }, rows) =
            self.0.send(&ListaTowarow { po_id, ile, ..Default::default() }).await?;
        let last = rows.iter().map(|row| row.as_ref().map_or_else(|bad| bad.id, |row| Some(row.id.0))).max();
        let next = last.flatten().filter(|_| dalej).map(|id| Continuation::new(list, id));
        Ok(WirePage::new(rows.into_iter().map(|row| row.map(&record)).collect(), next).at_end(!dalej))
    }

    async fn some(&self, idy: &[TowarId], kody: &[String]) -> Result<Rows<Towar>> {
        let (_, rows) = self.0.send(&ListaTowarow { idy, kody, ..Default::default() }).await?;
        Ok(rows.into_iter().map(|row| row.map(towar)).collect())
    }
}

#[async_trait]
impl Towary for Sklep {
    async fn list_towary(&self, query: &ChangesQuery) -> Result<WirePage<Change<Towar>>> {
        self.page("sklep/towary", query.after.as_ref(), query.limit, |row| Change::Upsert(towar(row))).await
    }

    async fn get_towary(&self, ids: &[TowarId]) -> Result<Rows<Towar>> {
        self.some(ids, &[]).await
    }

    async fn get_towary_by_kod(&self, kody: &[String]) -> Result<Rows<Towar>> {
        self.some(&[], kody).await
    }
}

#[async_trait]
impl Stany for Sklep {
    async fn list_stany(&self, query: &StanyQuery) -> Result<WirePage<StanTowaru>> {
        self.page("sklep/stany", query.after.as_ref(), query.limit, stan).await
    }
}

fn ticked(row: &Wiersz) -> bool {
    row.cechy.iter().any(|cecha| cecha.nazwa == TICK && cecha.wartosc.bool() == Some(true))
}

fn towar(row: Wiersz) -> Towar {
    let zaznaczony = ticked(&row);
    let towar = Towar::builder().id(row.id).kod(row.symbol).nazwa(row.nazwa).jednostka(row.jm);
    towar.stawka_vat(row.stawka).zaznaczony(zaznaczony).cechy(row.cechy).build()
}

fn stan(row: Wiersz) -> StanTowaru {
    let magazyn = StanMagazynu::builder().magazyn_id(MagazynId(1)).magazyn("F").stan(row.na_stanie);
    let dostepne = row.na_stanie - row.zarezerwowane;
    let magazyn = magazyn.zarezerwowane(row.zarezerwowane).dostepne(dostepne).build();
    let zaznaczony = ticked(&row);
    let stan = StanTowaru::builder().towar_id(row.id).kod(row.symbol).zaznaczony(zaznaczony);
    stan.jednostka(row.jm).magazyny(vec![magazyn]).build()
}
