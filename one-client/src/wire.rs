//! How values stand on ONe's wire.

pub(crate) mod date;
pub(crate) mod decimal;
pub(crate) mod extra;
pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod text;

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};

/// An error in serde's own words, which are the ones that may be shown: they name no content.
pub(crate) fn unfit<E: Error>(expected: &'static str) -> E {
    E::invalid_value(Unexpected::Other("another value"), &expected)
}

/// `Debug` that names the record and its ids, and shows no content: `shows!(Price { product_id })`. Lifetimes
/// are written as in `shows!(PutPrices<'_> { })`.
macro_rules! shows {
    ($name:ident $(<$life:lifetime>)? { $($field:ident),* $(,)? }) => {
        impl std::fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use shows;

/// A list that may be `null` or, with `#[serde(default)]`, absent.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An enum of words that the server may extend: a word nobody knew becomes `Unknown`.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word this version does not know, kept as it came.
            Unknown(String),
        }

        impl $name {
            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)
                    .map(|word| Self::from(word.as_ref()))
            }
        }
    };
}
pub(crate) use open_enum;
