//! The tokens of a document, read apart from the server's own scan, to say where the library deviates.

/// A token and where it stands.
#[derive(Debug)]
pub struct Token<'a> {
    /// As it is written; digits behind a leading zero belong to the number.
    pub text: &'a str,
    /// The spaces, commas and comments before it.
    pub ignored: &'a str,
    /// The brackets that are open around it, the outermost first; a closing one still has its own.
    pub within: String,
}

impl Token<'_> {
    /// Whether it is a name, keywords included.
    #[must_use]
    pub fn is_name(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }

    /// Whether it starts with `keyword` and is longer.
    #[must_use]
    pub fn continues(&self, keyword: &str) -> bool {
        self.text.len() > keyword.len() && self.text.starts_with(keyword)
    }
}

/// The tokens of `text`, in which every string is closed.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut rest, mut within) = (Vec::new(), text, String::new());
    loop {
        let (ignored, behind) = rest.split_at(ignored(rest));
        let (text, behind) = behind.split_at(token(behind));
        if text.is_empty() {
            return tokens;
        }
        tokens.push(Token { text, ignored, within: within.clone() });
        match text {
            "{" | "(" | "[" => within.push_str(text),
            "}" | ")" | "]" => drop(within.pop()),
            _ => {}
        }
        rest = behind;
    }
}

/// The bytes at the start of `text` that stand between tokens.
fn ignored(text: &str) -> usize {
    let mut rest = text;
    loop {
        let spaces = rest.trim_start_matches([' ', ',', '\t', '\r', '\n', '\u{feff}']);
        let behind =
            if spaces.starts_with('#') { spaces.trim_start_matches(|it| !matches!(it, '\r' | '\n')) } else { spaces };
        if behind.len() == rest.len() {
            return text.len() - rest.len();
        }
        rest = behind;
    }
}

/// The bytes of the token that `text` starts with; 0 at the end.
fn token(text: &str) -> usize {
    let first = text.chars().next();
    match first {
        Some('"') => string(text),
        Some('a'..='z' | 'A'..='Z' | '_') => run(text, |it| it.is_ascii_alphanumeric() || it == '_'),
        Some('-' | '0'..='9') => number(text),
        Some('.') if text.starts_with("...") => 3,
        other => other.map_or(0, char::len_utf8),
    }
}

fn string(text: &str) -> usize {
    let quotes = if text.starts_with("\"\"\"") { "\"\"\"" } else { "\"" };
    let mut length = quotes.len();
    while length < text.len() && !text[length..].starts_with(quotes) {
        let escaped = ["\\\"\"\"", "\\\"", "\\\\"].into_iter().filter(|it| (it.len() == 4) == (quotes.len() == 3));
        let escape = escaped.into_iter().find(|escape| text[length..].starts_with(*escape));
        length += escape.map_or_else(|| text[length..].chars().next().map_or(1, char::len_utf8), str::len);
    }
    (length + quotes.len()).min(text.len())
}

fn number(text: &str) -> usize {
    let mut length = usize::from(text.starts_with('-'));
    length += digits(&text[length..]);
    let fraction = text[length..].strip_prefix('.').map_or(0, digits);
    if fraction > 0 {
        length += 1 + fraction;
    }
    if let Some(exponent) = text[length..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        if digits(&exponent[sign..]) > 0 {
            length += 1 + sign + digits(&exponent[sign..]);
        }
    }
    length
}

fn digits(text: &str) -> usize {
    run(text, |it| it.is_ascii_digit())
}

/// The bytes at the start of `text` that are `wanted`.
fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|it| !wanted(it)).unwrap_or(text.len())
}
