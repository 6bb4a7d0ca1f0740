//! Lists in a query.

use api_transport::{Error, Result};

/// How a query names several values. Only single ones are shown anywhere, so this is a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum ListStyle {
    /// `contexts=A,B` (*inferred*).
    #[default]
    Comma,
    /// `contexts=A&contexts=B`.
    Repeated,
}

impl ListStyle {
    /// Refuses a list that would ask for other records than it names.
    ///
    /// # Errors
    ///
    /// `Invalid`: no value, or one with a comma in it where commas join them.
    pub(crate) fn check<S: AsRef<str>>(self, values: &[S]) -> Result<()> {
        if values.is_empty() {
            return Err(Error::invalid("the list names nothing; to the server that may mean all"));
        }
        if self == Self::Comma && values.iter().any(|value| value.as_ref().contains(',')) {
            return Err(Error::invalid("a value with a comma cannot stand in a list joined by commas"));
        }
        Ok(())
    }

    /// The parameters of a list. One without values is told with an empty value, as the order feed's
    /// example does.
    pub(crate) fn parameters<'v>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Vec<(&'static str, String)> {
        let values: Vec<&str> = values.into_iter().collect();
        match self {
            Self::Repeated if !values.is_empty() => {
                values.into_iter().map(|value| (name, value.to_owned())).collect()
            }
            _ => vec![(name, values.join(","))],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(ListStyle::Comma, &[], &["a="])]
    #[case(ListStyle::Comma, &["x", "y"], &["a=x,y"])]
    #[case(ListStyle::Repeated, &[], &["a="])]
    #[case(ListStyle::Repeated, &["x", "y"], &["a=x", "a=y"])]
    fn lists_are_joined_or_repeated(
        #[case] style: ListStyle,
        #[case] values: &[&str],
        #[case] told: &[&str],
    ) {
        let pairs: Vec<_> = style
            .parameters("a", values.iter().copied())
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(pairs, told);
    }
}
