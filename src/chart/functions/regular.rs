//! Go's regular expressions: its syntax read into the form that the `regex` engine runs.
//!
//! Both match leftmost-first; the syntaxes differ (ASCII classes, `\Q…\E`, repetition limits, what is an
//! error), so the text is read here by Go's rules (`regexp/syntax` with the Perl flags).

use regex_automata::meta::Regex;
use regex_syntax::hir::{Capture, Class, ClassUnicode, Hir, HirKind, Look, Repetition};

use super::regular_class::{class, everything, perl, posix, unicode};

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) regex: Regex,
    /// The names of the groups, the whole match being group 0.
    pub(super) names: Vec<Option<String>>,
}

/// How deep groups may nest, and how often something may be repeated: Go's limits.
const NESTING: usize = 1_000;
const REPEATS: u32 = 1_000;

/// Reads and compiles an expression.
pub(super) fn compile(pattern: &str) -> Result<Expression, String> {
    let mut parser = Parser { rest: pattern, names: vec![None], depth: 0 };
    let hir = parser.alternation(Flags { one_line: true, ..Flags::default() })?.0;
    if parser.rest.starts_with(')') {
        return Err(format!("error parsing regexp: unexpected ): `{pattern}`"));
    }
    let config = Regex::config().nfa_size_limit(Some(32 << 20)).utf8_empty(false);
    let regex = Regex::builder().configure(config).build_from_hir(&hir);
    let regex = regex.map_err(|error| format!("error parsing regexp: expression too large: {error}"))?;
    Ok(Expression { regex, names: parser.names })
}

#[derive(Clone, Copy, Default)]
struct Flags {
    fold_case: bool,
    /// `^` and `$` are the ends of the text, not of a line.
    one_line: bool,
    dot_matches_break: bool,
    swap_greed: bool,
}

struct Parser<'a> {
    rest: &'a str,
    names: Vec<Option<String>>,
    depth: usize,
}

type Outcome<T> = Result<T, String>;

fn fault<T>(what: &str, shown: &str) -> Outcome<T> {
    Err(format!("error parsing regexp: {what}: `{shown}`"))
}

