//! Whether `up` would get through: credentials, account, permissions, quotas, zones, names.

use std::collections::BTreeMap;

use crate::config::schema::Settings;
use crate::model::{Address, Desired, Kind, Spec, Target};
use crate::provider::aws::{Allowance, Identity, Quota, ReadOnly, needed_actions};
use crate::provider::{Class, Error};
use crate::state::State;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Patient<'a> {
    /// The environment's settings.
    pub settings: &'a Settings,
    /// What it is to be.
    pub desired: &'a Desired,
    /// What is recorded of it.
    pub state: &'a State,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Whether AWS takes the credentials.
    Credentials,
    /// Whether they are of the environment's account.
    Account,
    /// Whether the caller may do what `up` does.
    Permissions,
    /// Whether the account's limits leave room.
    Quotas,
    /// Whether the region has the zones.
    Zones,
    /// Whether the private zone answers in the VPC.
    Names,
    /// What a private name leads to.
    Record,
    /// Whether a load balancer sends requests on.
    Balancer,
    /// What pods get for a private name.
    Inside,
}

impl Check {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Account => "account",
            Self::Permissions => "permissions",
            Self::Quotas => "quotas",
            Self::Zones => "zones",
            Self::Names => "hosted zone",
            Self::Record => "record",
            Self::Balancer => "load balancer",
            Self::Inside => "from inside",
        }
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It could not be told.
    Unknown,
    /// `up` would fail.
    Bad,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub check: Check,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found.
    pub told: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    pub(super) fn good(check: Check, told: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Good, told: told.into(), hint: None }
    }

    pub(super) fn bad(check: Check, told: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Bad, told: told.into(), hint: Some(hint.into()) }
    }

    pub(super) fn unknown(check: Check, error: &Error) -> Self {
        let hint = (error.class == Class::Denied).then(|| {
            format!("allow {}:{} to the caller, to have it checked", error.service, error.operation)
        });
        Self { check, verdict: Verdict::Unknown, told: format!("cannot be told: {error}"), hint }
    }
}

/// Looks at everything. Where the credentials are no good, nothing else is asked.
pub async fn examine(aws: &ReadOnly, patient: Patient<'_>) -> Vec<Finding> {
    let identity = match aws.identity().await {
        Ok(identity) => identity,
        Err(error) => {
            let told = format!("AWS does not take them: {error}");
            let hint =
                "renew them (`aws sso login`, or a new access key), or choose others: [aws] profile or role";
            return vec![Finding::bad(Check::Credentials, told, hint)];
        }
    };
    let mut findings = vec![Finding::good(Check::Credentials, format!("of {}", identity.arn))];
    findings.push(account(&identity, patient.settings));
    if findings.iter().all(|finding| finding.verdict == Verdict::Good) {
        findings.push(permissions(aws, &identity, patient).await);
        findings.extend(quotas(aws, patient).await);
        findings.extend(zones(aws, patient.settings).await);
        findings.extend(names(aws, patient).await);
    }
    findings
}

fn account(identity: &Identity, settings: &Settings) -> Finding {
    match &settings.aws.account_id {
        Some(wanted) if *wanted != identity.account => Finding::bad(
            Check::Account,
            format!("the credentials are of {}, the environment is of {wanted}", identity.account),
            "choose other credentials ([aws] profile or role), or correct account_id",
        ),
        Some(_) => Finding::good(Check::Account, identity.account.clone()),
        None => Finding::good(
            Check::Account,
            format!("{} (the environment names none: set account_id to be safe)", identity.account),
        ),
    }
}

async fn permissions(aws: &ReadOnly, identity: &Identity, patient: Patient<'_>) -> Finding {
    let kinds = patient.desired.resources.keys().map(|address| address.kind);
    let mut needed = needed_actions(kinds.chain([Kind::Leftover]));
    let images = &patient.settings.images;
    let asked = [
        (images.scan.is_some(), "ecr:DescribeImageScanFindings"),
        (images.signing_key.is_some(), "kms:GetPublicKey"),
        (images.signing_key.is_some(), "kms:Sign"),
    ];
    needed.extend(asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, action)| action.to_owned()));
    match aws.denied(&identity.arn, &needed).await {
        Ok(Allowance::Everything) => {
            Finding::good(Check::Permissions, "the account's root may do everything (use a role instead)")
        }
        Ok(Allowance::Denied(denied)) if denied.is_empty() => {
            Finding::good(Check::Permissions, format!("all {} actions are allowed", needed.len()))
        }
        Ok(Allowance::Denied(denied)) => Finding::bad(
            Check::Permissions,
            format!("{} of {} actions are denied: {}", denied.len(), needed.len(), denied.join(", ")),
            "allow them to the caller (conditions and single resources are not judged here)",
        ),
        Err(error) => Finding::unknown(Check::Permissions, &error),
    }
}

