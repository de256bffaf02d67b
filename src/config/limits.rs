//! `limits.*`: how large a request and an answer may be. Each is refused one above.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Config;

/// The `limits` section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// `limits.headers`: header fields of a request, where a name that comes twice counts twice, 16 to 96; 64 by default.
    /// The server itself gives up at 100, with less to say.
    pub headers: usize,
    /// `limits.header_bytes`: bytes of the names and values of header fields, 1,024 to 20,480; 16,384 (16 KiB) by
    /// default. Beside the longest target they still fit what the server reads of a head, 32 KiB.
    pub header_bytes: usize,
    /// `limits.uri_bytes`: bytes of the request target, 256 to 8,192; 2,048 (2 KiB) by default.
    pub uri_bytes: usize,
    /// `limits.body_bytes`: bytes of a request body, 1,024 to 16,777,216; 131,072 (128 KiB) by default.
    pub body_bytes: usize,
    /// `limits.json_nesting`: brackets open at once in the JSON of `variables` or `extensions`, their own included, 2 to
    /// 64; 16 by default. More than 64 is not offered because reading JSON is recursive, and so is using it.
    pub json_nesting: usize,
    /// `limits.json_array`: entries of one array of the JSON, 1 to 1,000; 100 by default.
    pub json_array: usize,
    /// `limits.json_nodes`: values in the JSON of a request, at any depth, 16 to 20,000; 2,000 by default. Variables
    /// count as often as a document uses them.
    pub json_nodes: usize,
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
    /// `limits.copies`: copies of one field that has a selection set, in one place of an operation, 1 to 100; 10 by
    /// default.
    pub copies: usize,
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
    /// `limits.operation_name`: characters of the name of the operation that runs, 1 to 1,024; 128 by default.
    pub operation_name: usize,
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
            headers: 64,
            header_bytes: 16 * 1024,
            uri_bytes: 2 * 1024,
            body_bytes: 128 * 1024,
            json_nesting: 16,
            json_array: 100,
            json_nodes: 2_000,
            document_bytes: 16 * 1024,
            tokens: 1_000,
            nesting: 32,
            depth: 15,
            selections: 500,
            aliases: 15,
            copies: 10,
            root_query_fields: 10,
            root_mutation_fields: 3,
            directives: 20,
            directives_per_location: 3,
            fragments: 20,
            operations: 5,
            variables: 30,
            operation_name: 128,
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

impl Limit {
    /// At most `max` of `unit`.
    pub(super) fn new(max: impl TryInto<usize>, unit: &'static str) -> Self {
        Self { max: max.try_into().unwrap_or(usize::MAX), unit }
    }
}

impl Config {
    /// Every limit by its setting, those of `limits` without their section: what clients may read, generated from what
    /// is enforced.
    #[must_use]
    pub fn report(&self) -> BTreeMap<&'static str, Limit> {
        let mut report = self.limits.report();
        report.extend(self.timeouts.report());
        report.extend(self.concurrency.report());
        report.extend(self.rate_limit.report());
        report.extend(self.cost.report());
        report.extend(self.subscriptions.report());
        report.extend(self.server.report());
        report
    }
}

impl Limits {
    fn report(&self) -> BTreeMap<&'static str, Limit> {
        let report = self.table().into_iter().map(|(name, max, unit)| (name, Limit { max, unit }));
        report.chain([("page_size", Limit::new(self.page_size, "entries"))]).collect()
    }

    /// Each setting that counts in the size of the machine: name, value and unit.
    const fn table(&self) -> [(&'static str, usize, &'static str); 24] {
        [
            ("headers", self.headers, "fields"),
            ("header_bytes", self.header_bytes, "bytes"),
            ("uri_bytes", self.uri_bytes, "bytes"),
            ("body_bytes", self.body_bytes, "bytes"),
            ("json_nesting", self.json_nesting, "brackets"),
            ("json_array", self.json_array, "entries"),
            ("json_nodes", self.json_nodes, "values"),
            ("document_bytes", self.document_bytes, "bytes"),
            ("tokens", self.tokens, "tokens"),
            ("nesting", self.nesting, "brackets"),
            ("depth", self.depth, "fields"),
            ("selections", self.selections, "fields"),
            ("aliases", self.aliases, "aliases"),
            ("copies", self.copies, "fields"),
            ("root_query_fields", self.root_query_fields, "fields"),
            ("root_mutation_fields", self.root_mutation_fields, "fields"),
            ("directives", self.directives, "directives"),
            ("directives_per_location", self.directives_per_location, "directives"),
            ("fragments", self.fragments, "fragments"),
            ("operations", self.operations, "operations"),
            ("variables", self.variables, "variables"),
            ("operation_name", self.operation_name, "characters"),
            ("errors", self.errors, "errors"),
            ("response_bytes", self.response_bytes, "bytes"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Profile;
    use crate::config::merge::{settings, tree};

    /// The sections whose every number is a limit of what a client may do.
    const SECTIONS: [&str; 6] = ["limits", "timeouts", "concurrency", "cost", "subscriptions", "server"];

    #[test]
    fn the_report_names_every_limit_with_its_value_and_nothing_else() {
        let config = Config::defaults(Profile::Development);
        let report = serde_json::to_value(config.report()).unwrap();
        assert_eq!(report["depth"], serde_json::json!({ "max": 15, "unit": "fields" }));
        let mut names = Vec::new();
        for (setting, value) in settings(&tree(&config)) {
            let (section, _) = setting.split_once('.').unwrap();
            let value = match section {
                "rate_limit" => value.as_str().unwrap().split('/').next().unwrap().parse().ok(),
                section if SECTIONS.contains(&section) => value.as_u64(),
                _ => None,
            };
            if let Some(value) = value {
                let name = setting.strip_prefix("limits.").unwrap_or(&setting);
                assert_eq!(report[name]["max"], value, "{setting}");
                names.push(name.to_owned());
            }
        }
        names.sort();
        let reported: Vec<_> = report.as_object().unwrap().keys().cloned().collect();
        assert_eq!(reported, names);
    }
}
