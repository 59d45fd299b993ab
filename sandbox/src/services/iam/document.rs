//! The grammar of policy documents, and what AWS says when one breaks it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>. Other services use it for
//! their resource policies.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What an identity may do: resources, no principals.
    Identity,
    /// Who may assume a role: principals, no resources.
    Trust,
    /// Who may do what with the resource that carries it: principals, resources optional.
    Resource,
}

const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// Parses a document and checks its grammar.
///
/// # Errors
/// The sentence that AWS answers with its `MalformedPolicyDocument`.
pub fn check(text: &str, kind: Kind) -> Result<Value, String> {
    let syntax = || "Syntax errors in policy.".to_owned();
    if text.trim().is_empty() {
        return Err("The policy is not in the valid JSON format.".to_owned());
    }
    let document: Value =
        serde_json::from_str(text).map_err(|_| "This policy contains invalid Json".to_owned())?;
    let fields = document.as_object().ok_or_else(syntax)?;
    for (name, value) in fields {
        let fits = match name.as_str() {
            "Version" => value == "2012-10-17" || value == "2008-10-17",
            "Id" => value.is_string(),
            "Statement" => true,
            _ => false,
        };
        if !fits {
            return Err(syntax());
        }
    }
    let statements = match fields.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => return Err(syntax()),
    };
    let mut names = BTreeSet::new();
    for statement in statements {
        let statement = statement.as_object().ok_or_else(syntax)?;
        check_statement(statement, kind)?;
        if let Some(name) = statement.get("Sid").and_then(Value::as_str)
            && !name.is_empty()
            && !names.insert(name.to_owned())
        {
            return Err(format!(
                "Statement IDs (SID) in a single policy must be unique. Try revising {name}."
            ));
        }
    }
    Ok(document)
}

/// The number of characters that count against a size quota: whitespace does not.
pub fn size(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).count()
}

/// The texts of a member that is one text or a list of texts.
pub fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(entries)) => entries.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The statements of a document that was checked.
pub fn statements(document: &Value) -> Vec<&Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

/// The principals of a checked document by type, for example `("Service", "eks.amazonaws.com")`.
pub fn principals(document: &Value) -> Vec<(&str, &str)> {
    statements(document)
        .into_iter()
        .filter_map(|statement| statement.get("Principal"))
        .flat_map(|principal| match principal {
            Value::String(text) => vec![("AWS", text.as_str())],
            Value::Object(kinds) => kinds
                .iter()
                .flat_map(|(kind, value)| {
                    texts(Some(value)).into_iter().map(move |text| (kind.as_str(), text))
                })
                .collect(),
            _ => Vec::new(),
        })
        .collect()
}

fn check_statement(statement: &Map<String, Value>, kind: Kind) -> Result<(), String> {
    let syntax = || "Syntax errors in policy.".to_owned();
    let known = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    if let Some(unknown) = statement.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("Syntax error: unknown element {unknown} in a statement."));
    }
    let has = |name: &str| statement.contains_key(name);
    match statement.get("Effect").and_then(Value::as_str) {
        Some("Allow" | "Deny") => {}
        Some(_) => return Err("Syntax errors in policy.".to_owned()),
        None => return Err("Missing required field Effect".to_owned()),
    }
    if has("Action") == has("NotAction") {
        return Err("Policy statement must contain actions.".to_owned());
    }
    if has("Resource") && has("NotResource") || has("Principal") && has("NotPrincipal") {
        return Err(syntax());
    }
    let with_principal = has("Principal") || has("NotPrincipal");
    let with_resource = has("Resource") || has("NotResource");
    match kind {
        Kind::Identity if with_principal => {
            return Err("Policy document should not specify a principal.".to_owned());
        }
        Kind::Identity if !with_resource => return Err("Policy statement must contain resources.".to_owned()),
        Kind::Trust if with_resource => return Err("Has prohibited field Resource".to_owned()),
        Kind::Trust | Kind::Resource if !with_principal => {
            return Err("Missing required field Principal".to_owned());
        }
        _ => {}
    }
    check_actions(statement, kind)?;
    check_resources(statement)?;
    check_principals(statement)?;
    match statement.get("Sid") {
        Some(Value::String(name))
            if kind != Kind::Identity || name.chars().all(|c| c.is_ascii_alphanumeric()) => {}
        None => {}
        Some(_) => return Err("Statement IDs (SID) must be alpha-numeric.".to_owned()),
    }
    statement.get("Condition").map_or(Ok(()), check_condition)
}

fn check_actions(statement: &Map<String, Value>, kind: Kind) -> Result<(), String> {
    let actions = listed(statement, &["Action", "NotAction"])?;
    if actions.is_empty() {
        return Err("Policy statement must contain actions.".to_owned());
    }
    for action in actions {
        let vendor = action.split_once(':').is_some_and(|(vendor, name)| {
            !vendor.is_empty()
                && vendor.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "*?-_".contains(c))
        });
        if action != "*" && !vendor {
            return Err(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
            );
        }
        if kind == Kind::Trust && action != "*" && !action.to_ascii_lowercase().starts_with("sts:") {
            return Err("AssumeRole policy may only specify STS AssumeRole actions.".to_owned());
        }
    }
    Ok(())
}

