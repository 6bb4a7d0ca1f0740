//! Edits and cancellations of a document that was made.

use rust_decimal::Decimal;
use soneta_webapi::{
    AnulowanieZamowienia, DokumentId, KluczZamowienia, KodOdmowy, KontrahentId, NoweZamowienie,
    PozycjaRealizacji, PozycjaZamowienia, StanDokumentu, TowarId, Zamowienie, ZmianaZamowienia,
    ZmianyZamowien,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::{Act, ActFilter, ActState, Created, Error, ErrorKind, Reason, Result, Store, Submission};

use super::{ClientError, OrderSubmitter, judge, line_links, numbered};
use crate::client_error::engine_error;
use crate::flows::orders::OrderRequest;

/// The port, and where the earlier versions of a document are.
#[derive(Debug, Clone)]
pub(super) struct Changes {
    pub(super) port: Arc<dyn ZmianyZamowien>,
    pub(super) store: Arc<dyn Store>,
}

impl OrderSubmitter {
    /// Changes the document to what the request says. It names the version that it has just read, so it never overwrites what
    /// it has not seen.
    pub(super) async fn edit(&self, act: &Act) -> std::result::Result<Created, Submission> {
        let changes = self.changes()?;
        let mut request: OrderRequest = act.payload.decode().map_err(Submission::NotSent)?;
        let named = client_of(act, &request).map_err(Submission::NotSent)?;
        let now = self.followed(named).await.map_err(Submission::NotSent)?;
        let found = changes.document(act).await?;
        let own = found.kontrahent_id.filter(|own| *own != named && *own != now.id);
        // one that was merged into this one is this one
        if let Some(own) = own
            && self.followed(own).await.map_err(Submission::NotSent)?.id != now.id
        {
            let detail = "another client's order is another order; it is placed anew, and this one cancelled";
            return Err(Submission::Refused(Reason::new("other-client").with_detail(detail)));
        }
        now.enter(&mut request.order);
        let mut remarks =
            self.checks.run(&request.order, &request.cost_lines, &reserved(&found)).await?.decide(act)?;
        let earlier = changes.earlier(act).await.map_err(Submission::NotSent)?;
        remarks.extend(earlier.before().iter().flat_map(|before| stays(&before.order, &request.order)));
        let zmiana = edit_of(found.id, version(&found)?, &request.order);
        match changes.port.update_zamowienie(&zmiana).await {
            Ok(changed) => Ok(remarked(edited(&request, &earlier, &changed), remarks)),
            Err(error) => Err(judge_change(error)),
        }
    }

    /// Cancels the document, unless it is cancelled.
    pub(super) async fn cancel(&self, act: &Act) -> std::result::Result<Created, Submission> {
        let changes = self.changes()?;
        let found = changes.document(act).await?;
        if found.stan == StanDokumentu::Anulowany {
            return Ok(told(&found));
        }
        let anulowanie = AnulowanieZamowienia::builder().id(found.id).wersja(version(&found)?).build();
        match changes.port.cancel_zamowienie(&anulowanie).await {
            Ok(cancelled) => Ok(told(&cancelled)),
            Err(error) => Err(judge_change(error)),
        }
    }

    /// Whether the document is what the edit makes of it. Of its head the ERP tells the buyer's number alone, so an edit of
    /// nothing but the rest cannot be seen, and a person compares.
    pub(super) async fn look_up_edit(&self, act: &Act) -> Result<Option<Created>> {
        let changes = self.changes.as_ref().ok_or_else(no_port)?;
        let request: OrderRequest = act.payload.decode()?;
        let Some(found) = changes.find(act).await? else { return Ok(None) };
        if !is_seen(&request.order, &found) {
            return Ok(None);
        }
        let earlier = changes.earlier(act).await?;
        match earlier.before() {
            Some(before) if !same_visible(&before.order, &request.order) => {
                Ok(Some(edited(&request, &earlier, &found)))
            }
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                "what the edit changes cannot be seen in the order's answer; a person has to compare them",
            )),
        }
    }

    pub(super) async fn look_up_cancellation(&self, act: &Act) -> Result<Option<Created>> {
        let changes = self.changes.as_ref().ok_or_else(no_port)?;
        let found = changes.find(act).await?;
        Ok(found.filter(|found| found.stan == StanDokumentu::Anulowany).map(|found| told(&found)))
    }

    fn changes(&self) -> std::result::Result<&Changes, Submission> {
        self.changes.as_ref().ok_or_else(|| Submission::NotSent(no_port()))
    }
}

