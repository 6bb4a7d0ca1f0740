use rust_decimal::Decimal;
use tracing::info;

use super::{KluczZamowienia, NoweZamowienie, Zamowienia, Zamowienie, ZapisanaPozycja, ZapisaneZamowienie};
use crate::{Error, KodOdmowy, Result};

/// Creates; looks the order up by its Guid when a document may exist although no answer says so.
pub(super) async fn create_or_find<Z: Zamowienia + ?Sized>(
    port: &Z,
    order: &NoweZamowienie,
) -> Result<ZapisaneZamowienie> {
    let error = match port.create_once(order).await {
        Ok(created) => return Ok(created),
        Err(error) if error.may_have_been_applied() => error,
        Err(error) => return Err(error),
    };
    match find(port, order).await {
        Ok(Some(found)) => {
            info!(guid = %order.guid, "an order whose answer was lost was found by its Guid");
            Ok(found)
        }
        // Not found yet, another document, or no look-up: nobody knows, and the create's own failure says most.
        Ok(None) | Err(_) => Err(error),
    }
}

/// Looks the order up by its Guid and compares what is found with it.
pub(super) async fn find<Z: Zamowienia + ?Sized>(
    port: &Z,
    order: &NoweZamowienie,
) -> Result<Option<ZapisaneZamowienie>> {
    match port.get_zamowienie(&KluczZamowienia::Guid(order.guid)).await? {
        None => Ok(None),
        Some(found) if is_this(order, &found) => Ok(Some(adopted(order, found))),
        Some(_) => {
            let code = KodOdmowy::Konflikt.as_str().to_owned();
            Err(Error::refused(Some(code), "a document of this Guid exists, and it is another order"))
        }
    }
}

/// Whether the document is what this order makes. A look-up's own filter is a hint; what counts is compared here.
fn is_this(order: &NoweZamowienie, found: &Zamowienie) -> bool {
    found.guid == Some(order.guid)
        && found.kontrahent_id.is_none_or(|id| id == order.kontrahent_id)
        && found.pozycje.len() == order.pozycje.len()
        && found.suma_netto.as_ref().is_none_or(|suma| is_total(order, suma.value).unwrap_or(false))
}

/// Whether the order comes to this net total; `None` where the amounts are beyond what a decimal holds.
fn is_total(order: &NoweZamowienie, suma: Decimal) -> Option<bool> {
    // The ERP may round once per line or once per document, which moves the total by a grosz per line at most.
    let tolerance = Decimal::new(1, 2).checked_mul(Decimal::from(order.pozycje.len()))?;
    Some(suma.checked_sub(order.suma_netto()?)?.abs() <= tolerance)
}

fn adopted(order: &NoweZamowienie, found: Zamowienie) -> ZapisaneZamowienie {
    let pozycje = found.pozycje.into_iter().map(|line| ZapisanaPozycja {
        id_obcy: line.id_obcy,
        id: line.id,
        cena_netto: line.cena_netto,
        zarezerwowano: line.zarezerwowano,
        brakuje: line.brakuje,
    });
    ZapisaneZamowienie {
        id: found.id,
        guid: order.guid,
        numer: found.numer,
        stan: found.stan,
        suma_netto: found.suma_netto,
        suma_brutto: found.suma_brutto,
        pozycje: pozycje.collect(),
        wersja: found.wersja,
        odnalezione: true,
    }
}
