//! What is wrong with a configuration, all of it.

use serde::Serialize;

use super::place::{Path, Place, Position, Sources};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing can be done with this configuration.
    Error,
    /// It works, but most likely not as meant.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The kind of finding, for machines (`unknown-key`).
    pub code: &'static str,
    /// What is wrong, without a full stop.
    pub message: String,
    /// Where in the settings.
    pub path: Path,
    /// Where in which file.
    pub place: Place,
    /// What stands at the caret.
    pub label: String,
    /// Other places that have to do with it.
    pub related: Vec<(Place, String)>,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl Finding {
    /// A finding at a place.
    pub fn new(code: &'static str, path: Path, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            path,
            place,
            label: String::new(),
            related: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same with words at the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with something to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same with something to do about it, if there is anything.
    #[must_use]
    pub fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// The same with another place.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((place, label.into()));
        self
    }
}

/// Everything that is wrong, with the files it is wrong in.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(.list))]
pub struct Findings {
    /// The files that were read.
    pub sources: Sources,
    /// What was found, in the order of the files and of the places in them.
    pub list: Vec<Finding>,
}

impl Findings {
    /// Findings in order, each once.
    pub fn new(sources: Sources, mut list: Vec<Finding>) -> Self {
        list.sort_by(|a, b| {
            (a.place.file, a.place.start, a.code, &a.message).cmp(&(
                b.place.file,
                b.place.start,
                b.code,
                &b.message,
            ))
        });
        list.dedup();
        Self { sources, list }
    }

    /// True when one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// True when nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes over the findings of another configuration; what was found in the same file already is left out.
    pub fn absorb(&mut self, other: Self) {
        let known: Vec<String> = self.list.iter().map(|f| identity(&self.sources, f)).collect();
        let mut numbers: Vec<Option<usize>> = Vec::new();
        for mut finding in other.list {
            if known.contains(&identity(&other.sources, &finding)) {
                continue;
            }
            let places =
                std::iter::once(&mut finding.place).chain(finding.related.iter_mut().map(|(p, _)| p));
            for place in places {
                numbers.resize(numbers.len().max(place.file + 1), None);
                let number = *numbers[place.file].get_or_insert_with(|| {
                    self.sources.add(other.sources.path(place.file), other.sources.text(place.file))
                });
                place.file = number;
            }
            self.list.push(finding);
        }
    }

    /// Line and column of a finding.
    pub fn position(&self, finding: &Finding) -> Position {
        self.sources.position(&finding.place)
    }

    /// How many errors and warnings, in words.
    pub fn summary(&self) -> String {
        summary(&self.list)
    }
}

fn identity(sources: &Sources, finding: &Finding) -> String {
    format!("{} {} {}", sources.position(&finding.place), finding.code, finding.message)
}

fn summary(list: &[Finding]) -> String {
    let count = |severity| list.iter().filter(|finding| finding.severity == severity).count();
    let words = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        n => Some(format!("{n} {word}s")),
    };
    let parts = [words(count(Severity::Error), "error"), words(count(Severity::Warning), "warning")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "no findings".to_owned()
    } else {
        format!("{} in the configuration", parts.join(", "))
    }
}
