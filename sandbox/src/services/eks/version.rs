//! Kubernetes versions that EKS offers.
//!
//! Dates: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>. Whether a version is in
//! standard or extended support depends on the world's time; one past its extended support is still offered here,
//! because the world's time is usually the real one and a plan must not fail for it.

use serde_json::{Value, json};

use super::refuse::invalid_parameter;
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules};

/// A hundred entries a page unless asked otherwise.
pub(super) const PAGES: PageRules =
    PageRules { default: Some(100), min: 1, max: 100, strict: None, bad_token: "InvalidParameterException" };

/// The newest patch of a minor, its platform, its release on EKS, the ends of standard and of extended support.
struct Line {
    version: &'static str,
    patch: &'static str,
    platform: u32,
    dates: [&'static str; 3],
}

const LINES: [Line; 6] = [
    Line {
        version: "1.30",
        patch: "1.30.14",
        platform: 40,
        dates: ["2024-05-23", "2025-07-23", "2026-07-23"],
    },
    Line {
        version: "1.31",
        patch: "1.31.13",
        platform: 36,
        dates: ["2024-09-26", "2025-11-26", "2026-11-26"],
    },
    Line {
        version: "1.32",
        patch: "1.32.9",
        platform: 29,
        dates: ["2025-01-23", "2026-03-23", "2027-03-23"],
    },
    Line {
        version: "1.33",
        patch: "1.33.5",
        platform: 22,
        dates: ["2025-05-29", "2026-07-29", "2027-07-29"],
    },
    Line { version: "1.34", patch: "1.34.1", platform: 9, dates: ["2025-10-02", "2026-12-02", "2027-12-02"] },
    Line { version: "1.35", patch: "1.35.0", platform: 3, dates: ["2026-01-27", "2027-03-27", "2028-03-27"] },
];

/// The version of a cluster that does not say.
pub(super) const DEFAULT: &str = "1.34";

/// All versions, the oldest first.
pub fn supported_versions() -> impl Iterator<Item = &'static str> {
    LINES.iter().map(|line| line.version)
}

/// The minor of a version such as `1.33`.
pub(super) fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.parse().ok()
}

/// Refuses a version that EKS does not offer.
pub(super) fn check(version: &str) -> Result<(), Failure> {
    if supported_versions().any(|known| known == version) {
        return Ok(());
    }
    Err(invalid_parameter(format!("unsupported Kubernetes version {version}")))
}

/// The newest patch of a version, for example `1.33.5`.
pub(super) fn patch(version: &str) -> &'static str {
    LINES.iter().find(|line| line.version == version).map_or("1.34.1", |line| line.patch)
}

/// The platform version, for example `eks.22`.
pub(super) fn platform(version: &str) -> String {
    let line = LINES.iter().find(|line| line.version == version);
    format!("eks.{}", line.map_or(1, |line| line.platform))
}

fn moment(date: &str) -> Time {
    let parsed = format!("{date}T00:00:00Z").parse::<jiff::Timestamp>();
    Time(parsed.map_or(0, jiff::Timestamp::as_millisecond))
}

fn status(line: &Line, now: Time) -> &'static str {
    match (now < moment(line.dates[1]), now < moment(line.dates[2])) {
        (true, _) => "STANDARD_SUPPORT",
        (_, true) => "EXTENDED_SUPPORT",
        _ => "UNSUPPORTED",
    }
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeClusterVersions.html>
pub(super) fn describe_cluster_versions(call: &mut Call<'_>, input: &Input) -> Outcome {
    let wanted = input.texts("clusterVersions");
    let all = input.flag("includeAll").unwrap_or(false) || !wanted.is_empty();
    let default_only = input.flag("defaultOnly").unwrap_or(false);
    input.only("clusterType", "eks")?;
    let asked = input.text("versionStatus").map(str::to_owned);
    let asked = asked.or_else(|| input.text("status").map(|old| old.replace('-', "_").to_uppercase()));
    let rows: Vec<(String, Value)> = LINES
        .iter()
        .rev()
        .filter(|line| wanted.is_empty() || wanted.iter().any(|version| version == line.version))
        .filter(|line| !default_only || line.version == DEFAULT)
        .map(|line| (line, status(line, call.now)))
        .filter(|(_, status)| match &asked {
            Some(asked) => asked == status,
            None => all || *status != "UNSUPPORTED",
        })
        .enumerate()
        .map(|(place, (line, status))| {
            let row = json!({
                "clusterVersion": line.version, "clusterType": "eks", "defaultPlatformVersion": platform(line.version),
                "defaultVersion": line.version == DEFAULT, "releaseDate": moment(line.dates[0]).value(),
                "endOfStandardSupportDate": moment(line.dates[1]).value(),
                "endOfExtendedSupportDate": moment(line.dates[2]).value(),
                "status": status.replace('_', "-").to_lowercase(), "versionStatus": status,
                "kubernetesPatchVersion": line.patch,
            });
            (format!("{place:03}"), row)
        })
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}
