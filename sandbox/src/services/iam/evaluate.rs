//! What policies allow: actions, resources and conditions against one request.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::document;
use crate::world::matches;

/// A request as policies see it.
#[derive(Debug)]
pub struct Asked {
    /// For example `ec2:CreateVpc`.
    pub action: String,
    /// The ARNs that are acted on; empty where the model cannot tell them.
    pub resources: Vec<String>,
    /// Condition keys in lower case, with their values.
    pub context: BTreeMap<String, Vec<String>>,
}

/// What policies say to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A statement allows it and none denies it.
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

/// What a set of policies says.
pub fn verdict(policies: &[Value], asked: &Asked) -> Verdict {
    let statements: Vec<&Value> = policies.iter().flat_map(document::statements).collect();
    let with = |effect: &str, resource: Option<&str>| {
        statements
            .iter()
            .any(|one| one["Effect"] == effect && applies(one, asked, resource, effect == "Deny"))
    };
    let each: Vec<Option<&str>> = match asked.resources.as_slice() {
        [] => vec![None],
        known => known.iter().map(|arn| Some(arn.as_str())).collect(),
    };
    if each.iter().any(|resource| with("Deny", *resource)) {
        return Verdict::Denied;
    }
    if each.iter().all(|resource| with("Allow", *resource)) { Verdict::Allowed } else { Verdict::NotAllowed }
}

fn applies(statement: &Value, asked: &Asked, resource: Option<&str>, denies: bool) -> bool {
    let action = asked.action.to_lowercase();
    let named = |member: &str| {
        document::texts(statement.get(member)).iter().any(|pattern| matches(&pattern.to_lowercase(), &action))
    };
    let by_action = if statement.get("NotAction").is_some() { !named("NotAction") } else { named("Action") };
    let on = |member: &str| {
        document::texts(statement.get(member)).iter().any(|pattern| covers(pattern, asked, resource))
    };
    let by_resource =
        if statement.get("NotResource").is_some() { !on("NotResource") } else { on("Resource") };
    by_action && by_resource && conditions(statement, asked, denies)
}

/// Whether a resource pattern covers a resource. Where the resource is not known, a pattern of the same service
/// does: the model would otherwise refuse what AWS allows.
fn covers(pattern: &str, asked: &Asked, resource: Option<&str>) -> bool {
    match resource {
        _ if pattern == "*" => true,
        Some(arn) => matches(pattern, arn),
        None => {
            let service = asked.action.split(':').next();
            pattern.split(':').nth(2) == service
        }
    }
}

/// An operator that the model does not know holds for a deny and not for an allow: the stricter way.
fn conditions(statement: &Value, asked: &Asked, denies: bool) -> bool {
    let Some(operators) = statement.get("Condition").and_then(Value::as_object) else { return true };
    operators.iter().all(|(operator, keys)| {
        let mut pairs = keys.as_object().into_iter().flatten();
        pairs.all(|(key, wanted)| condition(operator, key, wanted, asked).unwrap_or(denies))
    })
}

fn condition(operator: &str, key: &str, wanted: &Value, asked: &Asked) -> Option<bool> {
    let wanted: Vec<String> = match wanted {
        Value::Array(values) => values.iter().map(plain).collect(),
        value => vec![plain(value)],
    };
    let values = asked.context.get(&key.to_lowercase());
    let (set, operator) = match operator.split_once(':') {
        Some((set, rest)) => (Some(set), rest),
        None => (None, operator),
    };
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    if operator == "Null" {
        return Some((wanted.first().map(String::as_str) == Some("true")) == values.is_none());
    }
    let (base, negated) = match operator {
        "StringNotEquals" => ("StringEquals", true),
        "StringNotLike" => ("StringLike", true),
        "StringNotEqualsIgnoreCase" => ("StringEqualsIgnoreCase", true),
        "ArnNotEquals" => ("ArnEquals", true),
        "ArnNotLike" => ("ArnLike", true),
        "NumericNotEquals" => ("NumericEquals", true),
        "DateNotEquals" => ("DateEquals", true),
        "NotIpAddress" => ("IpAddress", true),
        operator => (operator, false),
    };
    let test = |value: &String| -> Option<bool> {
        Some(match base {
            "StringEquals" => wanted.contains(value),
            "StringEqualsIgnoreCase" => wanted.iter().any(|one| one.eq_ignore_ascii_case(value)),
            "StringLike" | "ArnLike" | "ArnEquals" => wanted.iter().any(|one| matches(one, value)),
            "Bool" => wanted.iter().any(|one| one.eq_ignore_ascii_case(value)),
            "IpAddress" => return any(&wanted, |one| within(one, value)),
            _ => match base.strip_prefix("Numeric") {
                Some(how) => return any(&wanted, |one| compare(how, number(value)?, number(one)?)),
                None => {
                    let how = base.strip_prefix("Date")?;
                    return any(&wanted, |one| compare(how, moment(value)?, moment(one)?));
                }
            },
        })
    };
    let Some(values) = values else {
        // A key that the request does not have: IfExists, ForAllValues and negations hold, the rest does not.
        return Some(if_exists || set == Some("ForAllValues") || negated);
    };
    let results: Option<Vec<bool>> = values.iter().map(test).collect();
    let results = results?;
    let holds = if set == Some("ForAllValues") {
        results.iter().all(|one| *one != negated)
    } else {
        results.iter().any(|one| *one) != negated
    };
    Some(holds)
}

