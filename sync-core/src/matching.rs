//! Whether a new client of the portal is one that the ERP has: [`match_client`].

use std::collections::{BTreeMap, BTreeSet};

use crate::guard::nip::{self, TaxNumber};

/// A client of the portal that is to be found in the ERP. Empty texts count as absent.
///
/// `Debug` shows nothing of it: it is personal data.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WantedClient {
    /// The ERP's id, if a link is known.
    pub linked_id: Option<String>,
    /// Our reference, as the ERP would hold it.
    pub reference: Option<String>,
    /// The tax number, however it is spelled.
    pub tax_number: Option<String>,
    /// The country's two letters.
    pub country: Option<String>,
    /// The ERP's code of the client, if the portal knows one.
    pub code: Option<String>,
    /// The e-mail address: a hint for a person, never more.
    pub email: Option<String>,
}

/// A client of the ERP.
///
/// `Debug` shows the id only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct ErpClient {
    /// The ERP's id.
    pub id: String,
    /// The reference it holds.
    pub reference: Option<String>,
    /// The tax number, however it is spelled.
    pub tax_number: Option<String>,
    /// The country's two letters.
    pub country: Option<String>,
    /// The ERP's code of the client.
    pub code: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

impl ErpClient {
    /// A client of which nothing but its id is known.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), reference: None, tax_number: None, country: None, code: None, email: None }
    }
}

macro_rules! known_of_both {
    ($client:ty) => {
        impl $client {
            /// With this reference.
            #[must_use]
            pub fn reference(mut self, reference: impl Into<String>) -> Self {
                self.reference = Some(reference.into());
                self
            }

            /// With this tax number.
            #[must_use]
            pub fn tax_number(mut self, number: impl Into<String>) -> Self {
                self.tax_number = Some(number.into());
                self
            }

            /// In this country (two letters).
            #[must_use]
            pub fn country(mut self, country: impl Into<String>) -> Self {
                self.country = Some(country.into());
                self
            }

            /// With this code.
            #[must_use]
            pub fn code(mut self, code: impl Into<String>) -> Self {
                self.code = Some(code.into());
                self
            }

            /// With this e-mail address.
            #[must_use]
            pub fn email(mut self, email: impl Into<String>) -> Self {
                self.email = Some(email.into());
                self
            }
        }
    };
}

known_of_both!(WantedClient);
known_of_both!(ErpClient);

impl WantedClient {
    /// A client of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Linked with this client of the ERP.
    #[must_use]
    pub fn linked_id(mut self, id: impl Into<String>) -> Self {
        self.linked_id = Some(id.into());
        self
    }
}

impl std::fmt::Debug for WantedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WantedClient(..)")
    }
}

impl std::fmt::Debug for ErpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ErpClient({})", self.id)
    }
}

/// What two clients have in common, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Evidence {
    /// A known link.
    Link,
    /// The same reference.
    Reference,
    /// The same tax number.
    TaxNumber,
    /// The same code.
    Code,
    /// The same e-mail address, which proves nothing.
    Email,
}

/// Why a person has to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// The linked client is not among those of the ERP.
    LinkedClientIsGone,
    /// Several clients of the ERP fit equally well.
    Several(Evidence),
    /// The clients with this in common have different countries.
    OtherCountry(Evidence),
    /// The clients with this in common have different tax numbers.
    OtherTaxNumber(Evidence),
    /// The portal's client, or one of the ERP that would fit, has a tax number that is none.
    UnreadableTaxNumber,
    /// They have nothing in common but an e-mail address.
    EmailOnly,
}

/// What became of the search.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Match {
    /// It is this one.
    #[non_exhaustive]
    Is {
        /// The ERP's id.
        id: String,
        /// What says so.
        by: Evidence,
    },
    /// A person decides.
    #[non_exhaustive]
    Doubtful {
        /// Why.
        why: Doubt,
        /// Ids of clients that it may be, with what they have in common; may be empty.
        candidates: BTreeMap<String, BTreeSet<Evidence>>,
    },
    /// The ERP's clients have nothing in common with it: it is a new one.
    Nobody,
}

