//! The settings as a tree of plain values, and merging given values into it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Config;
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
    let value = convert(default, value)?;
    let attempt = |value: &Value| {
        let mut alone = defaults.clone();
        replace(&mut alone, setting, value.clone());
        Config::deserialize(alone).map(drop)
    };
    let Err(error) = attempt(&value) else { return Ok(value) };
    // A setting that is unset by default does not show its type: text may be meant as a number.
    let number = value.as_str().and_then(|text| text.trim().parse::<u64>().ok()).map(Value::from);
    match number.filter(|number| default.is_null() && attempt(number).is_ok()) {
        Some(number) => Ok(number),
        None if SECRETS.contains(&setting) => Err("expected a text".to_owned()),
        None => Err(error.to_string()),
    }
}

/// `value` in the kind of `default`: text becomes a number, a truth value or a list, as the environment needs it.
fn convert(default: &Value, value: &Value) -> Result<Value, String> {
    match (default, value) {
        (Value::Number(_), Value::Number(number)) if number.is_u64() => Ok(value.clone()),
        (Value::Number(_), Value::String(text)) => {
            text.trim().parse::<u64>().map(Value::from).map_err(|_| format!("expected a whole number, not {text:?}"))
        }
        (Value::Number(_), _) => Err(format!("expected a whole number, not {value}")),
        (Value::Bool(_), Value::String(text)) => {
            text.trim().parse::<bool>().map(Value::from).map_err(|_| format!("expected true or false, not {text:?}"))
        }
        (Value::Array(_), Value::String(text)) => {
            Ok(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(Value::from).collect())
        }
        _ => Ok(value.clone()),
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
