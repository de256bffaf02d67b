//! The JSON object of a line, whose members are taken one by one. What is wrong with one is said with its name.

use chrono::{DateTime, Datelike, Utc};
use serde_json::{Map, Value};

use crate::domain::InvalidValue;
use crate::storage::instant::to_micros;

/// A value, or what is wrong with the line.
pub(super) type Parsed<T> = std::result::Result<T, String>;

/// The members of an object that were not taken yet.
#[derive(Debug)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// The object that `line` spells.
    pub(super) fn parse(line: &str) -> Parsed<Self> {
        match serde_json::from_str(line) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err("is no JSON object".to_owned()),
            Err(error) => Err(format!("is no JSON: {error}")),
        }
    }

    /// The text of the member `name`.
    pub(super) fn text(&mut self, name: &str) -> Parsed<String> {
        self.optional_text(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    /// The whole number of the member `name`, from 1 to `most`.
    pub(super) fn number(&mut self, name: &str, most: i32) -> Parsed<i32> {
        let number = self.0.remove(name).ok_or_else(|| format!("`{name}` is missing"))?;
        let number = number.as_i64().and_then(|number| i32::try_from(number).ok());
        let number = number.filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| format!("`{name}` must be a whole number from 1 to {most}"))
    }

    /// What `parse` makes of the text of the member `name`.
    pub(super) fn value<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> std::result::Result<T, InvalidValue>,
    ) -> Parsed<T> {
        parse(&self.text(name)?).map_err(|invalid| format!("`{name}` {}", invalid.message))
    }

    /// The one of `values` that the text of the member `name` names.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, values: &[T], name_of: fn(T) -> &'static str) -> Parsed<T> {
        let text = self.text(name)?;
        let found = values.iter().copied().find(|value| name_of(*value) == text);
        found.ok_or_else(|| {
            let names = values.iter().map(|value| name_of(*value)).collect::<Vec<_>>();
            format!("`{name}` must be one of {}", names.join(", "))
        })
    }

    /// The id of the member `name`.
    pub(super) fn id<T: std::str::FromStr>(&mut self, name: &str) -> Parsed<T> {
        self.optional_id(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    /// The id of the member `name`, unless that is null or not there.
    pub(super) fn optional_id<T: std::str::FromStr>(&mut self, name: &str) -> Parsed<Option<T>> {
        let id = |text: String| text.parse().map_err(|_| format!("`{name}` is no id of its kind"));
        self.optional_text(name)?.map(id).transpose()
    }

    /// The instant of the member `name`, which has been by `now`, as storage keeps it.
    pub(super) fn past(&mut self, name: &str, now: DateTime<Utc>) -> Parsed<i64> {
        self.optional_past(name, now)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    /// Like [`Object::past`], unless the member is null or not there.
    pub(super) fn optional_past(&mut self, name: &str, now: DateTime<Utc>) -> Parsed<Option<i64>> {
        // What comes after it would never be older, and so never leave the change log.
        let past = |micros: i64| {
            if micros <= to_micros(now) { Ok(micros) } else { Err(format!("`{name}` must not be in the future")) }
        };
        self.optional_instant(name)?.map(past).transpose()
    }

    /// The instant of the member `name`, unless that is null or not there.
    pub(super) fn optional_instant(&mut self, name: &str) -> Parsed<Option<i64>> {
        let instant = |text: String| {
            let instant = DateTime::parse_from_rfc3339(&text).map(|instant| instant.to_utc()).ok();
            let instant = instant.filter(|instant| (1..=9999).contains(&instant.year()));
            instant.map(to_micros).ok_or_else(|| format!("`{name}` must be an instant such as 2026-11-23T09:30:00Z"))
        };
        self.optional_text(name)?.map(instant).transpose()
    }

    /// Refuses what was not taken.
    pub(super) fn finish(self) -> Parsed<()> {
        match self.0.keys().next() {
            // Escaped, for it may be anything.
            Some(name) => Err(format!("has a member that is not known here: {name:?}")),
            None => Ok(()),
        }
    }

    fn optional_text(&mut self, name: &str) -> Parsed<Option<String>> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.contains('\0') => Err(format!("`{name}` must hold no zero characters")),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{name}` must be a string")),
        }
    }
}