fn check_resources(statement: &Map<String, Value>) -> Result<(), String> {
    for resource in listed(statement, &["Resource", "NotResource"])? {
        let is_arn = resource.starts_with("arn:") && resource.split(':').count() >= 6;
        if !is_arn && resource != "*" && !resource.starts_with("arn:*") {
            return Err(format!("Resource {resource} must be in ARN format or \"*\"."));
        }
    }
    Ok(())
}

fn check_principals(statement: &Map<String, Value>) -> Result<(), String> {
    for name in ["Principal", "NotPrincipal"] {
        let Some(principal) = statement.get(name) else { continue };
        let Some(kinds) = principal.as_object() else {
            if principal == "*" {
                continue;
            }
            return Err("Invalid principal in policy.".to_owned());
        };
        for (kind, value) in kinds {
            if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
                return Err(format!("Invalid principal type {kind} in policy."));
            }
            let found = texts(Some(value));
            if found.is_empty() {
                return Err("Missing required field Principal cannot be empty!".to_owned());
            }
            for text in found {
                let fits = match kind.as_str() {
                    "Service" => text.contains(".amazonaws.com"),
                    "AWS" => {
                        text == "*"
                            || text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
                            || text.starts_with("arn:") && text.split(':').count() >= 6
                    }
                    _ => true,
                };
                if !fits {
                    return Err(format!(
                        "Invalid principal in policy: \"{}\":\"{text}\"",
                        kind.to_uppercase()
                    ));
                }
            }
        }
    }
    Ok(())
}

fn check_condition(condition: &Value) -> Result<(), String> {
    let syntax = || "Syntax errors in policy.".to_owned();
    for (operator, keys) in condition.as_object().ok_or_else(syntax)? {
        let bare = operator
            .strip_prefix("ForAllValues:")
            .or_else(|| operator.strip_prefix("ForAnyValue:"))
            .unwrap_or(operator);
        let bare = bare.strip_suffix("IfExists").unwrap_or(bare);
        if !OPERATORS.contains(&bare) {
            return Err(format!("Invalid Condition type : {operator}."));
        }
        for (key, value) in keys.as_object().ok_or_else(syntax)? {
            if !key.contains(':') {
                return Err(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
                );
            }
            let scalar = |value: &Value| value.is_string() || value.is_boolean() || value.is_number();
            if !scalar(value) && !value.as_array().is_some_and(|values| values.iter().all(scalar)) {
                return Err(syntax());
            }
        }
    }
    Ok(())
}

/// The texts of whichever of the members is there.
fn listed<'d>(statement: &'d Map<String, Value>, names: &[&str]) -> Result<Vec<&'d str>, String> {
    let Some(value) = names.iter().find_map(|name| statement.get(*name)) else { return Ok(Vec::new()) };
    let found = texts(Some(value));
    let whole = value.as_array().map_or(usize::from(value.is_string()), Vec::len);
    if found.len() == whole { Ok(found) } else { Err("Syntax errors in policy.".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(statement: &str) -> Result<Value, String> {
        check(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#), Kind::Trust)
    }

    #[test]
    fn documents_that_keep_the_grammar_pass() {
        let ok =
            r#"{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole"}"#;
        let document = trust(ok).unwrap();
        assert_eq!(principals(&document), [("Service", "eks.amazonaws.com")]);
        let single = r#"{"Statement":{"Effect":"Deny","NotAction":"iam:*","Resource":["*"],
            "Condition":{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a","b"]},"Bool":{"aws:SecureTransport":true}}}}"#;
        assert!(check(single, Kind::Identity).is_ok());
    }

    #[test]
    fn every_broken_rule_is_refused() {
        let identity = |text: &str| check(text, Kind::Identity).is_err();
        let allow = |rest: &str| format!(r#"{{"Statement":{{"Effect":"Allow",{rest}}}}}"#);
        assert!(identity("{not json") && identity("[]") && identity("") && identity("{}"));
        assert!(identity(
            r#"{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
        ));
        assert!(identity(&allow(r#""Action":"s3:GetObject""#)), "no resource");
        assert!(identity(&allow(r#""Resource":"*""#)), "no action");
        assert!(identity(&allow(r#""Action":"GetObject","Resource":"*""#)), "no vendor");
        assert!(identity(&allow(r#""Action":"s3:Get*","Resource":"bucket""#)), "no ARN");
        assert!(identity(&allow(r#""Action":"s3:Get*","Resource":"*","Principal":"*""#)), "principal");
        assert!(identity(&allow(r#""Action":"s3:Get*","Resource":"*","Extra":1"#)), "unknown element");
        assert!(identity(&allow(r#""Action":"s3:Get*","Resource":"*","Condition":{"Like":{"a:b":"c"}}"#)));
        assert!(identity(r#"{"Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}"#));
        let twice = r#"{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}"#;
        assert!(identity(&format!(r#"{{"Statement":[{twice},{twice}]}}"#)), "repeated Sid");
        assert!(trust(r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#).is_err(), "no principal");
        let other = r#"{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"s3:Get"}"#;
        assert!(trust(other).is_err(), "not an sts action");
        let unknown = r#"{"Effect":"Allow","Principal":{"Service":"ec2"},"Action":"sts:AssumeRole"}"#;
        assert!(trust(unknown).is_err(), "no service name");
    }
}
