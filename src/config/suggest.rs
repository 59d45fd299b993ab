//! "Did you mean": the nearest of the words that would have been right.

/// The nearest of `known` to what was written, if any is near enough to be meant.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lowered = written.to_lowercase().replace(['_', ' '], "-");
    known
        .into_iter()
        .map(|word| {
            let near = strsim::damerau_levenshtein(&lowered, &word.to_lowercase().replace('_', "-"));
            (near, word)
        })
        .filter(|(distance, word)| *distance <= (word.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Words as a list: `a`, `b` or `c`.
pub(super) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_understood_and_other_words_are_not() {
        let known = ["region", "profile", "account_id"];
        assert_eq!(nearest("regoin", known), Some("region"));
        assert_eq!(nearest("account-id", known), Some("account_id"));
        assert_eq!(nearest("Account_Id", known), Some("account_id"));
        assert_eq!(nearest("bananas", known), None);
        assert_eq!(nearest("", ["ab"]), None);
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
