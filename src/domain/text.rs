//! How text is compared, whatever its script: what counts as a character of a title, what two texts that differ in case
//! alone have in common, and which words a text holds.

use std::collections::BTreeSet;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_segmentation::UnicodeSegmentation;

use super::{InvalidValue, Rule};

/// The most characters of a word that are searched. PostgreSQL takes no lexeme over 2,046 bytes.
const WORD_CHARACTERS: usize = 64;

/// `text` in Normalization Form C, with white space at the ends removed and every other run of it made one space.
pub(super) fn normalized(text: &str) -> String {
    let text = ComposingNormalizer::new_nfc().normalize(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name in `text`, normalized.
///
/// # Errors
/// When no character of it shows, when it has more than `most`, and for a control character or an override of direction.
pub(super) fn name(text: &str, most: usize) -> Result<String, InvalidValue> {
    let name = normalized(text);
    require_visible(&name)?;
    if name.chars().count() > most {
        return Err(InvalidValue::new(Rule::TooLarge, format!("must have at most {most} characters")));
    }
    if !name.chars().all(is_printable) {
        let message = "must hold no control characters and no overrides of direction";
        return Err(InvalidValue::new(Rule::InvalidCharacter, message));
    }
    Ok(name)
}

/// Refuses a text of which nobody would see anything: white space, and characters that only shape others, such as a joiner
/// (Unicode, section 5.21, default ignorable code points).
pub(super) fn require_visible(text: &str) -> Result<(), InvalidValue> {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    if text.chars().all(|character| character.is_whitespace() || ignorable.contains(character)) {
        return Err(InvalidValue::new(Rule::TooSmall, "must have at least 1 character that shows"));
    }
    Ok(())
}

/// `text` without regard to case and compatibility variants: two texts that people take for the same fold to the same
/// (Unicode, section 3.13, D146 without its final removals).
pub(super) fn folded(text: &str) -> String {
    let normalizer = ComposingNormalizer::new_nfkc();
    let folded = CaseMapper::new().fold_string(&normalizer.normalize(text)).into_owned();
    normalizer.normalize(&folded).into_owned()
}

/// The distinct folded words of `text`, in order. Words are cut at the boundaries of UAX #29, so that scripts without
/// spaces have words too, and hold nothing but letters, marks and numbers, so that they can't be taken for query syntax.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let folded = folded(text);
    folded
        .split_word_bounds()
        .flat_map(|piece| piece.split(|character| !is_alphanumeric(character)))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(WORD_CHARACTERS).collect())
        .collect()
}

/// Whether the character is a letter, a mark or a number of any script.
pub(super) fn is_alphanumeric(character: char) -> bool {
    let groups = GeneralCategoryGroup::Letter.union(GeneralCategoryGroup::Mark).union(GeneralCategoryGroup::Number);
    groups.contains(category(character))
}

/// Whether the character shows, or shapes others that do: anything assigned but controls, separators of lines and
/// paragraphs, surrogates, private use, and the overrides of direction that make a text look like another.
pub(super) fn is_printable(character: char) -> bool {
    let hidden = GeneralCategoryGroup::Control
        .union(GeneralCategoryGroup::Unassigned)
        .union(GeneralCategoryGroup::PrivateUse)
        .union(GeneralCategoryGroup::LineSeparator)
        .union(GeneralCategoryGroup::ParagraphSeparator);
    let redirects = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    !hidden.contains(category(character)) && !redirects
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word_list(text: &str) -> Vec<String> {
        words(text).into_iter().collect()
    }

    #[test]
    fn words_are_folded_and_hold_no_syntax() {
        assert_eq!(word_list("Buy MILK, buy \"bread\" & don't* OR:"), ["bread", "buy", "don", "milk", "or", "t"]);
        assert_eq!(word_list("STRASSE straße ſtrasse"), ["strasse"]);
        assert_eq!(word_list("ΟΔΟΣ οδός οδος"), ["οδοσ", "οδόσ"]);
        assert_eq!(word_list("ＦＵＬＬ①"), ["full1"]);
        assert_eq!(word_list("会議室"), ["会", "室", "議"]);
        assert_eq!(word_list("🎉 — ' \0 \u{202E}"), Vec::<String>::new());
    }

    #[test]
    fn a_word_is_cut_at_its_limit() {
        assert_eq!(word_list(&"a".repeat(64)), ["a".repeat(64)]);
        assert_eq!(word_list(&"a".repeat(65)), ["a".repeat(64)]);
    }

    #[test]
    fn normalized_text_is_composed_and_trimmed() {
        assert_eq!(normalized(" \t Cafe\u{301}\u{2003}\n au  lait "), "Café au lait");
    }

    #[test]
    fn a_text_of_which_nobody_would_see_anything_is_refused() {
        for text in ["", " \t", "\u{200B}\u{200D}\u{FEFF}", "\u{3164}", "\u{115F} \u{34F}\u{FE0F}", "\u{E0041}"] {
            assert_eq!(require_visible(text).unwrap_err().rule, Rule::TooSmall, "{text:?}");
        }
        for text in ["a", "\u{200B}.", "👩\u{200D}🔧", "क्\u{200D}ष"] {
            assert_eq!(require_visible(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn hidden_and_redirecting_characters_are_not_printable() {
        for character in ['\0', '\u{7f}', '\u{85}', '\u{2028}', '\u{202E}', '\u{2066}', '\u{E000}', '\u{FFFF}', '\n'] {
            assert!(!is_printable(character), "{character:?}");
        }
        for character in ['a', ' ', '!', '🎉', '\u{200D}', 'ã'] {
            assert!(is_printable(character), "{character:?}");
        }
    }
}
