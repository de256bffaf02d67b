//! The settings as a tree of plain values, and merging given values into it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::Value;

use super::Config;
use super::bounds::bounds;
use super::problem::Problem;
use super::secret::SECRETS;

/// The sections as a tree of plain values, secrets masked.
pub(super) fn tree(config: &Config) -> Value {
    serde_json::to_value(config).unwrap_or_default()
}

/// The settings of a tree, such as `server.listen`, and their values.
pub(super) fn settings(tree: &Value) -> Vec<(String, &Value)> {
    let sections = tree.as_object().into_iter().flatten();
    let keys =
        sections.flat_map(|(section, keys)| keys.as_object().into_iter().flatten().map(move |key| (section, key)));
    keys.map(|(section, (key, value))| (format!("{section}.{key}"), value)).collect()
}

/// `defaults` with `values` over them, and what is wrong with those that had to be left out.
///
/// Each value is tried alone over the defaults, because the deserializer stops at the first that is wrong.
pub(super) fn merge(values: &BTreeMap<String, Value>, defaults: &Config) -> (Config, Vec<Problem>) {
    let default_tree = tree(defaults);
    let mut merged = default_tree.clone();
    let mut problems = Vec::new();
    for (setting, value) in values {
        match fit(&default_tree, setting, value) {
            Ok(value) => replace(&mut merged, setting, value),
            Err(message) => problems.push(Problem::new(setting, message)),
        }
    }
    // Sections hold no rule that spans two settings, so what is good alone is good together.
    (Config::deserialize(merged).unwrap_or_else(|_| defaults.clone()), problems)
}

/// `value` in the type of the setting; otherwise what is expected.
fn fit(defaults: &Value, setting: &str, value: &Value) -> Result<Value, String> {
    let default = defaults.pointer(&pointer(setting)).ok_or("no such setting")?;
    let value = match bounds(setting) {
        Some(bounds) => number(value, bounds)?,
        None => convert(default, value)?,
    };
    let mut alone = defaults.clone();
    replace(&mut alone, setting, value.clone());
    match Config::deserialize(alone) {
        Ok(_) => Ok(value),
        Err(error) => Err(expected(setting).map_or_else(|| error.to_string(), str::to_owned)),
    }
}

/// A whole number within `bounds`. The environment and flags give it as text.
fn number(value: &Value, bounds: &RangeInclusive<u64>) -> Result<Value, String> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    };
    match number {
        Some(number) if bounds.contains(&number) => Ok(number.into()),
        _ => Err(format!("expected a whole number from {} to {}, not {value}", bounds.start(), bounds.end())),
    }
}

/// `value` in the kind of `default`: text becomes a truth value or a list, as the environment and flags need it.
fn convert(default: &Value, value: &Value) -> Result<Value, String> {
    match (default, value) {
        (Value::Bool(_), Value::String(text)) => {
            text.trim().parse::<bool>().map(Value::from).map_err(|_| format!("expected true or false, not {text:?}"))
        }
        (Value::Array(_), Value::String(text)) => {
            Ok(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(Value::from).collect())
        }
        _ => Ok(value.clone()),
    }
}

/// What a setting takes, where the deserializer's own words would help nobody or repeat a secret.
fn expected(setting: &str) -> Option<&'static str> {
    match setting {
        "server.listen" => Some("expected ADDRESS:PORT, such as `127.0.0.1:8000`"),
        "server.trusted_proxies" => Some("expected address ranges, such as `10.0.0.0/8`"),
        setting if SECRETS.contains(&setting) => Some("expected a text"),
        _ => None,
    }
}

fn replace(tree: &mut Value, setting: &str, value: Value) {
    if let Some(place) = tree.pointer_mut(&pointer(setting)) {
        *place = value;
    }
}

/// The JSON pointer (RFC 6901) of a setting.
fn pointer(setting: &str) -> String {
    format!("/{}", setting.replacen('.', "/", 1))
}
