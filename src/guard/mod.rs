//! The guard: what stands in front of async-graphql, so that no document that a client sends can hurt the server.
//!
//! async-graphql parses recursively, expands fragments again and again, and counts little by default, so one small
//! document can stop the process or hold a core for seconds. A [`Guard`] checks documents before the library sees them. It
//! knows the schema as SDL and the limits, and nothing else of the server: any server with async-graphql could use it.
//!
//! # Checks
//!
//! In their order, cheapest first. Each is one file that opens with the attack it answers. The limits are settings of
//! [`Limits`].
//!
//! | Check | What it looks at | Limits | Refused with |
//! |---|---|---|---|
//! | [`scan`] | bytes, tokens and brackets of the text, without recursion, before the parser sees it | `document_bytes`, `tokens`, `nesting` | `QUERY_TOO_LARGE`, `QUERY_TOO_DEEP` |
//! | [`parse`] | the syntax, with errors that repeat nothing of the text | | `GRAPHQL_PARSE_FAILED` |
//! | [`operation`] | how many operations, fragments and variables there are | `operations`, `fragments`, `variables`, `operation_name` | `QUERY_TOO_LARGE` |
//! | [`shape`] | directives, fragments, and what they expand to: selections, depth, aliases, root fields, copies | `directives`, `directives_per_location`, `selections`, `depth`, `aliases`, `copies`, `root_query_fields`, `root_mutation_fields` | `TOO_MANY_DIRECTIVES`, `QUERY_TOO_LARGE`, `QUERY_TOO_DEEP`, `TOO_MANY_ALIASES`, `TOO_MANY_ROOT_FIELDS` |
//! | `positions` | whether each variable stands where its type fits, and each literal fits | | `GRAPHQL_VALIDATION_FAILED` |
//! | [`operation`] | the operation that is asked for | | `OPERATION_RESOLUTION_FAILURE` |
//! | `variables` | whether each variable has a value that fits, or is omitted and stays so | | `BAD_USER_INPUT` |
//! | `amplification` | how many values all uses of variables hold together | `json_nodes` | `QUERY_TOO_LARGE` |
//! | [`cost`] | what the operation may cost, from `@cost` and `@listSize` in the SDL | `page_size`, and the caller's | `QUERY_TOO_COMPLEX` |
//! | `collect` | refuses nothing: sees to it that each field of the answer is run once | | |
//!
//! # Use
//!
//! 1. [`Guard::new`], once, from the SDL.
//! 2. [`Guard::check`], once for each text: everything up to `positions` depends on the text alone. [`persisted`] keeps the
//!    [`Document`] for the next request with the same text.
//! 3. [`Guard::prepare`], once for each request: the rest. [`Prepared::cost`] is for the server to compare with what the
//!    caller may spend, [`Prepared::budget`] for a receipt.
//! 4. [`Prepared::into_request`]: what async-graphql runs, and the [`Order`] that completes its answer.
//! 5. [`Order::complete`] and [`mask::mask`], on the way out: the nulls and the order of fields that the specification asks
//!    for, and of the errors no more than a client may see.
//!
//! Steps 2 and 3 refuse with a [`Violation`], which [`Violation::into_error`] turns into an error of an answer. Nothing in
//! here reads the clock or waits. Checking 16 KiB of hostile text takes most of a millisecond, so a server runs
//! [`Guard::check`] away from the threads that serve connections (`tokio::task::spawn_blocking`), under a time limit. Its first
//! part, [`Guard::scan`], takes microseconds, and most attacks go no further.
//!
//! # Example
//!
//! ```
//! use async_graphql::{EmptyMutation, EmptySubscription, Object, Response, Schema, Variables, value};
//! use taskward::config::Limits;
//! use taskward::guard::mask::{Detail, mask};
//! use taskward::guard::{Guard, Introspection, Prepared, Violation};
//!
//! struct Query;
//!
//! #[Object]
//! impl Query {
//!     async fn double(&self, number: i32) -> i32 {
//!         number * 2
//!     }
//! }
//!
//! struct Server {
//!     guard: Guard,
//!     schema: Schema<Query, EmptyMutation, EmptySubscription>,
//! }
//!
//! impl Server {
//!     async fn answer(&self, text: &str, variables: Variables) -> Response {
//!         match self.prepare(text, variables) {
//!             Ok(prepared) => self.execute(prepared).await,
//!             Err(violation) => Response::from_errors(vec![violation.into_error(Detail::Fixed)]),
//!         }
//!     }
//!
//!     fn prepare(&self, text: &str, variables: Variables) -> Result<Prepared, Violation> {
//!         let document = self.guard.check(text, Introspection::Refused)?;
//!         let prepared = self.guard.prepare(&document, None, variables)?;
//!         prepared.cost.check("points", 100)?;
//!         Ok(prepared)
//!     }
//!
//!     async fn execute(&self, prepared: Prepared) -> Response {
//!         let (request, order) = prepared.into_request();
//!         let mut response = self.schema.execute(request).await;
//!         order.complete(&mut response);
//!         response.errors = mask(response.errors, 5, "request 1", Detail::Fixed).errors;
//!         response
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
//! let server = Server { guard: Guard::new(&Limits::default(), &schema.sdl())?, schema };
//!
//! let query = "query($number: Int!) { b: double(number: $number) a: double(number: 1) }";
//! let response = server.answer(query, Variables::from_value(value!({ "number": 21 }))).await;
//! assert_eq!(response.data.to_string(), "{b: 42, a: 2}");
//!
//! let attack = format!("{{ double(number: {}1{}) }}", "[".repeat(5_000), "]".repeat(5_000));
//! let response = server.answer(&attack, Variables::default()).await;
//! assert_eq!(response.errors[0].message, "The brackets of the document are nested too deeply.");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

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

use self::scan::Scan;
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

/// A text that the scan has let pass, and which may be parsed for that reason.
#[derive(Debug, Clone)]
pub struct Scanned<T> {
    text: T,
    scan: Scan,
}

/// A document that keeps every limit of the guard.
#[derive(Debug, Clone)]
pub struct Document {
    tree: ExecutableDocument,
    /// The limits of the whole document.
    budget: Vec<LimitUse>,
    shapes: Shapes,
    introspection: Introspection,
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

    /// The same guard, which refuses values of the scalar `name`, in variables and documents, unless `fits` says that they
    /// fit. Without it they are checked by the field that uses them, when the mutations before it have run.
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
        self.check_scanned(&self.scan(text)?, introspection)
    }

    /// The first part of [`Guard::check`], which stops at the first limit that `text` passes: microseconds.
    pub fn scan<T: AsRef<str>>(&self, text: T) -> Result<Scanned<T>, Violation> {
        let scan = scan::scan(text.as_ref(), &self.limits)?;
        Ok(Scanned { text, scan })
    }

    /// The rest of [`Guard::check`].
    pub fn check_scanned<T: AsRef<str>>(
        &self,
        Scanned { text, scan }: &Scanned<T>,
        introspection: Introspection,
    ) -> Result<Document, Violation> {
        let tree = parse::parse(text.as_ref())?;
        let counts = operation::count(&tree, &self.limits)?;
        let shapes = shape::check(&tree, &self.limits, introspection)?;
        positions::check(&tree, &self.schema)?;
        let budget =
            [scan.bytes, scan.tokens, scan.nesting].into_iter().chain(counts).chain(shapes.directives).collect();
        Ok(Document { tree, budget, shapes, introspection })
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
