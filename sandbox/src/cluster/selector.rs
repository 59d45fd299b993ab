//! Selectors: of labels, as queries and as objects write them, and of fields.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>

use serde_json::Value;

use super::json::{list, text};
use super::refusal::Refusal;

/// What a label is to be.
#[derive(Clone, Debug, PartialEq)]
enum Demand {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
}

/// A selector of labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Labels(Vec<(String, Demand)>);

impl Labels {
    /// Reads `a=b,c!=d,e in (f,g),!h`.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut demands = Vec::new();
        for part in split(text) {
            demands.push(demand(&part).ok_or_else(|| {
                Refusal::bad(format!("unable to parse requirement: {part:?} is no requirement"))
            })?);
        }
        Ok(Self(demands))
    }

    /// Reads a LabelSelector: `matchLabels` and `matchExpressions`.
    pub(super) fn of(selector: &Value) -> Self {
        let mut demands = Self::equal(&selector["matchLabels"]).0;
        for expression in list(selector, "/matchExpressions") {
            let values =
                || list(expression, "/values").iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
            let demand = match text(expression, "/operator") {
                "In" => Demand::In(values()),
                "NotIn" => Demand::NotIn(values()),
                "Exists" => Demand::Exists,
                _ => Demand::Absent,
            };
            demands.push((text(expression, "/key").to_owned(), demand));
        }
        Self(demands)
    }

    /// Labels that are to be as they are in a map, as a Service selects.
    pub(super) fn equal(map: &Value) -> Self {
        let pairs = map.as_object().into_iter().flatten();
        let equal = |(key, value): (&String, &Value)| {
            (key.clone(), Demand::In(vec![value.as_str().unwrap_or_default().to_owned()]))
        };
        Self(pairs.map(equal).collect())
    }

    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        self.holds(object.pointer("/metadata/labels").unwrap_or(&Value::Null))
    }

    /// Whether it holds for a map of labels.
    pub(super) fn holds(&self, labels: &Value) -> bool {
        self.0.iter().all(|(key, demand)| {
            let value = labels.get(key).and_then(Value::as_str);
            match demand {
                Demand::In(values) => value.is_some_and(|value| values.iter().any(|one| one == value)),
                Demand::NotIn(values) => value.is_none_or(|value| values.iter().all(|one| one != value)),
                Demand::Exists => value.is_some(),
                Demand::Absent => value.is_none(),
            }
        })
    }
}

/// Splits at commas that are not in parentheses.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(letter == '(') - i32::from(letter == ')');
                if let Some(last) = parts.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn demand(part: &str) -> Option<(String, Demand)> {
    if let Some(key) = part.strip_prefix('!') {
        return Some((key.trim().to_owned(), Demand::Absent));
    }
    for (word, not) in [(" notin ", true), (" in ", false), ("!=", true), ("==", false), ("=", false)] {
        let Some((key, value)) = part.split_once(word) else { continue };
        let value = value.trim();
        let values: Vec<String> = match value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inside) => inside.split(',').map(|one| one.trim().to_owned()).collect(),
            None => vec![value.to_owned()],
        };
        let demand = if not { Demand::NotIn(values) } else { Demand::In(values) };
        return Some((key.trim().to_owned(), demand));
    }
    (!part.contains([' ', '('])).then(|| (part.to_owned(), Demand::Exists))
}

/// A selector of fields: path, value, and whether it is to be equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields(Vec<(String, String, bool)>);

impl Fields {
    /// Reads `metadata.name=a,status.phase!=Running`.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut demands = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (path, value, equal) = match (part.split_once("!="), part.split_once("=")) {
                (Some((path, value)), _) => (path, value, false),
                (None, Some((path, value))) => (path, value.trim_start_matches('='), true),
                _ => return Err(Refusal::bad(format!("invalid field selector {part:?}"))),
            };
            demands.push((format!("/{}", path.trim().replace('.', "/")), value.trim().to_owned(), equal));
        }
        Ok(Self(demands))
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|(path, wanted, equal)| {
            let found = match object.pointer(path) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            (found == *wanted) == *equal
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_are_selected_as_queries_say() {
        let object = json!({ "metadata": { "labels": { "a": "1", "b": "2" } } });
        for (text, expected) in [
            ("", true),
            ("a=1", true),
            ("a==1,b=2", true),
            ("a=2", false),
            ("a!=2,c!=1", true),
            ("a in (1, 3),b notin (3)", true),
            ("a in (2)", false),
            ("a,!c", true),
            ("!a", false),
        ] {
            assert_eq!(Labels::parse(text).unwrap().matches(&object), expected, "{text}");
        }
        assert!(Labels::parse("a b").is_err());
        let selector = json!({ "matchLabels": { "a": "1" }, "matchExpressions": [
            { "key": "b", "operator": "In", "values": ["2"] }, { "key": "c", "operator": "DoesNotExist" }] });
        assert!(Labels::of(&selector).matches(&object));
    }

    #[test]
    fn fields_are_selected_by_their_paths() {
        let object = json!({ "metadata": { "name": "x" }, "type": "Warning" });
        let holds = |text: &str| Fields::parse(text).unwrap().matches(&object);
        assert!(
            holds("metadata.name=x,type=Warning") && holds("metadata.name!=y") && holds("spec.nodeName=")
        );
        assert!(!holds("metadata.name=y"));
    }
}
