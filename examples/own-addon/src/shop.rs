//! A shop of one's own, which keeps what it gets in memory and can be printed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use soneta_webapi::Towar;
use sync_core::{Outcome, Result, Sink, Write};
use sync_flows::cechy::WithFields;

/// The shop's goods by the ERP's id. `Debug` shows how many there are.
#[derive(Default)]
pub struct Shop(Mutex<BTreeMap<String, Good>>);

/// A good as the shop has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Good {
    /// The ERP's Kod.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its colour, where the ERP says one.
    pub colour: Option<String>,
    /// Whether it is for sale; a good that was taken away stays for the old orders.
    pub active: bool,
}

impl Shop {
    /// What it has.
    #[must_use]
    pub fn goods(&self) -> BTreeMap<String, Good> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Good>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shop").field("goods", &self.lock().len()).finish()
    }
}

impl fmt::Display for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, Good { code, name, colour, active }) in &*self.lock() {
            let colour = colour.as_deref().unwrap_or("-");
            let state = if *active { "active" } else { "inactive" };
            writeln!(f, "{id:>4}  {code:10} {name:26} {colour:8} {state}")?;
        }
        Ok(())
    }
}

#[async_trait]
impl Sink for Shop {
    type Record = WithFields<Towar>;

    async fn write(&self, batch: &[Write<Self::Record>]) -> Result<Vec<Outcome>> {
        let mut goods = self.lock();
        for write in batch {
            let key = write.key().as_str();
            match write {
                Write::Upsert { record, .. } => {
                    let good = Good {
                        code: record.record.kod.clone(),
                        name: record.record.nazwa.clone(),
                        colour: record.fields.get("colour").cloned(),
                        active: true,
                    };
                    goods.insert(key.to_owned(), good);
                }
                Write::Remove { .. } => {
                    if let Some(good) = goods.get_mut(key) {
                        good.active = false;
                    }
                }
            }
        }
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}
