//! What is there, in the terms of what is wanted.

use serde_json::{Map, Value};

use super::object::{Object, mask};
use crate::model::Text;

/// What the API server keeps about every object.
const KEPT_BY_SERVER: [&str; 6] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/// Whether an object has all that is wanted of it, written in the same way.
pub fn has_all_of(live: &Value, want: &Value) -> bool {
    match (live, want) {
        (Value::Object(live), Value::Object(want)) => {
            want.iter().all(|(key, want)| live.get(key).is_some_and(|live| has_all_of(live, want)))
        }
        (Value::Array(live), Value::Array(want)) => {
            live.len() == want.len() && live.iter().zip(want).all(|(live, want)| has_all_of(live, want))
        }
        (live, want) => live == want,
    }
}

/// What is there, with all that is wanted put over it; a list is taken as it is wanted, as only the API server knows what
/// tells its items apart.
pub fn merged(live: &Value, want: &Value) -> Value {
    match (live, want) {
        (Value::Object(live), Value::Object(want)) => {
            let mut all = live.clone();
            for (key, want) in want {
                let merged = live.get(key).map_or_else(|| want.clone(), |live| merged(live, want));
                all.insert(key.clone(), merged);
            }
            Value::Object(all)
        }
        (Value::Array(live), Value::Array(want)) if live.len() == want.len() => {
            live.iter().zip(want).map(|(live, want)| merged(live, want)).collect()
        }
        (_, want) => want.clone(),
    }
}

/// What is wanted of an object, with what is there put in place wherever an apply would change it: `after` is what the
/// API server says that would be left. Masked, as plans hold it.
pub fn seen_as(want: &Object, live: &Value, after: &Value) -> Value {
    let mut seen = want.body.clone();
    take_placeholders(&mut seen, Some(live));
    overlay(&mut seen, &bare(live), &bare(after));
    if want.is_secret() {
        mask(&mut seen);
    }
    seen
}

/// Tells what was seen in a plan's words: wherever it is what is really wanted (`real`), what the plan holds for that
/// (`planned`) is put, so that a stand-in is no difference.
pub fn restate(seen: &mut Value, real: &Value, planned: &Value) {
    match (seen, real, planned) {
        (Value::Object(seen), Value::Object(real), Value::Object(planned)) => {
            for (key, seen) in seen {
                if let (Some(real), Some(planned)) = (real.get(key), planned.get(key)) {
                    restate(seen, real, planned);
                }
            }
        }
        (Value::Array(seen), Value::Array(real), Value::Array(planned))
            if seen.len() == real.len() && real.len() == planned.len() =>
        {
            for ((seen, real), planned) in seen.iter_mut().zip(real).zip(planned) {
                restate(seen, real, planned);
            }
        }
        (seen, real, planned) if seen == real => *seen = planned.clone(),
        _ => {}
    }
}

/// An object without what the server keeps about it.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(members) = object.as_object_mut() {
        members.remove("status");
        let metadata = members.get_mut("metadata").and_then(Value::as_object_mut);
        if let Some(metadata) = metadata {
            metadata.retain(|key, _| !KEPT_BY_SERVER.contains(&key.as_str()));
        }
    }
    object
}

fn overlay(seen: &mut Value, live: &Value, after: &Value) {
    if live == after {
        return;
    }
    match (seen, live, after) {
        (Value::Object(seen), Value::Object(live), Value::Object(after)) => {
            overlay_members(seen, live, after);
        }
        (Value::Array(seen), Value::Array(live), Value::Array(after))
            if live.len() == after.len() && live.len() == seen.len() =>
        {
            for ((seen, live), after) in seen.iter_mut().zip(live).zip(after) {
                overlay(seen, live, after);
            }
        }
        (seen, live, _) => *seen = live.clone(),
    }
}

fn overlay_members(seen: &mut Map<String, Value>, live: &Map<String, Value>, after: &Map<String, Value>) {
    for (key, live) in live {
        match (seen.get_mut(key), after.get(key)) {
            (Some(seen), Some(after)) => overlay(seen, live, after),
            (None, Some(after)) if live == after => {}
            _ => drop(seen.insert(key.clone(), live.clone())),
        }
    }
    seen.retain(|key, _| live.contains_key(key) || !after.contains_key(key));
}