/// Looks for a client of the portal among clients of the ERP.
///
/// What the ERP's search gave is compared again here: `candidates` may hold clients that do not fit at all. The first of
/// these steps that finds one decides:
///
/// 1. the known link;
/// 2. the reference, exactly as it is;
/// 3. the tax number, in the same spelling and checked. Not with different countries;
/// 4. the code, exactly as it is. Not with different tax numbers or countries;
/// 5. otherwise a person, if there is anything in common. An e-mail address alone never decides.
///
/// A step that finds several clients, or one that was told in two ways, asks a person. So does, before the third step, a tax number that cannot be checked
/// because it is none or one of a country outside the EU: it may hide a client that would fit.
///
/// ```
/// use sync_core::matching::{ErpClient, Evidence, Match, WantedClient, match_client};
///
/// let wanted = WantedClient::new().tax_number("525-224-84-81").country("PL");
/// let erp = [ErpClient::new("17").tax_number("PL5252248481"), ErpClient::new("18")];
/// assert!(matches!(match_client(&wanted, &erp), Match::Is { id, by: Evidence::TaxNumber, .. } if id == "17"));
/// ```
#[must_use]
pub fn match_client(wanted: &WantedClient, candidates: &[ErpClient]) -> Match {
    let wanted = Compared::wanted(wanted);
    // the same client given twice is one
    let clients: BTreeSet<&ErpClient> = candidates.iter().collect();
    let known: Vec<Candidate<'_>> =
        clients.into_iter().map(|client| Candidate::new(client, &wanted)).collect();
    let mut shared: BTreeMap<&str, BTreeSet<Evidence>> = BTreeMap::new();
    for candidate in known.iter().filter(|candidate| !candidate.shared.is_empty()) {
        shared.entry(candidate.id).or_default().extend(&candidate.shared);
    }
    let is = |id: &str, by| Match::Is { id: id.to_owned(), by };
    let doubtful = |why| Match::Doubtful {
        why,
        candidates: shared.iter().map(|(id, evidence)| ((*id).to_owned(), evidence.clone())).collect(),
    };

    if let Some(linked) = wanted.linked_id {
        let gone = !known.iter().any(|candidate| candidate.id == linked);
        return if gone { doubtful(Doubt::LinkedClientIsGone) } else { is(linked, Evidence::Link) };
    }
    for step in [Evidence::Reference, Evidence::TaxNumber, Evidence::Code] {
        let found: Vec<&Candidate<'_>> =
            known.iter().filter(|candidate| candidate.shared.contains(&step)).collect();
        if step != Evidence::Reference {
            if wanted.has_unreadable_number() {
                return doubtful(Doubt::UnreadableTaxNumber);
            }
            if found.iter().any(|found| wanted.differs_in_country(&found.client)) {
                return doubtful(Doubt::OtherCountry(step));
            }
            if found.iter().any(|found| wanted.differs_in_tax_number(&found.client)) {
                return doubtful(Doubt::OtherTaxNumber(step));
            }
            if found.iter().any(|found| found.client.has_unreadable_number()) {
                return doubtful(Doubt::UnreadableTaxNumber);
            }
        }
        match found.as_slice() {
            [] => {}
            [one] => return is(one.id, step),
            _ => return doubtful(Doubt::Several(step)),
        }
    }
    if shared.is_empty() { Match::Nobody } else { doubtful(Doubt::EmailOnly) }
}

/// A client of the ERP, and what it has in common with the one that is looked for.
struct Candidate<'a> {
    id: &'a str,
    client: Compared<'a>,
    shared: BTreeSet<Evidence>,
}

impl<'a> Candidate<'a> {
    fn new(client: &'a ErpClient, wanted: &Compared<'_>) -> Self {
        let compared = Compared::erp(client);
        Self { id: &client.id, shared: wanted.shared_with(&compared), client: compared }
    }
}

/// A tax number as it is compared: also one that cannot be read, which proves nothing.
struct ComparedNumber {
    /// The digits and letters without a country's prefix.
    bare: String,
    read: Option<TaxNumber>,
}

/// A client in the form in which two are compared.
struct Compared<'a> {
    linked_id: Option<&'a str>,
    reference: Option<&'a str>,
    tax_number: Option<ComparedNumber>,
    country: Option<String>,
    code: Option<&'a str>,
    email: Option<String>,
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

impl<'a> Compared<'a> {
    fn new(
        reference: Option<&'a str>,
        tax_number: Option<&'a str>,
        country: Option<&'a str>,
        code: Option<&'a str>,
        email: Option<&'a str>,
    ) -> Self {
        let country = filled(country);
        let tax_number = filled(tax_number)
            .map(|text| ComparedNumber { bare: nip::bare(text), read: TaxNumber::parse(text, country).ok() });
        let of_number = tax_number.as_ref().and_then(|number| number.read.as_ref()).map(TaxNumber::country);
        Self {
            linked_id: None,
            reference: filled(reference),
            country: country.or(of_number).map(same_spelling),
            tax_number,
            code: filled(code),
            email: filled(email).map(str::to_lowercase),
        }
    }

    fn wanted(client: &'a WantedClient) -> Self {
        let WantedClient { linked_id, reference, tax_number, country, code, email } = client;
        let [reference, tax_number, country, code, email] =
            [reference, tax_number, country, code, email].map(Option::as_deref);
        let client = Self::new(reference, tax_number, country, code, email);
        Self { linked_id: filled(linked_id.as_deref()), ..client }
    }

    fn erp(client: &'a ErpClient) -> Self {
        let ErpClient { id: _, reference, tax_number, country, code, email } = client;
        let [reference, tax_number, country, code, email] =
            [reference, tax_number, country, code, email].map(Option::as_deref);
        Self::new(reference, tax_number, country, code, email)
    }

    /// What speaks for both being the same client, as far as it can be compared.
    fn shared_with(&self, other: &Self) -> BTreeSet<Evidence> {
        [
            (same(self.reference, other.reference), Evidence::Reference),
            (same(self.bare_number(), other.bare_number()), Evidence::TaxNumber),
            (same(self.code, other.code), Evidence::Code),
            (same(self.email.as_deref(), other.email.as_deref()), Evidence::Email),
        ]
        .into_iter()
        .filter_map(|(same, evidence)| same.then_some(evidence))
        .collect()
    }

    fn bare_number(&self) -> Option<&str> {
        self.tax_number.as_ref().map(|number| number.bare.as_str())
    }

    fn has_unreadable_number(&self) -> bool {
        self.tax_number.as_ref().is_some_and(|number| number.read.is_none())
    }

    fn differs_in_country(&self, other: &Self) -> bool {
        differ(self.country.as_ref(), other.country.as_ref())
    }

    fn differs_in_tax_number(&self, other: &Self) -> bool {
        differ(self.bare_number(), other.bare_number())
    }
}

fn same<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.is_some() && a == b
}

fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.is_some() && b.is_some() && a != b
}

/// Countries whose VAT numbers have another prefix than their own two letters.
fn same_spelling(country: &str) -> String {
    match country.to_ascii_uppercase().as_str() {
        "GR" => "EL".into(),
        "XI" => "GB".into(),
        country => country.into(),
    }
}

#[cfg(test)]
mod tests;
