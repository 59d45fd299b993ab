//! Findings for people (with the line, a caret and a hint) and for machines.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

use super::finding::{Finding, Findings, Severity};
use super::place::{Place, Sources, floor_boundary};

/// How a report is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Characters only.
    Plain,
    /// With the colours of a terminal.
    Colour,
}

impl Findings {
    /// All findings, each with its line, a caret and hints, and a last line that counts them.
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Colour => Renderer::styled(),
        };
        let mut out = String::new();
        for finding in &self.list {
            out.push_str(&render(&renderer, &self.sources, finding));
            out.push_str("\n\n");
        }
        out.push_str(&self.summary());
        out.push('\n');
        out
    }

    /// All findings as JSON.
    pub fn to_json(&self) -> Value {
        let position = |place: &Place| {
            let position = self.sources.position(place);
            json!({"file": position.file, "line": position.line, "column": position.column})
        };
        let findings: Vec<Value> = self
            .list
            .iter()
            .map(|finding| {
                let related = finding.related.iter();
                let related = related.map(|(place, label)| json!({"at": position(place), "message": label}));
                json!({
                    "severity": finding.severity,
                    "code": finding.code,
                    "message": finding.message,
                    "path": finding.path.to_string(),
                    "at": position(&finding.place),
                    "label": finding.label,
                    "related": related.collect::<Vec<_>>(),
                    "hints": finding.hints,
                })
            })
            .collect();
        json!({"version": 1, "findings": findings})
    }
}

fn render(renderer: &Renderer, sources: &Sources, finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(finding.message.as_str()).id(finding.code));
    for file in files(finding) {
        if sources.text(file).is_empty() {
            group = group.element(Origin::path(sources.path(file)));
            continue;
        }
        let mut snippet = Snippet::source(sources.text(file)).path(sources.path(file)).line_start(1);
        if finding.place.file == file {
            let span = drawn(sources, &finding.place);
            let label = (!finding.label.is_empty()).then_some(finding.label.as_str());
            snippet = snippet.annotation(AnnotationKind::Primary.span(span).label(label));
        }
        for (place, label) in finding.related.iter().filter(|(place, _)| place.file == file) {
            let span = drawn(sources, place);
            snippet = snippet.annotation(AnnotationKind::Context.span(span).label(label.as_str()));
        }
        group = group.element(snippet);
    }
    for hint in &finding.hints {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    renderer.render(&[group])
}

/// The files that a finding shows, its own first.
fn files(finding: &Finding) -> Vec<usize> {
    let mut files = vec![finding.place.file];
    for (place, _) in &finding.related {
        if !files.contains(&place.file) {
            files.push(place.file);
        }
    }
    files
}

/// The stretch to be underlined: within the text, on character boundaries, and only the first line of it.
fn drawn(sources: &Sources, place: &Place) -> std::ops::Range<usize> {
    let text = sources.text(place.file);
    let start = floor_boundary(text, place.start);
    let end = floor_boundary(text, place.end).max(start);
    let line_end = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line_end
}
