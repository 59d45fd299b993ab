//! XML bodies, both ways.

use std::fmt::Write as _;

use roxmltree::Node;
use serde_json::Value;

use super::failure::Failure;
use super::input::{Input, Kind};
use super::json::unknown;
use super::model::{Member, Model, Protocol, Shape};
use super::scalar::{self, Moment};

/// Decodes an element to a tree of `shape`.
pub(super) fn decode(
    model: &'static Model,
    shape: &'static Shape,
    node: Node<'_, '_>,
) -> Result<Input, Failure> {
    let name = node.tag_name().name();
    match shape {
        Shape::Structure { members: known, .. } => {
            let mut members = Vec::new();
            let mut seen: Vec<&str> = Vec::new();
            for (member_name, member) in known.iter().filter(|(_, member)| member.location.is_none()) {
                let wire = element_name(model, member, member_name);
                seen.push(wire);
                let target = model.shape(&member.shape);
                let children: Vec<_> = node
                    .children()
                    .filter(|child| child.is_element() && child.tag_name().name() == wire)
                    .collect();
                if member.attribute {
                    let local = wire.rsplit(':').next().unwrap_or(wire);
                    if let Some(text) = node.attributes().find(|attribute| attribute.name() == local) {
                        members.push((member_name.as_str(), Input::new(Kind::Text(text.value().to_owned()))));
                    }
                } else if let (true, Shape::List { member: entry, .. }) = (member.flattened, target) {
                    if !children.is_empty() {
                        members.push((member_name.as_str(), list(model, entry, &children)?));
                    }
                } else if let Some(child) = children.first() {
                    members.push((member_name.as_str(), decode(model, target, *child)?));
                }
            }
            let stray = node.children().find(|c| c.is_element() && !seen.contains(&c.tag_name().name()));
            match stray {
                Some(stray) => {
                    Err(Failure::unmodelled(format!("the element {name}.{}", stray.tag_name().name())))
                }
                None => Ok(Input::new(Kind::Structure(known, members))),
            }
        }
        Shape::List { member, .. } => {
            list(model, member, &node.children().filter(Node::is_element).collect::<Vec<_>>())
        }
        Shape::Map { .. } => Err(Failure::unmodelled(format!("the map {name} in XML"))),
        scalar => {
            let text: String = node.children().filter_map(|child| child.text()).collect();
            scalar::read(scalar, &text)
                .ok_or_else(|| Failure::new("MalformedXML", format!("{text} is no value for {name}")))
        }
    }
}

fn list(model: &'static Model, member: &'static Member, nodes: &[Node<'_, '_>]) -> Result<Input, Failure> {
    let shape = model.shape(&member.shape);
    Ok(Input::new(Kind::List(
        nodes.iter().map(|node| decode(model, shape, *node)).collect::<Result<_, _>>()?,
    )))
}

fn element_name<'m>(model: &'m Model, member: &'m Member, name: &'m str) -> &'m str {
    if member.flattened
        && let Shape::List { member: entry, .. } = model.shape(&member.shape)
        && let Some(entry) = entry.name.as_deref()
    {
        return member.name.as_deref().unwrap_or(entry);
    }
    member.name.as_deref().unwrap_or(name)
}

/// Escapes text for an element or an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
    out
}

/// Writes the members of an output tree as elements, without an element around them.
pub(super) fn members(
    model: &Model,
    member: &Member,
    value: &Value,
    out: &mut String,
) -> Result<(), Failure> {
    let Shape::Structure { members, .. } = model.shape(&member.shape) else {
        return Err(Failure::internal(format!("{} is no structure", member.shape)));
    };
    let Value::Object(fields) = value else {
        return Err(Failure::internal(format!("{} wants an object", member.shape)));
    };
    for (name, field) in fields {
        let inner = members.get(name).ok_or_else(|| unknown(member, name))?;
        if !field.is_null() && inner.location.is_none() && !inner.attribute {
            element(model, inner, element_name(model, inner, name), field, out)?;
        }
    }
    Ok(())
}

/// Writes one value as an element (a flattened list as several).
pub(super) fn element(
    model: &Model,
    member: &Member,
    name: &str,
    value: &Value,
    out: &mut String,
) -> Result<(), Failure> {
    let shape = model.shape(&member.shape);
    match (shape, value) {
        (Shape::List { member: inner, .. }, Value::Array(entries)) if member.flattened => {
            entries.iter().try_for_each(|entry| element(model, inner, name, entry, out))
        }
        (Shape::List { member: inner, .. }, Value::Array(entries)) => {
            let entry_name = inner.name.as_deref().unwrap_or("member");
            open(out, name, "");
            entries.iter().try_for_each(|entry| element(model, inner, entry_name, entry, out))?;
            close(out, name);
            Ok(())
        }
        (Shape::Map { key, value: inner }, Value::Object(fields)) => {
            let wrapper = if member.flattened { name } else { "entry" };
            if !member.flattened {
                open(out, name, "");
            }
            for (text, field) in fields {
                open(out, wrapper, "");
                element(model, key, key.name.as_deref().unwrap_or("key"), &Value::from(text.as_str()), out)?;
                element(model, inner, inner.name.as_deref().unwrap_or("value"), field, out)?;
                close(out, wrapper);
            }
            if !member.flattened {
                close(out, name);
            }
            Ok(())
        }
        (Shape::Structure { .. }, Value::Object(_)) => {
            open(out, name, &attributes(model, member, value));
            members(model, member, value, out)?;
            close(out, name);
            Ok(())
        }
        (scalar, value) => {
            let usual = if model.protocol == Protocol::Ec2 { Moment::IsoMillis } else { Moment::Iso };
            let spelling = Moment::of(member, scalar, usual);
            let text = scalar::write(scalar, value, spelling)
                .ok_or_else(|| Failure::internal(format!("{value} at {name} is no {}", member.shape)))?;
            open(out, name, "");
            out.push_str(&escape(&text));
            close(out, name);
            Ok(())
        }
    }
}

fn attributes(model: &Model, member: &Member, value: &Value) -> String {
    let Shape::Structure { members, .. } = model.shape(&member.shape) else { return String::new() };
    let mut out = String::new();
    for (name, inner) in members.iter().filter(|(_, inner)| inner.attribute) {
        if let Some(text) = value.get(name).and_then(Value::as_str) {
            let wire = inner.name.as_deref().unwrap_or(name);
            if let Some((prefix, _)) = wire.split_once(':') {
                let _ = write!(out, " xmlns:{prefix}=\"http://www.w3.org/2001/XMLSchema-instance\"");
            }
            let _ = write!(out, " {wire}=\"{}\"", escape(text));
        }
    }
    out
}

/// Opens an element.
pub(super) fn open(out: &mut String, name: &str, attributes: &str) {
    let _ = write!(out, "<{name}{attributes}>");
}

/// Closes an element.
pub(super) fn close(out: &mut String, name: &str) {
    let _ = write!(out, "</{name}>");
}
