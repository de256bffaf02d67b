//! GraphQL protections that know no task and no user: what a document may look like, checked before anything runs.
//!
//! async-graphql parses recursively, expands fragments again and again, and counts little by default, so one small
//! document can stop the process or hold a core for seconds. This room stands in front of it. The checks, in their
//! order, cheapest first; each is one file that opens with the attack it answers:
//!
//! 1. [`scan`]: bytes, tokens and brackets of the text, without recursion, before the parser sees it;
//! 2. [`parse`]: the syntax, with errors that repeat nothing of the text;
//! 3. [`operation`]: how many operations, fragments and variables there are;
//! 4. [`shape`]: directives, fragments, and what they expand to: selections, depth, aliases, root fields, copies;
//! 5. `positions`: a variable stands only where its type fits;
//! 6. `operation` again: the operation that is asked for;
//! 7. `variables`: each has a value that fits, or is omitted and stays so;
//! 8. [`cost`]: what it may cost, for the caller's limit and budget;
//! 9. `collect`: each field of the answer is run once.
//!
//! Steps 1 to 5 depend on the text alone: [`Guard::check`] answers with a [`Document`] that [`persisted`] keeps for the
//! next request with the same text. Steps 6 to 9 are [`Guard::prepare`], once for each request. A check refuses with a
//! [`Violation`]. On the way out, [`arrange`] puts the fields of the answer in order and [`mask`] decides what a client may
//! see of its errors.
//!
//! Nothing here reads the clock or waits. Checking 16 KiB of hostile text takes most of a millisecond, so callers run
//! [`Guard::check`] away from the threads that serve connections (`tokio::task::spawn_blocking`), under a time limit.

pub mod arrange;
pub mod cost;
pub mod mask;
pub mod operation;
pub mod parse;
pub mod persisted;
pub mod scan;
pub mod schema;
pub mod shape;

mod amplification;
mod collect;
mod complete;
mod fragment;
mod positions;
mod prepare;
mod variables;

use std::borrow::Cow;

pub use async_graphql::parser::Error as SchemaError;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Pos, Value, Variables};

pub use self::arrange::Order;
pub use self::prepare::Prepared;
pub use self::shape::Introspection;

use self::schema::SchemaTypes;
use self::shape::Shapes;
use crate::code::ErrorCode;
use crate::config::Limits;

/// The limits and the schema that documents are checked against.
#[derive(Debug, Clone)]
pub struct Guard {
    limits: Limits,
    schema: SchemaTypes,
}

/// A document that keeps every limit of the guard.
#[derive(Debug, Clone)]
pub struct Document {
    tree: ExecutableDocument,
    /// The limits of the whole document.
    budget: Vec<LimitUse>,
    shapes: Shapes,
}

/// The most memory that one token takes in a tree, roughly: a field without arguments is one token.
const TOKEN_BYTES: usize = 256;

/// How much of one limit a document uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitUse {
    /// The name of the setting, without its section where that is `limits`.
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

impl Guard {
    /// A guard for the schema that `sdl` spells out; refuses text that is not SDL.
    pub fn new(limits: &Limits, sdl: &str) -> Result<Self, SchemaError> {
        Ok(Self { limits: limits.clone(), schema: SchemaTypes::parse(sdl)? })
    }

    /// The same guard, which refuses variables of the scalar `name` unless `fits` says that they fit. Without it they are
    /// checked by the field that uses them, when the mutations before it have run.
    #[must_use]
    pub fn with_scalar(mut self, name: &str, fits: fn(&Value) -> bool) -> Self {
        self.schema.define_scalar(name, fits);
        self
    }

    /// Refuses a text with more bytes than any document may have, before anybody looks into it or hashes it.
    pub fn check_size(&self, text: &str) -> Result<(), Violation> {
        scan::bytes(text, &self.limits).map(drop)
    }

    /// The document that `text` spells; refuses one that passes a limit or can't be run, whatever its variables are.
    pub fn check(&self, text: &str, introspection: Introspection) -> Result<Document, Violation> {
        let scan = scan::scan(text, &self.limits)?;
        let tree = parse::parse(text)?;
        let counts = operation::count(&tree, &self.limits)?;
        let shapes = shape::check(&tree, &self.limits, introspection)?;
        positions::check(&tree, &self.schema)?;
        let budget =
            [scan.bytes, scan.tokens, scan.nesting].into_iter().chain(counts).chain(shapes.directives).collect();
        Ok(Document { tree, budget, shapes })
    }

    /// The request that `operation_name` and `variables` make of `document`; refuses an operation that is not there and
    /// variables that are missing or do not fit.
    pub fn prepare(
        &self,
        document: &Document,
        operation_name: Option<&str>,
        variables: Variables,
    ) -> Result<Prepared, Violation> {
        prepare::prepare(document, operation_name, variables, self)
    }
}

impl Document {
    /// The document as the client wrote it.
    #[must_use]
    pub const fn tree(&self) -> &ExecutableDocument {
        &self.tree
    }

    /// About how many bytes of memory the document takes, for a cache that is bounded by them: 256 for each
    /// token, and the text of names and strings.
    #[must_use]
    pub fn memory(&self) -> usize {
        let used = |name: &str| self.budget.iter().find(|limit| limit.name == name).map_or(0, |limit| limit.used);
        used("tokens").saturating_mul(TOKEN_BYTES).saturating_add(used("document_bytes"))
    }
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
