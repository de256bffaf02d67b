//! The pages for people say what the code says: every setting with its default, every error code with its status.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use taskward::code::ErrorCode;
use taskward::config::{Config, ConfigFile, Flag, Profile, all_settings, load};

const README: &str = include_str!("../../README.md");
const PAGES: [(&str, &str); 3] = [
    ("README.md", README),
    ("SECURITY.md", include_str!("../../SECURITY.md")),
    ("CHANGELOG.md", include_str!("../../CHANGELOG.md")),
];

/// Every code, in the order of `src/code.rs`; the test compares it with the names in that file.
const CODES: [ErrorCode; 31] = [
    ErrorCode::GraphqlParseFailed,
    ErrorCode::GraphqlValidationFailed,
    ErrorCode::OperationResolutionFailure,
    ErrorCode::BadUserInput,
    ErrorCode::BadRequest,
    ErrorCode::QueryTooLarge,
    ErrorCode::QueryTooDeep,
    ErrorCode::QueryTooComplex,
    ErrorCode::TooManyAliases,
    ErrorCode::TooManyRootFields,
    ErrorCode::TooManyDirectives,
    ErrorCode::PersistedQueryNotFound,
    ErrorCode::PersistedQueryNotSupported,
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::Conflict,
    ErrorCode::RateLimited,
    ErrorCode::CsrfRejected,
    ErrorCode::MethodNotAllowed,
    ErrorCode::NotAcceptable,
    ErrorCode::RequestTimeout,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UriTooLong,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::MisdirectedRequest,
    ErrorCode::HeadersTooLarge,
    ErrorCode::Timeout,
    ErrorCode::Overloaded,
    ErrorCode::ResponseTooLarge,
    ErrorCode::InternalServerError,
];

#[test]
fn the_table_of_settings_holds_every_setting_with_its_default() {
    let [development, production] = [Profile::Development, Profile::Production]
        .map(|profile| serde_json::to_value(Config::defaults(profile)).unwrap());
    let mut expected: Vec<_> = all_settings()
        .into_iter()
        .map(|setting| {
            let pointer = format!("/{}", setting.replace('.', "/"));
            let [development, production] =
                [&development, &production].map(|config| spelt(config.pointer(&pointer).unwrap()));
            let default = match setting.as_str() {
                "server.profile" => String::from("by `server.listen`"),
                _ if development == production => development,
                _ => format!("{development}; in production {production}"),
            };
            (format!("`{setting}`"), default)
        })
        .collect();
    let mut found = rows("Settings");
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "the table under \"Settings\" in README.md");
}

#[test]
fn the_table_of_settings_holds_the_bounds_of_every_number() {
    let mut numbers = 0;
    for setting in all_settings() {
        let Some(bounds) = bounds(&setting) else { continue };
        let start = format!("| `{setting}` | ");
        let row = README.lines().find(|line| line.starts_with(&start)).expect(&setting);
        assert!(row.contains(&format!(" {bounds}")), "{bounds} is missing in README.md: {row}");
        numbers += 1;
    }
    assert!(numbers > 20, "{numbers} numbers found");
}

#[test]
fn the_table_of_error_codes_holds_every_code_with_its_status() {
    let source = include_str!("../../src/code.rs");
    let in_source: Vec<_> =
        source.lines().filter_map(|line| line.split_once(" => \"")?.1.strip_suffix("\",")).collect();
    assert_eq!(CODES.map(ErrorCode::as_str).to_vec(), in_source, "the list at the top of this file");

    let status = |code: ErrorCode| {
        let or_ok = if code.is_graphql_request_error() { " or 200" } else { "" };
        format!("{}{or_ok}", code.status())
    };
    let expected: Vec<_> = CODES.map(|code| (format!("`{}`", code.as_str()), status(code))).to_vec();
    assert_eq!(rows("Error codes"), expected, "the table under \"Error codes\" in README.md");
}

