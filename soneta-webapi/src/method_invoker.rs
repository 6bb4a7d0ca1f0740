//! The older way to call an add-on: `POST /api/MethodInvoker/InvokeServiceMethod`, with an operator's name and password in every
//! body and no session.
//!
//! Servers have it switched off by default. Where there is a choice, an application token and [`Client`](crate::Client) are
//! better: a token can be locked and renewed, and says nothing about the operator.

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use api_transport::{
    Effect, Endpoint, ErrorKind, Path, RetryBudget, RetryPolicy, Transport, TransportBuilder, WireLog,
    decode_json,
};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use url::Url;

use crate::envelope::{self, without_trace};
use crate::settings::transport_settings;
use crate::{Error, Result};

const NOT_THERE: &str = "The MethodInvoker of this server is switched off, as it is by default: have WebApi:LegacyControllers:MethodInvoker \
     set to true (overlay use-legacy_controllers), or use a Client with an application token. Check the base URL as well.";

/// A method of a published service, as a struct of its arguments.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use soneta_webapi::{Effect, MethodInvoker, Result, ServiceMethod};
///
/// #[derive(Serialize)]
/// struct NazwaTowaru {
///     #[serde(rename = "EAN")]
///     ean: String,
/// }
///
/// impl ServiceMethod for NazwaTowaru {
///     const SERVICE: &'static str = "WebApiService.Interfaces.ITowarAPI, WebApiService";
///     const METHOD: &'static str = "NazwaTowaru";
///     const EFFECT: Effect = Effect::Read;
///     type Response = Option<String>;
/// }
///
/// async fn nazwa(invoker: &MethodInvoker, ean: String) -> Result<Option<String>> {
///     invoker.send(&NazwaTowaru { ean }).await
/// }
/// ```
pub trait ServiceMethod: Serialize + Sync {
    /// `"Full.Interface.Name, AssemblyName"`.
    const SERVICE: &'static str;
    /// The method's name, in its own case.
    const METHOD: &'static str;
    /// What a second delivery does: [`Effect::Create`] where nobody knows.
    const EFFECT: Effect;
    /// What it returns; an [`Option`] or `()` where that may be nothing.
    type Response: DeserializeOwned + Send;
}

/// Calls methods of published services by name. Clones are cheap. There is no session: nothing to log in to and nothing to close.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let password = secrecy::SecretString::from("secret");
/// # let simulator = soneta_webapi::simulator::Simulator::builder().method_invoker("B2B", password.clone());
/// # let simulator = simulator.start().await?;
/// # let url = simulator.url().clone();
/// use soneta_webapi::{Effect, MethodInvoker};
///
/// let invoker = MethodInvoker::builder(url, "demo", "B2B", password).build()?;
/// let service = "WebApiService.Interfaces.ITowarAPI, WebApiService";
/// let args = serde_json::json!({"EAN": "5901234123457"});
/// let nazwa: Option<String> = invoker.invoke(service, "NazwaTowaru", &args, Effect::Read).await?;
/// assert_eq!(nazwa, None, "nobody has such a good");
/// # Ok(())
/// # }
/// ```
///
/// How sure: the vendor's own client and type for request and answer; a partner's documentation. That a switched off MethodInvoker
/// answers 404 is *inferred*.
#[derive(Clone)]
pub struct MethodInvoker {
    transport: Transport,
    database: String,
    operator: String,
    password: SecretString,
}

impl MethodInvoker {
    /// Starts a MethodInvoker of the server at `base_url` (with its path prefix, without `/api`), with the name of the database
    /// (`DatabaseHandle`), and name and password of an operator.
    pub fn builder(
        base_url: Url,
        database: impl Into<String>,
        operator: impl Into<String>,
        password: SecretString,
    ) -> MethodInvokerBuilder {
        let transport =
            Transport::builder(base_url).user_agent(concat!("soneta-webapi/", env!("CARGO_PKG_VERSION")));
        MethodInvokerBuilder { transport, database: database.into(), operator: operator.into(), password }
    }

    /// Calls a method by the struct of its arguments.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke).
    pub async fn send<M: ServiceMethod>(&self, call: &M) -> Result<M::Response> {
        self.invoke(M::SERVICE, M::METHOD, call, M::EFFECT).await
    }

