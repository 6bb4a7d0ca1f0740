//! Making documents: each is checked first, then an event, so that the state file holds none that cannot be replayed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{DocumentKind, DocumentLine, Documents, LineValues, Sums, TradeDocument, VatSum};
use crate::simulator::{
    catalogue::Vat,
    company::Company,
    error::SimulatorError,
    journal::Event,
    number::to_grosz,
    orders::{BUFOR, OrderDocument, OrderLine},
};

impl Company {
    pub(in crate::simulator) fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Invoices and their corrections, oldest first: what the contractors owe.
    pub(in crate::simulator) fn invoices(&self) -> impl Iterator<Item = &TradeDocument> {
        self.documents.all().iter().filter(|document| document.kind.is_invoice())
    }

    pub(in crate::simulator) fn ship(
        &mut self,
        order: i32,
        lines: &[(i32, Decimal)],
    ) -> Result<TradeDocument, SimulatorError> {
        let order = self.order(order)?;
        if order.numer == BUFOR {
            return Err(SimulatorError::refused("the order is not approved"));
        }
        if order.anulowany {
            return Err(SimulatorError::refused("the order is cancelled"));
        }
        let left = |line: &OrderLine| line.ilosc - self.documents.done(order.id, line.id, false);
        let mut chosen = Vec::new();
        if lines.is_empty() {
            chosen.extend(
                order.pozycje.iter().map(|line| (line, left(line))).filter(|(_, left)| !left.is_zero()),
            );
        }
        let mut named = BTreeSet::new();
        for (id, ilosc) in lines {
            let line = order.pozycje.iter().find(|line| line.id == *id);
            let line = line.ok_or_else(|| SimulatorError::unknown("the order has no such line"))?;
            if !named.insert(id) || *ilosc <= Decimal::ZERO || *ilosc > left(line) {
                return Err(SimulatorError::refused("more than is left of the line, or nothing"));
            }
            chosen.push((line, *ilosc));
        }
        self.check_stock(order, &chosen)?;
        let document = self.document(DocumentKind::DeliveryNote, order, &chosen)?;
        self.make(document)
    }

    /// Goods have to be there, and not reserved for somebody else.
    fn check_stock(
        &self,
        order: &OrderDocument,
        chosen: &[(&OrderLine, Decimal)],
    ) -> Result<(), SimulatorError> {
        let magazyn = self.catalogue.place_of_magazyn(&order.magazyn);
        let magazyn = magazyn.ok_or_else(|| SimulatorError::unknown("there is no such warehouse"))?;
        let mut free: BTreeMap<usize, Decimal> = BTreeMap::new();
        for (line, ilosc) in chosen {
            let Some((place, units)) = self.moved(line.towar_id, &line.jednostka) else { continue };
            let (stan, reserved) = self.stock(place, magazyn);
            let free = free.entry(place).or_insert(stan - reserved);
            *free += line.zarezerwowano - ilosc * units;
            if *free < Decimal::ZERO {
                return Err(SimulatorError::refused(format!("too little of {} in stock", line.kod)));
            }
        }
        Ok(())
    }

    pub(in crate::simulator) fn invoice(&mut self, id: i32) -> Result<TradeDocument, SimulatorError> {
        let note = self.documents.get(id).filter(|document| document.kind == DocumentKind::DeliveryNote);
        let order = match note {
            Some(note) => note.pozycje.first().map_or(id, |line| line.zamowienie_id),
            None => id,
        };
        let order = self.order(order)?;
        let chosen: Vec<_> = order
            .pozycje
            .iter()
            .map(|line| {
                let done = |invoices| self.documents.done(order.id, line.id, invoices);
                let left = done(false) - done(true);
                let on_note = |note: &TradeDocument| {
                    let lines = note.pozycje.iter().filter(|of| of.zamowienie_pozycja_id == line.id);
                    lines.map(|of| of.stan.ilosc).sum()
                };
                (line, note.map_or(left, |note| left.min(on_note(note))))
            })
            .filter(|(_, ilosc)| *ilosc > Decimal::ZERO)
            .collect();
        let document = self.document(DocumentKind::Invoice, order, &chosen)?;
        self.make(document)
    }

    fn document(
        &self,
        kind: DocumentKind,
        order: &OrderDocument,
        chosen: &[(&OrderLine, Decimal)],
    ) -> Result<TradeDocument, SimulatorError> {
        if chosen.is_empty() {
            return Err(SimulatorError::refused("nothing is left of it"));
        }
        let mut sums = Sums::default();
        let mut pozycje = Vec::with_capacity(chosen.len());
        for (((line, ilosc), id), lp) in chosen.iter().zip(self.next_ids().1..).zip(1..) {
            let place = self.catalogue.place_of_id(line.towar_id);
            let towar = place.and_then(|place| self.catalogue.towary.get(place));
            let towar = towar.ok_or_else(|| SimulatorError::unknown("there is no such good"))?;
            pozycje.push(DocumentLine {
                id,
                lp,
                towar_id: line.towar_id,
                kod: line.kod.clone(),
                nazwa: towar.nazwa.to_string(),
                jednostka: line.jednostka.clone(),
                stawka_vat: towar.vat.kod().to_owned(),
                zamowienie_id: order.id,
                zamowienie_pozycja_id: line.id,
                stan: sums.line(towar.vat, *ilosc, line.cena_netto),
                przed: None,
            });
        }
        Ok(self.headed(kind, order, pozycje, sums.vat()))
    }

