//! The state lane: prices of an ERP's goods go to a shop.
//!
//! `cargo run -p sync-core --example state_lane`

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use sync_core::{
    ChangeList, ChangePage, ChangeRow, Counts, Flow, FlowName, Item, JobEnd, Key, KeysetInfo, KeysetSource,
    Links, Mapped, Mapper, MemoryStore, Outcome, Point, Reason, Result, RunContext, Sink, SourceIdentity,
    Tie, Write, run_until_done,
};

/// A good as the ERP gives it.
#[derive(Debug, Clone)]
struct Towar {
    kod: String,
    cena: Decimal,
    zaznaczony: bool,
    zmieniony: DateTime<Utc>,
}

/// Stands for the ERP: its goods, to be asked for by the instant of their last change.
#[derive(Debug, Default)]
struct Erp(Mutex<Vec<Towar>>);

impl Erp {
    fn goods(&self) -> MutexGuard<'_, Vec<Towar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, kod: &str, cena: &str, zaznaczony: bool, zmieniony: DateTime<Utc>) {
        let cena = cena.parse().unwrap_or_default();
        let mut goods = self.goods();
        goods.retain(|towar| towar.kod != kod);
        goods.push(Towar { kod: kod.to_owned(), cena, zaznaczony, zmieniony });
        goods.sort_by_key(|towar| (towar.zmieniony, towar.kod.clone()));
    }
}

#[async_trait]
impl ChangeList for Erp {
    type Record = Towar;

    fn describe(&self) -> KeysetInfo {
        // what the position belongs to: it is refused for another database or filter
        KeysetInfo::new(SourceIdentity::new("erp", "towary").database("demo"))
    }

    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<Towar>> {
        // one call to the ERP: at this instant or later, of this very instant only what follows the tie
        let is_wanted = |towar: &&Towar| {
            from.is_none_or(|from| {
                let tie = Tie::from(towar.kod.as_str());
                towar.zmieniony > from.instant
                    || towar.zmieniony == from.instant && from.after.as_ref().is_none_or(|after| tie > *after)
            })
        };
        let goods = self.goods();
        let rows: Vec<_> = goods.iter().filter(is_wanted).take(limit + 1).cloned().collect();
        let end = rows.len() <= limit;
        let row = |towar: Towar| {
            let kod = towar.kod.clone();
            ChangeRow::new(towar.zmieniony, kod.as_str(), Item::upsert(kod.as_str(), towar))
        };
        Ok(ChangePage::new(rows.into_iter().take(limit).map(row).collect(), end))
    }
}

/// What the shop wants to know. Its bytes are compared with what was sent before.
#[derive(Debug, Serialize)]
struct Price {
    sku: String,
    /// Its digits, without trailing zeros: 25.90 and 25.9 are no change.
    price: String,
}

#[derive(Debug)]
struct OnlyTicked;

impl Mapper<Towar> for OnlyTicked {
    type Out = Price;

    fn map(&self, _key: &Key, towar: Towar, _links: &Links) -> Result<Mapped<Price>, Reason> {
        if !towar.zaznaczony {
            // what was sent before and has lost its tick is removed
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        if towar.cena <= Decimal::ZERO {
            // this good alone is kept as a reject
            return Err(Reason::new("no-price"));
        }
        Ok(Mapped::Send(Price { sku: towar.kod, price: towar.cena.normalize().to_string() }))
    }
}

#[derive(Debug)]
struct Shop;

#[async_trait]
impl Sink for Shop {
    type Record = Price;

    async fn write(&self, batch: &[Write<Price>]) -> Result<Vec<Outcome>> {
        // one call to the shop
        for write in batch {
            match write {
                Write::Upsert { record, .. } => println!("  shop: {} costs {}", record.sku, record.price),
                Write::Remove { key, .. } => println!("  shop: {key} is withdrawn"),
            }
        }
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

async fn cycle(flow: &Flow, what: &str) -> Result<Counts> {
    println!("{what}");
    let report = run_until_done(flow, &RunContext::default()).await;
    match report.end {
        JobEnd::Failed(error) => Err(error),
        _ => Ok(report.counts),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let erp = Arc::new(Erp::default());
    let morning = DateTime::from_timestamp(1_795_248_000, 0).unwrap_or_default();
    erp.save("MŁOTEK", "24.90", true, morning);
    erp.save("GWÓŹDŹ", "0.05", true, morning);
    erp.save("PIŁA", "0.00", true, morning);
    erp.save("KLEJ", "9.99", false, morning);

    // `SqliteStore` keeps it over a restart
    let store = Arc::new(MemoryStore::new());
    let source = KeysetSource::new(erp.clone());
    let flow = Flow::new(FlowName::new("demo/prices")?, source, OnlyTicked, Shop, store);

    let counts = cycle(&flow, "first load").await?;
    assert_eq!((counts.applied, counts.left_out, counts.rejected), (2, 1, 1));

    let counts = cycle(&flow, "nothing changed").await?;
    assert_eq!(counts.applied, 0);

    erp.save("MŁOTEK", "25.90", true, morning + TimeDelta::minutes(5));
    erp.save("GWÓŹDŹ", "0.05", false, morning + TimeDelta::minutes(5));
    let counts = cycle(&flow, "one price changed, one tick lost").await?;
    assert_eq!(counts.applied, 2);

    erp.save("PIŁA", "39.00", true, morning + TimeDelta::minutes(9));
    cycle(&flow, "the missing price was entered").await?;
    assert_eq!(flow.status().await?.rejects.count, 0);
    Ok(())
}
