//! The values of strings.

/// The value of a string token with its quotes; none for an escape that the grammar does not have.
pub(super) fn value(token: &str) -> Option<String> {
    match token.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")) {
        Some(raw) => Some(block(&raw.replace("\\\"\"\"", "\"\"\""))),
        None => unescaped(token.strip_prefix('"')?.strip_suffix('"')?),
    }
}

/// A string with its escapes read (section 2.9.4, "Escape Sequence"), those of four digits for a whole character.
fn unescaped(raw: &str) -> Option<String> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        value.push_str(plain);
        let mut characters = escape.chars();
        value.push(match characters.next()? {
            character @ ('"' | '\\' | '/') => character,
            'b' => '\u{8}',
            'f' => '\u{C}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits =
                    characters.as_str().get(..4).filter(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()))?;
                characters.nth(3);
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        });
        rest = characters.as_str();
    }
    value.push_str(rest);
    Some(value)
}

/// `BlockStringValue` (section 2.9.4): without the indentation that all lines but the first share, and without blank lines
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
