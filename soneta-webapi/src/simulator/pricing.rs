//! What contractors pay: price list, discount, quantity thresholds, dated promotions, and their own exceptions; and which of these
//! prices became invalid.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    ops::Bound,
};

use chrono::{DateTime, Duration, NaiveDate};
use rust_decimal::Decimal;

use super::{
    b2b::day_begins,
    catalogue::{Catalogue, Instant, Towar, id_of},
    company::Company,
    error::SimulatorError,
    generate::Dice,
    import::RETAIL,
    journal::Event,
    number::to_grosz,
};

const WHOLESALE: &str = "Hurtowa";
/// How much lower than retail the wholesale list is, in percent.
const WHOLESALE_LOWER: i64 = 8;
/// From how many base units on how many percent less, for goods with thresholds.
const STEPS: [(i64, i64); 2] = [(10, 5), (50, 12)];

/// What makes one contractor pay another price than the next. Imported companies have none of it at the beginning.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Places of the contractors who buy by the wholesale list.
    wholesale: BTreeSet<usize>,
    /// Places of the goods with thresholds.
    stepped: BTreeSet<usize>,
    /// By place of the contractor and of the good: net prices, each from a quantity on.
    exceptions: BTreeMap<(usize, usize), Vec<(Decimal, Decimal)>>,
    /// By place of the good.
    promotions: BTreeMap<usize, Vec<Promotion>>,
}

/// Percent off a good, day by day.
#[derive(Debug, Clone, Copy)]
struct Promotion {
    procent: Decimal,
    from: NaiveDate,
    until: NaiveDate,
}

/// Contractors of one class are priced alike, but for their exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    wholesale: bool,
    rabat: Decimal,
}

/// The prices of a good for somebody, of as many base units as the retail price is for.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) definicja: &'static str,
    /// Net and gross, each from a quantity on; the first from nothing.
    pub(super) ladder: Vec<(Decimal, Decimal, Decimal)>,
    pub(super) wazna_do: Option<Instant>,
}

/// Prices that became invalid, or will.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invalid {
    pub(super) zakres: Zakres,
    pub(super) wazna_od: Instant,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Zakres {
    Towar(i32),
    Kontrahent(i32),
}

impl Terms {
    /// Every fifth contractor buys wholesale, another fifth has exceptions; an eighth of the goods has thresholds, a tenth is in a
    /// promotion that lasts until 2030. With `profiles` nobody has exceptions, and in turn one profile buys retail and one wholesale.
    pub(super) fn generated(catalogue: &Catalogue, seed: u64, profiles: Option<usize>) -> Self {
        let mut terms = Self::default();
        let period = NaiveDate::from_ymd_opt(2020, 1, 1).zip(NaiveDate::from_ymd_opt(2030, 12, 31));
        for (towar, good) in catalogue.towary.iter().enumerate() {
            let Some(cena) = good.cena else { continue };
            let mut dice = Dice::new(seed, u64::try_from(towar).unwrap_or(0) | 1 << 45);
            if dice.below(8) == 0 {
                terms.stepped.insert(towar);
            }
            if let (0, Some((from, until))) = (dice.below(10), period) {
                let promotion = Promotion { procent: Decimal::from(5), from, until };
                terms.promotions.entry(towar).or_default().push(promotion);
            }
            if profiles.is_some() {
                continue;
            }
            for kontrahent in (2..catalogue.kontrahenci.len()).step_by(5) {
                if dice.below(20) == 0 {
                    let own = to_grosz(cena.netto * Decimal::new(80, 2));
                    let mut ladder = vec![(Decimal::ZERO, own)];
                    if dice.below(2) == 0 {
                        ladder.push((Decimal::from(20), to_grosz(cena.netto * Decimal::new(75, 2))));
                    }
                    terms.exceptions.insert((kontrahent, towar), ladder);
                }
            }
        }
        let contractors = catalogue.kontrahenci.len();
        terms.wholesale = match profiles {
            Some(profiles) => (0..contractors).filter(|n| n % profiles % 2 == 1).collect(),
            None => (1..contractors).step_by(5).collect(),
        };
        terms
    }
}

impl Class {
    /// The same for the same class, whatever other classes there are.
    pub(super) fn id(self) -> i32 {
        let rabat = i32::try_from((self.rabat * Decimal::from(10_000)).trunc()).unwrap_or(0);
        2 * rabat + i32::from(self.wholesale) + 1
    }

    pub(super) fn nazwa(self) -> String {
        if self.rabat.is_zero() {
            self.list().to_owned()
        } else {
            format!("{}, rabat {}%", self.list(), self.rabat.normalize())
        }
    }

