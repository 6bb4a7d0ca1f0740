//! A stateful enova365 on a local port (feature `simulator`), for tests, demonstrations and any HTTP client.
//!
//! It serves the product calls (`CurrentVersion`, `LoginApi`, `LogoutApi`), the contract `b2b` (see
//! `contract/b2b.openapi.json`; [`level`](SimulatorBuilder::level) limits it to a tier) and AltOne's contract, as far as it is for
//! trade. It writes its own JSON and shares no wire type with the client, so that a wrong name in one is found by the other.
//! Unlike a real server it refuses request fields that it does not know (400).
//!
//! ```
//! use soneta_webapi::simulator::Simulator;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let simulator = Simulator::builder().goods(50).seed(7).start().await?;
//! let goods = simulator.goods();
//! simulator.set_stock(&goods[1].kod, "F", 12.into())?;
//! println!("an enova365 listens on {}", simulator.url());
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it simulates
//!
//! - **Sessions**: an application token that fits its database; a new session token in the `Authorization`
//!   header of every answer of a controller. A token stays good until a newer one was used, or, with
//!   [`strict_roll_over`](SimulatorBuilder::strict_roll_over), until a newer one was issued. Idle sessions
//!   end; then the answer is 401.
//! - **Catalogue**: generated from a seed, or read from `towary.csv`, `cennik.csv`, `kontrahenci.csv` (UTF-8
//!   or Windows-1250, `;`, quoted line breaks, `1,000.00`). Exports hold no VAT rates: a good's rate is the
//!   one of 23 %, 8 %, 5 % and 0 % whose gross prices lie nearest to its own. Stock comes from the seed;
//!   services have none.
//! - **Change list**: a change of the tick changes a good's `DataZmiany`; stock and prices have no stamp. A
//!   fresh catalogue gives each seven goods one instant.
//! - **Prices**: a contractor pays the retail price less his `Rabat`. In a generated company every fifth
//!   contractor buys by a wholesale list, 8 % lower; another fifth has exceptions, at 80 % of the retail
//!   price of the beginning and from 20 base units on sometimes 75 %; some goods cost 5 % less from 10 base
//!   units on and 12 % less from 50 on; some are 5 % off until the end of 2030. Exceptions know no promotion.
//!   Contractors with the same list and `Rabat` are one price profile. With
//!   [`profiles`](SimulatorBuilder::profiles) there are as many as asked for, and no exceptions.
//! - **Orders**: one document per `Guid`, `BUFOR` until approval, then `ZO/000001/26`; reservations lower
//!   what is available. In the buffer an order may be edited; it may be cancelled until something of it is
//!   delivered.
//! - **Delivery notes and invoices**: made from approved orders, delivery notes first, numbered per series
//!   and year (`WZ/000001/26`); stock, reservations and the fulfilment of the orders follow. VAT is
//!   calculated from the net sum of each rate, and the lines add up to it. Corrections are documents of their
//!   own. An invoice has one payment, by the method and days that the order names, or else the contractor's;
//!   KSeF accepts an invoice when it is told to, which changes its PDF.
//! - **MethodInvoker**: off, unless [switched on](SimulatorBuilder::method_invoker); then with `TowarInfo`
//!   and `NazwaTowaru` of the vendor's sample service `ITowarAPI`.
//! - **Contractors**: a change list; each change counts the `Wersja`. Delivery places, persons, groups,
//!   segments and limits come from the seed. `Zapisz` makes and changes them by `Guid`; a new one is ticked
//!   and has a limit of 0. A changed price group does not change the `Rabat`.
//! - **Settlements**: an invoice opens one, a correction its own with its sign; control calls pay them, and
//!   open others. What is paid shows in the invoice's `Zaplacono`, without a change of the invoice's
//!   `DataZmiany`.
//! - **Credit limits**: used is what is left of a contractor's settlements, and what of its approved orders
//!   is not invoiced, gross. An order is refused for it only with
//!   [`credit_control`](SimulatorBuilder::credit_control), at its approval.
//! - **AltOne's documents**: the same orders, delivery notes and invoices. `InsertDokumentHandlowy` makes
//!   orders too; it refuses a Guid that is taken and, with `TestMode`, writes nothing. A document without a
//!   file of the asked name has a PDF that is made on the spot.
//! - **AltOne's contractors**: `ZastapKontrahenta` merges, without documents of assignment; relations and
//!   elements of dictionaries are kept as they are sent.
//! - **Change queue**: prices, ticks, new and approved orders, for each
//!   [`change_consumer`](SimulatorBuilder::change_consumer); a change that was confirmed as failed stays in
//!   the queue.
//! - **Faults**: see [`api_transport::simulation`]; [`faults`](Simulator::faults) is the script.
//! - **State file**: everything that happens is appended to it and taken up again at the next start.
//!
//! # Control from another process
//!
//! | call | body | does |
//! |---|---|---|
//! | `POST /_sim/stock` | `{"Kod": "PK1", "Magazyn": "F", "Stan": 12.5}` | sets the stock on hand |
//! | `POST /_sim/price` | `{"Kod": "PK1", "Netto": 9.99}` | sets the net retail price; gross follows |
//! | `POST /_sim/stock_of_many` | `{"Ile": 500, "Ziarno": 1}` | one more of 500 goods in the first warehouse, drawn by the seed; answers how many as `Zmieniono` |
//! | `POST /_sim/price_of_many` | `{"Ile": 500, "Ziarno": 1}` | 500 goods cost 1 more, net; the same answer |
//! | `POST /_sim/discount` | `{"Kod": "K0001", "Rabat": 12.5}` | sets a contractor's discount in percent |
//! | `POST /_sim/promotion` | `{"Kod": "PK1", "Procent": 10, "Od": "2026-12-01", "Do": "2026-12-24"}` | a dated promotion of a good |
//! | `POST /_sim/ticked` | `{"Kod": "PK1", "Zaznaczony": false}` | sets the portal's tick |
//! | `POST /_sim/contractor_ticked` | `{"Kod": "K0001", "Zaznaczony": false}` | sets a contractor's tick |
//! | `POST /_sim/contractor_blocked` | `{"Kod": "K0001", "Blokada": true}` | sets its `BlokadaSprzedazy` |
//! | `POST /_sim/merge_contractor` | `{"Kod": "K0001", "Na": "K0002"}` | merges the first into the second |
//! | `POST /_sim/credit_limit` | `{"Kod": "K0001", "Limit": 5000}` | sets its credit limit in PLN; `null` is unlimited |
//! | `POST /_sim/settlement` | `{"DokumentId": 101, "Numer": "FV/1/26", "KontrahentId": 1, "Kwota": 123, "Termin": "2026-12-05"}` | opens the settlement of a document; answers its `ID` |
//! | `POST /_sim/pay` | `{"DokumentId": 101, "Numer": "FV/1/26", "Kwota": 23}` | pays a part of it; answers what is left as `Pozostalo` |
//! | `GET /_sim/orders` | | every order, as [`OrderDocument`] |
//! | `POST /_sim/approve` | `{"ID": 101}` | approves an order; answers its `Numer` |
//! | `POST /_sim/confirm`, `/_sim/reject` | `{"ID": 101}` | sets an order's `Potwierdzenie` |
//! | `POST /_sim/external_status` | `{"ID": 101, "Kod": "KURIER"}` | sets an order's `StatusZewn`; `null` takes it away |
//! | `POST /_sim/ship` | `{"ID": 101, "Pozycje": [{"ID": 1001, "Ilosc": 2}]}` | makes a delivery note of an order; without `Pozycje` of all that is left |
//! | `POST /_sim/invoice` | `{"ID": 101}` | makes an invoice of what an order, or a delivery note, has delivered |
//! | `POST /_sim/correct` | `{"ID": 103, "Pozycja": 1005, "Ilosc": 1, "CenaNetto": 9.99}` | corrects a line of an invoice or a delivery note; one of the two may be absent |
//! | `POST /_sim/ksef` | `{"ID": 103}` | lets KSeF accept an invoice; answers its `Numer` there |
//! | `GET /_sim/documents` | | every delivery note, invoice and correction, as [`TradeDocument`] |
//! | `POST /_sim/expire` | | ends every session |
//! | `GET /_sim/status` | | database, counts, and the application token to log in with |
//! | `/_sim/faults` | | the fault script, see [`api_transport::simulation`] |

