//! Clients, both ways.

use super::{ClientData, ClientEvent, ClientRecord, Context, Created, GetAccountFeed, OfClients};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{self, Feed, FeedCursor, FeedPosition, FollowedEvent};
use crate::ids::ClientId;
use crate::paging::{self, Listing, PageNumber, Row};
use crate::service::{handle, service};
use api_transport::{Effect, Endpoint, Error, ErrorKind, Page, Path, Result, decode_json};
use futures::{Stream, TryStreamExt};
use serde::Serialize;

/// `GET /api/v1/account/integrations/auth-required/clients`: a page of all clients.
///
/// Method *documented*, path *path only*. How it is paged is *inferred* by analogy with segments and users of
/// the same service; any of the envelopes in use is read.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetClients {
    /// `pageNumber`.
    #[builder(default)]
    pub page_number: PageNumber,
    /// `pageSize`. The maximum is unknown.
    #[builder(default = 100)]
    pub page_size: u32,
}

impl Endpoint for GetClients {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<ClientRecord, PageNumber>;

    fn path(&self) -> Path {
        service("account").segment("clients")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.page_number.query(self.page_size)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetClients {
    const PATH: &'static str = "account/…/clients";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .rows(&["O4", "O5"]);
}

/// `POST /api/v1/account/integrations/auth-required/clients`: creates a client.
///
/// Method *documented*, path *path only*, body *inferred* as far as [`ClientData`] says; the answer is not
/// documented, see [`Created`]. Whether a second delivery makes a second client is unknown, so it is not
/// repeated after an unclear answer.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostClient<'a> {
    /// The client.
    pub client: &'a ClientData,
}

impl<'a> PostClient<'a> {
    /// One message.
    pub fn new(client: &'a ClientData) -> Self {
        Self { client }
    }
}

impl Endpoint for PostClient<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = Created<ClientId>;

    fn path(&self) -> Path {
        service("account").segment("clients")
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Created::decode(body, &["clientId", "id"])
    }
}

impl Evidenced for PostClient<'_> {
    const PATH: &'static str = "account/…/clients";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[9])
        .rows(&["O4"]);
}

/// `GET /api/v1/account/integrations/auth-required/clients/{clientId}`: one client.
///
/// Method *documented*, path *path only*; what the answer holds, and how far that is known, is said at
/// [`ClientRecord`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetClient {
    /// The client.
    pub client_id: ClientId,
}

impl GetClient {
    /// One message.
    pub fn new(client_id: impl Into<ClientId>) -> Self {
        Self { client_id: client_id.into() }
    }
}

impl Endpoint for GetClient {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = ClientRecord;

    fn path(&self) -> Path {
        service("account").segment("clients").id(&self.client_id)
    }

    fn decode(&self, body: &[u8]) -> Result<ClientRecord> {
        decode_json(body)
    }
}

impl Evidenced for GetClient {
    const PATH: &'static str = "account/…/clients/{clientId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .answer(Evidence::Inferred)
        .quirks(&[9])
        .rows(&["O5"]);
}

/// `PUT /api/v1/account/integrations/auth-required/clients/{clientId}`: changes a client.
///
/// Method *documented*, path *path only*, body *inferred* as far as [`ClientData`] says. The vendor has further
/// calls for parts of a client (basic, advanced, finance data), whose paths are unknown. The answer is not
/// documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutClient<'a> {
    /// The client.
    #[serde(skip)]
    pub client_id: &'a ClientId,
    /// What it becomes.
    pub client: &'a ClientData,
}

impl<'a> PutClient<'a> {
    /// One message.
    pub fn new(client_id: &'a ClientId, client: &'a ClientData) -> Self {
        Self { client_id, client }
    }
}

impl Endpoint for PutClient<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("clients").id(self.client_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutClient<'_> {
    const PATH: &'static str = "account/…/clients/{clientId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[9])
        .rows(&["O4"]);
}

