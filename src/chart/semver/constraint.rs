//! Ranges of versions.

use std::cmp::Ordering;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

use super::version::{Version, compare_prereleases};

/// A range such as `>=1.2 <2 || ~3.1`.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// Any of these has to hold.
    alternatives: Vec<Alternative>,
}

/// Why a text is no range, in the words of the Go library.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConstraint {
    /// Not of the form of a range.
    #[error("improper constraint: {0:?}")]
    Form(String),
    /// A version in it is none.
    #[error("constraint parser error")]
    Version,
}

/// Conditions that all have to hold.
#[derive(Debug, Clone)]
struct Alternative {
    conditions: Vec<Condition>,
    /// Whether one of them names a pre-release, so that pre-releases are looked at.
    prereleases: bool,
}

#[derive(Debug, Clone)]
struct Condition {
    operator: Operator,
    version: Version,
    /// The first part that is missing or a wildcard.
    open: Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Major,
    Minor,
    Patch,
}

const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
const VERSION: &str = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";

fn pattern(template: &str) -> Regex {
    let space = r"[\t\n\x0C\r ]";
    let text = template.replace("OPS", OPERATORS).replace("VER", VERSION).replace("SP", space);
    Regex::new(&text).expect("the patterns of this module are valid")
}

static ONE: LazyLock<Regex> = LazyLock::new(|| pattern("^SP*(OPS)SP*(VER)SP*$"));
static HYPHEN: LazyLock<Regex> = LazyLock::new(|| pattern("SP*(VER)SP+-SP+(VER)SP*"));
static EACH: LazyLock<Regex> = LazyLock::new(|| pattern("(OPS)SP*(VER)"));
static ALL: LazyLock<Regex> =
    LazyLock::new(|| pattern("^(SP*(OPS)SP*(VER)SP*)((?:SP+|,SP*)(OPS)SP*(VER)SP*)*$"));

impl FromStr for Constraint {
    type Err = InvalidConstraint;

    fn from_str(text: &str) -> Result<Self, InvalidConstraint> {
        let text = rewrite_hyphens(text);
        let mut alternatives = Vec::new();
        for part in text.split("||") {
            if !ALL.is_match(part) {
                return Err(InvalidConstraint::Form(part.to_owned()));
            }
            let conditions: Vec<Condition> = EACH
                .find_iter(part)
                .map(|found| Condition::parse(found.as_str()))
                .collect::<Result<_, _>>()?;
            let prereleases = conditions.iter().any(|condition| !condition.version.prerelease.is_empty());
            alternatives.push(Alternative { conditions, prereleases });
        }
        Ok(Self { alternatives })
    }
}

impl Constraint {
    /// Whether `version` lies in the range; pre-releases only do where the range names one.
    pub fn matches(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| {
            (version.prerelease.is_empty() || alternative.prereleases)
                && alternative.conditions.iter().all(|condition| condition.holds(version))
        })
    }
}

