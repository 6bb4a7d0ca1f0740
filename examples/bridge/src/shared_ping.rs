//! One dead-man switch for several tenants.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sync_core::Result;
use sync_core::watchdog::DeadMan;

/// Pings a switch once all tenants have said that all is well since it was pinged last: one that says nothing is not hidden by the
/// others.
#[derive(Debug)]
pub(crate) struct SharedPing {
    switch: Box<dyn DeadMan>,
    tenants: BTreeSet<String>,
    well: Mutex<BTreeSet<String>>,
}

impl SharedPing {
    pub(crate) fn new<'a>(
        switch: impl DeadMan + 'static,
        tenants: impl IntoIterator<Item = &'a str>,
    ) -> Arc<Self> {
        let tenants = tenants.into_iter().map(str::to_owned).collect();
        Arc::new(Self { switch: Box::new(switch), tenants, well: Mutex::default() })
    }

    /// The switch of this tenant's watchdog.
    pub(crate) fn of(self: &Arc<Self>, tenant: &str) -> TenantPing {
        TenantPing { shared: Arc::clone(self), tenant: tenant.to_owned() }
    }

    /// Whether this one was the last that was missing; then all have to say it anew.
    fn completes(&self, tenant: &str) -> bool {
        let mut well = self.well.lock().unwrap_or_else(PoisonError::into_inner);
        well.insert(tenant.to_owned());
        let all = *well == self.tenants;
        if all {
            well.clear();
        }
        all
    }
}

/// A tenant's part of a [`SharedPing`].
#[derive(Debug)]
pub(crate) struct TenantPing {
    shared: Arc<SharedPing>,
    tenant: String,
}

#[async_trait]
impl DeadMan for TenantPing {
    async fn ping(&self) -> Result<()> {
        match self.shared.completes(&self.tenant) {
            true => self.shared.switch.ping().await,
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Counter(AtomicU32);

    #[async_trait]
    impl DeadMan for Counter {
        async fn ping(&self) -> Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    #[tokio::test]
    async fn the_switch_is_pinged_only_after_every_tenant_was_well_since_the_last_time() {
        let switch = Arc::new(Counter::default());
        let shared = SharedPing::new(Arc::clone(&switch), ["one", "other"]);
        let (one, other) = (shared.of("one"), shared.of("other"));
        let pings = || switch.0.load(Ordering::Relaxed);
        one.ping().await.unwrap();
        one.ping().await.unwrap();
        assert_eq!(pings(), 0, "the other one said nothing");
        other.ping().await.unwrap();
        assert_eq!(pings(), 1);
        other.ping().await.unwrap();
        other.ping().await.unwrap();
        assert_eq!(pings(), 1, "the one said nothing since");
        one.ping().await.unwrap();
        assert_eq!(pings(), 2);
    }

    #[tokio::test]
    async fn a_tenant_alone_pings_each_time() {
        let switch = Arc::new(Counter::default());
        let alone = SharedPing::new(Arc::clone(&switch), ["one"]).of("one");
        alone.ping().await.unwrap();
        alone.ping().await.unwrap();
        assert_eq!(switch.0.load(Ordering::Relaxed), 2);
    }
}
