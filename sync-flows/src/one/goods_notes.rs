//! ONe's goods notes.

use async_trait::async_trait;
use one_client::Client;
use sync_core::{Link, Outcome, Reason, Removal, Result, Sink, Write};

use crate::client_error::outcome_of;
use crate::flows::delivery_notes::OneGoodsNote;
use crate::flows::documents::GOODS_NOTE_LINK;

/// Puts goods issued notes, and goods received notes for their corrections, and learns the [links](GOODS_NOTE_LINK) of those that
/// ONe has.
#[derive(Debug, Clone)]
pub struct GoodsNoteSink {
    one: Client,
}

impl GoodsNoteSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for GoodsNoteSink {
    type Record = OneGoodsNote;

    fn preferred_batch(&self) -> usize {
        // each record is one call
        50
    }

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<OneGoodsNote>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            outcomes.push(match write {
                Write::Upsert { record: OneGoodsNote { dokument, correction, note }, .. } => {
                    let sent = match correction {
                        true => self.one.goods_received_notes().save(note).await,
                        false => self.one.goods_issued_notes().save(note).await,
                    };
                    let number = note.number.as_str();
                    let link = Link::new(GOODS_NOTE_LINK, number, dokument.to_string());
                    let applied = Outcome::applied_as(number).with_link(link);
                    outcome_of("the goods notes were not written", sent.map(|()| applied))?
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        Ok(outcomes)
    }
}
