//! Segments of clients to ONe (O1).

use serde::Serialize;
use soneta_webapi::{Area, Kontrahent};
use sync_core::{Class, Flow, Key, Links, Mapped, Mapper, NewAct, OpKey, Reason, Source};

use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::enova::{SegmentName, SegmentSource};
use crate::setup::Setup;
use crate::tick::Tick;

/// Segments to ONe. One minute before the clients that are in them.
pub const SEGMENTS: Entry = Entry {
    id: "segments",
    rows: &["O1"],
    what: "segments of clients that ONe does not have yet",
    from: System::Enova,
    to: System::One,
    lane: Lane::Acts,
    class: Class::Regular,
    ticks: Ticks::every(10 * 60).at(9 * 60),
    stage: Some(Stage::I),
    needs: &[Area::Contractors],
    after: &[],
    guarantee: "each name is created once; one that no contractor has any more stays in ONe",
};

/// Kind of the acts that create a segment.
pub const SEGMENT_ACT: &str = "segment";

/// Kind of the links between a segment of ONe (`a`) and its name in the ERP (`b`).
pub const SEGMENT_LINK: &str = "segment";

/// The name of the act that creates the segment of this name.
#[must_use]
pub fn segment_op_key(tenant: &str, name: &str) -> OpKey {
    // the suffix keeps a name that ends in `#1` from looking like another version's key
    OpKey::from(format!("segment:{tenant}:{name}:"))
}

/// The flow [`SEGMENTS`]: each segment that a contractor with this tick is in.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn segments_to_one<S>(setup: &Setup, source: S, tick: Tick) -> sync_core::Result<Flow>
where
    S: Source<Record = Kontrahent> + 'static,
{
    let mapper = SegmentActs { tenant: setup.tenant.clone() };
    setup.with_weekly_full_pass().flow_to_outbox(SEGMENTS.id, SegmentSource::new(source, tick), mapper)
}

#[derive(Debug)]
struct SegmentActs {
    tenant: String,
}

#[derive(Serialize)]
struct Payload<'a> {
    name: &'a str,
}

impl Mapper<SegmentName> for SegmentActs {
    type Out = NewAct;

    fn map(&self, _key: &Key, segment: SegmentName, _links: &Links) -> Result<Mapped<NewAct>, Reason> {
        let op_key = segment_op_key(&self.tenant, &segment.0);
        let order_key = op_key.as_str().to_owned();
        let payload = Payload { name: &segment.0 };
        NewAct::new(op_key, order_key, SEGMENT_ACT, &payload, &segment.0)
            .map(Mapped::Send)
            .map_err(Reason::from)
    }
}
