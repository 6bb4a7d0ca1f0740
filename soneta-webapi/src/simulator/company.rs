//! The simulated company: its catalogue, and what has happened to it. Every change is an event, written before it takes effect.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    altone::{
        kontrahenci::{Karty, contractor},
        powiazania::Powiazanie,
        slowniki::{self, Slowniki},
    },
    attachments::Attachment,
    catalogue::{Catalogue, Instant, Towar, id_of},
    changes::{self, Changes},
    documents::Documents,
    error::SimulatorError,
    generate::Dice,
    journal::{Event, Journal, Kartoteka},
    orders::{BUFOR, OrderDocument},
    pricing::Invalid,
    settlements::Settlements,
};

/// Where the simulator takes the time from.
pub(super) type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

pub(super) struct Company {
    pub(super) catalogue: Catalogue,
    pub(super) baza: Uuid,
    pub(super) baza_nazwa: String,
    pub(super) maks_ile: usize,
    /// The highest tier of the contract that is served.
    pub(super) level: u8,
    /// Whether an order above its contractor's limit is not approved.
    pub(super) credit_control: bool,
    /// The secret of each consumer of the change queue.
    pub(super) consumers: BTreeMap<String, String>,
    pub(super) queue: Changes,
    attachments: Vec<Attachment>,
    /// Whole cards of the contractors that AltOne's contract has written.
    pub(super) karty: Karty,
    /// Relations of contractors; the n-th one that was added has the ID n.
    pub(super) powiazania: Vec<Powiazanie>,
    /// What was written into dictionaries.
    pub(super) slowniki: Slowniki,
    now: Now,
    journal: Option<Journal>,
    /// What is reserved, by place of the good and of the warehouse.
    pub(super) reserved: BTreeMap<(usize, usize), Decimal>,
    /// The change list of goods.
    changes: BTreeSet<(Instant, i32)>,
    pub(super) orders: Vec<OrderDocument>,
    by_guid: BTreeMap<Uuid, usize>,
    /// The largest ID of a line of any document.
    last_line: i32,
    /// Prices that became invalid, in that order.
    pub(super) invalid: Vec<Invalid>,
    /// Delivery notes and invoices.
    pub(super) documents: Documents,
    /// Last number given, by the year in it.
    numbers: BTreeMap<String, u32>,
    /// The change list of contractors.
    pub(super) contractor_changes: BTreeSet<(Instant, i32)>,
    pub(super) settlements: Settlements,
}

impl fmt::Debug for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Company")
            .field("goods", &self.catalogue.towary.len())
            .field("orders", &self.orders.len())
            .finish_non_exhaustive()
    }
}

impl Company {
    pub(super) fn new(
        catalogue: Catalogue,
        baza: Uuid,
        baza_nazwa: String,
        maks_ile: usize,
        now: Now,
    ) -> Self {
        let changes =
            catalogue.towary.iter().enumerate().map(|(n, towar)| (towar.zmieniono, id_of(n))).collect();
        let contractors = catalogue.kontrahenci.iter().enumerate();
        let contractor_changes =
            contractors.map(|(n, kontrahent)| (kontrahent.zmieniono, id_of(n))).collect();
        Self {
            catalogue,
            baza,
            baza_nazwa,
            maks_ile,
            level: 3,
            credit_control: false,
            consumers: BTreeMap::new(),
            queue: Changes::default(),
            attachments: Vec::new(),
            karty: Karty::new(),
            powiazania: Vec::new(),
            slowniki: Slowniki::new(),
            now,
            journal: None,
            reserved: BTreeMap::new(),
            changes,
            orders: Vec::new(),
            by_guid: BTreeMap::new(),
            last_line: 1_000,
            invalid: Vec::new(),
            documents: Documents::default(),
            numbers: BTreeMap::new(),
            contractor_changes,
            settlements: Settlements::default(),
        }
    }

    pub(super) fn keep(&mut self, journal: Journal, baza: Uuid) {
        self.journal = Some(journal);
        self.baza = baza;
    }

    pub(super) fn now(&self) -> Instant {
        Instant::of((self.now)())
    }

    pub(super) fn today(&self) -> chrono::NaiveDate {
        (self.now)().date_naive()
    }

    pub(super) fn record(&mut self, event: Event) -> Result<(), SimulatorError> {
        if let Some(journal) = &mut self.journal {
            journal.write(&event)?;
        }
        self.apply(event)
    }

