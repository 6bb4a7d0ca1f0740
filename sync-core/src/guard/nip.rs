//! Tax numbers: the Polish NIP, and VAT numbers of the other countries of the EU.

use std::fmt;

use crate::error::{Error, Result};

/// A Polish tax number, ten digits of which the last one proves the others.
///
/// `Debug` does not show it: a sole trader's number is personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nip(String);

impl Nip {
    /// Reads a number however it is spelled: `525-224-84-81`, `PL 5252248481`.
    ///
    /// ```
    /// use sync_core::guard::nip::Nip;
    /// assert_eq!(Nip::parse("525-224-84-81")?, Nip::parse("PL5252248481")?);
    /// assert!(Nip::parse("525-224-84-82").is_err());
    /// # Ok::<(), sync_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) unless it has ten digits and the last one fits. Ten times the same digit
    /// does, and is what people type who have no number: refused as well.
    pub fn parse(text: &str) -> Result<Self> {
        let spelled = without_separators(text);
        let digits = spelled.strip_prefix("PL").unwrap_or(&spelled);
        Self::of_digits(digits)
    }

    fn of_digits(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("no NIP: ten digits are needed, of which the last one fits the others");
        let digits: Option<Vec<u32>> = text.chars().map(|character| character.to_digit(10)).collect();
        let digits: [u32; 10] = digits.and_then(|digits| digits.try_into().ok()).ok_or_else(wrong)?;
        let [rest @ .., check] = digits;
        let weighted: u32 =
            rest.iter().zip([6, 5, 7, 2, 3, 4, 5, 6, 7]).map(|(digit, weight)| digit * weight).sum();
        if weighted % 11 != check || rest.iter().all(|digit| *digit == check) {
            return Err(wrong());
        }
        Ok(Self(text.to_owned()))
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nip(..)")
    }
}

/// The countries of the EU besides Poland, by the prefix of their VAT numbers; Greece is `EL`, Northern Ireland `XI`.
const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// A number by which a company is known to the tax office.
///
/// Two of different kinds or countries are never the same company. `Debug` shows the country only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TaxNumber {
    /// A Polish one.
    Nip(Nip),
    /// One of another country of the EU.
    EuVat(EuVat),
}

/// A VAT number of another country of the EU. Its digits are not checked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EuVat {
    country: &'static str,
    number: String,
}

impl EuVat {
    /// The prefix of its country: `DE`, `EL` for Greece.
    #[must_use]
    pub fn country(&self) -> &'static str {
        self.country
    }

    /// The number without the prefix, in capital letters and digits.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl fmt::Debug for EuVat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EuVat({})", self.country)
    }
}

impl fmt::Debug for TaxNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nip(nip) => nip.fmt(f),
            Self::EuVat(number) => number.fmt(f),
        }
    }
}

impl TaxNumber {
    /// Reads a number of a company in `country` (two letters); of one whose country is not known if that is `None`.
    ///
    /// The prefix says whose number it is, otherwise the country does; with neither it is a NIP or nothing. A country is
    /// never guessed from the digits: a Belgian number may well pass for a NIP.
    ///
    /// ```
    /// use sync_core::guard::nip::TaxNumber;
    /// assert!(matches!(TaxNumber::parse("525-224-84-81", None)?, TaxNumber::Nip(_)));
    /// assert_eq!(TaxNumber::parse("DE 811 907 980", None)?, TaxNumber::parse("811907980", Some("de"))?);
    /// # Ok::<(), sync_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is none, or prefix and country contradict each other.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Self> {
        let spelled = without_separators(text);
        let country = country.map(without_separators).filter(|country| !country.is_empty());
        let country = country.as_deref().map(|country| if country == "GR" { "EL" } else { country });
        let (prefix, number) = match spelled.split_at_checked(2) {
            Some((prefix, number)) if prefix.chars().all(|letter| letter.is_ascii_uppercase()) => {
                (Some(if prefix == "GR" { "EL" } else { prefix }), number)
            }
            _ => (None, spelled.as_str()),
        };
        // a Northern Irish company says GB of itself and XI of its number
        let contradict = matches!((prefix, country), (Some(prefix), Some(country))
            if prefix != country && (prefix, country) != ("XI", "GB"));
        if contradict {
            return Err(Error::invalid(
                "a tax number's prefix is that of another country than its company's",
            ));
        }
        match prefix.or(country) {
            None | Some("PL") => Nip::of_digits(number).map(Self::Nip),
            Some(code) => {
                let country = EU.into_iter().find(|eu| *eu == code);
                let fits = (2..=12).contains(&number.len())
                    && number.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
                    && number.chars().any(|c| c.is_ascii_digit());
                match country.filter(|_| fits) {
                    Some(country) => Ok(Self::EuVat(EuVat { country, number: number.to_owned() })),
                    None => Err(Error::invalid("no VAT number of a country of the EU")),
                }
            }
        }
    }

    /// The country by the prefix of its VAT numbers.
    #[must_use]
    pub fn country(&self) -> &'static str {
        match self {
            Self::Nip(_) => "PL",
            Self::EuVat(number) => number.country,
        }
    }
}

