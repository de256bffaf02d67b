//! Validation without execution, for documents that are checked before anybody sends them.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Name, Request, Response};
use async_trait::async_trait;

use super::{Schema, Suggestions};

/// The schema, in which every operation is validated and none is run.
pub struct Validator(Schema);

impl Default for Validator {
    fn default() -> Self {
        Self(super::builder(Suggestions::Shown).extension(WithoutExecution).finish())
    }
}

impl Validator {
    /// Why `document` can't be run on the schema, whatever its variables are: the first reason in the library's words,
    /// which repeat what the document holds; none when it can.
    pub async fn refusal(&self, document: ExecutableDocument) -> Option<String> {
        let mut request = Request::new("");
        // All operations are validated, but the library wants to know which one would run.
        request.operation_name = document.operations.iter().find_map(|(name, _)| name.map(Name::to_string));
        request.set_parsed_query(document);
        let response = self.0.execute(request).await;
        response.errors.into_iter().next().map(|error| error.message)
    }
}

/// Answers with null in place of executing.
struct WithoutExecution;

impl ExtensionFactory for WithoutExecution {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for WithoutExecution {
    async fn execute(
        &self,
        _context: &ExtensionContext<'_>,
        _operation_name: Option<&str>,
        _next: NextExecute<'_>,
    ) -> Response {
        Response::default()
    }
}
