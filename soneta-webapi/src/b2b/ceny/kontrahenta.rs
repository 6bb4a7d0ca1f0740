use std::fmt;

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::B2bCeny;
use crate::b2b::lista::{Migawka, ROWS, snapshot_start};
use crate::ceny::{CenaKontrahenta, CenyKontrahentow, Prog, WyjatekCeny};
use crate::envelope;
use crate::page::{SnapshotQuery, WirePage};
use crate::wire::{self, Currency, Quantity};
use crate::{Error, KontrahentId, Result, TowarId};

/// `POST api/B2BCeny/DlaKontrahenta`: a snapshot of what a contractor pays, ordered by the good's id. A good that he cannot buy has no
/// row.
#[derive(Debug, Clone, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CenyDlaKontrahenta {
    /// The contractor.
    pub kontrahent_id: KontrahentId,
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

impl Endpoint for CenyDlaKontrahenta {
    const EFFECT: Effect = Effect::Read;
    type Response = Migawka<CenaKontrahenta>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BCeny", "DlaKontrahenta"])
    }

    /// An answer about another contractor is an error: his prices must not be shown to this one.
    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            kontrahent_id: KontrahentId,
            koniec: bool,
            po_id: i32,
        }
        let (Beside { kontrahent_id, koniec, po_id }, pozycje) = envelope::decode_rows(body, ROWS)?;
        if kontrahent_id != self.kontrahent_id {
            return Err(Error::decode_at("the prices are those of another contractor"));
        }
        Ok(Migawka { pozycje, koniec, po_id })
    }
}

/// A row of the wire, its units and thresholds not yet looked at: a contractor's or a profile's price, or an exception.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WierszCenyKontrahenta {
    /// Only exceptions carry it.
    kontrahent_id: Option<KontrahentId>,
    towar_id: TowarId,
    kod: String,
    zaznaczony: bool,
    definicja_ceny: String,
    netto: Currency,
    brutto: Currency,
    stawka_vat: String,
    jednostka: String,
    za_ilosc: Quantity,
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    progi: Vec<WierszProgu>,
    #[serde(default, with = "wire::instant::option")]
    liczona_od: Option<DateTime<Utc>>,
    #[serde(default, with = "wire::instant::option")]
    wazna_do: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WierszProgu {
    ilosc_od: Quantity,
    netto: Currency,
    brutto: Currency,
}

/// Why a row is no price.
#[derive(Debug)]
pub(crate) enum NotAPrice {
    Unit,
    Threshold,
    SameThreshold,
    NoContractor,
}

impl fmt::Display for NotAPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unit => "a quantity is in another unit than the row's own",
            Self::Threshold => "a threshold is not above zero",
            Self::SameThreshold => "two thresholds are at the same quantity",
            Self::NoContractor => "missing field `KontrahentId`",
        })
    }
}

impl TryFrom<WierszCenyKontrahenta> for CenaKontrahenta {
    type Error = NotAPrice;

    fn try_from(row: WierszCenyKontrahenta) -> Result<Self, NotAPrice> {
        let za_ilosc = in_unit(row.za_ilosc, &row.jednostka)?;
        let mut progi = Vec::with_capacity(row.progi.len());
        for WierszProgu { ilosc_od, netto, brutto } in row.progi {
            let ilosc_od = in_unit(ilosc_od, &row.jednostka)?;
            if ilosc_od <= Decimal::ZERO {
                return Err(NotAPrice::Threshold);
            }
            progi.push(Prog { ilosc_od, netto, brutto });
        }
        progi.sort_by_key(|prog| prog.ilosc_od);
        if progi.windows(2).any(|two| matches!(two, [one, next] if one.ilosc_od == next.ilosc_od)) {
            return Err(NotAPrice::SameThreshold);
        }
        Ok(Self {
            towar_id: row.towar_id,
            kod: row.kod,
            zaznaczony: Some(row.zaznaczony),
            definicja_ceny: row.definicja_ceny,
            netto: row.netto,
            brutto: row.brutto,
            stawka_vat: row.stawka_vat,
            jednostka: row.jednostka,
            za_ilosc,
            progi,
            liczona_od: row.liczona_od,
            wazna_do: row.wazna_do,
        })
    }
}

impl TryFrom<WierszCenyKontrahenta> for WyjatekCeny {
    type Error = NotAPrice;

    fn try_from(row: WierszCenyKontrahenta) -> Result<Self, NotAPrice> {
        let kontrahent_id = row.kontrahent_id.ok_or(NotAPrice::NoContractor)?;
        Ok(Self { kontrahent_id, cena: row.try_into()? })
    }
}

/// The value of a quantity in this unit; no symbol means this unit.
fn in_unit(quantity: Quantity, unit: &str) -> Result<Decimal, NotAPrice> {
    if quantity.symbol.is_empty() || quantity.symbol == unit {
        Ok(quantity.value)
    } else {
        Err(NotAPrice::Unit)
    }
}

/// Names a contractor's list in its continuations, so that they fit no other contractor's.
fn list(kontrahent_id: KontrahentId) -> String {
    format!("b2b/ceny-kontrahenta/{kontrahent_id}")
}

#[async_trait]
impl CenyKontrahentow for B2bCeny {
    async fn list_dla_kontrahenta(
        &self,
        kontrahent_id: KontrahentId,
        towary: Option<&[TowarId]>,
        query: &SnapshotQuery,
    ) -> Result<WirePage<CenaKontrahenta>> {
        let list = list(kontrahent_id);
        let po_id = snapshot_start(&list, query.after.as_ref())?;
        if towary.is_some_and(<[TowarId]>::is_empty) {
            return Ok(super::nothing());
        }
        let towary_id = towary.unwrap_or_default().to_vec();
        let request = CenyDlaKontrahenta { kontrahent_id, po_id, ile: query.limit, towary_id };
        Ok(self.client.send(&request).await?.into_page(&list))
    }
}
