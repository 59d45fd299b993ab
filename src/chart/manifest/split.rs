//! Cutting a rendered file into documents.

use std::sync::LazyLock;

use regex::Regex;

/// One document of a rendered file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document<'a> {
    /// The text, without what separates it from the others.
    pub text: &'a str,
    /// The byte of the file it starts at.
    pub start: usize,
    /// The line of the file it starts on, from one.
    pub line: usize,
}

/// Helm cuts at every `---` that starts a line, whatever follows it.
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\t\n\x0C\r ]*\n)---[\t\n\x0C\r ]*").expect("the separator is a valid pattern")
});

/// The documents of `file`, those with nothing in them left out.
pub fn split(file: &str) -> Vec<Document<'_>> {
    let trimmed = file.trim_start();
    let offset = file.len() - trimmed.len();
    let mut documents = Vec::new();
    let (mut line, mut counted) = (1, 0);
    let mut push = |start: usize, end: usize| {
        let text = trimmed[start..end].trim_start();
        if text.is_empty() {
            return;
        }
        let at = offset + end - text.len();
        line += file[counted..at].bytes().filter(|byte| *byte == b'\n').count();
        counted = at;
        documents.push(Document { text, start: at, line });
    };
    let mut start = 0;
    for separator in SEPARATOR.find_iter(trimmed) {
        push(start, separator.start());
        start = separator.end();
    }
    push(start, trimmed.len());
    documents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_know_their_lines() {
        let found = split("\n---\n# c\na: 1\n---\n\n---   \n  b: 2\n\n---c: 3\nd: |\n  x\n  ---\n");
        let found: Vec<(&str, usize)> = found.iter().map(|document| (document.text, document.line)).collect();
        // A separator right behind another one is text to Helm: the first has taken the newline before it.
        assert_eq!(found, [("# c\na: 1", 3), ("---   \n  b: 2", 7), ("c: 3\nd: |\n  x\n  ---\n", 10)]);
        assert!(split(" \n---\n \n").is_empty());
    }
}
