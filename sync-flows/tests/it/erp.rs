//! An ERP of a few rows that a test can change, behind the ports.

use async_trait::async_trait;
use rust_decimal::Decimal;
use soneta_webapi::wire::Currency;
use soneta_webapi::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone, Default)]
pub(crate) struct FakeErp {
    pub(crate) state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Kod → warehouse → available.
    pub(crate) stock: BTreeMap<String, BTreeMap<String, Decimal>>,
    pub(crate) unticked: Vec<String>,
    pub(crate) prices: BTreeMap<String, Decimal>,
    pub(crate) documents: Vec<NoweZamowienie>,
    pub(crate) price_checks: usize,
    /// What the next creates do instead of answering.
    pub(crate) create_fails: Vec<CreateFault>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum CreateFault {
    AppliedThenLost,
    LostBefore,
    Refused(&'static str),
    /// The contract cannot express the order.
    Inexpressible,
    NotFound,
}

impl FakeErp {
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap())
    }

    pub(crate) fn set_stock(&self, kod: &str, magazyn: &str, available: i64) {
        self.with(|s| s.stock.entry(kod.into()).or_default().insert(magazyn.into(), available.into()));
    }

    pub(crate) fn set_price(&self, kod: &str, price: &str) {
        self.with(|s| s.prices.insert(kod.into(), price.parse().unwrap()));
    }

    fn id_of(&self, guid: uuid::Uuid) -> DokumentId {
        let place = self.with(|s| s.documents.iter().position(|document| document.guid == guid));
        DokumentId(i32::try_from(place.unwrap()).unwrap() + 7)
    }

    fn saved(&self, order: &NoweZamowienie) -> ZapisaneZamowienie {
        let id = self.id_of(order.guid);
        ZapisaneZamowienie::builder()
            .id(id)
            .guid(order.guid)
            .numer("BUFOR")
            .stan(StanDokumentu::Bufor)
            .build()
    }

    pub(crate) fn documents(&self) -> Vec<NoweZamowienie> {
        self.with(|s| s.documents.clone())
    }
}

fn page<T>(
    rows: Vec<std::result::Result<T, BadRow>>,
    query: Option<&Continuation>,
    limit: u32,
) -> WirePage<T> {
    let from: usize = query.map_or(0, |c| c.position("fake").unwrap().parse().unwrap());
    let limit = usize::try_from(limit).unwrap();
    let end = from + limit >= rows.len();
    let rows = rows.into_iter().skip(from).take(limit).collect();
    let next = (!end).then(|| Continuation::new("fake", from + limit));
    WirePage::new(rows, next).at_end(end)
}

#[async_trait]
impl Stany for FakeErp {
    async fn list_stany(&self, query: &StanyQuery) -> Result<WirePage<StanTowaru>> {
        let rows = self.with(|s| {
            let row = |(i, (kod, levels)): (usize, (&String, &BTreeMap<String, Decimal>))| {
                let magazyny = levels.iter().zip(1..).map(|((magazyn, available), id)| {
                    StanMagazynu::builder()
                        .magazyn_id(MagazynId(id))
                        .magazyn(magazyn.as_str())
                        .stan(*available)
                        .zarezerwowane(Decimal::ZERO)
                        .dostepne(*available)
                        .build()
                });
                Ok(StanTowaru::builder()
                    .towar_id(TowarId(i32::try_from(i).unwrap() + 1))
                    .kod(kod.as_str())
                    .zaznaczony(!s.unticked.contains(kod))
                    .jednostka("szt")
                    .magazyny(magazyny.collect())
                    .build())
            };
            s.stock.iter().enumerate().map(row).collect()
        });
        Ok(page(rows, query.after.as_ref(), query.limit.min(2)))
    }
}

