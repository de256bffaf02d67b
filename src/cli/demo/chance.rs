//! Decisions that nobody has to take: numbers, choices and a password out of the injected randomness.

use secrecy::SecretString;

use crate::random::Random;

/// Consonants and vowels that nobody mistakes for others, read or heard. 16 and 4, so that a syllable is 6 bits.
const CONSONANTS: [char; 16] = ['b', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z'];
const VOWELS: [char; 4] = ['a', 'e', 'i', 'o'];

/// Syllables of a password: 72 bits.
const SYLLABLES: usize = 12;

/// Takes decisions.
pub(super) struct Chance(Random);

impl Chance {
    pub(super) const fn new(random: Random) -> Self {
        Self(random)
    }

    /// A number from 0 up to `end`, which is not reached; 0 when there is none.
    pub(super) fn below(&self, end: usize) -> usize {
        // A remainder of 64 random bits favours small numbers by less than anybody could ever count.
        let number = u64::from_le_bytes(self.0.bytes());
        u64::try_from(end).ok().and_then(|end| number.checked_rem(end)).map_or(0, |n| usize::try_from(n).unwrap_or(0))
    }

    /// A number from `least` to `most`, both included.
    pub(super) fn between(&self, least: u16, most: u16) -> u16 {
        let choices = usize::from(most.saturating_sub(least)).saturating_add(1);
        least.saturating_add(u16::try_from(self.below(choices)).unwrap_or(0))
    }

    /// One of the texts; an empty one when there are none.
    pub(super) fn pick<'a>(&self, texts: &[&'a str]) -> &'a str {
        texts.get(self.below(texts.len())).copied().unwrap_or_default()
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub(super) fn in_a_hundred(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Brings the list into an order of chance (Fisher and Yates).
    pub(super) fn shuffle<T>(&self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(self.below(last.saturating_add(1)), last);
        }
    }

    /// A password that can be read out: `bako-dumi-…`.
    pub(super) fn password(&self) -> SecretString {
        let syllable = |(place, byte): (usize, u8)| {
            let (consonant, vowel) = (usize::from(byte >> 4), usize::from(byte & 0b11));
            let hyphen = (place > 0 && place.is_multiple_of(2)).then_some('-');
            [hyphen, CONSONANTS.get(consonant).copied(), VOWELS.get(vowel).copied()]
        };
        let bytes = self.0.bytes::<SYLLABLES>();
        bytes.into_iter().enumerate().flat_map(syllable).flatten().collect::<String>().into()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn numbers_stay_in_their_bounds_and_reach_them() {
        let chance = Chance::new(Random::seeded(1));
        let numbers: Vec<usize> = (0..200).map(|_| chance.below(3)).collect();
        assert!((0..3).all(|number| numbers.contains(&number)) && numbers.iter().all(|number| *number < 3));
        let numbers: Vec<u16> = (0..200).map(|_| chance.between(2, 4)).collect();
        assert!((2..=4).all(|number| numbers.contains(&number)) && numbers.iter().all(|n| (2..=4).contains(n)));
        assert_eq!((chance.below(0), chance.between(5, 5), chance.pick(&[])), (0, 5, ""));
        assert!(!chance.in_a_hundred(0) && chance.in_a_hundred(100));
    }

    #[test]
    fn a_shuffled_list_holds_the_same() {
        let mut list: Vec<usize> = (0..50).collect();
        Chance::new(Random::seeded(1)).shuffle(&mut list);
        assert_ne!(list, (0..50).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_password_is_six_groups_of_two_syllables_and_never_the_same() {
        let chance = Chance::new(Random::seeded(1));
        let (first, second) = (chance.password(), chance.password());
        assert_ne!(first.expose_secret(), second.expose_secret());
        let groups: Vec<&str> = first.expose_secret().split('-').collect();
        assert_eq!(groups.len(), 6, "{groups:?}");
        assert!(groups.iter().all(|group| group.len() == 4 && group.chars().all(|c| c.is_ascii_lowercase())));
    }
}
