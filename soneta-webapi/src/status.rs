//! What a portal calls the state of an order: derived by rules, which are data.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::dokumenty::Kategoria;
use crate::realizacja::Realizacja;
use crate::zamowienia::{Potwierdzenie, StanDokumentu, Zamowienie};

/// Status of an order, as a portal shows it. The ERP has none of its own: [`MapaStatusow`] derives it.
///
/// On the wire and in settings it is a word: `processing`, `confirmed`, `partly_shipped`, `shipped`, `invoiced`, `cancelled`,
/// `rejected`, or one of yours.
#[doc(alias = "order status")]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum StatusZamowienia {
    /// The ERP has it; nothing is confirmed or delivered.
    Processing,
    /// Confirmed; nothing is delivered.
    Confirmed,
    /// Some of it is delivered.
    PartlyShipped,
    /// All of it is delivered.
    Shipped,
    /// All of it is delivered, and there is an invoice.
    Invoiced,
    /// Cancelled, for good.
    Cancelled,
    /// Rejected by the seller.
    Rejected,
    /// A status of the installation's own.
    Own(String),
}

impl StatusZamowienia {
    const STANDARD: [Self; 7] = [
        Self::Processing,
        Self::Confirmed,
        Self::PartlyShipped,
        Self::Shipped,
        Self::Invoiced,
        Self::Cancelled,
        Self::Rejected,
    ];

    /// The word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Processing => "processing",
            Self::Confirmed => "confirmed",
            Self::PartlyShipped => "partly_shipped",
            Self::Shipped => "shipped",
            Self::Invoiced => "invoiced",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Own(word) => word,
        }
    }
}

impl From<String> for StatusZamowienia {
    fn from(word: String) -> Self {
        let standard = Self::STANDARD.into_iter().find(|status| status.as_str() == word);
        standard.unwrap_or(Self::Own(word))
    }
}

impl From<&str> for StatusZamowienia {
    fn from(word: &str) -> Self {
        Self::from(word.to_owned())
    }
}

impl From<StatusZamowienia> for String {
    fn from(status: StatusZamowienia) -> Self {
        status.as_str().to_owned()
    }
}

/// Symbols of document definitions in an installation. They are configuration there, so kinds ([`Kategoria`]) go first: a symbol
/// counts only where a contract tells no kind that is known.
#[doc(alias = "document definitions")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Definicje {
    /// Customers' orders.
    #[builder(default = symbols(&["ZO"]))]
    pub zamowienie: Vec<String>,
    /// Delivery notes.
    #[builder(default = symbols(&["WZ"]))]
    pub wydanie: Vec<String>,
    /// Corrections of delivery notes.
    #[builder(default = symbols(&["KWZ"]))]
    pub korekta_wydania: Vec<String>,
    /// Invoices.
    #[builder(default = symbols(&["FV"]))]
    pub faktura: Vec<String>,
    /// Corrections of invoices.
    #[builder(default = symbols(&["KFV"]))]
    pub korekta_faktury: Vec<String>,
}

fn symbols(symbols: &[&str]) -> Vec<String> {
    symbols.iter().map(|&symbol| symbol.to_owned()).collect()
}

impl Default for Definicje {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl Definicje {
    /// The kind of a document: the told one if it is known, else the one of its definition's symbol, else of the told word read
    /// as a symbol (add-ons have been seen to answer `WZ` for a kind), else the told one as it is.
    pub fn kategoria(&self, told: &Kategoria, definicja: Option<&str>) -> Kategoria {
        let Kategoria::Unknown(word) = told else { return told.clone() };
        let of_symbol = |symbol: &str| {
            let lists = [
                (&self.zamowienie, Kategoria::ZamowienieOdbiorcy),
                (&self.wydanie, Kategoria::WydanieMagazynowe),
                (&self.korekta_wydania, Kategoria::KorektaWydania),
                (&self.faktura, Kategoria::Sprzedaz),
                (&self.korekta_faktury, Kategoria::KorektaSprzedazy),
            ];
            lists.into_iter().find(|(list, _)| list.iter().any(|of| of == symbol)).map(|(_, kind)| kind)
        };
        definicja.and_then(of_symbol).or_else(|| of_symbol(word)).unwrap_or_else(|| told.clone())
    }
}

/// What is known of the course of an order: all that a rule can ask for.
#[doc(alias = "order course")]
#[derive(Debug, Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct PrzebiegZamowienia {
    /// State of the document.
    pub stan: StanDokumentu,
    /// Confirmation; a contract that tells none counts as not confirmed.
    #[builder(default = Potwierdzenie::Niepotwierdzony)]
    pub potwierdzenie: Potwierdzenie,
    /// How far it is fulfilled; `None` where that is not known.
    pub realizacja: Option<Realizacja>,
    /// Code of the status in an external system.
    pub status_zewn: Option<String>,
    /// Kinds of the documents made from it, without cancelled ones: their state is not told, so the contract has to leave them out,
    /// or an order whose invoice was cancelled counts as invoiced.
    #[builder(default)]
    pub dokumenty: BTreeSet<Kategoria>,
}

