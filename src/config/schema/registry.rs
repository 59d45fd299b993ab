//! Image repositories and the private DNS zone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::items;

/// Image repositories in Amazon ECR, one a service, named `PREFIX/SERVICE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Registry {
    /// Whether repositories are made.
    pub enabled: bool,
    /// What the names start with: the environment's name, or something under it (`dev/shop`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "repository-prefix"))]
    pub prefix: Option<String>,
    /// Repositories besides those of the services, by name without the prefix.
    #[schemars(transform = items("repository-name"), extend("uniqueItems" = true))]
    pub repositories: Vec<String>,
    /// Whether a tag, once pushed, stays what it is.
    pub immutable_tags: bool,
    /// Whether images are scanned for known vulnerabilities as they arrive.
    pub scan_on_push: bool,
    /// How images are encrypted. It cannot be changed on a repository that stands.
    pub encryption: RegistryEncryption,
    /// The KMS key for `encryption = "kms"`; AWS's own key for ECR when it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "kms-key-arn"))]
    pub key_arn: Option<String>,
    /// How many images are kept.
    #[schemars(range(min = 1, max = 10000))]
    pub keep_images: u32,
    /// After how many days images without a tag are deleted.
    #[schemars(range(min = 1, max = 3650))]
    pub untagged_days: u32,
    /// Who may pull besides the cluster's nodes: account ids, or ARNs of roles and users.
    #[schemars(transform = items("pull-principal"), extend("uniqueItems" = true))]
    pub pull_principals: Vec<String>,
    /// Whether `destroy` may delete a repository that still holds images.
    pub delete_with_images: bool,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            enabled: true,
            prefix: None,
            repositories: Vec::new(),
            immutable_tags: true,
            scan_on_push: true,
            encryption: RegistryEncryption::Aes256,
            key_arn: None,
            keep_images: 30,
            untagged_days: 7,
            pull_principals: Vec::new(),
            delete_with_images: false,
        }
    }
}

/// How images are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegistryEncryption {
    /// With keys that Amazon S3 keeps.
    Aes256,
    /// With a key in KMS.
    Kms,
}

/// The private DNS zone, known only inside the VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dns {
    /// Whether there is one.
    pub enabled: bool,
    /// The zone's name.
    #[schemars(extend("format" = "domain-name"))]
    pub zone: String,
    /// For how many seconds answers may be remembered.
    #[schemars(range(min = 1, max = 86400))]
    pub ttl: u32,
}

impl Default for Dns {
    fn default() -> Self {
        Self { enabled: true, zone: "backend.internal".to_owned(), ttl: 60 }
    }
}
