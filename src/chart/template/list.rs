//! Go's slices: a window on an array that others may share.

use std::cell::RefCell;
use std::rc::Rc;

use super::collection::{Map, release};
use super::growth::{Layout, grown, grown_one_by_one};
use super::object::Object;
use super::text::Text;

/// What Go says a slice holds. Only `[]interface {}` fits where a function wants a list of anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// `[]interface {}`
    Any,
    /// `[]string`
    Text,
    /// `[]int`
    Int,
    /// `[][]interface {}`, which `chunk` makes.
    List,
    /// `[]map[string]interface {}`, which `fromToml` makes of a list of tables.
    Map,
    /// `common.VersionSet`: the API versions in `.Capabilities`, a list with the method `Has`.
    Versions,
}

impl Element {
    /// Go's name of the slice type.
    pub(crate) fn go_type(self) -> &'static str {
        match self {
            Self::Any => "[]interface {}",
            Self::Text => "[]string",
            Self::Int => "[]int",
            Self::List => "[][]interface {}",
            Self::Map => "[]map[string]interface {}",
            Self::Versions => "common.VersionSet",
        }
    }

    /// What an item takes in Go's array.
    pub(crate) fn layout(self) -> Layout {
        let size = match self {
            Self::Any | Self::Text | Self::Versions => 16,
            Self::Int | Self::Map => 8,
            Self::List => 24,
        };
        Layout { size, pointers: self != Self::Int }
    }

    /// What stands in an array where nothing has been put yet.
    fn zero(self) -> Object {
        match self {
            Self::Any => Object::Nil,
            Self::Text | Self::Versions => Object::from(""),
            Self::Int => Object::int(0),
            Self::List => List::nil(Self::Any).into(),
            Self::Map => Map::nil().into(),
        }
    }
}

/// A Go slice. Copies share the items; only sorting in place ever changes them.
#[derive(Clone, Debug)]
pub struct List(Rc<ListCell>);

#[derive(Debug)]
struct ListCell {
    element: Element,
    nil: bool,
    len: usize,
    /// How many items fit the array, from the first of this list on.
    capacity: usize,
    /// The array, as far as anything has been put there; empty if this is a part of another list.
    items: RefCell<Rc<Vec<Object>>>,
    /// The list whose array this one shows, and the place where it begins.
    part_of: Option<(List, usize)>,
}

impl List {
    fn build(element: Element, items: Vec<Object>, capacity: usize) -> Self {
        let len = items.len();
        let capacity = capacity.max(len);
        let items = RefCell::new(Rc::new(items));
        Self(Rc::new(ListCell { element, nil: false, len, capacity, items, part_of: None }))
    }

    /// A slice that fits its array.
    pub(crate) fn new(element: Element, items: Vec<Object>) -> Self {
        Self::build(element, items, 0)
    }

    /// A slice that Go makes item by item, beginning with room for `start`.
    pub(crate) fn collected(element: Element, start: usize, items: Vec<Object>) -> Self {
        let capacity = grown_one_by_one(element.layout(), start, items.len());
        Self::build(element, items, capacity)
    }

    /// A slice of `old` items that Go has extended to these by one `append`.
    pub(crate) fn appended(old: usize, items: Vec<Object>) -> Self {
        let capacity = grown(Element::Any.layout(), old, items.len());
        Self::build(Element::Any, items, capacity)
    }

    /// A slice in an array of the given capacity.
    pub(crate) fn with_capacity(element: Element, capacity: usize, items: Vec<Object>) -> Self {
        Self::build(element, items, capacity)
    }

    /// The nil slice: empty, but `null` in JSON.
    pub(crate) fn nil(element: Element) -> Self {
        let items = RefCell::default();
        Self(Rc::new(ListCell { element, nil: true, len: 0, capacity: 0, items, part_of: None }))
    }

    /// A `[]string`.
    pub(crate) fn of_text(items: impl IntoIterator<Item = Text>) -> Self {
        Self::new(Element::Text, items.into_iter().map(Object::Text).collect())
    }

    /// What the items are.
    pub(crate) fn element(&self) -> Element {
        self.0.element
    }

