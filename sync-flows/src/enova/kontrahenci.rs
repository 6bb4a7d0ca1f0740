//! Contractors that clients of ONe stand for.

use async_trait::async_trait;
use soneta_webapi::{
    Adres, BadRow, Error as ClientError, ErrorKind as ClientErrorKind, KluczKontrahenta, KodOdmowy,
    Kontrahenci, Kontrahent, KontrahentId, ZapisKontrahenta, ZapisKontrahentow,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::matching::{ErpClient, Match, WantedClient, match_client};
use sync_core::{Act, Created, Error, ErrorKind, Reason, Result, Store, Submission, Submitter};

use crate::client_error::{engine_error, judge, refusal};
use crate::flows::clients::{
    ErpContractor, PortalField, bare_number, client_address, country, filled, one_line,
};
use crate::flows::orders::contractor_link;
use crate::one::linked::Linked;

/// Finds the contractor of a client in the ERP, or creates it, and brings the client's changes to it.
///
/// A contractor is looked for by the link, by the id that ONe was told, and by tax number; merged ones stand for what they were
/// merged into. What is doubtful is held; released, it is created. Of a contractor that is there, only what the portal owns is
/// written, and only where it differs: by its Guid and the version that was read, so that somebody's change in between is not
/// overwritten.
#[derive(Debug, Clone)]
pub struct ContractorSubmitter {
    kontrahenci: Arc<dyn Kontrahenci>,
    zapis: Arc<dyn ZapisKontrahentow>,
    linked: Linked,
    portal_owned: BTreeSet<PortalField>,
}

/// What the search came to.
enum Found {
    Contractor(Box<Kontrahent>),
    Doubt(Reason),
    Nobody,
}

impl ContractorSubmitter {
    /// Through these ports; the store tells the links. The portal owns telephone and e-mail.
    #[must_use]
    pub fn new(
        kontrahenci: Arc<dyn Kontrahenci>,
        zapis: Arc<dyn ZapisKontrahentow>,
        store: Arc<dyn Store>,
    ) -> Self {
        let portal_owned = [PortalField::Phone, PortalField::Email].into();
        Self { kontrahenci, zapis, linked: Linked::new(store), portal_owned }
    }

    /// The portal owns these fields, and no others: the same as in the flow of
    /// [changes to ONe](crate::flows::clients::changes_to_one).
    #[must_use]
    pub fn portal_owns(mut self, fields: impl IntoIterator<Item = PortalField>) -> Self {
        self.portal_owned = fields.into_iter().collect();
        self
    }

    async fn by_key(&self, klucz: KluczKontrahenta) -> Result<Vec<Kontrahent>> {
        let rows = self.kontrahenci.get_kontrahenci(&klucz).await;
        let rows = rows.map_err(|error| engine_error("the contractor was not looked up", error))?;
        let readable: std::result::Result<Vec<Kontrahent>, BadRow> = rows.into_iter().collect();
        readable.map_err(|row| engine_error("a contractor that may be it cannot be read", row.error))
    }

    /// The contractor that stands for this one now.
    async fn now(&self, id: KontrahentId) -> std::result::Result<Kontrahent, ClientError> {
        self.kontrahenci.resolve_kontrahent(id).await
    }

    async fn find(&self, wanted: &ErpContractor) -> Result<Found> {
        let mut rows = Vec::new();
        if let Some(external_id) = &wanted.external_id {
            if let Ok(id) = external_id.parse::<i32>() {
                rows.extend(self.by_key(KluczKontrahenta::Id(KontrahentId(id))).await?);
            }
            rows.extend(self.by_key(KluczKontrahenta::Kod(external_id.clone())).await?);
        }
        if let Some(number) = &wanted.tax_number {
            rows.extend(self.by_key(KluczKontrahenta::Nip(number.clone())).await?);
        }
        let mut candidates: BTreeMap<String, (ErpClient, Kontrahent)> = BTreeMap::new();
        // clients of contractors that were merged into these, which will follow
        let mut following: BTreeMap<String, String> = BTreeMap::new();
        for row in rows {
            let (id, kod) = (row.id.to_string(), row.kod.clone());
            let now = match row.zastapiony_przez_id {
                None => row,
                Some(_) => self
                    .now(row.id)
                    .await
                    .map_err(|error| engine_error("what a contractor was merged into was not read", error))?,
            };
            if let Some(client) = self.linked.client_of(&id).await?.filter(|_| now.id.to_string() != id) {
                following.insert(now.id.to_string(), format!("client {client} through contractor {id}"));
            }
            let (known, _) = candidates.entry(now.id.to_string()).or_insert_with(|| (erp_client(&now), now));
            // what ONe was told of the merged one speaks for the one that stands for it
            if wanted.external_id.as_ref() == Some(&id) {
                known.reference = Some(id);
            } else if wanted.external_id.as_ref() == Some(&kod) {
                known.code = Some(kod);
            }
        }
        let doubt = |detail: String| Found::Doubt(Reason::new("doubtful-contractor").with_detail(detail));
        if let Some(external_id) = &wanted.external_id {
            let by_id = candidates.values().find(|(known, _)| known.reference.as_ref() == Some(external_id));
            let by_kod = candidates.values().find(|(known, _)| known.code.as_ref() == Some(external_id));
            if let (Some((_, one)), Some((_, other))) = (by_id, by_kod)
                && one.id != other.id
            {
                let (one, other) = (one.id, other.id);
                return Ok(doubt(format!(
                    "the client's external id is the id of contractor {one} and the Kod of contractor {other}"
                )));
            }
        }
        let known: Vec<ErpClient> = candidates.values().map(|(known, _)| known.clone()).collect();
        let mut searched = WantedClient::new();
        searched.reference.clone_from(&wanted.external_id);
        searched.code.clone_from(&wanted.external_id);
        searched.tax_number.clone_from(&wanted.tax_number);
        searched.country = wanted.zapis.adres.as_ref().and_then(|adres| country(adres.kod_kraju.as_deref()));
        match match_client(&searched, &known) {
            Match::Is { id, .. } => {
                let Some((_, found)) = candidates.remove(&id) else { return Ok(Found::Nobody) };
                if is_another(wanted, &found) {
                    return Ok(doubt(format!("contractor {id} has the client's id and another tax number")));
                }
                let client = self.linked.client_of(&id).await?.map(|client| format!("client {client}"));
                match client.or_else(|| following.remove(&id)) {
                    Some(other) => Ok(doubt(format!("contractor {id} stands for {other} already"))),
                    None => Ok(Found::Contractor(Box::new(found))),
                }
            }
            Match::Doubtful { why, candidates, .. } => {
                let ids: Vec<String> = candidates.into_keys().collect();
                Ok(doubt(format!("{why:?}: contractors {}", ids.join(", "))))
            }
            _ => Ok(Found::Nobody),
        }
    }

    /// What the portal owns of it and has otherwise; `None` if the contractor has everything.
    fn change(&self, wanted: &ErpContractor, now: &Kontrahent) -> Option<ZapisKontrahenta> {
        let asked = &wanted.zapis;
        let adres = now.adres.clone().unwrap_or_default();
        let differs = |asked: &Option<String>, now: Option<&str>| {
            asked
                .clone()
                .filter(|asked| filled(now).map(|now| one_line(&now)).as_deref() != Some(asked.as_str()))
        };
        let owns = |field| self.portal_owned.contains(&field);
        let nazwa = differs(&asked.nazwa, Some(&now.nazwa)).filter(|_| owns(PortalField::Name));
        let telefon = differs(&asked.telefon, adres.telefon.as_deref()).filter(|_| owns(PortalField::Phone));
        let email = differs(&asked.email, adres.email.as_deref()).filter(|_| owns(PortalField::Email));
        // compared in ONe's words, which have street and numbers in one
        let told = |adres: &Adres| client_address("", adres);
        let seat =
            asked.adres.clone().filter(|asked| owns(PortalField::Address) && told(asked) != told(&adres));
        if nazwa.is_none() && telefon.is_none() && email.is_none() && seat.is_none() {
            return None;
        }
        let change = ZapisKontrahenta::builder()
            .guid(now.guid.unwrap_or_default())
            .maybe_wersja(now.wersja)
            .maybe_nazwa(nazwa)
            .maybe_telefon(telefon)
            .maybe_email(email)
            .maybe_adres(seat);
        Some(change.build())
    }

    async fn bring(&self, wanted: &ErpContractor, now: &Kontrahent, done: Created) -> Submission {
        let Some(change) = self.change(wanted, now) else { return Submission::Done(done) };
        if now.guid.is_none() {
            let detail = "the contract does not tell the contractor's Guid, by which it is written";
            return Submission::Refused(Reason::new("no-guid").with_detail(detail));
        }
        match self.zapis.save_kontrahent(&change).await {
            Ok(_) => Submission::Done(done),
            // it is read again and compared anew
            Err(error) if KodOdmowy::of(&error) == Some(KodOdmowy::Konflikt) => {
                Submission::NotSent(engine_error("the contractor was changed meanwhile", error))
            }
            Err(error) => judge(
                error,
                "nobody knows whether the contractor was changed",
                "the contractor was not changed",
            ),
        }
    }

    /// The contractor that the act is about, if one is known: of an edit the document's, else the linked one.
    async fn known(&self, act: &Act, wanted: &ErpContractor) -> Result<Option<KontrahentId>> {
        match &act.document_id {
            Some(id) if act.version > 0 => {
                let id = id
                    .as_str()
                    .parse()
                    .map_err(|_| Error::invalid("the document's id is no contractor's"))?;
                Ok(Some(KontrahentId(id)))
            }
            _ => self.linked.contractor_of(&wanted.client).await,
        }
    }

    /// That the act is about this contractor. A client that is linked keeps its link: it may have followed a merger since.
    async fn made(&self, wanted: &ErpContractor, id: KontrahentId) -> Result<Created> {
        Ok(match self.linked.contractor_of(&wanted.client).await? {
            Some(_) => Created::new(id.to_string()),
            None => created(wanted, id),
        })
    }
}

fn erp_client(row: &Kontrahent) -> ErpClient {
    let mut known = ErpClient::new(row.id.to_string()).reference(row.id.to_string()).code(&row.kod);
    known.tax_number = filled(row.nip.as_deref()).or_else(|| filled(row.eu_vat.as_deref()));
    let adres = row.adres.as_ref();
    known.country = adres.and_then(|adres| country(adres.kod_kraju.as_deref()));
    known.email = adres.and_then(|adres| filled(adres.email.as_deref()));
    known
}

/// Both have a tax number, and not the same.
fn is_another(wanted: &ErpContractor, now: &Kontrahent) -> bool {
    match (&wanted.tax_number, filled(now.nip.as_deref())) {
        (Some(ours), Some(theirs)) => bare_number(ours) != bare_number(&theirs),
        _ => false,
    }
}

fn created(wanted: &ErpContractor, id: KontrahentId) -> Created {
    Created::new(id.to_string()).with_link(contractor_link(&wanted.client, id))
}

#[async_trait]
impl Submitter for ContractorSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let wanted: ErpContractor = match act.payload.decode() {
            Ok(wanted) => wanted,
            Err(error) => return Submission::NotSent(error),
        };
        match self.known(act, &wanted).await {
            Ok(None) => {}
            Ok(Some(id)) => {
                let done = match self.made(&wanted, id).await {
                    Ok(done) => done,
                    Err(error) => return Submission::NotSent(error),
                };
                return match self.now(id).await {
                    Ok(now) => self.bring(&wanted, &now, done).await,
                    Err(error) if error.kind() == ClientErrorKind::NotFound => {
                        Submission::Refused(refusal(&error))
                    }
                    Err(error) => Submission::NotSent(engine_error("the contractor was not read", error)),
                };
            }
            Err(error) => return Submission::NotSent(error),
        }
        match self.find(&wanted).await {
            Ok(Found::Contractor(now)) => {
                let done = created(&wanted, now.id).with_number(now.kod.clone());
                let done = done.with_remark("the contractor was in the ERP already");
                return self.bring(&wanted, &now, done).await;
            }
            Ok(Found::Doubt(reason)) if act.released.is_none() => return Submission::Held(reason),
            Ok(_) => {}
            Err(error) => return Submission::NotSent(error),
        }
        match self.zapis.save_kontrahent(&wanted.zapis).await {
            Ok(saved) => {
                let done = created(&wanted, saved.id);
                Submission::Done(match saved.kod {
                    Some(kod) => done.with_number(kod),
                    None => done,
                })
            }
            Err(error) => judge(
                error,
                "nobody knows whether the contractor was created",
                "the contractor was not created",
            ),
        }
    }

    /// A new one is found by its Kod and believed by its Guid. Where the ERP gives the Kod it is not found, and then it is
    /// written again under the same Guid, which makes no second one.
    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let wanted: ErpContractor = act.payload.decode()?;
        if let Some(id) = self.known(act, &wanted).await? {
            let now = self.now(id).await;
            let now = now.map_err(|error| engine_error("the contractor was not read", error))?;
            return match self.change(&wanted, &now) {
                None => self.made(&wanted, id).await.map(Some),
                Some(_) => Ok(None),
            };
        }
        let Some(kod) = wanted.zapis.kod.clone() else { return Ok(None) };
        let found = self.by_key(KluczKontrahenta::Kod(kod)).await?;
        match found.as_slice() {
            [] => Ok(None),
            [one] if one.guid == Some(wanted.zapis.guid) => {
                Ok(Some(created(&wanted, one.id).with_number(one.kod.clone())))
            }
            _ => {
                let message = "another contractor has the new one's Kod; a person has to compare them";
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }
}
