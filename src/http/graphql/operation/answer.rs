//! The answer to a request that ran: masked, and no larger than its cap.

use std::io;

use async_graphql::{ServerError, Value};
use serde::Serialize;

use super::cost::CostReport;
use super::receipt::Budget;
use crate::code::{ErrorCode, INTERNAL_MESSAGE};
use crate::config::{Config, Profile};
use crate::edge::Refusal;
use crate::graphql;
use crate::guard::mask::{self, Detail, Masked};
use crate::ids::RequestId;

/// An answer, ready to be sent.
#[derive(Debug)]
pub(in crate::http::graphql) struct Answer {
    /// The JSON of it.
    pub(in crate::http::graphql) body: Vec<u8>,
    /// Whether anything ran: otherwise it holds nothing but errors of the request.
    pub(in crate::http::graphql) ran: bool,
    /// Whether there is nothing in it but that the server could not do its work in time: a proxy or client may try again.
    pub(in crate::http::graphql) unavailable: bool,
}

/// The members of an answer, in the order in which people like to read them.
#[derive(Serialize)]
struct Members {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Extensions::is_empty")]
    extensions: Extensions,
}

/// What an answer tells besides what was asked for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Extensions {
    /// What the operation cost, if it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost: Option<CostReport>,
    /// The receipt, if the client asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) budget: Option<Budget>,
}

/// The answer to an executed operation.
///
/// # Errors
/// When it is larger than `limits.response_bytes`.
pub(super) fn write(
    config: &Config,
    request_id: RequestId,
    executed: async_graphql::Response,
    extensions: Extensions,
) -> Result<Answer, Refusal> {
    // When nothing ran, there is no `data` (GraphQL, section 7.1).
    let ran = graphql::ran(&executed);
    let detail = match config.server.profile {
        Profile::Development => Detail::Full,
        Profile::Production => Detail::Fixed,
    };
    let Masked { errors, internal } =
        mask::mask(executed.errors, config.limits.errors, &request_id.to_string(), detail);
    for cause in internal {
        tracing::error!(target: "taskward::internal", cause, "an operation failed inside");
    }
    let members = Members { errors, data: ran.then_some(executed.data), extensions };
    let body = body(&members, config.limits.response_bytes)?;
    Ok(Answer { body, ran, unavailable: members.is_unavailable() })
}

/// The answer to a request that failed before it could begin: `executed` without data.
///
/// # Errors
/// As [`write()`].
pub(super) fn write_error(
    config: &Config,
    request_id: RequestId,
    mut executed: async_graphql::Response,
) -> Result<Answer, Refusal> {
    for error in &mut executed.errors {
        error.path.clear();
    }
    write(config, request_id, executed, Extensions::default())
}

impl Extensions {
    const fn is_empty(&self) -> bool {
        self.cost.is_none() && self.budget.is_none()
    }
}

impl Members {
    /// See [`Answer::unavailable`].
    fn is_unavailable(&self) -> bool {
        let unavailable = [ErrorCode::Timeout.as_str(), ErrorCode::Overloaded.as_str()].map(Value::from);
        let code = |error: &ServerError| error.extensions.as_ref().and_then(|values| values.get("code")).cloned();
        self.data == Some(Value::Null) && self.errors.iter().filter_map(code).any(|code| unavailable.contains(&code))
    }
}

/// The text of an answer, which is given up at the byte that is too many.
fn body(answer: &Members, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut body = Bounded { bytes: Vec::new(), most };
    match serde_json::to_writer(&mut body, answer) {
        Ok(()) => Ok(body.bytes),
        Err(error) if error.io_error_kind() == Some(io::ErrorKind::FileTooLarge) => {
            let message = "The answer would be too large: ask for less at once.";
            Err(Refusal::new("answer", ErrorCode::ResponseTooLarge, message).of_limit("limits.response_bytes"))
        }
        Err(error) => {
            tracing::error!(target: "taskward::internal", cause = %error, "an answer can't be written");
            Err(Refusal::new("answer", ErrorCode::InternalServerError, INTERNAL_MESSAGE))
        }
    }
}

/// Bytes that never take more memory than `most`.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let length = self.bytes.len().saturating_add(piece.len());
        if length > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if length > self.bytes.capacity() {
            // Twice as much, as a vector does by itself, but not beyond the cap.
            let capacity = self.bytes.capacity().saturating_mul(2).max(length).min(self.most);
            self.bytes.reserve_exact(capacity.saturating_sub(self.bytes.len()));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_at_the_cap_is_written_and_one_byte_more_is_refused() {
        for length in [0, 1, 100, 5_000, 70_000] {
            let data = Some(Value::from("x".repeat(length)));
            let answer = Members { errors: Vec::new(), data, extensions: Extensions::default() };
            let text = serde_json::to_vec(&answer).unwrap();
            let body = |most| body(&answer, most);
            let at_the_cap = body(text.len()).unwrap();
            assert_eq!(at_the_cap, text);
            assert!(at_the_cap.capacity() <= text.len(), "{} for {}", at_the_cap.capacity(), text.len());
            let refusal = body(text.len() - 1).unwrap_err();
            assert_eq!((refusal.code, refusal.limit), (ErrorCode::ResponseTooLarge, Some("limits.response_bytes")));
        }
    }

    #[test]
    fn memory_grows_with_the_answer_and_stops_at_the_cap() {
        let mut body = Bounded { bytes: Vec::new(), most: 1_000 };
        for length in 1..=1_000 {
            io::Write::write_all(&mut body, b"x").unwrap();
            assert!(body.bytes.capacity() <= 1_000.min(2 * length), "{} for {length}", body.bytes.capacity());
        }
        assert_eq!(io::Write::write(&mut body, b"x").unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!((body.bytes.len(), body.bytes.capacity()), (1_000, 1_000));
    }
}