/// A rule: a status, and what has to hold for it. Each condition names what may be; an empty one asks for nothing.
#[doc(alias = "status rule")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RegulaStatusu {
    /// The status that it gives.
    #[builder(into)]
    pub status: StatusZamowienia,
    /// State of the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub stan: Vec<StanDokumentu>,
    /// Confirmation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub potwierdzenie: Vec<Potwierdzenie>,
    /// Fulfilment. One that is not known fits none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub realizacja: Vec<Realizacja>,
    /// Codes of the status in an external system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub status_zewn: Vec<String>,
    /// Kinds of documents of which at least one has been made from it and is not cancelled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub dokumenty: Vec<Kategoria>,
}

impl RegulaStatusu {
    /// Whether all that it asks for holds.
    pub fn holds(&self, przebieg: &PrzebiegZamowienia) -> bool {
        fn fits<T: PartialEq>(allowed: &[T], told: Option<&T>) -> bool {
            allowed.is_empty() || told.is_some_and(|told| allowed.contains(told))
        }
        fits(&self.stan, Some(&przebieg.stan))
            && fits(&self.potwierdzenie, Some(&przebieg.potwierdzenie))
            && fits(&self.realizacja, przebieg.realizacja.as_ref())
            && fits(&self.status_zewn, przebieg.status_zewn.as_ref())
            && (self.dokumenty.is_empty() || self.dokumenty.iter().any(|it| przebieg.dokumenty.contains(it)))
    }
}

/// How the status of an order is derived: rules in order, the first that holds decides. All of it is data.
///
/// The standard rules: a cancelled document is cancelled; a rejected one rejected; one that is fulfilled is invoiced or shipped,
/// partly shipped when some of it is; else confirmed or processing. Where nothing holds there is no status, but
/// [`UnmappedStatus`] with what was seen.
///
/// ```
/// use soneta_webapi::{MapaStatusow, PrzebiegZamowienia, Realizacja, StanDokumentu, StatusZamowienia};
///
/// let mapa = MapaStatusow::default().with_status_zewn("KURIER", "handed_over");
/// let mut przebieg =
///     PrzebiegZamowienia::builder().stan(StanDokumentu::Zatwierdzony).realizacja(Realizacja::Pelna).build();
/// assert_eq!(mapa.status(&przebieg)?, StatusZamowienia::Shipped);
/// przebieg.status_zewn = Some("KURIER".to_owned());
/// assert_eq!(mapa.status(&przebieg)?.as_str(), "handed_over");
/// # Ok::<(), soneta_webapi::UnmappedStatus>(())
/// ```
#[doc(alias = "status mapping")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MapaStatusow {
    /// Rules of the installation's own, tried before the others.
    pub wlasne: Vec<RegulaStatusu>,
    /// The standard rules.
    pub reguly: Vec<RegulaStatusu>,
    /// Statuses after which an order is asked for no more. Standard: invoiced, cancelled, rejected. A rejection that somebody takes
    /// back in the ERP is then not noticed; leave it out where that happens.
    pub koncowe: BTreeSet<StatusZamowienia>,
    /// Symbols of document definitions, for contracts that tell no kinds.
    pub definicje: Definicje,
}

