//! Sprig's regular expressions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex_automata::Input;
use regex_automata::util::captures::Captures;

use super::regular::{Expression, compile};
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Element, Fault, List, Meter, Object, Runes, Text, decode};

use Type::{Int, Text as Str};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::metered("regexMatch", &[Str, Str], |m, a| Ok(matches(m, a).unwrap_or(false).into())),
    Function::metered("mustRegexMatch", &[Str, Str], |m, a| Ok(matches(m, a)?.into())),
    Function::metered("regexFindAll", &[Str, Str, Int], find_all),
    Function::metered("mustRegexFindAll", &[Str, Str, Int], find_all),
    Function::metered("regexFind", &[Str, Str], find),
    Function::metered("mustRegexFind", &[Str, Str], find),
    Function::metered("regexReplaceAll", &[Str, Str, Str], |m, a| replace(m, a, true)),
    Function::metered("mustRegexReplaceAll", &[Str, Str, Str], |m, a| replace(m, a, true)),
    Function::metered("regexReplaceAllLiteral", &[Str, Str, Str], |m, a| replace(m, a, false)),
    Function::metered("mustRegexReplaceAllLiteral", &[Str, Str, Str], |m, a| replace(m, a, false)),
    Function::metered("regexSplit", &[Str, Str, Int], split),
    Function::metered("mustRegexSplit", &[Str, Str, Int], split),
    Function::pure("regexQuoteMeta", &[Str], quote_meta),
];

/// The compiled form of an expression. Charts use the same few over and over; they are kept per thread.
fn expression(meter: &Meter, pattern: &Text) -> Result<Rc<Expression>, Fault> {
    thread_local! {
        static KNOWN: RefCell<HashMap<Text, Rc<Expression>>> = RefCell::default();
    }
    const KEPT: usize = 256;
    if let Some(known) = KNOWN.with_borrow(|known| known.get(pattern).cloned()) {
        return Ok(known);
    }
    meter.step(100 + pattern.len() as u64 * 20)?;
    let Ok(source) = std::str::from_utf8(pattern.as_bytes()) else {
        return Err(format!("error parsing regexp: invalid UTF-8: `{}`", pattern.lossy()).into());
    };
    let compiled = Rc::new(compile(source)?);
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(pattern.clone(), Rc::clone(&compiled));
    });
    Ok(compiled)
}

/// A text as expressions see it: to Go a byte that is no UTF-8 is the character U+FFFD.
struct Subject {
    text: Text,
    /// The text with these characters in it, and where each of its bytes, and its end, lie in `text`.
    shown: Option<(String, Vec<usize>)>,
}

impl Subject {
    fn new(text: Text) -> Self {
        let shown = std::str::from_utf8(text.as_bytes()).is_err().then(|| {
            let (mut shown, mut places) = (String::new(), Vec::new());
            for (at, rune, _) in Runes::new(text.as_bytes()) {
                places.extend((0..rune.len_utf8()).map(|byte| (at + byte).min(text.len())));
                shown.push(rune);
            }
            places.push(text.len());
            (shown, places)
        });
        Self { text, shown }
    }

    fn bytes(&self) -> &[u8] {
        self.shown.as_ref().map_or(self.text.as_bytes(), |(shown, _)| shown.as_bytes())
    }

    /// The part of the text between two places in [`Self::bytes`].
    fn part(&self, start: usize, end: usize) -> &[u8] {
        match &self.shown {
            Some((_, places)) => &self.text.as_bytes()[places[start]..places[end]],
            None => &self.text.as_bytes()[start..end],
        }
    }
}

fn prepared(meter: &Meter, a: &[Object]) -> Result<(Rc<Expression>, Subject), Fault> {
    let text = a.text(1);
    meter.step(text.len() as u64 / 8)?;
    Ok((expression(meter, &a.text(0))?, Subject::new(text)))
}

fn matches(meter: &Meter, a: &[Object]) -> Result<bool, Fault> {
    let (expression, text) = prepared(meter, a)?;
    Ok(expression.regex.is_match(text.bytes()))
}

fn find(meter: &Meter, a: &[Object]) -> Outcome {
    let (expression, text) = prepared(meter, a)?;
    let found = search(&expression, text.bytes(), 0, &mut None);
    Ok(found.map_or_else(Vec::new, |(start, end)| text.part(start, end).to_vec()).into())
}

/// The first match from a position on, with its groups if there is a place for them.
///
/// The engine finds empty matches between any two bytes; Go only between characters, of which a broken byte
/// is one.
fn search(
    expression: &Expression,
    bytes: &[u8],
    mut position: usize,
    captures: &mut Option<Captures>,
) -> Option<(usize, usize)> {
    loop {
        let input = Input::new(bytes).range(position..);
        let found = match captures {
            Some(captures) => {
                expression.regex.search_captures(&input, captures);
                captures.get_match()
            }
            None => expression.regex.find(input),
        }?;
        if !found.is_empty() || !is_inside_character(bytes, found.start()) {
            return Some((found.start(), found.end()));
        }
        position = found.start() + 1;
    }
}

/// Whether a place is within the bytes of one character.
fn is_inside_character(bytes: &[u8], at: usize) -> bool {
    (1..=3_usize.min(at)).any(|back| {
        let (_, width) = decode(&bytes[at - back..]);
        width > back
    })
}

