//! Where in AWS and as whom; where the state is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where in AWS, and as whom. Without a profile or a role, the usual places are asked for credentials
/// (environment variables, the shared configuration files, SSO, container and instance metadata).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// The region, as in `eu-central-1`.
    #[schemars(extend("format" = "aws-region"))]
    pub region: String,
    /// The account that this environment lives in. When it is set, platctl refuses to act with the credentials
    /// of any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "aws-account"))]
    pub account_id: Option<String>,
    /// The profile of the shared configuration files (`~/.aws/config`) to take credentials from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub profile: Option<String>,
    /// The role to assume before anything is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<AssumedRole>,
    /// An AWS-compatible endpoint to use for every service in place of AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "http-url"))]
    pub endpoint_url: Option<String>,
}

/// A role that is assumed with the credentials found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssumedRole {
    /// The role's ARN.
    #[schemars(extend("format" = "iam-role-arn"))]
    pub arn: String,
    /// The external id that the role's trust policy asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 1224))]
    pub external_id: Option<String>,
    /// The name under which the session appears in CloudTrail.
    #[serde(default = "AssumedRole::default_session_name")]
    #[schemars(extend("format" = "role-session-name"))]
    pub session_name: String,
}

impl AssumedRole {
    fn default_session_name() -> String {
        "platctl".to_owned()
    }
}

/// Where the record of what stands (journal, snapshot, lock) is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StateStore {
    /// The folder, relative to the one that holds `environments/`. Each environment has its own folder in it.
    #[schemars(extend("format" = "relative-path"))]
    pub folder: String,
}

impl Default for StateStore {
    fn default() -> Self {
        Self { folder: "state".to_owned() }
    }
}
