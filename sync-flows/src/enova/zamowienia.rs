//! Creates the document.

use async_trait::async_trait;
use one_client::{Error as ClientError, ErrorKind as ClientErrorKind};
use soneta_webapi::{
    Ceny, KodOdmowy, PozycjaWyceny, PozycjaZamowienia, Wycena, Zamowienia, ZapisaneZamowienie,
    ZapytanieWyceny,
};
use std::sync::Arc;
use sync_core::guard::price::{PriceCheck, Rounding, check};
use sync_core::{Act, Created, Error, ErrorKind, Link, Reason, Result, Submission, Submitter};

use crate::client_error::{engine_error, refusal};
use crate::flows::orders::{ORDER_LINK, OrderRequest, PriceChange, PricePolicy};

/// Places orders in the ERP.
///
/// Every submit asks the ERP for the price of every line first, and decides about differences by the [`PricePolicy`]; an
/// order that a person released goes through at the confirmed prices. Lines that carry the portal's costs are not
/// compared. Only then the document is created, under its Guid.
#[derive(Debug, Clone)]
pub struct OrderSubmitter {
    zamowienia: Arc<dyn Zamowienia>,
    ceny: Arc<dyn Ceny>,
    policy: PricePolicy,
    rounding: Rounding,
}

impl OrderSubmitter {
    /// Places orders through these ports. Unit prices are compared to four digits.
    #[must_use]
    pub fn new(zamowienia: Arc<dyn Zamowienia>, ceny: Arc<dyn Ceny>, policy: PricePolicy) -> Self {
        Self { zamowienia, ceny, policy, rounding: Rounding::to(4) }
    }

    /// Compares unit prices rounded so.
    #[must_use]
    pub fn with_rounding(mut self, rounding: Rounding) -> Self {
        self.rounding = rounding;
        self
    }

    /// The differences to remark on, or what to do instead of creating the document.
    async fn check_prices(
        &self,
        act: &Act,
        request: &OrderRequest,
    ) -> std::result::Result<Vec<String>, Submission> {
        let compared: Vec<&PozycjaZamowienia> =
            request.order.pozycje.iter().filter(|line| !request.cost_lines.contains(&line.id_obcy)).collect();
        let lines =
            compared.iter().filter_map(|line| Some(PozycjaWyceny::new(line.towar()?, line.ilosc.clone())));
        let query = ZapytanieWyceny::builder()
            .kontrahent_id(request.order.kontrahent_id)
            .pozycje(lines.collect())
            .build();
        let priced = match self.ceny.wycen(&query).await {
            Ok(priced) if priced.len() == compared.len() => priced,
            Ok(_) => {
                return Err(Submission::NotSent(Error::invalid("the price check did not answer every line")));
            }
            // nothing has been sent yet that could have made a document
            Err(error) if is_refused(&error) => return Err(Submission::Refused(refusal(&error))),
            Err(error) => {
                return Err(Submission::NotSent(engine_error("the prices were not checked", error)));
            }
        };
        let mut differences = Differences::default();
        for (line, wycena) in compared.into_iter().zip(&priced) {
            differences.add(line, wycena, self.rounding, self.policy)?;
        }
        match differences.worst {
            Some(PriceChange::Refuse) if act.released.is_none() => {
                Err(Submission::Refused(differences.reason()))
            }
            Some(PriceChange::Hold) if act.released.is_none() => Err(Submission::Held(differences.reason())),
            _ => Ok(differences.remarks),
        }
    }
}

#[async_trait]
impl Submitter for OrderSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let request: OrderRequest = match act.payload.decode() {
            Ok(request) => request,
            Err(error) => return Submission::NotSent(error),
        };
        let remarks = match self.check_prices(act, &request).await {
            Ok(remarks) => remarks,
            Err(instead) => return instead,
        };
        match self.zamowienia.create_once(&request.order).await {
            Ok(saved) => Submission::Done(created(&request, &saved, remarks)),
            Err(error) => judge(error),
        }
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let request: OrderRequest = act.payload.decode()?;
        match self.zamowienia.find(&request.order).await {
            Ok(found) => Ok(found.map(|saved| created(&request, &saved, Vec::new()))),
            Err(error) if KodOdmowy::of(&error) == Some(KodOdmowy::Konflikt) => {
                let message = "another document has the order's Guid; a person has to compare them";
                Err(Error::new(ErrorKind::Unsupported, message).with_source(error))
            }
            Err(error) => Err(engine_error("the order was not looked up", error)),
        }
    }
}

fn created(request: &OrderRequest, saved: &ZapisaneZamowienie, remarks: Vec<String>) -> Created {
    let id = saved.id.to_string();
    let link = Link::new(ORDER_LINK, request.shipment.clone(), id.clone());
    let created = Created::new(id).with_number(saved.numer.clone()).with_link(link);
    remarks.into_iter().fold(created, Created::with_remark)
}

/// What a failed create means.
fn judge(error: ClientError) -> Submission {
    // `Konflikt` is among these: a document with this Guid exists, and the look-up says whether it is this order
    if error.may_have_been_applied() {
        return Submission::InDoubt(engine_error("nobody knows whether the order was placed", error));
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
        _ => Submission::NotSent(engine_error("the order was not placed", error)),
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

/// Lines whose price changed.
#[derive(Default)]
struct Differences {
    remarks: Vec<String>,
    worst: Option<PriceChange>,
}

impl Differences {
    fn add(
        &mut self,
        line: &PozycjaZamowienia,
        wycena: &Wycena,
        rounding: Rounding,
        policy: PricePolicy,
    ) -> std::result::Result<(), Submission> {
        let waluta = &line.cena_netto.symbol;
        if !wycena.netto.symbol.is_empty() && wycena.netto.symbol != *waluta {
            let detail = format!("{}: {waluta} confirmed, {} in enova365", wycena.kod, wycena.netto.symbol);
            return Err(Submission::Refused(Reason::new("other-currency").with_detail(detail)));
        }
        let (change, confirmed, current) = match check(line.cena_netto.value, wycena.netto.value, rounding) {
            PriceCheck::Cheaper { confirmed, current, .. } => (policy.cheaper, confirmed, current),
            PriceCheck::Dearer { confirmed, current, .. } => (policy.dearer, confirmed, current),
            _ => return Ok(()),
        };
        self.worst = self.worst.max(Some(change));
        self.remarks
            .push(format!("{}: {confirmed} {waluta} confirmed, {current} {waluta} in enova365", wycena.kod));
        Ok(())
    }

    fn reason(&self) -> Reason {
        Reason::new("price-changed").with_detail(self.remarks.join("; "))
    }
}
