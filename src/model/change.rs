//! What differs between two specs of a kind, field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Document, Tags, Text, is_reserved_tag};

/// What changing a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The service changes it in place.
    InPlace,
    /// It can only be set at birth: the resource is replaced.
    Replace,
    /// It can only be set at birth, and another one takes its place: what is there stays, unrecorded. Of what never
    /// changes (images).
    Anew,
}

/// Where a difference comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The configuration says something else than at the last run.
    Configuration,
    /// Reality was changed by somebody else.
    Drift,
    /// A resource that it refers to is made anew.
    Replacement,
}

/// A value as a plan shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// As it is.
    Value(Value),
    /// Known to both sides of the comparison, never shown.
    Secret,
    /// Not set.
    Nothing,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field, as in `tags.Name` or `scaling.max`.
    pub field: String,
    /// What is there.
    pub before: Shown,
    /// What is wanted.
    pub after: Shown,
    /// What it takes.
    pub effect: Effect,
}

/// Collects the changes of one resource. One method per field policy.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    found: Vec<Change>,
}

impl Changes {
    /// What was found, in the order of the fields.
    pub fn into_vec(self) -> Vec<Change> {
        self.found
    }

    /// A field that only a new resource can have otherwise.
    pub fn replace<T: PartialEq + Serialize>(&mut self, field: &str, want: &T, live: &T) {
        if want != live {
            self.push(field, Shown::of(live), Shown::of(want), Effect::Replace);
        }
    }

    /// A field that the service changes in place.
    pub fn update<T: PartialEq + Serialize>(&mut self, field: &str, want: &T, live: &T) {
        if want != live {
            self.push(field, Shown::of(live), Shown::of(want), Effect::InPlace);
        }
    }

    /// A field that is left to the service when it is not set, and changed in place when it is.
    pub fn update_if_set<T: PartialEq + Serialize>(
        &mut self,
        field: &str,
        want: &Option<T>,
        live: &Option<T>,
    ) {
        if want.is_some() {
            self.update(field, want, live);
        }
    }

    /// A field that is left to the service when it is not set, and only set at birth when it is.
    pub fn replace_if_set<T: PartialEq + Serialize>(
        &mut self,
        field: &str,
        want: &Option<T>,
        live: &Option<T>,
    ) {
        if want.is_some() {
            self.replace(field, want, live);
        }
    }

    /// A collection without order, changed in place as one.
    pub fn update_set<T: Ord + Serialize>(&mut self, field: &str, want: &[T], live: &[T]) {
        self.set(field, want, live, Effect::InPlace);
    }

    /// A collection without order that only a new resource can have otherwise.
    pub fn replace_set<T: Ord + Serialize>(&mut self, field: &str, want: &[T], live: &[T]) {
        self.set(field, want, live, Effect::Replace);
    }

    fn set<T: Ord + Serialize>(&mut self, field: &str, want: &[T], live: &[T], effect: Effect) {
        let [want, live] = [want, live].map(|items| items.iter().collect::<BTreeSet<_>>());
        if want != live {
            self.push(field, Shown::of(&live), Shown::of(&want), effect);
        }
    }

    /// Parts that have a key (a route's destination), changed in place one by one: a change a key.
    pub fn entries<T: PartialEq + Serialize>(
        &mut self,
        field: &str,
        want: &BTreeMap<String, T>,
        live: &BTreeMap<String, T>,
    ) {
        for key in want.keys().chain(live.keys().filter(|key| !want.contains_key(*key))) {
            self.update(&format!("{field}.{key}"), &want.get(key), &live.get(key));
        }
    }

    /// A field whose value is never shown. It is compared all the same, so both sides must hold a digest or
    /// another stand-in of the secret, never the secret itself.
    pub fn secret<T: PartialEq>(&mut self, field: &str, want: &T, live: &T) {
        if want != live {
            self.push(field, Shown::Secret, Shown::Secret, Effect::InPlace);
        }
    }

