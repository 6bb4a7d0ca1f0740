//! Stock, prices and ticks of goods.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use soneta_webapi::simulator::SimulatedTowar;
use sync_core::Clock;

use super::super::world::{World, decimal};

/// So many goods are without their tick at a time.
const UNTICKED: usize = 2;

impl World {
    /// Goods with stock, but for the one that only incidents touch.
    pub(super) fn goods(&self) -> Vec<SimulatedTowar> {
        let mut goods = self.simulation.enova.goods();
        goods.retain(|good| !good.stany.is_empty() && good.kod != self.kept_apart);
        goods
    }

    pub(super) fn change_stock(&mut self) {
        let goods = self.goods();
        let good = self.dice.pick(&goods).unwrap();
        let magazyn = self.dice.pick(&good.stany).unwrap().magazyn.clone();
        let stan = decimal(self.dice.roll(300));
        self.simulation.enova.set_stock(&good.kod, &magazyn, stan).unwrap();
    }

    pub(super) fn change_price(&mut self) {
        let goods = self.goods();
        let kod = self.dice.pick(&goods).unwrap().kod.clone();
        let netto = Decimal::new(i64::try_from(100 + self.dice.roll(50_000)).unwrap(), 2);
        self.simulation.enova.set_price(&kod, netto).unwrap();
    }

    /// Changes a stock and a price of a ticked good for certain, so that their flows have something to write.
    pub(crate) fn change_good(&mut self) {
        let ticked: Vec<_> = self.goods().into_iter().filter(|good| good.zaznaczony).collect();
        let good = self.dice.pick(&ticked).unwrap();
        let at = &good.stany[0];
        let stan = at.stan + Decimal::ONE_HUNDRED;
        self.simulation.enova.set_stock(&good.kod, &at.magazyn, stan).unwrap();
        let (netto, _) = good.cena_detaliczna.unwrap();
        self.simulation.enova.set_price(&good.kod, netto + Decimal::ONE).unwrap();
    }

    pub(super) fn change_tick(&mut self) {
        if self.unticked.len() < UNTICKED {
            let ticked: Vec<_> = self.goods().into_iter().filter(|good| good.zaznaczony).collect();
            let kod = self.dice.pick(&ticked).unwrap().kod.clone();
            self.simulation.enova.set_ticked(&kod, false).unwrap();
            self.unticked.push(kod);
        } else {
            let kod = self.unticked.remove(0);
            self.simulation.enova.set_ticked(&kod, true).unwrap();
        }
    }

    /// So many percent off a good from today to tomorrow.
    pub(super) fn change_promotion(&mut self) {
        let goods = self.goods();
        let kod = self.dice.pick(&goods).unwrap().kod.clone();
        let today = self.time.now().date_naive();
        let percent = decimal(1 + self.dice.roll(20));
        self.simulation.enova.start_promotion(&kod, percent, today, today + TimeDelta::days(1)).unwrap();
    }
}
