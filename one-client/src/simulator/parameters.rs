//! Query parameters.

use super::refusal::Refusal;

/// The parameters of a request whose names were checked.
#[derive(Debug)]
pub(super) struct Parameters {
    given: Vec<(String, String)>,
    pub(super) max_page_size: usize,
}

impl Parameters {
    pub(super) fn check(
        given: Vec<(String, String)>,
        required: &[&str],
        optional: &[&str],
        strict: bool,
        max_page_size: usize,
    ) -> Result<Self, Refusal> {
        let is_known = |name: &str| required.contains(&name) || optional.contains(&name);
        if let Some((name, _)) = given.iter().find(|(name, _)| strict && !is_known(name)) {
            return Err(Refusal::malformed(format!("unknown parameter {name}")));
        }
        if let Some(name) = required.iter().find(|name| !given.iter().any(|(given, _)| given == *name)) {
            return Err(Refusal::malformed(format!("parameter {name} is required")));
        }
        Ok(Self { given, max_page_size })
    }

    /// The parameter, if it was given; the last one if it was given more than once.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A required parameter: it was checked to be there.
    pub(super) fn required(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// A whole number, if it was given.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let not_one = |_| Refusal::malformed(format!("{name} is not a number"));
        self.text(name).map(|value| value.parse().map_err(not_one)).transpose()
    }

    /// Several values, joined with commas, given repeatedly, or both. How ONe has them is not documented.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let given = self.given.iter().filter(|(given, _)| given == name);
        given.flat_map(|(_, values)| values.split(',')).filter(|value| !value.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[(&str, &str)], strict: bool) -> Result<Parameters, Refusal> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Parameters::check(given, &["a"], &["b"], strict, 10)
    }

    #[test]
    fn a_list_is_read_joined_and_repeated() {
        let given = check(&[("a", "1,2"), ("b", ""), ("a", "3")], true).unwrap();
        assert_eq!(given.list("a"), ["1", "2", "3"]);
        assert!(given.list("b").is_empty() && given.list("c").is_empty());
        assert_eq!((given.required("a"), given.text("c")), ("3", None));
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(check(&[], false).unwrap_err(), Refusal::malformed("parameter a is required"));
        let unknown = [("a", "1"), ("c", "1")];
        assert_eq!(check(&unknown, true).unwrap_err(), Refusal::malformed("unknown parameter c"));
        assert!(check(&unknown, false).is_ok());
    }

    #[test]
    fn a_number_must_be_one() {
        let given = check(&[("a", "12"), ("b", "x")], true).unwrap();
        assert_eq!(given.number("a"), Ok(Some(12)));
        assert_eq!(given.number("c"), Ok(None));
        assert_eq!(given.number("b").unwrap_err(), Refusal::malformed("b is not a number"));
    }
}
