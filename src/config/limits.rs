//! `limits.*`: how large a request and an answer may be. Each is refused one above.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The `limits` section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// `limits.body_bytes`: bytes of a request body, 1,024 to 16,777,216; 131,072 (128 KiB) by default.
    pub body_bytes: usize,
    /// `limits.document_bytes`: bytes of a GraphQL document, 256 to 262,144; 16,384 (16 KiB) by default.
    pub document_bytes: usize,
    /// `limits.tokens`: lexical tokens of a document, 16 to 20,000; 1,000 by default.
    pub tokens: usize,
    /// `limits.nesting`: open brackets of any kind at once in a document, 2 to 64; 32 by default. Selection sets count
    /// again after fragments are expanded. More than 64 is not offered because the parser is recursive.
    pub nesting: usize,
    /// `limits.depth`: fields inside fields, where a field of the root is 1, `edges` and `node` count, and so do those
    /// of fragments; 1 to 32, 15 by default. Executing is recursive too, and takes more of the stack than parsing.
    pub depth: usize,
    /// `limits.selections`: fields of an operation after fragments are expanded, `__typename` included, 1 to 10,000;
    /// 500 by default.
    pub selections: usize,
    /// `limits.aliases`: aliases of an operation after fragments are expanded, 0 to 1,000; 15 by default.
    pub aliases: usize,
    /// `limits.root_query_fields`: fields of the root of a query, 1 to 100; 10 by default.
    pub root_query_fields: usize,
    /// `limits.root_mutation_fields`: fields of the root of a mutation, 1 to 100; 3 by default.
    pub root_mutation_fields: usize,
    /// `limits.directives`: directives of a document, wherever they stand, 0 to 1,000; 20 by default.
    pub directives: usize,
    /// `limits.directives_per_location`: directives of one field, spread, fragment, variable or operation, 0 to 20; 3
    /// by default.
    pub directives_per_location: usize,
    /// `limits.fragments`: fragment definitions of a document, 0 to 200; 20 by default.
    pub fragments: usize,
    /// `limits.operations`: operations of a document, 1 to 50; 5 by default.
    pub operations: usize,
    /// `limits.variables`: variable definitions of an operation, 0 to 500; 30 by default.
    pub variables: usize,
    /// `limits.errors`: errors in one answer, 1 to 100; 5 by default.
    pub errors: usize,
    /// `limits.response_bytes`: bytes of an answer, 4,096 to 67,108,864; 1,048,576 (1 MiB) by default.
    pub response_bytes: usize,
    /// `limits.page_size`: entries of one page of a list, 1 to 1,000; 100 by default. A page has 20 when the client
    /// does not say.
    pub page_size: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 128 * 1024,
            document_bytes: 16 * 1024,
            tokens: 1_000,
            nesting: 32,
            depth: 15,
            selections: 500,
            aliases: 15,
            root_query_fields: 10,
            root_mutation_fields: 3,
            directives: 20,
            directives_per_location: 3,
            fragments: 20,
            operations: 5,
            variables: 30,
            errors: 5,
            response_bytes: 1024 * 1024,
            page_size: 100,
        }
    }
}

/// One limit as `GET /limits` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// The most that passes.
    pub max: usize,
    /// What is counted.
    pub unit: &'static str,
}

impl Limits {
    /// Every limit by the name of its setting: what clients may read, generated from what is enforced.
    #[must_use]
    pub fn report(&self) -> BTreeMap<&'static str, Limit> {
        self.table().into_iter().map(|(name, max, unit)| (name, Limit { max, unit })).collect()
    }

    /// Each setting: name, value and unit.
    fn table(&self) -> [(&'static str, usize, &'static str); 17] {
        [
            ("body_bytes", self.body_bytes, "bytes"),
            ("document_bytes", self.document_bytes, "bytes"),
            ("tokens", self.tokens, "tokens"),
            ("nesting", self.nesting, "brackets"),
            ("depth", self.depth, "fields"),
            ("selections", self.selections, "fields"),
            ("aliases", self.aliases, "aliases"),
            ("root_query_fields", self.root_query_fields, "fields"),
            ("root_mutation_fields", self.root_mutation_fields, "fields"),
            ("directives", self.directives, "directives"),
            ("directives_per_location", self.directives_per_location, "directives"),
            ("fragments", self.fragments, "fragments"),
            ("operations", self.operations, "operations"),
            ("variables", self.variables, "variables"),
            ("errors", self.errors, "errors"),
            ("response_bytes", self.response_bytes, "bytes"),
            ("page_size", usize::try_from(self.page_size).unwrap_or(usize::MAX), "entries"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_names_every_setting_and_nothing_else() {
        let settings = serde_json::to_value(Limits::default()).unwrap();
        let report = serde_json::to_value(Limits::default().report()).unwrap();
        assert_eq!(report["depth"], serde_json::json!({ "max": 15, "unit": "fields" }));
        let names = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let mut expected = names(&settings);
        expected.sort();
        assert_eq!(names(&report), expected);
        for (name, value) in settings.as_object().unwrap() {
            assert_eq!(report[name]["max"], *value, "{name}");
        }
    }
}
