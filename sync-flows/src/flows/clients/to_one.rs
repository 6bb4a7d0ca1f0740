//! Contractors to ONe (O4).

use one_client::{Client, ClientId, SegmentId, WarehouseId};
use serde::{Deserialize, Serialize};
use soneta_webapi::{Area, Kontrahent, KontrahentId, Uuid};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use sync_core::guard::nip::Nip;
use sync_core::{Class, Flow, Key, LinkRef, Links, Mapped, Mapper, NewAct, OpKey, Reason, Source};

use super::{
    OneClient, PortalField, SEGMENT_LINK, client_address, client_link, client_links, client_of_link, filled,
    followed_link, has_followed, one_line,
};
use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::one::{ClientSink, Withdrawal};
use crate::setup::Setup;
use crate::tick::Tick;

/// New clients to ONe.
pub const NEW_CLIENTS: Entry = Entry {
    id: "new-clients",
    rows: &["O4"],
    what: "ticked contractors that ONe does not have yet",
    from: System::Enova,
    to: System::One,
    lane: Lane::Acts,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60),
    stage: Some(Stage::I),
    needs: &[Area::Contractors],
    after: &["clients-to-enova", "segments", "warehouses"],
    guarantee: "one client for each contractor: found by its id or tax number, else created once; the client of a merged one follows it; doubt is held for a person",
};

/// Changed clients to ONe.
pub const CLIENTS: Entry = Entry {
    id: "clients",
    rows: &["O4"],
    what: "what the ERP owns of clients that ONe has",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60).at(50),
    stage: Some(Stage::I),
    needs: &[Area::Contractors],
    after: &["new-clients"],
    guarantee: "the last state counts; what loses its tick is reported or blocked",
};

/// Kind of the acts that create a client of ONe for a contractor.
pub const NEW_CLIENT_ACT: &str = "new-client";

/// Code of a reject of a merged contractor whose client has not followed: it waits for that.
pub(crate) const MERGED_CONTRACTOR: &str = "merged-contractor";

/// The name of the act that creates the client of this contractor: for ever the same, so that it happens once.
#[must_use]
pub fn new_client_op_key(tenant: &str, kontrahent: KontrahentId) -> OpKey {
    OpKey::from(format!("new-client:{tenant}:{kontrahent}"))
}

/// The flow [`NEW_CLIENTS`]; a dispatcher of [`NEW_CLIENT_ACT`] with a [`NewClientSubmitter`](crate::one::NewClientSubmitter)
/// carries its acts out. The mapper is the one of [`changes_to_one`].
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn new_to_one<S, M>(setup: &Setup, source: S, mapper: M) -> sync_core::Result<Flow>
where
    S: Source<Record = Kontrahent> + 'static,
    M: Mapper<Kontrahent, Out = OneClient> + 'static,
{
    let mapper = NewClients { mapper, tenant: setup.tenant.clone() };
    setup.with_weekly_full_pass().flow_to_outbox(NEW_CLIENTS.id, source, mapper)
}

/// The flow [`CLIENTS`]. What the portal owns is never in it.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn changes_to_one<S, M>(
    setup: &Setup,
    source: S,
    mapper: M,
    portal_owned: impl IntoIterator<Item = PortalField>,
    withdrawal: Withdrawal,
    one: Client,
) -> sync_core::Result<Flow>
where
    S: Source<Record = Kontrahent> + 'static,
    M: Mapper<Kontrahent, Out = OneClient> + 'static,
{
    let mapper = ChangedClients { mapper, portal_owned: portal_owned.into_iter().collect() };
    setup.with_weekly_full_pass().flow(
        CLIENTS.id,
        source,
        mapper,
        ClientSink::new(one, Arc::clone(&setup.store), withdrawal),
    )
}

/// Settings of what ONe is told of a contractor.
#[derive(Debug, Clone, PartialEq, Eq, Default, bon::Builder)]
#[non_exhaustive]
pub struct ClientSettings {
    /// Which contractors are clients.
    #[builder(default)]
    pub tick: Tick,
    /// Whether clients are told their segment. The flow of [segments](super::SEGMENTS) has to run then: a client waits for
    /// its segment as a reject `missing-link`.
    #[builder(default)]
    pub segments: bool,
    /// The warehouse that clients are served from; none: ONe's own choice.
    #[builder(into)]
    pub warehouse: Option<WarehouseId>,
}

