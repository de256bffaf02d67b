//! Mutations of credentials: exactly one in a document, alone in it, and charged to a bucket of its own.
//!
//! *Attack.* Trying many passwords in one request, by aliases or fragments (the tool CrackQL does so), which a limit that
//! counts requests does not see; trying one password for many accounts, or many for one from many addresses.
//! *Setting.* `rate_limit.login`, `rate_limit.refresh`.
//! *Answer.* 400 `TOO_MANY_ROOT_FIELDS` in company; `FORBIDDEN` on a socket; 429 `RATE_LIMITED` with `extensions.policy` `credentials`.
//! *Test.* `tests/it/credentials.rs`

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use super::document::Document;
use crate::code::ErrorCode;
use crate::edge::Refusal;

/// An attempt to use or change credentials.
#[derive(Debug)]
pub(super) enum Attempt {
    /// A login or registration, for the account of this name.
    Login {
        /// The name as it was sent; absent when it is no text.
        account: Option<String>,
    },
    /// The caller changes their password.
    PasswordChange,
    /// A session is refreshed.
    Refresh {
        /// The refresh token as it was sent; absent when it is no text.
        token: Option<String>,
    },
}

const FIELDS: [&str; 4] = ["login", "register", "refreshSession", "changePassword"];

/// The attempt on credentials that `document` is, if it is one; refuses one in company. All operations are looked at: one
/// that does not run now could be hidden there.
pub(super) fn check(document: &Document) -> Result<Option<Attempt>, Refusal> {
    let (tree, variables) = (document.tree(), &document.prepared.variables);
    let mut mutations = tree.operations.iter().filter(|(_, operation)| operation.node.ty == OperationType::Mutation);
    if !mutations.any(|(_, operation)| holds_credentials(&operation.node.selection_set.node, tree)) {
        return Ok(None);
    }
    let mut operations = tree.operations.iter();
    let (Some((_, only)), None) = (operations.next(), operations.next()) else { return Err(in_company()) };
    let field = only_field(&only.node.selection_set.node, tree).ok_or_else(in_company)?;
    Ok(Some(Attempt::of(field, variables)))
}

fn in_company() -> Refusal {
    let message = "A mutation of credentials must be the only field of its document.";
    Refusal::new("credentials", ErrorCode::TooManyRootFields, message)
}

/// The refusal of an attempt that came on a socket, which stays open while one password after the other is tried, and
/// whose operations are not seen by proxies that count requests.
pub(super) fn not_on_a_socket() -> Refusal {
    let message = "Mutations of credentials are not for sockets: send a POST.";
    Refusal::new("credentials", ErrorCode::Forbidden, message)
}

impl Attempt {
    fn of(field: &Field, variables: &Variables) -> Self {
        let text = |name| input_text(field, name, variables);
        match field.name.node.as_str() {
            "changePassword" => Self::PasswordChange,
            "refreshSession" => Self::Refresh { token: text("refreshToken") },
            _ => Self::Login { account: text("username") },
        }
    }
}

/// Whether any field at the root, through fragments, is one of [`FIELDS`]. Looks at each fragment once.
fn holds_credentials(root: &SelectionSet, document: &ExecutableDocument) -> bool {
    let mut seen = HashSet::new();
    let mut waiting = vec![root];
    while let Some(selections) = waiting.pop() {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) if FIELDS.contains(&field.node.name.node.as_str()) => return true,
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => waiting.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = document.fragments.get(name)
                        && seen.insert(name)
                    {
                        waiting.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    false
}

/// The one field that everything at the root comes down to.
fn only_field<'a>(root: &'a SelectionSet, document: &'a ExecutableDocument) -> Option<&'a Field> {
    let mut seen = HashSet::new();
    let mut selections = root;
    loop {
        let [only] = selections.items.as_slice() else { return None };
        selections = match &only.node {
            Selection::Field(field) => return Some(&field.node),
            Selection::InlineFragment(fragment) => &fragment.node.selection_set.node,
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let fragment = document.fragments.get(name).filter(|_| seen.insert(name))?;
                &fragment.node.selection_set.node
            }
        };
    }
}

/// The text of `input.name`, wherever variables stand in for it.
fn input_text(field: &Field, name: &str, variables: &Variables) -> Option<String> {
    let (_, input) = field.arguments.iter().find(|(argument, _)| argument.node == "input")?;
    let variable = |name: Name| variables.get(&name).cloned().ok_or(());
    let Ok(Value::Object(members)) = input.node.clone().into_const_with(variable) else { return None };
    match members.get(name)? {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
