//! Clients that ONe does not have yet.

use async_trait::async_trait;
use one_client::account::{ClientData, ClientRecord};
use one_client::{Client, ClientId};
use soneta_webapi::{Kontrahenci, KontrahentId};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::matching::{ErpClient, Match, WantedClient, match_client};
use sync_core::{
    Act, ActFilter, Clock, Created, Error, ErrorKind, Reason, RejectFilter, Result, Store, Submission,
    Submitter,
};

use super::client_directory::ClientDirectory;
use super::linked::Linked;
use crate::client_error::{engine_error, judge};
use crate::flows::clients::{
    MERGED_CONTRACTOR, NEW_CONTRACTOR_ACT, NewClient, OneClient, bare_number, country, merger_links,
};
use crate::flows::orders::contractor_link;

/// Finds the client of a contractor in ONe, or creates it.
///
/// In this order: a link that is known by now; a client that holds the contractor's id; one with its tax number that stands
/// for no other contractor; else it is created. What is doubtful is held; released, it is created. A contractor that is itself
/// just being made for a client of ONe waits for that.
///
/// The client of a contractor that was merged into this one follows, whatever its tax number: its link
/// [moves](crate::flows::clients::merger_links). Such contractors are those with this tax number, and those that the flow of
/// [new clients](crate::flows::clients::NEW_CLIENTS) has met.
#[derive(Debug)]
pub struct NewClientSubmitter {
    one: Client,
    kontrahenci: Arc<dyn Kontrahenci>,
    linked: Linked,
    directory: ClientDirectory,
}

/// What the search came to.
enum Found {
    Client(ClientId, &'static str),
    /// The client of a contractor that was merged into this one.
    Follows(ClientId, KontrahentId),
    Doubt(Reason),
    Nobody,
}

impl NewClientSubmitter {
    /// Creates clients with this client; contractors are looked up through this port, links and acts in this store.
    #[must_use]
    pub fn new(
        one: Client,
        kontrahenci: Arc<dyn Kontrahenci>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let directory = ClientDirectory::new(one.clone(), clock);
        Self { one, kontrahenci, linked: Linked::new(store), directory }
    }

    /// The client by its link. First it is asked whether the contractor is being made for one, since the link appears
    /// when that is done.
    async fn known(&self, request: &NewClient) -> Result<Option<Created>> {
        if let Some(guid) = request.guid {
            let being_made = ActFilter::open().kinds([NEW_CONTRACTOR_ACT.into()]);
            let being_made = self.linked.store().acts(&being_made).await?;
            if being_made.iter().any(|status| status.act.guid == guid) {
                let message = "the contractor is being made for a client of ONe, its link comes with that";
                return Err(Error::new(ErrorKind::Transient, message));
            }
        }
        let client = self.linked.client_of(&request.kontrahent.to_string()).await?;
        Ok(client.map(|client| created(&client, request.kontrahent)))
    }

    async fn find(&self, client: &OneClient) -> Result<Found> {
        let listed = self.directory.recent().await?;
        let mut candidates: BTreeMap<ClientId, Arc<ClientRecord>> = BTreeMap::new();
        let mut follows = None;
        let of_number = client.tin.as_deref().map(|tin| listed.of_number(tin)).unwrap_or_default();
        for record in listed.of_external_id(&client.external_id).iter().chain(of_number) {
            let Some(id) = record.id() else { continue };
            match self.linked.contractor_of(id.as_str()).await? {
                Some(other) if other != client.kontrahent => {
                    if follows.is_none() && self.was_merged_into(other, client.kontrahent).await? {
                        follows = Some((id, other));
                    }
                }
                _ => drop(candidates.insert(id, Arc::clone(record))),
            }
        }
        // one that holds this contractor's own id is its already, however that was forgotten
        let own = |record: &Arc<ClientRecord>| record.external_id.as_ref() == Some(&client.external_id);
        if !candidates.values().any(own) {
            let follows = match follows {
                Some(follows) => Some(follows),
                None => self.following(client.kontrahent).await?,
            };
            if let Some((id, merged)) = follows {
                return Ok(Found::Follows(id, merged));
            }
        }
        let found = chosen(client, &candidates);
        if let (Found::Nobody, Err(error)) = (&found, listed.must_be_readable()) {
            // one such client is no reason to create no others for ever: a person looks, and releases
            return Ok(Found::Doubt(Reason::new("unreadable-clients").with_detail(error.to_string())));
        }
        Ok(found)
    }

    /// The client of a contractor that was merged into this one, of those that the flow has met.
    async fn following(&self, this: KontrahentId) -> Result<Option<(ClientId, KontrahentId)>> {
        let rejects = self.linked.store().rejects(&RejectFilter::all().code(MERGED_CONTRACTOR)).await?;
        for reject in rejects {
            let merged = reject.reason.waits_for().and_then(|link| link.id.parse().ok()).map(KontrahentId);
            let Some(merged) = merged else { continue };
            let Some(client) = self.linked.client_of(&merged.to_string()).await? else { continue };
            match self.was_merged_into(merged, this).await {
                Ok(true) => return Ok(Some((client, merged))),
                Ok(false) => {}
                Err(error) if is_for_the_moment(error.kind()) => return Err(error),
                // mergers in a circle, or one that cannot be read, hold up no other client
                Err(error) => tracing::warn!(%merged, %error, "not known what a merged contractor became"),
            }
        }
        Ok(None)
    }

