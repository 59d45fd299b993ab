//! Sprig's string functions.

use super::case;
use super::lists::{of_text, to_texts};
use super::signature::{Arguments, Function, Outcome, Type};
use super::{words, wrap};
use crate::chart::template::{Map, Members, Meter, Object, Shape, Text, quote, sprint, to_text};

use Type::{Any, Int, Text as Str};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("abbrev", &[Int, Str], |a| Ok(wrap::abbreviate(a.text(1).as_bytes(), 0, a.int(0)).into())),
    Function::pure("abbrevboth", &[Int, Int, Str], abbreviate_both),
    Function::pure("trunc", &[Int, Str], truncate),
    Function::pure("trim", &[Str], |a| Ok(trim_space(a.text(0).as_bytes()).to_vec().into())),
    Function::pure("upper", &[Str], |a| Ok(case::upper(&a.text(0)).into())),
    Function::pure("lower", &[Str], |a| Ok(case::lower(&a.text(0)).into())),
    Function::pure("title", &[Str], |a| Ok(case::title(&a.text(0)).into())),
    Function::pure("untitle", &[Str], |a| Ok(case::untitle(&a.text(0)).into())),
    Function::pure("swapcase", &[Str], |a| Ok(case::swap(&a.text(0)).into())),
    Function::pure("snakecase", &[Str], |a| Ok(words::connected(&a.text(0), '_').into())),
    Function::pure("kebabcase", &[Str], |a| Ok(words::connected(&a.text(0), '-').into())),
    Function::pure("camelcase", &[Str], |a| Ok(case::pascal(&a.text(0)).into())),
    Function::pure("substr", &[Int, Int, Str], substring),
    Function::metered("repeat", &[Int, Str], repeat),
    Function::pure("trimall", &[Str, Str], trim_all),
    Function::pure("trimAll", &[Str, Str], trim_all),
    Function::pure("trimSuffix", &[Str, Str], trim_suffix),
    Function::pure("trimPrefix", &[Str, Str], trim_prefix),
    Function::pure("nospace", &[Str], |a| Ok(wrap::without_space(&a.text(0)).into())),
    Function::pure("initials", &[Str], |a| Ok(wrap::initials(&a.text(0)).into())),
    Function::metered("wrap", &[Int, Str], |m, a| made(m, wrap::wrap(&a.text(1), a.int(0), b"\n", false))),
    Function::metered("wrapWith", &[Int, Str, Str], wrap_with),
    Function::pure("contains", &[Str, Str], |a| {
        Ok(contains(a.text(1).as_bytes(), a.text(0).as_bytes()).into())
    }),
    Function::pure("hasPrefix", &[Str, Str], |a| {
        Ok(a.text(1).as_bytes().starts_with(a.text(0).as_bytes()).into())
    }),
    Function::pure("hasSuffix", &[Str, Str], |a| {
        Ok(a.text(1).as_bytes().ends_with(a.text(0).as_bytes()).into())
    }),
    Function::metered("quote", &[], |m, a| made(m, quoted(a))).and_more(Any),
    Function::metered("squote", &[], |m, a| made(m, single_quoted(a))).and_more(Any),
    Function::metered("cat", &[], |m, a| made(m, cat(a))).and_more(Any),
    Function::metered("indent", &[Int, Str], |meter, a| indent(meter, a, "")),
    Function::metered("nindent", &[Int, Str], |meter, a| indent(meter, a, "\n")),
    Function::metered("replace", &[Str, Str, Str], replace),
    Function::pure("plural", &[Str, Str, Int], |a| Ok(a.any(usize::from(a.int(2) != 1)).clone())),
    Function::pure("toString", &[Any], |a| Ok(to_text(a.any(0)).into())),
    Function::pure("split", &[Str, Str], |a| Ok(numbered(split(&a.text(0), &a.text(1), -1)))),
    Function::pure("splitn", &[Str, Int, Str], |a| Ok(numbered(split(&a.text(0), &a.text(2), a.int(1))))),
    Function::pure("splitList", &[Str, Str], |a| Ok(of_text(split(&a.text(0), &a.text(1), -1)).into())),
    Function::pure("toStrings", &[Any], |a| Ok(super::lists::texts(a.any(0)))),
    Function::metered("join", &[Str, Any], join),
];

