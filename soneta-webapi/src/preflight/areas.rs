//! Areas: whether each can be read, how many rows it has, and what its rows say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{Stream, TryStreamExt as _};
use uuid::Uuid;

use super::report::{Check, Report};
use crate::page::{Change, ChangesQuery, SnapshotQuery, WirePage, stream_pages};
use crate::{
    Area, BadRow, DokumentyQuery, ErrorKind, Installation, KluczZamowienia, Kontrahent, KontrahentId, Result,
    StanyQuery, Towar,
};

/// Documents are large: more of them in one answer may take a server longer than it permits itself.
const DOCUMENTS: u32 = 200;

/// How many faults of rows are shown per area.
const SHOWN_FAULTS: usize = 3;

/// What the rows said, for the checks that compare areas.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How far the server's clock is ahead of ours, at the first page that told it.
    pub(super) ahead: Option<TimeDelta>,
    /// The first contractor.
    kontrahent: Option<KontrahentId>,
    /// VAT rates of goods.
    pub(super) stawki_vat: BTreeSet<String>,
    /// Payment methods of contractors.
    pub(super) formy_platnosci: BTreeSet<String>,
    /// Warehouses of stock.
    pub(super) magazyny: BTreeSet<String>,
    /// Cechy that came with rows, per table.
    pub(super) cechy: BTreeMap<&'static str, BTreeSet<String>>,
}

/// Tells the time.
pub(super) type Now<'a> = &'a (dyn Fn() -> DateTime<Utc> + Send + Sync);

impl Seen {
    fn compare_clocks<T>(&mut self, page: &WirePage<T>, now: Now<'_>) {
        if let (None, Some(server)) = (self.ahead, page.as_of) {
            self.ahead = Some(server - now());
        }
    }
}

/// Reads every area and reports.
pub(super) async fn look(installation: &Installation, rows: u32, now: Now<'_>, report: &mut Report) -> Seen {
    let mut seen = Seen::default();
    for area in Area::ALL {
        if installation.has(*area) {
            let check = match look_at(*area, installation, rows, now, &mut seen).await {
                Ok(check) => check,
                // A server of a lower tier works; whether the area is missed, who asks knows.
                Err(error) if error.kind() == ErrorKind::NotFound => Check::warning(
                    id(*area),
                    "not offered by this installation",
                    "If a flow needs it, ask the partner whether the add-on offers it (which tier) and is installed for this \
                     database; after an upgrade of the server add-ons may have to be rebuilt.",
                ),
                Err(error) => Check::of_error(id(*area), &error),
            };
            report.add(check);
        }
    }
    seen
}

fn id(area: Area) -> String {
    format!("area.{area}")
}

async fn look_at(
    area: Area,
    installation: &Installation,
    rows: u32,
    now: Now<'_>,
    seen: &mut Seen,
) -> Result<Check> {
    let changes = |after| ChangesQuery { after, ..ChangesQuery::builder().limit(rows).build() };
    let snapshot = |after| SnapshotQuery { after, ..SnapshotQuery::builder().limit(rows).build() };
    let documents =
        |after| DokumentyQuery { after, ..DokumentyQuery::builder().limit(rows.min(DOCUMENTS)).build() };
    let count = match area {
        Area::Goods => {
            let port = installation.towary()?;
            let pages = stream_pages(None, async |after| port.list_towary(&changes(after)).await);
            read(pages, rows, |page| {
                seen.compare_clocks(page, now);
                present(page).for_each(|towar| goods(towar, seen));
            })
            .await?
        }
        Area::Stock => {
            let port = installation.stany()?;
            let query = |after| StanyQuery { after, ..StanyQuery::builder().limit(rows).build() };
            let pages = stream_pages(None, async |after| port.list_stany(&query(after)).await);
            read(pages, rows, |page| {
                let stany = page.rows.iter().flatten().flat_map(|stan| &stan.magazyny);
                seen.magazyny.extend(stany.map(|stan| stan.magazyn.clone()));
            })
            .await?
        }
        Area::Prices => {
            let port = installation.ceny()?;
            read(stream_pages(None, async |after| port.list_detaliczne(&snapshot(after)).await), rows, |_| ())
                .await?
        }
        Area::Contractors => {
            let port = installation.kontrahenci()?;
            let pages = stream_pages(None, async |after| port.list_kontrahenci(&changes(after)).await);
            read(pages, rows, |page| present(page).for_each(|kontrahent| contractor(kontrahent, seen)))
                .await?
        }
        Area::CreditLimits => {
            let port = installation.limity()?;
            read(stream_pages(None, async |after| port.list_limity(&snapshot(after)).await), rows, |_| ())
                .await?
        }
        Area::OrderList => {
            let port = installation.lista_zamowien()?;
            read(
                stream_pages(None, async |after| port.list_zamowienia(&documents(after)).await),
                rows,
                |page| seen.compare_clocks(page, now),
            )
            .await?
        }
        Area::Invoices => {
            let port = installation.faktury()?;
            read(stream_pages(None, async |after| port.list_faktury(&documents(after)).await), rows, |page| {
                seen.compare_clocks(page, now)
            })
            .await?
        }
        Area::DeliveryNotes => {
            let port = installation.wydania()?;
            read(stream_pages(None, async |after| port.list_wydania(&documents(after)).await), rows, |page| {
                seen.compare_clocks(page, now)
            })
            .await?
        }
        Area::Settlements => {
            let port = installation.rozrachunki()?;
            read(
                stream_pages(None, async |after| port.list_rozrachunki(&changes(after)).await),
                rows,
                |page| seen.compare_clocks(page, now),
            )
            .await?
        }
        Area::Orders => return orders(installation).await,
        Area::ChangeQueue => return change_queue(installation).await,
        Area::PriceProfiles => {
            let port = installation.profile_cen()?;
            read(stream_pages(None, async |after| port.list_profile(&snapshot(after)).await), rows, |_| ())
                .await?
        }
        Area::ClientPrices => return client_prices(installation, rows, seen).await,
        Area::ContractorWrites | Area::OrderChanges | Area::Dictionaries => return Ok(not_tried(area)),
    };
    Ok(count.check(area))
}

