use std::fmt;

/// A Polish tax number (NIP): ten digits, the last of which checks the others.
///
/// The ERP holds it as people type it: with or without dashes, with or without the country code. Whether a number with a right
/// check digit was ever issued, only the tax office knows.
///
/// ```
/// use soneta_webapi::Nip;
///
/// let nip = Nip::parse("PL 526-025-02-74");
/// assert_eq!(nip, Nip::parse("5260250274"));
/// assert_eq!(nip.map(|nip| nip.to_string()).as_deref(), Some("5260250274"));
/// assert_eq!(Nip::parse("526-025-02-75"), None);
/// ```
#[doc(alias = "tax number")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nip([u8; 10]);

/// What each digit before the last counts.
const WEIGHTS: [u8; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];

impl Nip {
    /// Reads a number; dashes, spaces and the prefix `PL` do not count. `None` where it has not ten digits, or the last is not
    /// the check digit, or all are 0.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bare = text.chars().filter(|c| *c != '-' && !c.is_whitespace()).collect::<String>();
        if bare.get(..2).is_some_and(|code| code.eq_ignore_ascii_case("PL")) {
            bare.drain(..2);
        }
        let digits: [u8; 10] = bare.into_bytes().try_into().ok()?;
        if !digits.iter().all(u8::is_ascii_digit) || digits == *b"0000000000" {
            return None;
        }
        let value = |digit: &u8| u32::from(digit - b'0');
        let sum: u32 =
            digits.iter().zip(WEIGHTS).map(|(digit, weight)| value(digit) * u32::from(weight)).sum();
        // A remainder of 10 has no digit, so that no such number is issued.
        (digits.last().map(value) == Some(sum % 11)).then_some(Self(digits))
    }
}

/// A tax number without what does not count: its letters and digits, without the country code of Poland.
pub(crate) fn bare_nip(nip: &str) -> String {
    let bare: String =
        nip.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    match bare.strip_prefix("PL") {
        Some(digits) => digits.to_owned(),
        None => bare,
    }
}

/// The ten digits.
impl fmt::Display for Nip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

impl fmt::Debug for Nip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nip(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A number of nine digits with its check digit; `None` where there is none.
    fn with_check_digit(nine: u32) -> Option<String> {
        let nine = format!("{nine:09}");
        let sum: u32 =
            nine.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from((digit - b'0') * weight)).sum();
        (sum % 11 < 10).then(|| format!("{nine}{}", sum % 11))
    }

    #[test]
    fn a_number_is_read_however_it_is_typed() {
        for text in [
            "5260250274",
            "526-025-02-74",
            "526-02-50-274",
            "PL5260250274",
            "pl 526 025 02 74",
            " 526\u{a0}0250274 ",
        ] {
            assert_eq!(Nip::parse(text).unwrap().to_string(), "5260250274", "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "PL",
            "526025027",
            "52602502741",
            "5260250275",
            "DE5260250274",
            "0000000000",
            "526025027ł",
            "526.025.02.74",
        ] {
            assert_eq!(Nip::parse(text), None, "{text}");
        }
        assert_eq!(format!("{:?}", Nip::parse("5260250274")), "Some(Nip(..))");
    }

    #[test]
    fn a_contractor_is_named_by_its_number_however_either_is_typed() {
        let named = |own: &str, key: &str| {
            let row = crate::Kontrahent::builder()
                .id(crate::KontrahentId(1))
                .kod("ABC")
                .nazwa("ABC")
                .nip(own)
                .build();
            crate::KluczKontrahenta::Nip(key.to_owned()).names(&row)
        };
        assert!(named("526-025-02-74", "PL5260250274"));
        assert!(named("12345678", "123-456-78"), "an odd number is compared too");
        assert!(named("de 811 907 980", "DE811907980"));
        assert!(!named("526-025-02-74", "525-000-00-00"));
        assert!(!named("DE5260250274", "5260250274"), "the country counts");
    }

    proptest! {
        #[test]
        fn digits_with_their_check_digit_are_read_back(nine in 1u32..1_000_000_000) {
            if let Some(digits) = with_check_digit(nine) {
                let nip = Nip::parse(&digits).unwrap();
                prop_assert_eq!(nip.to_string(), digits.clone());
                let (a, b) = digits.split_at(3);
                prop_assert_eq!(Nip::parse(&format!("PL {a}-{b}")), Some(nip));
            }
        }

        #[test]
        fn one_wrong_digit_is_always_seen(nine in 1u32..1_000_000_000, place in 0usize..10, step in 1u8..10) {
            if let Some(digits) = with_check_digit(nine) {
                let mut digits = digits.into_bytes();
                digits[place] = b'0' + (digits[place] - b'0' + step) % 10;
                prop_assert_eq!(Nip::parse(&String::from_utf8(digits).unwrap()), None);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "(PL|pl)?[0-9 -]{0,14}|.{0,24}") {
            let _ = Nip::parse(&text);
        }
    }
}
