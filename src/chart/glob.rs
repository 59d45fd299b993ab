//! Go's `filepath.Match`: `*`, `?`, `[a-z]` and `\`, none of which match a slash.

/// Whether `pattern` has no syntax error.
pub fn is_valid(pattern: &str) -> bool {
    let mut rest = pattern;
    loop {
        let Some(first) = rest.chars().next() else { return true };
        rest = match first {
            '[' => match class(rest, 'x') {
                Some((_, rest)) => rest,
                None => return false,
            },
            '\\' => match rest[1..].chars().next() {
                Some(escaped) => &rest[1 + escaped.len_utf8()..],
                None => return false,
            },
            other => &rest[other.len_utf8()..],
        };
    }
}

/// Whether the whole of `name` matches `pattern`; a pattern with a syntax error matches nothing.
pub fn matches(pattern: &str, name: &str) -> bool {
    // The classic two-pointer walk: on a mismatch, the last star takes one character more.
    let (mut pattern, mut name) = (pattern, name);
    let mut star: Option<(&str, &str)> = None;
    loop {
        if let Some(rest) = pattern.strip_prefix('*') {
            star = Some((rest, name));
            pattern = rest;
            continue;
        }
        match (pattern.is_empty(), name.chars().next()) {
            (true, None) => return true,
            (_, next) => {
                if let Some((rest_pattern, rest_name)) = next.and_then(|next| step(pattern, name, next)) {
                    (pattern, name) = (rest_pattern, rest_name);
                    continue;
                }
            }
        }
        let Some((after, taken)) = star else { return false };
        match taken.chars().next() {
            Some(next) if next != '/' => {
                let shorter = &taken[next.len_utf8()..];
                star = Some((after, shorter));
                (pattern, name) = (after, shorter);
            }
            _ => return false,
        }
    }
}

/// Matches one character of `name`; what is left of both.
fn step<'a>(pattern: &'a str, name: &'a str, next: char) -> Option<(&'a str, &'a str)> {
    let rest_name = &name[next.len_utf8()..];
    let first = pattern.chars().next()?;
    let rest = match first {
        '?' => (next != '/').then(|| &pattern[1..])?,
        '[' => class(pattern, next).and_then(|(inside, rest)| inside.then_some(rest))?,
        '\\' => pattern[1..].strip_prefix(next)?,
        literal => (literal == next).then(|| &pattern[literal.len_utf8()..])?,
    };
    Some((rest, rest_name))
}

/// Whether `next` is in the class that `pattern` starts with, and the pattern after it.
fn class(pattern: &str, next: char) -> Option<(bool, &str)> {
    let mut rest = &pattern[1..];
    let negated = rest.starts_with('^');
    if negated {
        rest = &rest[1..];
    }
    let (mut inside, mut ranges) = (false, 0);
    loop {
        if ranges > 0
            && let Some(rest) = rest.strip_prefix(']')
        {
            return Some((inside != negated, rest));
        }
        let (low, after) = class_character(rest)?;
        rest = after;
        let mut high = low;
        if let Some(after) = rest.strip_prefix('-') {
            (high, rest) = class_character(after)?;
        }
        inside |= low <= next && next <= high;
        ranges += 1;
    }
}

fn class_character(rest: &str) -> Option<(char, &str)> {
    let mut characters = rest.chars();
    let mut character = characters.next().filter(|character| !matches!(character, '-' | ']'))?;
    if character == '\\' {
        character = characters.next()?;
    }
    let rest = characters.as_str();
    (!rest.is_empty()).then_some((character, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("ab[c]", "abc", true),
            ("ab[^b-d]", "abe", true),
            ("a\\*b", "a*b", true),
            ("a?b", "a☺b", true),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("a[", "a", false),
            ("[]a]", "]", false),
            ("*x", "xxx", true),
            ("", "", true),
            ("?", "", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        for pattern in ["[", "[^", "[a", "[-]", "a\\", "[a-]"] {
            assert!(!is_valid(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        assert!(!matches(&"*a".repeat(500), &"b".repeat(5_000)));
    }
}
