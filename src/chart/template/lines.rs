//! Which line of a file each part of what it renders comes from.

use memchr::memmem;

use super::node::{Source, Span};
use super::text::Runes;

/// From this place of the output on, it comes from that place of the source.
#[derive(Clone, Copy, Debug)]
struct Mark {
    output: u32,
    source: u32,
    /// Text, which goes on in the output as it does in the source; an action stays where it is.
    text: bool,
}

/// More are not kept: a chart that renders millions of pieces must not take memory for each.
const MOST: usize = 1 << 20;

/// The way from the output of a file back to its source.
#[derive(Debug, Default)]
pub(super) struct Trace(Vec<Mark>);

impl Trace {
    /// Notes that what is written from `output` on comes from the text or the action at `span`.
    pub(super) fn add(&mut self, output: usize, span: Span, text: bool) {
        let mark = Mark { output: output as u32, source: span.start, text };
        let room = self.0.len() < MOST;
        match self.0.last_mut() {
            // What wrote nothing leaves no trace; what goes on needs none.
            Some(last) if last.output == mark.output => *last = mark,
            Some(last) if !text && !last.text && last.source == mark.source => {}
            _ if room => self.0.push(mark),
            _ => {}
        }
    }

    /// Follows changes of the output: at each place, in order, so many bytes became so many.
    fn follow(&mut self, changes: impl IntoIterator<Item = (usize, usize, usize)>) {
        let mut changes = changes.into_iter().peekable();
        let mut moved = 0_i64;
        for mark in &mut self.0 {
            while let Some((_, old, new)) = changes.next_if(|(at, ..)| *at < mark.output as usize) {
                moved += new as i64 - old as i64;
            }
            mark.output = u32::try_from(i64::from(mark.output) + moved).unwrap_or(0);
        }
    }

    /// The lines of `source`, once the output stays as it is.
    pub(super) fn lines(self, source: &Source) -> Lines {
        let breaks = memchr::memchr_iter(b'\n', source.text.as_bytes()).map(|at| at as u32);
        Lines { marks: self.0, breaks: breaks.collect() }
    }
}

/// Which line of a file each part of its output comes from.
#[derive(Debug, Default)]
pub struct Lines {
    marks: Vec<Mark>,
    breaks: Vec<u32>,
}

impl Lines {
    /// The line, from 1, of what stands at a byte of the output. What an action gives (an `include`, a `tpl`,
    /// a `template`) comes from the line of the action.
    pub fn line(&self, output: usize) -> usize {
        let after = self.marks.partition_point(|mark| mark.output as usize <= output);
        let Some(mark) = after.checked_sub(1).map(|at| self.marks[at]) else { return 1 };
        let further = if mark.text { output as u32 - mark.output } else { 0 };
        self.breaks.partition_point(|at| *at < mark.source + further) + 1
    }
}

const NO_VALUE: &str = "<no value>";

/// The output as text, without what Go prints for nothing, which Helm takes out wherever it came from.
pub(super) fn clean(output: Vec<u8>, trace: &mut Trace) -> String {
    let text = String::from_utf8(output).unwrap_or_else(|error| {
        let output = error.into_bytes();
        let broken = |at: usize, rune: char| rune == char::REPLACEMENT_CHARACTER && output[at] != 0xEF;
        trace.follow(
            Runes::new(&output).filter(|(at, rune, _)| broken(*at, *rune)).map(|(at, ..)| (at, 1, 3)),
        );
        Runes::new(&output).map(|(_, rune, _)| rune).collect()
    });
    if memmem::find(text.as_bytes(), NO_VALUE.as_bytes()).is_none() {
        return text;
    }
    trace.follow(text.match_indices(NO_VALUE).map(|(at, _)| (at, NO_VALUE.len(), 0)));
    text.replace(NO_VALUE, "")
}

/// As [`clean`], for bytes that another template goes on with.
pub(super) fn without_no_value(output: Vec<u8>) -> Vec<u8> {
    let mark = NO_VALUE.as_bytes();
    if memmem::find(&output, mark).is_none() {
        return output;
    }
    let mut clean = Vec::with_capacity(output.len());
    let mut rest = &output[..];
    while let Some(at) = memmem::find(rest, mark) {
        clean.extend_from_slice(&rest[..at]);
        rest = &rest[at + mark.len()..];
    }
    clean.extend_from_slice(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_found_through_what_was_taken_out() {
        let source = Source { name: "a".into(), text: "a\nb{{ x }}\nc\n{{ y }}d\n".into() };
        let at = |part: &str| Span { start: source.text.find(part).unwrap() as u32, end: 0 };
        let mut trace = Trace::default();
        let mut output = Vec::new();
        for (piece, span, text) in [
            ("a\nb".as_bytes(), at("a\n"), true),
            (b"<no value>", at("x "), false),
            (b"\nc\n", at("\nc"), true),
            (b"\xff\n", at("y "), false),
            (b"d\n", at("d\n"), true),
        ] {
            trace.add(output.len(), span, text);
            output.extend_from_slice(piece);
        }
        let text = clean(output, &mut trace);
        assert_eq!(text, "a\nb\nc\n\u{FFFD}\nd\n");
        let lines = trace.lines(&source);
        for (part, line) in [("a", 1), ("b", 2), ("c", 3), ("\u{FFFD}", 4), ("d", 4)] {
            assert_eq!(lines.line(text.find(part).unwrap()), line, "{part}");
        }
    }
}