/// Turns `1.2 - 2.3` into `>= 1.2, <= 2.3`.
fn rewrite_hyphens(text: &str) -> String {
    if !text.contains(" - ") && !text.contains('-') {
        return text.to_owned();
    }
    HYPHEN
        .replace_all(text, |found: &regex::Captures<'_>| format!(">= {}, <= {} ", &found[1], &found[11]))
        .into_owned()
}

fn is_wildcard(part: Option<&str>) -> bool {
    matches!(part.map(|part| part.trim_start_matches('.')), None | Some("" | "x" | "X" | "*"))
}

impl Condition {
    fn parse(text: &str) -> Result<Self, InvalidConstraint> {
        let found = ONE.captures(text).ok_or_else(|| InvalidConstraint::Form(text.to_owned()))?;
        let part = |index: usize| found.get(index).map(|part| part.as_str());
        let operator = match part(1).unwrap_or_default() {
            "" | "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterEqual,
            "<=" | "=<" => Operator::LessEqual,
            "~" | "~>" => Operator::Tilde,
            _ => Operator::Caret,
        };
        let (major, minor) = (part(3).unwrap_or_default(), part(4).unwrap_or_default());
        let prerelease = part(6).unwrap_or_default();
        let (open, text) = if is_wildcard(part(3)) {
            (Open::Major, format!("0.0.0{prerelease}"))
        } else if is_wildcard(part(4)) {
            (Open::Minor, format!("{major}.0.0{prerelease}"))
        } else if is_wildcard(part(5)) {
            (Open::Patch, format!("{major}{minor}.0{prerelease}"))
        } else {
            (Open::Nothing, part(2).unwrap_or_default().to_owned())
        };
        let version = text.parse().map_err(|_| InvalidConstraint::Version)?;
        Ok(Self { operator, version, open })
    }

    fn holds(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.operator {
            Operator::Equal if self.open == Open::Nothing => version == wanted,
            Operator::Equal | Operator::Tilde => self.holds_tilde(version),
            Operator::NotEqual => self.holds_not_equal(version),
            Operator::Greater => match version.major.cmp(&wanted.major) {
                _ if self.open == Open::Nothing => version > wanted,
                Ordering::Greater => true,
                Ordering::Less => false,
                Ordering::Equal => match self.open {
                    Open::Minor => false,
                    Open::Patch => version.minor > wanted.minor,
                    _ => version > wanted,
                },
            },
            Operator::Less => version < wanted,
            Operator::GreaterEqual => version >= wanted,
            Operator::LessEqual if self.open == Open::Nothing => version <= wanted,
            Operator::LessEqual => match version.major.cmp(&wanted.major) {
                Ordering::Greater => false,
                Ordering::Less => true,
                Ordering::Equal => self.open == Open::Minor || version.minor <= wanted.minor,
            },
            Operator::Caret => self.holds_caret(version),
        }
    }

    fn holds_tilde(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version < wanted {
            return false;
        }
        let any = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0)
            && !matches!(self.open, Open::Minor | Open::Patch);
        any || version.major == wanted.major && (version.minor == wanted.minor || self.open == Open::Minor)
    }

    fn holds_not_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.open {
            Open::Nothing => version != wanted,
            _ if version.major != wanted.major => true,
            Open::Minor => false,
            _ if version.minor != wanted.minor => true,
            // `!=*` compares patches, because only what is known to be open is left out.
            Open::Major => version.patch != wanted.patch || version != wanted,
            Open::Patch => {
                let releases = version.prerelease.is_empty() && wanted.prerelease.is_empty();
                !releases && compare_prereleases(&version.prerelease, &wanted.prerelease) != Ordering::Equal
            }
        }
    }

    fn holds_caret(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version < wanted {
            return false;
        }
        if wanted.major > 0 || self.open == Open::Minor {
            return version.major == wanted.major;
        }
        if version.major > 0 {
            return false;
        }
        if wanted.minor > 0 || self.open == Open::Patch {
            return version.minor == wanted.minor;
        }
        version.minor == 0 && version.patch == wanted.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(range: &str, version: &str) -> bool {
        range.parse::<Constraint>().unwrap().matches(&version.parse().unwrap())
    }

    #[test]
    fn ranges_hold_what_they_say() {
        for (range, inside, outside) in [
            ("*", "1.2.3", "1.2.3-a"),
            ("", "1.2.3", "1.2.3-a"),
            ("1.2", "1.2.9", "1.3.0"),
            ("=1.2.3", "1.2.3", "1.2.4"),
            ("!=1.2.x", "1.3.0", "1.2.5"),
            (">1.2", "1.3.0", "1.2.9"),
            (">=1.19-0", "1.19.0-gke.1", "1.18.9"),
            ("<=1.2", "1.2.9", "1.3.0"),
            ("~1.2.3", "1.2.9", "1.3.0"),
            ("~1", "1.9.0", "2.0.0"),
            ("^1.2.3", "1.9.0", "2.0.0"),
            ("^0.2.3", "0.2.9", "0.3.0"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("1.2 - 1.4.5", "1.4.5", "1.4.6"),
            (">=1.2, <1.4 || 3.x", "3.9.9", "1.4.0"),
            (">= 1.2 < 1.4", "1.3.9", "1.4.0"),
            (">=1.24.0-0 <1.27.0-0", "1.26.5-eks-1", "1.27.0"),
        ] {
            let range_text = if range.is_empty() { "*" } else { range };
            assert!(matches(range_text, inside), "{range} {inside}");
            assert!(!matches(range_text, outside), "{range} {outside}");
        }
        for range in ["", "a", ">", "1.2.3.4", ">=1.2 foo"] {
            assert!(range.parse::<Constraint>().is_err(), "{range}");
        }
    }
}
