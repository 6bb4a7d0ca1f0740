//! Clients of ONe to the ERP (O5).

use one_client::account::{AccountType, ClientRecord};
use serde::{Deserialize, Serialize};
use soneta_webapi::{Area, ZapisKontrahenta};
use std::fmt;
use sync_core::guard::nip::TaxNumber;
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, NewAct, OpKey, Reason, Source, act_guid};

use super::{adres, country, filled, one_line};
use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::flows::orders::bare_organization;
use crate::setup::Setup;

/// New and changed clients of ONe to the ERP.
pub const CLIENTS_TO_ENOVA: Entry = Entry {
    id: "clients-to-enova",
    rows: &["O5"],
    what: "clients that came into being in ONe, and changes of what the portal owns",
    from: System::One,
    to: System::Enova,
    lane: Lane::Acts,
    class: Class::Regular,
    ticks: Ticks::every(2 * 60),
    stage: Some(Stage::I),
    needs: &[Area::Contractors, Area::ContractorWrites],
    after: &[],
    guarantee: "one contractor for each client: found by evidence, else created once; doubt is held for a person; nothing but what the portal owns is changed",
};

/// Kind of the acts that create a contractor of the ERP for a client of ONe, or find it.
pub const NEW_CONTRACTOR_ACT: &str = "new-contractor";

/// Kind of the acts that bring a client's changes to its contractor.
pub const CONTRACTOR_CHANGE_ACT: &str = "contractor-change";

/// The name of the act that creates the contractor of this organisation of ONe, told with or without the prefix `org:`:
/// for ever the same, so that it happens once.
#[must_use]
pub fn new_contractor_op_key(tenant: &str, organization: &str) -> OpKey {
    OpKey::from(format!("new-contractor:{tenant}:{}", bare_organization(organization)))
}

/// The flow [`CLIENTS_TO_ENOVA`] from a [`ClientSource`](crate::one::ClientSource); a dispatcher of [`NEW_CONTRACTOR_ACT`] and
/// [`CONTRACTOR_CHANGE_ACT`] with a [`ContractorSubmitter`](crate::enova::ContractorSubmitter) carries its acts out.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to_enova<S, M>(setup: &Setup, source: S, mapper: M) -> sync_core::Result<Flow>
where
    S: Source<Record = ClientRecord> + 'static,
    M: Mapper<ClientRecord, Out = ErpContractor> + 'static,
{
    let mapper = ContractorActs { mapper, tenant: setup.tenant.clone() };
    setup.flow_to_outbox(CLIENTS_TO_ENOVA.id, source, mapper)
}

/// Settings of how a contractor is made of a client.
#[derive(Debug, Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct ContractorSettings {
    /// What the Kod of a new contractor begins with; eight signs of its Guid follow. By the Kod it is found again after a lost
    /// answer. Empty: the ERP gives the Kod itself.
    #[builder(default = "ONE-".to_owned())]
    pub kod_prefix: String,
    /// Currency of a new contractor's documents; none: the ERP's own choice.
    pub waluta: Option<String>,
    /// Payment method of a new contractor; none: the ERP's own choice.
    pub forma_platnosci: Option<String>,
}

impl Default for ContractorSettings {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// A client of ONe as the ERP is to have it. `Debug` shows ids only.
///
/// In a payload it is stored as JSON: fields are added with a default, never renamed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErpContractor {
    /// ONe's client, with its prefix.
    pub client: String,
    /// The ERP's id of it, as ONe was told: a contractor's id or Kod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The tax number as the client has it: what contractors are compared by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<String>,
    /// The contractor if it is new. Of one that is there, only what the portal owns is written.
    pub zapis: ZapisKontrahenta,
}

impl fmt::Debug for ErpContractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErpContractor").field("client", &self.client).finish_non_exhaustive()
    }
}

/// From a client to its contractor. Suppliers are left out.
#[derive(Debug, Clone)]
pub struct NewContractorMapper {
    settings: ContractorSettings,
    tenant: String,
}

