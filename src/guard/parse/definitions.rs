//! The operations and fragments of a document, each under its name.

use std::collections::HashMap;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition};
use async_graphql::{Name, Pos, Positioned};

use crate::code::ErrorCode;
use crate::guard::Violation;

/// The definitions that were read so far.
#[derive(Default)]
pub(super) struct Definitions {
    anonymous: Option<Positioned<OperationDefinition>>,
    operations: HashMap<Name, Positioned<OperationDefinition>>,
    fragments: HashMap<Name, Positioned<FragmentDefinition>>,
}

impl Definitions {
    pub(super) fn operation(
        &mut self,
        name: Option<Name>,
        operation: Positioned<OperationDefinition>,
    ) -> Result<(), Violation> {
        let pos = operation.pos;
        if let Some(anonymous) = &self.anonymous {
            return Err(alone(anonymous.pos, pos));
        }
        match name {
            None => match self.operations.values().map(|operation| operation.pos).min() {
                Some(other) => return Err(alone(pos, other)),
                None => self.anonymous = Some(operation),
            },
            Some(name) => {
                if let Some(first) = self.operations.insert(name, operation) {
                    return Err(refusal("Two operations of the document have the same name.", pos, first.pos));
                }
            }
        }
        Ok(())
    }

    pub(super) fn fragment(&mut self, name: Name, fragment: Positioned<FragmentDefinition>) -> Result<(), Violation> {
        let pos = fragment.pos;
        match self.fragments.insert(name, fragment) {
            Some(first) => Err(refusal("Two fragments of the document have the same name.", pos, first.pos)),
            None => Ok(()),
        }
    }

    /// The document, which ends at `end`.
    pub(super) fn into_document(self, end: Pos) -> Result<ExecutableDocument, Violation> {
        let operations = match self.anonymous {
            Some(operation) => DocumentOperations::Single(operation),
            None if self.operations.is_empty() && self.fragments.is_empty() => {
                return Err(Violation::syntax_error(end));
            }
            None if self.operations.is_empty() => return Err(no_operation()),
            None => DocumentOperations::Multiple(self.operations),
        };
        Ok(ExecutableDocument { operations, fragments: self.fragments })
    }
}

fn alone(anonymous: Pos, other: Pos) -> Violation {
    refusal("An operation without a name must be the only one of its document.", anonymous, other)
}

fn no_operation() -> Violation {
    Violation::new(ErrorCode::OperationResolutionFailure, "The document contains no operation.")
}

fn refusal(message: &'static str, at: Pos, other: Pos) -> Violation {
    Violation::new(ErrorCode::GraphqlValidationFailed, message).at(at).at(other)
}
