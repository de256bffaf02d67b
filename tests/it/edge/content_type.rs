//! JSON in UTF-8, sent as it is, is taken; everything else is 415.

use taskward::code::ErrorCode;
use taskward::edge::content_type::check;

use super::support::header_map;

#[test]
fn json_in_utf_8_is_taken() {
    for value in [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; Charset=\"utf-8\"",
        "application/json ; charset=utf-8",
        "application/json;",
        "application/json; profile=\"a;b, c\"",
    ] {
        assert!(check(&header_map(&[("content-type", value)])).is_ok(), "{value}");
    }
}

#[test]
fn everything_else_is_refused() {
    for value in [
        "",
        "application",
        "text/plain",
        "text/plain;application/json",
        "application/json, text/plain",
        "application/jsonx",
        "application/json+x",
        "application/graphql",
        "application/graphql-response+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=ibm500",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset",
        "application/json; charset=",
        "application/json; charset=\"utf-8",
        "application/json; charset = utf-8",
        "application/json; charset=utf-8; charset=utf-8",
        "application/json; charset=utf-8; charset=utf-7",
        "application/json charset=utf-8",
    ] {
        let refusal = check(&header_map(&[("content-type", value)])).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::UnsupportedMediaType, "{value}");
        assert_eq!(refusal.header.as_ref().unwrap().0, "accept", "{value}");
    }
    let json = ("content-type", "application/json");
    for fields in [&[][..], &[json, json], &[json, ("content-type", "text/plain")]] {
        assert!(check(&header_map(fields)).is_err(), "{fields:?}");
    }
}

#[test]
fn compressed_content_is_refused() {
    let json = ("content-type", "application/json");
    for (coding, taken) in [
        ("identity", true),
        ("Identity", true),
        ("gzip", false),
        ("br", false),
        ("identity, gzip", false),
        ("x-unknown", false),
        ("", false),
    ] {
        let checked = check(&header_map(&[json, ("content-encoding", coding)]));
        assert_eq!(checked.is_ok(), taken, "{coding}");
        if let Err(refusal) = checked {
            assert_eq!(
                refusal.header.as_deref().map(|(name, value)| (name.as_str(), value.clone())).unwrap(),
                ("accept-encoding", "identity".parse().unwrap())
            );
        }
    }
    assert!(check(&header_map(&[json, ("content-encoding", "identity"), ("content-encoding", "gzip")])).is_err());
}
