//! The lexical scan: bytes, tokens and open brackets of a document, counted before the parser sees it.
//!
//! *Attack.* Brackets nested a thousand deep, 3 KB in all: the parser recurses for each and the process dies of a stack
//! overflow, which nothing catches. Thousands of tokens keep the parser and the validation busy.
//! *Setting.* `limits.document_bytes`, `limits.tokens`, `limits.nesting`.
//! *Answer.* `QUERY_TOO_LARGE`, `QUERY_TOO_DEEP`, or `GRAPHQL_PARSE_FAILED` for a string that is not closed.
//! *Test.* `scan/tests.rs`.
//!
//! One pass without recursion over the lexical grammar of GraphQL (September 2025, section 2.1). The counts are safe
//! because [`super::parse`] takes its tokens from the same function. They hold for the library's parser as well, which
//! deviates from the grammar:
//! - After a block string that is not closed, it takes the first two quotes for an empty string and goes on with the third.
//!   A string that is not closed is therefore refused here.
//! - It cuts a name such as `nullable` after `null` where it expects a value, and a number such as `007` after each zero, so
//!   that many values can hide in one name or number. The pieces are counted.

use async_graphql::Pos;

use super::{LimitUse, Violation};
use crate::code::ErrorCode;
use crate::config::Limits;

/// What the text of a document uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// Bytes of the text.
    pub bytes: LimitUse,
    /// Punctuators, names, numbers and strings; comments, commas and spaces are free.
    pub tokens: LimitUse,
    /// The most brackets of any kind that are open at once.
    pub nesting: LimitUse,
}

/// What `text` uses; refuses the first limit that it passes, in the order of the text, and a string that is not closed.
pub fn scan(text: &str, limits: &Limits) -> Result<Scan, Violation> {
    let bytes = bytes(text, limits)?;
    let mut tokens = LimitUse { name: "tokens", used: 0, max: limits.tokens };
    let mut nesting = LimitUse { name: "nesting", used: 0, max: limits.nesting };
    let mut open = 0_usize;
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (lexeme, length) = lexeme(rest).ok_or_else(|| unclosed(text, rest.len()))?;
        match lexeme {
            Lexeme::Ignored => {}
            Lexeme::Tokens(pieces) => tokens.used = tokens.used.saturating_add(pieces),
            Lexeme::Open => {
                tokens.used = tokens.used.saturating_add(1);
                open = open.saturating_add(1);
                nesting.used = nesting.used.max(open);
            }
            Lexeme::Close => {
                tokens.used = tokens.used.saturating_add(1);
                open = open.saturating_sub(1);
            }
        }
        tokens = tokens.check(ErrorCode::QueryTooLarge, "The document has too many tokens.")?;
        nesting = nesting.check(ErrorCode::QueryTooDeep, "The brackets of the document are nested too deeply.")?;
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(Scan { bytes, tokens, nesting })
}

/// The bytes of `text`; refuses too many of them.
pub fn bytes(text: &str, limits: &Limits) -> Result<LimitUse, Violation> {
    LimitUse { name: "document_bytes", used: text.len(), max: limits.document_bytes }
        .check(ErrorCode::QueryTooLarge, "The document has too many bytes.")
}

/// A piece of text that the grammar does not cut further.
pub(super) enum Lexeme {
    /// A space, line end, comma, byte order mark or comment.
    Ignored,
    /// So many tokens.
    Tokens(usize),
    /// An opening bracket of any kind.
    Open,
    /// A closing bracket of any kind.
    Close,
}

/// The first piece of `rest` and its length in bytes, at least 1; none for a string that is not closed.
pub(super) fn lexeme(rest: &[u8]) -> Option<(Lexeme, usize)> {
    Some(match rest {
        [b' ' | b',' | b'\t' | b'\r' | b'\n', ..] => (Lexeme::Ignored, 1),
        [0xEF, 0xBB, 0xBF, ..] => (Lexeme::Ignored, 3),
        [b'#', ..] => (Lexeme::Ignored, count(rest, |byte| !matches!(byte, b'\r' | b'\n'))),
        [b'"', b'"', b'"', content @ ..] => (Lexeme::Tokens(1), block_string(content)?.saturating_add(3)),
        [b'"', content @ ..] => (Lexeme::Tokens(1), string(content)?.saturating_add(1)),
        [b'{' | b'(' | b'[', ..] => (Lexeme::Open, 1),
        [b'}' | b')' | b']', ..] => (Lexeme::Close, 1),
        [b'.', b'.', b'.', ..] => (Lexeme::Tokens(1), 3),
        [b'-' | b'0'..=b'9', ..] => (Lexeme::Tokens(1), number(rest)),
        [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
            let length = count(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            (Lexeme::Tokens(pieces(rest.get(..length).unwrap_or_default())), length)
        }
        _ => (Lexeme::Tokens(1), 1),
    })
}

/// How many bytes at the start of `rest` are `wanted`.
fn count(rest: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len())
}

/// The bytes of a block string after its opening quotes, up to and with the closing ones; `\"""` does not close it.
fn block_string(content: &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    loop {
        match content.get(length..)? {
            [b'\\', b'"', b'"', b'"', ..] => length = length.saturating_add(4),
            [b'"', b'"', b'"', ..] => return length.checked_add(3),
            [] => return None,
            _ => length = length.saturating_add(1),
        }
    }
}

/// The bytes of a string after its opening quote, up to and with the closing one; a line end or a lone backslash at the
/// end leaves it open.
fn string(content: &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    loop {
        match content.get(length..)? {
            [b'"', ..] => return length.checked_add(1),
            [] | [b'\\'] | [b'\r' | b'\n', ..] | [b'\\', b'\r' | b'\n', ..] => return None,
            [b'\\', ..] => length = length.saturating_add(2),
            _ => length = length.saturating_add(1),
        }
    }
}

/// The bytes of the number that `rest` starts with: sign, integer part without leading zeros, fraction, exponent.
fn number(rest: &[u8]) -> usize {
    let digits = |from: usize| count(rest.get(from..).unwrap_or_default(), |byte| byte.is_ascii_digit());
    let byte = |at: usize| rest.get(at).copied().unwrap_or_default();
    let sign = usize::from(byte(0) == b'-');
    let integer = if byte(sign) == b'0' { 1 } else { digits(sign) };
    let mut length = sign.saturating_add(integer);
    if byte(length) == b'.' && digits(length.saturating_add(1)) > 0 {
        let point = length.saturating_add(1);
        length = point.saturating_add(digits(point));
    }
    if matches!(byte(length), b'e' | b'E') {
        let after = length.saturating_add(1);
        let first = after.saturating_add(usize::from(matches!(byte(after), b'+' | b'-')));
        if digits(first) > 0 {
            length = first.saturating_add(digits(first));
        }
    }
    length
}

/// How many values the parser can cut out of `name`: one more than the keywords of values at its start.
fn pieces(mut name: &[u8]) -> usize {
    let mut pieces = 1_usize;
    while let Some(rest) = [&b"null"[..], b"true", b"false"].iter().find_map(|keyword| name.strip_prefix(*keyword)) {
        if rest.is_empty() {
            break;
        }
        pieces = pieces.saturating_add(1);
        name = rest;
    }
    pieces
}

/// The refusal of a string that starts `left` bytes before the end of `text` and is not closed.
fn unclosed(text: &str, left: usize) -> Violation {
    let before = text.get(..text.len().saturating_sub(left)).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    Violation::syntax_error(Pos { line, column })
}

#[cfg(test)]
mod tests;
