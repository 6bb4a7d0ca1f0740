//! Credit: limits (E10, O6), payment terms and settlements (E11), blockades (O7); from enova365.
//!
//! ```text
//! Limity::list_limity ───────────► LimitSource ─► LimitMapper ──────────► a portal of your own   (E10)
//!                                              └► TradeCreditMapper ────► ONe's trade credits    (O6)
//! Kontrahenci::list_kontrahenci ─► changes ────► PaymentTermsMapper ────► a portal of your own   (E11)
//!                                              └► BlockadeMapper ───────► ONe's blockades        (O7)
//! Slowniki::list_formy_platnosci ► SlownikSource ───────────────────────► a portal of your own   (E11)
//! Rozrachunki::list_rozrachunki ─► changes ────► SettlementMapper ──────► a portal of your own   (E11)
//! ```
//!
//! Limits are a list of their own, since their use changes without the contractor's row; so are settlements, since a payment does not
//! touch the invoice's row.
//!
//! ONe's client of a contractor is found by the link table: kind [`CONTRACTOR_LINK`](super::orders::CONTRACTOR_LINK). A contractor without
//! a link is left out unless it is ticked: only then ONe ought to have it, and the record waits as a reject `missing-link`, which comes
//! back by itself when the link is learned. So contractors that ONe does not have and should not have raise no alarm.

mod blockades;
mod limits;
mod payment_terms;
mod settlements;
mod trade_credits;

pub use blockades::{Blockade, BlockadeMapper, BlockadeSettings, CLIENT_BLOCKADES, blockades_to_one};
pub use limits::{CREDIT_LIMITS, LimitMapper, limits_to};
pub use payment_terms::{
    PAYMENT_METHODS, PAYMENT_TERMS, PaymentTerms, PaymentTermsMapper, payment_methods_to, payment_terms_to,
};
pub use settlements::{SETTLEMENTS, SettlementMapper, settlements_to};
pub use trade_credits::{
    TRADE_CREDITS, TradeCredit, TradeCreditMapper, TradeCreditSettings, trade_credits_to_one,
};

use soneta_webapi::wire::Currency;

/// The same amount always has the same digits, however many zeros the server writes behind it.
fn normal(mut money: Currency) -> Currency {
    money.value = money.value.normalize();
    money
}
