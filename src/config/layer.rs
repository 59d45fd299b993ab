//! Laying one file over another.
//!
//! Tables merge key by key. Scalars replace. Arrays replace, except arrays of named tables (every element a
//! table with a `name`): they merge by name, in the order of the base, what is new at the end. An empty array
//! over named tables adds nothing. Every value keeps the place where it was written.

use super::place::Path;
use super::tree::{Node, Value};

/// Lays `over` on `base`.
pub(super) fn merge(base: Node, over: Node) -> Node {
    let place = over.place.clone();
    match (base.value, over.value) {
        (Value::Table(mut base), Value::Table(over)) => {
            for entry in over.entries {
                match base.get_mut(&entry.key) {
                    Some(inherited) => {
                        let old = std::mem::replace(&mut inherited.node, placeholder(&entry.node));
                        inherited.node = merge(old, entry.node);
                        inherited.key_place = entry.key_place;
                    }
                    None => base.entries.push(entry),
                }
            }
            Node { place, value: Value::Table(base) }
        }
        (Value::Array(base), Value::Array(over)) => {
            Node { place, value: Value::Array(merge_arrays(base, over)) }
        }
        (_, over) => Node { place, value: over },
    }
}

/// Stands in for a value for as long as that value is merged.
fn placeholder(node: &Node) -> Node {
    Node { place: node.place.clone(), value: Value::Boolean(false) }
}

fn merge_arrays(base: Vec<Node>, over: Vec<Node>) -> Vec<Node> {
    if !are_named(&base) || !(over.is_empty() || are_named(&over)) {
        return over;
    }
    let mut merged = base;
    for node in over {
        let inherited = merged.iter_mut().find(|inherited| inherited.name() == node.name());
        match inherited {
            Some(inherited) => {
                let old = std::mem::replace(inherited, placeholder(&node));
                *inherited = merge(old, node);
            }
            None => merged.push(node),
        }
    }
    merged
}

/// True for an array of named tables.
pub(super) fn are_named(items: &[Node]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.name().is_some())
}

/// Two elements of one array, in one file, with one name.
pub(super) struct Duplicate {
    pub(super) path: Path,
    pub(super) name: String,
    pub(super) first: super::Place,
    pub(super) second: super::Place,
}

/// Names that stand twice in one array of named tables. To be asked of each file before files are merged.
pub(super) fn duplicates(node: &Node) -> Vec<Duplicate> {
    let mut found = Vec::new();
    walk(node, &Path::root(), &mut |path, items| {
        for (at, item) in items.iter().enumerate() {
            let twin =
                items[..at].iter().find(|earlier| item.name().is_some() && earlier.name() == item.name());
            if let (Some(twin), Some(name)) = (twin, item.name()) {
                let place =
                    |node: &Node| node.at(&Path::of("name")).map_or(&node.place, |n| &n.place).clone();
                found.push(Duplicate {
                    path: path.join(at).join("name"),
                    name: name.to_owned(),
                    first: place(twin),
                    second: place(item),
                });
            }
        }
    });
    found
}

/// Empty arrays that look as if they should clear inherited named tables, which they do not.
pub(super) fn vain_clears(base: &Node, over: &Node) -> Vec<(Path, super::Place)> {
    let mut found = Vec::new();
    walk(over, &Path::root(), &mut |path, items| {
        let inherited = base.at(path).map(|node| &node.value);
        if let (true, Some(Value::Array(inherited))) = (items.is_empty(), inherited)
            && are_named(inherited)
            && let Some(node) = over.at(path)
        {
            found.push((path.clone(), node.place.clone()));
        }
    });
    found
}

