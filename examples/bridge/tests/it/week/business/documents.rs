//! What the ERP's people make of orders.

use rust_decimal::Decimal;
use soneta_webapi::simulator::OrderDocument;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{KontrahentId, NoweZamowienie, PozycjaZamowienia, Uuid};
use sync_core::Clock;

use super::super::world::World;

impl World {
    /// Approves an order, confirms it, ships what is approved if all of it is in stock, invoices what is shipped.
    pub(super) fn work_on_documents(&mut self) {
        let enova = &self.simulation.enova;
        let orders = enova.orders();
        let open: Vec<&OrderDocument> = orders.iter().filter(|order| !order.anulowany).collect();
        let Some(order) = self.dice.pick(&open) else { return };
        if !order.zatwierdzony {
            enova.approve(order.id).unwrap();
            if self.dice.roll(2) == 0 {
                enova.confirm(order.id).unwrap();
                self.confirmed.insert(order.id);
            }
        } else if enova.ship(order.id, &[]).is_err() {
            // shipped already, or not in stock
            let _nothing_left_to_invoice = enova.invoice(order.id);
        }
    }

    /// Pays half of what is left of an invoice, or all of it.
    pub(super) fn pay(&mut self) {
        let mut open = self.simulation.enova.settlements();
        open.retain(|settlement| settlement.pozostalo > Decimal::ZERO);
        let Some(settlement) = self.dice.pick(&open) else { return };
        let left = settlement.pozostalo;
        let half = (left / Decimal::TWO).round_dp(2);
        let (dokument, numer) = (settlement.dokument_id, settlement.numer.clone());
        let amount = if self.dice.roll(2) == 0 && half > Decimal::ZERO { half } else { left };
        self.simulation.enova.pay(dokument, &numer, amount).unwrap();
    }

    /// An order by telephone, of a client of ONe.
    pub(super) async fn phone_in(&mut self) {
        if !self.is_enova_calm() {
            return;
        }
        self.numbered += 1;
        let goods = self.goods();
        let good = self.dice.pick(&goods).unwrap();
        let kod = self.dice.pick(&self.buyers).unwrap();
        let contractors = self.simulation.enova.contractors();
        let buyer = contractors.iter().find(|contractor| contractor.kod == *kod).unwrap();
        let line = PozycjaZamowienia::builder()
            .id_obcy("1")
            .kod(&good.kod)
            .ilosc(Quantity::new(Decimal::ONE, &good.jednostka))
            .cena_netto(Currency::new(good.cena_detaliczna.unwrap().0, "PLN"))
            .build();
        let order = NoweZamowienie::builder()
            .guid(Uuid::from_u128(0xF0_0000 + u128::from(self.numbered)))
            .kontrahent_id(KontrahentId(buyer.id))
            .numer_obcy("telefon")
            .magazyn(&good.stany[0].magazyn)
            .data(self.time.now().date_naive())
            .zatwierdz(true)
            .pozycje(vec![line])
            .build();
        self.people.b2b().zamowienia().create_or_find(&order).await.unwrap();
    }
}
