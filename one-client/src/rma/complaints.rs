//! Complaints about goods that were invoiced.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{ClientId, ComplaintId, Sku, UserId};
use crate::paging::{self, Keyed, Listing, Row, RowOffset};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Page, Path, Result, decode_json};
use chrono::NaiveDateTime;
use futures::Stream;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A complaint (*example only*, whole). It names a person: `Debug` shows ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct Complaint {
    /// Its id.
    #[serde(deserialize_with = "wire::text::required")]
    pub id: ComplaintId,
    /// When it was made; in which time zone is not documented.
    #[serde(default, with = "wire::date::time", skip_serializing_if = "Option::is_none")]
    pub create_date: Option<NaiveDateTime>,
    /// The user who made it.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The client the user belongs to.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Its number for people: `103/2022/04/04`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Whom to answer.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to answer.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where to call.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The invoice the goods stand on.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// What is wrong.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What else was written.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The goods.
    #[serde(default, deserialize_with = "wire::list")]
    pub items: Vec<ComplaintItem>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(Complaint { id, client_id });

impl Keyed for Complaint {
    const KEY: &'static str = "id";
}

/// One good of a complaint (*example only*). `Debug` shows place and good alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct ComplaintItem {
    /// Its place on the invoice.
    #[serde(default, deserialize_with = "wire::text::parsed", skip_serializing_if = "Option::is_none")]
    pub position_on_invoice: Option<u32>,
    /// The good.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub product_sku: Option<Sku>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// How much was invoiced.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity_on_invoice: Option<Decimal>,
    /// How much is complained of (*inferred*: a mistranslation of the vendor's).
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub advertised_quantity: Option<Decimal>,
    /// The unit of both: `szt`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(ComplaintItem { position_on_invoice, product_sku });

keeps_extra!(Complaint, ComplaintItem);

/// `GET /api/v1/rma/integrations/auth-required/complaint/{complaintId}`: one complaint.
///
/// *Example only*, with a whole answer. One complaint is under `complaint`, the list under `complaints`.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetComplaint {
    /// Which.
    #[builder(into)]
    pub complaint_id: ComplaintId,
}

impl Endpoint for GetComplaint {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Complaint;

    fn path(&self) -> Path {
        service("rma").segment("complaint").id(&self.complaint_id)
    }

    fn decode(&self, body: &[u8]) -> Result<Complaint> {
        decode_json(body)
    }
}

impl Evidenced for GetComplaint {
    const PATH: &'static str = "rma/…/complaint/{complaintId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly).answer(Evidence::ExampleOnly);
}

/// `GET /api/v1/rma/integrations/auth-required/complaints`: complaints, of one client or of all.
///
/// Method, path and query *documented* (see [`Listing`](crate::Listing)); the answer is cut, and that its rows are like the one complaint is
/// *inferred*.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetComplaints {
    /// `clientId`: only this client's.
    #[builder(into)]
    pub client_id: Option<ClientId>,
    /// `offset`: how many to leave out (*inferred*).
    #[builder(default)]
    pub offset: RowOffset,
    /// `rows`: how many at most. The maximum is unknown.
    #[builder(default = 100)]
    pub rows: u32,
}

impl Endpoint for GetComplaints {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<Complaint, RowOffset>;

    fn path(&self) -> Path {
        service("rma").segment("complaints")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let client = self.client_id.iter().map(|client| ("clientId", client.as_str().to_owned()));
        let page = [("offset", self.offset.get().to_string()), ("rows", self.rows.max(1).to_string())];
        client.chain(page).collect()
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::offset(self.offset, body)
    }
}

impl Evidenced for GetComplaints {
    const PATH: &'static str = "rma/…/complaints";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Inferred);
}

handle! {
    /// The calls about complaints: `client.complaints()`.
    Complaints
}

impl<'a> Complaints<'a> {
    /// Complaints of all clients, page by page and only when asked, after the first `from`.
    ///
    /// How far the wire is known: [`GetComplaints`].
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use one_client::RowOffset;
    /// use one_client::simulator::Simulator;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().start().await?;
    /// let one = simulator.client_builder().build()?;
    /// let complaint = r#"{"id": "1", "items": [{"productSku": "ŚRUBA-M8", "advertisedQuantity": 2}]}"#;
    /// simulator.put_record("complaints", "1", complaint)?;
    ///
    /// let list = one.complaints().list(RowOffset::FIRST, 100);
    /// let mut list = std::pin::pin!(list);
    /// while let Some(page) = list.try_next().await? {
    ///     for row in page.items {
    ///         match row {
    ///             Ok(complaint) => assert_eq!(complaint.items[0].advertised_quantity, Some(2.into())),
    ///             Err(bad) => println!("{bad}: {}", bad.error),
    ///         }
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: RowOffset,
        rows: u32,
    ) -> impl Stream<Item = Result<Page<Row<Complaint>, RowOffset>>> + 'a {
        paging::list(self.client, from, move |offset| {
            GetComplaints::builder().offset(offset).rows(rows).build()
        })
    }

    /// The same of one client.
    ///
    /// How far the wire is known: [`GetComplaints`].
    ///
    /// # Errors
    ///
    /// Those of [`list`](Self::list).
    pub fn list_of_client(
        &self,
        client_id: &ClientId,
        from: RowOffset,
        rows: u32,
    ) -> impl Stream<Item = Result<Page<Row<Complaint>, RowOffset>>> + 'a {
        let client_id = client_id.clone();
        paging::list(self.client, from, move |offset| {
            GetComplaints::builder().client_id(client_id.clone()).offset(offset).rows(rows).build()
        })
    }

    /// One complaint.
    ///
    /// How far the wire is known: [`GetComplaint`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `NotFound` is about this complaint alone (*inferred*).
    pub async fn get(&self, id: &ComplaintId) -> Result<Complaint> {
        self.client.send(&GetComplaint::builder().complaint_id(id.clone()).build()).await
    }
}