    /// A document with its number and sums.
    fn headed(
        &self,
        kind: DocumentKind,
        order: &OrderDocument,
        pozycje: Vec<DocumentLine>,
        sumy_vat: Vec<VatSum>,
    ) -> TradeDocument {
        let (id, data) = (self.next_ids().0, self.today());
        let year = data.format("%y").to_string();
        let suma_netto = sumy_vat.iter().map(|sum| sum.netto).sum();
        let (forma_platnosci, termin) = kind.is_invoice().then(|| self.terms_of_payment(order, data)).unzip();
        TradeDocument {
            id,
            guid: Uuid::new_v5(&self.baza, format!("document {id}").as_bytes()),
            kind,
            numer: format!("{}/{:06}/{year}", kind.definicja(), self.documents.numbered(kind, &year) + 1),
            koryguje_id: None,
            kontrahent_id: order.kontrahent_id,
            magazyn: order.magazyn.clone(),
            data,
            numer_obcy: order.numer_obcy.clone(),
            pozycje,
            suma_netto,
            suma_brutto: sumy_vat.iter().map(|sum| sum.vat).sum::<Decimal>() + suma_netto,
            sumy_vat,
            waluta: order.waluta.clone(),
            forma_platnosci,
            termin,
            ksef_numer: None,
            ksef_data: None,
            zmieniono: self.documents.next_change(self.now()).0,
        }
    }

    /// How and when what is invoiced on a day is to be paid: as the order says, or else as the contractor pays.
    fn terms_of_payment(&self, order: &OrderDocument, data: NaiveDate) -> (String, NaiveDate) {
        let kontrahent = self.catalogue.kontrahent(order.kontrahent_id);
        let forma = order.forma_platnosci.clone();
        let forma = forma.or_else(|| kontrahent.map(|kontrahent| kontrahent.forma_platnosci.clone()));
        let days = order.termin_dni.or(kontrahent.map(|kontrahent| kontrahent.termin_dni)).unwrap_or(0);
        let due = data.checked_add_days(Days::new(u64::try_from(days).unwrap_or(0))).unwrap_or(data);
        (forma.unwrap_or_default(), due)
    }

    pub(in crate::simulator) fn correct(
        &mut self,
        id: i32,
        line: i32,
        ilosc: Option<Decimal>,
        cena_netto: Option<Decimal>,
    ) -> Result<TradeDocument, SimulatorError> {
        let document = self.documents.get(id);
        let document = document.ok_or_else(|| SimulatorError::unknown("there is no such document"))?;
        let kind = match document.kind {
            DocumentKind::DeliveryNote => DocumentKind::DeliveryCorrection,
            DocumentKind::Invoice => DocumentKind::InvoiceCorrection,
            _ => return Err(SimulatorError::refused("it is a correction; correct the first document")),
        };
        let line = document.pozycje.iter().find(|of| of.id == line);
        let line = line.ok_or_else(|| SimulatorError::unknown("the document has no such line"))?;
        let now = self.documents.corrected(id, line.lp).unwrap_or(line).stan.clone();
        let after = (ilosc.unwrap_or(now.ilosc), cena_netto.unwrap_or(now.cena_netto));
        if after == (now.ilosc, now.cena_netto) || after.0 < Decimal::ZERO || after.1 < Decimal::ZERO {
            return Err(SimulatorError::refused("nothing changes, or to less than nothing"));
        }
        if kind == DocumentKind::DeliveryCorrection && (after.0 > now.ilosc || after.1 != now.cena_netto) {
            return Err(SimulatorError::refused("a correction of a delivery note only takes goods back"));
        }
        let vat = Vat::ALL.into_iter().find(|vat| vat.kod() == line.stawka_vat);
        let vat = vat.ok_or_else(|| SimulatorError::unknown("there is no such VAT rate"))?;
        let wartosc_netto = to_grosz(after.0 * after.1);
        let stan = LineValues {
            ilosc: after.0,
            cena_netto: after.1,
            wartosc_netto,
            wartosc_brutto: vat.gross(wartosc_netto),
        };
        let netto = stan.wartosc_netto - now.wartosc_netto;
        let sum = VatSum {
            stawka_vat: line.stawka_vat.clone(),
            netto,
            vat: stan.wartosc_brutto - now.wartosc_brutto - netto,
        };
        let line = DocumentLine { id: self.next_ids().1, stan, przed: Some(now), ..line.clone() };
        let order = self.order(line.zamowienie_id)?;
        let correction = self.headed(kind, order, vec![line], vec![sum]);
        self.make(TradeDocument { koryguje_id: Some(id), ..correction })
    }

