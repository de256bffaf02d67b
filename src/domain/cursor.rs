//! Cursors: a position in a list as a text that clients only hand back.
//!
//! A cursor is tagged with a key of the server, over the list and the order that it was taken from, so one that was made
//! up, cut short or brought to another order is refused instead of misread.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{InvalidValue, Rule};
use crate::auth::{Key, TAG_BYTES};
use crate::storage::paging::{KeyValue, Position};

/// The most characters of a cursor: one with the longest title as its key has fewer.
const MAX_CHARACTERS: usize = 4_096;

/// The cursor of `position` in the list and order that `scope` names.
#[must_use]
pub fn encode(key: &Key, scope: &str, position: &Position) -> String {
    let payload = Payload::of(position).to_string();
    let tag = key.tag(&[scope.as_bytes(), &[0], payload.as_bytes()]);
    URL_SAFE_NO_PAD.encode([&tag, payload.as_bytes()].concat())
}

/// The position that `cursor` stands for; refused unless [`encode`] made it with the same key and scope.
pub fn decode(key: &Key, scope: &str, cursor: &str) -> Result<Position, InvalidValue> {
    let refused = || InvalidValue::new(Rule::InvalidFormat, "is not a cursor of this list in this order");
    if cursor.len() > MAX_CHARACTERS {
        return Err(refused());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let (tag, payload) = bytes.split_first_chunk::<TAG_BYTES>().ok_or_else(refused)?;
    key.verify(&[scope.as_bytes(), &[0], payload], tag).map_err(|_| refused())?;
    let payload = std::str::from_utf8(payload).map_err(|_| refused())?;
    Payload(payload.to_owned()).position().ok_or_else(refused)
}

/// The JSON in a cursor: an array of the sort keys, and the id last.
struct Payload(String);

impl Payload {
    fn of(position: &Position) -> serde_json::Value {
        let keys = position.keys.iter().map(|key| match key {
            KeyValue::Integer(integer) => serde_json::Value::from(*integer),
            KeyValue::Text(text) => serde_json::Value::from(text.as_str()),
            KeyValue::Null => serde_json::Value::Null,
        });
        keys.chain([serde_json::Value::from(position.id.to_string())]).collect()
    }

    fn position(&self) -> Option<Position> {
        let mut values = serde_json::from_str::<Vec<serde_json::Value>>(&self.0).ok()?;
        let id = values.pop()?.as_str()?.parse::<Uuid>().ok()?;
        let key = |value: serde_json::Value| match value {
            serde_json::Value::Null => Some(KeyValue::Null),
            serde_json::Value::String(text) => Some(KeyValue::Text(text)),
            value => value.as_i64().map(KeyValue::Integer),
        };
        Some(Position { keys: values.into_iter().map(key).collect::<Option<_>>()?, id })
    }
}
