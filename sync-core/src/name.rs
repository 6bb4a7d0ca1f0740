//! The names of records, flows and their parts.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id with this text. Copying it is cheap.
            #[must_use]
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// What a source calls a record. Stable over the record's life, unique within a flow, shown in logs: an id or a
    /// code, never a name or an address.
    Key
}
text_id! {
    /// What the target calls a record after it was written.
    TargetId
}
text_id! {
    /// What a queue wants back for a record that was dealt with: an id of its own.
    Receipt
}
text_id! {
    /// Names one act for ever, derived from the business fact: `order:{tenant}:{shipment}`. Never random.
    OpKey
}
text_id! {
    /// Acts of one order key are carried out in the order in which they were enqueued: an order's or a client's id.
    OrderKey
}
text_id! {
    /// What sort of act it is, such as `order`: a dispatcher claims the kinds that its submitter can carry out.
    ActKind
}
text_id! {
    /// What sort of link it is, such as `contractor`.
    LinkKind
}
text_id! {
    /// Who holds a lease or a claim: unique per running instance.
    Holder
}

impl Key {
    /// The longest key, in bytes. A record with a longer one becomes a reject.
    pub const LONGEST: usize = 1_000;
}

impl Holder {
    /// A holder name that no other instance has: process id plus a random number.
    #[must_use]
    pub fn unique() -> Self {
        use std::hash::{BuildHasher, Hasher, RandomState};
        let random = RandomState::new().build_hasher().finish();
        Self::from(format!("{}-{random:016x}", std::process::id()))
    }
}

/// Name of a flow: the tenant, a slash, the flow's own name, as in `demo/stock`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowName(Arc<str>);

impl FlowName {
    /// Checks and takes the name.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) unless the name is `tenant/flow` without blanks or control characters.
    pub fn new(name: impl AsRef<str>) -> Result<Self> {
        let name = name.as_ref();
        let well_formed =
            name.split_once('/').is_some_and(|(tenant, flow)| !tenant.is_empty() && !flow.is_empty());
        if !well_formed || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Error::config("a flow's name is `tenant/flow` without blanks"));
        }
        Ok(Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of the name before the first slash.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(tenant, _)| tenant)
    }
}

impl fmt::Display for FlowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A partition of a flow with a position of its own. Most flows have one part, the whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    flow: FlowName,
    name: Arc<str>,
}

impl Part {
    /// The only part of a flow that has no partitions.
    #[must_use]
    pub fn whole(flow: &FlowName) -> Self {
        Self { flow: flow.clone(), name: "".into() }
    }

    /// The part `name` of a flow: a warehouse, a contractor, a price list.
    #[must_use]
    pub fn named(flow: &FlowName, name: impl Into<Arc<str>>) -> Self {
        Self { flow: flow.clone(), name: name.into() }
    }

    /// The flow.
    #[must_use]
    pub fn flow(&self) -> &FlowName {
        &self.flow
    }

    /// The part's own name; empty for the whole.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_name_begins_with_its_tenant() {
        assert_eq!(FlowName::new("demo/stock").unwrap().tenant(), "demo");
        for wrong in ["stock", "/stock", "demo/", "de mo/stock", ""] {
            assert!(FlowName::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
