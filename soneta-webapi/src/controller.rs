//! The conventions of dynamic controllers: `/api/{Controller}/{Method}`, scalars in the query (also of a POST), one object in the
//! body. A value type by itself (date, percent, time) is a bare JSON string as the body. The answer is read as JSON whatever its
//! `Content-Type` says.
//!
//! Which controllers a server has depends on its add-ons, per database. Typed calls of an add-on are best written as structs that
//! implement [`Endpoint`]; a call by name is for the odd one.

use std::fmt;
use std::marker::PhantomData;

use api_transport::{Effect, Endpoint, Path, Priority};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use crate::{Error, Result, envelope};

/// A call of a controller by name.
///
/// The answer is looked at for a refusal (`Success: false`) and then read into `T`.
///
/// ```no_run
/// # async fn run(client: soneta_webapi::Client) -> soneta_webapi::Result<()> {
/// use soneta_webapi::{ControllerCall, Effect};
///
/// // The argument is a scalar, so it goes into the query.
/// let call = ControllerCall::<i64>::new("SimpleDataApi", "PostIntData", Effect::Read).scalar("intValue", 5);
/// let answer = client.send(&call).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ControllerCall<T> {
    controller: String,
    name: String,
    effect: Effect,
    verb: Method,
    priority: Priority,
    scalars: Vec<(&'static str, String)>,
    body: Option<Bytes>,
    text_json: bool,
    answer: PhantomData<fn() -> T>,
}

impl<T> ControllerCall<T> {
    /// A POST without arguments. `effect` says what a second delivery does: [`Effect::Create`] where nobody knows.
    pub fn new(controller: impl Into<String>, method: impl Into<String>, effect: Effect) -> Self {
        Self {
            controller: controller.into(),
            name: method.into(),
            effect,
            verb: Method::POST,
            priority: Priority::Normal,
            scalars: Vec::new(),
            body: None,
            text_json: false,
            answer: PhantomData,
        }
    }

    /// Adds a scalar argument (text, number, truth value, enum word) by its parameter's name.
    #[must_use]
    pub fn scalar(mut self, name: &'static str, value: impl ToString) -> Self {
        self.scalars.push((name, value.to_string()));
        self
    }

    /// Sets the one object argument; a text for one that is a date (`"2022-05-18"`), a percentage (`"50,00%"`) or a time (`"8:05"`).
    ///
    /// # Errors
    /// Kind `Config` when it cannot be written as JSON.
    pub fn object<B: Serialize + ?Sized>(mut self, object: &B) -> Result<Self> {
        let json = serde_json::to_vec(object)
            .map_err(|_| Error::config("the argument cannot be written as JSON"))?;
        self.body = Some(json.into());
        Ok(self)
    }

    /// Another verb than POST.
    #[must_use]
    pub fn verb(mut self, verb: Method) -> Self {
        self.verb = verb;
        self
    }

    /// Sends the body as `text/json` instead of `application/json`, for a method whose `MediaType` says so.
    #[must_use]
    pub fn text_json(mut self) -> Self {
        self.text_json = true;
        self
    }

    /// Goes before calls of normal priority.
    #[must_use]
    pub fn urgent(mut self) -> Self {
        self.priority = Priority::Urgent;
        self
    }
}

impl<T> fmt::Debug for ControllerCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControllerCall")
            .field("controller", &self.controller)
            .field("method", &self.name)
            .field("effect", &self.effect)
            .finish_non_exhaustive()
    }
}

/// The body is made when the call is, so that there is nothing left to serialise.
impl<T> Serialize for ControllerCall<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<T: DeserializeOwned + Send> Endpoint for ControllerCall<T> {
    const EFFECT: Effect = Effect::Create;
    type Response = T;

    fn path(&self) -> Path {
        Path::new(["api", self.controller.as_str(), self.name.as_str()])
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.scalars.clone()
    }

    fn body(&self) -> Result<Option<Bytes>> {
        let empty = (self.verb != Method::GET).then(Bytes::new);
        Ok(self.body.clone().or(empty))
    }

    fn headers(&self) -> HeaderMap {
        let kind = self.text_json.then(|| (CONTENT_TYPE, HeaderValue::from_static("text/json")));
        HeaderMap::from_iter(kind)
    }

    fn effect(&self) -> Effect {
        self.effect
    }

    fn method(&self) -> Method {
        self.verb.clone()
    }

    fn priority(&self) -> Priority {
        self.priority
    }

    fn decode(&self, body: &[u8]) -> Result<T> {
        envelope::decode(body)
    }
}
