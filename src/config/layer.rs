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
