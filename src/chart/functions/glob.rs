//! The patterns of `.Files.Glob`: `*`, `**`, `?`, `[a-z]`, `[!abc]` and `{a,b}`, as the `gobwas/glob`
//! library reads them with `/` as separator.

use regex_automata::meta::Regex;

/// A pattern ready to match names.
pub(super) struct Glob(Regex);

impl Glob {
    /// Reads a pattern; none if it is none.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let runes: Vec<char> = pattern.chars().collect();
        let mut translation = Translation { runes: &runes, at: 0, depth: 0, out: String::from("(?s)\\A(?:") };
        translation.run()?;
        translation.out.push_str(")\\z");
        Regex::new(&translation.out).ok().map(Self)
    }

    /// Whether the whole name matches.
    pub(super) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// The writing of a pattern as a regular expression.
struct Translation<'a> {
    runes: &'a [char],
    at: usize,
    /// How many braces are open.
    depth: usize,
    out: String,
}

impl Translation<'_> {
    fn next(&mut self) -> Option<char> {
        let rune = self.runes.get(self.at).copied()?;
        self.at += 1;
        Some(rune)
    }

    fn literal(&mut self, rune: char) {
        if rune.is_ascii() && !rune.is_ascii_alphanumeric() {
            self.out.push_str(&format!("\\x{:02X}", u32::from(rune)));
        } else {
            self.out.push(rune);
        }
    }

    fn run(&mut self) -> Option<()> {
        while let Some(rune) = self.next() {
            match rune {
                '*' if self.runes.get(self.at) == Some(&'*') => {
                    self.at += 1;
                    self.out.push_str(".*");
                }
                '*' => self.out.push_str("[^/]*"),
                '?' => self.out.push_str("[^/]"),
                '[' => self.range()?,
                '{' => {
                    self.depth += 1;
                    self.out.push_str("(?:");
                }
                '}' if self.depth > 0 => {
                    self.depth -= 1;
                    self.out.push(')');
                }
                ',' if self.depth > 0 => self.out.push('|'),
                '\\' => {
                    if let Some(escaped) = self.next() {
                        self.literal(escaped);
                    }
                }
                _ => self.literal(rune),
            }
        }
        (self.depth == 0).then_some(())
    }

    fn range(&mut self) -> Option<()> {
        self.out.push('[');
        let mut first = self.next()?;
        if first == '!' {
            self.out.push('^');
            first = self.next()?;
        }
        if self.runes.get(self.at) == Some(&'-') {
            self.at += 1;
            let last = self.next()?;
            if last < first || self.next()? != ']' {
                return None;
            }
            self.literal(first);
            self.out.push('-');
            self.literal(last);
        } else {
            let mut rune = first;
            let start = self.out.len();
            while rune != ']' {
                if rune == '\\' {
                    rune = self.next()?;
                }
                self.literal(rune);
                rune = self.next()?;
            }
            if self.out.len() == start {
                return None;
            }
        }
        self.out.push(']');
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_gobwas() {
        for (pattern, name, matches) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("**", "a/b", true),
            ("a/*.txt", "a/b.txt", true),
            ("a/{b,c}.txt", "a/c.txt", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[xyz]", "y", true),
            ("a.b", "axb", false),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().matches(name), matches, "{pattern} {name}");
        }
        assert!(Glob::new("[a").is_none());
        assert!(Glob::new("{a").is_none());
    }
}
