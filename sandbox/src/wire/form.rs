//! Requests of the ec2Query and awsQuery protocols.

use std::collections::BTreeMap;

use super::failure::Failure;
use super::input::{Input, Kind};
use super::model::{Member, Model, Protocol, Shape};
use super::scalar;

/// Parameters as the tree that their dotted names describe.
#[derive(Default)]
struct Branch {
    value: Option<String>,
    children: BTreeMap<String, Branch>,
}

impl Branch {
    fn plant(parameters: Vec<(String, String)>) -> Self {
        let mut root = Self::default();
        for (name, value) in parameters {
            let mut at = &mut root;
            for part in name.split('.') {
                at = at.children.entry(part.to_owned()).or_default();
            }
            at.value = Some(value);
        }
        root
    }

    /// The children that are numbered, in order.
    fn numbered(self) -> Vec<(String, Self)> {
        let mut entries: Vec<(String, Self)> = self.children.into_iter().collect();
        entries.sort_by_key(|(name, _)| name.parse::<u32>().unwrap_or(u32::MAX));
        entries
    }
}

/// Decodes form parameters to a tree of the operation's input type.
pub(super) fn decode(
    model: &'static Model,
    input: &'static Member,
    parameters: Vec<(String, String)>,
) -> Result<Input, Failure> {
    let own = ["Action", "Version"];
    let signature = |name: &str| name.starts_with("X-Amz-");
    let kept = parameters
        .into_iter()
        .filter(|(name, _)| !own.contains(&name.as_str()) && !signature(name))
        .collect();
    Reader { model }.node(model.shape(&input.shape), Branch::plant(kept), "")
}

struct Reader {
    model: &'static Model,
}

impl Reader {
    fn wire_name<'m>(&self, member: &'m Member, name: &'m str) -> std::borrow::Cow<'m, str> {
        if self.model.protocol != Protocol::Ec2 {
            // A flattened list of the query protocol goes by the name of its entries.
            if let (true, Shape::List { member: entry, .. }) =
                (member.flattened, self.model.shape(&member.shape))
                && let Some(entry) = &entry.name
            {
                return entry.into();
            }
            return member.name.as_deref().unwrap_or(name).into();
        }
        if let Some(exact) = &member.query_name {
            return exact.into();
        }
        let wire = member.name.as_deref().unwrap_or(name);
        let mut letters = wire.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
            .into()
    }

    fn node(&self, shape: &'static Shape, branch: Branch, path: &str) -> Result<Input, Failure> {
        match shape {
            Shape::Structure { .. } => self.structure(shape, branch, path),
            Shape::List { member, .. } => self.list(member, branch, path),
            Shape::Map { key, value } => self.map(key, value, branch, path),
            scalar => {
                let text = branch.value.unwrap_or_default();
                if let Some(inside) = branch.children.keys().next() {
                    return Err(Failure::unmodelled(format!("the parameter {path}.{inside}")));
                }
                scalar::read(scalar, &text).ok_or_else(|| {
                    let code = if self.model.protocol == Protocol::Ec2 {
                        "InvalidParameterValue"
                    } else {
                        "MalformedInput"
                    };
                    Failure::new(code, format!("Value ({text}) for parameter {path} is invalid."))
                })
            }
        }
    }

    fn structure(&self, shape: &'static Shape, mut branch: Branch, path: &str) -> Result<Input, Failure> {
        let Shape::Structure { members: known, .. } = shape else {
            return Err(Failure::internal("a structure was expected"));
        };
        let mut members = Vec::new();
        for (name, member) in known {
            let wire = self.wire_name(member, name);
            if let Some(child) = branch.children.remove(wire.as_ref()) {
                let inside = if path.is_empty() { wire.to_string() } else { format!("{path}.{wire}") };
                members.push((name.as_str(), self.node(self.model.shape(&member.shape), child, &inside)?));
            }
        }
        if let Some(unknown) = branch.children.keys().next() {
            let inside = if path.is_empty() { unknown.clone() } else { format!("{path}.{unknown}") };
            return Err(Failure::unmodelled(format!("the parameter {inside}")));
        }
        Ok(Input::new(Kind::Structure(known, members)))
    }

    fn list(&self, member: &'static Member, mut branch: Branch, path: &str) -> Result<Input, Failure> {
        // Lists of awsQuery have one more level, usually called `member`; flattened ones do not.
        let wrapper = member.name.as_deref().unwrap_or("member");
        if self.model.protocol == Protocol::Query
            && branch.children.len() == 1
            && let Some(inner) = branch.children.remove(wrapper)
        {
            branch = inner;
        }
        let shape = self.model.shape(&member.shape);
        let mut entries = Vec::new();
        for (number, child) in branch.numbered() {
            if number.parse::<u32>().is_err() {
                return Err(Failure::unmodelled(format!("the parameter {path}.{number}")));
            }
            entries.push(self.node(shape, child, &format!("{path}.{number}"))?);
        }
        Ok(Input::new(Kind::List(entries)))
    }

    fn map(
        &self,
        key: &'static Member,
        value: &'static Member,
        mut branch: Branch,
        path: &str,
    ) -> Result<Input, Failure> {
        if let Some(inner) = branch.children.remove("entry") {
            branch = inner;
        }
        let (key_name, value_name) =
            (key.name.as_deref().unwrap_or("key"), value.name.as_deref().unwrap_or("value"));
        let mut entries = Vec::new();
        for (number, mut child) in branch.numbered() {
            let text = child.children.remove(key_name).and_then(|found| found.value).unwrap_or_default();
            let inside = format!("{path}.{number}.{value_name}");
            let found = child.children.remove(value_name).unwrap_or_default();
            entries.push((text, self.node(self.model.shape(&value.shape), found, &inside)?));
        }
        Ok(Input::new(Kind::Map(entries)))
    }
}
