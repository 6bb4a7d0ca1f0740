//! What people do in both systems on any day.

use one_client::simulator::{DraftLine, OrderDraft};
use rust_decimal::Decimal;
use soneta_webapi::simulator::{OrderDocument, SimulatedTowar};

use super::world::{CLIENTS, Line, Placed, World};

/// So many goods are without their tick at a time.
const UNTICKED: usize = 2;

/// Orders that are young enough to be edited or cancelled.
const YOUNG: usize = 3;

fn decimal(number: usize) -> Decimal {
    Decimal::from(u64::try_from(number).unwrap())
}

impl World {
    /// One thing that somebody does.
    pub(super) fn business(&mut self) {
        match self.dice.roll(20) {
            0..6 => self.change_stock(),
            6..9 => self.change_price(),
            9..13 => self.order(),
            13 => self.edit(),
            14 => self.cancel(),
            15..18 => self.work_on_documents(),
            18 => self.change_tick(),
            _ => self.change_contractor(),
        }
    }

    fn goods(&self) -> Vec<SimulatedTowar> {
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

    fn change_price(&mut self) {
        let goods = self.goods();
        let kod = self.dice.pick(&goods).unwrap().kod.clone();
        let netto = Decimal::new(i64::try_from(100 + self.dice.roll(50_000)).unwrap(), 2);
        self.simulation.enova.set_price(&kod, netto).unwrap();
    }

    /// Changes a stock and a price of a ticked good for certain, so that every flow has something to write.
    pub(super) fn change_both(&mut self) {
        let ticked: Vec<_> = self.goods().into_iter().filter(|good| good.zaznaczony).collect();
        let good = self.dice.pick(&ticked).unwrap();
        let at = &good.stany[0];
        let stan = at.stan + Decimal::ONE_HUNDRED;
        self.simulation.enova.set_stock(&good.kod, &at.magazyn, stan).unwrap();
        let (netto, _) = good.cena_detaliczna.unwrap();
        self.simulation.enova.set_price(&good.kod, netto + Decimal::ONE).unwrap();
    }

    /// Lines at the prices that the shop shows; none if it shows no price yet.
    fn cart(&mut self) -> Vec<Line> {
        let shown = self.simulation.one.retail_prices();
        let mut goods = self.goods();
        goods.retain(|good| good.zaznaczony && shown.contains_key(&good.kod));
        let mut lines: Vec<Line> = Vec::new();
        for _ in 0..1 + self.dice.roll(3) {
            let Some(good) = self.dice.pick(&goods) else { break };
            if lines.iter().all(|line| line.sku != good.kod) {
                let quantity = decimal(1 + self.dice.roll(4));
                lines.push(Line { sku: good.kod.clone(), quantity, price: shown[&good.kod] });
            }
        }
        lines
    }

    fn draft(&self, client: &str, lines: &[Line]) -> OrderDraft {
        let goods = self.simulation.enova.goods();
        lines.iter().fold(OrderDraft::new(client), |draft, line| {
            let good = goods.iter().find(|good| good.kod == line.sku).unwrap();
            let drafted = DraftLine::new(&line.sku, line.quantity).priced(line.price);
            draft.with_line(drafted.in_unit(&good.jednostka))
        })
    }

    pub(super) fn order(&mut self) {
        let client = CLIENTS[self.dice.roll(CLIENTS.len())];
        self.order_of(client);
    }

    pub(super) fn order_of(&mut self, client: &'static str) {
        let lines = self.cart();
        if lines.is_empty() {
            return;
        }
        let shipment = self.simulation.one.place_order(self.draft(client, &lines)).unwrap();
        self.placed.push(Placed { shipment, client, versions: vec![lines], is_cancelled: false });
    }

    /// One of the youngest orders that is not cancelled.
    fn young(&mut self) -> Option<usize> {
        let first = self.placed.len().saturating_sub(YOUNG);
        let young: Vec<usize> =
            (first..self.placed.len()).filter(|at| !self.placed[*at].is_cancelled).collect();
        self.dice.pick(&young).copied()
    }

    fn edit(&mut self) {
        let (lines, Some(at)) = (self.cart(), self.young()) else { return };
        if lines.is_empty() {
            return;
        }
        let placed = &self.placed[at];
        let draft = self.draft(placed.client, &lines);
        self.simulation.one.edit_order(&placed.shipment, draft).unwrap();
        self.placed[at].versions.push(lines);
    }

    fn cancel(&mut self) {
        let Some(at) = self.young() else { return };
        self.simulation.one.cancel_order(&self.placed[at].shipment).unwrap();
        self.placed[at].is_cancelled = true;
    }

    /// Approves an order, ships what is approved as far as it is in stock, invoices what is shipped.
    fn work_on_documents(&mut self) {
        let enova = &self.simulation.enova;
        let orders = enova.orders();
        let open: Vec<&OrderDocument> = orders.iter().filter(|order| !order.anulowany).collect();
        let Some(order) = self.dice.pick(&open) else { return };
        if !order.zatwierdzony {
            enova.approve(order.id).unwrap();
        } else if enova.ship(order.id, &[]).is_err() {
            // shipped already, or not in stock
            let _nothing_left_to_invoice = enova.invoice(order.id);
        }
    }

    fn change_tick(&mut self) {
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

    fn change_contractor(&mut self) {
        let mut others = self.simulation.enova.contractors();
        others.retain(|contractor| !self.buyers.contains(&contractor.kod));
        let kod = &self.dice.pick(&others).unwrap().kod;
        let number = decimal(self.dice.roll(40));
        match self.dice.roll(3) {
            0 => self.simulation.enova.set_discount(kod, number),
            1 => self.simulation.enova.set_credit_limit(kod, Some(number * Decimal::ONE_HUNDRED)),
            _ => self.simulation.enova.set_contractor_blocked(kod, number.is_zero()),
        }
        .unwrap();
    }
}
