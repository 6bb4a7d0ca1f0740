//! Orders of ONe's clients, their edits and cancellations.

use one_client::simulator::{DraftLine, OrderDraft};

use super::super::world::{Line, Placed, World, decimal};

/// Orders that are young enough to be edited or cancelled.
const YOUNG: usize = 3;

impl World {
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

    pub(crate) fn order(&mut self) {
        let client = self.dice.pick(&self.clients).unwrap().clone();
        self.order_of(&client);
    }

    pub(crate) fn order_of(&mut self, client: &str) {
        let lines = self.cart();
        if lines.is_empty() {
            return;
        }
        let shipment = self.simulation.one.place_order(self.draft(client, &lines)).unwrap();
        let client = client.to_owned();
        self.placed.push(Placed { shipment, client, versions: vec![lines], is_cancelled: false });
    }

    /// One of the youngest orders that is not cancelled.
    fn young(&mut self) -> Option<usize> {
        let first = self.placed.len().saturating_sub(YOUNG);
        let young: Vec<usize> =
            (first..self.placed.len()).filter(|at| !self.placed[*at].is_cancelled).collect();
        self.dice.pick(&young).copied()
    }

    pub(super) fn edit(&mut self) {
        let (lines, Some(at)) = (self.cart(), self.young()) else { return };
        if lines.is_empty() {
            return;
        }
        let placed = &self.placed[at];
        let draft = self.draft(&placed.client, &lines);
        self.simulation.one.edit_order(&placed.shipment, draft).unwrap();
        self.placed[at].versions.push(lines);
    }

    pub(super) fn cancel(&mut self) {
        let Some(at) = self.young() else { return };
        self.simulation.one.cancel_order(&self.placed[at].shipment).unwrap();
        self.placed[at].is_cancelled = true;
    }
}