    /// Whether this is the nil slice.
    pub(crate) fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// How long `slice` can make this list.
    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity
    }

    /// The items, as they are now.
    pub(crate) fn items(&self) -> Rc<Vec<Object>> {
        match &self.0.part_of {
            Some((whole, start)) => Rc::new(whole.window(*start, self.0.len)),
            None if self.0.items.borrow().len() == self.0.len => Rc::clone(&self.0.items.borrow()),
            None => Rc::new(self.window(0, self.0.len)),
        }
    }

    /// Items of the array, those that nobody has put there included.
    fn window(&self, start: usize, len: usize) -> Vec<Object> {
        let items = self.0.items.borrow();
        let known = items.iter().skip(start).take(len).cloned();
        let mut window: Vec<Object> = known.collect();
        window.resize_with(len, || self.0.element.zero());
        window
    }

    /// The part from `from` to `to`, which may lie past the length; it shows the same array.
    ///
    /// Nothing if that is outside of the capacity.
    pub(crate) fn part(&self, from: usize, to: usize) -> Option<Self> {
        if from > to || to > self.0.capacity {
            return None;
        }
        let (whole, start) = match &self.0.part_of {
            Some((whole, start)) => (whole.clone(), start + from),
            None => (self.clone(), from),
        };
        Some(Self(Rc::new(ListCell {
            element: self.0.element,
            nil: self.0.nil,
            len: to - from,
            capacity: self.0.capacity - from,
            items: RefCell::default(),
            part_of: Some((whole, start)),
        })))
    }

    /// Puts other items in the place of these, for everyone who shares the array.
    pub(crate) fn replace(&self, items: Vec<Object>) {
        let (array, start) = match &self.0.part_of {
            Some((whole, start)) => (&whole.0, *start),
            None => (&self.0, 0),
        };
        let mut known = array.items.borrow_mut();
        let known = Rc::make_mut(&mut known);
        if known.len() < start + items.len() {
            known.resize_with(start + items.len(), || array.element.zero());
        }
        for (place, item) in known[start..].iter_mut().zip(items) {
            *place = item;
        }
    }

    /// The number of items.
    pub(crate) fn len(&self) -> usize {
        self.0.len
    }

    /// Whether there are no items.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hands on what would be freed with this list, if nobody else has it.
    pub(super) fn dismantle(self, pending: &mut Vec<Object>) {
        if let Some(mut cell) = Rc::into_inner(self.0) {
            cell.dismantle(pending);
        }
    }
}

impl FromIterator<Object> for List {
    fn from_iter<I: IntoIterator<Item = Object>>(items: I) -> Self {
        Self::new(Element::Any, items.into_iter().collect())
    }
}

impl ListCell {
    fn dismantle(&mut self, pending: &mut Vec<Object>) {
        if let Ok(items) = Rc::try_unwrap(std::mem::take(self.items.get_mut())) {
            pending.extend(items);
        }
        pending.extend(self.part_of.take().map(|(whole, _)| Object::List(whole)));
    }
}

impl Drop for ListCell {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        self.dismantle(&mut pending);
        release(pending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &List) -> Vec<String> {
        list.items().iter().filter_map(Object::as_text).map(|text| text.lossy().into_owned()).collect()
    }

    #[test]
    fn a_tower_of_lists_is_freed_without_recursion() {
        let mut tower = Object::List(List::new(Element::Any, vec![]));
        for at in 0..1_000_000 {
            let list = List::new(Element::Any, vec![tower]);
            tower = if at % 2 == 0 { list.part(0, 1).unwrap() } else { list }.into();
        }
        drop(tower);
    }

    #[test]
    fn parts_share_the_array() {
        let list = List::with_capacity(Element::Text, 4, vec!["c".into(), "b".into(), "a".into()]);
        let part = list.part(0, 4).unwrap();
        assert_eq!(texts(&part), ["c", "b", "a", ""]);
        part.replace(["", "a", "b", "c"].map(Object::from).into());
        assert_eq!(texts(&list), ["", "a", "b"]);
        let inner = part.part(1, 2).unwrap().part(1, 3).unwrap();
        assert_eq!(texts(&inner), ["b", "c"]);
        assert!(list.part(0, 5).is_none() && list.part(2, 1).is_none() && inner.part(0, 3).is_none());
    }
}
