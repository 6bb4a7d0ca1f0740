//! The change queue: what happened to which row, and what each consumer has confirmed of it.

use std::collections::BTreeMap;

use super::{
    catalogue::{Catalogue, Instant, id_of},
    journal::Event,
};

/// A change of a row. The n-th one that ever happened has the ID n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) tabela: &'static str,
    pub(super) wiersz: i32,
    pub(super) stan: &'static str,
    /// When, where the event tells it.
    pub(super) chwila: Option<Instant>,
}

/// What a consumer has said of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Done,
    Failed(Option<String>),
}

/// A change that waits for a consumer.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    pub(super) id: i32,
    pub(super) change: Change,
    /// Whether it was confirmed as failed, and why.
    pub(super) failed: Option<Option<&'a str>>,
}

/// All changes, and the confirmations by consumer and ID of the change.
#[derive(Debug, Default)]
pub(super) struct Changes {
    all: Vec<Change>,
    said: BTreeMap<(String, i32), Said>,
}

impl Changes {
    pub(super) fn add(&mut self, change: Option<Change>) {
        self.all.extend(change);
    }

    pub(super) fn has(&self, id: i32) -> bool {
        usize::try_from(id).is_ok_and(|id| (1..=self.all.len()).contains(&id))
    }

    pub(super) fn confirm(&mut self, system: String, id: i32, sukces: bool, informacja: Option<String>) {
        // What is done stays done.
        if self.said.get(&(system.clone(), id)) != Some(&Said::Done) {
            self.said.insert((system, id), if sukces { Said::Done } else { Said::Failed(informacja) });
        }
    }

    /// What waits for a consumer, oldest first.
    pub(super) fn waiting<'a>(&'a self, system: &'a str) -> impl Iterator<Item = Waiting<'a>> {
        self.all.iter().enumerate().filter_map(move |(place, change)| {
            let id = id_of(place);
            match self.said.get(&(system.to_owned(), id)) {
                Some(Said::Done) => None,
                Some(Said::Failed(why)) => {
                    Some(Waiting { id, change: *change, failed: Some(why.as_deref()) })
                }
                None => Some(Waiting { id, change: *change, failed: None }),
            }
        })
    }
}

/// The change of a row that an event is; stock is calculated and no row's change.
pub(super) fn change(catalogue: &Catalogue, event: &Event) -> Option<Change> {
    let towar = |kod: &str, chwila| {
        let wiersz = id_of(catalogue.place_of(kod)?);
        Some(Change { tabela: "Towary", wiersz, stan: "Modified", chwila })
    };
    let dokument = |wiersz, stan, chwila| {
        Some(Change { tabela: "DokHandlowe", wiersz, stan, chwila: Some(Instant(chwila)) })
    };
    match event {
        Event::Cena { kod, chwila, .. }
        | Event::Promocja { kod, chwila, .. }
        | Event::Zaznaczenie { kod, chwila, .. } => towar(kod, Some(Instant(*chwila))),
        Event::Kontrahent { id, kontrahent } => {
            let place = usize::try_from(*id).ok()?;
            let stan = if place > catalogue.kontrahenci.len() { "Added" } else { "Modified" };
            Some(Change { tabela: "Kontrahenci", wiersz: *id, stan, chwila: Some(kontrahent.zmieniono) })
        }
        Event::KartotekaTowaru(karta) => {
            let stan = if karta.miejsce >= catalogue.towary.len() { "Added" } else { "Modified" };
            let chwila = Some(Instant(karta.chwila));
            Some(Change { tabela: "Towary", wiersz: id_of(karta.miejsce), stan, chwila })
        }
        Event::KartaKontrahenta { miejsce, chwila, .. } => {
            let stan = if *miejsce >= catalogue.kontrahenci.len() { "Added" } else { "Modified" };
            let chwila = Some(Instant(*chwila));
            Some(Change { tabela: "Kontrahenci", wiersz: id_of(*miejsce), stan, chwila })
        }
        Event::Rabat { kod, chwila, .. } => {
            let place = catalogue.kontrahenci.iter().position(|kontrahent| kontrahent.kod == *kod)?;
            let chwila = Some(Instant(*chwila));
            Some(Change { tabela: "Kontrahenci", wiersz: id_of(place), stan: "Modified", chwila })
        }
        Event::Zamowienie(document) => dokument(document.id, "Added", document.zmieniono),
        Event::ZmianaZamowienia(document) => dokument(document.id, "Modified", document.zmieniono),
        Event::Dokument(document) => dokument(document.id, "Added", document.zmieniono),
        Event::Zatwierdzenie { id, chwila, .. }
        | Event::KSeF { id, chwila, .. }
        | Event::Potwierdzenie { id, chwila, .. }
        | Event::StatusZewn { id, chwila, .. } => dokument(*id, "Modified", *chwila),
        Event::Stan { .. }
        | Event::Rozrachunek(_)
        | Event::Powiazanie(_)
        | Event::Slownik { .. }
        | Event::Zalacznik(_)
        | Event::Odebrano { .. } => None,
    }
}