/// Puts what is there in place of what is not known yet; where nothing is there, what is not known is left out.
fn take_placeholders(want: &mut Value, live: Option<&Value>) {
    match want {
        Value::Object(members) => {
            members.retain(|key, value| match (is_unknown(value), live.and_then(|live| live.get(key))) {
                (true, Some(live)) => {
                    *value = live.clone();
                    true
                }
                (unknown, _) => !unknown,
            });
            members.iter_mut().for_each(|(key, value)| {
                take_placeholders(value, live.and_then(|live| live.get(key)));
            });
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let live = live.and_then(|live| live.get(index));
                match live.filter(|_| is_unknown(item)) {
                    Some(live) => *item = live.clone(),
                    None => take_placeholders(item, live),
                }
            }
        }
        _ => {}
    }
}

fn is_unknown(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !Text::new(text).placeholders().is_empty())
}

impl Object {
    /// The object with what is there in place of what is not known yet, so that the rest can be tried.
    pub fn with_known_from(&self, live: &Value) -> Value {
        let mut body = self.body.clone();
        take_placeholders(&mut body, Some(live));
        body
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(spec: Value) -> Object {
        let body =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec});
        Object::of(body, "n").unwrap()
    }

    fn live(spec: Value, version: &str) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "status": {"seen": version},
            "metadata": {"name": "web", "resourceVersion": version, "managedFields": [version]}, "spec": spec})
    }

    #[test]
    fn defaults_and_other_ways_of_writing_are_no_difference() {
        let want = object(json!({"cpu": "1000m", "replicas": 2}));
        let there = json!({"cpu": "1", "replicas": 2, "paused": false});
        let seen = seen_as(&want, &live(there.clone(), "1"), &live(there, "2"));
        assert_eq!(seen, want.body);
    }

    #[test]
    fn what_an_apply_would_change_is_put_as_it_is() {
        let want = object(json!({"replicas": 2, "list": [{"image": "b"}], "new": 1, "other": [1, 2]}));
        let before =
            json!({"replicas": 1, "list": [{"image": "a", "pull": "x"}], "dropped": true, "other": [1]});
        let after = json!({"replicas": 2, "list": [{"image": "b", "pull": "x"}], "new": 1, "other": [1, 2]});
        let seen = seen_as(&want, &live(before, "1"), &live(after, "1"));
        assert_eq!(
            seen["spec"],
            json!({"replicas": 1, "list": [{"image": "a"}], "dropped": true, "other": [1]})
        );
    }

    #[test]
    fn what_is_not_known_yet_is_seen_as_it_is() {
        let want = object(
            json!({"image": "web@@{image.web#digest}", "args": ["@{image.web#digest}"], "none": "@{image.web#digest}"}),
        );
        let there = live(json!({"image": "web@sha256:1", "args": ["x"]}), "1");
        assert_eq!(want.with_known_from(&there)["spec"], json!({"image": "web@sha256:1", "args": ["x"]}));
        let seen = seen_as(&want, &there, &there);
        assert_eq!(seen["spec"], json!({"image": "web@sha256:1", "args": ["x"]}));
    }

    #[test]
    fn what_stands_for_something_is_no_difference_and_the_rest_is() {
        let real = json!({"hooks": [{"ca": "real", "path": "/a"}], "kept": 1});
        let planned = json!({"hooks": [{"ca": "stand-in", "path": "/a"}], "kept": 1});
        let mut seen = real.clone();
        restate(&mut seen, &real, &planned);
        assert_eq!(seen, planned);
        let mut seen = json!({"hooks": [{"ca": "other", "path": "/b"}], "kept": 2, "more": true});
        let told = seen.clone();
        restate(&mut seen, &real, &planned);
        assert_eq!(seen, told);
    }

    #[test]
    fn what_is_wanted_is_put_over_what_is_there() {
        let there = json!({"a": 1, "b": {"c": 1, "d": 2}, "l": [{"x": 1, "y": 2}], "m": [1]});
        let want = json!({"a": 2, "b": {"c": 3, "e": 4}, "l": [{"x": 5}], "m": [1, 2]});
        let all = json!({"a": 2, "b": {"c": 3, "d": 2, "e": 4}, "l": [{"x": 5, "y": 2}], "m": [1, 2]});
        assert_eq!(merged(&there, &want), all);
    }

    #[test]
    fn all_that_is_wanted_is_there_or_not() {
        let there = json!({"a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 2}]});
        assert!(has_all_of(&there, &json!({"a": {"b": 1}, "l": [{"x": 1}]})));
        for other in [json!({"a": {"b": 2}}), json!({"z": 1}), json!({"l": []}), json!({"a": 1})] {
            assert!(!has_all_of(&there, &other), "{other}");
        }
    }
}
