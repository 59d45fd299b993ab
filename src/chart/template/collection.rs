//! Maps: shared by reference, typed as Go types them, and, with the lists, freed without recursion.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::object::Object;
use super::text::Text;

/// What Go says a map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `map[string]interface {}`
    Any,
    /// `common.Values`: `.Values` and the root; fits where `Any` fits, and has methods.
    Values,
    /// `map[string]string`, which `split` makes.
    Text,
    /// `engine.files`: `.Files`.
    Files,
}

impl Shape {
    /// Go's name of the map type.
    pub(crate) fn go_type(self) -> &'static str {
        match self {
            Self::Any => "map[string]interface {}",
            Self::Values => "common.Values",
            Self::Text => "map[string]string",
            Self::Files => "engine.files",
        }
    }

    /// What reading a missing key gives.
    pub(crate) fn zero(self) -> Object {
        match self {
            Self::Any | Self::Values => Object::Nil,
            Self::Text => Object::from(""),
            Self::Files => Object::Bytes(Vec::new().into()),
        }
    }
}

/// The members of a map, in the order in which `range` visits them.
pub(crate) type Members = BTreeMap<Text, Object>;

/// A Go map with text keys. Copies share the members.
#[derive(Clone, Debug)]
pub struct Map {
    shape: Shape,
    cell: Rc<MapCell>,
}

#[derive(Debug)]
struct MapCell {
    nil: bool,
    members: RefCell<Members>,
}

impl Map {
    /// A map of the given type.
    pub(crate) fn new(shape: Shape, members: Members) -> Self {
        Self { shape, cell: Rc::new(MapCell { nil: false, members: RefCell::new(members) }) }
    }

    /// A `map[string]interface {}`.
    pub(crate) fn any(members: Members) -> Self {
        Self::new(Shape::Any, members)
    }

    /// The nil map: reads as empty, cannot be written.
    pub(crate) fn nil() -> Self {
        Self { shape: Shape::Any, cell: Rc::new(MapCell { nil: true, members: RefCell::default() }) }
    }

    /// The same members, still shared, under another type.
    pub(crate) fn reshaped(&self, shape: Shape) -> Self {
        Self { shape, cell: Rc::clone(&self.cell) }
    }

    /// What the map is.
    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether this is the nil map.
    pub(crate) fn is_nil(&self) -> bool {
        self.cell.nil
    }

    /// The members, to read.
    pub(crate) fn members(&self) -> Ref<'_, Members> {
        self.cell.members.borrow()
    }

    /// The member under `key`.
    pub fn get(&self, key: &str) -> Option<Object> {
        self.get_bytes(key.as_bytes())
    }

    /// The member under a key that need not be UTF-8.
    pub(crate) fn get_bytes(&self, key: &[u8]) -> Option<Object> {
        self.cell.members.borrow().get(key).cloned()
    }

    /// Sets a member, for everyone who shares the map. A nil map refuses and gives false.
    pub(crate) fn insert(&self, key: Text, value: Object) -> bool {
        if self.cell.nil {
            return false;
        }
        // The old member is dropped only after the borrow has ended.
        let old = self.cell.members.borrow_mut().insert(key, value);
        drop(old);
        true
    }

    /// Sets the member `key`, for everyone who shares the map (`.Template` before each file, say).
    pub fn set(&self, key: &str, value: Object) {
        self.insert(key.into(), value);
    }

    /// Removes a member.
    pub(crate) fn remove(&self, key: &[u8]) {
        let old = self.cell.members.borrow_mut().remove(key);
        drop(old);
    }

    /// The number of members.
    pub(crate) fn len(&self) -> usize {
        self.cell.members.borrow().len()
    }

    /// Whether there are no members.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether both are the same map, not only equal ones.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.cell, &other.cell)
    }
}

// A template can nest a list in a list as often as its steps allow; freeing such a tower by recursion
// would overflow the stack, so the cells hand their content to a work list.

impl Drop for MapCell {
    fn drop(&mut self) {
        release(std::mem::take(self.members.get_mut()).into_values().collect());
    }
}

/// Frees objects and what they hold, one by one.
pub(super) fn release(mut pending: Vec<Object>) {
    while let Some(object) = pending.pop() {
        match object {
            Object::List(list) => list.dismantle(&mut pending),
            Object::Map(Map { cell, .. }) => {
                if let Some(mut cell) = Rc::into_inner(cell) {
                    pending.extend(std::mem::take(cell.members.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_a_map_share_their_members() {
        let map = Map::any(Members::new());
        let copy = map.clone();
        copy.set("a", Object::from(true));
        assert!(map.get("a").is_some());
        assert!(!Map::nil().insert("a".into(), Object::Nil));
    }
}