    pub(super) fn apply(&mut self, event: Event) -> Result<(), SimulatorError> {
        let change = changes::change(&self.catalogue, &event);
        match event {
            Event::Stan { kod, magazyn, stan } => {
                let at = self.stock_place(&kod, &magazyn)?;
                if let Some(place) = self.catalogue.stany.get_mut(at) {
                    *place = stan;
                }
            }
            Event::Cena { kod, netto, brutto, chwila } => {
                let cena = self.towar_mut(&kod)?.1.cena.as_mut();
                let cena = cena.ok_or_else(|| SimulatorError::unknown("the good has no retail price"))?;
                (cena.netto, cena.brutto) = (netto, brutto);
                self.good_invalid(&kod, chwila);
            }
            Event::Rabat { kod, rabat, chwila } => self.discount_set(&kod, rabat, chwila)?,
            Event::Promocja { kod, procent, od, r#do, chwila } => {
                self.promoted(&kod, procent, (od, r#do), chwila)?;
            }
            Event::Zaznaczenie { kod, zaznaczony, chwila } => {
                let (place, towar) = self.towar_mut(&kod)?;
                let before = std::mem::replace(&mut towar.zmieniono, Instant(chwila));
                towar.zaznaczony = zaznaczony;
                self.changes.remove(&(before, id_of(place)));
                self.changes.insert((Instant(chwila), id_of(place)));
                // its prices carry the tick
                self.good_invalid(&kod, chwila);
            }
            Event::Zamowienie(document) => {
                self.count(&document.numer);
                self.reserve(&document, Decimal::ONE);
                self.by_guid.insert(document.guid, self.orders.len());
                self.orders.push(*document);
            }
            Event::ZmianaZamowienia(document) => {
                let place = self.orders.iter().position(|order| order.id == document.id);
                let place = place.ok_or_else(|| SimulatorError::unknown("there is no such order"))?;
                self.reserve(&document, Decimal::ONE);
                if let Some(order) = self.orders.get_mut(place) {
                    let before = std::mem::replace(order, *document);
                    self.reserve(&before, Decimal::NEGATIVE_ONE);
                }
            }
            Event::KartaKontrahenta { miejsce, karta, chwila } => {
                let before = self.catalogue.kontrahenci.get(miejsce);
                let kontrahent = contractor(&karta, before, Instant(chwila))
                    .ok_or_else(|| SimulatorError::unknown("a contractor's card is incomplete"))?;
                self.take_contractor(id_of(miejsce), kontrahent);
                self.karty.insert(miejsce, karta);
            }
            Event::KartotekaTowaru(karta) => {
                let (place, at) = (karta.miejsce, Instant(karta.chwila));
                if let Some(before) = self.catalogue.towary.get(place).map(|towar| towar.zmieniono) {
                    self.changes.remove(&(before, id_of(place)));
                }
                self.catalogue.put(*karta)?;
                self.changes.insert((at, id_of(place)));
            }
            Event::Zatwierdzenie { id, numer, chwila } => {
                self.count(&numer);
                let document = self.orders.iter_mut().find(|document| document.id == id);
                let document = document.ok_or_else(|| SimulatorError::unknown("there is no such order"))?;
                (document.numer, document.zatwierdzony, document.zmieniono) = (numer, true, chwila);
                document.wersja += 1;
            }
            Event::Dokument(document) => self.take_document(*document),
            Event::KSeF { id, numer, data, chwila } => self.take_acceptance(id, numer, data, chwila)?,
            Event::Potwierdzenie { id, potwierdzenie, chwila } => {
                self.take_confirmation(id, potwierdzenie, chwila);
            }
            Event::StatusZewn { id, kod, chwila } => self.take_external_status(id, kod, chwila),
            Event::Kontrahent { id, kontrahent } => self.take_contractor(id, *kontrahent),
            Event::Rozrachunek(settlement) => self.settlements.take(*settlement),
            Event::Powiazanie(powiazanie) => self.powiazania.push(*powiazanie),
            Event::Slownik { nazwa, elementy } => slowniki::put(&mut self.slowniki, nazwa, elementy),
            Event::Zalacznik(attachment) => self.attachments.push(*attachment),
            Event::Odebrano { system, id, sukces, informacja } => {
                self.queue.confirm(system, id, sukces, informacja);
            }
        }
        self.queue.add(change);
        Ok(())
    }

    /// Reserves what an order's lines say, or with −1 frees it.
    fn reserve(&mut self, document: &OrderDocument, sign: Decimal) {
        self.took_lines(document.pozycje.iter().map(|line| line.id));
        let Some(magazyn) = self.catalogue.place_of_magazyn(&document.magazyn) else { return };
        for line in &document.pozycje {
            if let Some(place) = self.catalogue.place_of_id(line.towar_id) {
                *self.reserved.entry((place, magazyn)).or_default() += sign * line.zarezerwowano;
            }
        }
    }

    /// Takes note of a number given.
    fn count(&mut self, numer: &str) {
        let mut parts = numer.split('/').skip(1);
        if let (Some(Ok(number)), Some(year)) = (parts.next().map(str::parse), parts.next()) {
            self.numbers.insert(year.to_owned(), number);
        }
    }

    /// The next number of an approved order: `ZO/000001/26`.
    pub(super) fn next_number(&self) -> String {
        let year = self.today().format("%y").to_string();
        let last = self.numbers.get(&year).copied().unwrap_or(0);
        format!("ZO/{:06}/{year}", last + 1)
    }

    fn towar_mut(&mut self, kod: &str) -> Result<(usize, &mut Towar), SimulatorError> {
        let place = self.catalogue.place_of(kod);
        place
            .and_then(|place| Some((place, self.catalogue.towary.get_mut(place)?)))
            .ok_or_else(|| SimulatorError::unknown("there is no good of that code"))
    }

    fn stock_place(&self, kod: &str, magazyn: &str) -> Result<usize, SimulatorError> {
        let place = self.catalogue.place_of(kod);
        let place = place.ok_or_else(|| SimulatorError::unknown("there is no good of that code"))?;
        let magazyn = self.catalogue.place_of_magazyn(magazyn);
        let magazyn =
            magazyn.ok_or_else(|| SimulatorError::unknown("there is no warehouse of that symbol"))?;
        match self.catalogue.towary.get(place) {
            Some(towar) if towar.typ.has_stock() => Ok(place * self.catalogue.magazyny.len() + magazyn),
            _ => Err(SimulatorError::unknown("a service has no stock")),
        }
    }

    pub(super) fn set_stock(
        &mut self,
        kod: &str,
        magazyn: &str,
        stan: Decimal,
    ) -> Result<(), SimulatorError> {
        // Asked before it is written: the state file holds no event that cannot be replayed.
        self.stock_place(kod, magazyn)?;
        self.record(Event::Stan { kod: kod.to_owned(), magazyn: magazyn.to_owned(), stan })
    }

    pub(super) fn set_price(&mut self, kod: &str, netto: Decimal) -> Result<(), SimulatorError> {
        let (_, towar) = self.towar_mut(kod)?;
        if towar.cena.is_none() {
            return Err(SimulatorError::unknown("the good has no retail price"));
        }
        let brutto = towar.vat.gross(netto);
        let chwila = self.now().0;
        self.record(Event::Cena { kod: kod.to_owned(), netto, brutto, chwila })
    }

    /// One more of so many goods in the first warehouse; says of how many.
    pub(super) fn raise_stock(&mut self, goods: usize, seed: u64) -> Result<usize, SimulatorError> {
        let magazyn = self.catalogue.magazyny.first().map(|magazyn| magazyn.symbol.clone());
        let magazyn = magazyn.ok_or_else(|| SimulatorError::unknown("there is no warehouse"))?;
        let drawn = self.drawn(goods, seed, |towar| towar.typ.has_stock());
        for (place, kod) in &drawn {
            let (stan, _) = self.stock(*place, 0);
            self.set_stock(kod, &magazyn, stan + Decimal::ONE)?;
        }
        Ok(drawn.len())
    }

    /// So many goods cost 1 more, net; says how many.
    pub(super) fn raise_prices(&mut self, goods: usize, seed: u64) -> Result<usize, SimulatorError> {
        let drawn = self.drawn(goods, seed, |towar| towar.cena.is_some());
        for (place, kod) in &drawn {
            let cena = self.catalogue.towary.get(*place).and_then(|towar| towar.cena);
            let netto = cena.map_or(Decimal::ZERO, |cena| cena.netto);
            self.set_price(kod, netto + Decimal::ONE)?;
        }
        Ok(drawn.len())
    }

    /// So many different goods of a kind, drawn by the seed; all of them if there are no more.
    fn drawn(&self, goods: usize, seed: u64, of_kind: impl Fn(&Towar) -> bool) -> Vec<(usize, String)> {
        let all = self.catalogue.towary.iter().enumerate().filter(|(_, towar)| of_kind(towar));
        let mut dice = Dice::new(seed, 1 << 55);
        let mut drawn: Vec<(u64, usize, &Towar)> =
            all.map(|(place, towar)| (dice.below(u64::MAX), place, towar)).collect();
        drawn.sort_unstable_by_key(|(lot, place, _)| (*lot, *place));
        drawn.into_iter().take(goods).map(|(_, place, towar)| (place, towar.kod.to_string())).collect()
    }

    pub(super) fn set_ticked(&mut self, kod: &str, zaznaczony: bool) -> Result<(), SimulatorError> {
        self.towar_mut(kod)?;
        let chwila = self.now().0;
        self.record(Event::Zaznaczenie { kod: kod.to_owned(), zaznaczony, chwila })
    }

    /// Writes a good's card: of the one at a place, or of a new one at the end.
    pub(super) fn write_goods_card(&mut self, karta: Kartoteka) -> Result<(), SimulatorError> {
        self.record(Event::KartotekaTowaru(Box::new(karta)))
    }

    /// Writes a contractor's whole card: of the one at a place, or of a new one at the end.
    pub(super) fn write_card(&mut self, miejsce: usize, karta: String) -> Result<(), SimulatorError> {
        self.record(Event::KartaKontrahenta { miejsce, karta, chwila: self.now().0 })
    }

    pub(super) fn add_order(&mut self, document: OrderDocument) -> Result<usize, SimulatorError> {
        self.record(Event::Zamowienie(Box::new(document)))?;
        Ok(self.orders.len() - 1)
    }

    /// Puts another version of an order in the place of the one that there is.
    pub(super) fn change_order(&mut self, document: OrderDocument) -> Result<(), SimulatorError> {
        self.record(Event::ZmianaZamowienia(Box::new(document)))
    }

    /// Approves an order; an approved one stays as it is.
    pub(super) fn approve(&mut self, id: i32) -> Result<String, SimulatorError> {
        let document = self.orders.iter().find(|document| document.id == id);
        let document = document.ok_or_else(|| SimulatorError::unknown("there is no such order"))?;
        if document.anulowany {
            return Err(SimulatorError::unknown("the order is cancelled"));
        }
        if document.numer != BUFOR {
            return Ok(document.numer.clone());
        }
        if let Some(limit) = self.exceeded_limit(document.kontrahent_id, document.suma_brutto) {
            return Err(SimulatorError::refused(format!("the credit limit of {limit} PLN is exceeded")));
        }
        let numer = self.next_number();
        self.record(Event::Zatwierdzenie { id, numer: numer.clone(), chwila: self.now().0 })?;
        Ok(numer)
    }

    /// Keeps an attachment and tells its ID.
    pub(super) fn attach(&mut self, attachment: Attachment) -> Result<i32, SimulatorError> {
        let id = id_of(self.attachments.len());
        self.record(Event::Zalacznik(Box::new(Attachment { id, ..attachment })))?;
        Ok(id)
    }

    /// The attachments of a row.
    pub(super) fn attachments<'a>(
        &'a self,
        table: &'a str,
        parent: i32,
    ) -> impl Iterator<Item = &'a Attachment> {
        self.attachments.iter().filter(move |one| one.table_name == table && one.parent == parent)
    }

