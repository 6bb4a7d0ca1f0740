//! ONe's segments of clients.

use async_trait::async_trait;
use futures::TryStreamExt;
use one_client::account::SegmentData;
use one_client::{Client, PageNumber, SegmentId};
use serde::Deserialize;
use sync_core::{Act, Created, Error, ErrorKind, Link, Result, Submission, Submitter};

use crate::client_error::{engine_error, judge};
use crate::flows::clients::SEGMENT_LINK;

/// Finds a segment of ONe by the ERP's name for it, or creates it under the root.
///
/// The ERP's name is the segment's `externalId`; a segment that somebody made in ONe under the same name is taken as well.
#[derive(Debug, Clone)]
pub struct SegmentSubmitter {
    one: Client,
    parent: SegmentId,
}

#[derive(Deserialize)]
struct Payload {
    name: String,
}

impl SegmentSubmitter {
    /// Creates segments with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one, parent: SegmentId::new("segment") }
    }

    /// Below this segment instead of the root.
    #[must_use]
    pub fn below(mut self, parent: SegmentId) -> Self {
        self.parent = parent;
        self
    }

    async fn find(&self, name: &str) -> Result<Option<SegmentId>> {
        let segments = self.one.segments();
        let mut pages = std::pin::pin!(segments.list(PageNumber::FIRST, 100));
        let failed = |error| engine_error("ONe's segments were not listed", error);
        let (mut named, mut is_readable) = (None, true);
        while let Some(page) = pages.try_next().await.map_err(failed)? {
            for row in page.items {
                match row {
                    Ok(segment) if segment.external_id.as_deref() == Some(name) => {
                        return Ok(Some(segment.id));
                    }
                    Ok(segment) if segment.external_id.is_none() && segment.name.as_deref() == Some(name) => {
                        named.get_or_insert(segment.id);
                    }
                    Ok(_) => {}
                    Err(_) => is_readable = false,
                }
            }
        }
        if named.is_none() && !is_readable {
            let message = "a segment that cannot be read may be the one that is looked for";
            return Err(Error::new(ErrorKind::Unreadable, message));
        }
        Ok(named)
    }
}

fn created(id: &SegmentId, name: &str) -> Created {
    Created::new(id.as_str()).with_link(Link::new(SEGMENT_LINK, id.as_str(), name))
}

#[async_trait]
impl Submitter for SegmentSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let Payload { name } = match act.payload.decode() {
            Ok(payload) => payload,
            Err(error) => return Submission::NotSent(error),
        };
        match self.find(&name).await {
            Ok(Some(id)) => return Submission::Done(created(&id, &name)),
            Ok(None) => {}
            Err(error) => return Submission::NotSent(error),
        }
        let segment = SegmentData::new(&name).with_external_id(&name).with_parent(self.parent.clone());
        match self.one.segments().create(&segment).await {
            Ok(answer) => match answer.id {
                Some(id) => Submission::Done(created(&id, &name)),
                None => {
                    Submission::InDoubt(Error::new(ErrorKind::Unreadable, "ONe told no id of the segment"))
                }
            },
            Err(error) => {
                judge(error, "nobody knows whether the segment was created", "the segment was not created")
            }
        }
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let Payload { name } = act.payload.decode()?;
        Ok(self.find(&name).await?.map(|id| created(&id, &name)))
    }
}