/// The largest product of nested counts in an expression, and whether its outermost is a repetition.
struct Item {
    hir: Hir,
    repeats: u32,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let rune = self.peek()?;
        self.rest = &self.rest[rune.len_utf8()..];
        Some(rune)
    }

    fn accept(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Everything up to the end or to the parenthesis that closes it.
    fn alternation(&mut self, mut flags: Flags) -> Outcome<(Hir, u32)> {
        self.depth += 1;
        if self.depth > NESTING {
            return fault("expression nests too deeply", self.rest);
        }
        let mut branches = Vec::new();
        let mut items: Vec<Item> = Vec::new();
        let mut repeats = 1;
        loop {
            match self.peek() {
                None | Some(')') => break,
                Some('|') => {
                    self.take();
                    branches.push(concatenated(&mut items, &mut repeats));
                }
                Some('*' | '+' | '?') => self.repetition(&mut items, flags)?,
                Some('{') if self.counts().is_some() => self.repetition(&mut items, flags)?,
                _ => {
                    if let Some(item) = self.atom(&mut flags)? {
                        items.push(item);
                    }
                }
            }
        }
        branches.push(concatenated(&mut items, &mut repeats));
        self.depth -= 1;
        Ok((Hir::alternation(branches), repeats))
    }

    /// `{n}`, `{n,}` or `{n,m}` here: the counts and the width.
    fn counts(&self) -> Option<(u32, Option<u32>, usize)> {
        let inner = self.rest.strip_prefix('{')?;
        let close = inner.find('}')?;
        let inner = &inner[..close];
        let number = |text: &str| -> Option<u32> {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let canonical = plain && (text.len() == 1 || !text.starts_with('0'));
            canonical.then(|| text.parse().unwrap_or(u32::MAX))
        };
        let (least, most) = match inner.split_once(',') {
            None => {
                let count = number(inner)?;
                (count, Some(count))
            }
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        Some((least, most, close + 2))
    }

    fn repetition(&mut self, items: &mut Vec<Item>, flags: Flags) -> Outcome<()> {
        let before = self.rest;
        let counted = self.rest.starts_with('{');
        let (least, most) = match self.counts() {
            Some((least, most, width)) => {
                self.rest = &self.rest[width..];
                if least > REPEATS || most.is_some_and(|most| most > REPEATS || most < least) {
                    return fault("invalid repeat count", &before[..width]);
                }
                (least, most)
            }
            None => match self.take() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                _ => (0, Some(1)),
            },
        };
        let lazy = self.accept("?");
        let shown = &before[..before.len() - self.rest.len()];
        let Some(item) = items.pop() else {
            return fault("missing argument to repetition operator", shown);
        };
        let again = matches!(self.peek(), Some('*' | '+' | '?')) || self.counts().is_some();
        if again {
            return fault("invalid nested repetition operator", shown);
        }
        let repeats =
            if counted { most.unwrap_or(least).max(1).saturating_mul(item.repeats) } else { item.repeats };
        if counted && repeats > REPEATS {
            return fault("invalid repeat count", shown);
        }
        let greedy = !lazy ^ flags.swap_greed;
        let hir = Hir::repetition(Repetition { min: least, max: most, greedy, sub: Box::new(item.hir) });
        items.push(Item { hir, repeats });
        Ok(())
    }

    fn atom(&mut self, flags: &mut Flags) -> Outcome<Option<Item>> {
        let plain = |hir| Ok(Some(Item { hir, repeats: 1 }));
        let Some(rune) = self.peek() else { return Ok(None) };
        match rune {
            '(' => return self.group(flags),
            '[' => {
                let set = self.set(*flags)?;
                return plain(Hir::class(Class::Unicode(set)));
            }
            '\\' => return self.escape(*flags),
            _ => {}
        }
        self.take();
        plain(match rune {
            '^' if flags.one_line => Hir::look(Look::Start),
            '^' => Hir::look(Look::StartLF),
            '$' if flags.one_line => Hir::look(Look::End),
            '$' => Hir::look(Look::EndLF),
            '.' if flags.dot_matches_break => Hir::class(Class::Unicode(everything())),
            '.' => {
                let mut set = class(&[('\n', '\n')]);
                set.negate();
                Hir::class(Class::Unicode(set))
            }
            _ => literal(rune, *flags),
        })
    }

    fn group(&mut self, flags: &mut Flags) -> Outcome<Option<Item>> {
        let before = self.rest;
        self.take();
        let mut inner = *flags;
        let mut name = None;
        let mut captures = true;
        if self.rest.starts_with('?') {
            if self.accept("?P<") || self.accept("?<") {
                let Some(end) = self.rest.find('>') else { return fault("invalid named capture", before) };
                let (found, rest) = self.rest.split_at(end);
                let valid = !found.is_empty()
                    && found.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !valid {
                    return fault("invalid named capture", before);
                }
                if self.names.iter().flatten().any(|known| known == found) {
                    return fault("duplicate capture group name", found);
                }
                name = Some(found.to_owned());
                self.rest = &rest[1..];
            } else {
                captures = false;
                self.take();
                if !self.flags(&mut inner, before)? {
                    *flags = inner;
                    return Ok(None);
                }
            }
        }
        let index = self.names.len() as u32;
        if captures {
            self.names.push(name.clone());
        }
        let (hir, repeats) = self.alternation(inner)?;
        if !self.accept(")") {
            return fault("missing closing )", before);
        }
        let hir = if captures {
            Hir::capture(Capture { index, name: name.map(Into::into), sub: Box::new(hir) })
        } else {
            hir
        };
        Ok(Some(Item { hir, repeats }))
    }

    /// `i`, `m`, `s`, `U` and their opposites; true if a group follows (`:`), false if it ends here (`)`).
    fn flags(&mut self, flags: &mut Flags, before: &str) -> Outcome<bool> {
        let (mut negative, mut seen) = (false, false);
        loop {
            let on = !negative;
            match self.take() {
                Some('i') => flags.fold_case = on,
                Some('m') => flags.one_line = !on,
                Some('s') => flags.dot_matches_break = on,
                Some('U') => flags.swap_greed = on,
                Some('-') if !negative => {
                    negative = true;
                    seen = false;
                    continue;
                }
                Some(end @ (':' | ')')) if !negative || seen => return Ok(end == ':'),
                None => return fault("missing argument to repetition operator", before),
                _ => return fault("invalid or unsupported Perl syntax", before),
            }
            seen = true;
        }
    }

    fn escape(&mut self, flags: Flags) -> Outcome<Option<Item>> {
        let plain = |hir| Ok(Some(Item { hir, repeats: 1 }));
        let look = match self.rest.as_bytes().get(1) {
            Some(b'A') => Some(Look::Start),
            Some(b'z') => Some(Look::End),
            Some(b'b') => Some(Look::WordAscii),
            Some(b'B') => Some(Look::WordAsciiNegate),
            _ => None,
        };
        if let Some(look) = look {
            self.rest = &self.rest[2..];
            return plain(Hir::look(look));
        }
        if self.rest.starts_with("\\C") {
            return fault("invalid escape sequence", "\\C");
        }
        if self.accept("\\Q") {
            let end = self.rest.find("\\E").unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest.strip_prefix("\\E").unwrap_or(rest);
            // A repetition after the quotation applies to its last character only.
            let mut runes: Vec<Hir> = text.chars().map(|rune| literal(rune, flags)).collect();
            let Some(last) = runes.pop() else { return Ok(None) };
            if runes.is_empty() {
                return plain(last);
            }
            let repeated = matches!(self.peek(), Some('*' | '+' | '?')) || self.counts().is_some();
            if !repeated {
                runes.push(last);
                return plain(Hir::concat(runes));
            }
            return self.quoted_repetition(runes, last, flags);
        }
        if let Some(set) = self.class_escape(flags)? {
            return plain(Hir::class(Class::Unicode(set)));
        }
        let rune = self.character_escape()?;
        plain(literal(rune, flags))
    }

    fn quoted_repetition(&mut self, mut runes: Vec<Hir>, last: Hir, flags: Flags) -> Outcome<Option<Item>> {
        let mut items = vec![Item { hir: last, repeats: 1 }];
        self.repetition(&mut items, flags)?;
        runes.extend(items.into_iter().map(|item| item.hir));
        Ok(Some(Item { hir: Hir::concat(runes), repeats: 1 }))
    }

    /// `\d`, `\pL`, `\p{Greek}` and their like.
    fn class_escape(&mut self, flags: Flags) -> Outcome<Option<ClassUnicode>> {
        let Some(kind) = self.rest.strip_prefix('\\').and_then(|rest| rest.chars().next()) else {
            return Ok(None);
        };
        if let Some(set) = perl(kind) {
            self.rest = &self.rest[2..];
            return Ok(Some(set));
        }
        if !matches!(kind, 'p' | 'P') {
            return Ok(None);
        }
        let before = self.rest;
        self.rest = &self.rest[2..];
        let mut negated = kind == 'P';
        let name = if self.accept("{") {
            let Some(end) = self.rest.find('}') else {
                return fault("invalid character class range", before);
            };
            let (name, rest) = self.rest.split_at(end);
            self.rest = &rest[1..];
            name.to_owned()
        } else {
            match self.take() {
                Some(rune) => rune.to_string(),
                None => return fault("invalid character class range", before),
            }
        };
        let bare = name.strip_prefix('^').unwrap_or(&name);
        negated ^= bare.len() < name.len();
        let Some(mut set) = unicode(bare) else {
            return fault("invalid character class range", &before[..before.len() - self.rest.len()]);
        };
        if flags.fold_case {
            fold(&mut set);
        }
        if negated {
            set.negate();
        }
        Ok(Some(set))
    }

    /// A backslash and what it stands for.
    fn character_escape(&mut self) -> Outcome<char> {
        let before = self.rest;
        self.take();
        let Some(rune) = self.take() else {
            return Err("error parsing regexp: trailing backslash at end of expression: ``".into());
        };
        let shown = |parser: &Self| before[..before.len() - parser.rest.len()].to_owned();
        match rune {
            '1'..='7' if !self.rest.starts_with(|next: char| next.is_digit(8)) => {
                fault("invalid escape sequence", &shown(self))
            }
            '0'..='7' => {
                let mut value = rune.to_digit(8).unwrap_or(0);
                for _ in 1..3 {
                    let Some(digit) = self.peek().and_then(|next| next.to_digit(8)) else { break };
                    self.take();
                    value = value * 8 + digit;
                }
                Ok(char::from_u32(value).unwrap_or('\0'))
            }
            'x' => match self.hexadecimal() {
                Some(rune) => Ok(rune),
                None => fault("invalid escape sequence", &shown(self)),
            },
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0b'),
            _ if rune.is_ascii() && !rune.is_ascii_alphanumeric() => Ok(rune),
            _ => fault("invalid escape sequence", &shown(self)),
        }
    }

    /// `41` or `{20AC}`
    fn hexadecimal(&mut self) -> Option<char> {
        let digits = if self.accept("{") {
            let end = self.rest.find('}')?;
            let (digits, rest) = self.rest.split_at(end);
            self.rest = &rest[1..];
            digits
        } else {
            let digits = self.rest.get(..2)?;
            self.rest = &self.rest[2..];
            digits
        };
        let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| valid)?)
    }

    /// `[…]`
    fn set(&mut self, flags: Flags) -> Outcome<ClassUnicode> {
        let before = self.rest;
        self.take();
        let negated = self.accept("^");
        let mut set = ClassUnicode::empty();
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if self.rest.is_empty() {
                return fault("missing closing ]", before);
            }
            if self.rest.starts_with("[:")
                && let Some(end) = self.rest[2..].find(":]")
            {
                let name = &self.rest[2..2 + end];
                let Some(mut named) = posix(name) else {
                    return fault("invalid character class range", &self.rest[..end + 4]);
                };
                if flags.fold_case {
                    fold(&mut named);
                }
                set.union(&named);
                self.rest = &self.rest[end + 4..];
                continue;
            }
            if let Some(class) = self.class_escape(flags)? {
                set.union(&class);
                continue;
            }
            let range = self.rest;
            let low = self.set_character(before)?;
            let mut high = low;
            if self.rest.starts_with('-') && !self.rest[1..].starts_with(']') && self.rest.len() > 1 {
                self.take();
                high = self.set_character(before)?;
                if high < low {
                    let shown = &range[..range.len() - self.rest.len()];
                    return fault("invalid character class range", shown);
                }
            }
            let mut piece = class(&[(low, high)]);
            if flags.fold_case {
                fold(&mut piece);
            }
            set.union(&piece);
        }
        self.take();
        if negated {
            set.negate();
        }
        Ok(set)
    }

    fn set_character(&mut self, before: &str) -> Outcome<char> {
        if self.rest.starts_with('\\') {
            return self.character_escape();
        }
        match self.take() {
            Some(rune) => Ok(rune),
            None => fault("missing closing ]", before),
        }
    }
}

