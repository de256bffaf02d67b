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
    /// The extension of automatic persisted queries has to be an object with a version and a hash.
    #[error("`extensions.persistedQuery` is not an object with `version` and `sha256Hash`.")]
    NotAPersistedQuery,
    /// There is one version of the extension.
    #[error("`extensions.persistedQuery.version` is not 1.")]
    PersistedQueryVersion,
}

impl RequestError {
    /// The setting of the limit that was passed, when it is one.
    #[must_use]
    pub const fn limit(self) -> Option<&'static str> {
        match self {
            Self::Json(error) => error.limit(),
            _ => None,
        }
    }
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
            variables: json(variables.as_deref(), "variables", limits)?,
            extensions: json(extensions.as_deref(), "extensions", limits)?,
            document_id: text(document_id),
        })
    }

    /// The id of the persisted document that the request names: `documentId`, or else
    /// `extensions.persistedQuery.sha256Hash`; none when it names none. Refuses an extension of another form or version.
    pub fn persisted_id(&self) -> Result<Option<&str>, RequestError> {
        let extension = match (&self.document_id, self.extensions.get("persistedQuery")) {
            (Some(id), _) => return Ok(Some(id)),
            (None, None | Some(Value::Null)) => return Ok(None),
            (None, Some(extension)) => extension,
        };
        match (extension.get("version"), extension.get("sha256Hash").and_then(Value::as_str)) {
            (Some(version), Some(hash)) if version.as_u64() == Some(1) => Ok(Some(hash)),
            (Some(Value::Number(_)), Some(_)) => Err(RequestError::PersistedQueryVersion),
            _ => Err(RequestError::NotAPersistedQuery),
        }
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

fn json(parameter: Option<&str>, name: &'static str, limits: JsonLimits) -> Result<Map<String, Value>, RequestError> {
    match parameter {
        None | Some("" | "null") => Ok(Map::new()),
        Some(text) => parse_object(text.as_bytes(), limits).map_err(|error| match error {
            JsonError::Batch | JsonError::NotAnObject => RequestError::NotAnObject(name),
            error => error.into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn from_json(body: &str) -> Result<GraphqlRequest, RequestError> {
        GraphqlRequest::from_json(body.as_bytes(), JsonLimits::default())
    }

    fn from_query(query: &str) -> Result<GraphqlRequest, RequestError> {
        GraphqlRequest::from_query(query, JsonLimits::default())
    }

    #[test]
    fn a_body_and_a_query_component_say_the_same() {
        let body = r#"{ "query": "query Q { a }", "operationName": "Q", "variables": { "id": [1, null] },
            "extensions": { "persistedQuery": { "version": 1 } }, "documentId": "sha256:00" }"#;
        let request = from_json(body).unwrap();
        assert_eq!(request.query.as_deref(), Some("query Q { a }"));
        assert_eq!(request.operation_name.as_deref(), Some("Q"));
        assert_eq!(Value::Object(request.variables.clone()), json!({ "id": [1, null] }));
        assert_eq!(Value::Object(request.extensions.clone()), json!({ "persistedQuery": { "version": 1 } }));
        assert_eq!(request.document_id.as_deref(), Some("sha256:00"));
        let query = "query=query+Q+%7B%20a+%7D&operationName=Q&variables=%7B%22id%22:[1,null]}\
            &extensions={%22persistedQuery%22:{%22version%22:1}}&documentId=sha256%3A00";
        assert_eq!(from_query(query), Ok(request));
    }

    #[test]
    fn null_and_empty_are_the_same_as_absent_and_unknown_members_are_ignored() {
        let absent = Ok(GraphqlRequest::default());
        for body in [
            "{}",
            r#"{"query":null,"operationName":null,"variables":null,"extensions":null,"documentId":null}"#,
            r#"{"operationName":"","id":7,"credentials":{"query":[]},"Query":"{a}"}"#,
        ] {
            assert_eq!(from_json(body), absent, "{body}");
        }
        for query in ["", "query=&operationName=&variables=&extensions=&documentId=", "variables=null&id=7&id=8&&="] {
            assert_eq!(from_query(query), absent, "{query}");
        }
    }

    #[test]
    fn a_persisted_document_is_named_by_its_id_or_by_the_extension_of_version_1() {
        for (members, expected) in [
            ("", Ok(None)),
            (r#""extensions":{"persistedQuery":null}"#, Ok(None)),
            (r#""documentId":"a""#, Ok(Some("a"))),
            (r#""extensions":{"persistedQuery":{"version":1,"sha256Hash":"b","miss":true}}"#, Ok(Some("b"))),
            (r#""documentId":"a","extensions":{"persistedQuery":{"version":1,"sha256Hash":"b"}}"#, Ok(Some("a"))),
            (
                r#""extensions":{"persistedQuery":{"version":2,"sha256Hash":"b"}}"#,
                Err(RequestError::PersistedQueryVersion),
            ),
            (
                r#""extensions":{"persistedQuery":{"version":"1","sha256Hash":"b"}}"#,
                Err(RequestError::NotAPersistedQuery),
            ),
            (r#""extensions":{"persistedQuery":{"sha256Hash":"b"}}"#, Err(RequestError::NotAPersistedQuery)),
            (r#""extensions":{"persistedQuery":{"version":1,"sha256Hash":7}}"#, Err(RequestError::NotAPersistedQuery)),
            (r#""extensions":{"persistedQuery":[1]}"#, Err(RequestError::NotAPersistedQuery)),
        ] {
            assert_eq!(from_json(&format!("{{{members}}}")).unwrap().persisted_id(), expected, "{members}");
        }
    }

    #[test]
    fn an_empty_document_stays_a_document_in_a_body() {
        assert_eq!(
            from_json(r#"{"query":""}"#).unwrap().query.as_deref(),
            Some(""),
            "it is a syntax error, not absent"
        );
    }

    #[test]
    fn members_of_the_wrong_type_are_refused() {
        for wrong in ["1", "true", "[]", "{}"] {
            for name in ["query", "operationName", "documentId"] {
                assert_eq!(from_json(&format!(r#"{{"{name}":{wrong}}}"#)), Err(RequestError::NotAString(name)));
            }
        }
        for wrong in ["1", "true", "[]", r#""{}""#] {
            for name in ["variables", "extensions"] {
                assert_eq!(from_json(&format!(r#"{{"{name}":{wrong}}}"#)), Err(RequestError::NotAnObject(name)));
                if !wrong.starts_with('"') {
                    assert_eq!(from_query(&format!("{name}={wrong}")), Err(RequestError::NotAnObject(name)));
                }
            }
        }
        assert_eq!(from_json("[]"), Err(RequestError::Json(JsonError::Batch)));
        assert_eq!(from_query("query=a&query=a"), Err(RequestError::DuplicateParameter("query")));
        assert_eq!(from_query("variables={"), Err(RequestError::Json(JsonError::Syntax)));
    }

    #[test]
    fn variables_have_the_same_nesting_in_a_body_and_in_a_query_component() {
        for (levels, taken) in [(16, true), (17, false)] {
            let variables = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
            assert_eq!(from_json(&format!(r#"{{"variables":{variables}}}"#)).is_ok(), taken, "{levels}");
            assert_eq!(from_query(&format!("variables={variables}")).is_ok(), taken, "{levels}");
        }
    }
}