fn walk(node: &Node, path: &Path, visit: &mut dyn FnMut(&Path, &[Node])) {
    match &node.value {
        Value::Table(table) => {
            for entry in &table.entries {
                walk(&entry.node, &path.join(entry.key.as_str()), visit);
            }
        }
        Value::Array(items) => {
            visit(path, items);
            for (at, item) in items.iter().enumerate() {
                walk(item, &path.join(at), visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tree::{Entry, Table};
    use super::super::{Place, place};
    use super::*;

    /// A shape that all layers share: a table of scalars, a plain array, named tables, a table in a table.
    fn layer(file: usize) -> impl Strategy<Value = Node> {
        let scalar = proptest::option::of(0..5i64);
        let plain = proptest::option::of(proptest::collection::vec(0..5i64, 0..3));
        let named = proptest::collection::btree_map(
            prop_oneof![Just("x"), Just("y"), Just("z")],
            (proptest::option::of(0..5i64), proptest::option::of(0..5i64)),
            0..3,
        );
        let named = proptest::option::of(named);
        let inner = proptest::option::of(proptest::option::of(0..5i64));
        (scalar, plain, named, inner).prop_map(move |(scalar, plain, named, inner)| {
            let mut counter = 0;
            let mut next = || {
                counter += 1;
                Place::new(file, counter..counter + 1)
            };
            let mut entries = Vec::new();
            entries.extend(scalar.map(|n| entry("scalar", integer(n, next()), next())));
            if let Some(items) = plain {
                let items = items.into_iter().map(|n| integer(n, next())).collect();
                entries.push(entry("plain", Node { place: next(), value: Value::Array(items) }, next()));
            }
            if let Some(tables) = named {
                let mut items = Vec::new();
                for (name, (a, b)) in tables {
                    let text = Node { place: next(), value: Value::String(name.to_owned()) };
                    let mut entries = vec![entry("name", text, next())];
                    entries.extend(a.map(|n| entry("a", integer(n, next()), next())));
                    entries.extend(b.map(|n| entry("b", integer(n, next()), next())));
                    items.push(table(entries, next()));
                }
                entries.push(entry("named", Node { place: next(), value: Value::Array(items) }, next()));
            }
            if let Some(value) = inner {
                let entries_of_inner =
                    value.map(|n| entry("deep", integer(n, next()), next())).into_iter().collect();
                entries.push(entry("inner", table(entries_of_inner, next()), next()));
            }
            table(entries, next())
        })
    }

    fn entry(key: &str, node: Node, key_place: Place) -> Entry {
        Entry { key: key.to_owned(), key_place, node }
    }
    fn integer(number: i64, place: Place) -> Node {
        Node { place, value: Value::Integer(number) }
    }
    fn table(entries: Vec<Entry>, place: Place) -> Node {
        Node { place, value: Value::Table(Table { entries }) }
    }

    /// Every scalar with its path, elements of named tables by name.
    fn leaves(node: &Node, path: &str, found: &mut Vec<(String, Node)>) {
        match &node.value {
            Value::Table(table) => {
                for entry in &table.entries {
                    leaves(&entry.node, &format!("{path}.{}", entry.key), found);
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let step = item.name().map_or_else(|| at.to_string(), str::to_owned);
                    leaves(item, &format!("{path}[{step}]"), found);
                }
            }
            _ => found.push((path.to_owned(), node.clone())),
        }
    }

    proptest! {
        #[test]
        fn merging_is_associative(a in layer(0), b in layer(1), c in layer(2)) {
            let left = merge(merge(a.clone(), b.clone()), c.clone());
            let right = merge(a, merge(b, c));
            prop_assert_eq!(left, right);
        }

        #[test]
        fn a_layer_over_itself_is_itself(a in layer(0)) {
            prop_assert_eq!(merge(a.clone(), a.clone()), a);
        }

        #[test]
        fn an_empty_layer_changes_no_value(a in layer(0)) {
            let empty = table(Vec::new(), a.place.clone());
            prop_assert_eq!(merge(empty.clone(), a.clone()), a.clone());
            prop_assert_eq!(merge(a.clone(), empty), a);
        }

        #[test]
        fn every_value_is_the_topmost_and_knows_its_place(a in layer(0), b in layer(1)) {
            let collect = |node: &Node| {
                let mut found = Vec::new();
                leaves(node, "", &mut found);
                found
            };
            let (below, above) = (collect(&a), collect(&b));
            let replaced = |path: &str| path.starts_with(".plain") && b.at(&place::Path::of("plain")).is_some();
            let merged = collect(&merge(a.clone(), b.clone()));
            for (path, node) in &merged {
                let top = above.iter().find(|(known, _)| known == path);
                let expected = top.or_else(|| below.iter().find(|(known, _)| known == path && !replaced(path)));
                prop_assert_eq!(Some(node), expected.map(|(_, node)| node), "{}", path);
            }
            let kept = below.iter().filter(|(path, _)| !replaced(path)).chain(&above);
            for (path, _) in kept {
                prop_assert!(merged.iter().any(|(known, _)| known == path), "{} is lost", path);
            }
        }
    }
}
