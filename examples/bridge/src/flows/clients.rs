//! Clients, enova365 ↔ ONe, and their segments. What they share is in `[tenants.clients]`.

mod segments;
mod to_enova;
mod to_one;

pub(super) use segments::Segments;
pub(super) use to_enova::ClientsToEnova;
pub(super) use to_one::{Clients, NewClients};

use soneta_webapi::{Area, Kontrahent};
use sync_core::Act;
use sync_flows::enova::KontrahenciList;

use crate::error::Result;
use crate::reads::AnySource;
use crate::wire::Wire;

/// The contractors of the ERP.
pub(super) fn contractors(wire: &Wire<'_>) -> Result<AnySource<Kontrahent>> {
    wire.list(Area::Contractors, KontrahenciList::new(wire.installation.kontrahenci()?))
}

/// What the act is about, of a name `kind:tenant:about`; none of an edit, which learns nothing new.
fn about(act: &Act) -> Option<&str> {
    act.op_key.as_str().splitn(3, ':').nth(2).filter(|_| act.version == 0)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use soneta_webapi::KontrahentId;
    use sync_core::{Act, Link, OpKey, Payload};
    use sync_flows::flows::clients::{
        NEW_CLIENT_ACT, NEW_CONTRACTOR_ACT, SEGMENT_ACT, SEGMENT_LINK, new_client_op_key,
        new_contractor_op_key, segment_op_key,
    };
    use sync_flows::flows::orders::contractor_link;

    use super::{segments, to_enova, to_one};

    fn act(op_key: OpKey, kind: &'static str) -> Act {
        let order_key = op_key.as_str().to_owned();
        Act::new(op_key, order_key, kind, Payload::from_json("{}"), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn what_a_person_found_is_linked_as_if_the_act_had_been_answered() {
        for name in ["Hurt", "Detal: Łódź", "Hurt:"] {
            let act = act(segment_op_key("shop", name), SEGMENT_ACT);
            assert_eq!(
                segments::segment_link(&act, "seg-7"),
                Ok(vec![Link::new(SEGMENT_LINK, "seg-7", name)]),
                "{name}"
            );
        }
        for client in ["org:00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000001"] {
            let act = act(new_contractor_op_key("shop", client), NEW_CONTRACTOR_ACT);
            assert_eq!(
                to_enova::contractor(&act, "17"),
                Ok(vec![contractor_link(client, KontrahentId(17))]),
                "{client}"
            );
            for kod in ["ABC", "17a", "ZO/17/2026"] {
                let refused = to_enova::contractor(&act, kod);
                assert!(refused.is_err_and(|expected| expected.contains("not its Kod")), "{kod}");
            }
        }
        let act = act(new_client_op_key("shop", KontrahentId(17)), NEW_CLIENT_ACT);
        assert_eq!(to_one::client_link(&act, "org:x"), Ok(vec![contractor_link("org:x", KontrahentId(17))]));
    }
}
