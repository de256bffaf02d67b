//! The values of strings.

/// The value of a string token with its quotes; none for an escape sequence that the grammar does not have.
pub(super) fn value(token: &str) -> Option<String> {
    match token.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")) {
        Some(raw) => Some(block(&raw.replace("\\\"\"\"", "\"\"\""))),
        None => unescaped(token.strip_prefix('"')?.strip_suffix('"')?),
    }
}

/// A string with its escape sequences read (section 2.10.4).
fn unescaped(raw: &str) -> Option<String> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        let character;
        (character, rest) = escaped(escape)?;
        value.push_str(plain);
        value.push(character);
    }
    value.push_str(rest);
    Some(value)
}

/// The character that a backslash and the start of `escape` stand for, and what follows.
fn escaped(escape: &str) -> Option<(char, &str)> {
    let mut characters = escape.chars();
    let character = match characters.next()? {
        character @ ('"' | '\\' | '/') => character,
        'b' => '\u{8}',
        'f' => '\u{C}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(characters.as_str()),
        _ => return None,
    };
    Some((character, characters.as_str()))
}

/// The Unicode scalar value behind `\u`, and what follows: digits in braces, four digits, or a leading surrogate of four
/// digits and a trailing one. Surrogates are none by themselves.
fn unicode(escape: &str) -> Option<(char, &str)> {
    if let Some(escape) = escape.strip_prefix('{') {
        let (digits, rest) = escape.split_once('}')?;
        return Some((char::from_u32(hexadecimal(digits)?)?, rest));
    }
    let (leading, rest) = code_unit(escape)?;
    if !(0xD800..=0xDBFF).contains(&leading) {
        return Some((char::from_u32(leading.into())?, rest));
    }
    let (trailing, rest) = code_unit(rest.strip_prefix("\\u")?)?;
    let pair = char::decode_utf16([leading, trailing]).next()?.ok()?;
    Some((pair, rest))
}

/// The number that the first four digits are, and what follows.
fn code_unit(digits: &str) -> Option<(u16, &str)> {
    let (digits, rest) = digits.split_at_checked(4)?;
    Some((u16::try_from(hexadecimal(digits)?).ok()?, rest))
}

/// The number that all of `digits` are; none for no digits and for one that is too large.
fn hexadecimal(digits: &str) -> Option<u32> {
    let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if are_digits { u32::from_str_radix(digits, 16).ok() } else { None }
}

/// `BlockStringValue` (section 2.10.4): without the indentation that all lines but the first share, and without blank lines
/// at both ends.
fn block(raw: &str) -> String {
    let lines: Vec<&str> = raw.split("\r\n").flat_map(|lines| lines.split(['\r', '\n'])).collect();
    let indentation = |line: &&str| line.find(|character| !matches!(character, ' ' | '\t'));
    let common = lines.iter().skip(1).filter_map(indentation).min().unwrap_or_default();
    let first = lines.iter().position(|line| indentation(line).is_some()).unwrap_or(lines.len());
    let behind = lines.iter().rposition(|line| indentation(line).is_some()).map_or(0, |last| last.saturating_add(1));
    let mut value = String::with_capacity(raw.len());
    for (number, line) in lines.iter().enumerate().take(behind).skip(first) {
        if number > first {
            value.push('\n');
        }
        value.push_str(if number == 0 { line } else { line.get(common..).unwrap_or_default() });
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_read() {
        for (token, expected) in [
            (r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{C}\n\r\t")),
            (r#""\u0041\u00e9\uD7FF\uE000""#, Some("Aé\u{D7FF}\u{E000}")),
            (r#""\u{1F600}\u{0}\u{10FFFF}""#, Some("😀\0\u{10FFFF}")),
            (r#""\u{000000000041}""#, Some("A")),
            (r#""a\uD83D\uDE00b""#, Some("a😀b")),
            (r#""\uD800\uDC00\uDBFF\uDFFF""#, Some("\u{10000}\u{10FFFF}")),
            // Surrogates that are no pair.
            (r#""\uD83D""#, None),
            (r#""\uD83Dx""#, None),
            (r#""\uDE00""#, None),
            (r#""\uDE00\uD83D""#, None),
            (r#""\uD83D\uD83D\uDE00""#, None),
            (r#""\uD83D\u0041""#, None),
            (r#""\uD83D\n""#, None),
            (r#""\uD83D\u{DE00}""#, None),
            (r#""\u{D83D}\u{DE00}""#, None),
            (r#""\u{DEAD}""#, None),
            // Numbers that are none, or none of a character.
            (r#""\u{110000}""#, None),
            (r#""\u{FFFFFFFFF}""#, None),
            (r#""\u{}""#, None),
            (r#""\u{41""#, None),
            (r#""\u{+41}""#, None),
            (r#""\u{ 41}""#, None),
            (r#""\u004""#, None),
            (r#""\u+041""#, None),
            (r#""\u00é""#, None),
            (r#""\u""#, None),
            (r#""\x41""#, None),
            (r#""\é""#, None),
        ] {
            assert_eq!(value(token).as_deref(), expected, "{token}");
        }
    }

    #[test]
    fn block_strings_lose_their_indentation() {
        for (token, expected) in [
            ("\"\"\"\"\"\"", ""),
            ("\"\"\"  a\"\"\"", "  a"),
            ("\"\"\"\n  a\r\n   b\r  c\n\"\"\"", "a\n b\nc"),
            ("\"\"\"\n  a\n \n  b\"\"\"", "a\n\nb"),
            ("\"\"\"\\u{41}\\n\"\"\"", "\\u{41}\\n"),
            ("\"\"\"a\\\"\"\"b\"\"\"", "a\"\"\"b"),
        ] {
            assert_eq!(value(token).as_deref(), Some(expected), "{token}");
        }
    }
}
