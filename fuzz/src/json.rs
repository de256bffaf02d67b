//! The JSON of a body, and the request in it or in the query component of a GET.

use serde_json::Value;
use taskward::http::json::{JsonLimits, parse_object};
use taskward::http::request::GraphqlRequest;

use super::refusal;

/// A body is refused or keeps every limit, means what any other reader of JSON takes it for, and comes out of being
/// written and read again unchanged; a request made of it, or of the same bytes in a URI, repeats none of it in refusing.
pub fn run(data: &[u8]) {
    let limits = JsonLimits::default();
    match parse_object(data, limits) {
        Ok(object) => {
            let value = Value::Object(object);
            let mut size = Size::default();
            size.add(&value, 0);
            assert!(size.nesting <= limits.nesting && size.array <= limits.array, "{size:?}");
            assert!(size.values - 1 <= limits.nodes, "{size:?}");
            assert_eq!(serde_json::from_slice::<Value>(data).unwrap(), value, "another reader sees something else");
            let written = serde_json::to_vec(&value).unwrap();
            assert_eq!(Value::Object(parse_object(&written, limits).unwrap()), value);
        }
        Err(error) => refusal::holds(&error.to_string()),
    }
    let from_body = GraphqlRequest::from_json(data, limits);
    let from_query = std::str::from_utf8(data).map(|query| GraphqlRequest::from_query(query, limits));
    for request in [Some(from_body), from_query.ok()].into_iter().flatten() {
        match request {
            Ok(request) => drop(request.persisted_id().map_err(|error| refusal::holds(&error.to_string()))),
            Err(error) => refusal::holds(&error.to_string()),
        }
    }
}

/// How large a value is.
#[derive(Debug, Default)]
struct Size {
    values: usize,
    nesting: usize,
    array: usize,
}

impl Size {
    fn add(&mut self, value: &Value, level: usize) {
        self.values += 1;
        match value {
            Value::Array(entries) => {
                self.nesting = self.nesting.max(level + 1);
                self.array = self.array.max(entries.len());
                for entry in entries {
                    self.add(entry, level + 1);
                }
            }
            Value::Object(members) => {
                self.nesting = self.nesting.max(level + 1);
                for member in members.values() {
                    self.add(member, level + 1);
                }
            }
            _ => {}
        }
    }
}
