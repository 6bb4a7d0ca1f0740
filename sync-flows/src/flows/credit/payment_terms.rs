//! Payment terms to a portal of your own.

use serde::Serialize;
use soneta_webapi::{Area, FormaPlatnosci, Kontrahent, KontrahentId, Slowniki};
use std::fmt;
use std::sync::Arc;
use sync_core::{Class, Flow, Identity, Key, Links, Mapped, Mapper, Reason, Sink, Source};

use crate::Tick;
use crate::catalog::{Entry, Lane, System, Ticks};
use crate::enova::SlownikSource;
use crate::setup::Setup;

/// Payment terms of contractors to a portal of your own.
pub const PAYMENT_TERMS: Entry = Entry {
    id: "payment-terms",
    rows: &["E11"],
    what: "payment method, days until payment and own bank account of contractors",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::daily(5, 10),
    stage: None,
    needs: &[Area::Contractors],
    after: &[],
    guarantee: "the last terms count; those of a contractor that loses its tick are withdrawn",
};

/// Payment methods to a portal of your own.
pub const PAYMENT_METHODS: Entry = Entry {
    id: "payment-methods",
    rows: &["E11"],
    what: "the dictionary of payment methods, with their days until payment",
    from: System::Enova,
    to: System::Portal,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::daily(5, 5),
    stage: None,
    needs: &[Area::Dictionaries],
    after: &[],
    guarantee: "the last state counts; what is gone from the dictionary is withdrawn",
};

/// The flow [`PAYMENT_TERMS`]: contractors are read by [`changes`](crate::enova::changes) or [`full_list`](crate::enova::full_list) of a
/// [`KontrahenciList`](crate::enova::KontrahenciList).
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn payment_terms_to<S, M, K>(setup: &Setup, source: S, mapper: M, portal: K) -> sync_core::Result<Flow>
where
    S: Source<Record = Kontrahent> + 'static,
    M: Mapper<Kontrahent> + 'static,
    K: Sink<Record = M::Out> + 'static,
{
    setup.with_weekly_full_pass().flow(PAYMENT_TERMS.id, source, mapper, portal)
}

/// The flow [`PAYMENT_METHODS`]: what contractors' terms name. One that is taken out of use (`Blokada`) is sent as such.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn payment_methods_to<K>(setup: &Setup, slowniki: Arc<dyn Slowniki>, portal: K) -> sync_core::Result<Flow>
where
    K: Sink<Record = FormaPlatnosci> + 'static,
{
    let source = SlownikSource::<FormaPlatnosci>::new(slowniki, setup.erp.clone());
    setup.flow(PAYMENT_METHODS.id, source, Identity, portal)
}

/// On what terms a contractor pays. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PaymentTerms {
    /// The contractor.
    pub kontrahent_id: KontrahentId,
    /// Its Kod.
    pub kod: String,
    /// The payment method by its name; the dictionary's days count where `termin_dni` tells none.
    pub forma_platnosci: Option<String>,
    /// Days until payment is due.
    pub termin_dni: Option<i32>,
    /// Currency of its documents.
    pub waluta: Option<String>,
    /// Bank account of its own to pay to.
    pub rachunek_indywidualny: Option<String>,
}

impl fmt::Debug for PaymentTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentTerms").field("kontrahent_id", &self.kontrahent_id).finish_non_exhaustive()
    }
}

/// Takes the terms of ticked contractors.
#[derive(Debug, Clone, Default)]
pub struct PaymentTermsMapper {
    tick: Tick,
}

impl PaymentTermsMapper {
    /// Of contractors with this tick.
    #[must_use]
    pub fn new(tick: Tick) -> Self {
        Self { tick }
    }
}

impl Mapper<Kontrahent> for PaymentTermsMapper {
    type Out = PaymentTerms;

    fn map(
        &self,
        _key: &Key,
        kontrahent: Kontrahent,
        _links: &Links,
    ) -> Result<Mapped<PaymentTerms>, Reason> {
        if !self.tick.sends(kontrahent.zaznaczony, &kontrahent.cechy) {
            return Ok(Mapped::LeaveOut(Reason::new("not-ticked")));
        }
        Ok(Mapped::Send(PaymentTerms {
            kontrahent_id: kontrahent.id,
            kod: kontrahent.kod,
            forma_platnosci: kontrahent.forma_platnosci,
            termin_dni: kontrahent.termin_dni,
            waluta: kontrahent.waluta,
            rachunek_indywidualny: kontrahent.rachunek_indywidualny,
        }))
    }
}
