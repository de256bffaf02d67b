//! How many objects a list may hold, by what the client asks for.

use std::convert::Infallible;

use async_graphql::parser::types::Field;
use async_graphql::{Name, Value, Variables};

use super::annotations::ListSize;

/// The largest size that the slicing arguments of `field` ask for, or else the assumed one. A number is taken for 1 to
/// `page_size`, outside of which no list is served; a list counts as long as it is. None when nothing says the size.
pub(super) fn asked_for(list: &ListSize, field: &Field, values: &Variables, page_size: u64) -> Option<u64> {
    let given = list.slicing.iter().filter_map(|path| argument(field, path, values));
    let size = |value: Value| match value {
        Value::Number(number) => match number.as_u64() {
            Some(number) => number.clamp(1, page_size),
            None if number.is_i64() => 1,
            None => page_size,
        },
        Value::List(items) => u64::try_from(items.len()).unwrap_or(u64::MAX),
        // A single value stands for the list of it.
        _ => 1,
    };
    given.map(size).max().or(list.assumed)
}

/// The value at the end of `path`; none where it is null or left out.
fn argument(field: &Field, path: &[Name], values: &Variables) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let variable = |name: Name| Ok::<_, Infallible>(values.get(&name).cloned().unwrap_or_default());
    let mut value = field.get_argument(first)?.node.clone().into_const_with(variable).ok()?;
    for name in rest {
        let Value::Object(mut members) = value else { return None };
        value = members.swap_remove(name)?;
    }
    Some(value).filter(|value| *value != Value::Null)
}