    /// A document that is compared by meaning and changed in place.
    pub fn json(&mut self, field: &str, want: &Document, live: &Document) {
        if !want.same_meaning(live) {
            self.push(field, Shown::of(live), Shown::of(want), Effect::InPlace);
        }
    }

    /// Documents that have a key (a role's inline policies), changed in place one by one: a change a key.
    pub fn documents(
        &mut self,
        field: &str,
        want: &BTreeMap<String, Document>,
        live: &BTreeMap<String, Document>,
    ) {
        for key in want.keys().chain(live.keys().filter(|key| !want.contains_key(*key))) {
            self.json_option(&format!("{field}.{key}"), &want.get(key).cloned(), &live.get(key).cloned());
        }
    }

    /// As [`Changes::json`], where there may be none.
    pub fn json_option(&mut self, field: &str, want: &Option<Document>, live: &Option<Document>) {
        match (want, live) {
            (Some(want), Some(live)) => self.json(field, want, live),
            _ => self.update(field, want, live),
        }
    }

    /// Text that may hold outputs of others, changed in place.
    pub fn text(&mut self, field: &str, want: &Text, live: &Text) {
        self.update(field, want, live);
    }

    /// Tags, a change a key. Keys that AWS reserves are passed over; the planner has taken out what others
    /// put there before it calls this.
    pub fn tags(&mut self, want: &Tags, live: &Tags) {
        for (key, value) in want {
            if live.get(key) != Some(value) {
                let before = live.get(key).map_or(Shown::Nothing, |v| Shown::Value(v.clone().into()));
                self.push(
                    &format!("tags.{key}"),
                    before,
                    Shown::Value(value.clone().into()),
                    Effect::InPlace,
                );
            }
        }
        for (key, value) in live {
            if !want.contains_key(key) && !is_reserved_tag(key) {
                let before = Shown::Value(value.clone().into());
                self.push(&format!("tags.{key}"), before, Shown::Nothing, Effect::InPlace);
            }
        }
    }

    /// A difference that only the kind itself can name, with the effect it takes.
    pub fn push(&mut self, field: &str, before: Shown, after: Shown, effect: Effect) {
        self.found.push(Change { field: field.to_owned(), before, after, effect });
    }
}

impl Shown {
    /// A value as it is shown; what is not set is nothing.
    pub fn of<T: Serialize>(value: &T) -> Self {
        match serde_json::to_value(value) {
            Ok(Value::Null) | Err(_) => Self::Nothing,
            Ok(value) => Self::Value(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_key_by_key_and_reserved_ones_passed_over() {
        let want: Tags = [("a".into(), "1".into()), ("b".into(), "2".into())].into();
        let live: Tags =
            [("b".into(), "3".into()), ("c".into(), "4".into()), ("aws:x".into(), "5".into())].into();
        let mut changes = Changes::default();
        changes.tags(&want, &live);
        let fields: Vec<String> = changes.into_vec().into_iter().map(|c| c.field).collect();
        assert_eq!(fields, ["tags.a", "tags.b", "tags.c"]);
    }

    #[test]
    fn collections_have_no_order_and_parts_change_one_by_one() {
        let mut changes = Changes::default();
        changes.update_set("groups", &["b", "a", "a"], &["a", "b"]);
        assert!(changes.clone().into_vec().is_empty());
        changes.replace_set("zones", &["a"], &["b"]);
        let want = [("same".to_owned(), 1), ("other".to_owned(), 2), ("new".to_owned(), 3)].into();
        let live = [("same".to_owned(), 1), ("other".to_owned(), 0), ("gone".to_owned(), 4)].into();
        changes.entries("routes", &want, &live);
        let fields: Vec<String> = changes.into_vec().into_iter().map(|c| c.field).collect();
        assert_eq!(fields, ["zones", "routes.new", "routes.other", "routes.gone"]);
    }

    #[test]
    fn what_is_left_to_the_service_is_no_change() {
        let mut changes = Changes::default();
        changes.update_if_set("version", &None, &Some("1.33"));
        changes.replace_if_set("zone", &None, &Some("a"));
        assert!(changes.into_vec().is_empty());
    }
}
