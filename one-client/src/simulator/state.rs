//! What the routes work on.

use super::Now;
use super::books::Books;
use secrecy::SecretString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How the simulator behaves to every tenant.
pub(super) struct Settings {
    pub(super) strict: bool,
    pub(super) order_service: String,
    pub(super) warehouse_service: String,
    pub(super) operator_service: String,
    pub(super) max_page_size: usize,
    pub(super) now: Now,
}

/// A tenant and what it has.
#[derive(Clone)]
pub(super) struct TenantState {
    pub(super) name: Arc<str>,
    pub(super) api_key: SecretString,
    pub(super) settings: Arc<Settings>,
    pub(super) books: Arc<Mutex<Books>>,
}

impl TenantState {
    pub(super) fn new(name: &str, api_key: SecretString, settings: &Arc<Settings>, books: Books) -> Self {
        Self {
            name: name.into(),
            api_key,
            settings: Arc::clone(settings),
            books: Arc::new(Mutex::new(books)),
        }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of the routers: every tenant.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) first: TenantState,
    pub(super) others: Arc<[TenantState]>,
}

impl Shared {
    pub(super) fn tenants(&self) -> impl Iterator<Item = &TenantState> {
        std::iter::once(&self.first).chain(self.others.iter())
    }
}
