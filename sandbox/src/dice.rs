//! The world's seeded generator: every id, token, address and spread comes from here, so that the same calls
//! on the same seed give the same world.

use serde::{Deserialize, Serialize};

/// SplitMix64 (Steele, Lea, Flood 2014): small, good enough for ids, and its whole state is one number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dice(u64);

impl Dice {
    /// A generator that always gives the same sequence for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound` (0 for a bound of 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll().checked_rem(bound).unwrap_or(0)
    }

    /// So many characters of an alphabet.
    pub fn text(&mut self, length: usize, alphabet: &str) -> String {
        let letters = alphabet.as_bytes();
        (0..length).map(|_| char::from(letters[(self.roll() % letters.len() as u64) as usize])).collect()
    }

    /// So many lower-case hexadecimal digits.
    pub fn hex(&mut self, length: usize) -> String {
        self.text(length, "0123456789abcdef")
    }

    /// A UUID of version 4.
    pub fn uuid(&mut self) -> String {
        let digits = self.hex(32);
        let variant = ["8", "9", "a", "b"][(self.roll() % 4) as usize];
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[13..16],
            &digits[17..20],
            &digits[20..]
        )
    }

    /// A duration of about `typical` milliseconds, between 70 and 130 per cent of it.
    pub fn spread(&mut self, typical: i64) -> i64 {
        let part = i64::try_from(self.below(601)).unwrap_or(0);
        typical * (700 + part) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same() {
        let (mut one, mut two) = (Dice::new(7), Dice::new(7));
        assert_eq!((one.uuid(), one.hex(17), one.spread(1000)), (two.uuid(), two.hex(17), two.spread(1000)));
        assert_ne!(one.uuid(), Dice::new(8).uuid());
    }

    #[test]
    fn a_uuid_has_its_version_and_its_variant() {
        let uuid = Dice::new(1).uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }
}
