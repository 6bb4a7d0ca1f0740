//! What the ERP's people change of contractors.

use rust_decimal::Decimal;
use soneta_webapi::simulator::SimulatedKontrahent;
use soneta_webapi::wire::Cecha;
use soneta_webapi::{Adres, Uuid, ZapisKontrahenta};

use super::super::world::{World, decimal, nip};

/// So many contractors are without their tick at a time.
const UNTICKED: usize = 1;

impl World {
    /// Contractors that do not order, and are clients of ONe.
    fn others(&self) -> Vec<SimulatedKontrahent> {
        let mut others = self.simulation.enova.contractors();
        others.retain(|contractor| {
            !self.buyers.contains(&contractor.kod)
                && contractor.zaznaczony
                && contractor.zastapiony_przez_id.is_none()
        });
        others
    }

    pub(super) fn change_terms(&mut self) {
        let others = self.others();
        let kod = &self.dice.pick(&others).unwrap().kod;
        let number = decimal(self.dice.roll(40));
        match self.dice.roll(3) {
            0 => self.simulation.enova.set_discount(kod, number),
            1 => self.simulation.enova.set_credit_limit(kod, Some(number * Decimal::ONE_HUNDRED)),
            _ => self.simulation.enova.set_contractor_blocked(kod, number.is_zero()),
        }
        .unwrap();
    }

    /// Changes a limit and a blockade for certain, so that their flows have something to write.
    pub(crate) fn change_limit_and_blockade(&mut self) {
        let others = self.others();
        let contractor = self.dice.pick(&others).unwrap();
        let limit = contractor.limit.unwrap_or_default() + Decimal::ONE;
        let enova = &self.simulation.enova;
        enova.set_credit_limit(&contractor.kod, Some(limit)).unwrap();
        enova.set_contractor_blocked(&contractor.kod, !contractor.blokada_sprzedazy).unwrap();
    }

    pub(super) fn change_contractor_tick(&mut self) {
        if self.unticked_contractors.len() < UNTICKED {
            let others = self.others();
            let kod = self.dice.pick(&others).unwrap().kod.clone();
            self.simulation.enova.set_contractor_ticked(&kod, false).unwrap();
            self.unticked_contractors.push(kod);
        } else {
            let kod = self.unticked_contractors.remove(0);
            self.simulation.enova.set_contractor_ticked(&kod, true).unwrap();
        }
    }

    fn next_number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    /// A contractor of the ERP that ONe does not know.
    pub(super) async fn make_contractor(&mut self) {
        if !self.is_enova_calm() {
            return;
        }
        let number = self.next_number();
        let zapis = ZapisKontrahenta::builder()
            .guid(Uuid::from_u128(0xE0_0000 + u128::from(number)))
            .kod(format!("NOWY-{number}"))
            .nazwa(format!("Nowy {number}"))
            .nip(nip(number))
            .rodzaj_vat("Krajowy")
            .adres(seat(number))
            .cechy(vec![Cecha::new("Portal", true), Cecha::new("Segment", "A")])
            .build();
        self.people.b2b().kontrahenci().save(&zapis).await.unwrap();
    }

    /// Another name and seat.
    pub(super) async fn rename_contractor(&mut self) {
        if !self.is_enova_calm() {
            return;
        }
        let number = self.next_number();
        let others = self.others();
        let contractor = self.dice.pick(&others).unwrap();
        let zapis = ZapisKontrahenta::builder()
            .guid(contractor.guid)
            .nazwa(format!("{} {number}", contractor.kod))
            .adres(seat(number))
            .build();
        self.people.b2b().kontrahenci().save(&zapis).await.unwrap();
    }
}

fn seat(number: u64) -> Adres {
    Adres::builder()
        .ulica("Źródlana")
        .nr_domu(number.to_string())
        .kod_pocztowy("30-001")
        .miejscowosc("Kraków")
        .kod_kraju("PL")
        .build()
}