    async fn was_merged_into(&self, other: KontrahentId, this: KontrahentId) -> Result<bool> {
        match self.kontrahenci.resolve_kontrahent(other).await {
            Ok(now) => Ok(now.id == this),
            Err(error) if error.kind() == one_client::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(engine_error("it was not seen what became of another contractor", error)),
        }
    }
}

fn is_for_the_moment(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Transient | ErrorKind::Throttled { .. } | ErrorKind::Auth)
}

/// Which of these it is. [`match_client`] is written for the other direction and does not care.
fn chosen(client: &OneClient, candidates: &BTreeMap<ClientId, Arc<ClientRecord>>) -> Found {
    let mut wanted = WantedClient::new().reference(&client.external_id);
    wanted.tax_number.clone_from(&client.tin);
    wanted.country = client.address.as_ref().and_then(|address| country(address.country.as_deref()));
    let known: Vec<ErpClient> = candidates
        .iter()
        .map(|(id, record)| {
            let mut known = ErpClient::new(id.as_str());
            known.reference.clone_from(&record.external_id);
            known.tax_number.clone_from(&record.tin);
            known.country = record.address.as_ref().and_then(|address| country(address.country.as_deref()));
            known
        })
        .collect();
    match match_client(&wanted, &known) {
        Match::Is { id, .. } => {
            let id = ClientId::new(id);
            match candidates.get(&id) {
                Some(record) if is_another(client, record) => {
                    let detail = format!("client {id} has the contractor's id and another tax number");
                    Found::Doubt(Reason::new("doubtful-client").with_detail(detail))
                }
                _ => Found::Client(id, "the client was in ONe already"),
            }
        }
        // a number that cannot be checked hides nobody here: there are no candidates
        Match::Doubtful { .. } if known.is_empty() => Found::Nobody,
        Match::Doubtful { why, candidates, .. } => {
            let ids: Vec<String> = candidates.into_keys().collect();
            Found::Doubt(
                Reason::new("doubtful-client").with_detail(format!("{why:?}: clients {}", ids.join(", "))),
            )
        }
        _ => Found::Nobody,
    }
}

/// Both have a tax number, and not the same.
fn is_another(client: &OneClient, record: &ClientRecord) -> bool {
    match (&client.tin, &record.tin) {
        (Some(ours), Some(theirs)) if !theirs.is_empty() => bare_number(ours) != bare_number(theirs),
        _ => false,
    }
}

fn created(client: &ClientId, kontrahent: KontrahentId) -> Created {
    Created::new(client.as_str()).with_link(contractor_link(client.as_str(), kontrahent))
}

fn data(client: &OneClient) -> ClientData {
    ClientData::builder()
        .external_id(client.external_id.clone())
        .maybe_name(client.name.clone())
        .maybe_tin(client.tin.clone())
        .maybe_phone(client.phone.clone())
        .maybe_segment_id(client.segment.clone())
        .maybe_warehouse_id(client.warehouse.clone())
        .maybe_address(client.address.clone())
        .build()
}

#[async_trait]
impl Submitter for NewClientSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let request: NewClient = match act.payload.decode() {
            Ok(request) => request,
            Err(error) => return Submission::NotSent(error),
        };
        match self.known(&request).await {
            Ok(Some(known)) => return Submission::Done(known),
            Ok(None) => {}
            Err(error) => return Submission::NotSent(error),
        }
        let Some(client) = &request.client else { return Submission::Refused(Reason::new("no-link")) };
        match self.find(client).await {
            Ok(Found::Client(id, remark)) => {
                return Submission::Done(created(&id, request.kontrahent).with_remark(remark));
            }
            Ok(Found::Follows(id, merged)) => {
                let remark = format!("the client of contractor {merged}, which was merged into this one");
                let done = Created::new(id.as_str()).with_remark(remark);
                let links = merger_links(id.as_str(), merged, request.kontrahent);
                return Submission::Done(links.into_iter().fold(done, Created::with_link));
            }
            Ok(Found::Doubt(reason)) if act.released.is_none() => return Submission::Held(reason),
            Ok(_) => {}
            Err(error) => return Submission::NotSent(error),
        }
        match self.one.clients().create(&data(client)).await {
            Ok(answer) => match answer.id {
                Some(id) => Submission::Done(created(&id, request.kontrahent)),
                None => {
                    Submission::InDoubt(Error::new(ErrorKind::Unreadable, "ONe told no id of the client"))
                }
            },
            Err(error) => {
                judge(error, "nobody knows whether the client was created", "the client was not created")
            }
        }
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let request: NewClient = act.payload.decode()?;
        if let Some(client) = self.linked.client_of(&request.kontrahent.to_string()).await? {
            return Ok(Some(created(&client, request.kontrahent)));
        }
        let Some(client) = &request.client else { return Ok(None) };
        let listed = self.directory.fresh().await?;
        match listed.of_external_id(&client.external_id) {
            [] => listed.must_be_readable().map(|()| None),
            [found] if !is_another(client, found) => match found.id() {
                Some(id) => Ok(Some(created(&id, request.kontrahent))),
                None => Err(Error::new(ErrorKind::Unreadable, "ONe tells no id of the client")),
            },
            _ => {
                let message = "clients with the contractor's id are several or another company; a person has to compare them";
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }
}
