//! Who may send hints for a tenant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use soneta_webapi::webhook::{PolaWskazowki, Zdarzenie};
use toml::Value;

use super::mistake::{Mistake, Place};
use super::read::{Reader, instead};
use super::secret::{Environment, Secret};
use crate::intake::{EVENTS, Hooks};

/// `[tenants.hooks]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    path_secret_env: Option<String>,
    path_secret_file: Option<PathBuf>,
    #[serde(default)]
    fields: Fields,
    #[serde(default)]
    events: BTreeMap<String, String>,
}

/// What the sender calls the fields of a hint.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    zdarzenie: Option<String>,
    tabela: Option<String>,
    id: Option<String>,
    guid: Option<String>,
    kod: Option<String>,
    chwila: Option<String>,
}

/// The hooks of a tenant, without their secrets.
#[derive(Debug, Clone)]
pub(crate) struct HooksSettings {
    secret: Option<Secret>,
    path_secret: Option<Secret>,
    fields: PolaWskazowki,
    events: BTreeMap<String, Zdarzenie>,
}

impl HooksSettings {
    pub(super) fn read(reader: &mut Reader, value: Value, place: &Place) -> Option<Self> {
        let written: Written = reader.read(value, place, &[])?;
        let mut chosen = |key, env, file| match Secret::choose(place, key, env, file, None) {
            Ok(secret) => secret,
            Err(mistake) => {
                reader.mistakes.push(mistake);
                None
            }
        };
        let secret = chosen("secret", written.secret_env, written.secret_file);
        let path_secret = chosen("path_secret", written.path_secret_env, written.path_secret_file);
        if secret.is_none() && path_secret.is_none() && reader.mistakes.is_empty() {
            reader.wrong(place, "no secret, expected secret_env or secret_file, or path_secret_env or path_secret_file of a sender that cannot sign");
        }
        let known: Vec<&str> = EVENTS.iter().map(Zdarzenie::as_str).collect();
        let mut events = BTreeMap::new();
        for (word, event) in written.events {
            if !known.contains(&event.as_str()) {
                let what = format!("names no event that a flow here waits for; {}", instead(&event, &known));
                reader.wrong(&place.key("events").key(&word), what);
            }
            events.insert(word, Zdarzenie::from(event.as_str()));
        }
        let Fields { zdarzenie, tabela, id, guid, kod, chwila } = written.fields;
        let fields = PolaWskazowki::builder()
            .maybe_zdarzenie(zdarzenie)
            .maybe_tabela(tabela)
            .maybe_id(id)
            .maybe_guid(guid)
            .maybe_kod(kod)
            .maybe_chwila(chwila)
            .build();
        Some(Self { secret, path_secret, fields, events })
    }

    /// With their secrets, or which one is missing or of no use.
    pub(crate) fn hooks(&self, environment: Environment<'_>) -> Result<Hooks, Mistake> {
        let secret =
            usable(self.secret.as_ref(), environment, |secret| Hooks::builder().secret(secret).build())?;
        let path_secret = usable(self.path_secret.as_ref(), environment, |secret| {
            Hooks::builder().path_secret(secret).build()
        })?;
        Ok(Hooks::builder()
            .maybe_secret(secret)
            .maybe_path_secret(path_secret)
            .fields(self.fields.clone())
            .events(self.events.clone())
            .build())
    }
}

/// A secret by which alone these hooks can be verified.
fn usable(
    secret: Option<&Secret>,
    environment: Environment<'_>,
    hooks: impl Fn(SecretString) -> Hooks,
) -> Result<Option<SecretString>, Mistake> {
    let Some(secret) = secret else { return Ok(None) };
    let text = secret.get(environment)?;
    match hooks(text.clone()).verifier().build() {
        Ok(_) => Ok(Some(text)),
        Err(error) => {
            let Mistake { place, what } = secret.useless();
            Err(Mistake::new(place, format!("{what}: {error}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use soneta_webapi::webhook::{Wskazowka, Zdarzenie};
    use toml::Table;

    use super::{HooksSettings, Place, Reader};

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn a_secret_of_no_use_is_named_by_its_key_and_its_variable_and_never_shown() {
        let section: Table = "secret_env = \"HOOKS\"\npath_secret_env = \"PATH_HOOKS\"".parse().unwrap();
        let settings = HooksSettings::read(&mut Reader::default(), section.into(), &Place::root()).unwrap();
        for (wrong, key) in [("HOOKS", "secret_env"), ("PATH_HOOKS", "path_secret_env")] {
            let environment = |name: &str| Some(if name == wrong { "canary" } else { SECRET }.to_owned());
            let mistake = settings.hooks(&environment).unwrap_err();
            assert_eq!(mistake.place.to_string(), key);
            let told = mistake.what;
            assert!(
                told.starts_with(&format!("what the environment variable {wrong} holds cannot be used: ")),
                "{told}"
            );
            assert!(!told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn the_words_of_a_sender_are_read_as_the_settings_say_and_the_secret_comes_from_the_environment() {
        let section: Table = r#"
            secret_env = "HOOKS"
            fields = { zdarzenie = "event", id = "rowId" }
            events = { "order.changed" = "ZamowienieStatus", "invoice.issued" = "FakturaWystawiona" }
        "#
        .parse()
        .unwrap();
        let mut reader = Reader::default();
        let settings = HooksSettings::read(&mut reader, section.into(), &Place::root()).unwrap();
        assert!(reader.mistakes.is_empty());
        let environment = |name: &str| (name == "HOOKS").then(|| SECRET.to_owned());
        let hooks = settings.hooks(&environment).unwrap();
        assert_eq!(hooks.secret.unwrap().expose_secret(), SECRET);
        let hint = Wskazowka::parse(br#"{"event": "order.changed", "rowId": 17}"#, &hooks.fields).unwrap();
        assert_eq!((hint.zdarzenie.as_str(), hint.id), ("order.changed", Some(17)));
        let known = ["order.changed", "invoice.issued"].map(|word| hooks.events[word].clone());
        assert_eq!(known, [Zdarzenie::ZamowienieStatus, Zdarzenie::FakturaWystawiona]);
    }
}
