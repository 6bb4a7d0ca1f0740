//! Creates, edits and cancels the document.

mod changes;
mod checks;

use async_trait::async_trait;
use one_client::{Error as ClientError, ErrorKind as ClientErrorKind};
use soneta_webapi::{
    Ceny, KodOdmowy, Kontrahenci, Kontrahent, KontrahentId, NoweZamowienie, Towary, Zamowienia,
    ZapisaneZamowienie, ZmianyZamowien,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::guard::price::Rounding;
use sync_core::{Act, Created, Error, ErrorKind, Link, Result, Store, Submission, Submitter};

use self::changes::{Changes, client_of, remarked};
use self::checks::Checks;
use crate::client_error::{engine_error, refusal};
use crate::flows::orders::{
    ORDER_CANCEL_ACT, ORDER_EDIT_ACT, ORDER_LINK, OrderRequest, PricePolicy, StockPolicy, order_line_link,
};

/// Places orders in the ERP, and edits and cancels them there.
///
/// Every submit asks the ERP for the price of every line first, and decides about differences by the [`PricePolicy`] and the
/// [`StockPolicy`]; an order that a person released goes through at the confirmed prices. Lines that carry the portal's costs are
/// not compared. Only then the document is created, under its Guid, or changed.
///
/// A cancellation of a cancelled document is done. An edit whose answer was lost is found by the lines and the buyer's number; an
/// edit of other fields alone is left to a person then, since the ERP does not tell them. What an edit takes away of the
/// delivery (address, place, day, method) or of the payment method stays in the ERP, and a remark says so.
#[derive(Debug, Clone)]
pub struct OrderSubmitter {
    zamowienia: Arc<dyn Zamowienia>,
    checks: Checks,
    kontrahenci: Option<Arc<dyn Kontrahenci>>,
    changes: Option<Changes>,
}

impl OrderSubmitter {
    /// Places orders through these ports. Unit prices are compared to four digits.
    #[must_use]
    pub fn new(zamowienia: Arc<dyn Zamowienia>, ceny: Arc<dyn Ceny>, policy: PricePolicy) -> Self {
        let (stock, rounding) = (StockPolicy::default(), Rounding::to(4));
        let checks = Checks { ceny, towary: None, price: policy, stock, rounding };
        Self { zamowienia, checks, kontrahenci: None, changes: None }
    }

    /// Compares unit prices rounded so.
    #[must_use]
    pub fn with_rounding(mut self, rounding: Rounding) -> Self {
        self.checks.rounding = rounding;
        self
    }

    /// Decides about quantities by this policy.
    #[must_use]
    pub fn with_stock_policy(mut self, policy: StockPolicy) -> Self {
        self.checks.stock = policy;
        self
    }

    /// Asks for the goods, so that quantities in any of their units are checked, and their least quantities and packagings too.
    #[must_use]
    pub fn with_goods(mut self, towary: Arc<dyn Towary>) -> Self {
        self.checks.towary = Some(towary);
        self
    }

    /// Follows a contractor that was merged into another one: the order goes to that one. Contracts that name contractors by
    /// their Kod (AltOne's) need it too.
    #[must_use]
    pub fn with_contractors(mut self, kontrahenci: Arc<dyn Kontrahenci>) -> Self {
        self.kontrahenci = Some(kontrahenci);
        self
    }

    /// Edits and cancels documents. `store` is the one that the acts are in: what an edit changes shows in comparison with the
    /// version before.
    #[must_use]
    pub fn with_changes(mut self, port: Arc<dyn ZmianyZamowien>, store: Arc<dyn Store>) -> Self {
        self.changes = Some(Changes { port, store });
        self
    }

    async fn create(&self, act: &Act) -> std::result::Result<Created, Submission> {
        let mut request: OrderRequest = act.payload.decode().map_err(Submission::NotSent)?;
        let kontrahent = client_of(act, &request).map_err(Submission::NotSent)?;
        let kontrahent = self.followed(kontrahent).await.map_err(Submission::NotSent)?;
        kontrahent.enter(&mut request.order);
        let remarks =
            self.checks.run(&request.order, &request.cost_lines, &BTreeMap::new()).await?.decide(act)?;
        match self.zamowienia.create_once(&request.order).await {
            Ok(saved) => Ok(remarked(created(&request, &saved), remarks)),
            Err(error) => Err(judge(error)),
        }
    }

    async fn look_up_created(&self, act: &Act) -> Result<Option<Created>> {
        let request: OrderRequest = act.payload.decode()?;
        let mut order = request.order.clone();
        order.kontrahent_id = client_of(act, &request)?;
        let found = match self.found(&order).await {
            // merged since, or before it was sent
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                let now = self.followed(order.kontrahent_id).await?;
                if now.id == order.kontrahent_id {
                    return Err(error);
                }
                now.enter(&mut order);
                self.found(&order).await?
            }
            found => found?,
        };
        Ok(found.map(|saved| created(&request, &saved)))
    }

    async fn found(&self, order: &NoweZamowienie) -> Result<Option<ZapisaneZamowienie>> {
        match self.zamowienia.find(order).await {
            Err(error) if KodOdmowy::of(&error) == Some(KodOdmowy::Konflikt) => {
                let message = "another document has the order's Guid; a person has to compare them";
                Err(Error::new(ErrorKind::Unsupported, message).with_source(error))
            }
            found => found.map_err(|error| engine_error("the order was not looked up", error)),
        }
    }

    /// The contractor that stands for this one now. One that the ERP does not have is left for it to refuse.
    async fn followed(&self, id: KontrahentId) -> Result<Contractor> {
        let Some(kontrahenci) = &self.kontrahenci else { return Ok(Contractor { id, kod: None }) };
        match kontrahenci.resolve_kontrahent(id).await {
            Ok(Kontrahent { id, kod, .. }) => Ok(Contractor { id, kod: Some(kod) }),
            Err(error) if error.kind() == ClientErrorKind::NotFound => Ok(Contractor { id, kod: None }),
            Err(error) => Err(engine_error("the contractor was not read", error)),
        }
    }
}

