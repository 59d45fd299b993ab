//! The functions of Go's `text/template` itself.

use super::signature::{Arguments, Function, Outcome, Run, Type};
use super::urls::query_escape;
use crate::chart::template::{
    Map, Meter, Object, Runes, Text, equal, is_print, less, sprint, sprintf, sprintln,
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "and",
        parameters: &[Type::Reflect],
        rest: Some(Type::Reflect),
        cost: 1,
        run: Run::ShortCircuit(false),
    },
    Function {
        name: "or",
        parameters: &[Type::Reflect],
        rest: Some(Type::Reflect),
        cost: 1,
        run: Run::ShortCircuit(true),
    },
    Function::pure("not", &[Type::Reflect], |a| Ok((!a.any(0).truth()).into())),
    Function::pure("call", &[Type::Reflect], call).and_more(Type::Reflect),
    Function::pure("html", &[], html).and_more(Type::Any),
    Function::pure("index", &[Type::Reflect], index).and_more(Type::Reflect),
    Function::pure("js", &[], javascript).and_more(Type::Any),
    Function::pure("len", &[Type::Reflect], len),
    Function::metered("print", &[], |meter, a| counted(meter, sprint(a))).and_more(Type::Any),
    Function::metered("printf", &[Type::Text], printf).and_more(Type::Any),
    Function::metered("println", &[], |meter, a| counted(meter, sprintln(a))).and_more(Type::Any),
    Function::pure("urlquery", &[], |a| Ok(query_escape(shown(a).as_bytes()).into())).and_more(Type::Any),
    Function::pure("eq", &[Type::Reflect], eq).and_more(Type::Reflect),
    Function::pure("ne", &[Type::Reflect, Type::Reflect], |a| Ok((!equal(&a[0], &a[1])?).into())),
    Function::pure("lt", &[Type::Reflect, Type::Reflect], |a| Ok(less(&a[0], &a[1])?.into())),
    Function::pure("le", &[Type::Reflect, Type::Reflect], |a| Ok(at_most(a)?.into())),
    Function::pure("gt", &[Type::Reflect, Type::Reflect], |a| Ok((!at_most(a)?).into())),
    Function::pure("ge", &[Type::Reflect, Type::Reflect], |a| Ok((!less(&a[0], &a[1])?).into())),
];

fn counted(meter: &Meter, text: Text) -> Outcome {
    meter.allocate(text.len())?;
    Ok(text.into())
}

fn printf(meter: &Meter, a: &[Object]) -> Outcome {
    counted(meter, sprintf(a.text(0).as_bytes(), a.rest(1)))
}

fn call(a: &[Object]) -> Outcome {
    match a.any(0) {
        Object::Nil | Object::Invalid => Err("call of nil".into()),
        // No value that a template can hold is a function.
        other => Err(format!("non-function of type {}", other.go_type()).into()),
    }
}

fn eq(a: &[Object]) -> Outcome {
    if a.len() < 2 {
        return Err("missing argument for comparison".into());
    }
    for other in a.rest(1) {
        if equal(a.any(0), other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn at_most(a: &[Object]) -> Result<bool, String> {
    Ok(less(&a[0], &a[1])? || equal(&a[0], &a[1])?)
}

fn len(a: &[Object]) -> Outcome {
    let count = match a.any(0) {
        Object::Text(text) => text.len(),
        Object::Bytes(bytes) => bytes.len(),
        Object::List(list) => list.len(),
        Object::Map(map) => map.len(),
        Object::Nil | Object::Invalid => return Err("len of nil pointer".into()),
        other => return Err(format!("len of type {}", other.go_type()).into()),
    };
    Ok(Object::int(count as i64))
}

fn index(a: &[Object]) -> Outcome {
    let mut value = a.any(0).clone();
    if !value.is_present() {
        return Err("index of untyped nil".into());
    }
    for key in a.rest(1) {
        value = match &value {
            Object::Map(map) => member(map, key)?,
            Object::List(list) => {
                let items = list.items();
                items[place(key, items.len())?].clone()
            }
            Object::Text(text) => byte(text.as_bytes(), key)?,
            Object::Bytes(bytes) => byte(bytes, key)?,
            Object::Nil | Object::Invalid => return Err("index of nil pointer".into()),
            other => return Err(format!("can't index item of type {}", other.go_type()).into()),
        };
    }
    Ok(value)
}

fn byte(bytes: &[u8], key: &Object) -> Outcome {
    let byte = bytes[place(key, bytes.len())?];
    Ok(Object::Int(crate::chart::template::Integer::Uint8, i64::from(byte)))
}

fn member(map: &Map, key: &Object) -> Outcome {
    match key {
        Object::Text(key) => Ok(map.get_bytes(key.as_bytes()).unwrap_or_else(|| map.shape().zero())),
        Object::Nil | Object::Invalid => Err("value is nil; should be of type string".into()),
        other => Err(format!("value has type {}; should be string", other.go_type()).into()),
    }
}

fn place(key: &Object, len: usize) -> Result<usize, String> {
    match key {
        Object::Int(_, at) => match usize::try_from(*at) {
            Ok(place) if place < len => Ok(place),
            _ => Err(format!("index out of range: {at}")),
        },
        Object::Nil | Object::Invalid => Err("cannot index slice/array with nil".to_owned()),
        other => Err(format!("cannot index slice/array with type {}", other.go_type())),
    }
}

/// The arguments as one text, for the functions that escape it.
fn shown(a: &[Object]) -> Text {
    let printable = |object: &Object| {
        if object.is_present() { object.clone() } else { "<no value>".into() }
    };
    sprint(&a.iter().map(printable).collect::<Vec<_>>())
}

fn html(a: &[Object]) -> Outcome {
    let mut out = Vec::new();
    for byte in shown(a).as_bytes() {
        let escaped: &[u8] = match byte {
            0 => "\u{FFFD}".as_bytes(),
            b'"' => b"&#34;",
            b'\'' => b"&#39;",
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            _ => std::slice::from_ref(byte),
        };
        out.extend_from_slice(escaped);
    }
    Ok(out.into())
}

fn javascript(a: &[Object]) -> Outcome {
    let text = shown(a);
    let mut out = Vec::new();
    for (at, rune, width) in Runes::new(text.as_bytes()) {
        match rune {
            '\\' => out.extend_from_slice(b"\\\\"),
            '\'' => out.extend_from_slice(b"\\'"),
            '"' => out.extend_from_slice(b"\\\""),
            '<' => out.extend_from_slice(b"\\u003C"),
            '>' => out.extend_from_slice(b"\\u003E"),
            '&' => out.extend_from_slice(b"\\u0026"),
            '=' => out.extend_from_slice(b"\\u003D"),
            _ if rune < ' ' || !is_print(rune) && rune != '\x7f' => {
                out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes());
            }
            // As it stands, also what is no text.
            _ => out.extend_from_slice(&text.as_bytes()[at..at + width]),
        }
    }
    Ok(out.into())
}
