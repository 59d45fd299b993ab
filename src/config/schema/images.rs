//! How services' images are built, signed and judged.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the images of services with a `path` are built: from nothing, with the binary, a user to run as and a
/// place for temporary files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Images {
    /// The user and group that services run as, by number. Not 0: pods that run as root are refused.
    #[schemars(range(min = 1, max = 4294967294_u32))]
    pub user: u32,
    /// The image to build on, in place of nothing, by digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "image-digest"))]
    pub base: Option<String>,
    /// A file with CA certificates (PEM) that the image carries, relative to the folder that holds
    /// `environments/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "relative-path"))]
    pub certificates: Option<String>,
    /// Where the sources are, for the label `org.opencontainers.image.source`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "http-url"))]
    pub source: Option<String>,
    /// Further labels.
    pub labels: BTreeMap<String, String>,
    /// The KMS key that signs images, one for signing with ECDSA_SHA_256 or RSASSA_PKCS1_V1_5_SHA_256. Without
    /// it they are not signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "kms-key-arn"))]
    pub signing_key: Option<String>,
    /// What the registry's scan may find. Without it nobody waits for the scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<ScanGate>,
}

impl Default for Images {
    fn default() -> Self {
        Self {
            user: 65532,
            base: None,
            certificates: None,
            source: None,
            labels: BTreeMap::new(),
            signing_key: None,
            scan: None,
        }
    }
}

/// What the registry's scan of an image may find before the image is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanGate {
    /// Findings of this severity, or worse, stop.
    pub severity: Severity,
    /// What an image that cannot be scanned does. Basic scanning cannot scan images that are built from nothing;
    /// enhanced scanning can.
    #[serde(default)]
    pub on_unscannable: OnUnscannable,
    /// For how many minutes the scan is waited for; then the image counts as one that cannot be scanned.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 120))]
    pub timeout_minutes: u32,
    /// Findings that do not stop, each for a reason and for a time.
    #[serde(default)]
    pub allow: Vec<AllowedFinding>,
}

fn ten() -> u32 {
    10
}

/// A finding that does not stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedFinding {
    /// Its name, as in `CVE-2024-1234`.
    pub name: String,
    /// Why it does no harm here.
    pub reason: String,
    /// The last day on which it is let through.
    #[schemars(extend("format" = "date"))]
    pub expires: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Low, and worse.
    Low,
    /// Medium, and worse.
    Medium,
    /// High, and worse.
    High,
    /// Critical only.
    Critical,
}

/// What an image that cannot be scanned does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnUnscannable {
    /// It stops, as a finding would.
    #[default]
    Stop,
    /// It is told.
    Warn,
}
