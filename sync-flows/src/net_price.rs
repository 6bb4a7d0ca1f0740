//! The net price that ONe takes: of one unit, in its currency, above zero.

use rust_decimal::Decimal;
use soneta_webapi::wire::Currency;
use sync_core::Reason;

/// The amount of a price of the ERP, `netto` of `za_ilosc` units, if ONe can have it. Nothing is calculated: only the ERP rounds prices.
pub(crate) fn net_price(netto: &Currency, za_ilosc: Decimal, waluta: &str) -> Result<Decimal, Reason> {
    if netto.symbol != waluta {
        return Err(Reason::new("other-currency").with_detail(&*netto.symbol));
    }
    if za_ilosc != Decimal::ONE {
        // dividing would round
        return Err(Reason::new("price-not-of-one-unit").with_detail(za_ilosc.to_string()));
    }
    if netto.value <= Decimal::ZERO {
        return Err(Reason::new("no-price").with_detail("the price is not above zero"));
    }
    Ok(netto.value)
}

#[cfg(test)]
mod tests {
    use super::{Currency, Decimal, net_price};

    fn of(value: &str, symbol: &str, za_ilosc: &str) -> Result<Decimal, String> {
        let netto = Currency::new(value.parse::<Decimal>().unwrap(), symbol);
        net_price(&netto, za_ilosc.parse().unwrap(), "PLN").map_err(|reason| reason.code().to_owned())
    }

    #[test]
    fn a_price_of_one_unit_in_the_currency_goes_as_the_erp_has_it() {
        assert_eq!(of("51.7600", "PLN", "1").unwrap().to_string(), "51.7600");
        assert_eq!(of("0.01", "PLN", "1.00"), Ok(Decimal::new(1, 2)));
    }

    #[test]
    fn a_price_in_another_currency_is_refused() {
        assert_eq!(of("10", "EUR", "1"), Err("other-currency".to_owned()));
    }

    #[test]
    fn a_price_of_several_units_is_refused_and_not_divided() {
        for za_ilosc in ["100", "0.5", "0"] {
            assert_eq!(of("10", "PLN", za_ilosc), Err("price-not-of-one-unit".to_owned()));
        }
    }

    #[test]
    fn a_price_of_zero_or_less_is_no_price() {
        for value in ["0", "0.00", "-0.01"] {
            assert_eq!(of(value, "PLN", "1"), Err("no-price".to_owned()));
        }
    }
}
