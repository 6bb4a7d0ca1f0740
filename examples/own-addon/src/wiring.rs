//! What goes where.

use std::collections::BTreeMap;
use std::sync::Arc;

use soneta_webapi::Client;
use sync_core::{Flow, Result, Sink};
use sync_flows::cechy::{Cechy, WithFields, with_fields};
use sync_flows::enova::{TowaryList, full_list};
use sync_flows::flows::goods::{self, GoodsMapper, LogRenames};
use sync_flows::flows::stock::{self, StockMapper, StockMode, StockSettings};
use sync_flows::{Setup, Tick, adjust};

use crate::sklep::Sklep;

/// Stock of warehouse `F` to ONe's `WRO`.
///
/// # Errors
/// As [`stock::to_one`].
pub fn stock_to_one(setup: &Setup, enova: &Client, one: one_client::Client) -> Result<Flow> {
    let mode = StockMode::per_warehouse([("F", "WRO")]);
    let mapper = StockMapper::new(StockSettings::builder().mode(mode.clone()).build())?;
    stock::to_one(setup, Arc::new(Sklep::new(enova)), mode, one, mapper)
}

/// Goods to the shop: the cecha `Kolor` as its field `colour`, and `Nowość` in the name.
///
/// # Errors
/// As [`goods::to`].
pub fn goods_to_shop<S>(setup: &Setup, enova: &Client, shop: S) -> Result<Flow>
where
    S: Sink<Record = WithFields<soneta_webapi::Towar>> + 'static,
{
    let mapper = adjust(GoodsMapper::new(Tick::Told), |towar, out| {
        if towar.cecha("Nowość").and_then(|cecha| cecha.wartosc.bool()) == Some(true) {
            out.nazwa.insert_str(0, "NEW ");
        }
        Ok(())
    });
    let cechy = Cechy::new(BTreeMap::from([("Kolor".to_owned(), "colour".to_owned())]))?;
    // the add-on has no change stamps: everything is read each time, and only what changed is sent
    let source = full_list(TowaryList::new(Arc::new(Sklep::new(enova))), &setup.erp);
    goods::to(setup, source, with_fields(mapper, cechy), shop, Arc::new(LogRenames))
}