    pub(in crate::simulator) fn ksef_accept(&mut self, id: i32) -> Result<String, SimulatorError> {
        let document = self.documents.get(id).filter(|document| document.kind.is_invoice());
        let document = document.ok_or_else(|| SimulatorError::unknown("there is no such invoice"))?;
        if let Some(numer) = &document.ksef_numer {
            return Ok(numer.clone());
        }
        let data = self.today();
        // The form of a real one: tax number, day, twelve signs, two check signs (which are not calculated here).
        let numer = format!("1111111111-{}-{id:012X}-00", data.format("%Y%m%d"));
        let chwila = self.documents.next_change(self.now()).0;
        self.record(Event::KSeF { id, numer: numer.clone(), data, chwila })?;
        Ok(numer)
    }

    pub(in crate::simulator) fn set_confirmation(
        &mut self,
        id: i32,
        word: &str,
    ) -> Result<(), SimulatorError> {
        self.order(id)?;
        let chwila = self.now().0;
        self.record(Event::Potwierdzenie { id, potwierdzenie: word.to_owned(), chwila })
    }

    pub(in crate::simulator) fn set_external_status(
        &mut self,
        id: i32,
        kod: Option<&str>,
    ) -> Result<(), SimulatorError> {
        self.order(id)?;
        let chwila = self.now().0;
        self.record(Event::StatusZewn { id, kod: kod.map(str::to_owned), chwila })
    }

    fn order(&self, id: i32) -> Result<&OrderDocument, SimulatorError> {
        let order = self.orders.iter().find(|order| order.id == id);
        order.ok_or_else(|| SimulatorError::unknown("there is no such order"))
    }

    fn make(&mut self, document: TradeDocument) -> Result<TradeDocument, SimulatorError> {
        self.record(Event::Dokument(Box::new(document.clone())))?;
        self.open_settlement(&document)?;
        Ok(document)
    }

    /// Place of a good that has stock, and how many base units one of a unit is.
    fn moved(&self, towar_id: i32, jednostka: &str) -> Option<(usize, Decimal)> {
        let place = self.catalogue.place_of_id(towar_id)?;
        let towar = self.catalogue.towary.get(place).filter(|towar| towar.typ.has_stock())?;
        let base = self.catalogue.words.word(towar.jednostka) == jednostka;
        Some((place, if base { Decimal::ONE } else { towar.w_kartonie.into() }))
    }

    /// Takes a document: a delivery moves stock and frees what was reserved for it, and every document changes its orders.
    pub(in crate::simulator) fn take_document(&mut self, document: TradeDocument) {
        self.took_lines(document.pozycje.iter().map(|line| line.id));
        let magazyn = self.catalogue.place_of_magazyn(&document.magazyn);
        for line in &document.pozycje {
            let moved = magazyn.filter(|_| !document.kind.is_invoice()).and_then(|magazyn| {
                let (place, units) = self.moved(line.towar_id, &line.jednostka)?;
                let ilosc = line.difference() * units;
                let stan = self.catalogue.stany.get_mut(place * self.catalogue.magazyny.len() + magazyn)?;
                *stan -= ilosc;
                Some(((place, magazyn), ilosc))
            });
            let Some(order) = self.orders.iter_mut().find(|order| order.id == line.zamowienie_id) else {
                continue;
            };
            order.zmieniono = document.zmieniono;
            let of_order = order.pozycje.iter_mut().find(|of| of.id == line.zamowienie_pozycja_id);
            if let Some((of_order, (place, ilosc))) = of_order.zip(moved) {
                let freed = of_order.zarezerwowano.min(ilosc).max(Decimal::ZERO);
                of_order.zarezerwowano -= freed;
                *self.reserved.entry(place).or_default() -= freed;
            }
        }
        self.documents.add(document);
    }

    pub(in crate::simulator) fn take_acceptance(
        &mut self,
        id: i32,
        numer: String,
        data: NaiveDate,
        chwila: i64,
    ) -> Result<(), SimulatorError> {
        self.documents.accept(id, numer, data, chwila)
    }

    pub(in crate::simulator) fn take_confirmation(&mut self, id: i32, word: String, chwila: i64) {
        self.documents.course_mut(id).potwierdzenie = Some(word);
        self.touch(id, chwila);
    }

    pub(in crate::simulator) fn take_external_status(&mut self, id: i32, kod: Option<String>, chwila: i64) {
        self.documents.course_mut(id).status_zewn = kod;
        self.touch(id, chwila);
    }

    fn touch(&mut self, id: i32, chwila: i64) {
        if let Some(order) = self.orders.iter_mut().find(|order| order.id == id) {
            order.zmieniono = chwila;
        }
    }
}
