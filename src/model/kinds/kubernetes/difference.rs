//! What differs between two objects of a cluster, leaf by leaf.

use serde_json::Value;

use crate::model::{Changes, Effect, Shown};

/// Adds a change for each leaf that differs, named by its path. A list of another length is one leaf, as is an
/// object that only one side has. What a Secret holds is never shown.
pub(super) fn differences(key: &str, want: Option<&Value>, live: Option<&Value>, changes: &mut Changes) {
    let secret = [want, live].into_iter().flatten().any(|object| object["kind"] == "Secret");
    let mut walk = Walk { changes, secret, path: vec![key.to_owned()] };
    match (want, live) {
        (Some(want), Some(live)) => walk.compare(want, live),
        (want, live) => {
            let [before, after] = [live, want].map(|side| side.map_or(Shown::Nothing, whole));
            walk.changes.push(key, before, after, Effect::InPlace);
        }
    }
}

/// An object that only one side has is shown by what it is.
fn whole(object: &Value) -> Shown {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    Shown::Value(Value::String(version.to_owned()))
}

struct Walk<'a> {
    changes: &'a mut Changes,
    secret: bool,
    path: Vec<String>,
}

impl Walk<'_> {
    fn compare(&mut self, want: &Value, live: &Value) {
        match (want, live) {
            (Value::Object(want), Value::Object(live)) => {
                let keys = want.keys().chain(live.keys().filter(|key| !want.contains_key(*key)));
                for key in keys {
                    self.at(key, want.get(key), live.get(key));
                }
            }
            (Value::Array(want), Value::Array(live)) if want.len() == live.len() => {
                for (index, (want, live)) in want.iter().zip(live).enumerate() {
                    let name = want["name"].as_str().map_or_else(|| index.to_string(), str::to_owned);
                    self.at(&format!("[{name}]"), Some(want), Some(live));
                }
            }
            (want, live) if want != live => self.push(Some(want), Some(live)),
            _ => {}
        }
    }

    fn at(&mut self, key: &str, want: Option<&Value>, live: Option<&Value>) {
        self.path.push(key.to_owned());
        match (want, live) {
            (Some(want), Some(live)) => self.compare(want, live),
            (want, live) => self.push(want, live),
        }
        self.path.pop();
    }

    fn push(&mut self, want: Option<&Value>, live: Option<&Value>) {
        let is_secret =
            self.secret && self.path.get(1).is_some_and(|key| key == "data" || key == "stringData");
        let shown = |side: Option<&Value>| match side {
            None => Shown::Nothing,
            Some(_) if is_secret => Shown::Secret,
            Some(value) => Shown::Value(value.clone()),
        };
        let (before, after) = (shown(live), shown(want));
        let field = self.path.join(".").replace(".[", "[");
        self.changes.push(&field, before, after, Effect::InPlace);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(want: Value, live: Value) -> Vec<(String, Shown, Shown)> {
        let mut changes = Changes::default();
        differences("Deployment default/web", Some(&want), Some(&live), &mut changes);
        let mut found: Vec<_> = changes
            .into_vec()
            .into_iter()
            .map(|change| (change.field, change.before, change.after))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    #[test]
    fn leaves_are_named_by_their_path() {
        let want = json!({"spec": {"replicas": 2, "same": 1, "containers": [{"name": "web", "image": "b"}], "new": true}});
        let live = json!({"spec": {"replicas": 1, "same": 1, "containers": [{"name": "web", "image": "a"}], "old": [1]}});
        let shown = |value: Value| Shown::Value(value);
        assert_eq!(
            of(want, live),
            [
                (
                    "Deployment default/web.spec.containers[web].image".to_owned(),
                    shown(json!("a")),
                    shown(json!("b"))
                ),
                ("Deployment default/web.spec.new".to_owned(), Shown::Nothing, shown(json!(true))),
                ("Deployment default/web.spec.old".to_owned(), shown(json!([1])), Shown::Nothing),
                ("Deployment default/web.spec.replicas".to_owned(), shown(json!(1)), shown(json!(2))),
            ]
        );
    }

    #[test]
    fn what_a_secret_holds_is_never_shown() {
        let secret = |value: &str| json!({"kind": "Secret", "data": {"key": value}, "type": value});
        let found = of(secret("sha256:1"), secret("sha256:2"));
        assert_eq!(found[0].0, "Deployment default/web.data.key");
        assert_eq!((&found[0].1, &found[0].2), (&Shown::Secret, &Shown::Secret));
        assert_eq!(found[1].2, Shown::Value(json!("sha256:1")));
        let mut changes = Changes::default();
        differences("Secret default/s", None, Some(&secret("x")), &mut changes);
        let change = changes.into_vec().remove(0);
        assert_eq!((change.field.as_str(), change.after), ("Secret default/s", Shown::Nothing));
    }
}