    fn list(self) -> &'static str {
        if self.wholesale { WHOLESALE } else { RETAIL }
    }
}

impl Offer {
    /// Net and gross of one who takes so many base units.
    fn at(&self, ilosc: Decimal) -> (Decimal, Decimal) {
        let reached = self.ladder.iter().take_while(|(from, ..)| *from <= ilosc).last();
        reached.map_or((Decimal::ZERO, Decimal::ZERO), |(_, netto, brutto)| (*netto, *brutto))
    }
}

/// The last instant of a day.
fn day_ends(day: NaiveDate) -> Instant {
    Instant(day_begins(day + Duration::days(1)).0 - 1)
}

impl Company {
    /// The day by which prices are looked up.
    pub(super) fn price_day(&self) -> NaiveDate {
        let now = DateTime::from_timestamp_millis(self.now().0).unwrap_or_default();
        (now + Duration::hours(1)).date_naive()
    }

    pub(super) fn class_of(&self, kontrahent: usize) -> Option<Class> {
        let rabat = self.catalogue.kontrahenci.get(kontrahent)?.rabat;
        Some(Class { wholesale: self.catalogue.terms.wholesale.contains(&kontrahent), rabat })
    }

    /// Every class that somebody is in, with the contractors' IDs.
    pub(super) fn classes(&self) -> BTreeMap<i32, (Class, Vec<i32>)> {
        let mut classes = BTreeMap::new();
        for kontrahent in 0..self.catalogue.kontrahenci.len() {
            if let Some(class) = self.class_of(kontrahent) {
                classes.entry(class.id()).or_insert((class, Vec::new())).1.push(id_of(kontrahent));
            }
        }
        classes
    }

    /// The class of this ID, if somebody is in it.
    pub(super) fn class_of_id(&self, id: i32) -> Option<Class> {
        let mut classes = (0..self.catalogue.kontrahenci.len()).filter_map(|place| self.class_of(place));
        classes.find(|class| class.id() == id)
    }

    /// What those of a class pay.
    pub(super) fn class_offer(&self, class: Class, towar: usize, day: NaiveDate) -> Option<Offer> {
        let terms = &self.catalogue.terms;
        let good = self.catalogue.towary.get(towar)?;
        let cena = good.cena?;
        let promotions = || terms.promotions.get(&towar).into_iter().flatten();
        let running = || promotions().filter(move |one| (one.from..=one.until).contains(&day));
        let promotion = running().map(|one| one.procent).max().unwrap_or_default();
        let lower = Decimal::from(if class.wholesale { WHOLESALE_LOWER } else { 0 });
        let stepped = terms.stepped.contains(&towar);
        let steps = STEPS.into_iter().filter(|_| stepped);
        let ladder = iter::once((0, 0)).chain(steps).map(|(from, step)| {
            let off = [lower, class.rabat, promotion, Decimal::from(step)];
            if off.iter().all(Decimal::is_zero) {
                return (Decimal::from(from), to_grosz(cena.netto), to_grosz(cena.brutto));
            }
            let left = |netto, off| netto * (Decimal::ONE_HUNDRED - off) / Decimal::ONE_HUNDRED;
            let netto = to_grosz(off.into_iter().fold(cena.netto, left));
            (Decimal::from(from), netto, good.vat.gross(netto))
        });
        let ends = running().map(|one| one.until);
        let begins = promotions().filter(|one| one.from > day).filter_map(|one| one.from.pred_opt());
        Some(Offer {
            definicja: class.list(),
            ladder: ladder.collect(),
            wazna_do: ends.chain(begins).min().map(day_ends),
        })
    }

    fn exception(&self, towar: &Towar, ladder: &[(Decimal, Decimal)]) -> Offer {
        let gross = |(from, netto): &(Decimal, Decimal)| (*from, *netto, towar.vat.gross(*netto));
        Offer { definicja: "Indywidualna", ladder: ladder.iter().map(gross).collect(), wazna_do: None }
    }

    /// What a contractor pays: his exception, if he has one for the good.
    pub(super) fn offer(&self, kontrahent: usize, towar: usize, day: NaiveDate) -> Option<Offer> {
        let good = self.catalogue.towary.get(towar)?;
        match self.catalogue.terms.exceptions.get(&(kontrahent, towar)) {
            Some(ladder) => Some(self.exception(good, ladder)),
            None => self.class_offer(self.class_of(kontrahent)?, towar, day),
        }
    }

