//! What the inputs of several nouns share.

use async_graphql::MaybeUndefined;

use crate::domain::{Fields, InvalidValue};

/// The valid value of a field that may be left out and must not be null.
pub(super) fn take<T, U>(
    fields: &mut Fields,
    name: &'static str,
    value: MaybeUndefined<T>,
    parse: impl FnOnce(T) -> Result<U, InvalidValue>,
) -> Option<U> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => fields.take(name, Err(InvalidValue::null())),
        MaybeUndefined::Value(value) => fields.take(name, parse(value)),
    }
}