mod altone;
mod answer;
mod attachments;
mod b2b;
mod builder;
mod catalogue;
mod changes;
mod company;
mod contractors;
mod control;
mod documents;
mod error;
mod generate;
mod import;
mod journal;
mod method_invoker;
mod number;
mod orders;
mod own_method;
mod pricing;
mod product;
mod records;
mod session;
mod settlements;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api_transport::simulation::{Faults, Server};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

pub use builder::SimulatorBuilder;
pub use documents::{DocumentKind, DocumentLine, LineValues, TradeDocument, VatSum};
pub use error::{SimulatorError, SimulatorErrorKind};
pub use orders::{OrderDocument, OrderLine};
pub use records::{SimulatedKontrahent, SimulatedStan, SimulatedTowar};
pub use settlements::SimulatedRozrachunek;

use company::{Company, Now};
use session::Sessions;

/// What the handlers of all calls share.
#[derive(Clone)]
struct Shared(Arc<State>);

struct State {
    company: Mutex<Company>,
    sessions: Mutex<Sessions>,
    now: Now,
    application_token: SecretString,
}

impl Shared {
    fn company(&self) -> MutexGuard<'_, Company> {
        self.0.company.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0.now)()
    }

    fn application_token(&self) -> &SecretString {
        &self.0.application_token
    }
}

