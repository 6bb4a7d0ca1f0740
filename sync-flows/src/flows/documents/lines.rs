//! Lines of documents as ONe's goods notes have them.

use one_client::goods_notes::{GoodsNoteAmounts, GoodsNoteLine, GoodsNoteLinePrices, GoodsNoteProduct};
use rust_decimal::Decimal;
use soneta_webapi::PozycjaDokumentu;
use sync_core::{LinkRef, Links};

use crate::flows::orders::{ORDER_LINE_LINK, ORDER_LINK};
use crate::key::split_pair;

/// The links that tell which orders of ONe the lines fulfil.
pub(crate) fn links_of_lines(pozycje: &[PozycjaDokumentu]) -> impl Iterator<Item = LinkRef> {
    pozycje.iter().flat_map(|line| [order(line), order_line(line)]).flatten()
}

fn order(line: &PozycjaDokumentu) -> Option<LinkRef> {
    line.zamowienie_id.map(|id| LinkRef::of_b(ORDER_LINK, id.to_string()))
}

fn order_line(line: &PozycjaDokumentu) -> Option<LinkRef> {
    line.zamowienie_pozycja_id.map(|id| LinkRef::of_b(ORDER_LINE_LINK, id.to_string()))
}

/// A line as ONe gets it: of an order that was born there, with the shipment's id and the line's number in it; of others without.
///
/// Lines are numbered from 1, as ONe demands of notes that refer to an order; a correction of the ERP repeats the number of the line
/// that it corrects.
pub(crate) fn line(
    number: u32,
    pozycja: &PozycjaDokumentu,
    quantity: Decimal,
    notes: Option<String>,
    links: &Links,
) -> GoodsNoteLine {
    let shipment = order(pozycja).and_then(|order| links.get(&order).map(str::to_owned));
    let of_shipment = order_line(pozycja)
        .and_then(|line| split_pair(links.get(&line)?))
        .filter(|(of, _)| Some(of) == shipment.as_ref());
    let product = GoodsNoteProduct::builder()
        .maybe_sku(pozycja.kod.clone())
        .maybe_name(pozycja.nazwa.clone())
        .maybe_unit(filled(Some(pozycja.ilosc.symbol.clone())))
        .build();
    let price = pozycja.cena_netto.as_ref().map(|net| {
        let base = GoodsNoteAmounts::builder().net(net.value.normalize()).build();
        GoodsNoteLinePrices::builder().base(base).build()
    });
    GoodsNoteLine::builder()
        .line_number(number)
        .maybe_sales_order_reference_number(shipment)
        .maybe_sales_order_line_number(of_shipment.map(|(_, line)| line))
        .maybe_notes(notes)
        .quantity(quantity.normalize())
        .product(product)
        .maybe_prices(price)
        .build()
}

pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
