//! The order in which go-yaml writes the keys of a map: numbers inside text count as numbers.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Which go-yaml is followed: they differ where one key has a letter and the other none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    /// go-yaml 2, behind `toYaml`.
    Two,
    /// go-yaml 3, behind `toYamlPretty`.
    Three,
}

/// Sorts `entries` by key.
///
/// A merge sort of our own, because go-yaml's comparison is no total order for some odd keys, and the
/// standard library's sort may then panic.
pub(crate) fn sort_by_key<T: Copy>(
    entries: &mut Vec<T>,
    key: impl Fn(&T) -> &str + Copy,
    generation: Generation,
) {
    if entries.windows(2).all(|pair| !less(key(&pair[1]), key(&pair[0]), generation)) {
        return;
    }
    let mut right = entries.split_off(entries.len() / 2);
    sort_by_key(entries, key, generation);
    sort_by_key(&mut right, key, generation);
    let left = std::mem::take(entries);
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let from_right = less(key(second), key(first), generation);
        entries.extend(if from_right { right.next() } else { left.next() });
    }
    entries.extend(left);
    entries.extend(right);
}

/// Whether `a` is written before `b`.
fn less(a: &str, b: &str, generation: Generation) -> bool {
    // What both start with never decides, except that go-yaml looks back at digits in it.
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let common = (0..=common).rev().find(|&at| a.is_char_boundary(at) && b.is_char_boundary(at)).unwrap_or(0);
    let (prefix, rest_a, rest_b) = (&a[..common], &a[common..], &b[common..]);
    let (Some(first_a), Some(first_b)) = (rest_a.chars().next(), rest_b.chars().next()) else {
        return a.chars().count() < b.chars().count();
    };
    let (letter_a, letter_b) = (is_letter(first_a), is_letter(first_b));
    if letter_a && letter_b {
        return first_a < first_b;
    }
    if letter_a || letter_b {
        let after_digit = prefix.chars().next_back().is_some_and(is_digit);
        return if generation == Generation::Three && after_digit { letter_a } else { letter_b };
    }
    let after_nonzero = (first_a == '0' || first_b == '0')
        && prefix
            .chars()
            .rev()
            .take_while(|&character| is_digit(character))
            .any(|character| character != '0');
    let seed = i64::from(after_nonzero);
    let (number_a, length_a) = leading_number(rest_a, seed);
    let (number_b, length_b) = leading_number(rest_b, seed);
    if number_a != number_b {
        return number_a < number_b;
    }
    if length_a != length_b {
        return length_a < length_b;
    }
    first_a < first_b
}

/// The number `text` starts with, wrapping as Go's arithmetic does, and how many digits it has.
fn leading_number(text: &str, seed: i64) -> (i64, usize) {
    text.chars().take_while(|&character| is_digit(character)).fold((seed, 0), |(number, count), digit| {
        let value = i64::from(digit as u32) - i64::from(u32::from('0'));
        (number.wrapping_mul(10).wrapping_add(value), count + 1)
    })
}

fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphabetic();
    }
    character.general_category_group() == GeneralCategoryGroup::Letter
}

fn is_digit(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    character.general_category() == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(generation: Generation, keys: &[&'static str]) -> Vec<&'static str> {
        let mut keys = keys.to_vec();
        sort_by_key(&mut keys, |key| key, generation);
        keys
    }

    #[test]
    fn numbers_inside_keys_count() {
        let keys = ["a10", "a2", "a1b", "a01", "b", "A", "1", "10", "2", "_x", "a-b", "a.b", "ab", "a"];
        assert_eq!(
            sorted(Generation::Two, &keys),
            ["_x", "1", "2", "10", "A", "a", "a-b", "a.b", "a01", "a10", "a1b", "a2", "ab", "b"]
        );
    }

    #[test]
    fn generations_differ_after_a_digit() {
        assert_eq!(sorted(Generation::Two, &["1a", "1-"]), ["1-", "1a"]);
        assert_eq!(sorted(Generation::Three, &["1-", "1a"]), ["1a", "1-"]);
    }

    proptest::proptest! {
        #[test]
        fn sorting_keeps_every_key_and_never_panics(keys in proptest::collection::vec("[0-9a-c_.é٣-]{0,5}", 0..40)) {
            let mut sorted: Vec<&str> = keys.iter().map(String::as_str).collect();
            sort_by_key(&mut sorted, |key| key, Generation::Two);
            let mut left = keys.clone();
            let mut right: Vec<String> = sorted.iter().map(|key| (*key).to_owned()).collect();
            left.sort();
            right.sort();
            proptest::prop_assert_eq!(left, right);
        }
    }
}