impl Changes {
    async fn find(&self, act: &Act) -> Result<Option<Zamowienie>> {
        let id = act.document_id.as_ref().and_then(|id| id.as_str().parse().ok());
        let id = id.ok_or_else(|| Error::bug("the act names no document of the ERP"))?;
        let klucz = KluczZamowienia::Id(DokumentId(id));
        self.port.get_zamowienie(&klucz).await.map_err(|error| engine_error("the order was not read", error))
    }

    async fn document(&self, act: &Act) -> std::result::Result<Zamowienie, Submission> {
        match self.find(act).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(Submission::Refused(
                Reason::new("document-gone").with_detail("the ERP does not have the order any more"),
            )),
            Err(error) => Err(Submission::NotSent(error)),
        }
    }

    async fn earlier(&self, act: &Act) -> Result<Earlier> {
        let filter = ActFilter::of_document(act.document.clone()).states([ActState::Done]);
        let done = self.store.acts(&filter).await?;
        let mut earlier: Vec<Act> = done.into_iter().map(|status| status.act).collect();
        earlier.retain(|other| other.version < act.version);
        earlier.sort_by_key(|other| other.version);
        // one that was pruned, or that a version of this program froze that nobody knows, is none
        Ok(Earlier(earlier.into_iter().map(|act| act.payload.decode().ok()).collect()))
    }
}

/// The versions of the document that the ERP had before this one, oldest first, as far as they are still kept.
struct Earlier(Vec<Option<OrderRequest>>);

impl Earlier {
    fn before(&self) -> Option<&OrderRequest> {
        self.0.last()?.as_ref()
    }

    /// Whether the line was taken away and is added again: the ERP's line is another one then, and the link of the old one stays.
    fn brings_back(&self, id_obcy: &str) -> bool {
        let has = |request: &OrderRequest| request.order.pozycje.iter().any(|line| line.id_obcy == id_obcy);
        !self.before().is_some_and(has) && self.0.iter().flatten().any(has)
    }
}

/// Whose order it is, as it was frozen: its contractor's id, or what the act made that it waited for.
pub(super) fn client_of(act: &Act, request: &OrderRequest) -> Result<KontrahentId> {
    let Some(wanted) = &request.new_client else { return Ok(request.order.kontrahent_id) };
    let made =
        act.after.iter().find(|needed| needed.op_key == *wanted).and_then(|needed| needed.target_id.as_ref());
    made.and_then(|id| id.as_str().parse().ok())
        .map(KontrahentId)
        .ok_or_else(|| Error::bug("the act that the order waited for made no contractor"))
}

fn no_port() -> Error {
    Error::config("nobody changes orders here: the installation lacks the area order_changes")
}

/// An edit and a cancellation name the version that they change.
fn version(found: &Zamowienie) -> std::result::Result<i64, Submission> {
    found.wersja.ok_or_else(|| Submission::NotSent(Error::invalid("the order was read without its version")))
}

/// What a failed change means.
fn judge_change(error: ClientError) -> Submission {
    if KodOdmowy::of(&error) == Some(KodOdmowy::Konflikt) && !error.may_have_been_applied() {
        // somebody was quicker; it is read and compared again
        let again = Error::transient("the order was changed by somebody else meanwhile");
        return Submission::NotSent(again.with_source(error));
    }
    judge(error)
}

fn told(found: &Zamowienie) -> Created {
    numbered(Created::new(found.id.to_string()), &found.numer, found.is_numbered())
}

/// The document as the edit made it, with the links of its lines: of an order whose id a person told, nothing else tells them.
fn edited(request: &OrderRequest, earlier: &Earlier, found: &Zamowienie) -> Created {
    let lines = found.pozycje.iter().map(|line| (line.id, line.id_obcy.as_deref()));
    let known = lines.filter(|(_, key)| key.is_some_and(|key| !earlier.brings_back(key)));
    line_links(request, known).fold(told(found), Created::with_link)
}

