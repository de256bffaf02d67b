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
        if !is_spelt_right(&text) {
            return Err(refused());
        }
        let instant = chrono::DateTime::parse_from_rfc3339(&text).map_err(|_| refused())?.to_utc();
        // In UTC the year may fall out of the four digits that RFC 3339 has.
        if (1..=9999).contains(&instant.year()) { Ok(Self(instant.trunc_subsecs(6))) } else { Err(refused()) }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// Whether `value` is an instant.
pub(super) fn is_instant(value: &Value) -> bool {
    DateTime::parse(value.clone()).is_ok()
}

/// Refuses what chrono takes beyond the scalar's specification: a space for the `T`, a minus sign that is not ASCII, second
/// 60 of any minute, and more than nine digits behind the second.
fn is_spelt_right(text: &str) -> bool {
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or_default();
    let fraction = text.get(20..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count();
    text.is_ascii() && matches!(byte(10), b'T' | b't') && byte(17) < b'6' && (byte(19) != b'.' || fraction <= 9)
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
        assert_eq!(written("2026-11-23t09:30:59.123456789z"), "2026-11-23T09:30:59.123456Z");
        assert_eq!(written("2026-11-23T09:30:00-00:00"), "2026-11-23T09:30:00.000000Z");
        assert_eq!(written("2026-11-23T09:30:00+23:59"), "2026-11-22T09:31:00.000000Z");
        assert_eq!(written("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
        assert_eq!(written("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000000Z");
        for text in ["", "2026-11-23", "2026-13-01T00:00:00Z", "now", "99999-01-01T00:00:00Z", "2026-11-23T09:30:00"]
            .into_iter()
            .chain(["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "2026-11-23 09:30:00Z"])
            .chain(["2026-11-23T09:30:60Z", "2016-12-31T23:59:60Z", "2026-11-23T09:30:00.1234567890Z"])
            .chain(["2026-11-23T09:30:00\u{2212}01:00", "2026-11-23T09:30:00+24:00", "2026-11-23T09:30:00.Z"])
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(DateTime::parse(Value::from(1)).is_err());
    }
}
