//! A GraphQL-over-HTTP request, from the JSON of a POST or the parameters of a GET.
//!
//! The rules are those of the draft, section "Request Parameters": members that it does not name are ignored (a server
//! MUST), and null is the same as leaving a member out. Ignored members still count towards the limits of the JSON.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::json::{JsonError, JsonLimits, parse_object};

/// What a client asks for, before anybody has looked into the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GraphqlRequest {
    /// `query`: the source text of the document; absent when `document_id` or `extensions.persistedQuery` names it.
    pub query: Option<String>,
    /// `operationName`: which operation of the document; an empty one is absent, because no operation has that name.
    pub operation_name: Option<String>,
    /// `variables`: empty when absent or null.
    pub variables: Map<String, Value>,
    /// `extensions`: empty when absent or null.
    pub extensions: Map<String, Value>,
    /// `documentId`: which persisted document (the draft's appendix on persisted documents).
    pub document_id: Option<String>,
}

/// Why something is not a GraphQL request: `BAD_REQUEST`. The sentences are for clients and repeat nothing they sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The body, or the JSON of a parameter, is refused as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The member has to be a string.
    #[error("`{0}` is not a string.")]
    NotAString(&'static str),
    /// The member has to be an object.
    #[error("`{0}` is not an object.")]
    NotAnObject(&'static str),
    /// The parameter is there twice.
    #[error("The parameter `{0}` is given twice.")]
    DuplicateParameter(&'static str),
}

impl GraphqlRequest {
    /// The request in the body of a POST. `limits` are those of `variables` and `extensions`, which are level 1 of the
    /// nesting; values are counted in the whole body. Refuses whatever [`RequestError`] names.
    pub fn from_json(body: &[u8], limits: JsonLimits) -> Result<Self, RequestError> {
        Self::from_object(parse_object(body, limits.inside(1))?)
    }

    /// The request in an object that was parsed already: the payload of a `subscribe` message. Refuses members of the
    /// wrong type.
    pub fn from_object(mut object: Map<String, Value>) -> Result<Self, RequestError> {
        Ok(Self {
            query: string(&mut object, "query")?,
            operation_name: string(&mut object, "operationName")?.filter(|name| !name.is_empty()),
            variables: self::object(&mut object, "variables")?,
            extensions: self::object(&mut object, "extensions")?,
            document_id: string(&mut object, "documentId")?,
        })
    }

    /// The request in the query component of a GET, without its `?`: `application/x-www-form-urlencoded`, `variables`
    /// and `extensions` as JSON, an empty parameter the same as none. Refuses whatever [`RequestError`] names.
    pub fn from_query(query: &str, limits: JsonLimits) -> Result<Self, RequestError> {
        let mut query_text = None;
        let mut operation_name = None;
        let mut variables = None;
        let mut extensions = None;
        let mut document_id = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "query" => set_once(&mut query_text, value, "query")?,
                "operationName" => set_once(&mut operation_name, value, "operationName")?,
                "variables" => set_once(&mut variables, value, "variables")?,
                "extensions" => set_once(&mut extensions, value, "extensions")?,
                "documentId" => set_once(&mut document_id, value, "documentId")?,
                _ => {}
            }
        }
        Ok(Self {
            query: text(query_text),
            operation_name: text(operation_name),
            variables: json(variables, "variables", limits)?,
            extensions: json(extensions, "extensions", limits)?,
            document_id: text(document_id),
        })
    }
}

fn string(object: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, RequestError> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(RequestError::NotAString(name)),
    }
}

fn object(object: &mut Map<String, Value>, name: &'static str) -> Result<Map<String, Value>, RequestError> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(RequestError::NotAnObject(name)),
    }
}

fn set_once<'query>(
    slot: &mut Option<Cow<'query, str>>,
    value: Cow<'query, str>,
    name: &'static str,
) -> Result<(), RequestError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(RequestError::DuplicateParameter(name)),
    }
}

fn text(parameter: Option<Cow<'_, str>>) -> Option<String> {
    parameter.filter(|text| !text.is_empty()).map(Cow::into_owned)
}

fn json(
    parameter: Option<Cow<'_, str>>,
    name: &'static str,
    limits: JsonLimits,
) -> Result<Map<String, Value>, RequestError> {
    match parameter.as_deref() {
        None | Some("" | "null") => Ok(Map::new()),
        Some(text) => parse_object(text.as_bytes(), limits).map_err(|error| match error {
            JsonError::Batch | JsonError::NotAnObject => RequestError::NotAnObject(name),
            error => error.into(),
        }),
    }
}
