//! Sets of fields: a tree of path elements as `FieldsV1` writes them (`f:name`, `k:{"name":"web"}`, `v:"x"`, `i:0`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A set of fields. Law: no node is there that is no member and has none below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::cluster) struct Set(BTreeMap<String, Node>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Node {
    member: bool,
    below: Set,
}

impl Set {
    /// Reads `FieldsV1`.
    pub(super) fn read(fields: &Value) -> Self {
        let mut nodes = BTreeMap::new();
        for (element, below) in fields.as_object().into_iter().flatten() {
            if element == "." {
                continue;
            }
            let inner = Self::read(below);
            // A node without anything in it is a member.
            let member = inner.is_empty() || below.get(".").is_some();
            nodes.insert(element.clone(), Node { member, below: inner });
        }
        Self(nodes)
    }

    /// Writes `FieldsV1`.
    pub(super) fn write(&self) -> Value {
        let mut fields = Map::new();
        for (element, node) in &self.0 {
            let mut below = node.below.write();
            if node.member
                && !node.below.is_empty()
                && let Some(members) = below.as_object_mut()
            {
                members.shift_insert(0, ".".to_owned(), Value::Object(Map::new()));
            }
            fields.insert(element.clone(), below);
        }
        Value::Object(fields)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, path: &[String]) {
        let Some((first, rest)) = path.split_first() else { return };
        let node = self.0.entry(first.clone()).or_default();
        match rest.is_empty() {
            true => node.member = true,
            false => node.below.insert(rest),
        }
    }

    /// What is below an element; nothing when neither it nor anything below it is in the set.
    pub(super) fn below(&self, element: &str) -> Option<&Self> {
        self.0.get(element).map(|node| &node.below)
    }

    /// The elements of this level.
    pub(super) fn elements(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.0.iter().map(|(element, node)| (element.as_str(), &node.below))
    }

    pub(super) fn union(&mut self, other: &Self) {
        for (element, node) in &other.0 {
            let mine = self.0.entry(element.clone()).or_default();
            mine.member |= node.member;
            mine.below.union(&node.below);
        }
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        self.combine(other, |mine, other| mine && !other)
    }

    pub(super) fn common(&self, other: &Self) -> Self {
        self.combine(other, |mine, other| mine && other)
    }

    fn combine(&self, other: &Self, keep: fn(bool, bool) -> bool) -> Self {
        let none = Node::default();
        let mut left = BTreeMap::new();
        for (element, node) in &self.0 {
            let theirs = other.0.get(element).unwrap_or(&none);
            let member = keep(node.member, theirs.member);
            let below = node.below.combine(&theirs.below, keep);
            if member || !below.is_empty() {
                left.insert(element.clone(), Node { member, below });
            }
        }
        Self(left)
    }

    /// Takes an element and all below it out, at a path.
    pub(super) fn strip(&mut self, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else { return };
        if rest.is_empty() {
            self.0.remove(*first);
        } else if let Some(node) = self.0.get_mut(*first) {
            node.below.strip(rest);
            if !node.member && node.below.is_empty() {
                self.0.remove(*first);
            }
        }
    }

    /// Takes the membership of an element away, and keeps what is below it.
    pub(super) fn strip_self(&mut self, element: &str) {
        if let Some(node) = self.0.get_mut(element) {
            node.member = false;
            if node.below.is_empty() {
                self.0.remove(element);
            }
        }
    }

    /// Every member, as errors write it: `.spec.containers[name="web"].image`.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect("", &mut paths);
        paths
    }

    fn collect(&self, before: &str, paths: &mut Vec<String>) {
        for (element, node) in &self.0 {
            let path = format!("{before}{}", told(element));
            if node.member {
                paths.push(path.clone());
            }
            node.below.collect(&path, paths);
        }
    }
}

fn told(element: &str) -> String {
    let (kind, rest) = element.split_once(':').unwrap_or(("f", element));
    match kind {
        "k" => {
            let keys: Map<String, Value> = serde_json::from_str(rest).unwrap_or_default();
            let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("[{}]", keys.join(","))
        }
        "v" => format!("[={rest}]"),
        "i" => format!("[{rest}]"),
        _ => format!(".{rest}"),
    }
}
