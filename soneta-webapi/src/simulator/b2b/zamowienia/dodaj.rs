//! `B2BZamowienia/Dodaj`: makes an order once per Guid.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::base_unit;
use crate::simulator::{
    answer::{Blad, Failure, Outcome, written},
    b2b::{line::named, question::date},
    catalogue::{Kontrahent, Vat, id_of},
    company::Company,
    error::SimulatorError,
    number::{Amount, AmountIn, Number, to_grosz},
    orders::{BUFOR, OrderDocument, OrderLine},
};

/// The request. Written again it is the one spelling by which two requests are compared.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct Dodaj {
    guid: Option<Uuid>,
    numer_obcy: Option<String>,
    kontrahent_id: Option<i32>,
    platnik_id: Option<i32>,
    odbiorca_id: Option<i32>,
    miejsce_dostawy_id: Option<i32>,
    adres_dostawy: Option<Adres>,
    definicja: Option<String>,
    magazyn: Option<String>,
    data: Option<String>,
    termin_dostawy: Option<String>,
    sposob_dostawy: Option<String>,
    forma_platnosci: Option<String>,
    termin_dni: Option<i32>,
    waluta: Option<String>,
    uwagi: Option<String>,
    zatwierdz: Option<bool>,
    rezerwuj: Option<String>,
    pozycje: Option<Vec<PozycjaIn>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PozycjaIn {
    id_obcy: Option<String>,
    towar_id: Option<i32>,
    kod: Option<String>,
    ilosc: Option<AmountIn>,
    jednostka: Option<String>,
    cena_netto: Option<AmountIn>,
    cena_stala: Option<bool>,
    cechy: Option<Vec<CechaIn>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CechaIn {
    nazwa: String,
    typ: Option<String>,
    wartosc: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Adres {
    nazwa: Option<String>,
    ulica: Option<String>,
    nr_domu: Option<String>,
    nr_lokalu: Option<String>,
    kod_pocztowy: Option<String>,
    miejscowosc: Option<String>,
    poczta: Option<String>,
    kod_kraju: Option<String>,
    telefon: Option<String>,
    email: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Dodane<'a> {
    success: bool,
    #[serde(rename = "ID")]
    id: i32,
    guid: Uuid,
    numer: &'a str,
    stan: &'static str,
    suma_netto: Amount<'a>,
    suma_brutto: Amount<'a>,
    pozycje: Vec<Dodana<'a>>,
    wersja: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Dodana<'a> {
    id_obcy: &'a str,
    #[serde(rename = "ID")]
    id: i32,
    cena_netto: Amount<'a>,
    zarezerwowano: Amount<'a>,
    brakuje: Amount<'a>,
}

/// How much to reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rezerwuj {
    Brak,
    Ile,
    Wszystko,
}

impl Rezerwuj {
    pub(super) fn of(word: &str) -> Result<Self, Blad> {
        match word {
            "Brak" => Ok(Self::Brak),
            "Ile" => Ok(Self::Ile),
            "Wszystko" => Ok(Self::Wszystko),
            _ => Err(Blad::invalid("Rezerwuj", "Dozwolone: Brak, Ile, Wszystko.")),
        }
    }
}

pub(in crate::simulator::b2b) fn dodaj(company: &mut Company, mut question: Dodaj) -> Outcome {
    question.one_spelling();
    let guid = question.guid.ok_or_else(|| Blad::missing("Guid"))?;
    let tresc = serde_json::to_string(&question)
        .map_err(|error| SimulatorError::state_file("the request cannot be kept").because(error))?;
    let place = match company.order_of(guid) {
        Some((place, first)) if first.tresc == tresc => place,
        Some(_) => {
            let message = "Istnieje już dokument o tym identyfikatorze, lecz o innej treści.";
            return Err(Blad::new("Konflikt", "Guid", message).into());
        }
        None => {
            let document = document(company, guid, &question, tresc).map_err(Failure::Refused)?;
            company.add_order(document)?
        }
    };
    match company.orders().get(place) {
        Some(document) => written(&dodane(company, document)),
        None => Err(SimulatorError::unknown("the order is gone").into()),
    }
}

fn dodane<'a>(company: &'a Company, document: &'a OrderDocument) -> Dodane<'a> {
    let waluta = &document.waluta;
    let pozycje = document.pozycje.iter().map(|line| {
        let base = base_unit(company, line.towar_id);
        Dodana {
            id_obcy: &line.id_obcy,
            id: line.id,
            cena_netto: Amount::new(line.cena_netto, waluta),
            zarezerwowano: Amount::new(line.zarezerwowano, base),
            brakuje: Amount::new(line.brakuje, base),
        }
    });
    Dodane {
        success: true,
        id: document.id,
        guid: document.guid,
        numer: &document.numer,
        stan: document.stan(),
        suma_netto: Amount::new(document.suma_netto, waluta),
        suma_brutto: Amount::new(document.suma_brutto, waluta),
        pozycje: pozycje.collect(),
        wersja: document.wersja,
    }
}

impl Dodaj {
    /// Absent and default, `1.0` and `1` are the same.
    fn one_spelling(&mut self) {
        self.definicja.get_or_insert_with(|| "ZO".to_owned());
        self.waluta.get_or_insert_with(|| "PLN".to_owned());
        for line in self.pozycje.iter_mut().flatten() {
            line.jednostka =
                line.jednostka.take().or_else(|| line.ilosc.as_ref().map(|ilosc| ilosc.symbol.clone()));
            line.cechy.get_or_insert_with(Vec::new);
            for amount in [&mut line.ilosc, &mut line.cena_netto].into_iter().flatten() {
                amount.value = Number(amount.value.0.normalize());
            }
        }
    }
}

/// Collects reasons of a refusal; what is missing does not stop the search for more.
#[derive(Debug, Default)]
pub(super) struct Errors(Vec<Blad>);

impl Errors {
    pub(super) fn keep<T>(&mut self, result: Result<T, Blad>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    pub(super) fn check(&mut self, holds: bool, error: impl FnOnce() -> Blad) {
        if !holds {
            self.0.push(error());
        }
    }

    pub(super) fn none(self) -> Result<(), Vec<Blad>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

fn document(
    company: &Company,
    guid: Uuid,
    question: &Dodaj,
    tresc: String,
) -> Result<OrderDocument, Vec<Blad>> {
    let mut errors = Errors::default();
    let kontrahent_id = errors.keep(question.kontrahent_id.ok_or_else(|| Blad::missing("KontrahentId")));
    let kontrahent = kontrahent_id.and_then(|id| errors.keep(kontrahent(company, id, "KontrahentId")));
    if let Some(kontrahent) = kontrahent {
        errors.check(!kontrahent.blokada_sprzedazy, || {
            let message = format!("Sprzedaż kontrahentowi „{}” jest zablokowana.", kontrahent.kod);
            Blad::new("BlokadaSprzedazy", "KontrahentId", message)
        });
    }
    for (id, pole) in [(question.platnik_id, "PlatnikId"), (question.odbiorca_id, "OdbiorcaId")] {
        if let Some(id) = id {
            errors.keep(self::kontrahent(company, id, pole));
        }
    }
    let receiver = question.odbiorca_id.or(kontrahent_id);
    errors.keep(miejsce_dostawy(company, receiver, question.miejsce_dostawy_id));
    errors.check(question.definicja.as_deref() == Some("ZO"), || {
        Blad::not_found("Definicja", "Nie znaleziono definicji dokumentu.")
    });
    errors.check(question.waluta.as_deref() == Some("PLN"), || {
        Blad::invalid("Waluta", "Obsługiwana waluta to PLN.")
    });
    let magazyn = match &question.magazyn {
        None => errors.keep(Err(Blad::missing("Magazyn"))),
        Some(symbol) => errors.keep(
            company
                .catalogue
                .place_of_magazyn(symbol)
                .ok_or_else(|| Blad::not_found("Magazyn", format!("Nie znaleziono magazynu „{symbol}”.")))
                .map(|place| (place, symbol.clone())),
        ),
    };
    let data = question.data.as_deref().ok_or_else(|| Blad::missing("Data"));
    let data = errors.keep(data.and_then(|data| date(data, "Data")));
    if let Some(termin) = &question.termin_dostawy {
        errors.keep(date(termin, "TerminDostawy"));
    }
    let zatwierdz = errors.keep(question.zatwierdz.ok_or_else(|| Blad::missing("Zatwierdz")));
    let rezerwuj = question.rezerwuj.as_deref().ok_or_else(|| Blad::missing("Rezerwuj"));
    let rezerwuj = errors.keep(rezerwuj.and_then(Rezerwuj::of));
    let lines = question.pozycje.as_deref().unwrap_or_default();
    errors.check(!lines.is_empty(), || Blad::missing("Pozycje"));
    let reserve = magazyn.as_ref().map(|(place, _)| *place).zip(rezerwuj);
    let (pozycje, sums) = pozycje(company, kontrahent.and(kontrahent_id), lines, reserve, None, &mut errors);
    let suma_brutto = sums.iter().map(|(vat, netto)| vat.gross(*netto)).sum();
    if let (Some(id), Some(true)) = (kontrahent_id, zatwierdz) {
        errors.keep(company.within_limit(id, suma_brutto));
    }
    match (kontrahent_id, magazyn, data, zatwierdz) {
        (Some(kontrahent_id), Some((_, magazyn)), Some(data), Some(zatwierdz)) if errors.0.is_empty() => {
            Ok(OrderDocument {
                id: company.next_ids().0,
                guid,
                numer: if zatwierdz { company.next_number() } else { BUFOR.to_owned() },
                numer_obcy: question.numer_obcy.clone(),
                kontrahent_id,
                magazyn,
                data,
                zatwierdzony: zatwierdz,
                anulowany: false,
                wersja: 1,
                uwagi: question.uwagi.clone(),
                forma_platnosci: question.forma_platnosci.clone(),
                termin_dni: question.termin_dni,
                suma_netto: sums.values().sum(),
                suma_brutto,
                waluta: "PLN".to_owned(),
                pozycje,
                zmieniono: company.now().0,
                tresc,
            })
        }
        _ => Err(errors.0),
    }
}

/// A delivery place has to be one of the receiver.
pub(super) fn miejsce_dostawy(
    company: &Company,
    receiver: Option<i32>,
    miejsce: Option<i32>,
) -> Result<(), Blad> {
    let receiver = receiver.and_then(|id| company.catalogue.kontrahent(id));
    let has =
        |id| receiver.is_some_and(|receiver| receiver.miejsca_dostaw.iter().any(|place| place.id == id));
    if miejsce.is_none_or(has) {
        return Ok(());
    }
    Err(Blad::not_found("MiejsceDostawyId", "Kontrahent nie ma takiego miejsca dostawy."))
}

pub(super) fn kontrahent<'a>(
    company: &'a Company,
    id: i32,
    pole: &'static str,
) -> Result<&'a Kontrahent, Blad> {
    let found = company.catalogue.kontrahent(id);
    found.ok_or_else(|| Blad::not_found(pole, format!("Nie znaleziono kontrahenta o ID {id}.")))
}

/// The lines, and the net sums per VAT rate. What the order `before` an edit reserved is there for its new lines, and a line that it
/// had already keeps its ID.
pub(super) fn pozycje(
    company: &Company,
    kontrahent_id: Option<i32>,
    lines: &[PozycjaIn],
    reserve: Option<(usize, Rezerwuj)>,
    before: Option<&OrderDocument>,
    errors: &mut Errors,
) -> (Vec<OrderLine>, BTreeMap<Vat, Decimal>) {
    let mut made = Vec::with_capacity(lines.len());
    let mut sums = BTreeMap::new();
    let mut keys = BTreeSet::new();
    // What earlier lines of this order took.
    let mut taken: BTreeMap<usize, Decimal> = BTreeMap::new();
    let before = before.map_or(&[][..], |order| &order.pozycje);
    for line in before {
        if let Some(place) = company.catalogue.place_of_id(line.towar_id) {
            *taken.entry(place).or_default() -= line.zarezerwowano;
        }
    }
    for ((lp, line), id) in (1..).zip(lines).zip(company.next_ids().1..) {
        let id_obcy = line.id_obcy.clone().unwrap_or_default();
        errors.check(!id_obcy.is_empty() && keys.insert(id_obcy.clone()), || {
            Blad::invalid("IdObcy", "IdObcy musi być niepuste i niepowtarzalne.").in_line(lp)
        });
        let kod = line.kod.as_deref();
        let named = named(company, line.towar_id, kod, line.ilosc.as_ref(), line.jednostka.as_deref());
        let Some(good) = errors.keep(named.map_err(|error| error.in_line(lp))) else { continue };
        errors.check(!good.towar.blokada, || {
            let message = format!("Towar „{}” jest zablokowany.", good.towar.kod);
            Blad::new("BlokadaSprzedazy", "Kod", message).in_line(lp)
        });
        let Some(cena) =
            errors.keep(cena(company, kontrahent_id, line, &good).map_err(|error| error.in_line(lp)))
        else {
            continue;
        };
        let wanted = match reserve {
            Some((_, Rezerwuj::Ile | Rezerwuj::Wszystko)) if good.towar.typ.has_stock() => {
                good.ilosc * good.base_units
            }
            _ => Decimal::ZERO,
        };
        let mut zarezerwowano = Decimal::ZERO;
        if let Some((magazyn, how)) = reserve {
            let (stan, reserved) = company.stock(good.place, magazyn);
            let taken = taken.entry(good.place).or_default();
            let free = (stan - reserved - *taken).max(Decimal::ZERO);
            zarezerwowano = wanted.min(free);
            *taken += zarezerwowano;
            errors.check(how != Rezerwuj::Wszystko || zarezerwowano == wanted, || {
                let message = format!("Brak stanu towaru „{}”: dostępne {free}.", good.towar.kod);
                Blad::new("BrakStanu", "Ilosc", message).in_line(lp)
            });
        }
        *sums.entry(good.towar.vat).or_insert(Decimal::ZERO) += to_grosz(cena * good.ilosc);
        let own = before.iter().find(|line| line.id_obcy == id_obcy);
        made.push(OrderLine {
            id: own.map_or(id, |line| line.id),
            id_obcy,
            towar_id: id_of(good.place),
            kod: good.towar.kod.to_string(),
            ilosc: good.ilosc,
            jednostka: good.jednostka,
            cena_netto: cena,
            zarezerwowano,
            brakuje: wanted - zarezerwowano,
        });
    }
    (made, sums)
}

/// The price on the document: pinned as sent, or the ERP's own if that is the same.
fn cena(
    company: &Company,
    kontrahent_id: Option<i32>,
    line: &PozycjaIn,
    good: &crate::simulator::b2b::line::Named<'_>,
) -> Result<Decimal, Blad> {
    let sent = line.cena_netto.as_ref().ok_or_else(|| Blad::missing("CenaNetto"))?;
    let stala = line.cena_stala.ok_or_else(|| Blad::missing("CenaStala"))?;
    if sent.symbol != "PLN" || sent.value.0 < Decimal::ZERO {
        return Err(Blad::invalid("CenaNetto", "Cena musi być nieujemna i w walucie dokumentu."));
    }
    let own = kontrahent_id
        .map(|id| company.price(id, good.place, (good.ilosc, good.base_units), company.price_day()).0);
    match own {
        Some(own) if !stala && own != sent.value.0 => {
            Err(Blad::new("CenaZmieniona", "CenaNetto", format!("Cena w systemie: {own} PLN.")))
        }
        _ => Ok(sent.value.0),
    }
}
