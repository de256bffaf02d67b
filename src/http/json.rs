//! Strict JSON: one pass that refuses duplicate keys and counts nesting, array entries and values while it reads.
//!
//! Attack. Kilobytes of brackets, entries or keys that cost far more to hold or to walk than to send; two keys of one
//! name, of which a filter in front reads the one and the server the other.
//! Setting. `limits.json_nesting`, `limits.json_array`, `limits.json_nodes`.
//! Answer. 400 `BAD_REQUEST` with a fixed sentence; nothing of the body is repeated.
//! Test. In this file.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::config::Limits;

/// How much JSON is taken. Each is refused one above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// Brackets that are open at once, the outermost included (`limits.json_nesting`).
    pub nesting: usize,
    /// Entries of one array (`limits.json_array`).
    pub array: usize,
    /// Values of any type, the outermost left out (`limits.json_nodes`).
    pub nodes: usize,
}

impl JsonLimits {
    /// The limits of the `limits` section.
    #[must_use]
    pub const fn new(limits: &Limits) -> Self {
        Self { nesting: limits.json_nesting, array: limits.json_array, nodes: limits.json_nodes }
    }

    /// The same limits for an envelope that holds the limited object `levels` brackets further in.
    #[must_use]
    pub const fn inside(self, levels: usize) -> Self {
        Self { nesting: self.nesting.saturating_add(levels), ..self }
    }
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self::new(&Limits::default())
    }
}

/// Why a text is not taken. The sentences are for clients: they hold nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// A byte sequence that is not UTF-8 (RFC 8259 section 8.1).
    #[error("The JSON is not encoded in UTF-8.")]
    NotUtf8,
    /// Anything that RFC 8259 does not allow, lone surrogates and numbers beyond 64-bit floating point.
    #[error("The JSON is not valid.")]
    Syntax,
    /// The outermost value is an array.
    #[error("The JSON is an array; batches are not taken: send one operation in each request.")]
    Batch,
    /// The outermost value is neither an object nor an array.
    #[error("The JSON is not an object.")]
    NotAnObject,
    /// Two members of one object have the same name.
    #[error("An object of the JSON holds the same key twice.")]
    DuplicateKey,
    /// More than [`JsonLimits::nesting`].
    #[error("The JSON is nested too deeply.")]
    TooDeep,
    /// More than [`JsonLimits::array`].
    #[error("An array of the JSON has too many entries.")]
    ArrayTooLong,
    /// More than [`JsonLimits::nodes`].
    #[error("The JSON holds too many values.")]
    TooManyValues,
}

impl JsonError {
    /// The setting of the limit that was passed, when it is one.
    #[must_use]
    pub const fn limit(self) -> Option<&'static str> {
        match self {
            Self::TooDeep => Some("limits.json_nesting"),
            Self::ArrayTooLong => Some("limits.json_array"),
            Self::TooManyValues => Some("limits.json_nodes"),
            Self::NotUtf8 | Self::Syntax | Self::Batch | Self::NotAnObject | Self::DuplicateKey => None,
        }
    }
}

/// The object that `text` holds. Refuses whatever [`JsonError`] names; of two broken rules, the one met first is named.
pub fn parse_object(text: &[u8], limits: JsonLimits) -> Result<Map<String, Value>, JsonError> {
    let text = std::str::from_utf8(text).map_err(|_| JsonError::NotUtf8)?;
    if text.trim_ascii_start().starts_with('[') {
        return Err(JsonError::Batch);
    }
    let walk = Walk { limits, nodes: Cell::new(0), refusal: Cell::new(None) };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = (ValueSeed { walk: &walk, level: 0 })
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|_| walk.refusal.get().unwrap_or(JsonError::Syntax))?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError::NotAnObject),
    }
}

/// What one pass knows: how much is allowed, how much was met, and the rule that was broken.
///
/// The rule is kept here because an error of `serde_json` can carry nothing but text.
struct Walk {
    limits: JsonLimits,
    nodes: Cell<usize>,
    refusal: Cell<Option<JsonError>>,
}