/// A running simulated enova365. Dropping it stops the server.
pub struct Simulator {
    server: Server,
    shared: Shared,
    faults: Faults,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("url", &self.url().as_str()).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Settings with their defaults.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }

    /// The base URL, with a slash at its end.
    pub fn url(&self) -> &Url {
        self.server.url()
    }

    /// The application token to log in with; the same one whenever the same database is simulated.
    pub fn application_token(&self) -> SecretString {
        self.shared.application_token().clone()
    }

    /// Identity of the database.
    pub fn database_id(&self) -> Uuid {
        self.shared.company().baza
    }

    /// The fault script and its counters.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Sets the stock on hand of a good in a warehouse.
    ///
    /// # Errors
    ///
    /// There is no such good or warehouse, the good is a service, or the state file cannot be written.
    pub fn set_stock(&self, kod: &str, magazyn: &str, stan: Decimal) -> Result<(), SimulatorError> {
        self.shared.company().set_stock(kod, magazyn, stan)
    }

    /// Sets the net retail price of a good; the gross price follows from its VAT rate.
    ///
    /// # Errors
    ///
    /// There is no such good, it has no retail price, or the state file cannot be written.
    pub fn set_price(&self, kod: &str, netto: Decimal) -> Result<(), SimulatorError> {
        self.shared.company().set_price(kod, netto)
    }

    /// Sets a contractor's discount, in percent.
    ///
    /// # Errors
    ///
    /// There is no such contractor, the discount is not from 0 to 100 with two places at most, or the state
    /// file cannot be written.
    pub fn set_discount(&self, kod: &str, rabat: Decimal) -> Result<(), SimulatorError> {
        self.shared.company().set_discount(kod, rabat)
    }

    /// Takes so many percent off a good from the first day to the last, both included; exceptions stay as
    /// they are. Of several promotions at once the largest counts.
    ///
    /// # Errors
    ///
    /// There is no such good, the percentage is not from 0 to 100, the last day comes before the first, or
    /// the state file cannot be written.
    pub fn start_promotion(
        &self,
        kod: &str,
        procent: Decimal,
        od: NaiveDate,
        r#do: NaiveDate,
    ) -> Result<(), SimulatorError> {
        self.shared.company().start_promotion(kod, procent, od, r#do)
    }

    /// Sets the portal's tick of a good; this is a change of its record.
    ///
    /// # Errors
    ///
    /// There is no such good, or the state file cannot be written.
    pub fn set_ticked(&self, kod: &str, zaznaczony: bool) -> Result<(), SimulatorError> {
        self.shared.company().set_ticked(kod, zaznaczony)
    }

    /// Sets the portal's tick of a contractor.
    ///
    /// # Errors
    ///
    /// There is no such contractor, or the state file cannot be written.
    pub fn set_contractor_ticked(&self, kod: &str, zaznaczony: bool) -> Result<(), SimulatorError> {
        self.shared.company().set_contractor_ticked(kod, zaznaczony)
    }

    /// Says whether nothing may be sold to a contractor.
    ///
    /// # Errors
    ///
    /// There is no such contractor, or the state file cannot be written.
    pub fn set_contractor_blocked(&self, kod: &str, blokada: bool) -> Result<(), SimulatorError> {
        self.shared.company().set_contractor_blocked(kod, blokada)
    }

    /// Merges a contractor into another one, which it points to from then on.
    ///
    /// # Errors
    ///
    /// There is no such contractor, both are the same one, or the state file cannot be written.
    pub fn merge_contractor(&self, kod: &str, into: &str) -> Result<(), SimulatorError> {
        self.shared.company().merge_contractor(kod, into)
    }

    /// Sets the credit limit of a contractor in PLN; `None` is unlimited.
    ///
    /// # Errors
    ///
    /// There is no such contractor, or the state file cannot be written.
    pub fn set_credit_limit(&self, kod: &str, limit: Option<Decimal>) -> Result<(), SimulatorError> {
        self.shared.company().set_credit_limit(kod, limit)
    }

    /// Opens the settlement of a document in PLN and tells its ID. One that is known by document and number
    /// is opened again with this amount.
    ///
    /// # Errors
    ///
    /// There is no such contractor, or the state file cannot be written.
    pub fn set_settlement(
        &self,
        dokument_id: i32,
        numer: &str,
        kontrahent_id: i32,
        kwota: Decimal,
        termin: NaiveDate,
    ) -> Result<i32, SimulatorError> {
        self.shared.company().set_settlement(dokument_id, numer, kontrahent_id, kwota, termin)
    }

    /// Pays a part of a settlement and tells what is left; of one below zero an amount below zero is paid
    /// back.
    ///
    /// # Errors
    ///
    /// There is no settlement of this document and number, less is left, the signs differ, or the state file
    /// cannot be written.
    pub fn pay(&self, dokument_id: i32, numer: &str, kwota: Decimal) -> Result<Decimal, SimulatorError> {
        self.shared.company().pay(dokument_id, numer, kwota)
    }

    /// Every settlement, oldest first.
    pub fn settlements(&self) -> Vec<SimulatedRozrachunek> {
        self.shared.company().settlements.all().to_vec()
    }

    /// Approves an order and tells its number; an approved one keeps the number that it has.
    ///
    /// # Errors
    ///
    /// There is no such order, it is cancelled or above a limit that is controlled, or the state file cannot
    /// be written.
    pub fn approve(&self, id: i32) -> Result<String, SimulatorError> {
        self.shared.company().approve(id)
    }

    /// Every order, oldest first.
    pub fn orders(&self) -> Vec<OrderDocument> {
        self.shared.company().orders().to_vec()
    }

    /// Every good with its retail price and stock as they stand now.
    pub fn goods(&self) -> Vec<SimulatedTowar> {
        records::goods(&self.shared.company())
    }

    /// Every contractor.
    pub fn contractors(&self) -> Vec<SimulatedKontrahent> {
        records::contractors(&self.shared.company())
    }

    /// How often somebody logged in since the start.
    pub fn logins(&self) -> u64 {
        self.shared.sessions().logins()
    }

    /// How many sessions are open; idle ones count until their next call.
    pub fn sessions(&self) -> usize {
        self.shared.sessions().count()
    }

    /// Ends every session: the next call of each gets 401.
    pub fn expire_sessions(&self) {
        self.shared.sessions().expire();
    }

    /// Closes the port and every connection.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
