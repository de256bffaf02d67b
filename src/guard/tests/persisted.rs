//! Persisted documents: what is found, what is kept, and that both stay within their bytes.

use std::sync::Arc;

use async_graphql::Variables;
use serde_json::json;

use super::toy::guard;
use super::worst_case::time;
use crate::code::ErrorCode;
use crate::config::PersistedMode;
use crate::guard::persisted::manifest::{Entry, ManifestError, parse};
use crate::guard::persisted::{CHECKED_BYTES, DocumentHash, PersistedDocuments, REGISTERED_BYTES};
use crate::guard::{Document, Introspection};

const TEXT: &str = "{ task { id } }";
/// What `sha256sum` says of [`TEXT`].
const HASH: &str = "4ca5f682aa37ecee1eaca9ed9acecaa32aa42220988831b9326774b8d48b1648";

fn documents(mode: PersistedMode) -> PersistedDocuments {
    PersistedDocuments::new(mode, Vec::new()).unwrap()
}

fn trusting(entries: &[(&str, &str)]) -> Result<PersistedDocuments, String> {
    let entry = |(id, text): &(&str, &str)| Entry { id: (*id).to_owned(), text: (*text).to_owned() };
    PersistedDocuments::new(PersistedMode::Trusted, entries.iter().map(entry).collect())
}

/// The text that is found, or the code and message of the refusal.
fn resolve(
    documents: &PersistedDocuments,
    text: Option<&str>,
    id: Option<&str>,
) -> Result<String, (ErrorCode, String)> {
    let found = documents.resolve(text.map(str::to_owned), id);
    found.map(|source| source.text.to_string()).map_err(|refusal| (refusal.code, refusal.message.into_owned()))
}

fn not_found<T>() -> Result<T, (ErrorCode, String)> {
    Err((ErrorCode::PersistedQueryNotFound, String::from("PersistedQueryNotFound")))
}

fn checked(text: &str) -> Arc<Document> {
    Arc::new(guard().check(text, Introspection::Allowed).unwrap())
}

/// Sends `text` with its hash and lets it run.
fn register(documents: &PersistedDocuments, text: &str) {
    let source = documents.resolve(Some(text.to_owned()), Some(&DocumentHash::of(text).to_string())).unwrap();
    documents.keep(source, Introspection::Allowed, checked(text));
}

#[test]
fn a_hash_is_spelt_in_64_digits_with_its_prefix_or_without() {
    let hash = DocumentHash::of(TEXT);
    assert_eq!(hash.to_string(), HASH);
    for id in [HASH.to_owned(), format!("sha256:{HASH}"), HASH.to_uppercase()] {
        assert_eq!(DocumentHash::parse(&id), Some(hash), "{id}");
    }
    let (short, long, signs) = (&HASH[1..], format!("{HASH}0"), format!("+{}", &HASH[1..]));
    for id in
        ["", "sha256:", short, &long, &signs, &format!("md5:{HASH}"), &format!("sha256:sha256:{HASH}"), &"é".repeat(32)]
    {
        assert_eq!(DocumentHash::parse(id), None, "{id}");
    }
}

#[test]
fn without_the_mode_a_text_is_all_that_counts() {
    let off = documents(PersistedMode::Off);
    let unsupported = Err((ErrorCode::PersistedQueryNotSupported, String::from("PersistedQueryNotSupported")));
    register(&off, TEXT);
    assert_eq!(resolve(&off, None, Some(HASH)), unsupported);
    assert_eq!(resolve(&off, Some(TEXT), None).as_deref(), Ok(TEXT));
    assert_eq!(resolve(&off, None, None).unwrap_err().0, ErrorCode::BadRequest);
}

