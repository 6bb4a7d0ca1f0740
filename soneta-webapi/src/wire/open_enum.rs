/// Declares an enum of wire words that keeps a word it does not know.
///
/// Reads the name or the number (builds before 2510 send numbers), writes the name. `null` and `""` are unknown words.
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(/ $number:literal)?,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A word that this version does not know, as the wire spells it.
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

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;
                impl<'de> serde::de::Visitor<'de> for Word {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a word or its number")
                    }
                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<$name, E> {
                        Ok($name::from(word))
                    }
                    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<$name, E> {
                        Ok(match number {
                            $($($number => $name::$variant,)?)+
                            other => $name::Unknown(other.to_string()),
                        })
                    }
                    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<$name, E> {
                        match u64::try_from(number) {
                            Ok(number) => self.visit_u64(number),
                            Err(_) => Ok($name::Unknown(number.to_string())),
                        }
                    }
                    // A number, as serde_json hands it out when `arbitrary_precision` is on.
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        let entry = map.next_entry::<String, String>()?;
                        let digits = entry.filter(|(key, _)| key == "$serde_json::private::Number");
                        match digits.and_then(|(_, digits)| digits.parse::<i64>().ok()) {
                            Some(number) => self.visit_i64(number),
                            None => Err(serde::de::Error::invalid_type(serde::de::Unexpected::Map, &self)),
                        }
                    }
                    fn visit_unit<E: serde::de::Error>(self) -> Result<$name, E> {
                        Ok($name::Unknown(String::new()))
                    }
                }
                deserializer.deserialize_any(Word)
            }
        }
    };
}

pub(crate) use open_enum;