impl NewContractorMapper {
    /// Maps by these settings. The tenant's name is part of every new contractor's Guid, so it never changes.
    #[must_use]
    pub fn new(settings: ContractorSettings, tenant: impl Into<String>) -> Self {
        Self { settings, tenant: tenant.into() }
    }
}

impl Mapper<ClientRecord> for NewContractorMapper {
    type Out = ErpContractor;

    fn map(&self, key: &Key, client: ClientRecord, _links: &Links) -> Result<Mapped<ErpContractor>, Reason> {
        if client.account_type == Some(AccountType::Supplier) {
            return Ok(Mapped::LeaveOut(Reason::new("supplier")));
        }
        let Some(name) = filled(client.name.as_deref()).map(|name| one_line(&name)) else {
            return Err(Reason::new("no-name"));
        };
        let guid = act_guid(&new_contractor_op_key(&self.tenant, key.as_str()));
        let address = client.address.as_ref();
        let country = address.and_then(|address| country(address.country.as_deref()));
        let tin = filled(client.tin.as_deref());
        let (nip, eu_vat) = match tin.as_deref().map(|tin| TaxNumber::parse(tin, country.as_deref())) {
            Some(Ok(TaxNumber::Nip(nip))) => (Some(nip.as_str().to_owned()), None),
            Some(Ok(TaxNumber::EuVat(vat))) => (None, Some(format!("{}{}", vat.country(), vat.number()))),
            // whoever releases the act has seen it
            _ => (tin.clone(), None),
        };
        let kod = guid.simple().to_string().chars().take(8).collect::<String>().to_uppercase();
        let prefix = &self.settings.kod_prefix;
        let zapis = ZapisKontrahenta::builder()
            .guid(guid)
            .maybe_kod((!prefix.is_empty()).then(|| format!("{prefix}{kod}")))
            .nazwa(name)
            .maybe_nip(nip)
            .maybe_rodzaj_vat(eu_vat.is_some().then(|| "Unijny".to_owned()))
            .maybe_eu_vat(eu_vat)
            .maybe_waluta(self.settings.waluta.clone())
            .maybe_adres(address.map(adres).filter(|adres| *adres != soneta_webapi::Adres::default()))
            .maybe_email(client.admin.as_ref().and_then(|admin| filled(admin.email.as_deref())))
            .maybe_telefon(filled(client.phone.as_deref()))
            .maybe_forma_platnosci(self.settings.forma_platnosci.clone());
        Ok(Mapped::Send(ErpContractor {
            client: key.as_str().to_owned(),
            external_id: filled(client.external_id.as_deref()),
            tax_number: tin,
            zapis: zapis.build(),
        }))
    }
}

/// One act of each client, and one of each change.
#[derive(Debug)]
struct ContractorActs<M> {
    mapper: M,
    tenant: String,
}

impl<M: Mapper<ClientRecord, Out = ErpContractor>> Mapper<ClientRecord> for ContractorActs<M> {
    type Out = NewAct;

    fn version(&self) -> u32 {
        self.mapper.version()
    }

    fn links_needed(&self, client: &ClientRecord) -> Vec<sync_core::LinkRef> {
        self.mapper.links_needed(client)
    }

    fn map(&self, key: &Key, client: ClientRecord, links: &Links) -> Result<Mapped<NewAct>, Reason> {
        self.mapper.map(key, client, links)?.try_map(|contractor| {
            let op_key = new_contractor_op_key(&self.tenant, &contractor.client);
            let order_key = op_key.as_str().to_owned();
            // that ONe learns the ERP's id is no change of the client
            NewAct::new(op_key, order_key, NEW_CONTRACTOR_ACT, &contractor, &contractor.zapis)
                .map(|act| act.with_edits(CONTRACTOR_CHANGE_ACT))
                .map_err(Reason::from)
        })
    }
}
