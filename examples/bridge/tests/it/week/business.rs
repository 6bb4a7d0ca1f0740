//! What people do in both systems on any day.

mod clients;
mod contractors;
mod documents;
mod goods;
mod orders;

use super::world::World;

impl World {
    /// One thing that somebody does.
    pub(super) async fn business(&mut self) {
        match self.dice.roll(30) {
            0..6 => self.change_stock(),
            6..9 => self.change_price(),
            9..13 => self.order(),
            13 => self.edit(),
            14 => self.cancel(),
            15..19 => self.work_on_documents(),
            19 => self.change_tick(),
            20..22 => self.change_terms(),
            22 => self.change_contractor_tick(),
            23 => self.change_promotion(),
            24 => self.pay(),
            25 => self.phone_in().await,
            26 => self.come_to_one(),
            27 => self.change_telephone(),
            28 => self.make_contractor().await,
            _ => self.rename_contractor().await,
        }
    }
}