fn concatenated(items: &mut Vec<Item>, repeats: &mut u32) -> Hir {
    for item in &*items {
        *repeats = (*repeats).max(item.repeats);
    }
    Hir::concat(items.drain(..).map(|item| item.hir).collect())
}

fn fold(set: &mut ClassUnicode) {
    // The tables of case are compiled in; without them the class stays as it is.
    let _ = set.try_case_fold_simple();
}

fn literal(rune: char, flags: Flags) -> Hir {
    if flags.fold_case {
        let mut set = class(&[(rune, rune)]);
        fold(&mut set);
        return Hir::class(Class::Unicode(set));
    }
    let hir = Hir::literal(rune.to_string().into_bytes());
    debug_assert!(matches!(hir.kind(), HirKind::Literal(_)), "a character is a literal");
    hir
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [
            "a**",
            "a{2}{3}",
            "*a",
            "(",
            ")",
            "[a",
            "a{1001}",
            "(a{500}){3}",
            "\\8",
            "\\1",
            "(?P<a>x)(?P<a>y)",
            "[b-a]",
            "\\pX",
            "(?x)a",
            "(?i",
            "\\",
            "[[:foo:]]",
            "a(?=b)",
            "(?i)*",
            "x{2,1}",
            "(?<n-m>a)",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_go_takes_is_taken() {
        for (pattern, text, matches) in [
            ("a{", "a{", true),
            ("a{,2}", "a{,2}", true),
            ("[]a]", "]", true),
            ("\\Qa.b\\E", "a.b", true),
            ("\\Qa.b\\E", "axb", false),
            ("^\\d$", "٣", false),
            ("(?i)straSSe", "STRASSE", true),
            ("[[:^alpha:]]", "1", true),
            ("\\p{Greek}", "α", true),
            ("(?s)a.b", "a\nb", true),
            ("(?m)^b$", "a\nb\nc", true),
            ("[a-]", "-", true),
            ("\\x{20AC}", "€", true),
            ("[a&&b]", "&", true),
            ("", "", true),
            ("(|a)*", "aa", true),
        ] {
            let expression = compile(pattern).unwrap();
            assert_eq!(expression.regex.is_match(text), matches, "{pattern}");
        }
    }
}