#[test]
fn a_registered_text_is_found_once_it_ran() {
    let apq = documents(PersistedMode::Apq);
    assert_eq!(resolve(&apq, None, Some(HASH)), not_found());
    assert_eq!(resolve(&apq, Some(TEXT), Some(HASH)).as_deref(), Ok(TEXT));
    assert_eq!(resolve(&apq, None, Some(HASH)), not_found(), "it has not run");
    register(&apq, TEXT);
    for id in [HASH.to_owned(), format!("sha256:{HASH}"), HASH.to_uppercase()] {
        assert_eq!(resolve(&apq, None, Some(&id)).as_deref(), Ok(TEXT), "{id}");
    }
    for id in ["", "a name", &HASH[1..]] {
        assert_eq!(resolve(&apq, None, Some(id)), not_found(), "{id}");
    }
}

#[test]
fn what_was_sent_as_text_alone_is_not_found_by_its_hash() {
    let apq = documents(PersistedMode::Apq);
    let source = apq.resolve(Some(TEXT.to_owned()), None).unwrap();
    apq.keep(source.clone(), Introspection::Allowed, checked(TEXT));
    assert!(apq.checked(source.hash, Introspection::Allowed).is_some());
    assert_eq!(resolve(&apq, None, Some(HASH)), not_found());
}

#[test]
fn a_text_must_be_the_one_of_its_hash() {
    let apq = documents(PersistedMode::Apq);
    for id in [HASH, "", "a name"] {
        assert_eq!(resolve(&apq, Some("{ task { title } }"), Some(id)).unwrap_err().0, ErrorCode::BadRequest, "{id}");
    }
}

#[test]
fn a_checked_document_counts_for_its_rule_of_introspection_alone() {
    let apq = documents(PersistedMode::Apq);
    register(&apq, TEXT);
    assert!(apq.checked(DocumentHash::of(TEXT), Introspection::Allowed).is_some());
    assert!(apq.checked(DocumentHash::of(TEXT), Introspection::Refused).is_none());
    assert!(apq.checked(DocumentHash::of("{ task { title } }"), Introspection::Allowed).is_none());
}

#[test]
fn a_flood_of_documents_stays_within_the_bytes_and_leaves_what_is_used() {
    let apq = documents(PersistedMode::Apq);
    register(&apq, TEXT);
    let ask = || assert_eq!(resolve(&apq, None, Some(HASH)).as_deref(), Ok(TEXT));
    let most = [REGISTERED_BYTES, CHECKED_BYTES].map(|bytes| u64::try_from(bytes).unwrap());
    // 255 tokens each, so neither store has room for a quarter of them.
    let many = checked(&format!("{{ task {{ {} }} }}", "id ".repeat(250)));
    for number in 0..2_000 {
        let text = format!("{number:09000}");
        let id = DocumentHash::of(&text).to_string();
        let source = apq.resolve(Some(text), Some(&id)).unwrap();
        apq.keep(source, Introspection::Allowed, Arc::clone(&many));
        ask();
        let memory = apq.memory();
        assert!(memory[0] <= most[0] && memory[1] <= most[1], "{memory:?} after {number}");
    }
    assert!(apq.memory()[0] > most[0] / 2 && apq.memory()[1] > most[1] / 2, "{:?}", apq.memory());
}

#[test]
fn only_documents_of_the_manifests_are_trusted() {
    let prefixed = format!("sha256:{HASH}");
    let trusted = trusting(&[(&prefixed, TEXT), ("named", "{ task { title } }"), (HASH, TEXT)]).unwrap();
    for id in [HASH, &prefixed] {
        assert_eq!(resolve(&trusted, None, Some(id)).as_deref(), Ok(TEXT), "{id}");
    }
    assert_eq!(resolve(&trusted, None, Some("named")).as_deref(), Ok("{ task { title } }"));
    assert_eq!(resolve(&trusted, None, Some("other")), not_found());
    for id in [None, Some(HASH)] {
        assert_eq!(resolve(&trusted, Some(TEXT), id).unwrap_err().0, ErrorCode::BadRequest, "a text, though known");
    }
    assert_eq!(resolve(&trusted, None, None).unwrap_err().0, ErrorCode::BadRequest);
}

