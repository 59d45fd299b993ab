//! Image scans.

use serde_json::{Map, Value, json};

use super::image_calls::asked;
use super::repository::{RULES, find, row};
use super::state::Scan;
use super::system;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Pending};

/// Typical seconds of a basic scan.
const DURATION: i64 = 8;

fn subject(name: &str, digest: &str) -> String {
    format!("{name}@{digest}")
}

/// Begins the scan of an image, by the registry's kind of scanning.
pub(super) fn begin(call: &mut Call<'_>, name: &str, digest: &str) {
    let enhanced = call.home().ecr.enhanced;
    let status = if enhanced { "PENDING" } else { "IN_PROGRESS" };
    if let Ok(repository) = row(call, name)
        && let Some(image) = repository.images.get_mut(digest)
    {
        image.scan = Some(Scan { status: status.to_owned(), completed: None });
    }
    let subject = subject(name, digest);
    call.abandon(&subject);
    call.begin(&subject, "scan", DURATION);
}

/// Forgets the scans of images that are no more.
pub(super) fn abandon_gone(call: &mut Call<'_>, name: &str) {
    let images = format!("{name}@");
    let repository = call.home().ecr.repositories.get(name);
    let left: Vec<String> = repository.map(|row| row.images.keys().cloned().collect()).unwrap_or_default();
    call.abandon_where(|subject| {
        subject.strip_prefix(&images).is_some_and(|digest| !left.iter().any(|one| one == digest))
    });
}

/// Ends a scan.
pub(super) fn complete(call: &mut Call<'_>, pending: &Pending) {
    let Some((name, digest)) = pending.subject.split_once('@') else { return };
    let (enhanced, now) = (call.home().ecr.enhanced, call.now);
    let has_system = !enhanced && system::is_known(call, name, digest);
    let Ok(repository) = row(call, name) else { return };
    let status = match (enhanced, repository.seeded.is_some() || has_system) {
        (true, _) => "ACTIVE",
        (false, true) => "COMPLETE",
        (false, false) => "UNSUPPORTED_IMAGE",
    };
    if let Some(image) = repository.images.get_mut(digest) {
        image.scan = Some(Scan { status: status.to_owned(), completed: Some(now) });
    }
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html>
pub(super) fn start_image_scan(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (digest, tag) = asked(call, input)?;
    if call.home().ecr.enhanced {
        let text = "This feature is disabled: the registry is configured for enhanced scanning.";
        return Err(Failure::new("ValidationException", text));
    }
    let name = input.str("repositoryName");
    begin(call, name, &digest);
    Ok(json!({
        "registryId": call.account, "repositoryName": name,
        "imageId": { "imageDigest": digest, "imageTag": tag }, "imageScanStatus": { "status": "IN_PROGRESS" },
    })
    .into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html>
pub(super) fn describe_image_scan_findings(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (digest, tag) = asked(call, input)?;
    let name = input.str("repositoryName").to_owned();
    let repository = find(call, input)?;
    let Some(scan) = repository.images.get(&digest).and_then(|image| image.scan.clone()) else {
        let text = format!(
            "Image scan does not exist for the image with '{{imageDigest:'{digest}'}}' in the repository with name '{name}'"
        );
        return Err(Failure::new("ScanNotFoundException", text));
    };
    let enhanced = call.home().ecr.enhanced;
    let list = repository.seeded.clone().and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let ended = matches!(scan.status.as_str(), "COMPLETE" | "ACTIVE");
    let rows = if ended { list } else { Vec::new() };
    let counts = severities(&rows);
    let keyed = rows.into_iter().enumerate().map(|(at, row)| (format!("{at:06}"), row)).collect();
    let (page, next) = call.cut(input, ("nextToken", Some("maxResults")), RULES, keyed)?;
    let member = if enhanced { "enhancedFindings" } else { "findings" };
    let findings = ended.then(|| {
        json!({
            "imageScanCompletedAt": scan.completed.map(crate::clock::Time::value),
            "vulnerabilitySourceUpdatedAt": scan.completed.map(crate::clock::Time::value),
            "findingSeverityCounts": counts, member: page,
        })
    });
    let description = match scan.status.as_str() {
        "UNSUPPORTED_IMAGE" => {
            "UnsupportedImageError: The operating system and/or package manager are not supported."
        }
        "IN_PROGRESS" | "PENDING" => "The scan is in progress.",
        _ => "The scan was completed successfully.",
    };
    call.shown(&subject(&name, &digest));
    Ok(json!({
        "registryId": call.account, "repositoryName": name,
        "imageId": { "imageDigest": digest, "imageTag": tag },
        "imageScanStatus": { "status": scan.status, "description": description },
        "imageScanFindings": findings, "nextToken": next,
    })
    .into())
}

fn severities(findings: &[Value]) -> Value {
    let mut counts = Map::new();
    for severity in findings.iter().filter_map(|finding| finding["severity"].as_str()) {
        let count = counts.get(severity).and_then(Value::as_u64).unwrap_or(0);
        counts.insert(severity.to_owned(), (count + 1).into());
    }
    Value::Object(counts)
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html>
pub(super) fn put_registry_scanning_configuration(call: &mut Call<'_>, input: &Input) -> Outcome {
    let enhanced = input.text("scanType") == Some("ENHANCED");
    let rules = input.tree("rules");
    let state = &mut call.home_mut().ecr;
    (state.enhanced, state.rules) = (enhanced, rules);
    Ok(json!({ "registryScanningConfiguration": configuration(call) }).into())
}

fn configuration(call: &Call<'_>) -> Value {
    let state = &call.home().ecr;
    let kind = if state.enhanced { "ENHANCED" } else { "BASIC" };
    json!({ "scanType": kind, "rules": state.rules.clone().unwrap_or_else(|| json!([])) })
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRegistryScanningConfiguration.html>
pub(super) fn get_registry_scanning_configuration(call: &mut Call<'_>, _: &Input) -> Outcome {
    Ok(json!({ "registryId": call.account, "scanningConfiguration": configuration(call) }).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetRepositoryScanningConfiguration.html>
pub(super) fn batch_get_repository_scanning_configuration(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    let enhanced = call.home().ecr.enhanced;
    for name in input.texts("repositoryNames") {
        match call.home().ecr.repositories.get(&name) {
            Some(repository) => {
                let frequency = match (enhanced, repository.scan_on_push) {
                    (true, _) => "CONTINUOUS_SCAN",
                    (false, true) => "SCAN_ON_PUSH",
                    (false, false) => "MANUAL",
                };
                found.push(json!({
                    "repositoryArn": repository.arn, "repositoryName": name, "scanFrequency": frequency,
                    "scanOnPush": repository.scan_on_push, "appliedScanFilters": [],
                }));
            }
            None => failures.push(json!({
                "repositoryName": name, "failureCode": "REPOSITORY_NOT_FOUND",
                "failureReason": "The repository could not be found",
            })),
        }
    }
    Ok(json!({ "scanningConfigurations": found, "failures": failures }).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRegistry.html>
pub(super) fn describe_registry(call: &mut Call<'_>, _: &Input) -> Outcome {
    Ok(json!({ "registryId": call.account, "replicationConfiguration": { "rules": [] } }).into())
}