/// `DELETE /api/v1/account/integrations/auth-required/clients/{clientId}`: deletes a client.
///
/// Method *documented*, path *inferred*; what happens to its orders and users is unknown. The answer is not
/// documented and not read.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DeleteClient {
    /// The client.
    pub client_id: ClientId,
}

impl DeleteClient {
    /// One message.
    pub fn new(client_id: impl Into<ClientId>) -> Self {
        Self { client_id: client_id.into() }
    }
}

impl Endpoint for DeleteClient {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::DELETE;
    type Response = ();

    fn path(&self) -> Path {
        service("account").segment("clients").id(&self.client_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for DeleteClient {
    const PATH: &'static str = "account/…/clients/{clientId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Inferred).rows(&["O4"]);
}

handle! {
    /// The calls about clients: `client.clients()`.
    Clients
}

impl<'a> Clients<'a> {
    /// All clients from page `from` on, page by page and only when asked; `page_size` at a time.
    ///
    /// How far the wire is known: [`GetClients`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on, as that of a server would that
    /// does not page (see [`GetClients`]); the stream ends with one.
    pub fn list(
        &self,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<ClientRecord>, PageNumber>>> + 'a {
        paging::list(self.client, from, move |page_number| GetClients { page_number, page_size })
    }

    /// The first client of the list that has this `externalId` (*inferred*), for example after a
    /// [`create`](Self::create) whose outcome is unclear. It reads the list from its beginning, since no call
    /// that searches is documented. Who looks for many clients reads the [`list`](Self::list) once.
    ///
    /// How far the wire is known: [`GetClients`].
    ///
    /// # Errors
    ///
    /// Those of [`list`](Self::list). `Decode`: there is none among the clients that can be read, and some
    /// cannot, so that nobody knows.
    pub async fn find_by_external_id(&self, external_id: &str) -> Result<Option<ClientRecord>> {
        let mut pages = std::pin::pin!(self.list(PageNumber::FIRST, 100));
        let mut unreadable = None;
        while let Some(page) = pages.try_next().await? {
            for row in page.items {
                match row {
                    Ok(found) if found.external_id.as_deref() == Some(external_id) => return Ok(Some(found)),
                    Ok(_) => {}
                    Err(bad) => unreadable = Some(bad),
                }
            }
        }
        let Some(bad) = unreadable else { return Ok(None) };
        let message = "a client that cannot be read may be the one that is looked for";
        Err(Error::new(ErrorKind::Decode, message).with_source(bad))
    }

    /// One client.
    ///
    /// How far the wire is known: [`GetClient`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this client alone (*documented*).
    pub async fn get(&self, client_id: &ClientId) -> Result<ClientRecord> {
        self.client.send(&GetClient::new(client_id.clone())).await
    }

    /// Creates a client. Who needs its id and is not told ([`Created`]) finds it by the ERP's id.
    ///
    /// How far the wire is known: [`PostClient`].
    ///
    /// ```
    /// # use one_client::simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// use one_client::account::{ClientAddress, ClientData};
    ///
    /// let address = ClientAddress::builder().name("Żuraw").street("Żabia 7").city("Łódź").zip_code("90-001").build();
    /// let mut client = ClientData::builder()
    ///     .external_id("K/1001")
    ///     .name("Zakład Łożysk „Żuraw”")
    ///     .tin("7250000000")
    ///     .address(address)
    ///     .build();
    ///
    /// // New in the ERP. A client that is there already, for example since an answer was lost, is not created again.
    /// let client_id = match one.clients().find_by_external_id("K/1001").await? {
    ///     Some(found) => found.id(),
    ///     None => one.clients().create(&client).await?.id,
    /// };
    /// let client_id = client_id.ok_or("ONe told no id: to be looked up")?;
    ///
    /// // Changed in the ERP.
    /// client.phone = Some("42 000 00 00".to_owned());
    /// one.clients().update(&client_id, &client).await?;
    /// assert_eq!(one.clients().get(&client_id).await?.phone, client.phone);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). After one that `may_have_been_applied()` the client is
    /// to be looked for, with [`find_by_external_id`](Self::find_by_external_id) or by tax number in the
    /// [`list`](Self::list), before it is created again.
    pub async fn create(&self, client: &ClientData) -> Result<Created<ClientId>> {
        self.client.send(&PostClient::new(client)).await
    }

    /// Changes a client. Whether fields that are left out keep their values is unknown (see [`ClientData`]).
    ///
    /// How far the wire is known: [`PutClient`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this client alone (*documented*).
    pub async fn update(&self, client_id: &ClientId, client: &ClientData) -> Result<()> {
        self.client.send(&PutClient::new(client_id, client)).await
    }

    /// Deletes a client.
    ///
    /// How far the wire is known: [`DeleteClient`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` may also mean that a first delivery, whose
    /// answer was lost, deleted it.
    pub async fn delete(&self, client_id: &ClientId) -> Result<()> {
        self.client.send(&DeleteClient::new(client_id.clone())).await
    }

    /// Events from `start_id` on of what was changed in these contexts; [`Context::FOREIGN`] leaves out what came through
    /// this API, none at all means everywhere.
    ///
    /// How far the wire is known: [`GetAccountFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); also an answer whose `nextId` does not lead beyond
    /// `start_id` although it has events (see [`Feed`]).
    pub async fn feed(&self, start_id: FeedPosition, contexts: &[Context]) -> Result<Feed<ClientEvent>> {
        self.client.send(&GetAccountFeed::<OfClients>::by(self.client, start_id, contexts)).await
    }

    /// Everything the feed has from `start` on of what was changed in these contexts, event by event, until it has no
    /// more. Each event says where to go on once it is handled. A cursor belongs to the contexts it was kept with.
    ///
    /// How far the wire is known: [`GetAccountFeed`].
    ///
    /// ```
    /// # use one_client::simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder().start().await?;
    /// # let one = simulator.client_builder().build()?;
    /// use futures::TryStreamExt;
    /// use one_client::account::Context;
    /// use one_client::{ErrorKind, FeedCursor};
    ///
    /// # simulator.put_record("clients", "ind:1", r#"{"clientId":"ind:1","phone":"600000000"}"#)?;
    /// # simulator.tell_event("clients", r#"{"clientId":"ind:1","type":"UPDATE"}"#)?;
    /// let mut kept = FeedCursor::FIRST;
    /// let mut phones = Vec::new();
    /// let events = one.clients().follow(kept.clone(), Context::FOREIGN);
    /// let mut events = std::pin::pin!(events);
    /// while let Some(next) = events.try_next().await? {
    ///     match next.event {
    ///         Some(Ok(event)) => match one.clients().get(&event.client_id).await {
    ///             Ok(client) => phones.extend(client.phone),
    ///             // Deleted meanwhile: the others go on.
    ///             Err(error) if error.kind() == ErrorKind::NotFound => {}
    ///             Err(error) => return Err(error.into()),
    ///         },
    ///         Some(Err(bad)) => println!("event {}: {}", bad.index, bad.error),
    ///         // Nothing but our own writes.
    ///         None => {}
    ///     }
    ///     // To be kept where the next run finds it.
    ///     kept = next.after;
    /// }
    /// assert_eq!(phones, ["600000000"]);
    /// assert_eq!(kept.position().get(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`feed`](Self::feed); the stream ends with one.
    pub fn follow(
        &self,
        start: FeedCursor,
        contexts: &[Context],
    ) -> impl Stream<Item = Result<FollowedEvent<ClientEvent>>> + use<'a> {
        let (client, contexts) = (self.client, contexts.to_vec());
        feed::follow(client, start, move |start_id| {
            GetAccountFeed::<OfClients>::by(client, start_id, &contexts)
        })
    }
}
