//! Numbers as people and programs write them, exact or not at all.

use rust_decimal::Decimal;

/// How numbers are written in a file.
///
/// Read are digits with one decimal mark, a minus before them, blanks around them, and groups of exactly three digits
/// where groups are set. Everything else is refused: exponents, currencies, `NaN`, a mark without digits on both sides, a
/// mark of the other kind, more digits than a [`Decimal`] holds.
///
/// ```
/// use rust_decimal::Decimal;
/// use sync_core::files::NumberFormat;
///
/// let polish = NumberFormat::comma().groups_by_spaces();
/// assert_eq!(polish.parse("1 234,50"), Ok(Decimal::new(123_450, 2)));
/// assert!(polish.parse("1,234.50").is_err());
/// assert!(NumberFormat::point().parse("12,5").is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NumberFormat {
    mark: char,
    groups: Groups,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Groups {
    None,
    Spaces,
    OtherMark,
}

impl NumberFormat {
    /// `1234,50`.
    #[must_use]
    pub const fn comma() -> Self {
        Self { mark: ',', groups: Groups::None }
    }

    /// `1234.50`.
    #[must_use]
    pub const fn point() -> Self {
        Self { mark: '.', groups: Groups::None }
    }

    /// Thousands may be set apart by a space, a no-break space or a narrow no-break space, the same one throughout:
    /// `1 234,50`.
    #[must_use]
    pub const fn groups_by_spaces(mut self) -> Self {
        self.groups = Groups::Spaces;
        self
    }

    /// Thousands may be set apart by the mark that is not the decimal one: `1.234,50` or `1,234.50`.
    #[must_use]
    pub const fn groups_by_other_mark(mut self) -> Self {
        self.groups = Groups::OtherMark;
        self
    }

    fn is_group_mark(self, sign: char) -> bool {
        match self.groups {
            Groups::None => false,
            Groups::Spaces => matches!(sign, ' ' | '\u{a0}' | '\u{202f}'),
            Groups::OtherMark => matches!(sign, '.' | ',') && sign != self.mark,
        }
    }

    /// Reads a number; all its digits count. A negative zero is zero.
    ///
    /// # Errors
    /// What is wrong, in words that hold nothing of the text.
    pub fn parse(self, text: &str) -> Result<Decimal, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("is empty");
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        let (whole, fraction) = match digits.split_once(self.mark) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let whole = self.ungrouped(whole)?;
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(&whole) || !fraction.is_none_or(all_digits) {
            return Err("is no number of the format that is set");
        }
        let plain = match fraction {
            Some(fraction) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{whole}"),
        };
        let mut value = Decimal::from_str_exact(&plain).map_err(|_| "has too many digits")?;
        if value.is_zero() {
            value.set_sign_positive(true);
        }
        Ok(value)
    }

    fn ungrouped(self, whole: &str) -> Result<String, &'static str> {
        let Some(mark) = whole.chars().find(|sign| self.is_group_mark(*sign)) else {
            return Ok(whole.to_owned());
        };
        let groups: Vec<&str> = whole.split(mark).collect();
        let fits = |(n, group): (usize, &&str)| match n {
            0 => (1..=3).contains(&group.len()),
            _ => group.len() == 3,
        };
        if groups.iter().enumerate().all(fits) {
            Ok(groups.concat())
        } else {
            Err("has digits in odd groups")
        }
    }

    /// Writes the number with all its digits and without groups. A negative zero is zero.
    #[must_use]
    pub fn write(self, mut value: Decimal) -> String {
        if value.is_zero() {
            value.set_sign_positive(true);
        }
        let text = value.to_string();
        if self.mark == '.' { text } else { text.replace('.', &self.mark.to_string()) }
    }
}

impl Default for NumberFormat {
    /// `1234.50`, without groups.
    fn default() -> Self {
        Self::point()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_the_format_are_read_to_the_last_digit() {
        let spaced = NumberFormat::comma().groups_by_spaces();
        let pointed = NumberFormat::comma().groups_by_other_mark();
        for (format, text, digits) in [
            (NumberFormat::comma(), "12,50", "12.50"),
            (NumberFormat::comma(), " -0,10 ", "-0.10"),
            (NumberFormat::comma(), "-0,00", "0.00"),
            (NumberFormat::point(), "007", "7"),
            (NumberFormat::point(), "0.1000000000000000000000000001", "0.1000000000000000000000000001"),
            (spaced, "1 234 567,8", "1234567.8"),
            (spaced, "1\u{a0}234,5", "1234.5"),
            (spaced, "12\u{202f}345", "12345"),
            (pointed, "1.234,50", "1234.50"),
            (NumberFormat::point().groups_by_other_mark(), "1,234.50", "1234.50"),
        ] {
            assert_eq!(format.parse(text).unwrap().to_string(), digits);
        }
    }

    #[test]
    fn what_is_ambiguous_or_no_number_is_refused() {
        let all = [
            NumberFormat::comma(),
            NumberFormat::point(),
            NumberFormat::comma().groups_by_spaces(),
            NumberFormat::point().groups_by_other_mark(),
        ];
        let wrong = "|-|+5|abc|NaN|Inf|-inf|Infinity|1e999|1e2|12 zł|0x1F|5-|(5)|1'000|1..2|1,,2|,5|.5|5,|5.|1 23|1 2345|١٢\
            |79228162514264337593543950336|1 234\u{a0}567|- 5";
        for text in wrong.split('|') {
            for format in all {
                assert!(format.parse(text).is_err(), "{text}");
            }
        }
        assert!(NumberFormat::comma().parse("1.234").is_err());
        assert!(NumberFormat::point().parse("1,234").is_err());
        assert!(NumberFormat::comma().parse("1 234").is_err());
        assert!(NumberFormat::point().groups_by_other_mark().parse("1,23").is_err());
    }

    #[test]
    fn a_zero_is_written_without_a_sign() {
        let zero: Decimal = "-0.00".parse().unwrap();
        assert_eq!(NumberFormat::comma().write(zero), "0,00");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_with_its_places(mantissa in -(1i128 << 95)..(1i128 << 95), places in 0u32..=28) {
            let value = Decimal::from_i128_with_scale(mantissa, places);
            for format in [NumberFormat::comma(), NumberFormat::point().groups_by_other_mark()] {
                prop_assert_eq!(format.parse(&format.write(value)).unwrap().to_string(), value.to_string());
            }
        }

        #[test]
        fn grouped_digits_are_the_same_number(number in 0u64..u64::MAX, space in "[ \u{a0}\u{202f}]") {
            let digits = number.to_string();
            let mut grouped = String::new();
            for (n, digit) in digits.chars().enumerate() {
                if n > 0 && (digits.len() - n).is_multiple_of(3) {
                    grouped.push_str(&space);
                }
                grouped.push(digit);
            }
            let format = NumberFormat::comma().groups_by_spaces();
            prop_assert_eq!(format.parse(&grouped), Ok(Decimal::from(number)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = NumberFormat::comma().groups_by_spaces().parse(&text);
        }
    }
}
