//! Words for durations, values and the parts of a platform.

use std::time::Duration;

use serde_json::Value;

use crate::model::{Kind, Shown};

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        120..600 if !seconds.is_multiple_of(60) => format!("{} min {} s", seconds / 60, seconds % 60),
        120..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The part of the platform that a kind belongs to, as plans group them.
pub fn part(kind: Kind) -> &'static str {
    match kind.as_str() {
        "vpc"
        | "internet_gateway"
        | "subnet"
        | "elastic_ip"
        | "nat_gateway"
        | "route_table"
        | "default_security_group"
        | "security_group"
        | "security_group_rule"
        | "vpc_endpoint"
        | "flow_log" => "network",
        "cluster"
        | "node_group"
        | "addon"
        | "access_entry"
        | "pod_identity_association"
        | "launch_template" => "cluster",
        "repository" => "registry",
        "hosted_zone" | "record_set" => "dns",
        "leftover" => "left by the cluster",
        "log_group" | "bucket" => "logs",
        "image" => "images",
        "release" => "releases",
        _ => "identity and secrets",
    }
}

/// Names for people: the first three, and how many more there are.
pub fn few<S: std::borrow::Borrow<str>>(names: &[S]) -> String {
    match names {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{}, {}, {} and {} more", first.borrow(), second.borrow(), third.borrow(), rest.len())
        }
        all => all.join(", "),
    }
}

/// A value as a plan shows it. Placeholders are shown as what they will be known after.
pub fn value(shown: &Shown) -> String {
    match shown {
        Shown::Secret => "(secret)".to_owned(),
        Shown::Nothing => "(none)".to_owned(),
        Shown::Value(Value::String(text)) => format!("\"{}\"", unknowns(text)),
        Shown::Value(value) => unknowns(&value.to_string()),
    }
}

fn unknowns(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("@{") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        match from[2..].split_once('}') {
            Some((inner, after)) if inner.contains('#') => {
                let address = inner.split('#').next().unwrap_or(inner);
                out.push_str(&format!("(known after {address})"));
                rest = after;
            }
            _ => {
                out.push_str("@{");
                rest = &from[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_do() {
        let said: Vec<String> =
            [0, 9, 12, 119, 120, 200, 700, 4000].map(|s| duration(Duration::from_secs(s))).into();
        assert_eq!(said, ["0.0 s", "9.0 s", "12 s", "119 s", "2 min", "3 min 20 s", "11 min", "1 h 6 min"]);
    }

    #[test]
    fn placeholders_are_shown_as_known_after() {
        let shown = Shown::Value("a@{role.node#arn}b@{x".into());
        assert_eq!(value(&shown), "\"a(known after role.node)b@{x\"");
    }
}
