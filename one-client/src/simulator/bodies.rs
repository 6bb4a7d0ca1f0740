//! What requests look like: twice, with unknown fields refused and ignored.

use super::number;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A stock message: what to set, as (id, sku, quantity), and what to delete.
pub(super) struct StockMessage {
    pub(super) set: Vec<(String, String, Decimal)>,
    pub(super) remove: Vec<String>,
}

macro_rules! bodies {
    ($module:ident $(, #[$strictness:meta])?) => {
        mod $module {
            use super::{Deserialize, RawValue};

            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            $(#[$strictness])?
            pub(super) struct Stocks {
                pub(super) stocks: Vec<Stock>,
                #[serde(default)]
                pub(super) stocks_to_remove: Vec<String>,
            }

            #[derive(Deserialize)]
            $(#[$strictness])?
            pub(super) struct Stock {
                pub(super) id: String,
                pub(super) sku: String,
                pub(super) quantity: Box<RawValue>,
            }

            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            $(#[$strictness])?
            pub(super) struct Price {
                pub(super) price: Box<RawValue>,
                pub(super) product_id: String,
            }
        }
    };
}

bodies!(strict, #[serde(deny_unknown_fields)]);
bodies!(lenient);

pub(super) fn stocks(body: &[u8], is_strict: bool) -> Result<StockMessage, String> {
    let (set, remove): (Vec<_>, _) = if is_strict {
        let message: strict::Stocks = parse(body)?;
        let set = message.stocks.into_iter().map(|line| (line.id, line.sku, line.quantity)).collect();
        (set, message.stocks_to_remove)
    } else {
        let message: lenient::Stocks = parse(body)?;
        let set = message.stocks.into_iter().map(|line| (line.id, line.sku, line.quantity)).collect();
        (set, message.stocks_to_remove)
    };
    let set = set
        .into_iter()
        .map(|(id, sku, quantity)| match number::read(&quantity, is_strict) {
            Some(quantity) => Ok((id, sku, quantity)),
            None => Err(format!("quantity of {id} is not a number")),
        })
        .collect::<Result<_, _>>()?;
    Ok(StockMessage { set, remove })
}

pub(super) fn prices(body: &[u8], is_strict: bool) -> Result<Vec<(String, Decimal)>, String> {
    let lines: Vec<(String, Box<RawValue>)> = if is_strict {
        let lines: Vec<strict::Price> = parse(body)?;
        lines.into_iter().map(|line| (line.product_id, line.price)).collect()
    } else {
        let lines: Vec<lenient::Price> = parse(body)?;
        lines.into_iter().map(|line| (line.product_id, line.price)).collect()
    };
    lines
        .into_iter()
        .map(|(sku, price)| match number::read(&price, is_strict) {
            Some(price) => Ok((sku, price)),
            None => Err(format!("price of {sku} is not a number")),
        })
        .collect()
}

fn parse<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}