#[test]
fn an_id_stands_for_one_text_and_a_hash_for_its_own() {
    let other = "{ task { title } }";
    let prefixed = format!("sha256:{HASH}");
    for entries in [
        &[("a", TEXT), ("a", other)][..],
        &[("a", TEXT), ("sha256:a", TEXT)],
        &[(&prefixed, other)],
        &[(&prefixed, TEXT), (HASH, other)],
    ] {
        assert!(trusting(entries).is_err(), "{entries:?}");
    }
    assert!(trusting(&[(HASH, other)]).is_ok(), "without the prefix, an id may be anything");
}

#[test]
fn manifests_of_both_forms_are_read() {
    let entry = |id: &str, text: &str| Entry { id: id.to_owned(), text: text.to_owned() };
    let apollo = br#"{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
        { "id": "b", "name": "B", "type": "query", "body": "query B { b }" },
        { "id": "a", "name": "A", "type": "mutation", "body": "mutation A { a }" } ] }"#;
    assert_eq!(parse(apollo).unwrap(), [entry("b", "query B { b }"), entry("a", "mutation A { a }")]);
    let flat = br#"{ "sha256:00": "{ b }", "a": "{ a }" }"#;
    assert_eq!(parse(flat).unwrap(), [entry("a", "{ a }"), entry("sha256:00", "{ b }")]);
}

#[test]
fn what_is_no_manifest_is_refused() {
    for text in ["", "{", "[1]x"] {
        assert!(matches!(parse(text.as_bytes()), Err(ManifestError::Json(_))), "{text}");
    }
    for text in ["{}", r#"{"format":"apollo-persisted-query-manifest","version":1,"operations":[]}"#] {
        assert!(matches!(parse(text.as_bytes()), Err(ManifestError::Empty)), "{text}");
    }
    for text in [
        "[]",
        "null",
        r#""{ a }""#,
        r#"{"a":1}"#,
        r#"{"a":{"body":"{ a }"}}"#,
        r#"{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}"#,
        r#"{"format":"apollo-persisted-query-manifest","operations":[]}"#,
        r#"{"format":"another","version":1,"operations":[]}"#,
        r#"{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a"}]}"#,
        r#"{"format":"apollo-persisted-query-manifest","version":1}"#,
    ] {
        assert!(matches!(parse(text.as_bytes()), Err(ManifestError::UnknownForm)), "{text}");
    }
}

/// Run by hand like the timings of `worst_case`.
#[test]
#[ignore = "prints timings"]
#[expect(clippy::print_stdout, reason = "prints timings")]
fn timings_of_a_repeated_document() {
    let text = "query Page($n: Int) { tasks(first: $n) { id title parent { id title } \
        subtasks(first: 2) { id title parent { id title subtasks(first: 1) { id } } } } }";
    let apq = documents(PersistedMode::Apq);
    register(&apq, text);
    let known = || {
        let source = apq.resolve(Some(text.to_owned()), None).unwrap();
        apq.checked(source.hash, Introspection::Allowed).unwrap()
    };
    let document = known();
    let median = |work: &dyn Fn()| {
        let mut times: Vec<_> = (0..1_000).map(|_| time(work)).collect();
        times.sort();
        times[500]
    };
    println!("check   {:?}", median(&|| drop(checked(text))));
    println!("cache   {:?}", median(&|| drop(known())));
    let prepare = || guard().prepare(&document, None, Variables::default()).unwrap();
    println!("prepare {:?} ({} bytes)", median(&|| drop(prepare())), document.memory());
    let change = checked("query($change: Change!) { change(change: $change) }");
    let object = json!({ "many": vec![json!({ "a": 1, "b": 2 }); 100], "list": vec![1; 100], "inner": { "a": 1 } });
    let variables = Variables::from_json(json!({ "change": object }));
    let prepare = || guard().prepare(&change, None, variables.clone()).unwrap();
    println!("prepare {:?} (with 404 values)", median(&|| drop(prepare())));
}
