//! Reading variables: typed, with defaults, all findings collected.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// What is wrong with one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong with its value, and what would be right.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.variable, self.problem)
    }
}

/// The environment variables of the process, and what was found wrong so far.
///
/// A reader returns the default when a variable is absent, empty, or wrong, so
/// that reading goes on and every finding is known at the end.
#[derive(Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
    findings: Vec<Finding>,
}

impl Variables {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of_os(std::env::vars_os())
    }

    /// A value that is not UTF-8 is kept with replacement characters, so that it is found wrong where
    /// that matters, and not taken for absent.
    fn of_os(values: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        Self::of(values.filter_map(text))
    }

    /// Variables given as pairs, for tests.
    pub fn of(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { values: values.into_iter().collect(), findings: Vec::new() }
    }

    /// The value of a variable, none if absent or blank.
    #[must_use]
    pub fn text(&self, variable: &'static str) -> Option<&str> {
        self.values.get(variable).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A value that is parsed by its type; `expected` says what would be right.
    pub fn parsed<T: FromStr>(&mut self, variable: &'static str, default: T, expected: &'static str) -> T {
        let Some(text) = self.text(variable) else { return default };
        if let Ok(value) = text.parse() {
            return value;
        }
        let problem = format!("{text:?} is not {expected}");
        self.report(variable, problem);
        default
    }

    /// A whole number within bounds.
    pub fn number(&mut self, variable: &'static str, default: u64, bounds: RangeInclusive<u64>) -> u64 {
        let value = self.parsed(variable, default, "a whole number");
        if bounds.contains(&value) {
            return value;
        }
        let (low, high) = bounds.into_inner();
        self.report(variable, format!("{value} is not between {low} and {high}"));
        default
    }

    /// A duration in seconds, fractions allowed (`0.5`), within bounds in seconds.
    pub fn seconds(
        &mut self,
        variable: &'static str,
        default: Duration,
        bounds: RangeInclusive<f64>,
    ) -> Duration {
        let value: f64 = self.parsed(variable, default.as_secs_f64(), "a number of seconds");
        if bounds.contains(&value) {
            return Duration::from_secs_f64(value);
        }
        let (low, high) = bounds.into_inner();
        self.report(variable, format!("{value} is not between {low} and {high} seconds"));
        default
    }

    /// `on` or `off` (also `true`/`false`, `1`/`0`).
    pub fn switch(&mut self, variable: &'static str, default: bool) -> bool {
        let Some(text) = self.text(variable) else { return default };
        match text.to_ascii_lowercase().as_str() {
            "on" | "true" | "1" => true,
            "off" | "false" | "0" => false,
            _ => {
                let problem = format!("{text:?} is neither on nor off");
                self.report(variable, problem);
                default
            }
        }
    }

    /// Adds a finding.
    pub fn report(&mut self, variable: &'static str, problem: impl Into<String>) {
        self.findings.push(Finding { variable, problem: problem.into() });
    }

    /// All that was found wrong.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        Variables::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn every_finding_is_collected() {
        let mut read = variables(&[("A", "ten"), ("B", "0"), ("C", "maybe"), ("D", "1e9")]);
        assert_eq!(read.number("A", 1, 1..=9), 1);
        assert_eq!(read.number("B", 2, 1..=9), 2);
        assert!(read.switch("C", true));
        assert_eq!(read.seconds("D", Duration::from_secs(3), 0.0..=60.0), Duration::from_secs(3));
        let names: Vec<_> = read.findings().iter().map(|finding| finding.variable).collect();
        assert_eq!(names, ["A", "B", "C", "D"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_is_a_finding() {
        use std::os::unix::ffi::OsStringExt;
        let value = OsString::from_vec(b"1\xff".to_vec());
        let mut read = Variables::of_os([(OsString::from("A"), value)].into_iter());
        assert_eq!(read.number("A", 7, 1..=9), 7);
        assert_eq!(read.findings().len(), 1);
    }

    #[test]
    fn blank_is_absent() {
        let mut read = variables(&[("A", "  ")]);
        assert_eq!(read.number("A", 7, 1..=9), 7);
        assert!(read.findings().is_empty());
    }

    #[test]
    fn not_a_number_of_seconds_is_a_finding() {
        let mut read = variables(&[("A", "NaN")]);
        assert_eq!(read.seconds("A", Duration::from_secs(1), 0.0..=60.0), Duration::from_secs(1));
        assert_eq!(read.findings().len(), 1);
    }
}
