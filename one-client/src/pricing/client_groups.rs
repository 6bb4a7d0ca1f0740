//! Groups of clients, which share price lists.

use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ClientGroupId, ClientId};
use crate::service::{handle, service};
use crate::wire::extra::Extra;
use crate::wire::shows;
use api_transport::{Effect, Endpoint, Error, Path, Result, decode_json};
use serde::{Deserialize, Serialize};

/// `POST /api/v1/pricing/integrations/auth-required/client-group`: creates a group of clients.
///
/// *Documented*. The prose promises `clientGroupId` in the answer, the example of it has only a `name`, and another
/// one than was sent (quirk Q5): an answer without the id is an error of which
/// [`may_have_been_applied`](Error::may_have_been_applied) holds. A second delivery may create a second group. `Debug` does not
/// show the name.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PostClientGroup {
    /// The group's name.
    pub name: String,
    /// What else is to be sent.
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(PostClientGroup { extra });

impl PostClientGroup {
    /// One message.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), extra: Extra::default() }
    }
}

impl Endpoint for PostClientGroup {
    const EFFECT: Effect = Effect::Create;
    type Response = ClientGroupId;

    fn path(&self) -> Path {
        service("pricing").segment("client-group")
    }

    fn decode(&self, body: &[u8]) -> Result<ClientGroupId> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            #[serde(default)]
            client_group_id: Option<ClientGroupId>,
        }
        let answer: Answer = decode_json(body)?;
        answer
            .client_group_id
            .filter(|id| !id.as_str().is_empty())
            .ok_or_else(|| Error::decode_at("the answer has no clientGroupId: the group's id is not known"))
    }
}

impl Evidenced for PostClientGroup {
    const PATH: &'static str = "pricing/…/client-group";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Documented)
        .quirks(&[5]);
}

/// That a client belongs to a group (*documented*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClientToGroup {
    /// The client.
    pub client_id: ClientId,
    /// The group.
    pub client_group_id: ClientGroupId,
}

impl ClientToGroup {
    /// A membership.
    pub fn new(client_id: impl Into<ClientId>, client_group_id: impl Into<ClientGroupId>) -> Self {
        Self { client_id: client_id.into(), client_group_id: client_group_id.into() }
    }

    fn key(&self) -> (&ClientId, &ClientGroupId) {
        (&self.client_id, &self.client_group_id)
    }

    fn client(&self) -> &str {
        self.client_id.as_str()
    }
}

/// `PUT /api/v1/pricing/integrations/auth-required/client-to-groups`: puts clients into groups.
///
/// *Documented*, with a whole example; the body is a bare array. The answer is not documented and not read. *Inferred:* a line
/// adds a client to a group and takes it out of no other. No call that takes a client out of a group is known.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutClientToGroups<'a> {
    /// Who belongs where.
    pub lines: &'a [ClientToGroup],
}

impl<'a> PutClientToGroups<'a> {
    /// One message.
    pub fn new(lines: &'a [ClientToGroup]) -> Self {
        Self { lines }
    }
}

impl Endpoint for PutClientToGroups<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("client-to-groups")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutClientToGroups<'_> {
    const PATH: &'static str = "pricing/…/client-to-groups";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Documented).request(Evidence::Documented);
}

handle! {
    /// The calls about groups of clients: `client.client_groups()`.
    ClientGroups
}

impl ClientGroups<'_> {
    /// Creates a group and says its id. Not repeated when in doubt. No call is known that finds a group by its name
    /// later, so the id is to be kept.
    ///
    /// How far the wire is known: [`PostClientGroup`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `Decode` if the answer has no id (quirk Q5), and then the group
    /// may have been created nevertheless.
    pub async fn create(&self, name: impl Into<String>) -> Result<ClientGroupId> {
        self.client.send(&PostClientGroup::new(name)).await
    }

    /// Puts any number of clients into groups, in order, split to the wire's limits. A client that ONe does not know
    /// costs its own lines, not those of others.
    ///
    /// How far the wire is known: [`PutClientToGroups`].
    ///
    /// See [`BulkReport`] for what is known of each line afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    pub async fn save_members(&self, lines: &[ClientToGroup]) -> BulkReport {
        self.save_members_with(lines, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later line on.
    ///
    /// How far the wire is known: [`PutClientToGroups`].
    pub async fn save_members_with(&self, lines: &[ClientToGroup], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: ClientToGroup::key,
            check: bulk::unchecked,
            endpoint: PutClientToGroups::new,
            not_found: NotFound::OneOf(ClientToGroup::client),
        };
        bulk::write(self.client, lines, options, call).await
    }
}