#[async_trait]
impl Ceny for FakeErp {
    async fn list_detaliczne(&self, query: &SnapshotQuery) -> Result<WirePage<CenaDetaliczna>> {
        let rows = self.with(|s| {
            let row = |(i, (kod, price)): (usize, (&String, &Decimal))| {
                let cena = |list: &str, price: Decimal| {
                    CenaDetaliczna::builder()
                        .towar_id(TowarId(i32::try_from(i).unwrap() + 1))
                        .kod(kod.as_str())
                        .zaznaczony(!s.unticked.contains(kod))
                        .definicja_ceny(list)
                        .netto(Currency::new(price, "PLN"))
                        .brutto(Currency::new(price * Decimal::new(123, 2), "PLN"))
                        .stawka_vat("23%")
                        .jednostka("szt")
                        .za_ilosc(Decimal::ONE)
                        .build()
                };
                [Ok(cena("Detaliczna", *price)), Ok(cena("Hurtowa", *price - Decimal::ONE))]
            };
            s.prices.iter().enumerate().flat_map(row).collect()
        });
        Ok(page(rows, query.after.as_ref(), query.limit))
    }

    async fn wycen(&self, query: &ZapytanieWyceny) -> Result<Vec<Wycena>> {
        self.with(|s| {
            s.price_checks += 1;
            query
                .pozycje
                .iter()
                .map(|line| {
                    let kod = line.towar.kod().unwrap();
                    let price = *s.prices.get(kod).ok_or_else(|| {
                        Error::refused(Some("NieZnaleziono".into()), format!("nie ma towaru {kod}"))
                    })?;
                    let money = |value| Currency::new(value, "PLN");
                    Ok(Wycena::builder()
                        .towar_id(TowarId(1))
                        .kod(kod)
                        .netto(money(price))
                        .brutto(money(price))
                        .wartosc_netto(money(price * line.ilosc.value))
                        .wartosc_brutto(money(price * line.ilosc.value))
                        .stawka_vat("23%")
                        .build())
                })
                .collect()
        })
    }
}

#[async_trait]
impl Zamowienia for FakeErp {
    async fn create_once(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie> {
        let fault = self.with(|s| (!s.create_fails.is_empty()).then(|| s.create_fails.remove(0)));
        match fault {
            Some(CreateFault::LostBefore) => {
                return Err(Error::refused(None, "lost").with_may_have_been_applied(true));
            }
            Some(CreateFault::NotFound) => return Err(Error::new(ErrorKind::NotFound, "no such controller")),
            Some(CreateFault::Inexpressible) => return Err(Error::invalid("a line has no Kod")),
            Some(CreateFault::Refused(code)) => return Err(Error::refused(Some(code.into()), "nie")),
            _ => {}
        }
        self.with(|s| {
            if !s.documents.iter().any(|document| document.guid == order.guid) {
                s.documents.push(order.clone());
            }
        });
        match fault {
            Some(_) => Err(Error::refused(None, "lost").with_may_have_been_applied(true)),
            None => Ok(self.saved(order)),
        }
    }

    async fn get_zamowienie(&self, klucz: &KluczZamowienia) -> Result<Option<Zamowienie>> {
        let KluczZamowienia::Guid(guid) = klucz else { panic!("looked up by {klucz:?}") };
        let found = self.with(|s| s.documents.iter().find(|document| document.guid == *guid).cloned());
        Ok(found.map(|order| {
            let lines = order.pozycje.iter().zip(1..).map(|(line, id)| {
                PozycjaRealizacji::builder()
                    .id(id)
                    .ilosc(line.ilosc.clone())
                    .zrealizowano(line.ilosc.clone())
                    .build()
            });
            Zamowienie::builder()
                .id(self.id_of(order.guid))
                .guid(order.guid)
                .numer("BUFOR")
                .stan(StanDokumentu::Bufor)
                .kontrahent_id(order.kontrahent_id)
                .suma_netto(Currency::new(order.suma_netto().unwrap(), "PLN"))
                .pozycje(lines.collect())
                .build()
        }))
    }

    async fn get_statusy(&self, _ids: &[DokumentId]) -> Result<Rows<Zamowienie>> {
        Ok(Vec::new())
    }
}
