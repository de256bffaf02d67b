//! The attacks of the corpus as requests, for the router and for a socket.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::corpus::{Attack, documents, read_all};

/// An attack as a request, and what must come of it.
pub(crate) struct Attempt {
    /// Its folder and the stem of its file.
    pub(crate) name: String,
    /// The header fields of the request, but for `Host` and `Content-Length` where the attack has none of its own.
    pub(super) fields: Vec<(String, Vec<u8>)>,
    /// What a server answers.
    pub(crate) expected: Expected,
    /// What it answers on a socket.
    pub(crate) expected_on_a_socket: Expected,
    /// Whether the attack is none before it comes to a socket.
    pub(super) only_on_a_socket: bool,
    /// Header fields that the answer must have.
    pub(super) fields_of_answer: Vec<(String, String)>,
    /// Header fields that it must not have.
    pub(super) missing: Vec<String>,
    method: String,
    target: String,
    body: Vec<u8>,
}

/// What a server answers to an attack.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    status: u16,
    code: Option<String>,
    begin: String,
}

impl Expected {
    /// What `text` says: a status, and a code unless there are no errors.
    fn parse(text: &str) -> Self {
        let (status, code) = text.split_once(' ').map_or((text, None), |(status, code)| (status, Some(code)));
        Self { status: status.parse().unwrap(), code: code.map(str::to_owned), begin: String::new() }
    }

    /// Asserts that an answer is what is expected.
    #[track_caller]
    pub(crate) fn check(&self, name: &str, status: u16, body: &str) {
        assert_eq!(status, self.status, "{name}: {body}");
        assert!(body.starts_with(&self.begin), "{name}: {body}");
        let Some(code) = &self.code else {
            assert!(!body.contains("\"errors\""), "{name}: {body}");
            return;
        };
        let answer: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{name}: {error} in {body}"));
        assert!(answer.get("data").is_none_or(Value::is_null), "{name}: {body}");
        let errors = answer["errors"].as_array().unwrap();
        assert!((1..=5).contains(&errors.len()), "{name}: {body}");
        for error in errors {
            assert_eq!(error["extensions"]["code"], **code, "{name}: {body}");
        }
    }
}

/// Every attack of the corpus.
pub(crate) fn attempts() -> Vec<Attempt> {
    let requests = read_all("http");
    assert!(requests.len() >= 60, "only {} requests found", requests.len());
    let requests = requests.iter().map(Attempt::of_request);
    requests.chain(documents().iter().map(Attempt::of_document)).collect()
}

/// What a whole server answers to a document.
pub(super) fn expected_of_document(attack: &Attack) -> Expected {
    let of_guard = || format!("400 {}", attack.get("Expected").unwrap());
    Expected::parse(&attack.get("Server").map_or_else(of_guard, str::to_owned))
}

impl Attempt {
    fn of_document(attack: &Attack) -> Self {
        let expected = expected_of_document(attack);
        let (query, variables, operation) = (attack.text(), attack.variables(), attack.get("Operation"));
        let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_owned());
        Self {
            name: attack.name.clone(),
            fields: vec![
                field("Accept", "application/graphql-response+json"),
                field("Content-Type", "application/json"),
            ],
            expected_on_a_socket: expected.clone(),
            expected,
            only_on_a_socket: false,
            fields_of_answer: Vec::new(),
            missing: Vec::new(),
            method: "POST".to_owned(),
            target: "/graphql".to_owned(),
            body: json!({ "query": query, "variables": variables, "operationName": operation }).to_string().into(),
        }
    }

    fn of_request(attack: &Attack) -> Self {
        let end_of_head = attack.content.windows(2).position(|bytes| bytes == b"\n\n");
        let (head, body) = attack.content.split_at(end_of_head.unwrap_or(attack.content.len()));
        let mut lines = head.split(|byte| *byte == b'\n');
        let line = str::from_utf8(lines.next().unwrap()).unwrap();
        let (method, target) = line.split_once(' ').unwrap();
        let expected = |name| {
            let begin = attack.get("Answer").unwrap_or_default().to_owned();
            attack.get(name).map(|text| Expected { begin, ..Expected::parse(text) })
        };
        let on_a_socket = expected("Wire").or_else(|| expected("Expected")).unwrap();
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        Self {
            name: attack.name.clone(),
            fields: lines.map(field).collect(),
            expected: expected("Expected").unwrap_or_else(|| on_a_socket.clone()),
            expected_on_a_socket: on_a_socket,
            only_on_a_socket: attack.get("Expected").is_none(),
            fields_of_answer: attack.all("Field").map(pair).collect(),
            missing: attack.all("Missing").map(str::to_owned).collect(),
            method: method.to_owned(),
            target: target.to_owned(),
            body: body.get(2..).unwrap_or_default().to_owned(),
        }
    }

    /// Whether it is sent to `/graphql`, whose answers show the budgets.
    pub(super) fn is_for_the_endpoint(&self) -> bool {
        self.target.split('?').next() == Some("/graphql")
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(it, _)| it.eq_ignore_ascii_case(name))
    }

    /// The request as the router gets it.
    pub(super) fn request(&self) -> Request<Body> {
        let request = Request::builder().method(self.method.as_str()).uri(&self.target);
        let request = if self.has("host") { request } else { request.header("host", "localhost") };
        let request = self.fields.iter().fold(request, |it, (name, value)| it.header(name, value.as_slice()));
        request.body(Body::from(self.body.clone())).unwrap()
    }

    /// The bytes of the request, for the server at `host`.
    pub(crate) fn bytes(&self, host: &str) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let mut write = |name: &str, value: &[u8]| {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        };
        if !self.has("host") {
            write("Host", host.as_bytes());
        }
        if !self.has("content-length") && !self.has("transfer-encoding") {
            write("Content-Length", self.body.len().to_string().as_bytes());
        }
        self.fields.iter().for_each(|(name, value)| write(name, value));
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    /// Whether the answer has no body whatever its header fields say.
    pub(crate) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

fn field(line: &[u8]) -> (String, Vec<u8>) {
    let colon = line.windows(2).position(|bytes| bytes == b": ").unwrap();
    let (name, value) = line.split_at(colon);
    (str::from_utf8(name).unwrap().to_owned(), value[2..].to_owned())
}