fn made(meter: &Meter, bytes: Vec<u8>) -> Outcome {
    meter.allocate(bytes.len())?;
    Ok(bytes.into())
}

fn abbreviate_both(a: &[Object]) -> Outcome {
    let (left, right, text) = (a.int(0), a.int(1), a.text(2));
    if right < 4 || (left > 0 && right < 7) {
        return Ok(text.into());
    }
    Ok(wrap::abbreviate(text.as_bytes(), left, right).into())
}

fn truncate(a: &[Object]) -> Outcome {
    let (count, text) = (a.int(0), a.text(1));
    let len = text.len() as i64;
    let bytes = text.as_bytes();
    if count < 0 && len + count > 0 {
        return Ok(bytes[(len + count) as usize..].to_vec().into());
    }
    if count >= 0 && len > count {
        return Ok(bytes[..count as usize].to_vec().into());
    }
    Ok(text.into())
}

fn substring(a: &[Object]) -> Outcome {
    let (start, end, text) = (a.int(0), a.int(1), a.text(2));
    let len = text.len() as i64;
    let (from, to) = if start < 0 {
        (0, end)
    } else if end < 0 || end > len {
        (start, len)
    } else {
        (start, end)
    };
    match (usize::try_from(from), usize::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to && to <= text.len() => Ok(text.as_bytes()[from..to].to_vec().into()),
        _ => Err(format!("slice bounds out of range [{from}:{to}] with length {len}").into()),
    }
}

fn repeat(meter: &Meter, a: &[Object]) -> Outcome {
    let text = a.text(1);
    let count = usize::try_from(a.int(0)).map_err(|_| "strings: negative Repeat count")?;
    let total = text.len().checked_mul(count).ok_or("strings: Repeat output length overflow")?;
    meter.allocate(total)?;
    Ok(text.as_bytes().repeat(count).into())
}

/// Cuts white space, in Unicode's sense, off both ends.
pub(super) fn trim_space(bytes: &[u8]) -> &[u8] {
    trim_by(bytes, char::is_whitespace)
}

fn trim_by(bytes: &[u8], cut: impl Fn(char) -> bool) -> &[u8] {
    let runes = || crate::chart::template::Runes::new(bytes);
    let Some((start, ..)) = runes().find(|(_, rune, _)| !cut(*rune)) else { return &[] };
    let kept = runes().filter(|(_, rune, _)| !cut(*rune)).last();
    let end = kept.map_or(start, |(at, _, width)| at + width);
    &bytes[start..end]
}

fn trim_all(a: &[Object]) -> Outcome {
    let set = a.text(0);
    let set = set.lossy();
    Ok(trim_by(a.text(1).as_bytes(), |rune| set.contains(rune)).to_vec().into())
}

fn trim_suffix(a: &[Object]) -> Outcome {
    let text = a.text(1);
    Ok(text.as_bytes().strip_suffix(a.text(0).as_bytes()).map_or_else(|| text.clone(), Text::from).into())
}

fn trim_prefix(a: &[Object]) -> Outcome {
    let text = a.text(1);
    Ok(text.as_bytes().strip_prefix(a.text(0).as_bytes()).map_or_else(|| text.clone(), Text::from).into())
}

fn wrap_with(meter: &Meter, a: &[Object]) -> Outcome {
    let separator = a.text(1);
    let separator = if separator.is_empty() { Text::from("\n") } else { separator };
    let text = a.text(2);
    meter.allocate(text.len().saturating_mul(separator.len() + 1))?;
    Ok(wrap::wrap(&text, a.int(0), separator.as_bytes(), true).into())
}

/// The first place of `needle`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}

fn quoted(a: &[Object]) -> Vec<u8> {
    let present = a.iter().filter(|value| value.is_present());
    let texts: Vec<String> = present.map(|value| quote(to_text(value).as_bytes(), false)).collect();
    texts.join(" ").into_bytes()
}

