//! Whose client of ONe a contractor is.

use one_client::ClientId;
use soneta_webapi::KontrahentId;
use sync_core::{LinkRef, Links, Reason};

use crate::flows::orders::CONTRACTOR_LINK;

/// The question for ONe's client of a contractor.
pub(crate) fn client_link(kontrahent: KontrahentId) -> LinkRef {
    LinkRef::of_b(CONTRACTOR_LINK, kontrahent.to_string())
}

/// ONe's client of a contractor, or that it waits for its link.
pub(crate) fn client_of(kontrahent: KontrahentId, links: &Links) -> Result<ClientId, Reason> {
    let link = client_link(kontrahent);
    match links.get(&link) {
        Some(id) => Ok(client_of_link(id)),
        None => Err(Reason::missing_link(link)),
    }
}

/// ONe's client of the id that links hold: that of a business without its prefix, of a person with it.
pub(crate) fn client_of_link(id: &str) -> ClientId {
    match id.contains(':') {
        true => ClientId::new(id),
        false => ClientId::new(format!("org:{id}")),
    }
}

#[cfg(test)]
mod tests {
    use super::client_of_link;

    #[test]
    fn a_link_holds_the_id_of_a_business_bare_and_of_a_person_with_its_prefix() {
        let clients = ["7", "org:7", "ind:7"].map(|id| client_of_link(id).into_string());
        assert_eq!(clients, ["org:7", "org:7", "ind:7"]);
    }
}