impl Walk {
    fn refuse<T, E: serde::de::Error>(&self, refusal: JsonError) -> Result<T, E> {
        self.refusal.set(Some(refusal));
        Err(E::custom(refusal))
    }
}

/// Reads one value that lies inside `level` brackets.
#[derive(Clone, Copy)]
struct ValueSeed<'walk> {
    walk: &'walk Walk,
    level: usize,
}

impl ValueSeed<'_> {
    /// The seed for what lies inside the array or object that opens here; refuses when that is too deep.
    fn enter<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.level >= self.walk.limits.nesting {
            return self.walk.refuse(JsonError::TooDeep);
        }
        Ok(Self { level: self.level.saturating_add(1), ..self })
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.level > 0 {
            let nodes = self.walk.nodes.get().saturating_add(1);
            if nodes > self.walk.limits.nodes {
                return self.walk.refuse(JsonError::TooManyValues);
            }
            self.walk.nodes.set(nodes);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map_or_else(|| self.walk.refuse(JsonError::Syntax), |number| Ok(Value::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let entry = self.enter()?;
        let mut entries = Vec::new();
        while let Some(value) = array.next_element_seed(entry)? {
            if entries.len() >= self.walk.limits.array {
                return self.walk.refuse(JsonError::ArrayTooLong);
            }
            entries.push(value);
        }
        Ok(Value::Array(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let member = self.enter()?;
        let mut members = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            let Entry::Vacant(entry) = members.entry(key) else {
                return self.walk.refuse(JsonError::DuplicateKey);
            };
            entry.insert(object.next_value_seed(member)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: JsonLimits = JsonLimits { nesting: 16, array: 100, nodes: 2_000 };

    fn refusal(text: impl AsRef<[u8]>) -> Option<JsonError> {
        parse_object(text.as_ref(), LIMITS).err()
    }

    #[test]
    fn each_limit_takes_its_value_and_refuses_one_more() {
        let nested = |levels: usize| {
            format!(r#"{{"a":{}{}}}"#, "[".repeat(levels.saturating_sub(1)), "]".repeat(levels.saturating_sub(1)))
        };
        let objects = |levels: usize| format!("{}{}", r#"{"a":"#.repeat(levels) + "1", "}".repeat(levels));
        let array = |entries: usize| format!(r#"{{"a":[{}]}}"#, vec!["1"; entries].join(","));
        let members = |count: usize| {
            format!("{{{}}}", (0..count).map(|member| format!(r#""{member}":1"#)).collect::<Vec<_>>().join(","))
        };
        for (taken, refused, rule) in [
            (nested(16), nested(17), JsonError::TooDeep),
            (objects(16), objects(17), JsonError::TooDeep),
            (array(100), array(101), JsonError::ArrayTooLong),
            (members(2_000), members(2_001), JsonError::TooManyValues),
        ] {
            assert_eq!(refusal(taken), None, "{rule:?} at the limit");
            assert_eq!(refusal(refused), Some(rule));
        }
        let inside = |levels| parse_object(objects(levels).as_bytes(), LIMITS.inside(2));
        assert!(inside(18).is_ok());
        assert_eq!(inside(19), Err(JsonError::TooDeep));
    }

    #[test]
    fn values_are_counted_wherever_they_are() {
        let hundred = format!("[{}]", vec!["0"; 100].join(","));
        let text = |arrays: usize, more: usize| {
            let arrays = (0..arrays).map(|array| format!(r#""a{array}":{hundred}"#));
            let more = (0..more).map(|member| format!(r#""m{member}":null"#));
            format!("{{{}}}", arrays.chain(more).collect::<Vec<_>>().join(","))
        };
        assert_eq!(refusal(text(19, 81)), None, "19 * 101 + 81 = 2,000");
        assert_eq!(refusal(text(19, 82)), Some(JsonError::TooManyValues));
    }

    #[test]
    fn what_is_not_one_strict_object_is_refused() {
        let cases: &[(&[u8], JsonError)] = &[
            (b"", JsonError::Syntax),
            (b"null", JsonError::NotAnObject),
            (b"\"{}\"", JsonError::NotAnObject),
            (b"1", JsonError::NotAnObject),
            (b"[]", JsonError::Batch),
            (b" \n[{\"query\":\"{a}\"}]", JsonError::Batch),
            (b"{} {}", JsonError::Syntax),
            (b"{}\0", JsonError::Syntax),
            (b"\xef\xbb\xbf{}", JsonError::Syntax),
            (b"{\"a\":1,}", JsonError::Syntax),
            (b"{'a':1}", JsonError::Syntax),
            (b"{a:1}", JsonError::Syntax),
            (b"{\"a\":01}", JsonError::Syntax),
            (b"{\"a\":NaN}", JsonError::Syntax),
            (b"{\"a\":Infinity}", JsonError::Syntax),
            (b"{\"a\":1e999}", JsonError::Syntax),
            (b"{\"a\":-1e999}", JsonError::Syntax),
            (b"{/**/}", JsonError::Syntax),
            (b"{\"a\":\"\n\"}", JsonError::Syntax),
            (b"{\"a\":\"\\x41\"}", JsonError::Syntax),
            (b"{\"a\":\"\\ud800\"}", JsonError::Syntax),
            (b"{\"a\":\"\\udc00\\ud800\"}", JsonError::Syntax),
            (b"{\"\\ud800\":1}", JsonError::Syntax),
            (b"{\"a\":\"\xff\"}", JsonError::NotUtf8),
            (b"{\"a\":\"\xed\xa0\x80\"}", JsonError::NotUtf8),
            (b"{\"a\":1,\"a\":1}", JsonError::DuplicateKey),
            (b"{\"a\":1,\"\\u0061\":2}", JsonError::DuplicateKey),
            (b"{\"b\":[{\"c\":{\"a\":1,\"a\":2}}]}", JsonError::DuplicateKey),
        ];
        for (text, rule) in cases {
            assert_eq!(refusal(text), Some(*rule), "{:?}", String::from_utf8_lossy(text));
        }
        assert_eq!(refusal(format!(r#"{{"a":{}}}"#, "1".repeat(15_000))), Some(JsonError::Syntax));
        assert_eq!(refusal("{\"a\":".repeat(100_000)), Some(JsonError::TooDeep));
    }

    #[test]
    fn what_json_allows_is_taken() {
        for text in [
            "{}",
            " {\t\"a\" : -0.5e-3 }\r\n",
            r#"{"":"","\u0000":"\u0000"}"#,
            r#"{"a":"\ud83d\ude00 😀"}"#,
            r#"{"a":18446744073709551616,"b":-9223372036854775808,"c":18446744073709551615}"#,
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
        assert_eq!(refusal(format!(r#"{{"a":0.{}}}"#, "1".repeat(15_000))), None, "a long fraction is rounded");
    }

    #[test]
    fn a_refusal_repeats_nothing_of_the_text() {
        let error = refusal(r#"{"secret":1,"secret":2}"#).unwrap().to_string();
        assert!(!error.contains("secret"), "{error}");
    }

    /// Any JSON, mostly within the limits.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_object(&bytes, LIMITS);
        }

        #[test]
        fn what_is_taken_is_what_serde_json_reads(text in r#"[\[\]{}",:\\ua0-9e.+ \-truefalsn]{0,40}"#) {
            let wrapped = format!(r#"{{"a":{text}}}"#);
            if let Ok(object) = parse_object(wrapped.as_bytes(), LIMITS) {
                prop_assert_eq!(Value::Object(object), serde_json::from_str::<Value>(&wrapped).unwrap());
            }
        }

        #[test]
        fn small_objects_are_taken_unchanged(value in value()) {
            let text = serde_json::json!({ "value": value }).to_string();
            let object = parse_object(text.as_bytes(), LIMITS);
            prop_assert_eq!(object.map(Value::Object), Ok(serde_json::from_str::<Value>(&text).unwrap()));
        }
    }
}
