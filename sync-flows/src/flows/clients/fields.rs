//! What both sides know of a client, and how it is spelt on either.

use one_client::account::ClientAddress;
use one_client::{ClientId, SegmentId, WarehouseId};
use serde::{Deserialize, Serialize};
use soneta_webapi::{Adres, KontrahentId};
use std::fmt;

/// A field that the portal may own: its users keep it, and it goes to the ERP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PortalField {
    /// The name.
    Name,
    /// The telephone.
    Phone,
    /// The e-mail address: of ONe's administrator of the client.
    Email,
    /// The billing address, the ERP's seat.
    Address,
}

/// A client as the ERP tells ONe of it: an absent field is left as ONe has it. `Debug` shows ids only.
///
/// In a payload it is stored as JSON: fields are added with a default, never renamed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct OneClient {
    /// The contractor.
    pub kontrahent: KontrahentId,
    /// ONe's client, of one that is linked: the flows set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// `externalId`: by it the client is found after a lost answer, so it is the contractor's id.
    pub external_id: String,
    /// Name, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tax number: ten digits of a Polish one, others with their country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<SegmentId>,
    /// The warehouse it is served from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<WarehouseId>,
    /// Billing address; ONe needs one to create a client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ClientAddress>,
}

impl fmt::Debug for OneClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneClient")
            .field("kontrahent", &self.kontrahent)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// The text without white space around it, if anything is left.
pub(crate) fn filled(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Words with one blank between them: the ERP's names have line breaks.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters and digits of a tax number, without Poland's prefix: what may be the same number has the same.
pub(crate) fn bare_number(number: &str) -> String {
    let bare = number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    let bare: String = bare.collect();
    bare.strip_prefix("PL").map(str::to_owned).unwrap_or(bare)
}

/// A country's two letters; of anything else nothing, since ONe does not say whether it tells codes or names.
pub(crate) fn country(text: Option<&str>) -> Option<String> {
    let text = filled(text)?.to_ascii_uppercase();
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(text)
}

/// The ERP's address in ONe's fields: street and numbers in one text. `None` if nothing of it is filled.
pub(crate) fn client_address(nazwa: &str, adres: &Adres) -> Option<ClientAddress> {
    let text = |text: &Option<String>| filled(text.as_deref()).map(|text| one_line(&text));
    let house = match (text(&adres.nr_domu), text(&adres.nr_lokalu)) {
        (Some(house), Some(flat)) => Some(format!("{house}/{flat}")),
        (house, flat) => house.or(flat),
    };
    let street: Vec<String> = [text(&adres.ulica), house].into_iter().flatten().collect();
    let street = (!street.is_empty()).then(|| street.join(" "));
    let (city, zip_code) = (text(&adres.miejscowosc), text(&adres.kod_pocztowy));
    if street.is_none() && city.is_none() && zip_code.is_none() {
        return None;
    }
    let address = ClientAddress::builder()
        .maybe_name(filled(Some(nazwa)))
        .maybe_street(street)
        .maybe_city(city)
        .maybe_zip_code(zip_code)
        .maybe_country(country(adres.kod_kraju.as_deref()));
    Some(address.build())
}

/// ONe's address in the ERP's fields: the street keeps its numbers, since nothing says where they begin.
pub(crate) fn adres(address: &ClientAddress) -> Adres {
    let text = |text: &Option<String>| filled(text.as_deref());
    Adres::builder()
        .maybe_ulica(text(&address.street))
        .maybe_miejscowosc(text(&address.city))
        .maybe_kod_pocztowy(text(&address.zip_code))
        .maybe_kod_kraju(country(address.country.as_deref()))
        .build()
}

#[cfg(test)]
mod tests {
    use super::{adres, bare_number, client_address, country};
    use soneta_webapi::Adres;

    #[test]
    fn an_address_that_comes_back_is_the_same_in_ones_words() {
        let seat = Adres::builder()
            .ulica("Żabia")
            .nr_domu("7")
            .nr_lokalu("2")
            .kod_pocztowy("90-001")
            .miejscowosc("Łódź")
            .kod_kraju("PL")
            .build();
        let told = client_address("Żuraw", &seat).unwrap();
        assert_eq!(told.street.as_deref(), Some("Żabia 7/2"));
        assert_eq!(client_address("Żuraw", &adres(&told)), Some(told));
        assert_eq!(client_address("Żuraw", &Adres::default()), None);
    }

    #[test]
    fn numbers_and_countries_are_compared_in_one_spelling() {
        assert_eq!(bare_number("PL 526-025-02-74"), bare_number("5260250274"));
        assert_ne!(bare_number("DE 526-025-02-74"), bare_number("5260250274"));
        assert_eq!(country(Some(" pl ")).as_deref(), Some("PL"));
        assert_eq!(country(Some("Polska")), None);
    }
}