    /// Calls a method by name. `args` is an object of parameter name and value; `()` for a method without parameters.
    ///
    /// The result is what the method returns, after a look for a refusal (`Success: false`). A method that returns nothing is read
    /// into `()` or an [`Option`]. Some services return a text that holds JSON; it is read as what it holds when `T` is no text, and a
    /// refusal in it is one whatever `T` is.
    ///
    /// # Errors
    /// Kind `Refused` when the method ended with an exception, with its message in `detail()`; wrong credentials look the same
    /// (*inferred*). There is no code that tells whether a write was saved before it: `may_have_been_applied()` holds for every
    /// exception of one, also that of wrong credentials. Kind `NotFound` when the server has no MethodInvoker, `Config` when `args` is no object, and otherwise as
    /// [`Client::send`](crate::Client::send).
    pub async fn invoke<T, A>(&self, service: &str, method: &str, args: &A, effect: Effect) -> Result<T>
    where
        T: DeserializeOwned + Send,
        A: Serialize + ?Sized,
    {
        let body = self.body(service, method, args)?;
        let call = InvokeServiceMethod { body, effect, result: PhantomData };
        self.transport.send(&call).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => error.with_message("there is no MethodInvoker").with_advice(NOT_THERE),
            _ => error,
        })
    }

    fn body<A: Serialize + ?Sized>(&self, service: &str, method: &str, args: &A) -> Result<Bytes> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Wire<'a> {
            database_handle: &'a str,
            operator: &'a str,
            password: &'a str,
            service_name: &'a str,
            method_name: &'a str,
            method_args: &'a RawValue,
        }
        let unwritable = |_| Error::config("the arguments cannot be written as JSON");
        let mut args = to_raw_value(args).map_err(unwritable)?;
        if args.get() == "null" {
            args = to_raw_value(&serde_json::Map::new()).map_err(unwritable)?;
        }
        if !args.get().starts_with('{') {
            return Err(Error::config("the arguments are no object of parameter name and value"));
        }
        let wire = Wire {
            database_handle: &self.database,
            operator: &self.operator,
            password: self.password.expose_secret(),
            service_name: service,
            method_name: method,
            method_args: &args,
        };
        Ok(serde_json::to_vec(&wire).map_err(unwritable)?.into())
    }
}

impl fmt::Debug for MethodInvoker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodInvoker")
            .field("base_url", &self.transport.base_url().as_str())
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`MethodInvoker`]. All have defaults.
pub struct MethodInvokerBuilder {
    transport: TransportBuilder,
    database: String,
    operator: String,
    password: SecretString,
}

transport_settings!(MethodInvokerBuilder);

impl MethodInvokerBuilder {
    /// How many calls may be in flight at once. Default 1.
    #[must_use]
    pub fn in_flight(mut self, calls: usize) -> Self {
        self.transport = self.transport.in_flight(calls);
        self
    }

    /// Makes the MethodInvoker. Nothing is sent yet.
    ///
    /// # Errors
    /// Kind `Config`: the base URL is neither `https` nor permitted plain `http`, or holds credentials, a query or a fragment;
    /// the name of database or operator is empty; a certificate or the proxy cannot be used.
    pub fn build(self) -> Result<MethodInvoker> {
        let Self { transport, database, operator, password } = self;
        for (name, message) in
            [(&database, "the name of the database is empty"), (&operator, "the operator's name is empty")]
        {
            if name.trim().is_empty() {
                return Err(Error::config(message));
            }
        }
        Ok(MethodInvoker { transport: transport.build()?, database, operator, password })
    }
}

impl fmt::Debug for MethodInvokerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodInvokerBuilder")
            .field("transport", &self.transport)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// `POST api/MethodInvoker/InvokeServiceMethod`. The body, which holds the password, is made when the call is.
struct InvokeServiceMethod<T> {
    body: Bytes,
    effect: Effect,
    result: PhantomData<fn() -> T>,
}

impl<T> Serialize for InvokeServiceMethod<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<T: DeserializeOwned + Send> Endpoint for InvokeServiceMethod<T> {
    const EFFECT: Effect = Effect::Create;
    type Response = T;

    fn path(&self) -> Path {
        Path::new(["api", "MethodInvoker", "InvokeServiceMethod"])
    }

    fn body(&self) -> Result<Option<Bytes>> {
        Ok(Some(self.body.clone()))
    }

    fn effect(&self) -> Effect {
        self.effect
    }

    fn decode(&self, body: &[u8]) -> Result<T> {
        let answer: Answer = envelope::decode(body)?;
        if answer.is_exception {
            let message = answer.exception_message.unwrap_or_default();
            // Nothing tells whether it came before the method saved what it did, or after.
            return Err(Error::refused(None, without_trace(&message))
                .with_may_have_been_applied(self.effect.is_write()));
        }
        result(answer.result_instance.as_deref().map_or("null", RawValue::get))
    }
}

/// Builds before 2510 answer in camelCase.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "IsException", alias = "isException")]
    is_exception: bool,
    #[serde(rename = "ExceptionMessage", alias = "exceptionMessage", default)]
    exception_message: Option<String>,
    #[serde(rename = "ResultInstance", alias = "resultInstance", default)]
    result_instance: Option<Box<RawValue>>,
}

