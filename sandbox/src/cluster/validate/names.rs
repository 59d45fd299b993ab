//! Names and labels.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>

use serde_json::Value;

use crate::cluster::json::{name, text};
use crate::cluster::kinds::Resource;
use crate::cluster::refusal::Cause;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";

/// Kinds whose names are labels of the DNS, and those whose names are free.
const LABELS: [&str; 2] = ["Namespace", "Service"];
const FREE: [&str; 4] = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

pub(super) fn check(resource: &Resource, object: &Value, causes: &mut Vec<Cause>) {
    let name = name(object);
    if name.is_empty() {
        causes.push(Cause::required("metadata.name", "name or generateName is required"));
        return;
    }
    let kind = resource.kind.as_str();
    if !resource.custom && FREE.contains(&kind) {
        return;
    }
    let short = !resource.custom && LABELS.contains(&kind);
    let sound = if short { is_label(name) } else { name.len() <= 253 && name.split('.').all(is_part) };
    if !sound {
        let why = if short { LABEL } else { SUBDOMAIN };
        causes.push(Cause::invalid("metadata.name", &Value::from(name), why));
    }
    labels(object, causes);
}

fn labels(object: &Value, causes: &mut Vec<Cause>) {
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
    for (key, value) in labels {
        let text = value.as_str().unwrap_or_default();
        let edge = |letter: Option<char>| letter.is_none_or(|letter| letter.is_ascii_alphanumeric());
        let inside = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
        if !value.is_string()
            || text.len() > 63
            || !inside
            || !edge(text.chars().next())
            || !edge(text.chars().last())
        {
            let why = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character, at most 63 of them";
            causes.push(Cause::invalid("metadata.labels", value, why));
        }
        let name = key.rsplit('/').next().unwrap_or(key);
        if name.is_empty() || name.len() > 63 {
            let why = "name part must consist of at most 63 characters";
            causes.push(Cause::invalid("metadata.labels", &Value::from(key.as_str()), why));
        }
    }
    let generated = text(object, "/metadata/generateName");
    if generated.len() > 253 {
        causes.push(Cause::too_long("metadata.generateName", 253));
    }
}

fn is_part(part: &str) -> bool {
    let edge = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    let inside = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    edge(part.chars().next()) && edge(part.chars().last()) && part.chars().all(inside)
}

pub(super) fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}
