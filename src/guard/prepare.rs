//! A request that may run: the checked document, the operation of it that is asked for, and its variables.

use std::collections::HashMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Request, Variables};

use super::arrange::Order;
use super::collect::nothing;
use super::cost::{self, Estimate};
use super::{Document, Guard, Introspection, LimitUse, Violation, amplification, collect, operation, variables};

/// The name of the operation as the client wrote it, beside the collected one that runs. No client can write such a
/// name.
const AS_WRITTEN: &str = "as written";

/// The name that a collected operation gets when the client gave it none: the library takes only named ones beside
/// others.
const UNNAMED: &str = "unnamed";

/// What may run, with what it uses of each limit.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The name of the operation, at most `limits.operation_name` characters.
    pub operation_name: Option<String>,
    /// Query, mutation or subscription.
    pub operation_type: OperationType,
    /// Every limit of the guard, for a receipt.
    pub budget: Vec<LimitUse>,
    /// What it may cost, and from its answer what it did.
    pub cost: Estimate,
    /// The values of the operation's variables: those given and defaults; an omitted one is left out.
    pub variables: Variables,
    order: Order,
    /// The name of the operation in `document`.
    executed: Option<String>,
    document: ExecutableDocument,
    introspection: Introspection,
}

impl Prepared {
    /// The request for async-graphql, and what completes its answer. The request is without the document's text: nothing
    /// that runs may log it.
    ///
    /// When fields had to be collected, the document of the request has one operation more than the client's: the
    /// library validates the operation as it was written, and runs the collected one.
    #[must_use]
    pub fn into_request(self) -> (Request, Order) {
        (request(self.document, self.executed, self.variables, self.introspection), self.order)
    }

    /// The same request, for what is asked more than once, such as every event of a subscription.
    #[must_use]
    pub fn to_request(&self) -> Request {
        request(self.document.clone(), self.executed.clone(), self.variables.clone(), self.introspection)
    }

    /// What completes the answers to it.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// The same request, of which the library validates everything and runs nothing but a `__typename`.
    #[must_use]
    pub fn only_validated(self) -> Self {
        let executed = self.executed.as_deref().map_or_else(|| Name::new(UNNAMED), Name::new);
        let set = SelectionSet { items: vec![nothing()] };
        let operation = Positioned::new(
            OperationDefinition {
                ty: OperationType::Query,
                variable_definitions: Vec::new(),
                directives: Vec::new(),
                selection_set: Positioned::new(set, Pos::default()),
            },
            Pos::default(),
        );
        let document = match self.document.operations {
            // The collected operation makes way: what the client wrote stands beside it already.
            DocumentOperations::Multiple(mut operations) if operations.contains_key(AS_WRITTEN) => {
                operations.insert(executed.clone(), operation);
                let operations = DocumentOperations::Multiple(operations);
                ExecutableDocument { operations, fragments: self.document.fragments }
            }
            operations => {
                let document = ExecutableDocument { operations, fragments: self.document.fragments };
                beside(&document, executed.clone(), operation)
            }
        };
        Self { executed: Some(executed.to_string()), document, ..self }
    }
}

fn request(
    document: ExecutableDocument,
    operation_name: Option<String>,
    variables: Variables,
    introspection: Introspection,
) -> Request {
    let mut request = Request::new("").variables(variables);
    request.operation_name = operation_name;
    request.set_parsed_query(document);
    match introspection {
        Introspection::Allowed => request,
        Introspection::Refused => request.disable_introspection(),
    }
}

/// The operation of `document` that `name` asks for, with the variables that `given` gives it.
pub(super) fn prepare(
    document: &Document,
    name: Option<&str>,
    given: Variables,
    guard: &Guard,
) -> Result<Prepared, Violation> {
    let schema = &guard.schema;
    let (name, selected) = operation::select(&document.tree, name)?;
    let name_characters = operation::name_characters(name, &guard.limits)?;
    let variables = variables::coerce(&selected.node.variable_definitions, given, schema)?;
    amplification::check(&document.tree, &variables, guard.limits.json_nodes)?;
    let cost = cost::estimate(&document.tree, &selected.node, schema, &variables, guard.limits.page_size);
    let operation_name = name.map(ToString::to_string);
    let collected = collect::collect(&document.tree, &selected.node, schema, &variables);
    let selections = collected.as_ref().map_or(&selected.node, |collected| collected);
    let order = Order::of(&document.tree, &selections.selection_set.node, schema, schema.root(selected.node.ty));
    let (executed, tree) = if let Some(collected) = collected {
        let executed = name.cloned().unwrap_or_else(|| Name::new(UNNAMED));
        let document = beside(&document.tree, executed.clone(), selected.position_node(collected));
        (Some(executed.to_string()), document)
    } else {
        (operation_name.clone(), document.tree.clone())
    };
    let shape = document.shapes.operations.get(&operation_name).into_iter().flatten();
    let budget = document.budget.iter().chain(shape).copied().chain([name_characters]).collect();
    Ok(Prepared {
        operation_name,
        operation_type: selected.node.ty,
        budget,
        cost,
        variables,
        order,
        executed,
        document: tree,
        introspection: document.introspection,
    })
}

/// `document` with the collected operation as `name`, and the operation that had this name as [`AS_WRITTEN`].
fn beside(document: &ExecutableDocument, name: Name, collected: Positioned<OperationDefinition>) -> ExecutableDocument {
    let unnamed = Name::new(AS_WRITTEN);
    let written = document.operations.iter();
    let written = written.map(|(name, operation)| (name.unwrap_or(&unnamed).clone(), operation.clone()));
    let mut operations: HashMap<_, _> = written.collect();
    if let Some(operation) = operations.insert(name, collected) {
        operations.insert(unnamed, operation);
    }
    ExecutableDocument { operations: DocumentOperations::Multiple(operations), fragments: document.fragments.clone() }
}
