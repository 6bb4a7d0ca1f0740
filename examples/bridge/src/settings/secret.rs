//! Where a secret is: never in the settings themselves.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::mistake::{Mistake, Place};

/// Where a secret is taken from: an environment variable or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SecretSource {
    /// The environment variable of this name.
    Env(String),
    /// The file at this path: its text without the line break at its end.
    File(PathBuf),
}

/// A secret that the settings name, and the key that names it.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    source: SecretSource,
    place: Place,
}

/// Reads environment variables.
pub(crate) type Environment<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// The environment of this process.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Secret {
    /// What the two keys `…_env` and `…_file` say; the default is for a secret that may be left to it.
    pub(crate) fn choose(
        place: &Place,
        key: &str,
        env: Option<String>,
        file: Option<PathBuf>,
        default: Option<&str>,
    ) -> Result<Option<Self>, Mistake> {
        let (env_key, file_key) = (format!("{key}_env"), format!("{key}_file"));
        let (source, place) = match (env, file, default) {
            (Some(_), Some(_), _) => {
                let what = format!("contradicts {env_key}: name one of them");
                return Err(Mistake::new(place.key(file_key), what));
            }
            (Some(name), None, _) if !is_name(&name) => {
                let what = format!(
                    "is no name of an environment variable (capital letters, digits, underscores); the secret itself never belongs here, see {file_key} for a file"
                );
                return Err(Mistake::new(place.key(env_key), what));
            }
            (Some(name), None, _) => (SecretSource::Env(name), place.key(env_key)),
            (None, Some(file), _) => (SecretSource::File(file), place.key(file_key)),
            (None, None, Some(name)) => (SecretSource::Env(name.to_owned()), place.key(env_key)),
            (None, None, None) => return Ok(None),
        };
        Ok(Some(Self { source, place }))
    }

    /// What is wrong where the secret's text is there and of no use: which key names it and where it came from, never the text.
    pub(crate) fn useless(&self) -> Mistake {
        Mistake::new(self.place.clone(), format!("what {} holds cannot be used", self.origin()))
    }

    /// Where its text comes from.
    pub(crate) fn origin(&self) -> String {
        match &self.source {
            SecretSource::Env(name) => format!("the environment variable {name}"),
            SecretSource::File(path) => format!("the file {}", path.display()),
        }
    }

    /// The secret, or why it is missing.
    pub(crate) fn get(&self, environment: Environment<'_>) -> Result<SecretString, Mistake> {
        let missing = |what: String| Mistake::new(self.place.clone(), what);
        let text = match &self.source {
            SecretSource::Env(name) => environment(name)
                .ok_or_else(|| missing(format!("the environment variable {name} is not set")))?,
            SecretSource::File(path) => read(path).map_err(missing)?,
        };
        let text = text.trim_end_matches(['\r', '\n']);
        match text.is_empty() {
            true => Err(missing("the secret is empty".to_owned())),
            false => Ok(SecretString::from(text)),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("the file {} cannot be read: {}", path.display(), error.kind()))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
