//! Validation without execution: of documents that are checked before anybody sends them, and of requests before they run.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Name, Request, Response};
use async_trait::async_trait;
use futures_util::FutureExt;

use super::{Schema, Suggestions};

/// The schema, in which every operation is validated and none is run.
pub struct Validator(Schema);

impl Validator {
    /// A validator whose errors show suggestions or hide them.
    #[must_use]
    pub fn new(suggestions: Suggestions) -> Self {
        Self(super::builder(suggestions).extension(WithoutExecution).finish())
    }

    /// What the schema answers to `request` in place of running it: nothing, or the errors of its validation. This keeps
    /// the thread busy, a hostile document for milliseconds.
    ///
    /// None if the library had to wait for something, which it does not.
    #[must_use]
    pub fn validate(&self, request: Request) -> Option<Response> {
        self.0.execute(request).now_or_never()
    }

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

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_validated_with_its_variables_and_never_run() {
        let page = "query($first: Int!) { tasks(first: $first) { totalCount } }";
        for (text, variables, valid) in [
            ("{ viewer { id } }", json!({}), true),
            ("{ viewer { nothing } }", json!({}), false),
            ("mutation { logout { __typename } }", json!({}), true),
            (page, json!({ "first": 3 }), true),
            (page, json!({ "first": "many" }), false),
        ] {
            let mut request = Request::new("").variables(Variables::from_json(variables));
            request.set_parsed_query(parse_query(text).unwrap());
            let response = Validator::new(Suggestions::Hidden).validate(request).expect("it does not wait");
            assert_eq!(response.is_ok(), valid, "{text} {:?}", response.errors);
            assert_eq!(response.data, async_graphql::Value::Null);
        }
    }
}
