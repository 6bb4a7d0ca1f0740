//! The change queue (AltOne's product DataExchangeTable), one per consumer.
//!
//! The controller's name is misspelt on the wire.

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::Filter;
use super::packet::{Packet, packet, size};
use crate::envelope;
use crate::ids::redacted_debug;
use crate::page::{Continuation, SnapshotQuery, WirePage};
use crate::wire;
use crate::zmiany::{KolejkaZmian, OczekujacaTabela, PotwierdzenieZmiany, StanWiersza, ZmianaWiersza};
use crate::{Client, Result};

/// How many changes one request confirms at most.
const CHANGES_PER_CALL: usize = 500;

fn path(method: &'static str) -> Path {
    Path::new(["api", "DataTableExchchangeWebAPI", method])
}

/// The one place where the code leaves its wrapper.
fn exposed<S: Serializer>(code: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.expose_secret())
}

/// `POST api/DataTableExchchangeWebAPI/GetTablesWaitingForExport`: tables with changes that wait for a consumer.
#[derive(Clone, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetTablesWaitingForExport {
    /// Name of the consumer.
    pub external_system: String,
    /// Its secret.
    #[serde(serialize_with = "exposed")]
    pub security_code: SecretString,
    /// Also changes whose time comes up to this instant (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::instant::option")]
    pub show_future_records: Option<DateTime<Utc>>,
}

redacted_debug!(GetTablesWaitingForExport { external_system });

impl Endpoint for GetTablesWaitingForExport {
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<TabelaZmian>;

    fn path(&self) -> Path {
        path("GetTablesWaitingForExport")
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        struct Beside {}
        let (Beside {}, rows) = envelope::decode_rows(body, "ListTablesRecordsChange")?;
        rows.into_iter().map(|row| row.map_err(|bad| bad.error)).collect()
    }
}

/// A table with changes that wait (`TableDataChange`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TabelaZmian {
    /// Name of the table: `Towary`, `Kontrahenci`, `DokHandlowe`.
    pub source_table: String,
    /// How many changes wait.
    pub to_read_records: i32,
}

/// `POST api/DataTableExchchangeWebAPI/GetRecordsChange`: changes of one table in packets, ordered by their id (*inferred*).
#[derive(Clone, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetRecordsChange {
    /// Id of the change after which to start; 0 = from the beginning.
    #[serde(rename = "LastID")]
    #[builder(default)]
    pub last_id: i32,
    /// How many at most.
    #[builder(default = 200)]
    pub packet_size: i32,
    /// Conditions on fields; which ones is not documented.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub conditions: Vec<Filter>,
    /// Only changes of this day or later.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::parts")]
    pub update_date: Option<NaiveDate>,
    /// The table.
    pub source_table: String,
    /// Name of the consumer.
    pub external_system: String,
    /// Its secret.
    #[serde(serialize_with = "exposed")]
    pub security_code: SecretString,
    /// Also changes whose time comes up to this instant (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::instant::option")]
    pub show_future_records: Option<DateTime<Utc>>,
    /// Only changes of this row.
    #[serde(rename = "SourceID", skip_serializing_if = "Option::is_none")]
    pub source_id: Option<i32>,
    /// Whether to leave out changes that were confirmed as failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hide_errors: Option<bool>,
    /// Whether to tell who changed the row, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended: Option<bool>,
}

redacted_debug!(GetRecordsChange { external_system, source_table, last_id });

impl Endpoint for GetRecordsChange {
    const EFFECT: Effect = Effect::Read;
    type Response = Packet<RekordZmiany>;

    fn path(&self) -> Path {
        path("GetRecordsChange")
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Packet::decode(body)
    }
}

/// A change of a row (`RecordChange`).
#[doc(alias = "change record")]
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RekordZmiany {
    /// Id of the change: what is confirmed.
    #[serde(rename = "ID_RecordChange")]
    pub id: i32,
    /// Id of the row.
    #[serde(rename = "ID_Source")]
    pub source_id: i32,
    /// What happened to it.
    pub source_state: StanWiersza,
    /// Whether an earlier attempt was confirmed as failed.
    pub error: Option<bool>,
    /// Why it was.
    pub description: Option<String>,
    /// Who and when, where asked for.
    pub extended: Option<SzczegolyZmiany>,
}

redacted_debug!(RekordZmiany { id, source_id, source_state });

/// Who changed a row, and when (`RecordChangeExt`).
#[doc(alias = "change details")]
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SzczegolyZmiany {
    /// When the change was put into the queue; without an offset it cannot be read, and the row is a bad one.
    #[serde(default, with = "wire::instant::option")]
    pub creation_time: Option<DateTime<Utc>>,
    /// When it is to be told.
    #[serde(default, with = "wire::instant::option")]
    pub term_to_export: Option<DateTime<Utc>>,
    /// Who changed it.
    pub operator: Option<String>,
    /// Notes.
    pub memo: Option<String>,
}

redacted_debug!(SzczegolyZmiany {});

/// `POST api/DataTableExchchangeWebAPI/UpdateRecordsChangeStatus`: what became of changes. A second delivery says the same.
#[derive(Clone, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UpdateRecordsChangeStatus {
    /// Name of the consumer.
    pub external_system: String,
    /// Its secret.
    #[serde(serialize_with = "exposed")]
    pub security_code: SecretString,
    /// What became of which change.
    pub list_confirm_data_change_update: Vec<StatusZmiany>,
}

