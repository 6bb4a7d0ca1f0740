use serde::Deserialize;
use soneta_webapi::Area;
use sync_core::{Act, Link};
use sync_flows::catalog::Entry;
use sync_flows::flows::clients::{SEGMENT_ACT, SEGMENT_LINK, SEGMENTS, segments_to_one};
use sync_flows::one::SegmentSubmitter;

use super::{about, contractors};
use crate::error::Result;
use crate::flows::Wiring;
use crate::wire::{Learned, Wire, Wired};

/// `[tenants.flows.segments]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Segments {
    /// Id of ONe's segment that new ones are put below; the root without it.
    below: Option<String>,
}

impl Wiring for Segments {
    const ENTRY: &'static Entry = &SEGMENTS;
    const LIST: Option<Area> = Some(Area::Contractors);

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let flow = segments_to_one(&wire.setup, contractors(wire)?, wire.reads.contractors.clone())?;
        let mut submitter = SegmentSubmitter::new(wire.one.clone());
        if let Some(parent) = &self.below {
            submitter = submitter.below(parent.as_str().into());
        }
        Ok(vec![wire.flow(flow), wire.dispatcher([SEGMENT_ACT.into()], submitter, segment_link)?])
    }
}

/// What is learned when a person tells the id of a segment.
pub(super) fn segment_link(act: &Act, id: &str) -> Learned {
    // `segment:tenant:name:`
    let name = about(act).and_then(|name| name.strip_suffix(':'));
    Ok(name.map(|name| Link::new(SEGMENT_LINK, id, name)).into_iter().collect())
}
