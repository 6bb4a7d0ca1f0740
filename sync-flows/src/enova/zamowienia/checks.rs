//! What is compared before a document is written: prices, stock, quantities.

use rust_decimal::Decimal;
use soneta_webapi::wire::Quantity;
use soneta_webapi::{
    Ceny, NoweZamowienie, PozycjaWyceny, PozycjaZamowienia, Towar, TowarId, Towary, Wycena, ZapytanieWyceny,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::guard::price::{PriceCheck, Rounding, check};
use sync_core::guard::unit::UnitRatio;
use sync_core::{Act, Error, Reason, Submission};

use super::is_refused;
use crate::client_error::{engine_error, refusal};
use crate::flows::orders::{PriceChange, PricePolicy, Shortage, StockPolicy};

/// Digits of a quantity that was converted to base units.
const DIGITS: u32 = 6;

/// The policies, and where it is asked.
#[derive(Debug, Clone)]
pub(super) struct Checks {
    pub(super) ceny: Arc<dyn Ceny>,
    pub(super) towary: Option<Arc<dyn Towary>>,
    pub(super) price: PricePolicy,
    pub(super) stock: StockPolicy,
    pub(super) rounding: Rounding,
}

impl Checks {
    /// Asks the ERP about the order's lines but those that carry the portal's costs. `reserved` is what the document has for
    /// itself already, in base units.
    pub(super) async fn run(
        &self,
        order: &NoweZamowienie,
        cost_lines: &BTreeSet<String>,
        reserved: &BTreeMap<TowarId, Decimal>,
    ) -> Result<Findings, Submission> {
        let lines: Vec<_> = order.pozycje.iter().filter(|line| !cost_lines.contains(&line.id_obcy)).collect();
        let mut findings = Findings::default();
        if lines.is_empty() {
            return Ok(findings);
        }
        let priced = self.priced(order, &lines).await?;
        for (line, wycena) in lines.iter().zip(&priced) {
            findings.price(line, wycena, self.rounding, self.price)?;
        }
        let ordered: Vec<_> = lines.iter().map(|line| &line.ilosc).zip(&priced).collect();
        let goods = self.goods(&ordered).await?;
        for good in sums(&ordered, &goods) {
            findings.quantity(&good, reserved, self.stock);
        }
        Ok(findings)
    }

    async fn priced(
        &self,
        order: &NoweZamowienie,
        lines: &[&PozycjaZamowienia],
    ) -> Result<Vec<Wycena>, Submission> {
        let asked: Option<Vec<_>> =
            lines.iter().map(|line| Some(PozycjaWyceny::new(line.towar()?, line.ilosc.clone()))).collect();
        let Some(asked) = asked else {
            return Err(Submission::Refused(Reason::new("no-good").with_detail("a line names no good")));
        };
        let query = ZapytanieWyceny::builder().kontrahent_id(order.kontrahent_id).pozycje(asked).build();
        match self.ceny.wycen(&query).await {
            Ok(priced) if priced.len() == lines.len() => Ok(priced),
            Ok(_) => Err(Submission::NotSent(Error::invalid("the price check did not answer every line"))),
            // nothing has been sent yet that could have made a document
            Err(error) if is_refused(&error) => Err(Submission::Refused(refusal(&error))),
            Err(error) => Err(Submission::NotSent(engine_error("the prices were not checked", error))),
        }
    }

    /// The goods, if somebody gives them and they are needed: for their units, least quantities and packagings.
    async fn goods(&self, ordered: &[(&Quantity, &Wycena)]) -> Result<BTreeMap<TowarId, Towar>, Submission> {
        let units =
            ordered.iter().any(|(ilosc, wycena)| !ilosc.symbol.is_empty() && wycena.dostepne.is_some());
        let wanted =
            self.stock.quantity != Shortage::Accept || (self.stock.missing != Shortage::Accept && units);
        let Some(towary) = self.towary.as_ref().filter(|_| wanted) else { return Ok(BTreeMap::new()) };
        let ids: BTreeSet<_> = ordered.iter().map(|(_, wycena)| wycena.towar_id).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let rows = towary
            .get_towary(&ids)
            .await
            .map_err(|error| Submission::NotSent(engine_error("the goods were not read", error)))?;
        // one that cannot be read is one that is not known
        Ok(rows.into_iter().flatten().map(|towar| (towar.id, towar)).collect())
    }
}

/// All lines of one good.
struct Ordered<'a> {
    wycena: &'a Wycena,
    towar: Option<&'a Towar>,
    /// In base units; `None` where a line's unit is not known.
    base: Option<Decimal>,
}