async fn quotas(aws: &ReadOnly, patient: Patient<'_>) -> Vec<Finding> {
    let mut missing: BTreeMap<Kind, usize> = BTreeMap::new();
    for address in patient.desired.resources.keys() {
        if patient.state.record(address).is_none() {
            *missing.entry(address.kind).or_default() += 1;
        }
    }
    let mut findings = Vec::new();
    for quota in Quota::ALL {
        let more = missing.get(&quota.kind).copied().unwrap_or(0);
        findings.push(match aws.usage(quota).await {
            Ok(usage) => room(quota, usage.limit, usage.used, more),
            Err(error) => Finding::unknown(Check::Quotas, &error),
        });
    }
    findings
}

#[expect(clippy::cast_precision_loss, reason = "numbers of resources are small")]
fn room(quota: Quota, limit: f64, used: usize, more: usize) -> Finding {
    let told = format!("{}: {used} of {limit} used, {more} more wanted", quota.name);
    if (used + more) as f64 <= limit {
        return Finding::good(Check::Quotas, told);
    }
    let hint = format!(
        "ask for more: aws service-quotas request-service-quota-increase --service-code {} --quota-code {} \
         --desired-value {}",
        quota.service,
        quota.code,
        used + more
    );
    Finding::bad(Check::Quotas, told, hint)
}

async fn zones(aws: &ReadOnly, settings: &Settings) -> Option<Finding> {
    if settings.network.existing.is_some() {
        return None;
    }
    let there = match aws.zones().await {
        Ok(there) => there,
        Err(error) => return Some(Finding::unknown(Check::Zones, &error)),
    };
    let wanted: Vec<String> =
        settings.network.zones.iter().map(|letter| format!("{}{letter}", settings.aws.region)).collect();
    let usable = |name: &&String| there.iter().any(|zone| zone.name == **name && zone.state == "available");
    let bad: Vec<String> = wanted.iter().filter(|name| !usable(name)).cloned().collect();
    if bad.is_empty() {
        return Some(Finding::good(Check::Zones, format!("{} are available", wanted.join(", "))));
    }
    let names: Vec<&str> = there.iter().map(|zone| zone.name.as_str()).collect();
    let told = format!("{} cannot be used", bad.join(", "));
    Some(Finding::bad(
        Check::Zones,
        told,
        format!("the region has {}: choose [network] zones of these", names.join(", ")),
    ))
}

/// Whether each private zone answers in the VPC it is for.
pub(super) async fn names(aws: &ReadOnly, patient: Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (address, spec) in &patient.desired.resources {
        let Spec::HostedZone(zone) = spec else { continue };
        let vpcs = zone.vpcs.iter().filter_map(|vpc| match vpc.target() {
            Target::External(id) => Some(id.clone()),
            Target::Managed(_) => {
                vpc.address().and_then(|vpc| patient.state.record(&vpc)).map(|record| record.id.to_string())
            }
        });
        let vpcs: Vec<String> = vpcs.collect();
        findings.push(match patient.state.record(address) {
            None => Finding::good(Check::Names, format!("{} is still to be made", zone.name)),
            Some(record) => bound(aws, address, (record.id.as_str(), &zone.name), &vpcs)
                .await
                .unwrap_or_else(|error| Finding::unknown(Check::Names, &error)),
        });
    }
    findings
}

async fn bound(
    aws: &ReadOnly,
    address: &Address,
    (id, name): (&str, &str),
    vpcs: &[String],
) -> Result<Finding, Error> {
    let repair = "`platctl up` puts it right";
    let network = match aws.hosted_zone_network(id).await {
        Err(error) if error.class == Class::NotFound => {
            return Ok(Finding::bad(Check::Names, format!("{address} ({id}) is gone"), repair));
        }
        other => other?,
    };
    for vpc in vpcs {
        if !network.vpcs.contains(vpc) {
            return Ok(Finding::bad(Check::Names, format!("{name} does not answer in {vpc}"), repair));
        }
        if !aws.vpc_resolves_names(vpc).await? {
            let told = format!("{vpc} does not resolve names, so {name} does not answer in it");
            return Ok(Finding::bad(Check::Names, told, repair));
        }
    }
    Ok(Finding::good(Check::Names, format!("{name} answers in {}", vpcs.join(", "))))
}