/// Without blanks, dots and dashes of any sort, in capital letters.
fn without_separators(text: &str) -> String {
    let separates =
        |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    text.chars().filter(|c| !separates(*c)).map(|c| c.to_ascii_uppercase()).collect()
}

/// The digits and letters of a number, good or not, without a country's prefix.
pub(crate) fn bare(text: &str) -> String {
    let mut spelled = without_separators(text);
    if spelled.chars().take(2).filter(char::is_ascii_uppercase).count() == 2 {
        spelled.drain(..2);
    }
    spelled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn f71_a_nip_is_the_same_however_it_is_spelled() {
        let spellings = [
            "5252248481",
            "525-224-84-81",
            "525 224 84 81",
            "PL5252248481",
            "pl 525-22-48-481",
            "\u{a0}525\u{2013}224\u{2013}84\u{2013}81\n",
        ];
        for spelling in spellings {
            assert_eq!(Nip::parse(spelling).unwrap().as_str(), "5252248481", "{spelling:?}");
        }
        assert_eq!(format!("{:?}", Nip::parse("5252248481").unwrap()), "Nip(..)");
    }

    #[test]
    fn f71_what_is_no_nip_is_refused() {
        let wrong = [
            "",
            "PL",
            "525-224-84-82",
            "525224848",
            "52522484811",
            "5252248481a",
            "0000000000",
            "1111111111",
            "DE5252248481",
            "５２５２２４８４８１",
            "PLPL5252248481",
        ];
        for text in wrong {
            assert!(Nip::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn f71_a_foreign_number_is_never_taken_for_a_nip() {
        let parse = |text, country| TaxNumber::parse(text, country);
        assert!(matches!(parse("5252248481", None), Ok(TaxNumber::Nip(_))));
        assert!(matches!(parse("PL5252248481", Some("PL")), Ok(TaxNumber::Nip(_))));
        // passes for a NIP, and is a Belgian one
        let belgian = parse("5252248481", Some("BE")).unwrap();
        assert_eq!(belgian.country(), "BE");
        assert_ne!(belgian, parse("5252248481", None).unwrap());
        assert_eq!(parse("be 525.224.8481", None).unwrap(), belgian);
        assert_eq!(parse("GR123456789", None).unwrap(), parse("EL123456789", Some("GR")).unwrap());
        assert_eq!(parse("XI123456789", Some("GB")).unwrap().country(), "XI");
        for (text, country) in [
            ("DE811907980", Some("PL")),
            ("PL5252248481", Some("DE")),
            ("811907980", None),
            ("GB123456789", None),
            ("811907980", Some("UA")),
            ("DE", None),
            ("DE1", None),
            ("DEABCDEF", None),
            ("DEŻ11907980", None),
            ("", Some("DE")),
        ] {
            assert!(parse(text, country).is_err(), "{text} {country:?}");
        }
        assert_eq!(format!("{belgian:?}"), "EuVat(BE)");
    }

    proptest! {
        #[test]
        fn f71_nothing_makes_it_panic_and_a_nip_reads_as_itself(text in "\\PC{0,24}", country in prop::option::of("[A-Z]{2}")) {
            if let Ok(TaxNumber::Nip(nip)) = TaxNumber::parse(&text, country.as_deref()) {
                prop_assert_eq!(Nip::parse(nip.as_str()).unwrap(), nip);
            }
        }

        #[test]
        fn f71_one_wrong_digit_is_always_noticed(digits in prop::collection::vec(0u32..10, 9), at in 0usize..10, by in 1u32..10) {
            let weighted: u32 = digits.iter().zip([6, 5, 7, 2, 3, 4, 5, 6, 7]).map(|(d, w)| d * w).sum();
            prop_assume!(weighted % 11 < 10);
            let mut digits = digits;
            digits.push(weighted % 11);
            let text = |digits: &[u32]| digits.iter().map(u32::to_string).collect::<String>();
            prop_assume!(Nip::parse(&text(&digits)).is_ok());
            digits[at] = (digits[at] + by) % 10;
            prop_assert!(Nip::parse(&text(&digits)).is_err());
        }
    }
}
