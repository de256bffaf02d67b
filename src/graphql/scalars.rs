//! Scalars beyond GraphQL's own.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, SecondsFormat, SubsecRound, Utc};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateTime(pub(super) chrono::DateTime<Utc>);

/// An instant in UTC, RFC 3339 with microseconds, for example `2026-11-23T09:30:00.000000Z`.
///
/// As input any offset is taken and turned into UTC, and what is finer than a microsecond is cut off.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/chillicream/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else {
            return Err(InputValueError::expected_type(value));
        };
        let refused = || InputValueError::custom("must be an instant such as 2026-11-23T09:30:00Z (RFC 3339)");
        let instant = chrono::DateTime::parse_from_rfc3339(&text).map_err(|_| refused())?.to_utc();
        // In UTC the year may fall out of the four digits that RFC 3339 has, and chrono also takes a space for the T.
        let is_rfc_3339 = (1..=9999).contains(&instant.year()) && text.as_bytes().get(10) == Some(&b'T');
        if is_rfc_3339 { Ok(Self(instant.trunc_subsecs(6))) } else { Err(refused()) }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// Whether `value` is an instant.
pub(super) fn is_instant(value: &Value) -> bool {
    DateTime::parse(value.clone()).is_ok()
}

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(instant: chrono::DateTime<Utc>) -> Self {
        Self(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_cut_to_microseconds_of_utc() {
        let parse = |text: &str| DateTime::parse(Value::from(text));
        let written = |text| parse(text).unwrap().to_value().into_json().unwrap();
        assert_eq!(written("2026-11-23T09:30:00Z"), "2026-11-23T09:30:00.000000Z");
        assert_eq!(written("2026-11-23T10:30:00.1234569+01:00"), "2026-11-23T09:30:00.123456Z");
        for text in ["", "2026-11-23", "2026-13-01T00:00:00Z", "now", "99999-01-01T00:00:00Z", "2026-11-23T09:30:00"]
            .into_iter()
            .chain(["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "2026-11-23 09:30:00Z"])
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(DateTime::parse(Value::from(1)).is_err());
    }
}
