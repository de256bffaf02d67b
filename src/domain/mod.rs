//! The rules of the task manager: values that are valid once they exist, permissions, and use-cases.
//!
//! Every use-case takes an [`Op`] first, checks what its caller may do, and runs in one transaction. This room knows no
//! HTTP, no GraphQL and no SQL.

mod authenticate;
pub mod cursor;
mod error;
mod op;
pub mod paging;
mod text;
mod uses;

pub mod api_token;
pub mod change;
pub mod comment;
pub mod export;
pub mod import;
pub mod label;
pub mod project;
pub mod session;
pub mod task;
pub mod user;

use authenticate::require_still_known;
pub use authenticate::{AuthenticationError, Known, authenticate};
pub use error::{Error, Fields, InvalidField, InvalidValue, PathSegment, Result, Rule};
pub use op::{Authority, Caller, Op, Services};
pub use uses::RecentUses;