/// From a contractor to what ONe is told of it.
#[derive(Debug, Clone, Default)]
pub struct ClientMapper {
    settings: ClientSettings,
}

impl ClientMapper {
    /// Maps by these settings.
    #[must_use]
    pub fn new(settings: ClientSettings) -> Self {
        Self { settings }
    }

    fn segment(&self, kontrahent: &Kontrahent) -> Option<LinkRef> {
        let name = filled(kontrahent.segment.as_deref()).filter(|_| self.settings.segments)?;
        Some(LinkRef::of_b(SEGMENT_LINK, name))
    }
}

impl Mapper<Kontrahent> for ClientMapper {
    type Out = OneClient;

    fn links_needed(&self, kontrahent: &Kontrahent) -> Vec<LinkRef> {
        self.segment(kontrahent).into_iter().collect()
    }

    fn map(&self, _key: &Key, kontrahent: Kontrahent, links: &Links) -> Result<Mapped<OneClient>, Reason> {
        if !self.settings.tick.sends(kontrahent.zaznaczony, &kontrahent.cechy) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        let segment = match self.segment(&kontrahent) {
            Some(wanted) => match links.get(&wanted) {
                Some(id) => Some(SegmentId::new(id)),
                None => return Err(Reason::missing_link(wanted)),
            },
            None => None,
        };
        let name = one_line(&kontrahent.nazwa);
        let adres = kontrahent.adres.as_ref();
        let Some(address) = adres.and_then(|adres| client_address(&name, adres)) else {
            // a billing address is obligatory
            return Err(Reason::new("no-address"));
        };
        let client = OneClient::builder()
            .kontrahent(kontrahent.id)
            .external_id(kontrahent.id.to_string())
            .maybe_name(filled(Some(&name)))
            .maybe_tin(tin(&kontrahent))
            .maybe_phone(adres.and_then(|adres| filled(adres.telefon.as_deref())))
            .maybe_segment(segment)
            .maybe_warehouse(self.settings.warehouse.clone())
            .address(address);
        Ok(Mapped::Send(client.build()))
    }
}

/// The Polish number in ten digits where it is one, else whatever is there; of a foreign contractor its EU number.
fn tin(kontrahent: &Kontrahent) -> Option<String> {
    let nip = filled(kontrahent.nip.as_deref());
    match nip.as_deref().map(Nip::parse) {
        Some(Ok(number)) => Some(number.as_str().to_owned()),
        _ => nip.or_else(|| filled(kontrahent.eu_vat.as_deref())),
    }
}

fn with_contractor<M: Mapper<Kontrahent>>(mapper: &M, kontrahent: &Kontrahent) -> Vec<LinkRef> {
    let own = mapper.links_needed(kontrahent).into_iter().chain(client_links(kontrahent.id));
    let needed: BTreeSet<LinkRef> = own.chain(kontrahent.zastapiony_przez_id.map(client_link)).collect();
    needed.into_iter().collect()
}

/// That the client of a merged contractor does not follow, and what is to be done.
fn stays(client: &ClientId, by: KontrahentId, links: &Links) -> Reason {
    let merged = format!("client {client}: its contractor was merged into {by}");
    match links.get(&client_link(by)).map(client_of_link) {
        // nothing ends it, so it is told once and alarms nobody
        Some(other) => Reason::new(Reason::REMOVAL_NOT_SUPPORTED).with_detail(format!(
            "{merged}, whose client is {other}: both stay. Close one of them in ONe, its users and orders are not moved"
        )),
        None => Reason::new(MERGED_CONTRACTOR).with_detail(format!(
            "{merged}, which is no client of ONe: tick it, and the client becomes its; or close the client in ONe"
        )),
    }
}

/// What is asked for to create a client, frozen when it entered the outbox. `Debug` shows the contractor's id only.
///
/// Stored as JSON: fields are added with a default, never renamed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewClient {
    /// The contractor.
    pub kontrahent: KontrahentId,
    /// Its Guid, where the contract tells it: a contractor that is itself being made for a client of ONe carries that act's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// The client; none of a contractor that is linked, for which there is nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<OneClient>,
}

