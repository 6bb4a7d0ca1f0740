//! Whose client of ONe a contractor is, or was before it was merged into another.

use one_client::ClientId;
use soneta_webapi::KontrahentId;
use sync_core::{Link, LinkRef, Links, Reason};

use crate::flows::orders::{CONTRACTOR_LINK, bare_organization, contractor_link};
use crate::key::{pair, split_pair};

/// Kind of the links of contractors that were merged into others and whose clients of ONe have followed: the contractor's id (`a`) and
/// the client (`b`: its id in ONe, `|`, the contractor's id again, escaped). Documents that name the old contractor go to the client by
/// it, whoever the client stands for by now.
pub const MERGED_CONTRACTOR_LINK: &str = "merged-contractor";

/// What is learned when the client of a contractor follows it into the one that it was merged into: the client stands for that one
/// from now on, and what was its before stays its.
#[must_use]
pub fn merger_links(client: &str, merged: KontrahentId, into: KontrahentId) -> [Link; 2] {
    let (client, merged) = (bare_organization(client), merged.to_string());
    let former = Link::new(MERGED_CONTRACTOR_LINK, merged.as_str(), pair(client, &merged).as_str());
    [contractor_link(client, into).replacing(merged), former]
}

/// The question for ONe's client of a contractor.
pub(crate) fn client_link(kontrahent: KontrahentId) -> LinkRef {
    LinkRef::of_b(CONTRACTOR_LINK, kontrahent.to_string())
}

/// The question whether the client of a merged contractor has followed.
pub(crate) fn followed_link(kontrahent: KontrahentId) -> LinkRef {
    LinkRef::of_a(MERGED_CONTRACTOR_LINK, kontrahent.to_string())
}

/// Both questions.
pub(crate) fn client_links(kontrahent: KontrahentId) -> [LinkRef; 2] {
    [client_link(kontrahent), followed_link(kontrahent)]
}

/// ONe's client of a contractor, or that it waits for its link.
pub(crate) fn client_of(kontrahent: KontrahentId, links: &Links) -> Result<ClientId, Reason> {
    let link = client_link(kontrahent);
    match links.get(&link) {
        Some(id) => Ok(client_of_link(id)),
        None => Err(Reason::missing_link(link)),
    }
}

/// Whether the contractor was merged into another and its client stands for that one: what it is now says the other's record.
pub(crate) fn has_followed(kontrahent: KontrahentId, links: &Links) -> bool {
    links.get(&client_link(kontrahent)).is_none() && links.get(&followed_link(kontrahent)).is_some()
}

/// ONe's client to whom documents of the contractor go: its own, or the one that it had until it was merged.
pub(crate) fn client_of_documents(kontrahent: KontrahentId, links: &Links) -> Option<ClientId> {
    if let Some(own) = links.get(&client_link(kontrahent)) {
        return Some(client_of_link(own));
    }
    let (client, _) = split_pair(links.get(&followed_link(kontrahent))?)?;
    Some(client_of_link(&client))
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
    use soneta_webapi::KontrahentId;
    use sync_core::Links;

    use super::{
        client_link, client_of_documents, client_of_link, followed_link, has_followed, merger_links,
    };

    #[test]
    fn a_link_holds_the_id_of_a_business_bare_and_of_a_person_with_its_prefix() {
        let clients = ["7", "org:7", "ind:7"].map(|id| client_of_link(id).into_string());
        assert_eq!(clients, ["org:7", "org:7", "ind:7"]);
    }

    #[test]
    fn documents_of_a_merged_contractor_go_to_the_client_that_it_had() {
        let (merged, into) = (KontrahentId(1), KontrahentId(2));
        for client in ["org:7", "ind:7", "org:a|b"] {
            let [moved, former] = merger_links(client, merged, into);
            assert_eq!((moved.b.as_str(), moved.replaces.as_deref()), ("2", Some("1")));
            let mut links = Links::default();
            links.insert(followed_link(merged), former.b);
            assert_eq!(client_of_documents(merged, &links).unwrap().as_str(), client);
            assert!(has_followed(merged, &links) && !has_followed(into, &links));
            links.insert(client_link(merged), "9");
            assert_eq!(client_of_documents(merged, &links).unwrap().as_str(), "org:9");
            assert!(!has_followed(merged, &links));
        }
    }
}
