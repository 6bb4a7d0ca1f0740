//! From a delivery note of the ERP to ONe's goods note.

use one_client::goods_notes::{GoodsNote, GoodsNoteAddress, GoodsNoteAmounts, GoodsNotePrices, IdAndName};
use rust_decimal::Decimal;
use serde::Serialize;
use soneta_webapi::{Adres, DokumentId, PozycjaDokumentu, Wydanie};
use std::collections::BTreeMap;
use sync_core::{Key, LinkRef, Links, Mapped, Mapper, Reason};

use crate::flows::documents::{
    Buyer, DocumentFilter, GOODS_NOTE_LINK, TradeDocument, buyer, buyer_links, document_link, filled, line,
    links_of_lines,
};

/// A goods note as ONe gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OneGoodsNote {
    /// The ERP's document.
    pub dokument: DokumentId,
    /// Whether it corrects a delivery note: ONe calls that a goods received note, and has it elsewhere.
    pub correction: bool,
    /// What is sent.
    pub note: GoodsNote,
}

/// From a delivery note to ONe's goods note.
///
/// Quantities of a delivery note are those delivered. A line of a correction tells what came back: what there was before less what is
/// left (*inferred* from the name, goods received note), below zero where more went out after all.
#[derive(Debug, Clone, Default, bon::Builder)]
#[non_exhaustive]
pub struct GoodsNoteMapper {
    /// Which delivery notes.
    #[builder(default)]
    filter: DocumentFilter,
    /// Symbol of a warehouse of the ERP → its id in ONe. One that is not named is left out.
    #[builder(default)]
    warehouses: BTreeMap<String, String>,
}

impl Mapper<Wydanie> for GoodsNoteMapper {
    type Out = OneGoodsNote;

    fn links_needed(&self, wydanie: &Wydanie) -> Vec<LinkRef> {
        let corrected = wydanie.koryguje_id.map(|id| document_link(GOODS_NOTE_LINK, id));
        buyer_links(wydanie).chain(corrected).chain(links_of_lines(&wydanie.pozycje)).collect()
    }

    fn map(&self, _key: &Key, wydanie: Wydanie, links: &Links) -> Result<Mapped<OneGoodsNote>, Reason> {
        let client = match buyer(&self.filter, &wydanie, links)? {
            Buyer::Client(client) => client,
            Buyer::LeftOut(reason) => return Ok(Mapped::LeaveOut(reason)),
        };
        let correction = wydanie.is_correction();
        let lines = (1..)
            .zip(&wydanie.pozycje)
            .map(|(number, pozycja)| Ok(line(number, pozycja, quantity(pozycja, correction)?, None, links)));
        let warehouse = wydanie.magazyn.as_ref().and_then(|magazyn| self.warehouses.get(magazyn));
        let sums = wydanie.suma_netto.as_ref().zip(wydanie.suma_brutto.as_ref()).map(|(net, gross)| {
            let (net, gross) = (net.value.normalize(), gross.value.normalize());
            GoodsNotePrices::builder()
                .total(GoodsNoteAmounts::builder().net(net).gross(gross).build())
                .build()
        });
        let way = filled(wydanie.sposob_dostawy.clone());
        let note = GoodsNote::builder()
            .number(wydanie.numer.as_str())
            .client_id(client)
            .maybe_notes(notes(&wydanie, links))
            .maybe_purchase_order_number(filled(wydanie.numer_obcy.clone()))
            .document_date(wydanie.data)
            .maybe_sale_date(wydanie.data_operacji)
            .product_lines(lines.collect::<Result<_, Reason>>()?)
            .maybe_delivery_address(wydanie.adres_dostawy.as_ref().and_then(address))
            .maybe_delivery_method(way.map(|way| IdAndName::builder().name(way).build()))
            .maybe_warehouse(warehouse.map(|id| IdAndName::builder().id(id).build()))
            .maybe_prices(sums)
            .build();
        Ok(Mapped::Send(OneGoodsNote { dokument: wydanie.id, correction, note }))
    }
}

fn quantity(pozycja: &PozycjaDokumentu, correction: bool) -> Result<Decimal, Reason> {
    let now = &pozycja.ilosc;
    if !correction {
        return Ok(now.value);
    }
    let before = pozycja.przed.as_ref().ok_or_else(|| Reason::new("correction-without-before"))?;
    if before.ilosc.symbol != now.symbol {
        return Err(Reason::new("unit-changed-by-correction"));
    }
    before.ilosc.value.checked_sub(now.value).ok_or_else(|| Reason::new("bad-quantity"))
}

/// The ERP's notes, and what a correction corrects.
fn notes(wydanie: &Wydanie, links: &Links) -> Option<String> {
    let sent = || links.get(&document_link(GOODS_NOTE_LINK, wydanie.koryguje_id?)).map(str::to_owned);
    let corrected = filled(wydanie.koryguje_numer.clone()).or_else(sent);
    let parts = [filled(wydanie.opis.clone()), corrected.map(|numer| format!("Korekta do {numer}"))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    filled(Some(parts.join("\n")))
}

fn address(adres: &Adres) -> Option<GoodsNoteAddress> {
    let parts = [&adres.ulica, &adres.nr_domu].into_iter().filter_map(|part| filled(part.clone()));
    let house = parts.collect::<Vec<_>>().join(" ");
    let street = match filled(adres.nr_lokalu.clone()) {
        Some(flat) => format!("{house}/{flat}"),
        None => house,
    };
    let address = GoodsNoteAddress::builder()
        .maybe_name(filled(adres.nazwa.clone()))
        .maybe_street(filled(Some(street)))
        .maybe_city(filled(adres.miejscowosc.clone()))
        .maybe_post_code(filled(adres.kod_pocztowy.clone()))
        .maybe_country(filled(adres.kod_kraju.clone()))
        .build();
    (address != GoodsNoteAddress::builder().build()).then_some(address)
}

/// Hands a delivery note on as it is, each line with order and line; a correction names what it corrects. Only the stamp of the last
/// change is cleared, so that nothing is sent that did not change.
#[derive(Debug, Clone, Default)]
pub struct PortalDeliveryNoteMapper {
    filter: DocumentFilter,
}

impl PortalDeliveryNoteMapper {
    /// Of these delivery notes.
    #[must_use]
    pub fn new(filter: DocumentFilter) -> Self {
        Self { filter }
    }
}

impl Mapper<Wydanie> for PortalDeliveryNoteMapper {
    type Out = Wydanie;

    fn map(&self, _key: &Key, mut wydanie: Wydanie, _links: &Links) -> Result<Mapped<Wydanie>, Reason> {
        if let Some(reason) = self.filter.leaves_out(&wydanie) {
            return Ok(Mapped::LeaveOut(reason));
        }
        wydanie.data_zmiany = None;
        Ok(Mapped::Send(wydanie))
    }
}