    /// Takes note of what a consumer says of a change.
    pub(super) fn confirm(
        &mut self,
        system: &str,
        id: i32,
        sukces: bool,
        informacja: Option<String>,
    ) -> Result<(), SimulatorError> {
        self.record(Event::Odebrano { system: system.to_owned(), id, sukces, informacja })
    }

    pub(super) fn orders(&self) -> &[OrderDocument] {
        &self.orders
    }

    pub(super) fn order_of(&self, guid: Uuid) -> Option<(usize, &OrderDocument)> {
        let place = *self.by_guid.get(&guid)?;
        Some((place, self.orders.get(place)?))
    }

    /// IDs of lines are never given again, also when the line is gone.
    pub(super) fn took_lines(&mut self, ids: impl Iterator<Item = i32>) {
        self.last_line = ids.fold(self.last_line, i32::max);
    }

    /// ID of the next document and of its first line.
    pub(super) fn next_ids(&self) -> (i32, i32) {
        (id_of(self.orders.len() + self.documents.all().len()) + 100, self.last_line + 1)
    }

    /// Stock on hand and reserved.
    pub(super) fn stock(&self, towar: usize, magazyn: usize) -> (Decimal, Decimal) {
        let stan = self.catalogue.stany.get(towar * self.catalogue.magazyny.len() + magazyn);
        let reserved = self.reserved.get(&(towar, magazyn));
        (stan.copied().unwrap_or_default(), reserved.copied().unwrap_or_default())
    }

    /// On hand less reserved over all warehouses.
    pub(super) fn available(&self, towar: usize) -> Decimal {
        (0..self.catalogue.magazyny.len())
            .map(|magazyn| self.stock(towar, magazyn))
            .map(|(stan, reserved)| stan - reserved)
            .sum()
    }

    /// Goods changed after a position, oldest first.
    pub(super) fn changed(&self, from: (Instant, i32)) -> impl Iterator<Item = (Instant, i32)> + '_ {
        self.changes.range(from..).copied()
    }
}
