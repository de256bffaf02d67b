//! The values of a task that have rules. They are valid once they exist.

use std::collections::BTreeSet;

use crate::config::TitleRule;
use crate::domain::text;
use crate::domain::{InvalidValue, Rule};
use crate::storage::task::Filter;

type Parsed<T> = Result<T, InvalidValue>;

/// What to do, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// The fewest characters of a title.
    pub const MIN_CHARACTERS: usize = 3;
    /// The most characters of a title.
    pub const MAX_CHARACTERS: usize = 200;

    /// The title in `text`, composed (NFC), trimmed, and with single spaces.
    ///
    /// # Errors
    /// When it has fewer than 3 or more than 200 characters then, none that shows, or one that `rule` does not allow.
    pub fn parse(text: &str, rule: TitleRule) -> Parsed<Self> {
        let title = text::normalized(text);
        let characters = title.chars().count();
        if characters < Self::MIN_CHARACTERS {
            let message = format!("must have at least {} characters", Self::MIN_CHARACTERS);
            return Err(InvalidValue::new(Rule::TooSmall, message));
        }
        if characters > Self::MAX_CHARACTERS {
            let message = format!("must have at most {} characters", Self::MAX_CHARACTERS);
            return Err(InvalidValue::new(Rule::TooLarge, message));
        }
        text::require_visible(&title)?;
        let (allowed, message): (fn(char) -> bool, _) = match rule {
            TitleRule::Alphanumeric => (text::is_alphanumeric, "must hold only letters, digits and spaces"),
            TitleRule::Text => (text::is_printable, "must hold no control characters and no overrides of direction"),
        };
        if title.chars().all(|character| character == ' ' || allowed(character)) {
            Ok(Self(title))
        } else {
            Err(InvalidValue::new(Rule::InvalidCharacter, message))
        }
    }

    /// The title as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What titles are ordered by: without regard to case, and cut to the length of a title. One character may fold to
    /// eighteen, and cursors and indexes carry the key.
    pub(in crate::domain) fn sort_key(&self) -> String {
        text::folded(&self.0).chars().take(Self::MAX_CHARACTERS).collect()
    }

    /// A title that was parsed before it was stored.
    pub(super) const fn stored(title: String) -> Self {
        Self(title)
    }
}

/// What to do, at length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description(String);

impl Description {
    /// The most characters of a description.
    pub const MAX_CHARACTERS: usize = 10_000;

    /// The description in `text`, with line ends of every kind made newlines.
    ///
    /// # Errors
    /// When it has more than 10,000 characters, or a control character that is neither newline nor tab.
    pub fn parse(text: &str) -> Parsed<Self> {
        let text = text.replace("\r\n", "\n");
        if text.chars().count() > Self::MAX_CHARACTERS {
            let message = format!("must have at most {} characters", Self::MAX_CHARACTERS);
            return Err(InvalidValue::new(Rule::TooLarge, message));
        }
        if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t')) {
            let message = "must hold no control characters but newline and tab";
            return Err(InvalidValue::new(Rule::InvalidCharacter, message));
        }
        Ok(Self(text))
    }

    /// The description as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A description that was parsed before it was stored.
    pub(super) const fn stored(description: String) -> Self {
        Self(description)
    }
}

/// The words of title and description as they are searched.
pub(in crate::domain) fn search_words(title: &Title, description: &Description) -> String {
    let words = text::words(&format!("{}\n{}", title.as_str(), description.as_str()));
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// How urgent a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Priority {
    /// Not said.
    #[default]
    None = 0,
    /// Some day.
    Low = 1,
    /// Soon.
    Medium = 2,
    /// Next.
    High = 3,
    /// Now.
    Urgent = 4,
}

impl Priority {
    /// What is stored: larger is more urgent.
    pub(in crate::domain) const fn to_stored(self) -> i16 {
        self as i16
    }

    /// The priority that was stored as `number`.
    pub(in crate::domain) const fn stored(number: i16) -> Self {
        match number {
            1 => Self::Low,
            2 => Self::Medium,
            3 => Self::High,
            4 => Self::Urgent,
            _ => Self::None,
        }
    }
}

/// Passes tasks of one of these priorities, and none when there are none. Each counts once, however often it is named.
#[must_use]
pub fn priority_filter(priorities: &[Priority]) -> Filter {
    let distinct = priorities.iter().map(|priority| priority.to_stored()).collect::<BTreeSet<_>>();
    Filter::Priority(distinct.into_iter().collect())
}

/// Words to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search(Filter);

