//! The checkout (E15): every line is asked of the ERP at the moment of confirmation, and what differs is shown to the buyer.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use soneta_webapi::wire::Quantity;
use soneta_webapi::{Ceny, KontrahentId, TowarId};
use sync_core::guard::confirmation::{Confirmation, ConfirmationRule};
use sync_core::{Clock, Error, Result};
use sync_flows::flows::price_confirmation::{self, LineConfirmation, confirm_prices};

use crate::basket::{self, BasketLine};
use crate::clients;
use crate::orders::Orders;
use crate::prices::CURRENCY;
use crate::shop::Shop;

/// Turns baskets into orders.
#[derive(Debug)]
pub struct Checkout {
    pub(crate) shop: Shop,
    pub(crate) ceny: Arc<dyn Ceny>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) orders: Orders,
}

/// What became of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confirmed {
    /// The order of this number is placed, at the prices that the buyer saw.
    Placed(String),
    /// Nothing is placed. The buyer is shown these lines, and confirms anew.
    Changed(Vec<Change>),
    /// Nothing is placed: the order is worth more than what is left of his credit limit.
    #[non_exhaustive]
    OverLimit {
        /// So much is left, gross.
        left: Decimal,
    },
    /// Nothing is placed: the basket is empty, as a second click finds it, or was changed in another window meanwhile, or he may not
    /// buy. Show it again.
    Nothing,
}

/// A line that is not as the buyer saw it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The good.
    pub good: TowarId,
    /// The net price of one that he was shown.
    pub shown: Decimal,
    /// The price now, which the basket shows from now on; `None` if it is not for sale to him any more.
    pub now: Option<Decimal>,
    /// What there is of it, if that is less than he wants.
    pub only: Option<Decimal>,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("good", &self.good).finish_non_exhaustive()
    }
}

impl Checkout {
    /// The buyer confirms his basket. If every line still costs what he saw and is there, the order is placed; otherwise it is not,
    /// the basket shows the new prices, and he decides again. The ERP is asked each time; an answer that is older than 15 minutes
    /// when it arrives counts for nothing.
    ///
    /// # Errors
    /// The ERP does not answer, or refuses the client; kind `Store`. Nothing is placed then.
    pub async fn confirm(&self, client: KontrahentId) -> Result<Confirmed> {
        let seen = self
            .shop
            .transact(move |tx| {
                let may_buy = clients::may_buy(tx, client)?;
                Ok(if may_buy { basket::lines(tx, client)? } else { Vec::new() })
            })
            .await?;
        if seen.is_empty() {
            return Ok(Confirmed::Nothing);
        }
        let asked: Vec<_> = seen.iter().map(asked).collect();
        let rule = ConfirmationRule::default();
        let told = confirm_prices(&*self.ceny, &*self.clock, &rule, client, &asked).await?;
        let changes = seen.iter().zip(&told).map(|(line, told)| change(line, told));
        let changes: Vec<Change> = changes.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        if !changes.is_empty() {
            return self.show(client, changes).await;
        }
        let gross =
            told.iter().filter_map(|line| Some(line.wycena.as_ref()?.wartosc_brutto.value)).sum::<Decimal>();
        let left = self.shop.transact(move |tx| Ok(clients::credit_left(tx, client)?)).await?;
        match left.filter(|left| gross > *left) {
            Some(left) => Ok(Confirmed::OverLimit { left }),
            None => self.orders.place(client, seen).await,
        }
    }

    async fn show(&self, client: KontrahentId, changes: Vec<Change>) -> Result<Confirmed> {
        self.shop
            .transact(move |tx| {
                for change in &changes {
                    if let Some(now) = change.now {
                        basket::show_price(tx, client, change.good, now)?;
                    }
                }
                Ok(Confirmed::Changed(changes))
            })
            .await
    }
}

fn asked(line: &BasketLine) -> price_confirmation::BasketLine {
    price_confirmation::BasketLine::builder()
        .towar(line.good)
        .ilosc(Quantity::new(line.quantity, line.unit.as_str()))
        .netto(line.net)
        .waluta(CURRENCY)
        .build()
}

fn change(line: &BasketLine, told: &LineConfirmation) -> Result<Option<Change>> {
    let now = match &told.confirmation {
        Confirmation::Unavailable => None,
        Confirmation::Same { .. } | Confirmation::Cheaper { .. } | Confirmation::Dearer { .. } => {
            told.wycena.as_ref().map(|wycena| wycena.netto.value)
        }
        // too old, or an answer to another question
        _ => return Err(Error::transient("the ERP's price cannot be used; confirm again")),
    };
    let now = now.filter(|_| line.for_sale);
    let available = told.wycena.as_ref().and_then(|wycena| wycena.dostepne);
    let only = available.filter(|available| *available < line.quantity);
    let holds = told.holds() && line.for_sale && only.is_none();
    Ok((!holds).then_some(Change { good: line.good, shown: line.net, now, only }))
}
