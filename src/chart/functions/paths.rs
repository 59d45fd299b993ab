//! Sprig's path functions: slashes only, as on Linux.

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::Object;

const PATH: &[Type] = &[Type::Text];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("base", PATH, base_of),
    Function::pure("dir", PATH, dir_of),
    Function::pure("clean", PATH, clean_of),
    Function::pure("ext", PATH, ext_of),
    Function::pure("isAbs", PATH, is_absolute),
    Function::pure("osBase", PATH, base_of),
    Function::pure("osDir", PATH, dir_of),
    Function::pure("osClean", PATH, clean_of),
    Function::pure("osExt", PATH, ext_of),
    Function::pure("osIsAbs", PATH, is_absolute),
];

fn base_of(a: &[Object]) -> Outcome {
    Ok(base(a.text(0).as_bytes()).to_vec().into())
}

fn dir_of(a: &[Object]) -> Outcome {
    let path = a.text(0);
    let end = path.as_bytes().iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    Ok(clean(&path.as_bytes()[..end]).into())
}

fn clean_of(a: &[Object]) -> Outcome {
    Ok(clean(a.text(0).as_bytes()).into())
}

fn ext_of(a: &[Object]) -> Outcome {
    let path = a.text(0);
    let last = path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let dot = last.iter().rposition(|byte| *byte == b'.');
    Ok(dot.map_or(&[][..], |at| &last[at..]).to_vec().into())
}

fn is_absolute(a: &[Object]) -> Outcome {
    Ok(a.text(0).as_bytes().starts_with(b"/").into())
}

/// The last element of a path (Go's `path.Base`).
pub(super) fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    if end == 0 {
        return b"/";
    }
    path[..end].rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

/// The shortest path that means the same (Go's `path.Clean`).
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}