impl Default for MapaStatusow {
    fn default() -> Self {
        use StatusZamowienia as Status;
        let rule = |status: Status| RegulaStatusu::builder().status(status);
        let delivered = |status: Status, realizacja| rule(status).stan(living()).realizacja(vec![realizacja]);
        let reguly = vec![
            rule(Status::Cancelled).stan(vec![StanDokumentu::Anulowany]).build(),
            rule(Status::Rejected).stan(living()).potwierdzenie(vec![Potwierdzenie::Odrzucony]).build(),
            delivered(Status::Invoiced, Realizacja::Pelna).dokumenty(vec![Kategoria::Sprzedaz]).build(),
            delivered(Status::Shipped, Realizacja::Pelna).build(),
            delivered(Status::PartlyShipped, Realizacja::Czesciowa).build(),
            delivered(Status::Confirmed, Realizacja::Brak)
                .potwierdzenie(vec![Potwierdzenie::Potwierdzony, Potwierdzenie::Zaakceptowany])
                .build(),
            delivered(Status::Processing, Realizacja::Brak)
                .potwierdzenie(vec![Potwierdzenie::Niepotwierdzony])
                .build(),
            // Nothing can be made from a document in the buffer, so its fulfilment need not be known.
            rule(Status::Processing)
                .stan(vec![StanDokumentu::Bufor])
                .potwierdzenie(vec![Potwierdzenie::Niepotwierdzony])
                .build(),
        ];
        let koncowe = BTreeSet::from([Status::Invoiced, Status::Cancelled, Status::Rejected]);
        Self { wlasne: Vec::new(), reguly, koncowe, definicje: Definicje::default() }
    }
}

/// The states of a document that is neither cancelled nor in a state of which nothing is known.
fn living() -> Vec<StanDokumentu> {
    vec![StanDokumentu::Bufor, StanDokumentu::Zatwierdzony, StanDokumentu::Zablokowany]
}

impl MapaStatusow {
    /// The same, with a status for a code of `StatusZewn` on orders that are not cancelled.
    #[must_use]
    pub fn with_status_zewn(self, kod: impl Into<String>, status: impl Into<StatusZamowienia>) -> Self {
        self.with_rule(
            RegulaStatusu::builder().status(status).stan(living()).status_zewn(vec![kod.into()]).build(),
        )
    }

    /// The same, with a rule of the installation's own after those that it has.
    #[must_use]
    pub fn with_rule(mut self, rule: RegulaStatusu) -> Self {
        self.wlasne.push(rule);
        self
    }

    /// What is known of the course of an order, its fulfilment by its lines. Where they do not tell it, set
    /// [`realizacja`](PrzebiegZamowienia::realizacja) from the delivery notes.
    pub fn przebieg(&self, zamowienie: &Zamowienie) -> PrzebiegZamowienia {
        let kind = |child: &crate::DokumentPowiazany| self.definicje.kategoria(&child.kategoria, None);
        PrzebiegZamowienia {
            stan: zamowienie.stan.clone(),
            potwierdzenie: zamowienie.potwierdzenie.clone().unwrap_or(Potwierdzenie::Niepotwierdzony),
            realizacja: Realizacja::of_pozycje(&zamowienie.pozycje),
            status_zewn: zamowienie.status_zewn.clone().filter(|kod| !kod.is_empty()),
            dokumenty: zamowienie.dokumenty.iter().map(kind).collect(),
        }
    }

    /// The status of an order.
    ///
    /// # Errors
    /// No rule holds: what was seen. Report it, and add a rule; the order keeps the status that it had.
    pub fn status(&self, przebieg: &PrzebiegZamowienia) -> Result<StatusZamowienia, UnmappedStatus> {
        let mut rules = self.wlasne.iter().chain(&self.reguly);
        let rule = rules.find(|rule| rule.holds(przebieg));
        rule.map(|rule| rule.status.clone()).ok_or_else(|| UnmappedStatus { przebieg: przebieg.clone() })
    }

    /// The status of an order as its row tells it.
    ///
    /// # Errors
    /// As [`status`](Self::status).
    pub fn status_of(&self, zamowienie: &Zamowienie) -> Result<StatusZamowienia, UnmappedStatus> {
        self.status(&self.przebieg(zamowienie))
    }

    /// Whether nothing is expected after this status: such an order is asked for no more.
    pub fn is_terminal(&self, status: &StatusZamowienia) -> bool {
        self.koncowe.contains(status)
    }
}

/// An order that no rule gives a status to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmappedStatus {
    /// What was seen of it.
    pub przebieg: PrzebiegZamowienia,
}

impl fmt::Display for UnmappedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PrzebiegZamowienia { stan, potwierdzenie, realizacja, status_zewn, dokumenty } = &self.przebieg;
        write!(
            f,
            "no rule gives a status: Stan {:?}, Potwierdzenie {:?}, fulfilment {realizacja:?}, StatusZewn {status_zewn:?}, \
             documents {:?}",
            stan.as_str(),
            potwierdzenie.as_str(),
            dokumenty.iter().map(Kategoria::as_str).collect::<Vec<_>>(),
        )
    }
}

impl std::error::Error for UnmappedStatus {}
