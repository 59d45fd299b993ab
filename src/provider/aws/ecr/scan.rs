//! What the registry's scans found in images.

use aws_sdk_ecr::types::{EnhancedImageScanFinding, ImageIdentifier, ImageScanFinding};

use crate::provider::Error;
use crate::provider::aws::presence::must;
use crate::provider::aws::{Aws, Service};

/// Where a scan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// It has not begun, or goes on.
    Pending,
    /// It ended with this.
    Found(Vec<ScanFinding>),
    /// There will be none: the service's status and its words.
    None {
        /// `UNSUPPORTED_IMAGE`, `FAILED` and such.
        status: String,
        /// Why.
        why: String,
    },
}

/// One known vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanFinding {
    /// Its name (`CVE-2024-1234`).
    pub id: String,
    /// How bad, in the service's word (`CRITICAL`, `HIGH`, ...).
    pub severity: String,
    /// The packages it is in, with their versions.
    pub packages: Vec<String>,
}

/// Asks for the scan of an image.
///
/// # Errors
/// The classified error; of the class `NotFound` when there is no such image.
pub async fn scan(aws: &Aws, repository: &str, digest: &str) -> Result<Scan, Error> {
    const NAME: &str = "DescribeImageScanFindings";
    let image = ImageIdentifier::builder().image_digest(digest).build();
    let (mut findings, mut token) = (Vec::new(), None::<String>);
    loop {
        let reply = aws
            .read(Service::Ecr, NAME, || {
                let call = aws.clients().ecr.describe_image_scan_findings();
                let call = call.repository_name(repository).image_id(image.clone());
                call.set_next_token(token.clone()).send()
            })
            .await;
        let reply = match reply {
            Ok(reply) => reply,
            // The scan on push begins a moment after the push.
            Err(error) if error.code.as_deref() == Some("ScanNotFoundException") => return Ok(Scan::Pending),
            Err(error) => return Err(error),
        };
        let state = must(reply.image_scan_status, NAME, "status")?;
        let status = state.status.map(|status| status.as_str().to_owned()).unwrap_or_default();
        match status.as_str() {
            "COMPLETE" | "ACTIVE" => {}
            "IN_PROGRESS" | "PENDING" => return Ok(Scan::Pending),
            _ => return Ok(Scan::None { status, why: state.description.unwrap_or_default() }),
        }
        let found = reply.image_scan_findings.as_ref();
        findings.extend(found.into_iter().flat_map(|found| found.findings().iter().map(basic)));
        findings.extend(found.into_iter().flat_map(|found| found.enhanced_findings().iter().map(enhanced)));
        token = reply.next_token;
        if token.is_none() {
            return Ok(Scan::Found(findings));
        }
    }
}

fn basic(finding: &ImageScanFinding) -> ScanFinding {
    let attribute = |name: &str| {
        let found = finding.attributes().iter().find(|attribute| attribute.key() == name);
        found.and_then(|attribute| attribute.value())
    };
    let package = attribute("package_name").map(|name| match attribute("package_version") {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    });
    ScanFinding {
        id: finding.name().unwrap_or("unnamed").to_owned(),
        severity: finding.severity().map_or("UNDEFINED", |severity| severity.as_str()).to_owned(),
        packages: package.into_iter().collect(),
    }
}

fn enhanced(finding: &EnhancedImageScanFinding) -> ScanFinding {
    let details = finding.package_vulnerability_details();
    let packages = details.into_iter().flat_map(|details| details.vulnerable_packages());
    ScanFinding {
        id: details
            .and_then(|details| details.vulnerability_id())
            .or_else(|| finding.title())
            .unwrap_or("unnamed")
            .to_owned(),
        severity: finding.severity().unwrap_or("UNTRIAGED").to_owned(),
        packages: packages
            .filter_map(|package| {
                Some(format!("{} {}", package.name()?, package.version().unwrap_or_default()))
            })
            .collect(),
    }
}
