//! What an order becomes on the wire.

use chrono::{Days, NaiveDate};

use super::AltOneZamowienia;
use super::kontrahent::kontrahent;
use crate::adres::Adres;
use crate::altone::dokumenty::{
    AdresDoFaktury, DaneKontrahenta, DokumentHandlowy, NumerObcyDokumentu, PlatnoscDokumentu,
    PozycjaDokHandlowego, SposobLiczeniaVAT,
};
use crate::wire::Currency;
use crate::zamowienia::{NoweZamowienie, PozycjaZamowienia, Rezerwacja};
use crate::{Error, KluczKontrahenta, Result};

impl AltOneZamowienia {
    /// The document that an order is to become; asks for the contractor's name.
    ///
    /// # Errors
    /// The client's errors; kind `Invalid` for an order that the contract cannot take, `Config` where a setting of this port is
    /// lacking: the order's definicja among `definicje`, a payment method.
    pub async fn dokument(&self, order: &NoweZamowienie) -> Result<DokumentHandlowy> {
        self.must_be_expressible(order)?;
        if !self.definicje.contains(&order.definicja) {
            return Err(Error::config("the order's definicja is none of the customers' orders: definicje"));
        }
        let forma = order.forma_platnosci.as_ref().or(self.forma_platnosci.as_ref());
        let forma = forma
            .ok_or_else(|| Error::config("AltOne's contract requires a payment method: forma_platnosci"))?;
        let (suma, termin) = (suma(order)?, termin(order)?);
        let pozycje = (1..).zip(&order.pozycje).map(|(lp, line)| pozycja(lp, line)).collect::<Result<_>>()?;
        let kod = order.kontrahent_kod.as_deref();
        let kod =
            kod.ok_or_else(|| Error::invalid("AltOne's contract names contractors by Kod: kontrahent_kod"))?;
        let kontrahent = kontrahent(&self.client, KluczKontrahenta::Kod(kod.to_owned())).await?;
        let Some(kontrahent) = kontrahent.filter(|found| found.id == order.kontrahent_id) else {
            return Err(Error::invalid(
                "kontrahent_kod is nobody's, or another contractor's than kontrahent_id",
            ));
        };
        let odbiorca = order.adres_dostawy.as_ref().map(|adres| {
            let nazwa = adres.nazwa.as_ref().unwrap_or(&kontrahent.nazwa);
            DaneKontrahenta::builder().kod(kod).nazwa(nazwa).adres(adres_do_faktury(adres)).build()
        });
        let numer_obcy =
            order.numer_obcy.as_ref().map(|numer| NumerObcyDokumentu::builder().numer(numer).build());
        Ok(DokumentHandlowy::builder()
            .guid(order.guid)
            .data_operacji(order.data)
            .data(order.data)
            .maybe_data_dostawy(order.termin_dostawy)
            .definicja(&order.definicja)
            .magazyn(&order.magazyn)
            .sposob_liczenia_vat(SposobLiczeniaVAT::OdNetto)
            .dane_kontrahenta(DaneKontrahenta::builder().kod(kod).nazwa(&kontrahent.nazwa).build())
            .maybe_dane_odbiorcy(odbiorca)
            .pozycje(pozycje)
            .platnosci(vec![
                PlatnoscDokumentu::builder()
                    .sposob_zaplaty(forma)
                    .maybe_termin(termin)
                    .kwota(suma.clone())
                    .build(),
            ])
            .wartosc_cy(suma)
            .maybe_opis(order.uwagi.as_ref())
            .maybe_numer_obcy(numer_obcy)
            .maybe_zatwierdzony(order.zatwierdz.then_some(true))
            .build())
    }

    /// Whether the contract has a field for all of it; what the handle lacks is looked at later, since it may have changed.
    pub(super) fn must_be_expressible(&self, order: &NoweZamowienie) -> Result<()> {
        let lacking = [
            (order.platnik_id.is_some(), "a payer by id"),
            (order.odbiorca_id.is_some(), "a receiver by id"),
            (order.miejsce_dostawy_id.is_some(), "a delivery place by id"),
            (order.sposob_dostawy.is_some(), "a delivery method"),
            (order.rezerwuj != Rezerwacja::Brak, "a reservation"),
            (order.pozycje.iter().any(|line| !line.cena_stala), "a price that the ERP may change"),
        ];
        if let Some((_, what)) = lacking.iter().find(|(asked, _)| *asked) {
            return Err(Error::invalid(format!("AltOne's contract has no field for {what}")));
        }
        Ok(())
    }
}

/// Net total, in the currency of the lines.
fn suma(order: &NoweZamowienie) -> Result<Currency> {
    let first = order.pozycje.first().ok_or_else(|| Error::invalid("an order has no lines"))?;
    let symbol = order.waluta.as_ref().unwrap_or(&first.cena_netto.symbol);
    if order.pozycje.iter().any(|line| line.cena_netto.symbol != *symbol) {
        return Err(Error::invalid("the lines of an order are in several currencies"));
    }
    let suma = order.suma_netto().ok_or_else(|| Error::invalid("the total of an order is too large"))?;
    Ok(Currency::new(suma, symbol))
}

fn termin(order: &NoweZamowienie) -> Result<Option<NaiveDate>> {
    let Some(days) = order.termin_dni else { return Ok(None) };
    let day = u64::try_from(days).ok().and_then(|days| order.data.checked_add_days(Days::new(days)));
    day.map(Some).ok_or_else(|| Error::invalid("termin_dni of an order is no number of days"))
}

fn pozycja(lp: i32, line: &PozycjaZamowienia) -> Result<PozycjaDokHandlowego> {
    let kod = line.kod.as_ref();
    let kod = kod.ok_or_else(|| Error::invalid("AltOne's contract names goods by Kod: a line has none"))?;
    Ok(PozycjaDokHandlowego::builder()
        .features(line.cechy.clone())
        .lp(lp)
        .kod_towaru(kod)
        .ilosc(line.ilosc.clone())
        .cena(line.cena_netto.clone())
        .build())
}

fn adres_do_faktury(adres: &Adres) -> AdresDoFaktury {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    AdresDoFaktury::builder()
        .ulica(text(&adres.ulica))
        .nr_domu(text(&adres.nr_domu))
        .nr_lokalu(text(&adres.nr_lokalu))
        .kod_pocztowy_s(text(&adres.kod_pocztowy))
        .miejscowosc(text(&adres.miejscowosc))
        .maybe_poczta(adres.poczta.clone())
        .kod_kraju(adres.kod_kraju.as_deref().filter(|kod| !kod.is_empty()).unwrap_or("PL"))
        .build()
}