redacted_debug!(UpdateRecordsChangeStatus { external_system, list_confirm_data_change_update });

/// What became of a change (`ConfirmRecordChange`).
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StatusZmiany {
    /// Id of the change.
    #[serde(rename = "ID_RecordChange")]
    pub id: i32,
    /// Whether it is done with.
    pub success: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub information: Option<String>,
}

redacted_debug!(StatusZmiany { id, success });

impl From<&PotwierdzenieZmiany> for StatusZmiany {
    fn from(said: &PotwierdzenieZmiany) -> Self {
        Self { id: said.id, success: said.sukces, information: said.informacja.clone() }
    }
}

impl Endpoint for UpdateRecordsChangeStatus {
    const EFFECT: Effect = Effect::Idempotent;
    type Response = WynikPotwierdzenia;

    fn path(&self) -> Path {
        path("UpdateRecordsChangeStatus")
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// What the server says of confirmations (`UpdateRecordsChangeStatusResult`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WynikPotwierdzenia {
    /// An id; of what is not documented.
    #[serde(rename = "ID")]
    pub id: Option<i32>,
    /// A Kod; of what is not documented.
    pub kod: Option<String>,
    /// Name of the consumer.
    pub external_system: Option<String>,
    /// Whether nothing was written; since 2606.
    pub test_mode: Option<bool>,
}

/// The change queue of one consumer, with the name and the secret that the partner issued for it.
///
/// Changes that were confirmed as failed are listed again in every round, with `bledna`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).change_consumer("SHOP", "secret of the consumer");
/// # let simulator = simulator.start().await?;
/// # let (url, token) = (simulator.url().clone(), simulator.application_token());
/// # let client = soneta_webapi::Client::builder(url, token).build()?;
/// use soneta_webapi::altone::AltOneZmiany;
/// use soneta_webapi::{KolejkaZmian, PotwierdzenieZmiany, SnapshotQuery};
///
/// let queue = AltOneZmiany::builder()
///     .client(client.clone())
///     .external_system("SHOP")
///     .security_code("secret of the consumer".into())
///     .build();
/// simulator.set_ticked("PK", false)?; // Somebody changes a good in the ERP.
/// # assert_eq!(queue.list_tabele().await?[0].ile, 1);
/// for table in queue.list_tabele().await? {
///     let page = queue.list_zmiany(&table.tabela, &SnapshotQuery::default()).await?;
///     for change in page.rows.into_iter().flatten() {
///         println!("{} {}: {:?}", table.tabela, change.wiersz_id, change.stan);
///         // Read the row with its own call, keep it, and only then confirm.
///         queue.confirm_zmiany(&[PotwierdzenieZmiany::builder().id(change.id).sukces(true).build()]).await?;
///     }
/// }
/// assert!(queue.list_tabele().await?.iter().all(|table| table.ile == 0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct AltOneZmiany {
    client: Client,
    /// Name of the consumer.
    external_system: String,
    /// Its secret.
    security_code: SecretString,
}

redacted_debug!(AltOneZmiany { external_system });

#[async_trait]
impl KolejkaZmian for AltOneZmiany {
    async fn list_tabele(&self) -> Result<Vec<OczekujacaTabela>> {
        let question = GetTablesWaitingForExport::builder()
            .external_system(&self.external_system)
            .security_code(self.security_code.clone())
            .build();
        let tables = self.client.send(&question).await?.into_iter();
        Ok(tables
            .map(|table| OczekujacaTabela { tabela: table.source_table, ile: table.to_read_records.into() })
            .collect())
    }

    async fn list_zmiany(&self, tabela: &str, query: &SnapshotQuery) -> Result<WirePage<ZmianaWiersza>> {
        let list = format!("altone/zmiany/{tabela}");
        let last_id = query.after.as_ref().map_or(Ok(0), |after| after.after_id(&list))?;
        let question = GetRecordsChange::builder()
            .last_id(last_id)
            .packet_size(size(query.limit))
            .source_table(tabela)
            .external_system(&self.external_system)
            .security_code(self.security_code.clone())
            .build();
        let packet = packet(&self.client, &question, last_id).await?;
        let next = (!packet.all_rows).then(|| Continuation::new(&list, packet.last_id));
        let zmiana = |change: RekordZmiany| ZmianaWiersza {
            id: change.id,
            wiersz_id: change.source_id,
            stan: change.source_state,
            bledna: change.error.unwrap_or_default(),
        };
        let rows = packet.data.into_iter().map(|row| row.map(zmiana)).collect();
        Ok(WirePage::new(rows, next).at_end(packet.all_rows))
    }

    async fn confirm_zmiany(&self, potwierdzenia: &[PotwierdzenieZmiany]) -> Result<()> {
        for some in potwierdzenia.chunks(CHANGES_PER_CALL) {
            let told = UpdateRecordsChangeStatus::builder()
                .external_system(&self.external_system)
                .security_code(self.security_code.clone())
                .list_confirm_data_change_update(some.iter().map(StatusZmiany::from).collect())
                .build();
            self.client.send(&told).await?;
        }
        Ok(())
    }
}