/// The spans of up to `count` matches (all if negative), by Go's rule: an empty match right after another
/// match does not count.
fn spans(
    meter: &Meter,
    expression: &Expression,
    bytes: &[u8],
    count: i64,
) -> Result<Vec<(usize, usize)>, Fault> {
    let limit = usize::try_from(count).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let (mut position, mut previous) = (0, None);
    while found.len() < limit && position <= bytes.len() {
        meter.step(1)?;
        let mut captures = None;
        let Some((start, end)) = search(expression, bytes, position, &mut captures) else { break };
        let mut accept = true;
        if end == position {
            accept = previous != Some(start);
            let width = decode(&bytes[position..]).1;
            position = if width > 0 { position + width } else { bytes.len() + 1 };
        } else {
            position = end;
        }
        previous = Some(end);
        if accept {
            found.push((start, end));
        }
    }
    Ok(found)
}

fn find_all(meter: &Meter, a: &[Object]) -> Outcome {
    let (expression, text) = prepared(meter, a)?;
    let spans = spans(meter, &expression, text.bytes(), a.int(2))?;
    if spans.is_empty() {
        return Ok(List::nil(Element::Text).into());
    }
    super::lists::count(meter, spans.len())?;
    let found = spans.iter().map(|(start, end)| text.part(*start, *end).to_vec().into());
    // Go begins with room for ten.
    Ok(List::collected(Element::Text, 10, found.collect()).into())
}

fn split(meter: &Meter, a: &[Object]) -> Outcome {
    let (expression, text) = prepared(meter, a)?;
    let count = a.int(2);
    if count == 0 {
        return Ok(List::nil(Element::Text).into());
    }
    if !a.text(0).is_empty() && text.bytes().is_empty() {
        return Ok(List::of_text([Text::from("")]).into());
    }
    let bytes = text.bytes();
    let spans = spans(meter, &expression, bytes, count)?;
    super::lists::count(meter, spans.len())?;
    let room = spans.len();
    let mut parts: Vec<Object> = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for (start, stop) in spans {
        if count > 0 && parts.len() as i64 == count - 1 {
            break;
        }
        end = start;
        if stop != 0 {
            parts.push(text.part(begin, end).to_vec().into());
        }
        begin = stop;
    }
    if end != bytes.len() {
        parts.push(text.part(begin, bytes.len()).to_vec().into());
    }
    Ok(List::collected(Element::Text, room, parts).into())
}

fn replace(meter: &Meter, a: &[Object], expands: bool) -> Outcome {
    let (expression, text) = prepared(meter, a)?;
    let replacement = a.text(2);
    let bytes = text.bytes();
    let mut captures = Some(expression.regex.create_captures());
    let mut out = Vec::new();
    let (mut last, mut position) = (0, 0);
    while position <= bytes.len() {
        meter.step(1)?;
        let Some((start, end)) = search(&expression, bytes, position, &mut captures) else { break };
        out.extend_from_slice(text.part(last, start));
        if end > last || start == 0 {
            match &captures {
                Some(captures) if expands => {
                    expand(&mut out, replacement.as_bytes(), &text, captures, &expression.names);
                }
                _ => out.extend_from_slice(replacement.as_bytes()),
            }
            meter.output(out.len())?;
        }
        last = end;
        let width = decode(&bytes[position..]).1;
        position = if position + width > end { position + width } else { end.max(position + 1) };
        if width == 0 && position <= bytes.len() {
            position = bytes.len() + 1;
        }
    }
    out.extend_from_slice(text.part(last, bytes.len()));
    meter.allocate(out.len())?;
    Ok(out.into())
}

/// Go's `Expand`: `$1`, `${name}` and `$$`; a name is as long as it can be.
fn expand(out: &mut Vec<u8>, template: &[u8], text: &Subject, captures: &Captures, names: &[Option<String>]) {
    let mut rest = template;
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(b"$") {
            out.push(b'$');
            rest = after;
            continue;
        }
        let Some((name, after)) = group_name(rest) else {
            out.push(b'$');
            continue;
        };
        rest = after;
        let number = if name.bytes().all(|byte| byte.is_ascii_digit()) {
            name.parse::<usize>().ok()
        } else {
            names.iter().position(|known| known.as_deref() == Some(name))
        };
        let span =
            number.filter(|number| *number < names.len()).and_then(|number| captures.get_group(number));
        if let Some(span) = span {
            out.extend_from_slice(text.part(span.start, span.end));
        }
    }
    out.extend_from_slice(rest);
}

/// The name after a dollar sign, with or without braces, and what follows it.
fn group_name(rest: &[u8]) -> Option<(&str, &[u8])> {
    let braced = rest.first() == Some(&b'{');
    let body = &rest[usize::from(braced)..];
    let text =
        std::str::from_utf8(body).or_else(|error| std::str::from_utf8(&body[..error.valid_up_to()])).ok()?;
    let is_name =
        |rune: char| rune == '_' || rune.is_alphabetic() || (rune.is_numeric() && rune.is_alphanumeric());
    let width: usize = text.chars().take_while(|rune| is_name(*rune)).map(char::len_utf8).sum();
    if width == 0 {
        return None;
    }
    let after = &body[width..];
    if !braced {
        return Some((&text[..width], after));
    }
    Some((&text[..width], after.strip_prefix(b"}")?))
}

fn quote_meta(a: &[Object]) -> Outcome {
    let mut out = Vec::new();
    for byte in a.text(0).as_bytes() {
        if b"\\.+*?()|[]{}^$".contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    Ok(out.into())
}
