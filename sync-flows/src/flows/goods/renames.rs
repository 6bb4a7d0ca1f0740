//! Renamed goods are noticed by their ids.

use async_trait::async_trait;
use serde::Serialize;
use soneta_webapi::Towar;
use std::fmt::{self, Debug};
use std::sync::Arc;
use sync_core::{
    Fingerprint, Key, LinkRef, Links, Mapped, Mapper, Outcome, Reason, Removal, Result, Sink, TargetId, Write,
};

/// A good that has another Kod than when it was sent last.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renamed {
    /// The good's id in the ERP.
    pub id: String,
    /// The Kod under which it was sent.
    pub was: String,
    /// Its Kod now.
    pub now: String,
}

/// Is told of renamed goods.
///
/// Told once the portal has the new Kod, before the flow has stored that: after a crash in between it is told again. It returns
/// quickly and does not panic.
pub trait Renames: Debug + Send + Sync {
    /// A good was renamed.
    fn renamed(&self, good: &Renamed);
}

/// Writes them to the log (`tracing`), as warnings.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct LogRenames;

impl Renames for LogRenames {
    fn renamed(&self, Renamed { id, was, now }: &Renamed) {
        tracing::warn!(%id, %was, %now, "a good has another Kod in enova365; what knows it by its old one has to follow");
    }
}

/// A record with the Kod that it has in the ERP: it counts as changed when the Kod did, whatever else the record shows.
#[derive(Clone, Serialize)]
pub(super) struct Coded<R> {
    kod: String,
    record: R,
}

/// Adds the Kod to what the inner mapper makes.
#[derive(Debug)]
pub(super) struct WithCode<M>(pub(super) M);

impl<M: Mapper<Towar>> Mapper<Towar> for WithCode<M> {
    type Out = Coded<M::Out>;

    fn version(&self) -> u32 {
        self.0.version()
    }

    fn links_needed(&self, towar: &Towar) -> Vec<LinkRef> {
        self.0.links_needed(towar)
    }

    fn empties(&self, out: &Self::Out) -> bool {
        self.0.empties(&out.record)
    }

    fn echo_of(&self, key: &Key, towar: &Towar) -> Option<(Key, Fingerprint)> {
        self.0.echo_of(key, towar)
    }

    fn map(&self, key: &Key, towar: Towar, links: &Links) -> std::result::Result<Mapped<Self::Out>, Reason> {
        let kod = towar.kod.clone();
        Ok(self.0.map(key, towar, links)?.map(|record| Coded { kod, record }))
    }
}

/// Remembers the Kod of what it hands on to the inner sink, and tells when it is another one.
#[derive(Debug)]
pub(super) struct RenameWatch<K> {
    inner: K,
    renames: Arc<dyn Renames>,
}

impl<K> RenameWatch<K> {
    pub(super) fn new(inner: K, renames: Arc<dyn Renames>) -> Self {
        Self { inner, renames }
    }
}

/// What the engine remembers of a good: its Kod, and what the inner sink calls it.
fn remembered(kod: &str, inner: Option<&TargetId>) -> TargetId {
    TargetId::from(serde_json::json!([kod, inner.map(TargetId::as_str)]).to_string())
}

fn recall(previous: &TargetId) -> Option<(String, Option<TargetId>)> {
    let (kod, inner): (String, Option<String>) = serde_json::from_str(previous.as_str()).ok()?;
    Some((kod, inner.map(TargetId::from)))
}

#[async_trait]
impl<R, K> Sink for RenameWatch<K>
where
    R: Clone + Send + Sync + 'static,
    K: Sink<Record = R>,
{
    type Record = Coded<R>;

    fn preferred_batch(&self) -> usize {
        self.inner.preferred_batch()
    }

    fn removal(&self) -> Removal {
        self.inner.removal()
    }

    async fn write(&self, batch: &[Write<Coded<R>>]) -> Result<Vec<Outcome>> {
        let known: Vec<_> = batch.iter().map(|write| write.previous().and_then(recall)).collect();
        let inner: Vec<Write<R>> = batch
            .iter()
            .zip(&known)
            .map(|(write, known)| {
                let previous = known.as_ref().and_then(|(_, inner)| inner.clone());
                match write {
                    Write::Upsert { key, record, .. } => {
                        Write::Upsert { key: key.clone(), record: record.record.clone(), previous }
                    }
                    Write::Remove { key, .. } => Write::Remove { key: key.clone(), previous },
                }
            })
            .collect();
        let mut outcomes = self.inner.write(&inner).await?;
        for ((outcome, write), known) in outcomes.iter_mut().zip(batch).zip(known) {
            let (Outcome::Applied { target_id, .. }, Write::Upsert { key, record, .. }) = (outcome, write)
            else {
                continue;
            };
            *target_id = Some(remembered(&record.kod, target_id.as_ref()));
            if let Some((was, _)) = known.filter(|(was, _)| *was != record.kod) {
                let id = key.as_str().to_owned();
                self.renames.renamed(&Renamed { id, was, now: record.kod.clone() });
            }
        }
        Ok(outcomes)
    }
}

/// Takes everything and keeps nothing.
#[derive(Debug)]
pub(super) struct Nowhere;

#[async_trait]
impl Sink for Nowhere {
    type Record = ();

    async fn write(&self, batch: &[Write<()>]) -> Result<Vec<Outcome>> {
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

impl<R> Debug for Coded<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Coded(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Coded, LogRenames, RenameWatch, recall, remembered};
    use std::sync::Arc;
    use sync_core::testing::{MemorySink, SinkSamples, sink_conformance};
    use sync_core::{Key, Reason, TargetId};

    #[tokio::test]
    async fn a_watched_portal_keeps_every_promise_of_a_sink() {
        let portal = Arc::new(MemorySink::new().batch(50));
        portal.refuse_for("refused", Reason::new("no-name"));
        let watch = RenameWatch::new(Arc::clone(&portal), Arc::new(LogRenames));
        let good = |key: String, record: usize| (Key::from(key), Coded { kod: format!("K{record}"), record });
        let samples =
            SinkSamples::new(move |n| good(n.to_string(), n)).refused(move || good("refused".into(), 0));
        sink_conformance(&watch, &samples, async || Ok(portal.records())).await.unwrap();
    }

    #[test]
    fn what_is_remembered_of_a_good_comes_back_whatever_its_kod_is() {
        for kod in ["", "A/B", "\"ŻÓŁW\"\\,[]", "<b>"] {
            for inner in [None, Some(TargetId::from("[1,2]"))] {
                let known = recall(&remembered(kod, inner.as_ref()));
                assert_eq!(known, Some((kod.to_owned(), inner)));
            }
        }
        assert_eq!(recall(&TargetId::from("t-7")), None);
    }
}
