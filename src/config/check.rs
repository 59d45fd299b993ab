//! Holding the merged settings against the JSON Schema: unknown keys, wrong types, values out of range.

mod stand_in;

use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::LocationSegment;
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

use super::finding::Finding;
use super::format;
use super::place::{Path, Segment};
use super::suggest::{list, nearest};
use super::tree::Node;
use super::{Place, json_schema};

/// What the schema has against a value, or misses.
pub(super) struct Objection {
    pub(super) finding: Finding,
    /// The path of the value that cannot be used, or that is not there.
    pub(super) path: Path,
    /// A value that could stand there, when there is none.
    pub(super) missing: Option<Json>,
}

/// Everything that the schema has against a tree.
pub(super) fn check(tree: &Node) -> Vec<Objection> {
    let json = tree.to_json();
    let errors: Vec<ValidationError<'_>> = validator().iter_errors(&json).collect();
    let is_type = |error: &ValidationError<'_>| matches!(error.kind(), ValidationErrorKind::Type { .. });
    let wrong_types: Vec<Path> = errors.iter().filter(|error| is_type(error)).map(path_of).collect();
    let mut objections = Vec::new();
    for error in &errors {
        let path = path_of(error);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for key in unexpected {
                    let path = path.join(key.as_str());
                    let finding = unknown_key(tree, error, &path, key);
                    objections.push(Objection { finding, path, missing: None });
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let finding = missing_key(tree, &path, key);
                let path = path.join(key);
                let missing = Some(stand_in::value(&path));
                objections.push(Objection { finding, path, missing });
            }
            // A value of a wrong type is in no range and of no form either: that goes without saying.
            _ if !is_type(error) && wrong_types.contains(&path) => {}
            _ => {
                let finding = wrong_value(tree, &path, error);
                objections.push(Objection { finding, path, missing: None });
            }
        }
    }
    objections
}

fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let mut options = jsonschema::options().should_validate_formats(true);
        for format in format::FORMATS {
            options = options.with_format(format.name, format.holds);
        }
        options.build(schema()).expect("the schema made from our types is a schema: a test builds it")
    })
}

/// The schema, made once.
fn schema() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    SCHEMA.get_or_init(json_schema)
}

fn path_of(error: &ValidationError<'_>) -> Path {
    error
        .instance_path()
        .segments()
        .map(|segment| match segment {
            LocationSegment::Property(key) => Segment::Key(key.into_owned()),
            LocationSegment::Index(index) => Segment::Index(index),
        })
        .collect()
}

/// Where a value was written; its table, where it was not.
fn place(tree: &Node, path: &Path) -> Place {
    tree.nearest(path).place.clone()
}

/// The path in words that start a sentence.
fn subject(path: &Path) -> String {
    if path.segments().is_empty() { "the file".to_owned() } else { format!("`{path}`") }
}

fn unknown_key(tree: &Node, error: &ValidationError<'_>, path: &Path, key: &str) -> Finding {
    let known = known_keys(error);
    let at = tree.key_place(path).unwrap_or_else(|| place(tree, path));
    let finding =
        Finding::new("unknown-key", path.clone(), at, format!("unknown key `{path}`")).label("not a setting");
    match nearest(key, known.iter().map(String::as_str)) {
        Some(word) => finding.hint(format!("did you mean `{word}`?")),
        None => finding.hint(format!("allowed here: {}", known.join(", "))),
    }
}

/// The keys that the schema knows at the place of an error.
fn known_keys(error: &ValidationError<'_>) -> Vec<String> {
    let schema = schema();
    let pointer = error.schema_path().as_str();
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(parent).and_then(|object| object.get("properties"));
    properties.and_then(Json::as_object).map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
}

fn missing_key(tree: &Node, path: &Path, key: &str) -> Finding {
    let missing = path.join(key);
    let mut finding =
        Finding::new("missing-key", missing.clone(), place(tree, path), format!("`{missing}` is missing"))
            .label(format!("`{key}` is not set here"));
    if let Some(meaning) = description(&missing) {
        finding = finding.hint(meaning);
    }
    let spot = tree.at(&path.join("capacity")).and_then(Node::as_str) == Some("spot");
    if key == "instance_types" && spot {
        finding = finding.hint(
            "a spot group needs several types, or one shortage empties it: [\"m6i.large\", \"m5.large\"]",
        );
    }
    finding
}

/// The first line of what a setting means.
fn description(path: &Path) -> Option<String> {
    let node = property(path)?;
    let text = node.get("description").or_else(|| follow(node).get("description"))?.as_str()?;
    Some(text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned())
}

