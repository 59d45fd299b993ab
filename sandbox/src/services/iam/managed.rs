//! The AWS-managed policies that EKS, its add-ons and controllers need, with a few that everybody knows.
//!
//! `sandbox/data/aws-managed-policies.json` holds them, written by hand after
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html>; only the
//! version in force; those of EKS Auto Mode and of the service-linked roles with their main statements only. A
//! policy that is not in the file does not exist in the sandbox.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::clock::Time;

/// A policy that AWS owns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedPolicy {
    name: String,
    /// `/`, `/service-role/` or `/aws-service-role/`.
    pub path: String,
    /// The version in force, for example `v3`.
    pub version: String,
    created: String,
    /// What it is for.
    pub description: String,
    /// The document.
    pub document: Value,
}

impl ManagedPolicy {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }

    /// What it says.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// When AWS made it.
    pub fn created(&self) -> Time {
        let moment = format!("{}T00:00:00Z", self.created).parse::<jiff::Timestamp>();
        Time(moment.map_or(0, jiff::Timestamp::as_millisecond))
    }

    /// An id of its own that is always the same.
    pub fn id(&self) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let digest = Sha256::digest(self.name.as_bytes());
        let letters = digest.iter().take(16).map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        format!("ANPA{}", letters.collect::<String>())
    }
}

/// All of them, in the order of their ARNs.
pub fn managed_policies() -> &'static [ManagedPolicy] {
    static ALL: OnceLock<Vec<ManagedPolicy>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<ManagedPolicy> =
            serde_json::from_str(include_str!("../../../data/aws-managed-policies.json"))
                .expect("the file is checked by a test");
        all.sort_by_key(ManagedPolicy::arn);
        all
    })
}

/// The one with this ARN.
pub fn managed_policy(arn: &str) -> Option<&'static ManagedPolicy> {
    let name = arn.strip_prefix("arn:aws:iam::aws:policy/")?.rsplit('/').next()?;
    managed_policies().iter().find(|policy| policy.name == name && policy.arn() == arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::iam::document;

    #[test]
    fn every_policy_keeps_the_grammar_and_has_a_date() {
        for policy in managed_policies() {
            document::check(&policy.document.to_string(), document::Kind::Identity)
                .unwrap_or_else(|why| panic!("{}: {why}", policy.name));
            assert!(policy.created().0 > 0, "{}", policy.name);
            assert!(policy.path.starts_with('/') && policy.path.ends_with('/'), "{}", policy.name);
        }
    }

    #[test]
    fn the_path_belongs_to_the_arn() {
        assert!(managed_policy("arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy").is_some());
        assert!(managed_policy("arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicy").is_none());
    }
}