fn sums<'a>(ordered: &[(&Quantity, &'a Wycena)], goods: &'a BTreeMap<TowarId, Towar>) -> Vec<Ordered<'a>> {
    let mut sums: Vec<Ordered<'a>> = Vec::new();
    for (ilosc, wycena) in ordered {
        let towar = goods.get(&wycena.towar_id);
        let base = base_units(ilosc, towar);
        match sums.iter_mut().find(|sum| sum.wycena.towar_id == wycena.towar_id) {
            Some(sum) => sum.base = sum.base.zip(base).and_then(|(a, b)| a.checked_add(b)),
            None => sums.push(Ordered { wycena, towar, base }),
        }
    }
    sums
}

/// In the good's base unit, which an empty symbol means; `None` where the unit is not known.
fn base_units(ilosc: &Quantity, towar: Option<&Towar>) -> Option<Decimal> {
    if ilosc.symbol.is_empty() || towar.is_some_and(|towar| towar.jednostka.as_ref() == Some(&ilosc.symbol)) {
        return Some(ilosc.value);
    }
    let unit = towar?.jednostki.iter().find(|unit| unit.kod == ilosc.symbol)?;
    let ratio = UnitRatio::new(unit.licznik, unit.mianownik).ok()?;
    Some(ratio.to_basic(ilosc.value, DIGITS).ok()?.quantity)
}

/// How careful an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Care {
    Note,
    Hold,
    Refuse,
}

impl From<PriceChange> for Care {
    fn from(change: PriceChange) -> Self {
        match change {
            PriceChange::ConfirmedPrice => Self::Note,
            PriceChange::Hold => Self::Hold,
            PriceChange::Refuse => Self::Refuse,
        }
    }
}

fn care(shortage: Shortage) -> Option<Care> {
    match shortage {
        Shortage::Accept => None,
        Shortage::Note => Some(Care::Note),
        Shortage::Hold => Some(Care::Hold),
        Shortage::Refuse => Some(Care::Refuse),
    }
}

/// What was found, and the most careful of what the policies say to it.
#[derive(Debug, Default)]
pub(super) struct Findings {
    remarks: Vec<String>,
    worst: Option<(Care, &'static str)>,
}

impl Findings {
    /// The remarks to keep with the document, or what to do instead of writing it. What a person released goes through.
    pub(super) fn decide(self, act: &Act) -> Result<Vec<String>, Submission> {
        let reason = |code: &'static str| Reason::new(code).with_detail(self.remarks.join("; "));
        match self.worst {
            Some((Care::Refuse, code)) if act.released.is_none() => Err(Submission::Refused(reason(code))),
            Some((Care::Hold, code)) if act.released.is_none() => Err(Submission::Held(reason(code))),
            _ => Ok(self.remarks),
        }
    }

    fn add(&mut self, care: Care, code: &'static str, remark: String) {
        if self.worst.is_none_or(|(worst, _)| care > worst) {
            self.worst = Some((care, code));
        }
        self.remarks.push(remark);
    }

    fn price(
        &mut self,
        line: &PozycjaZamowienia,
        wycena: &Wycena,
        rounding: Rounding,
        policy: PricePolicy,
    ) -> Result<(), Submission> {
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
        let remark =
            format!("{}: {confirmed} {waluta} confirmed, {current} {waluta} in enova365", wycena.kod);
        self.add(change.into(), "price-changed", remark);
        Ok(())
    }

    fn quantity(&mut self, good: &Ordered<'_>, reserved: &BTreeMap<TowarId, Decimal>, policy: StockPolicy) {
        let kod = &good.wycena.kod;
        if let (Some(care), Some(dostepne)) = (care(policy.missing), good.wycena.dostepne) {
            let own = reserved.get(&good.wycena.towar_id).copied().unwrap_or_default();
            let available = dostepne.saturating_add(own).max(Decimal::ZERO);
            match good.base {
                None => self.add(
                    Care::Note,
                    "unit-not-known",
                    format!("{kod}: stock not checked, its unit is not known"),
                ),
                Some(base) if base > available => {
                    let (base, available) = (base.normalize(), available.normalize());
                    self.add(care, "not-in-stock", format!("{kod}: {base} ordered, {available} available"));
                }
                Some(_) => {}
            }
        }
        let (Some(care), Some(base), Some(towar)) = (care(policy.quantity), good.base, good.towar) else {
            return;
        };
        let told = |quantity: &Option<Quantity>| {
            quantity
                .as_ref()
                .and_then(|quantity| base_units(quantity, Some(towar)))
                .filter(|told| *told > Decimal::ZERO)
        };
        if let Some(least) = told(&towar.minimum).filter(|least| base < *least) {
            let remark = format!("{kod}: {} ordered, {} at least", base.normalize(), least.normalize());
            self.add(care, "quantity-too-small", remark);
        }
        let is_multiple = |step: &Decimal| base.checked_rem(*step).is_some_and(|rest| rest.is_zero());
        if let Some(step) = told(&towar.wielokrotnosc).filter(|step| !is_multiple(step)) {
            let remark =
                format!("{kod}: {} ordered, only multiples of {}", base.normalize(), step.normalize());
            self.add(care, "no-multiple", remark);
        }
    }
}
