//! JSON documents (policies, add-on configuration) that may hold other resources' outputs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text::{Placeholder, placeholders, resolve};

/// A JSON document whose strings and keys may hold placeholders, as in [`super::Text`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(Value);

impl Document {
    /// Takes a document.
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    /// Reads one from a service's text.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }

    /// The document.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The document as compact text, as it is sent.
    pub fn to_text(&self) -> String {
        self.0.to_string()
    }

    /// All placeholders in it, keys included.
    pub fn placeholders(&self) -> Vec<Placeholder> {
        let mut found = Vec::new();
        collect(&self.0, &mut found);
        found
    }

    /// Puts in every output that `lookup` knows.
    pub fn resolve(&mut self, lookup: &dyn Fn(&Placeholder) -> Option<String>) {
        substitute(&mut self.0, lookup);
    }

    /// Equal by meaning for IAM-style policies: order of keys, of the elements of `Statement`, `Action`,
    /// `Resource`, `Principal` and condition values does not matter, and a single string means a list of one.
    /// An account id as principal means its root user: AWS writes it so when it is read back.
    /// (IAM User Guide, "IAM JSON policy elements reference".)
    pub fn same_meaning(&self, other: &Self) -> bool {
        self.0 == other.0 || self.canonical() == other.canonical()
    }

    /// The form that all documents of one meaning share.
    pub fn canonical(&self) -> Self {
        Self(canonical(&self.0, ""))
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

fn collect(value: &Value, found: &mut Vec<Placeholder>) {
    match value {
        Value::String(text) => found.extend(placeholders(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => {
            for (key, item) in map {
                found.extend(placeholders(key));
                collect(item, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn substitute(value: &mut Value, lookup: &dyn Fn(&Placeholder) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(resolved) = resolve(text, lookup) {
                *text = resolved;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| substitute(item, lookup)),
        Value::Object(map) => {
            let old = std::mem::take(map);
            for (key, mut item) in old {
                substitute(&mut item, lookup);
                map.insert(resolve(&key, lookup).unwrap_or(key), item);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A form in which documents of one meaning are equal: lists sorted, scalars where a list may stand wrapped.
fn canonical(value: &Value, parent: &str) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map
                .iter()
                .map(|(key, item)| (key.clone(), wrap(key, parent, canonical(item, key))))
                .collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| canonical(item, parent)).collect();
            items.sort_by_cached_key(ToString::to_string);
            items.dedup();
            Value::Array(items)
        }
        Value::String(text) if parent == "AWS" => Value::String(principal(text)),
        scalar => scalar.clone(),
    }
}

fn wrap(key: &str, parent: &str, item: Value) -> Value {
    let list_like = matches!(
        key,
        "Action" | "NotAction" | "Resource" | "NotResource" | "Statement" | "AWS" | "Service" | "Federated"
    ) || is_condition_operator(parent);
    match item {
        Value::Array(_) => item,
        scalar if list_like && !(key == "Statement" && scalar.is_array()) => Value::Array(vec![scalar]),
        other => other,
    }
}

/// True for the operators of a `Condition` block, whose keys hold one value or several.
fn is_condition_operator(key: &str) -> bool {
    let base = key.rsplit_once(':').map_or(key, |(_, name)| name);
    let base = base.strip_suffix("IfExists").unwrap_or(base);
    ["String", "Numeric", "Date", "Arn", "Ip"].iter().any(|start| base.starts_with(start))
        || matches!(base, "Bool" | "Null" | "BinaryEquals")
}

fn principal(text: &str) -> String {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => (*account).to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn same(a: Value, b: Value) -> bool {
        Document(a).same_meaning(&Document(b))
    }

    #[test]
    fn policies_of_one_meaning_are_equal() {
        assert!(same(
            json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["a:B", "a:A"], "Resource": "*",
                "Principal": {"AWS": "123456789012"}, "Condition": {"StringEquals": {"k": "v"}}}}),
            json!({"Statement": [{"Action": ["a:A", "a:B"], "Effect": "Allow", "Resource": ["*"],
                "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}, "Condition": {"StringEquals": {"k": ["v"]}}}],
                "Version": "2012-10-17"})
        ));
    }

    #[test]
    fn policies_of_other_meaning_are_not() {
        let base = json!({"Statement": [{"Effect": "Allow", "Action": "a:A", "Resource": "*"}]});
        for other in [
            json!({"Statement": [{"Effect": "Deny", "Action": "a:A", "Resource": "*"}]}),
            json!({"Statement": [{"Effect": "Allow", "Action": ["a:A", "a:B"], "Resource": "*"}]}),
            json!({"Statement": [{"Effect": "Allow", "NotAction": "a:A", "Resource": "*"}]}),
            json!({"Statement": []}),
        ] {
            assert!(!same(base.clone(), other));
        }
    }

    #[test]
    fn placeholders_in_keys_and_values_resolve() {
        let mut document =
            Document(json!({"@{oidc_provider.main#host}:aud": "x", "a": ["@{role.node#arn}"]}));
        assert_eq!(document.placeholders().len(), 2);
        document.resolve(&|p| Some(p.attribute.as_str().to_owned()));
        assert_eq!(document.value(), &json!({"host:aud": "x", "a": ["arn"]}));
    }
}
