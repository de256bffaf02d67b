//! GraphQL protections that know no task and no user: what a document may look like, checked before anything runs.
//!
//! async-graphql parses recursively, expands fragments again and again, and counts little by default, so one small
//! document can stop the process or hold a core for seconds. This room stands in front of it. The checks, in their
//! order, cheapest first; each is one file that opens with the attack it answers:
//!
//! 1. [`scan`]: bytes, tokens and brackets of the text, without recursion, before the parser sees it;
//! 2. [`parse`]: the syntax, with errors that repeat nothing of the text.
//!
//! A check refuses with a [`Violation`]. Nothing here reads the clock or waits: callers run it away from the threads
//! that serve connections, because parsing a hostile document may take milliseconds.

pub mod parse;
pub mod scan;

use std::borrow::Cow;

use async_graphql::Pos;

use crate::code::ErrorCode;

/// How much of one limit a document uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitUse {
    /// The name of the setting, without its section.
    pub name: &'static str,
    /// What the document uses. In a refusal, counting may have stopped at the first one too many.
    pub used: usize,
    /// The most that passes.
    pub max: usize,
}

/// Why a document is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The code that the client switches on.
    pub code: ErrorCode,
    /// One English sentence without anything of the document in it, but for the short name of a variable.
    pub message: Cow<'static, str>,
    /// The limit that is passed, when it is one.
    pub limit: Option<LimitUse>,
    /// Where in the document, as far as it is known.
    pub locations: Vec<Pos>,
}

impl Violation {
    /// A refusal for another reason than a limit.
    fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), limit: None, locations: Vec::new() }
    }

    /// The same refusal, at a place in the document.
    fn at(mut self, location: Pos) -> Self {
        self.locations.push(location);
        self
    }
}

impl LimitUse {
    /// The same use, unless it is more than the limit allows: then the refusal with `code` and `message`.
    fn check(self, code: ErrorCode, message: &'static str) -> Result<Self, Violation> {
        if self.used <= self.max {
            return Ok(self);
        }
        Err(Violation { limit: Some(self), ..Violation::new(code, message) })
    }
}

#[cfg(test)]
mod tests;