/// Whose order it is. Some contracts name contractors by their Kod.
struct Contractor {
    id: KontrahentId,
    kod: Option<String>,
}

impl Contractor {
    fn enter(self, order: &mut NoweZamowienie) {
        order.kontrahent_id = self.id;
        order.kontrahent_kod = self.kod.or(order.kontrahent_kod.take());
    }
}

#[async_trait]
impl Submitter for OrderSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let done = match act.kind.as_str() {
            ORDER_EDIT_ACT => self.edit(act).await,
            ORDER_CANCEL_ACT => self.cancel(act).await,
            _ => self.create(act).await,
        };
        done.map_or_else(|instead| instead, Submission::Done)
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        match act.kind.as_str() {
            ORDER_EDIT_ACT => self.look_up_edit(act).await,
            ORDER_CANCEL_ACT => self.look_up_cancellation(act).await,
            _ => self.look_up_created(act).await,
        }
    }
}

/// The document, with the link by which its states and its number are asked for until it has come to its end.
fn created(request: &OrderRequest, saved: &ZapisaneZamowienie) -> Created {
    let id = saved.id.to_string();
    let link = Link::new(ORDER_LINK, request.shipment.clone(), id.clone()).open();
    let lines = line_links(request, saved.pozycje.iter().map(|line| (line.id, line.id_obcy.as_deref())));
    let created = lines.fold(Created::new(id).with_link(link), Created::with_link);
    numbered(created, &saved.numer, saved.is_numbered())
}

/// By these, invoices and delivery notes tell ONe which line they fulfil.
fn line_links<'a>(
    request: &'a OrderRequest,
    lines: impl Iterator<Item = (i32, Option<&'a str>)>,
) -> impl Iterator<Item = Link> {
    lines.filter_map(|(id, key)| {
        let key = key.filter(|key| !request.cost_lines.contains(*key))?;
        Some(order_line_link(&request.shipment, key, id))
    })
}

/// `BUFOR` is no number.
fn numbered(created: Created, numer: &str, is_numbered: bool) -> Created {
    if is_numbered { created.with_number(numer) } else { created }
}

/// What a failed write means.
fn judge(error: ClientError) -> Submission {
    // `Konflikt` of a create is among these: a document with this Guid exists, and the look-up says whether it is this order
    if error.may_have_been_applied() {
        return Submission::InDoubt(engine_error("nobody knows whether the order was written", error));
    }
    if is_refused(&error) {
        return Submission::Refused(refusal(&error));
    }
    match error.kind() {
        // the server understood the request and says no in words that the contract does not know, or the contract cannot
        // express the order: a person decides
        ClientErrorKind::Rejected | ClientErrorKind::Refused | ClientErrorKind::Invalid
            if !error.is_login() =>
        {
            Submission::Held(refusal(&error))
        }
        _ => Submission::NotSent(engine_error("the order was not written", error)),
    }
}

/// The ERP said no, in a word of the contract. Anything else may be about the installation (an add-on that is being
/// exchanged, a login) and says nothing about the order.
fn is_refused(error: &ClientError) -> bool {
    let about_the_order = |kod| !matches!(kod, KodOdmowy::Unknown(_) | KodOdmowy::BrakUprawnien);
    error.kind() == ClientErrorKind::Refused
        && !error.is_login()
        && KodOdmowy::of(error).is_some_and(about_the_order)
}
