//! The values of a project that have rules. They are valid once they exist.

use crate::domain::InvalidValue;
use crate::domain::text;

/// What a project is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The most characters of a name.
    pub const MAX_CHARACTERS: usize = 100;

    /// The name in `text`, composed (NFC), trimmed, and with single spaces.
    ///
    /// # Errors
    /// When no character of it shows, when it has more than 100 then, and for a control character or an override of direction.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        text::name(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The name as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What projects are ordered by: the name without regard to case, cut to the length of a name. One character may fold to
    /// eighteen, and cursors carry the key.
    pub(in crate::domain) fn sort_key(&self) -> String {
        text::folded(&self.0).chars().take(Self::MAX_CHARACTERS).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rule;

    #[test]
    fn a_name_has_1_to_100_characters_that_show() {
        for name in ["a", "Home & garden 🎉", "買い物", &"é".repeat(100)] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Name::parse("  Our \t garden\n").unwrap().as_str(), "Our garden");
        let cases = [("", Rule::TooSmall), (" \u{3000}\n", Rule::TooSmall), (&"é".repeat(101), Rule::TooLarge)];
        let hidden = ["a\0", "a\u{7}b", "a\u{202E}b", "a\u{2066}b"].map(|name| (name, Rule::InvalidCharacter));
        for (name, rule) in cases.into_iter().chain(hidden) {
            assert_eq!(Name::parse(name).unwrap_err().rule, rule, "{name:?}");
        }
    }

    #[test]
    fn the_order_of_names_has_no_regard_to_case_and_is_short() {
        let key = |name: &str| Name::parse(name).unwrap().sort_key();
        assert_eq!(key("STRASSE"), key("straße"));
        assert_eq!(key(&"\u{FDFA}".repeat(100)).chars().count(), 100);
    }
}
