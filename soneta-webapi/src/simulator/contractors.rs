//! Contractors as they change: ticks, blocks, merges, limits, and what a caller saves. Each change is one
//! event with the whole record as it is then, and counts its version.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{
    answer::Blad,
    catalogue::{Instant, Kontrahent, Vat, id_of},
    company::Company,
    error::SimulatorError,
    journal::Event,
    number::{Number, to_grosz},
    orders::OrderDocument,
};

impl Company {
    /// ID and record of the contractor of a code.
    pub(super) fn contractor_of(&self, kod: &str) -> Option<(i32, &Kontrahent)> {
        let place = self.catalogue.kontrahenci.iter().position(|kontrahent| kontrahent.kod == kod)?;
        Some((id_of(place), self.catalogue.kontrahenci.get(place)?))
    }

    /// Contractors changed after a position, oldest first.
    pub(super) fn contractors_changed(
        &self,
        from: (Instant, i32),
    ) -> impl Iterator<Item = (Instant, i32)> + '_ {
        self.contractor_changes.range(from..).copied()
    }

    /// ID that a new contractor gets.
    pub(super) fn next_contractor_id(&self) -> i32 {
        id_of(self.catalogue.kontrahenci.len())
    }

    /// Keeps a changed or new contractor as its next version.
    pub(super) fn keep_contractor(
        &mut self,
        id: i32,
        mut kontrahent: Kontrahent,
    ) -> Result<(), SimulatorError> {
        kontrahent.wersja += 1;
        kontrahent.zmieniono = self.now();
        self.record(Event::Kontrahent { id, kontrahent: Box::new(kontrahent) })
    }

    pub(super) fn take_contractor(&mut self, id: i32, kontrahent: Kontrahent) {
        let zmieniono = kontrahent.zmieniono;
        let place = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        match place.and_then(|place| self.catalogue.kontrahenci.get_mut(place)) {
            Some(known) => {
                self.contractor_changes.remove(&(known.zmieniono, id));
                *known = kontrahent;
            }
            None => self.catalogue.kontrahenci.push(kontrahent),
        }
        self.contractor_changes.insert((zmieniono, id));
    }

    fn change_contractor(
        &mut self,
        kod: &str,
        change: impl FnOnce(&mut Kontrahent),
    ) -> Result<(), SimulatorError> {
        let (id, mut kontrahent) = self.known_contractor(kod)?;
        change(&mut kontrahent);
        self.keep_contractor(id, kontrahent)
    }

    fn known_contractor(&self, kod: &str) -> Result<(i32, Kontrahent), SimulatorError> {
        let found = self.contractor_of(kod).map(|(id, kontrahent)| (id, kontrahent.clone()));
        found.ok_or_else(|| SimulatorError::unknown("there is no contractor of that code"))
    }

    pub(super) fn set_contractor_ticked(
        &mut self,
        kod: &str,
        zaznaczony: bool,
    ) -> Result<(), SimulatorError> {
        self.change_contractor(kod, |kontrahent| kontrahent.zaznaczony = zaznaczony)
    }

    pub(super) fn set_contractor_blocked(&mut self, kod: &str, blokada: bool) -> Result<(), SimulatorError> {
        self.change_contractor(kod, |kontrahent| kontrahent.blokada_sprzedazy = blokada)
    }

    pub(super) fn set_credit_limit(
        &mut self,
        kod: &str,
        limit: Option<Decimal>,
    ) -> Result<(), SimulatorError> {
        self.change_contractor(kod, |kontrahent| kontrahent.limit = limit.map(Number))
    }

    pub(super) fn merge_contractor(&mut self, kod: &str, into: &str) -> Result<(), SimulatorError> {
        let (into, _) = self.known_contractor(into)?;
        if self.known_contractor(kod)?.0 == into {
            return Err(SimulatorError::unknown("a contractor is not merged into itself"));
        }
        self.change_contractor(kod, |kontrahent| kontrahent.zastapiony_przez_id = Some(into))
    }

    /// How much credit each contractor uses: what is left of its settlements, and what of its approved orders
    /// is not invoiced. A settlement that somebody opened for an order stands for it until the order's first
    /// invoice.
    pub(super) fn credit_used(&self) -> BTreeMap<i32, Decimal> {
        let invoiced: BTreeSet<i32> =
            self.invoices().flat_map(|invoice| &invoice.pozycje).map(|line| line.zamowienie_id).collect();
        let settlements = self.settlements.all().iter().filter(|one| !invoiced.contains(&one.dokument_id));
        let owed = settlements.map(|one| (one.kontrahent_id, one.pozostalo));
        let open = self.orders().iter().filter(|order| order.zatwierdzony && !order.anulowany);
        let open = open.filter_map(|order| match invoiced.contains(&order.id) {
            true => Some((order.kontrahent_id, self.not_invoiced(order))),
            false if self.settlements.has(order.id) => None,
            false => Some((order.kontrahent_id, order.suma_brutto)),
        });
        let mut used = BTreeMap::<i32, Decimal>::new();
        for (id, value) in owed.chain(open) {
            *used.entry(id).or_default() += value;
        }
        used
    }

    /// The gross value of what of an order is not invoiced.
    fn not_invoiced(&self, order: &OrderDocument) -> Decimal {
        let mut sums = BTreeMap::<Vat, Decimal>::new();
        for line in &order.pozycje {
            let left = line.ilosc - self.documents.done(order.id, line.id, true);
            let towar = self.catalogue.place_of_id(line.towar_id);
            if let Some(towar) = towar.and_then(|place| self.catalogue.towary.get(place)) {
                *sums.entry(towar.vat).or_default() += to_grosz(line.cena_netto * left.max(Decimal::ZERO));
            }
        }
        sums.iter().map(|(vat, netto)| vat.gross(*netto)).sum()
    }

    /// The limit of a contractor that a further amount would exceed, if that is controlled.
    pub(super) fn exceeded_limit(&self, kontrahent_id: i32, brutto: Decimal) -> Option<Decimal> {
        let limit = self.catalogue.kontrahent(kontrahent_id)?.limit.filter(|_| self.credit_control)?.0;
        let used = self.credit_used().remove(&kontrahent_id).unwrap_or_default();
        (used + brutto > limit).then_some(limit)
    }

    /// Refuses an order that is approved at once above the limit.
    pub(super) fn within_limit(&self, kontrahent_id: i32, brutto: Decimal) -> Result<(), Blad> {
        let Some(limit) = self.exceeded_limit(kontrahent_id, brutto) else { return Ok(()) };
        let message = format!("Przekroczony limit kredytowy kontrahenta: {limit} PLN.");
        Err(Blad::new("LimitPrzekroczony", "KontrahentId", message))
    }
}
