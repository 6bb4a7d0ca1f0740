//! Unknown fields, kept.
//!
//! `#[serde(flatten)]` buffers what it reads, and a buffered number has lost its digits. Here the map
//! is split while it is read: a field that the struct names goes to the struct's own visitor
//! straight from the input, any other is kept as its JSON text. Written records put them back beside their own.

use api_transport::Error;
use rust_decimal::Decimal;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// Fields that this version does not know, each as its JSON text: of an answer, as they came; of a request, as
/// they are to be sent, for bodies that are known only in part.
///
/// A name that the record has itself must not be set here as well: it would be sent twice. `Debug` shows their names alone: what is in them may be anybody's data.
#[derive(Clone, Default)]
pub struct Extra(BTreeMap<String, Box<RawValue>>);

impl Extra {
    /// Adds a field to send.
    ///
    /// # Errors
    ///
    /// `Config`: the value is none of JSON's, for example a map whose keys are no texts.
    pub fn set(&mut self, name: impl Into<String>, value: &impl Serialize) -> Result<(), Error> {
        let json = serde_json::value::to_raw_value(value)
            .map_err(|_| Error::config("an extra field does not encode as JSON"))?;
        self.0.insert(name.into(), json);
        Ok(())
    }

    /// Adds an amount or a quantity to send, digit for digit.
    pub fn set_decimal(&mut self, name: impl Into<String>, value: Decimal) {
        if let Ok(json) = RawValue::from_string(value.to_string()) {
            self.0.insert(name.into(), json);
        }
    }

    /// The names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether nothing unknown came.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The JSON text of a field, every digit as it came.
    pub fn json(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|raw| raw.get())
    }

    /// A field as a JSON value, for looking. Numbers in it have lost their digits: an amount is read
    /// with [`decimal`](Self::decimal).
    pub fn value(&self, name: &str) -> Option<serde_json::Value> {
        serde_json::from_str(self.json(name)?).ok()
    }

    /// A field that is a text, or a number as its digits.
    pub fn text(&self, name: &str) -> Option<String> {
        super::text::of(self.0.get(name)?)
    }

    /// A field that is a number, or a string with a number in it, exactly.
    pub fn decimal(&self, name: &str) -> Option<Decimal> {
        super::decimal::parse(self.json(name)?)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.0
            .iter()
            .map(|(name, raw)| (name, raw.get()))
            .eq(other.0.iter().map(|(name, raw)| (name, raw.get())))
    }
}

impl Eq for Extra {}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

/// Implements `Serialize` and `Deserialize` for structs that derive both with `#[serde(remote = "Self")]` and have
/// a field `#[serde(flatten, skip_deserializing)] extra: Extra`.
macro_rules! keeps_extra {
    ($($name:ident),+ $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut extra = $crate::wire::extra::Extra::default();
                // The derive's inherent function, not this one.
                let mut known =
                    $name::deserialize($crate::wire::extra::Sorting::new(deserializer, &mut extra))?;
                known.extra = extra;
                Ok(known)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // As above. Written fields are not buffered, so here `flatten` keeps every digit.
                $name::serialize(self, serializer)
            }
        }
    )+};
}
pub(crate) use keeps_extra;

/// Hands a struct its own fields and the rest to `extra`.
pub(crate) struct Sorting<'a, T> {
    inner: T,
    fields: &'static [&'static str],
    extra: &'a mut Extra,
}

impl<'a, T> Sorting<'a, T> {
    pub(crate) fn new(inner: T, extra: &'a mut Extra) -> Self {
        Self { inner, fields: &[], extra }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Sorting<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(Sorting { inner: visitor, fields, extra: self.extra })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Sorting<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Sorting { inner: map, fields: self.fields, extra: self.extra })
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Sorting<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.inner.next_key::<String>()? {
            if self.fields.contains(&name.as_str()) {
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
            let value = self.inner.next_value::<Box<RawValue>>()?;
            self.extra.0.insert(name, value);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }
}
