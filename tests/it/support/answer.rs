//! What the server answered.

use axum::http::HeaderMap;
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The header fields.
    pub(crate) headers: HeaderMap,
    /// The body as it came.
    pub(crate) text: String,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    /// The data of an answer without errors.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        let json = self.json();
        assert!(json.get("errors").is_none() && self.status == 200, "{} {}", self.status, self.text);
        json["data"].clone()
    }

    /// The code of the only error.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("no errors in {}", self.text));
        assert_eq!(errors.len(), 1, "{}", self.text);
        errors[0]["extensions"]["code"].as_str().unwrap().to_owned()
    }

    /// The invalid fields of the only error, as `path: CODE` each.
    #[track_caller]
    pub(crate) fn invalid_fields(&self) -> Vec<String> {
        assert_eq!(self.code(), "BAD_USER_INPUT", "{}", self.text);
        let json = self.json();
        let fields = json["errors"][0]["extensions"]["fields"].as_array().unwrap().clone();
        let step = |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
        let path = |path: &Value| path.as_array().unwrap().iter().map(step).collect::<Vec<_>>().join(".");
        fields.iter().map(|field| format!("{}: {}", path(&field["path"]), field["code"].as_str().unwrap())).collect()
    }

    /// The value of a header field that is there once.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        assert!(values.next().is_none(), "{name} twice in {:?}", self.headers);
        value.to_str().unwrap()
    }

    /// The first member of a header field that is a list: of the budgets, the one for requests.
    #[track_caller]
    pub(crate) fn first_of(&self, name: &str) -> &str {
        self.header(name).split(", ").next().unwrap()
    }
}
