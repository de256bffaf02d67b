//! The parts of HTTP's field syntax that several protections read: lists, parameters and quoted strings
//! (RFC 9110, section 5.6).
//!
//! Strict on purpose: what does not fit the grammar is no value at all, so that two readers can't see two things in it.

use std::borrow::Cow;

/// `text` cut at each `separator` outside quoted strings, with the spaces and tabs around each part removed.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(|character| {
        if escaped {
            escaped = false;
            return false;
        }
        escaped = quoted && character == '\\';
        quoted ^= character == '"';
        !quoted && character == separator
    })
    .map(|part| part.trim_matches([' ', '\t']))
    .collect()
}

/// The name and the value of `name=value`, where the value is a token or a quoted string; nothing for any other text.
pub(super) fn parameter(text: &str) -> Option<(&str, Cow<'_, str>)> {
    let (name, value) = text.split_once('=')?;
    if !is_token(name) {
        return None;
    }
    let value = if is_token(value) { Cow::Borrowed(value) } else { Cow::Owned(unquote(value)?) };
    Some((name, value))
}

/// Whether `text` is a token: at least one character, each a letter, a digit or one of ``!#$%&'*+-.^_`|~``.
pub(super) fn is_token(text: &str) -> bool {
    let is_token_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_byte)
}

fn unquote(text: &str) -> Option<String> {
    let mut characters = text.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut value = String::new();
    while let Some(character) = characters.next() {
        value.push(match character {
            '"' => return None,
            '\\' => characters.next()?,
            other => other,
        });
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_inside_a_quoted_string_separates_nothing() {
        let cases: [(&str, &[&str]); 5] = [
            ("a, b\t,c", &["a", "b", "c"]),
            (r#"a="1,2", b"#, &[r#"a="1,2""#, "b"]),
            (r#"a="\",", b"#, &[r#"a="\",""#, "b"]),
            (r#"a="\\", b"#, &[r#"a="\\""#, "b"]),
            (r#"a="never closed, b"#, &[r#"a="never closed, b"#]),
        ];
        for (text, parts) in cases {
            assert_eq!(split(text, ','), parts, "{text}");
        }
    }

    #[test]
    fn a_parameter_is_a_token_and_a_token_or_a_quoted_string() {
        assert_eq!(parameter("charset=utf-8"), Some(("charset", Cow::Borrowed("utf-8"))));
        assert_eq!(parameter(r#"charset="ut\f-8""#), Some(("charset", Cow::Borrowed("utf-8"))));
        for text in ["", "a", "=b", "a=", "a =b", "a= b", r#"a=""b""#, r#"a="b"#, r#"a="b\""#, r#"a=""#, "a=b c", "a=é"]
        {
            assert_eq!(parameter(text), None, "{text}");
        }
        assert_eq!(parameter(r#"a="""#), Some(("a", Cow::Borrowed(""))));
    }
}