    /// Exceptions after a contractor's ID and a good's, in the order of both.
    pub(super) fn exceptions_after(
        &self,
        kontrahent_id: usize,
        towar_id: usize,
    ) -> impl Iterator<Item = (usize, usize, Offer)> + '_ {
        // The ID of one is the place of the next.
        let first = kontrahent_id.checked_sub(1).map_or((0, 0), |kontrahent| (kontrahent, towar_id));
        let after = self.catalogue.terms.exceptions.range((Bound::Included(first), Bound::Unbounded));
        after.filter_map(|((kontrahent, towar), ladder)| {
            let good = self.catalogue.towary.get(*towar)?;
            Some((*kontrahent, *towar, self.exception(good, ladder)))
        })
    }

    /// What a contractor pays for one unit of `base_units` when he takes `ilosc` of them, net and gross.
    pub(super) fn price(
        &self,
        kontrahent_id: i32,
        towar: usize,
        (ilosc, base_units): (Decimal, Decimal),
        day: NaiveDate,
    ) -> (Decimal, Decimal) {
        let kontrahent = usize::try_from(kontrahent_id).ok().and_then(|id| id.checked_sub(1));
        let offer = kontrahent.and_then(|kontrahent| self.offer(kontrahent, towar, day));
        let cena = self.catalogue.towary.get(towar).and_then(|towar| towar.cena);
        let (Some(offer), Some(cena)) = (offer, cena) else { return (Decimal::ZERO, Decimal::ZERO) };
        let (netto, brutto) = offer.at(ilosc * base_units);
        let units = base_units.checked_div(cena.za_ilosc).unwrap_or(base_units);
        (to_grosz(netto * units), to_grosz(brutto * units))
    }

    pub(super) fn set_discount(&mut self, kod: &str, rabat: Decimal) -> Result<(), SimulatorError> {
        self.kontrahent_of(kod)?;
        if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&rabat) || rabat.normalize().scale() > 2 {
            return Err(SimulatorError::unknown("a discount is from 0 to 100 percent, to two places"));
        }
        let chwila = self.now().0;
        self.record(Event::Rabat { kod: kod.to_owned(), rabat, chwila })
    }

    pub(super) fn start_promotion(
        &mut self,
        kod: &str,
        procent: Decimal,
        od: NaiveDate,
        r#do: NaiveDate,
    ) -> Result<(), SimulatorError> {
        if self.catalogue.place_of(kod).is_none() {
            return Err(SimulatorError::unknown("there is no good of that code"));
        }
        if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&procent) || r#do < od {
            return Err(SimulatorError::unknown(
                "a promotion is from 0 to 100 percent and ends after it begins",
            ));
        }
        let chwila = self.now().0;
        self.record(Event::Promocja { kod: kod.to_owned(), procent, od, r#do, chwila })
    }

    /// The price of a good changed.
    pub(super) fn good_invalid(&mut self, kod: &str, from: i64) {
        if let Some(towar) = self.catalogue.place_of(kod) {
            self.invalid.push(Invalid { zakres: Zakres::Towar(id_of(towar)), wazna_od: Instant(from) });
        }
    }

    pub(super) fn discount_set(
        &mut self,
        kod: &str,
        rabat: Decimal,
        from: i64,
    ) -> Result<(), SimulatorError> {
        let place = self.kontrahent_of(kod)?;
        if let Some(kontrahent) = self.catalogue.kontrahenci.get_mut(place) {
            kontrahent.rabat = rabat;
        }
        self.invalid.push(Invalid { zakres: Zakres::Kontrahent(id_of(place)), wazna_od: Instant(from) });
        Ok(())
    }

    /// A promotion is known: its prices change when it begins (at once, if it has begun) and when it ends.
    pub(super) fn promoted(
        &mut self,
        kod: &str,
        procent: Decimal,
        (from, until): (NaiveDate, NaiveDate),
        known: i64,
    ) -> Result<(), SimulatorError> {
        let towar = self.catalogue.place_of(kod);
        let towar = towar.ok_or_else(|| SimulatorError::unknown("there is no good of that code"))?;
        let promotions = self.catalogue.terms.promotions.entry(towar).or_default();
        promotions.push(Promotion { procent, from, until });
        self.good_invalid(kod, day_begins(from).0.max(known));
        self.good_invalid(kod, (day_ends(until).0 + 1).max(known));
        Ok(())
    }

    fn kontrahent_of(&self, kod: &str) -> Result<usize, SimulatorError> {
        let place = self.catalogue.kontrahenci.iter().position(|kontrahent| kontrahent.kod == kod);
        place.ok_or_else(|| SimulatorError::unknown("there is no contractor of that code"))
    }
}