fn not_tried(area: Area) -> Check {
    match area {
        Area::Dictionaries => Check::not_tried(id(area), "see below"),
        _ => Check::not_tried(id(area), "it writes; verify_write tries orders on a test database"),
    }
}

/// The rows that are there, without the bad and the removed ones.
fn present<T>(page: &WirePage<Change<T>>) -> impl Iterator<Item = &T> {
    page.rows.iter().flatten().filter_map(|change| match change {
        Change::Upsert(row) => Some(row),
        Change::Deleted(_) => None,
    })
}

fn goods(towar: &Towar, seen: &mut Seen) {
    seen.stawki_vat.extend(towar.stawka_vat.clone());
    let cechy = seen.cechy.entry("Towary").or_default();
    cechy.extend(towar.cechy.iter().map(|cecha| cecha.nazwa.clone()));
}

fn contractor(kontrahent: &Kontrahent, seen: &mut Seen) {
    seen.kontrahent.get_or_insert(kontrahent.id);
    let method = kontrahent.forma_platnosci.clone();
    seen.formy_platnosci.extend(method.filter(|method| !method.is_empty()));
    let cechy = seen.cechy.entry("Kontrahenci").or_default();
    cechy.extend(kontrahent.cechy.iter().map(|cecha| cecha.nazwa.clone()));
}

/// Prices are asked for of one contractor.
async fn client_prices(installation: &Installation, rows: u32, seen: &Seen) -> Result<Check> {
    let Some(kontrahent) = seen.kontrahent else {
        return Ok(Check::not_tried(id(Area::ClientPrices), "no contractor was read to ask for"));
    };
    let port = installation.ceny_kontrahentow()?;
    let query = |after| SnapshotQuery { after, ..SnapshotQuery::builder().limit(rows).build() };
    let pages =
        stream_pages(None, async |after| port.list_dla_kontrahenta(kontrahent, None, &query(after)).await);
    Ok(read(pages, rows, |_| ()).await?.check(Area::ClientPrices))
}

/// Orders have no list: one that cannot exist is looked up.
async fn orders(installation: &Installation) -> Result<Check> {
    let nobody = KluczZamowienia::Guid(Uuid::nil());
    Ok(match installation.zamowienia()?.get_zamowienie(&nobody).await? {
        None => Check::ok(id(Area::Orders), "look-up by Guid answers"),
        Some(_) => Check::failed(
            id(Area::Orders),
            "a Guid that belongs to no order is answered with one",
            "Have the add-on's look-up corrected before any order is sent: it would be taken for another one.",
        ),
    })
}

async fn change_queue(installation: &Installation) -> Result<Check> {
    let tables = installation.kolejka_zmian()?.list_tabele().await?;
    let waiting: i64 = tables.iter().map(|table| table.ile).sum();
    let names: Vec<_> = tables.iter().map(|table| format!("{} {}", table.tabela, table.ile)).collect();
    let finding = format!("{waiting} changes wait in {} tables", tables.len());
    Ok(Check::ok(id(Area::ChangeQueue), finding).detail(names.join(", ")))
}

/// How many rows were read, and what was wrong with them.
#[derive(Debug, Default)]
struct Count {
    rows: usize,
    bad: usize,
    faults: Vec<String>,
    end: bool,
}

async fn read<T>(
    pages: impl Stream<Item = Result<WirePage<T>>>,
    rows: u32,
    mut look: impl FnMut(&WirePage<T>),
) -> Result<Count> {
    let enough = usize::try_from(rows).unwrap_or(usize::MAX);
    let mut count = Count::default();
    let mut pages = std::pin::pin!(pages);
    while let Some(page) = pages.try_next().await? {
        count.rows += page.rows.len();
        count.end = page.end;
        for bad in page.rows.iter().filter_map(|row| row.as_ref().err()) {
            count.bad += 1;
            if count.faults.len() < SHOWN_FAULTS {
                count.faults.push(fault(bad));
            }
        }
        look(&page);
        if count.rows >= enough {
            break;
        }
    }
    Ok(count)
}

fn fault(bad: &BadRow) -> String {
    let error = &bad.error;
    match (bad.id, bad.kontrahent_id) {
        (Some(id), _) => format!("id {id}: {error}"),
        (None, Some(id)) => format!("contractor {id}: {error}"),
        (None, None) => error.to_string(),
    }
}

impl Count {
    fn check(self, area: Area) -> Check {
        let rows =
            if self.end { format!("{} rows", self.rows) } else { format!("at least {} rows", self.rows) };
        if self.bad > 0 {
            let finding = format!("{rows}, of which {} cannot be read", self.bad);
            let what_to_do = "Show the faults to the partner who made the add-on; these rows would be rejected one by one.";
            return Check::warning(id(area), finding, what_to_do).detail(self.faults.join("; "));
        }
        if self.rows == 0 {
            let what_to_do = "If there should be some, look at the rights of the token's operator and at the add-on's filter.";
            return Check::warning(id(area), "no rows", what_to_do);
        }
        Check::ok(id(area), rows)
    }
}