/// What the schema says of the value at a path, references not followed.
fn property(path: &Path) -> Option<&'static Json> {
    path.segments().iter().try_fold(schema(), |node, segment| {
        let node = follow(node);
        match segment {
            Segment::Key(key) => {
                node.get("properties").and_then(|p| p.get(key)).or_else(|| node.get("additionalProperties"))
            }
            Segment::Index(_) => node.get("items"),
        }
    })
}

fn follow(node: &'static Json) -> &'static Json {
    let target = node.get("$ref").and_then(Json::as_str).and_then(|target| target.strip_prefix('#'));
    target.and_then(|pointer| schema().pointer(pointer)).unwrap_or(node)
}

fn wrong_value(tree: &Node, path: &Path, error: &ValidationError<'_>) -> Finding {
    let subject = subject(path);
    let at = place(tree, path);
    let finding = |code, message: String| Finding::new(code, path.clone(), at.clone(), message);
    let shown = tree.at(path).map_or(String::new(), |node| node.to_json().to_string());
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let expected = type_words(kind);
            let found = tree.at(path).map_or("nothing", Node::type_name);
            let finding = finding("wrong-type", format!("{subject} must be {expected}, not {found}"));
            let finding = finding.label(format!("expected {expected}"));
            if expected == "a string" && matches!(found, "an integer" | "a decimal number" | "a boolean") {
                finding.hint(format!("put it in quotes: \"{shown}\""))
            } else {
                finding
            }
        }
        ValidationErrorKind::Enum { options } => not_allowed(finding, &subject, &shown, options),
        ValidationErrorKind::Format { format: name } => {
            let expected = format::find(name).map_or(name.as_str(), |format| format.expected);
            let text = tree.at(path).and_then(Node::as_str).unwrap_or_default();
            finding("wrong-form", format!("{subject} is not {expected}"))
                .label("not of this form")
                .hints(format::meant(name, text))
        }
        ValidationErrorKind::Minimum { limit } => {
            finding("out-of-range", format!("{subject} is {shown}, and must be {limit} at least"))
                .label("too small")
        }
        ValidationErrorKind::Maximum { limit } => {
            finding("out-of-range", format!("{subject} is {shown}, and must be {limit} at most"))
                .label("too large")
        }
        ValidationErrorKind::MinItems { limit } => {
            finding("wrong-count", format!("{subject} must have at least {}", count(*limit, "element")))
                .label("too few")
        }
        ValidationErrorKind::MaxItems { limit } => {
            finding("wrong-count", format!("{subject} must have at most {}", count(*limit, "element")))
                .label("too many")
        }
        ValidationErrorKind::MinLength { limit } => {
            finding("wrong-length", format!("{subject} must have at least {}", count(*limit, "character")))
                .label("too short")
        }
        ValidationErrorKind::MaxLength { limit } => {
            finding("wrong-length", format!("{subject} must have at most {}", count(*limit, "character")))
                .label("too long")
        }
        ValidationErrorKind::UniqueItems => {
            finding("duplicate", format!("{subject} names something twice")).label("has duplicates")
        }
        _ => finding("wrong-value", format!("{subject} cannot be used: {error}")).label("not valid"),
    }
}

fn count(limit: u64, what: &str) -> String {
    if limit == 1 { format!("1 {what}") } else { format!("{limit} {what}s") }
}

fn not_allowed(
    finding: impl Fn(&'static str, String) -> Finding,
    subject: &str,
    shown: &str,
    options: &Json,
) -> Finding {
    let words: Vec<String> = options.as_array().into_iter().flatten().map(plain).collect();
    let written = shown.trim_matches('"');
    let finding =
        finding("not-allowed", format!("{subject} cannot be `{written}`")).label("not one of the values");
    let finding = match nearest(written, words.iter().map(String::as_str)) {
        Some(word) if word != written && written.parse::<i64>().is_err() => {
            finding.hint(format!("did you mean `{word}`?"))
        }
        _ => finding,
    };
    finding.hint(format!("allowed: {}", list(words.iter().map(String::as_str))))
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn type_words(kind: &TypeKind) -> String {
    let word = |word: &str| match word {
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "a boolean",
        "array" => "an array",
        "object" => "a table",
        _ => "a string",
    };
    match kind {
        TypeKind::Single(one) => word(&one.to_string()).to_owned(),
        TypeKind::Multiple(_) => "of another type".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_one() {
        assert!(validator().is_valid(&serde_json::json!({
            "aws": {"region": "eu-central-1"}, "network": {"cidr": "10.0.0.0/16"}
        })));
    }

    #[test]
    fn meanings_are_found_behind_references() {
        assert_eq!(
            description(&Path::of("network.cidr")).unwrap().split(',').next(),
            Some("The VPC's range")
        );
        let node_group = Path::of("cluster.node_groups").join(0).join("instance_types");
        assert!(description(&node_group).unwrap().starts_with("The instance types"));
        assert!(description(&Path::of("services.web.port")).is_some());
    }
}
