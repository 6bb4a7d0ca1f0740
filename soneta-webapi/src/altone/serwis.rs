//! What the server says of itself: versions, documentation, services.

use api_transport::{Effect, Endpoint, Path};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::envelope::{self, Rows};
use crate::ids::redacted_debug;

/// `POST api/OperationFunctionsWebAPI/GetWebServiceInfo`: versions, database and the operator of the session.
#[doc(alias = "diagnostics")]
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct GetWebServiceInfo {}

impl Endpoint for GetWebServiceInfo {
    const EFFECT: Effect = Effect::Read;
    /// `None` where the answer holds none.
    type Response = Option<WebServiceInfo>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetWebServiceInfo"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "WebServiceInfoDTO")]
            info: Option<WebServiceInfo>,
        }
        envelope::decode(body).map(|answer: Answer| answer.info)
    }
}

/// What the add-on says of itself (`WebServiceInfoDTO`). Times are kept as text: this is for people to read.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WebServiceInfo {
    /// The server's day.
    pub biezaca_data: Option<String>,
    /// Name of the add-on's library.
    pub assembly_title: Option<String>,
    /// Its trade mark.
    pub assembly_trendmark: Option<String>,
    /// Its version.
    #[serde(rename = "WersjaBibliotekiWS")]
    pub wersja_biblioteki_ws: Option<String>,
    /// Version of enova365.
    pub wersja_enova: Option<String>,
    /// The database server.
    #[serde(rename = "SerwerSQL")]
    pub serwer_sql: Option<String>,
    /// Name of the database in enova365.
    pub nazwa_bazy_enova: Option<String>,
    /// Name of the database on its server.
    #[serde(rename = "NazwaBazySQL")]
    pub nazwa_bazy_sql: Option<String>,
    /// Description of the database.
    pub opis_bazy: Option<String>,
    /// State of the database.
    pub stan_bazy: Option<String>,
    /// Version of the server.
    pub server_version: Option<String>,
    /// Whose it is.
    pub copyright: Option<String>,
    /// Whether the session is logged in.
    pub login_success: Option<bool>,
    /// The operator of the session.
    pub zalogowany_operator: Option<String>,
    /// What went wrong.
    pub information_error: Option<String>,
    /// When its configuration was read last.
    pub refresh_config: Option<String>,
}

redacted_debug!(WebServiceInfo { wersja_enova, wersja_biblioteki_ws });

/// `POST api/OperationFunctionsWebAPI/GetDocumentation`: the documentation of the installed services.
#[doc(alias = "documentation")]
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetDocumentation {
    /// Name of the service; absent = all (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ_uslugi: Option<String>,
    /// Version of the documentation.
    #[builder(default)]
    pub wersja: i32,
    /// Whether JSON schemas are wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_json: Option<bool>,
    /// Whether the schemas are for writing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dla_zapisu: Option<bool>,
    /// Whether the dynamic API is described.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamic_api: Option<bool>,
}

impl Endpoint for GetDocumentation {
    const EFFECT: Effect = Effect::Read;
    /// `None` where the answer holds none.
    type Response = Option<Documentation>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetDocumentation"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "DocumentationDTO")]
            documentation: Option<Documentation>,
        }
        envelope::decode(body).map(|answer: Answer| answer.documentation)
    }
}

/// Documentation (`DocumentationDTO`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Documentation {
    /// Its version.
    pub version: Option<String>,
    /// The text.
    pub html: Option<String>,
}

/// `POST api/OperationFunctionsWebAPI/GetServicesToControllersMap`: which controller of the dynamic API belongs to which service.
#[doc(alias = "services")]
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct GetServicesToControllersMap {}

impl Endpoint for GetServicesToControllersMap {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<ServiceToController>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetServicesToControllersMap"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        struct Beside {}
        envelope::decode_rows::<Beside, _>(body, "Data").map(|(_, rows)| rows)
    }
}

/// A service and its controller (`ServiceToControllerMapDTO`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ServiceToController {
    /// Name of the service.
    pub service: Option<String>,
    /// Name of the controller.
    pub controller: Option<String>,
}
