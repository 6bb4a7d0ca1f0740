//! The ERP's export of goods: `Symbol;Nazwa;Jm;Stan;Rezerwacja;Cena netto;Sklep`, Windows-1250, decimal comma.

use std::path::Path;

use one_client::{Sku, WarehouseId};
use rust_decimal::Decimal;
use sync_core::files::{Complete, FileFormat, Folder, FullExport, NumberFormat, Row, TextEncoding};
use sync_core::{Key, Links, Mapped, Mapper, Reason, Result, SourceIdentity};
use sync_flows::flows::retail_prices::NetPrice;
use sync_flows::flows::stock::StockLevel;

const COLUMNS: [&str; 7] = ["Symbol", "Nazwa", "Jm", "Stan", "Rezerwacja", "Cena netto", "Sklep"];

/// ONe's warehouse.
const WAREHOUSE: &str = "MAG";

/// The newest export, read for one purpose.
pub(crate) fn source<R: 'static>(
    folder: &Path,
    entity: &str,
    key: impl Fn(&str) -> Key + Send + Sync + 'static,
    record: impl Fn(&Row<'_>) -> Result<R> + Send + Sync + 'static,
) -> Result<FullExport<R>> {
    let folder = Folder::new(folder, "towary-*.csv", Complete::Renamed)?;
    let numbers = NumberFormat::comma().groups_by_spaces();
    let format = FileFormat::csv(COLUMNS).encoding(TextEncoding::Windows1250).numbers(numbers);
    let key = move |row: &Row<'_>| Ok(key(row.text("Symbol")?));
    Ok(FullExport::new(SourceIdentity::new("subiekt", entity), folder, format, key, record))
}

/// The key of a good's stock.
pub(crate) fn stock_key(symbol: &str) -> Key {
    StockLevel::key(symbol, WAREHOUSE)
}

/// The key of a good's price.
pub(crate) fn price_key(symbol: &str) -> Key {
    Key::from(symbol)
}

pub(crate) struct Stock {
    symbol: String,
    ticked: bool,
    available: Decimal,
}

pub(crate) fn stock(row: &Row<'_>) -> Result<Stock> {
    let available = row.decimal("Stan")?.saturating_sub(row.decimal("Rezerwacja")?);
    Ok(Stock { symbol: row.text("Symbol")?.to_owned(), ticked: ticked(row)?, available })
}

pub(crate) struct Price {
    ticked: bool,
    net: Decimal,
}

pub(crate) fn price(row: &Row<'_>) -> Result<Price> {
    Ok(Price { ticked: ticked(row)?, net: row.decimal("Cena netto")? })
}

fn ticked(row: &Row<'_>) -> Result<bool> {
    match row.text("Sklep")? {
        "tak" => Ok(true),
        "nie" => Ok(false),
        _ => Err(row.invalid("Sklep", "neither tak nor nie")),
    }
}

#[derive(Debug)]
pub(crate) struct StockMapper;

impl Mapper<Stock> for StockMapper {
    type Out = StockLevel;

    fn empties(&self, level: &StockLevel) -> bool {
        level.quantity.is_zero()
    }

    fn map(&self, _key: &Key, stock: Stock, _links: &Links) -> Result<Mapped<StockLevel>, Reason> {
        if !stock.ticked {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        let quantity = stock.available.max(Decimal::ZERO).floor();
        Ok(Mapped::Send(StockLevel::new(WarehouseId::new(WAREHOUSE), Sku::new(stock.symbol), quantity)))
    }
}

#[derive(Debug)]
pub(crate) struct PriceMapper;

impl Mapper<Price> for PriceMapper {
    type Out = NetPrice;

    fn map(&self, key: &Key, price: Price, _links: &Links) -> Result<Mapped<NetPrice>, Reason> {
        if !price.ticked {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        if price.net <= Decimal::ZERO {
            return Err(Reason::new("no-price").with_detail("the price is not above zero"));
        }
        Ok(Mapped::Send(NetPrice::new(Sku::new(key.as_str()), price.net)))
    }
}
