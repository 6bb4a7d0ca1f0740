//! From the ERP's prices to ONe's and to a portal of one's own.

use one_client::{ClientId, PricingId, Sku};
use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt;
use sync_core::{Key, LinkRef, Links, Mapped, Mapper, Reason};

use super::PRICE_LIST_LINK;
use crate::enova::{Assignment, ClientList, ClientPrice};
use crate::exact;
use crate::flows::clients::{client_link, client_of};
use crate::net_price::net_price;
use crate::tick::Tick;

/// A price of one of ONe's lists. `Debug` shows list and SKU only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListPrice {
    /// ONe's list.
    pub pricing: PricingId,
    /// The good: the ERP's Kod.
    pub sku: Sku,
    /// Net price of one base unit (ONe's content unit).
    #[serde(serialize_with = "exact::serialize")]
    pub price: Decimal,
}

impl fmt::Debug for ListPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListPrice")
            .field("pricing", &self.pricing)
            .field("sku", &self.sku)
            .finish_non_exhaustive()
    }
}

fn list_link(list: ClientList) -> LinkRef {
    LinkRef::of_b(PRICE_LIST_LINK, list.to_string())
}

/// ONe's list, or that the price waits for it.
fn list_of(list: ClientList, links: &Links) -> Result<PricingId, Reason> {
    let link = list_link(list);
    match links.get(&link) {
        Some(id) => Ok(PricingId::new(id)),
        None => Err(Reason::missing_link(link)),
    }
}

/// From what a good costs in a list of the ERP to its net price in ONe's list: of ticked goods, in one currency, below the first
/// threshold.
#[derive(Debug, Clone)]
pub struct ListPriceMapper {
    waluta: String,
}

impl ListPriceMapper {
    /// ONe's prices are in this currency; a price in another one becomes a reject.
    #[must_use]
    pub fn new(waluta: impl Into<String>) -> Self {
        Self { waluta: waluta.into() }
    }
}

impl Mapper<ClientPrice> for ListPriceMapper {
    type Out = ListPrice;

    fn links_needed(&self, price: &ClientPrice) -> Vec<LinkRef> {
        vec![list_link(price.list)]
    }

    fn map(&self, _key: &Key, price: ClientPrice, links: &Links) -> Result<Mapped<ListPrice>, Reason> {
        let cena = price.cena;
        if !Tick::Told.sends(cena.zaznaczony, &[]) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        let netto = net_price(&cena.netto, cena.za_ilosc, &self.waluta)?;
        let pricing = list_of(price.list, links)?;
        Ok(Mapped::Send(ListPrice { pricing, sku: Sku::new(cena.kod), price: netto }))
    }
}

/// That a client of ONe has a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClientAssignment {
    /// ONe's client.
    pub client: ClientId,
    /// ONe's list.
    pub pricing: PricingId,
}

/// From contractor and list to ONe's client and list, by their links.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct AssignmentMapper {}

impl AssignmentMapper {
    /// The mapper.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }
}

impl Mapper<Assignment> for AssignmentMapper {
    type Out = ClientAssignment;

    fn links_needed(&self, given: &Assignment) -> Vec<LinkRef> {
        vec![client_link(given.kontrahent_id), list_link(given.list)]
    }

    fn map(&self, _key: &Key, given: Assignment, links: &Links) -> Result<Mapped<ClientAssignment>, Reason> {
        let client = client_of(given.kontrahent_id, links)?;
        let pricing = list_of(given.list, links)?;
        Ok(Mapped::Send(ClientAssignment { client, pricing }))
    }
}

/// Hands on what a contractor pays for ticked goods, with thresholds, without the instant of calculation.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ContractorPriceMapper {}

impl ContractorPriceMapper {
    /// The mapper.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }
}

impl Mapper<ClientPrice> for ContractorPriceMapper {
    type Out = ClientPrice;

    fn map(&self, _key: &Key, mut price: ClientPrice, _links: &Links) -> Result<Mapped<ClientPrice>, Reason> {
        if !Tick::Told.sends(price.cena.zaznaczony, &[]) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        price.cena.liczona_od = None;
        Ok(Mapped::Send(price))
    }
}

#[cfg(test)]
mod tests {
    use soneta_webapi::KontrahentId;
    use sync_core::{Key, Links, Mapped, Mapper};

    use super::{AssignmentMapper, client_link, list_link};
    use crate::enova::{Assignment, ClientList};

    #[test]
    fn a_person_is_given_a_list_under_the_id_of_a_person() {
        let (kontrahent_id, list) = (KontrahentId(7), ClientList::Kontrahent(KontrahentId(7)));
        for (link, client) in [("ind:8", "ind:8"), ("8", "org:8")] {
            let mut links = Links::default();
            links.insert(client_link(kontrahent_id), link);
            links.insert(list_link(list), "list");
            let mapped =
                AssignmentMapper::new().map(&Key::from("7"), Assignment { kontrahent_id, list }, &links);
            let Ok(Mapped::Send(given)) = mapped else { panic!("{mapped:?}") };
            assert_eq!(given.client.as_str(), client);
        }
    }
}