impl fmt::Debug for NewClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewClient").field("kontrahent", &self.kontrahent).finish_non_exhaustive()
    }
}

/// One act of each contractor that is to be a client.
#[derive(Debug)]
struct NewClients<M> {
    mapper: M,
    tenant: String,
}

impl<M: Mapper<Kontrahent, Out = OneClient>> Mapper<Kontrahent> for NewClients<M> {
    type Out = NewAct;

    fn version(&self) -> u32 {
        self.mapper.version()
    }

    fn links_needed(&self, kontrahent: &Kontrahent) -> Vec<LinkRef> {
        with_contractor(&self.mapper, kontrahent)
    }

    fn map(&self, key: &Key, kontrahent: Kontrahent, links: &Links) -> Result<Mapped<NewAct>, Reason> {
        let mut request = NewClient { kontrahent: kontrahent.id, guid: kontrahent.guid, client: None };
        let id = kontrahent.id;
        let own = links.get(&client_link(id)).map(client_of_link);
        let client = match (own, kontrahent.zastapiony_przez_id) {
            // the act of the other one finds it by this reject
            (Some(own), Some(by)) => return Err(stays(&own, by, links).waiting_for(followed_link(id))),
            // a linked one stays what it is, ticked or not: left out, the act that made it would be withdrawn
            (Some(_), None) => Mapped::Send(None),
            (None, Some(_)) if has_followed(id, links) => Mapped::HandOver(Reason::new("merged")),
            (None, Some(_)) => Mapped::LeaveOut(Reason::new("merged")),
            (None, None) => match self.mapper.map(key, kontrahent, links)? {
                // a person gave it to another contractor
                Mapped::LeaveOut(reason) if has_followed(id, links) => Mapped::HandOver(reason),
                mapped => mapped.map(Some),
            },
        };
        client.try_map(|client| {
            request.client = client;
            let op_key = new_client_op_key(&self.tenant, request.kontrahent);
            let order_key = op_key.as_str().to_owned();
            NewAct::new(op_key, order_key, NEW_CLIENT_ACT, &request, &request)
                .map(NewAct::with_changes_elsewhere)
                .map_err(Reason::from)
        })
    }
}

/// Clients with their ids in ONe, without what the portal owns.
#[derive(Debug)]
struct ChangedClients<M> {
    mapper: M,
    portal_owned: BTreeSet<PortalField>,
}

impl<M: Mapper<Kontrahent, Out = OneClient>> Mapper<Kontrahent> for ChangedClients<M> {
    type Out = OneClient;

    fn version(&self) -> u32 {
        self.mapper.version()
    }

    fn links_needed(&self, kontrahent: &Kontrahent) -> Vec<LinkRef> {
        with_contractor(&self.mapper, kontrahent)
    }

    fn map(&self, key: &Key, kontrahent: Kontrahent, links: &Links) -> Result<Mapped<OneClient>, Reason> {
        let wanted = client_link(kontrahent.id);
        let client = links.get(&wanted).map(client_of_link);
        if let Some(by) = kontrahent.zastapiony_przez_id {
            return match client {
                Some(own) if links.get(&client_link(by)).is_some() => {
                    Err(stays(&own, by, links).waiting_for(followed_link(kontrahent.id)))
                }
                // as it is, until the client has followed; the flow of new clients reports it
                Some(_) => Err(Reason::missing_link(followed_link(kontrahent.id))),
                None if has_followed(kontrahent.id, links) => Ok(Mapped::HandOver(Reason::new("merged"))),
                None => Ok(Mapped::LeaveOut(Reason::new("merged"))),
            };
        }
        let mut out = match self.mapper.map(key, kontrahent, links)? {
            Mapped::Send(out) => out,
            left_out => return Ok(left_out),
        };
        out.client = Some(client.ok_or_else(|| Reason::missing_link(wanted))?);
        for field in &self.portal_owned {
            match field {
                PortalField::Name => out.name = None,
                PortalField::Phone => out.phone = None,
                PortalField::Address => out.address = None,
                // it is not told to ONe at all
                PortalField::Email => {}
            }
        }
        Ok(Mapped::Send(out))
    }
}
