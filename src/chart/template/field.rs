//! `.field`: members of maps, fields and methods of Go's structures.

use super::code::{Code, Run};
use super::error::{Error, ErrorKind};
use super::evaluate::Site;
use super::execute::{Execution, Outcome};
use super::node::{Operand, OperandKind};
use super::object::Object;
use super::text::Text;
use crate::chart::functions;

impl Execution<'_> {
    /// Follows `names` from `receiver`; the last one may be a method and gets the arguments.
    pub(super) fn chain(
        &mut self,
        receiver: Object,
        names: Run<Text>,
        operand: &Operand,
        site: Site<'_>,
    ) -> Outcome<Object> {
        let names = &site.view.code.texts[names];
        let Some((last, inner)) = names.split_last() else { return Ok(receiver) };
        let mut value = receiver;
        for (at, name) in inner.iter().enumerate() {
            let place = Place { code: site.view.code, operand, names, at };
            value = self.field(value, name, &place, Site::bare(site.view, operand.span))?;
        }
        self.field(value, last, &Place { code: site.view.code, operand, names, at: inner.len() }, site)
    }

    fn field(&mut self, receiver: Object, name: &Text, place: &Place<'_>, site: Site<'_>) -> Outcome<Object> {
        let span = place.operand.span;
        match &receiver {
            Object::Invalid if self.engine.options().strict => {
                return Err(self.nil_error(place, format!("nil data; no entry for key {:?}", name.lossy())));
            }
            Object::Invalid => return Ok(Object::Invalid),
            Object::Nil => {
                let message = format!("nil pointer evaluating interface {{}}.{}", name.lossy());
                return Err(self.nil_error(place, message));
            }
            // Only what can have methods is asked for them; plain maps are by far the most frequent.
            Object::Map(map) if map.shape() == super::collection::Shape::Any => {}
            _ => {
                let method = std::str::from_utf8(name.as_bytes()).ok();
                if let Some(method) = method.and_then(|method| functions::method(&receiver, method)) {
                    return self.call(method, Some(receiver), site);
                }
            }
        }
        match &receiver {
            Object::Map(map) => {
                if site.has_arguments() {
                    return self.fail(span, format!("{} is not a method but has arguments", name.lossy()));
                }
                match map.get_bytes(name.as_bytes()) {
                    Some(value) => Ok(value),
                    None if self.engine.options().strict => {
                        let mut error = Error::new(
                            ErrorKind::Execution,
                            format!("map has no entry for key {:?}", name.lossy()),
                        );
                        error.hint = nearest_key(map, name);
                        Err(self.place(error, span))
                    }
                    None => Ok(map.shape().zero()),
                }
            }
            Object::Native(native) => match native.field(&name.lossy()) {
                Some(_) if site.has_arguments() => {
                    let message = format!("{} has arguments but cannot be invoked as function", name.lossy());
                    self.fail(span, message)
                }
                Some(value) => Ok(value),
                None => self.no_field(&receiver, name, place),
            },
            _ => self.no_field(&receiver, name, place),
        }
    }

    fn no_field<T>(&self, receiver: &Object, name: &Text, place: &Place<'_>) -> Outcome<T> {
        let message = format!("can't evaluate field {} in type {}", name.lossy(), receiver.go_type());
        let mut error = Error::new(ErrorKind::Execution, message);
        error.hint = Some(format!("{} is no map, so it has no members", self.before(place)));
        Err(self.place(error, place.operand.span))
    }

    fn nil_error(&self, place: &Place<'_>, message: String) -> Box<Error> {
        let nil = self.before(place);
        let mut error = Error::new(ErrorKind::Execution, message);
        error.hint = Some(self.nil_hint(place, &nil));
        error.nil = Some(nil);
        self.place(error, place.operand.span)
    }

    /// The source of what stands before the name that failed.
    fn before(&self, place: &Place<'_>) -> String {
        let start = match &place.operand.kind {
            OperandKind::Variable(name, _) => place.code.words[*name].to_string(),
            OperandKind::Chain(inner, _) => self.tree.source.excerpt(place.code.operands[*inner].span),
            _ => String::new(),
        };
        let names: String = place.names[..place.at].iter().map(|name| format!(".{}", name.lossy())).collect();
        let text = format!("{start}{names}");
        if text.is_empty() { ".".to_owned() } else { text }
    }

    /// What may help: a key that was probably meant, or how to guard.
    fn nil_hint(&self, place: &Place<'_>, nil: &str) -> String {
        let fallback = format!("set {nil}, or guard it with `if` or `with`");
        let OperandKind::Field(_) = &place.operand.kind else { return fallback };
        let Some((_, root)) = self.variables.first() else { return fallback };
        let mut value = root.clone();
        for name in &place.names[..place.at] {
            let Object::Map(map) = &value else { return fallback };
            match map.get_bytes(name.as_bytes()).filter(Object::is_present) {
                Some(next) => value = next,
                None => return nearest_key(map, name).unwrap_or(fallback),
            }
        }
        fallback
    }
}

/// Where in a chain of names evaluation stands.
struct Place<'a> {
    code: &'a Code,
    operand: &'a Operand,
    names: &'a [Text],
    at: usize,
}

fn nearest_key(map: &super::collection::Map, name: &Text) -> Option<String> {
    let wanted = name.lossy();
    let members = map.members();
    let (distance, key) = members
        .iter()
        .filter(|(_, value)| value.is_present())
        .map(|(key, _)| (strsim::damerau_levenshtein(&key.lossy(), &wanted), key))
        .min_by_key(|(distance, _)| *distance)?;
    (distance > 0 && distance <= 2 && distance < wanted.len())
        .then(|| format!("did you mean {:?}?", key.lossy()))
}