fn single_quoted(a: &[Object]) -> Vec<u8> {
    let present = a.iter().filter(|value| value.is_present());
    let texts: Vec<Vec<u8>> =
        present.map(|value| [b"'", sprint(std::slice::from_ref(value)).as_bytes(), b"'"].concat()).collect();
    texts.join(&b' ')
}

fn cat(a: &[Object]) -> Vec<u8> {
    let present = a.iter().filter(|value| value.is_present());
    let texts: Vec<Text> = present.map(|value| sprint(std::slice::from_ref(value))).collect();
    texts.iter().map(Text::as_bytes).collect::<Vec<_>>().join(&b' ')
}

fn indent(meter: &Meter, a: &[Object], before: &str) -> Outcome {
    let text = a.text(1);
    let spaces = usize::try_from(a.int(0)).map_err(|_| "strings: negative Repeat count")?;
    let lines = text.as_bytes().iter().filter(|byte| **byte == b'\n').count() + 1;
    meter.allocate(text.len().saturating_add(spaces.saturating_mul(lines)))?;
    let mut out = Vec::with_capacity(text.len() + spaces * lines + 1);
    out.extend_from_slice(before.as_bytes());
    for (at, line) in text.as_bytes().split(|byte| *byte == b'\n').enumerate() {
        if at > 0 {
            out.push(b'\n');
        }
        out.extend(std::iter::repeat_n(b' ', spaces));
        out.extend_from_slice(line);
    }
    Ok(out.into())
}

fn replace(meter: &Meter, a: &[Object]) -> Outcome {
    let (old, new, text) = (a.text(0), a.text(1), a.text(2));
    let bytes = text.as_bytes();
    let parts = if old.is_empty() { between_runes(bytes) } else { split(&old, &text, -1) };
    let extra = parts.len().saturating_sub(1).saturating_mul(new.len());
    meter.allocate(text.len().saturating_add(extra))?;
    Ok(parts.join(new.as_bytes()).into())
}

/// What Go's `Replace` of nothing sees: nothing before, between and after all characters.
fn between_runes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let runes = crate::chart::template::Runes::new(bytes);
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    parts.extend(runes.map(|(at, _, width)| bytes[at..at + width].to_vec()));
    // The last part ends the text: what follows it is the last replacement.
    if parts.len() > 1 || bytes.is_empty() {
        parts.push(Vec::new());
    }
    if bytes.is_empty() {
        parts.truncate(2);
    }
    parts
}

/// Go's `strings.SplitN`.
pub(super) fn split(separator: &Text, text: &Text, count: i64) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    if count == 0 {
        return Vec::new();
    }
    let limit = usize::try_from(count).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    if separator.is_empty() {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (rune, width) = crate::chart::template::decode(rest);
            if parts.len() + 1 >= limit {
                parts.push(rest.to_vec());
                break;
            }
            let broken = rune == char::REPLACEMENT_CHARACTER && width == 1;
            parts.push(if broken { "\u{FFFD}".as_bytes().to_vec() } else { rest[..width].to_vec() });
            rest = &rest[width..];
        }
        return parts;
    }
    let mut rest = bytes;
    while parts.len() + 1 < limit {
        let Some(at) = find(rest, separator.as_bytes()) else { break };
        parts.push(rest[..at].to_vec());
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest.to_vec());
    parts
}

/// `{_0: …, _1: …}`
fn numbered(parts: Vec<Vec<u8>>) -> Object {
    let members: Members =
        parts.into_iter().enumerate().map(|(at, part)| (Text::from(format!("_{at}")), part.into())).collect();
    Map::new(Shape::Text, members).into()
}

fn join(meter: &Meter, a: &[Object]) -> Outcome {
    let separator = a.text(0);
    let texts = to_texts(a.any(1));
    let total: usize = texts.iter().map(|text| text.len() + separator.len()).sum();
    meter.allocate(total)?;
    let parts: Vec<&[u8]> = texts.iter().map(Text::as_bytes).collect();
    Ok(parts.join(separator.as_bytes()).into())
}