pub(super) fn remarked(created: Created, remarks: Vec<String>) -> Created {
    remarks.into_iter().fold(created, Created::with_remark)
}

/// What the document has for itself, in base units.
fn reserved(found: &Zamowienie) -> BTreeMap<TowarId, Decimal> {
    let mut reserved: BTreeMap<TowarId, Decimal> = BTreeMap::new();
    for line in &found.pozycje {
        if let (Some(towar), Some(own)) = (line.towar_id, &line.zarezerwowano) {
            let sum = reserved.entry(towar).or_default();
            *sum = sum.saturating_add(own.value);
        }
    }
    reserved
}

/// Everything that an edit can name; what is not there is left as it is, but for texts that may be empty.
fn edit_of(id: DokumentId, wersja: i64, order: &NoweZamowienie) -> ZmianaZamowienia {
    ZmianaZamowienia::builder()
        .id(id)
        .wersja(wersja)
        .numer_obcy(order.numer_obcy.clone().unwrap_or_default())
        .maybe_platnik_id(order.platnik_id)
        .maybe_odbiorca_id(order.odbiorca_id)
        .maybe_miejsce_dostawy_id(order.miejsce_dostawy_id)
        .maybe_adres_dostawy(order.adres_dostawy.clone())
        .maybe_termin_dostawy(order.termin_dostawy)
        .maybe_sposob_dostawy(order.sposob_dostawy.clone())
        .maybe_forma_platnosci(order.forma_platnosci.clone())
        .maybe_termin_dni(order.termin_dni)
        .uwagi(order.uwagi.clone().unwrap_or_default())
        .rezerwuj(order.rezerwuj.clone())
        .pozycje(order.pozycje.clone())
        .build()
}

/// What the buyer took away and the ERP keeps, since an edit cannot name it.
fn stays(before: &NoweZamowienie, order: &NoweZamowienie) -> Vec<String> {
    let gone = [
        ("delivery address", before.adres_dostawy.is_some() && order.adres_dostawy.is_none()),
        ("delivery place", before.miejsce_dostawy_id.is_some() && order.miejsce_dostawy_id.is_none()),
        ("delivery day", before.termin_dostawy.is_some() && order.termin_dostawy.is_none()),
        ("delivery method", before.sposob_dostawy.is_some() && order.sposob_dostawy.is_none()),
        ("payment method", before.forma_platnosci.is_some() && order.forma_platnosci.is_none()),
    ];
    let gone = gone.into_iter().filter(|(_, is_gone)| *is_gone);
    gone.map(|(what, _)| format!("the {what} was taken away; enova365 still has it")).collect()
}

/// Whether what can be seen of an order is as it is asked for.
fn is_seen(order: &NoweZamowienie, found: &Zamowienie) -> bool {
    let line = |asked: &PozycjaZamowienia, found: &PozycjaRealizacji| {
        (asked.ilosc.symbol.is_empty() || asked.ilosc.symbol == found.ilosc.symbol)
            && asked.ilosc.value == found.ilosc.value
            && found.id_obcy.as_ref() == Some(&asked.id_obcy)
            && found.cena_netto.as_ref() == Some(&asked.cena_netto)
            && asked.towar_id.is_none_or(|id| found.towar_id == Some(id))
            && asked.kod.as_ref().is_none_or(|kod| found.kod.as_ref() == Some(kod))
    };
    order.numer_obcy.as_deref().unwrap_or_default() == found.numer_obcy.as_deref().unwrap_or_default()
        && order.pozycje.len() == found.pozycje.len()
        && order.pozycje.iter().zip(&found.pozycje).all(|(asked, found)| line(asked, found))
}

/// Whether two versions of an order look the same in the ERP's answer.
fn same_visible(a: &NoweZamowienie, b: &NoweZamowienie) -> bool {
    let line = |a: &PozycjaZamowienia, b: &PozycjaZamowienia| {
        a.id_obcy == b.id_obcy
            && a.towar_id == b.towar_id
            && a.kod == b.kod
            && a.ilosc == b.ilosc
            && a.cena_netto == b.cena_netto
    };
    a.numer_obcy == b.numer_obcy
        && a.pozycje.len() == b.pozycje.len()
        && a.pozycje.iter().zip(&b.pozycje).all(|(a, b)| line(a, b))
}
