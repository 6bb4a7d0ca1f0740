//! A line of a request that names a good and a quantity of it.

use rust_decimal::Decimal;

use crate::simulator::{answer::Blad, catalogue::Towar, company::Company, number::AmountIn};

/// The good and the quantity of a line.
pub(in crate::simulator) struct Named<'a> {
    pub(in crate::simulator) place: usize,
    pub(in crate::simulator) towar: &'a Towar,
    pub(in crate::simulator) ilosc: Decimal,
    /// The unit; the base unit where the request names none.
    pub(in crate::simulator) jednostka: String,
    /// How many base units one asked unit is.
    pub(in crate::simulator) base_units: Decimal,
}

/// Finds what a line names; both keys have to name the same good.
pub(in crate::simulator) fn named<'a>(
    company: &'a Company,
    towar_id: Option<i32>,
    kod: Option<&str>,
    ilosc: Option<&AmountIn>,
    jednostka: Option<&str>,
) -> Result<Named<'a>, Blad> {
    let catalogue = &company.catalogue;
    let by_id = towar_id.map(|id| {
        let place = catalogue.place_of_id(id);
        place.ok_or_else(|| Blad::not_found("TowarId", format!("Nie znaleziono towaru o ID {id}.")))
    });
    let by_kod = kod.map(|kod| {
        let place = catalogue.place_of(kod);
        place.ok_or_else(|| Blad::not_found("Kod", format!("Nie znaleziono towaru „{kod}”.")))
    });
    let place = match (by_id.transpose()?, by_kod.transpose()?) {
        (Some(a), Some(b)) if a != b => {
            return Err(Blad::invalid("Kod", "TowarId i Kod wskazują różne towary."));
        }
        (Some(place), _) | (None, Some(place)) => place,
        (None, None) => return Err(Blad::missing("TowarId")),
    };
    let towar = catalogue.towary.get(place).ok_or_else(|| Blad::missing("TowarId"))?;
    let ilosc = ilosc.ok_or_else(|| Blad::missing("Ilosc"))?;
    if ilosc.value.0 <= Decimal::ZERO {
        return Err(Blad::invalid("Ilosc", "Ilość musi być większa od zera."));
    }
    if jednostka.is_some_and(|jednostka| jednostka != ilosc.symbol) {
        return Err(Blad::invalid("Jednostka", "Jednostka różni się od symbolu ilości."));
    }
    let base = catalogue.words.word(towar.jednostka);
    let symbol = if ilosc.symbol.is_empty() { base } else { ilosc.symbol.as_str() };
    let base_units = if symbol == base {
        Decimal::ONE
    } else if towar.w_kartonie > 0 && symbol == "karton" {
        Decimal::from(towar.w_kartonie)
    } else {
        return Err(Blad::invalid("Ilosc", format!("Towar nie ma jednostki „{symbol}”.")));
    };
    Ok(Named { place, towar, ilosc: ilosc.value.0, jednostka: symbol.to_owned(), base_units })
}