#[test]
fn every_setting_that_a_page_names_exists() {
    let settings = all_settings();
    let sections: BTreeSet<_> = settings.iter().filter_map(|setting| Some(setting.split_once('.')?.0)).collect();
    for (page, text) in PAGES {
        for code in
            text.lines().filter(|line| !line.starts_with("    ")).flat_map(|line| line.split('`').skip(1).step_by(2))
        {
            let Some((section, key)) = code.split_once('.') else { continue };
            let is_key = !key.is_empty() && key.chars().all(|each| each.is_ascii_lowercase() || each == '_');
            let known = settings.iter().any(|setting| setting == code);
            assert!(!sections.contains(section) || !is_key || known, "{page} names `{code}`, which is no setting");
        }
    }
}

#[test]
fn the_recipes_for_clients_are_the_code_that_is_tested() {
    let recipes = recipes();
    let files: Vec<_> = recipes.iter().map(|(file, _)| *file).collect();
    assert_eq!(
        files,
        [
            "tests/clients/recipes/apollo.js",
            "tests/clients/recipes/urql.js",
            "tests/clients/relay/relay.config.json",
            "tests/clients/recipes/relay.js",
            "tests/clients/recipes/curl.sh",
            "tests/it/rust_client/mod.rs",
        ]
    );
    for (file, block) in recipes {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let is_marker = |line: &&str, marker: &str| line.trim_start_matches(['/', '#', ' ']).starts_with(marker);
        let marked = text.lines().skip_while(|line| !is_marker(line, "recipe: ")).skip(1);
        let marked: Vec<_> = marked.take_while(|line| !is_marker(line, "end of recipe")).collect();
        let expected = if marked.is_empty() { text.lines().collect() } else { marked };
        assert_eq!(block.lines().collect::<Vec<_>>(), expected, "the code of {file} in README.md");
    }
}

/// The blocks of code under "Clients", each with the file that was linked last before it.
fn recipes() -> Vec<(&'static str, &'static str)> {
    let pieces: Vec<_> = section("Clients").split("\n```").collect();
    let blocks = pieces.chunks_exact(2).map(|pair| {
        let (_, link) = pair[0].rsplit_once("](").expect("a block of code has a link before it");
        (link.split(')').next().unwrap_or_default(), pair[1].split_once('\n').unwrap_or_default().1)
    });
    blocks.collect()
}

#[test]
fn the_table_of_close_codes_holds_every_code() {
    let (source, _) = include_str!("../../src/http/graphql/socket/close.rs").split_once("#[cfg(test)]").unwrap();
    let codes = source.split("new(").filter_map(|rest| Some(rest.get(..4)?.parse::<u16>().ok()?.to_string()));
    let table = rows("Subscriptions").into_iter().map(|(code, _)| code.trim_matches('`').to_owned());
    assert_eq!(table.collect::<BTreeSet<_>>(), codes.collect::<BTreeSet<_>>());
}

/// The bounds of a number, such as `1 to 600`, as the refusal of one that is too large tells them.
fn bounds(setting: &str) -> Option<String> {
    let flag = Flag { name: "--set", setting: setting.to_owned(), value: u64::MAX.to_string() };
    let refused = load(ConfigFile::IfPresent(Path::new("no such file")), [], &[flag]).err()?;
    let told =
        refused.problems.iter().find_map(|problem| problem.message.strip_prefix("expected a whole number from "))?;
    Some(told.split(',').next()?.to_owned())
}

/// A default as the environment would spell it.
fn spelt(value: &Value) -> String {
    match value {
        Value::Null => String::from("unset"),
        Value::Array(entries) if entries.is_empty() => String::from("none"),
        Value::Array(entries) => {
            let entries: Vec<_> = entries.iter().map(|entry| entry.as_str().unwrap()).collect();
            format!("`{}`", entries.join(","))
        }
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// The first two cells of each row of the tables under the heading, without their heads.
fn rows(heading: &str) -> Vec<(String, String)> {
    section(heading)
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some((format!("`{}", cells.next()?), cells.next()?.to_owned()))
        })
        .collect()
}

/// What is under the heading, up to the next.
fn section(heading: &str) -> &'static str {
    let (_, after) = README.split_once(&format!("\n## {heading}\n")).expect(heading);
    after.split("\n## ").next().unwrap_or_default()
}
