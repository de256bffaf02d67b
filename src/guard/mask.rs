//! The mask: what a client may see of the errors of an answer, decided by kind and by an allow-list.
//!
//! *Attack.* Errors that tell of the database or the code; names of the schema, learnt from "did you mean"; the
//! caller's own text sent back; a thousand errors for one small document.
//! *Setting.* `limits.errors`; a message has at most 300 characters.
//! *Answer.* Errors with a code of ours pass. The library's validation and coercion errors get a code, and their text
//! only in full [`Detail`]. Everything else is `INTERNAL_SERVER_ERROR` and one fixed sentence.
//! *Test.* `tests/mask.rs`.

use async_graphql::{ErrorExtensionValues, ServerError, Value};

use super::Violation;
use crate::code::{ErrorCode, INTERNAL_MESSAGE};

/// The most characters of one message.
pub const MESSAGE_CHARACTERS: usize = 300;

/// How much the errors about a document and its values say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What is wrong, with names of the schema: for development.
    Full,
    /// That something is wrong, and where: for production.
    Fixed,
}

/// The errors of an answer after the mask.
#[derive(Debug)]
pub struct Masked {
    /// What the client sees.
    pub errors: Vec<ServerError>,
    /// The texts that were replaced by [`INTERNAL_MESSAGE`], for the log, without repetitions.
    pub internal: Vec<String>,
}

/// What a client may see of `errors`: at most `most` of them, none twice, each with `extensions.code` and
/// `extensions.requestId`.
#[must_use]
pub fn mask(errors: Vec<ServerError>, most: usize, request_id: &str, detail: Detail) -> Masked {
    let mut masked = Masked { errors: Vec::new(), internal: Vec::new() };
    for mut error in errors {
        if let Some((code, fixed)) = kind(&error) {
            let is_internal = code == ErrorCode::InternalServerError;
            if is_internal && masked.internal.len() < most && !masked.internal.contains(&error.message) {
                masked.internal.push(error.message.clone());
            }
            if is_internal || detail == Detail::Fixed {
                fixed.clone_into(&mut error.message);
            }
            error.extensions.get_or_insert_default().set("code", code.as_str());
        }
        if masked.errors.len() < most {
            error.source = None;
            cut(&mut error.message);
            error.extensions.get_or_insert_default().set("requestId", request_id);
            if !masked.errors.contains(&error) {
                masked.errors.push(error);
            }
        }
    }
    masked
}

/// The code and the fixed sentence of an error that does not bear a code of ours.
fn kind(error: &ServerError) -> Option<(ErrorCode, &'static str)> {
    if matches!(error.extensions.as_ref().and_then(|values| values.get("code")), Some(Value::String(_))) {
        return None;
    }
    let kinds: &[Kind] = if error.path.is_empty() { &REQUEST } else { &[] };
    // An error that a resolver passed on has a source, and may happen to start with the same words.
    let known = kinds.iter().chain(&COERCION).filter(|_| error.source.is_none());
    let kind = known.into_iter().find(|(start, ..)| error.message.starts_with(start));
    Some(kind.map_or((ErrorCode::InternalServerError, INTERNAL_MESSAGE), |(_, code, fixed)| (*code, fixed)))
}

/// How the library's messages of one kind start, their code, and the sentence that stands for them.
type Kind = (&'static str, ErrorCode, &'static str);

const UNFIT: &str = "The document does not fit the schema.";
const VALUE: &str = "A value does not fit its type.";
const INVALID: ErrorCode = ErrorCode::GraphqlValidationFailed;

/// Errors about values, of the request (without a path) or of a field.
const COERCION: [Kind; 3] = [
    ("Failed to parse \"", ErrorCode::BadUserInput, VALUE),
    ("Expected input type \"", ErrorCode::BadUserInput, VALUE),
    ("Variable ", ErrorCode::BadUserInput, VALUE),
];

/// Errors about the document as a whole, which have no path: validation, and the library's own limits.
const REQUEST: [Kind; 20] = [
    ("Invalid value for argument ", INVALID, UNFIT),
    ("Invalid default value for argument", INVALID, UNFIT),
    ("Unknown type ", INVALID, UNFIT),
    ("Unknown field ", INVALID, UNFIT),
    ("Unknown argument ", INVALID, UNFIT),
    ("Unknown directive ", INVALID, UNFIT),
    ("Unknown fragment", INVALID, UNFIT),
    ("Duplicate directive ", INVALID, UNFIT),
    ("Directive \"", INVALID, UNFIT),
    ("Fragment ", INVALID, UNFIT),
    ("Cannot spread fragment ", INVALID, UNFIT),
    ("Variable \"", INVALID, UNFIT),
    ("Field \"", INVALID, UNFIT),
    ("Fields \"", INVALID, UNFIT),
    ("There can only be one ", INVALID, UNFIT),
    ("Schema is not configured for ", INVALID, UNFIT),
    ("Query is too complex.", ErrorCode::QueryTooComplex, "The operation is too complex."),
    ("Query is nested too deep.", ErrorCode::QueryTooDeep, "The operation is nested too deeply."),
    ("The recursion depth of the query ", ErrorCode::QueryTooDeep, "The operation is nested too deeply."),
    ("The number of directives ", ErrorCode::TooManyDirectives, "A field has too many directives."),
];

/// Cuts `message` to [`MESSAGE_CHARACTERS`], with an ellipsis where something is missing.
fn cut(message: &mut String) {
    if message.chars().nth(MESSAGE_CHARACTERS).is_some() {
        let last = message.char_indices().nth(MESSAGE_CHARACTERS.saturating_sub(1));
        message.truncate(last.map_or(0, |(at, _)| at));
        message.push('…');
    }
}

impl Violation {
    /// The refusal as an error of an answer; with `extensions.fields`, and in full detail with
    /// `extensions.limit`: its name, what was used, the most.
    #[must_use]
    pub fn into_error(self, detail: Detail) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        if let (Some(limit), Detail::Full) = (self.limit, detail) {
            let told = async_graphql::value!({ "name": limit.name, "used": limit.used, "max": limit.max });
            extensions.set("limit", told);
        }
        if !self.misfits.is_empty() {
            let told = self.misfits.into_iter().map(|misfit| misfit.seen(detail).to_value());
            extensions.set("fields", Value::List(told.collect()));
        }
        let mut error = ServerError::new(self.message, None);
        error.locations = self.locations;
        error.extensions = Some(extensions);
        error
    }
}