/// Whether any value passes; `None` when one cannot be read.
fn any(wanted: &[String], test: impl Fn(&str) -> Option<bool>) -> Option<bool> {
    let results: Option<Vec<bool>> = wanted.iter().map(|one| test(one)).collect();
    Some(results?.contains(&true))
}

/// The comparing operators, without `Numeric` or `Date` before them.
fn compare(how: &str, value: f64, limit: f64) -> Option<bool> {
    Some(match how {
        "Equals" => (value - limit).abs() < f64::EPSILON,
        "LessThan" => value < limit,
        "LessThanEquals" => value <= limit,
        "GreaterThan" => value > limit,
        "GreaterThanEquals" => value >= limit,
        _ => return None,
    })
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Seconds since 1970 of a moment in ISO 8601 or in such seconds.
fn moment(text: &str) -> Option<f64> {
    let parsed = text.parse::<jiff::Timestamp>().ok();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century fit in 2^52")]
    parsed.map(|parsed| parsed.as_millisecond() as f64 / 1000.0).or_else(|| number(text))
}

/// Whether an address is in a range, or is the address.
fn within(range: &str, address: &str) -> Option<bool> {
    let address: std::net::IpAddr = address.parse().ok()?;
    let range: ipnet::IpNet =
        range.parse().ok().or_else(|| Some(range.parse::<std::net::IpAddr>().ok()?.into()))?;
    Some(range.contains(&address))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(action: &str, resources: &[&str]) -> Asked {
        let context = BTreeMap::from([("aws:requestedregion".to_owned(), vec!["eu-west-1".to_owned()])]);
        Asked {
            action: action.into(),
            resources: resources.iter().map(|one| (*one).into()).collect(),
            context,
        }
    }

    fn say(statements: Value, asked: &Asked) -> Verdict {
        verdict(&[json!({ "Version": "2012-10-17", "Statement": statements })], asked)
    }

    #[test]
    fn an_allow_must_cover_every_resource_and_a_deny_wins() {
        let two = asked("ec2:DeleteVpc", &["arn:aws:ec2:r:1:vpc/a", "arn:aws:ec2:r:1:vpc/b"]);
        let one = json!([{ "Effect": "Allow", "Action": "ec2:*", "Resource": "arn:aws:ec2:r:1:vpc/a" }]);
        assert_eq!(say(one, &two), Verdict::NotAllowed);
        let all = json!([{ "Effect": "Allow", "Action": "ec2:Delete*", "Resource": "*" }]);
        assert_eq!(say(all.clone(), &two), Verdict::Allowed);
        let mut denied = all;
        let deny =
            json!({ "Effect": "Deny", "NotAction": "ec2:Describe*", "Resource": "arn:aws:ec2:*:1:vpc/b" });
        denied.as_array_mut().unwrap().push(deny);
        assert_eq!(say(denied, &two), Verdict::Denied);
    }

    #[test]
    fn numbers_moments_and_addresses_are_compared() {
        let mut call = asked("ec2:CreateVpc", &[]);
        for (key, value) in [
            ("aws:currenttime", "2026-05-01T12:00:00.000Z"),
            ("aws:epochtime", "1777636800"),
            ("aws:sourceip", "127.0.0.1"),
        ] {
            call.context.insert(key.into(), vec![value.into()]);
        }
        for (condition, holds) in [
            (json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-01-01T00:00:00Z" } }), true),
            (json!({ "DateLessThanEquals": { "aws:CurrentTime": "2026-01-01T00:00:00Z" } }), false),
            (json!({ "NumericLessThan": { "aws:EpochTime": "1777636801" } }), true),
            (json!({ "NumericNotEquals": { "aws:EpochTime": "1777636800" } }), false),
            (json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"] } }), true),
            (json!({ "NotIpAddress": { "aws:SourceIp": "127.0.0.1" } }), false),
        ] {
            let statement =
                json!([{ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition }]);
            let expected = if holds { Verdict::Allowed } else { Verdict::NotAllowed };
            assert_eq!(say(statement.clone(), &call), expected, "{statement}");
        }
    }

    #[test]
    fn conditions_decide() {
        let with = |condition: Value| json!([{ "Effect": "Allow", "Action": "EC2:createvpc", "Resource": "*", "Condition": condition }]);
        let call = asked("ec2:CreateVpc", &[]);
        let here = json!({ "StringEquals": { "aws:RequestedRegion": ["eu-west-1", "eu-west-2"] } });
        assert_eq!(say(with(here), &call), Verdict::Allowed);
        let elsewhere = json!({ "StringNotLike": { "aws:RequestedRegion": "eu-*" } });
        assert_eq!(say(with(elsewhere), &call), Verdict::NotAllowed);
        let absent = json!({ "StringEquals": { "aws:RequestTag/env": "dev" } });
        assert_eq!(say(with(absent), &call), Verdict::NotAllowed);
        let unknown = json!({ "DateLessThan": { "aws:RequestedRegion": "x" } });
        assert_eq!(say(with(unknown.clone()), &call), Verdict::NotAllowed);
        let deny = json!([
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": unknown },
        ]);
        assert_eq!(say(deny, &call), Verdict::Denied);
    }
}