/// What the method returned. `IsEmpty` says no more than that it is `null`.
fn result<T: DeserializeOwned>(json: &str) -> Result<T> {
    let text = serde_json::from_str::<String>(json).unwrap_or_default();
    if text.trim_start().starts_with('{')
        && let Err(refused) = envelope::decode::<IgnoredAny>(text.as_bytes())
        && refused.kind() == ErrorKind::Refused
    {
        return Err(refused);
    }
    let error = match envelope::decode(json.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::Decode => error,
        outcome => return outcome,
    };
    let holds_json =
        text.trim_start().starts_with(['{', '[']) && decode_json::<IgnoredAny>(text.as_bytes()).is_ok();
    if holds_json { envelope::decode(text.as_bytes()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::Value;

    fn read<T: DeserializeOwned + Send>(body: &str) -> Result<T> {
        InvokeServiceMethod::<T> { body: Bytes::new(), effect: Effect::Read, result: PhantomData }
            .decode(body.as_bytes())
    }

    fn returned<T: DeserializeOwned + Send>(result: &str) -> Result<T> {
        read(&format!(
            r#"{{"IsException":false,"ExceptionMessage":null,"IsEmpty":false,"ResultInstance":{result}}}"#
        ))
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Towar {
        kod: String,
    }

    #[test]
    fn a_result_of_any_form_is_read() {
        let buty = || Towar { kod: "BUTY".to_owned() };
        assert_eq!(returned::<Towar>(r#"{"Kod":"BUTY"}"#).unwrap(), buty());
        assert_eq!(returned::<Vec<Towar>>(r#"[{"Kod":"BUTY"}]"#).unwrap(), [buty()]);
        assert_eq!(returned::<i64>("7").unwrap(), 7);
        assert!(returned::<bool>("true").unwrap());
        assert_eq!(returned::<String>(r#""Buty""#).unwrap(), "Buty");
        let camel = r#"{"isException":false,"isEmpty":false,"resultInstance":{"Kod":"BUTY"}}"#;
        assert_eq!(read::<Towar>(camel).unwrap(), buty());
    }

    #[test]
    fn a_text_that_holds_json_is_read_as_what_it_holds_unless_a_text_is_wanted() {
        let held = r#""{\"Kod\":\"BUTY\"}""#;
        assert_eq!(returned::<Towar>(held).unwrap().kod, "BUTY");
        assert_eq!(returned::<Vec<Towar>>(r#"" [{\"Kod\":\"A\"}]""#).unwrap().len(), 1);
        assert_eq!(returned::<String>(held).unwrap(), r#"{"Kod":"BUTY"}"#);
        assert!(returned::<i64>(r#""7""#).is_err(), "a scalar in a text is a text");
    }

    #[test]
    fn a_method_that_returns_nothing_is_an_option_or_a_unit() {
        for empty in [
            r#"{"IsException":false,"ExceptionMessage":null,"IsEmpty":true,"ResultInstance":null}"#,
            r#"{"isException":false,"isEmpty":true}"#,
        ] {
            read::<()>(empty).unwrap();
            assert_eq!(read::<Option<Towar>>(empty).unwrap(), None);
            assert_eq!(read::<Towar>(empty).unwrap_err().kind(), ErrorKind::Decode);
        }
    }

    #[rstest]
    #[case::pascal_case(
        r#"{"IsException":true,"ExceptionMessage":"Nie ma","IsEmpty":true,"ResultInstance":null}"#
    )]
    #[case::camel_case(r#"{"isException":true,"exceptionMessage":"Nie ma"}"#)]
    #[case::with_a_trace(
        r#"{"IsException":true,"ExceptionMessage":"Nie ma\r\n   w Soneta.Tajne()\n   at X"}"#
    )]
    #[case::of_the_service(
        r#"{"IsException":false,"ResultInstance":{"Success":false,"Description":"Nie ma"}}"#
    )]
    #[case::of_the_service_in_a_text(
        r#"{"IsException":false,"ResultInstance":"{\"Success\":false,\"Description\":\"Nie ma\"}"}"#
    )]
    fn an_exception_and_a_refusal_are_told_in_the_detail_alone(#[case] body: &str) {
        let error = read::<Towar>(body).unwrap_err();
        assert_eq!((error.kind(), error.detail()), (ErrorKind::Refused, Some("Nie ma")));
        assert!(!format!("{error}{error:?}").contains("Nie ma"));
    }

    #[test]
    fn a_refusal_in_a_text_is_one_whatever_is_wanted() {
        fn kind<T: DeserializeOwned + Send>() -> ErrorKind {
            returned::<T>(r#""{\"Success\":false}""#).map(|_| ()).unwrap_err().kind()
        }
        let kinds = [kind::<Value>(), kind::<String>(), kind::<Option<String>>(), kind::<Towar>()];
        assert_eq!(kinds, [ErrorKind::Refused; 4]);
        assert_eq!(returned::<String>(r#""{ostatnie sztuki}""#).unwrap(), "{ostatnie sztuki}");
    }

    #[rstest]
    #[case::no_envelope(r#"{"Kod":"BUTY"}"#)]
    #[case::an_odd_flag(r#"{"IsException":"false","ResultInstance":null}"#)]
    #[case::a_bare_text(r#""Serwer zajęty""#)]
    #[case::a_page("<html>")]
    #[case::empty("")]
    #[case::null("null")]
    fn what_is_no_answer_is_no_success(#[case] body: &str) {
        assert_eq!(read::<Value>(body).unwrap_err().kind(), ErrorKind::Decode);
        assert_eq!(read::<()>(body).unwrap_err().kind(), ErrorKind::Decode);
    }
}