impl Search {
    /// The most characters of a search.
    pub const MAX_CHARACTERS: usize = 200;

    /// The search for every word in `text`, whatever the case. It is words and never query syntax. Blank text passes every
    /// task, as an empty search box does; text with other characters but no word passes none.
    ///
    /// # Errors
    /// When it has more than 200 characters.
    pub fn parse(text: &str) -> Parsed<Self> {
        if text.chars().count() > Self::MAX_CHARACTERS {
            let message = format!("must have at most {} characters", Self::MAX_CHARACTERS);
            return Err(InvalidValue::new(Rule::TooLarge, message));
        }
        if text.trim().is_empty() {
            return Ok(Self(Filter::everything()));
        }
        let words = Vec::from_iter(text::words(text));
        Ok(Self(if words.is_empty() { Filter::nothing() } else { Filter::Words(words) }))
    }

    /// Passes the tasks that are searched for.
    #[must_use]
    pub fn into_filter(self) -> Filter {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule_broken(title: &str, rule: TitleRule) -> Rule {
        Title::parse(title, rule).unwrap_err().rule
    }

    #[test]
    fn a_title_has_3_to_200_characters() {
        use TitleRule::Alphanumeric;
        assert_eq!(rule_broken("ab", Alphanumeric), Rule::TooSmall);
        assert_eq!(Title::parse("abc", Alphanumeric).unwrap().as_str(), "abc");
        assert_eq!(Title::parse(&"é".repeat(200), Alphanumeric).unwrap().as_str(), "é".repeat(200));
        assert_eq!(rule_broken(&"é".repeat(201), Alphanumeric), Rule::TooLarge);
        // White space is collapsed before anything is counted.
        assert_eq!(rule_broken("  a  ", Alphanumeric), Rule::TooSmall);
        assert_eq!(rule_broken("\u{200B}\u{200D}\u{200B}", TitleRule::Text), Rule::TooSmall);
        assert_eq!(rule_broken("\u{3164}\u{3164}\u{3164}", Alphanumeric), Rule::TooSmall);
        assert_eq!(Title::parse("  Buy \t milk\n", Alphanumeric).unwrap().as_str(), "Buy milk");
    }

    #[test]
    fn a_title_holds_letters_and_digits_of_any_script() {
        for title in ["Buy milk 2", "Größe prüfen", "買い物リスト", "दूध खरीदें", "शनिवार ५", "شراء حليب"]
        {
            assert_eq!(Title::parse(title, TitleRule::Alphanumeric).unwrap().as_str(), title);
        }
        for title in ["Buy milk!", "a_b", "a-b", "<script>", "1.5 l", "a\u{0}b c", "abc 🎉", "a\u{202E}bc"] {
            assert_eq!(rule_broken(title, TitleRule::Alphanumeric), Rule::InvalidCharacter, "{title:?}");
        }
    }

    #[test]
    fn the_text_rule_takes_anything_that_shows() {
        for title in ["Buy milk!", "<script>alert(1)</script>", "party 🎉👩‍👩‍👧"] {
            assert_eq!(Title::parse(title, TitleRule::Text).unwrap().as_str(), title);
        }
        for title in ["abc\u{7}", "abc\u{202E}def", "abc\u{2066}def", "abc\0"] {
            assert_eq!(rule_broken(title, TitleRule::Text), Rule::InvalidCharacter, "{title:?}");
        }
    }

    #[test]
    fn a_description_has_at_most_10_000_characters_and_keeps_its_lines() {
        assert!(Description::parse(&"é".repeat(10_000)).is_ok());
        assert_eq!(Description::parse(&"é".repeat(10_001)).unwrap_err().rule, Rule::TooLarge);
        assert_eq!(Description::parse("a\r\nb\tc\n").unwrap().as_str(), "a\nb\tc\n");
        for text in ["a\0", "a\rb", "a\u{1b}[31m", "\u{85}"] {
            assert_eq!(Description::parse(text).unwrap_err().rule, Rule::InvalidCharacter, "{text:?}");
        }
    }

    #[test]
    fn a_search_is_words_blank_or_hopeless() {
        assert_eq!(Search::parse("Milk OR").unwrap().0, Filter::Words(vec![String::from("milk"), String::from("or")]));
        assert_eq!(Search::parse(" \t").unwrap().0, Filter::everything());
        assert_eq!(Search::parse("!?*").unwrap().0, Filter::nothing());
        assert!(Search::parse(&"x".repeat(200)).is_ok());
        assert_eq!(Search::parse(&"x".repeat(201)).unwrap_err().rule, Rule::TooLarge);
    }
}
