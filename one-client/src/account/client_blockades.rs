//! Blockades of clients, ERP → ONe.
//!
//! *Documented:* one client's blockades are not to be managed from both sides.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{BlockadeId, ClientId};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, open_enum, shows};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use serde::{Deserialize, Serialize};

open_enum! {
    /// What a blockade forbids (*documented*; an open set).
    BlockadeType {
        /// Using the trade credit.
        TradeCredit = "TRADE_CREDIT",
        /// Placing orders.
        Sale = "SALE",
        /// Using the platform.
        Client = "CLIENT",
    }
}

/// A client's blockade. Names *documented*; that the answer is one record and no list is *inferred* from how
/// the example begins. `Debug` shows ids and type.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClientBlockade {
    /// ONe's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<BlockadeId>,
    /// The ERP's id of the kind of blockade, by which it is set up in ONe.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// `type`: what it forbids.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<BlockadeType>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the client is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(ClientBlockade { id, external_id, kind, extra });
keeps_extra!(ClientBlockade);

/// What is written of a blockade (*inferred*: the fields that are read, without ONe's id). `Debug` shows id and type.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClientBlockadeData {
    /// The ERP's id of the kind of blockade, by which it is set up in ONe.
    pub external_id: String,
    /// `type`: what it forbids.
    #[serde(rename = "type")]
    pub kind: BlockadeType,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the client is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Further fields.
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(ClientBlockadeData { external_id, kind, extra });

impl ClientBlockadeData {
    /// A blockade of this kind.
    pub fn new(external_id: impl Into<String>, kind: BlockadeType) -> Self {
        let external_id = external_id.into();
        Self { external_id, kind, label: None, message: None, extra: Extra::default() }
    }

    /// Its name.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What the client is told.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Further fields.
    #[must_use]
    pub fn with_extra(mut self, extra: Extra) -> Self {
        self.extra = extra;
        self
    }
}

/// `GET /api/v1/account/integrations/auth-required/client-blockades/{clientId}`: a client's blockade.
///
/// *Documented*, with an example that is cut (quirk Q15: its id is no well-formed UUID).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetClientBlockade {
    /// The client.
    pub client_id: ClientId,
}

impl GetClientBlockade {
    /// One message.
    pub fn new(client_id: impl Into<ClientId>) -> Self {
        Self { client_id: client_id.into() }
    }
}

impl Endpoint for GetClientBlockade {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = ClientBlockade;

    fn path(&self) -> Path {
        service("account").segment("client-blockades").id(&self.client_id)
    }

    fn decode(&self, body: &[u8]) -> Result<ClientBlockade> {
        decode_json(body)
    }
}

impl Evidenced for GetClientBlockade {
    const PATH: &'static str = "account/…/client-blockades/{clientId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .answer(Evidence::ExampleOnly)
        .quirks(&[15])
        .rows(&["O7"]);
}

/// `PUT /api/v1/account/integrations/auth-required/client-blockades/{clientId}`: blocks a client.
///
/// Method *documented*, path that of reading it, body *inferred* (see [`ClientBlockadeData`]). The answer is
/// not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutClientBlockade<'a> {
    /// The client.
    #[serde(skip)]
    pub client_id: &'a ClientId,
    /// The blockade.
    pub blockade: &'a ClientBlockadeData,
}

impl<'a> PutClientBlockade<'a> {
    /// One message.
    pub fn new(client_id: &'a ClientId, blockade: &'a ClientBlockadeData) -> Self {
        Self { client_id, blockade }
    }
}

impl Endpoint for PutClientBlockade<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("client-blockades").id(self.client_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutClientBlockade<'_> {
    const PATH: &'static str = "account/…/client-blockades/{clientId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .rows(&["O7"]);
}

/// `DELETE /api/v1/account/integrations/auth-required/client-blockades/{clientId}`: unblocks a client.
///
/// Method *documented*, path that of reading it. The answer is not documented and not read.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DeleteClientBlockade {
    /// The client.
    pub client_id: ClientId,
}

impl DeleteClientBlockade {
    /// One message.
    pub fn new(client_id: impl Into<ClientId>) -> Self {
        Self { client_id: client_id.into() }
    }
}

impl Endpoint for DeleteClientBlockade {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::DELETE;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("client-blockades").id(&self.client_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for DeleteClientBlockade {
    const PATH: &'static str = "account/…/client-blockades/{clientId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly).rows(&["O7"]);
}

handle! {
    /// The calls about blockades of clients: `client.client_blockades()`.
    ClientBlockades
}

impl ClientBlockades<'_> {
    /// A client's blockade.
    ///
    /// How far the wire is known: [`GetClientBlockade`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this client alone: there is none, or
    /// it is not blocked (*inferred*; how ONe tells the two apart is unknown).
    pub async fn get(&self, client_id: &ClientId) -> Result<ClientBlockade> {
        self.client.send(&GetClientBlockade::new(client_id.clone())).await
    }

    /// Blocks a client, or changes its blockade.
    ///
    /// How far the wire is known: [`PutClientBlockade`].
    ///
    /// ```
    /// # use one_client::simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// use one_client::account::{BlockadeType, ClientBlockadeData};
    /// use one_client::{ClientId, ErrorKind};
    ///
    /// # simulator.put_record("clients", "org:1", r#"{"clientId":"org:1"}"#)?;
    /// let client_id = ClientId::from("org:1");
    /// let overdue = ClientBlockadeData::new("ZALEGŁOŚĆ", BlockadeType::Sale).with_message("Prosimy o wpłatę");
    /// one.client_blockades().save(&client_id, &overdue).await?;
    /// assert_eq!(one.client_blockades().get(&client_id).await?.kind, Some(BlockadeType::Sale));
    ///
    /// one.client_blockades().delete(&client_id).await?;
    /// let error = one.client_blockades().get(&client_id).await.err();
    /// assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::NotFound));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this client alone (*documented*).
    pub async fn save(&self, client_id: &ClientId, blockade: &ClientBlockadeData) -> Result<()> {
        self.client.send(&PutClientBlockade::new(client_id, blockade)).await
    }

    /// Unblocks a client.
    ///
    /// How far the wire is known: [`DeleteClientBlockade`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` may also mean that the client was not
    /// blocked, or that a first delivery, whose answer was lost, unblocked it.
    pub async fn delete(&self, client_id: &ClientId) -> Result<()> {
        self.client.send(&DeleteClientBlockade::new(client_id.clone())).await
    }
}
