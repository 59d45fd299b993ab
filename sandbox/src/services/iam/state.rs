//! What IAM knows of one account.

use serde::{Deserialize, Serialize};

use super::instance_profile::InstanceProfile;
use super::oidc_provider::OidcProvider;
use super::policy::Policy;
use super::role::Role;
use crate::clock::Time;
use crate::world::Table;

/// IAM's part of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Roles by name.
    pub roles: Table<Role>,
    /// Customer managed policies by ARN.
    pub policies: Table<Policy>,
    /// Instance profiles by name.
    pub instance_profiles: Table<InstanceProfile>,
    /// OpenID Connect providers by ARN.
    pub oidc_providers: Table<OidcProvider>,
    /// Finished deletions of service-linked roles by task id: the error, or nothing.
    pub deletion_tasks: Table<Option<String>>,
}

impl State {
    /// The role with this ARN, if it was made before `seen`.
    pub fn role_by_arn(&self, arn: &str, seen: impl Fn(Time) -> bool) -> Option<&Role> {
        let name = arn.rsplit('/').next()?;
        self.roles.get(name).filter(|role| role.arn == arn && seen(role.created))
    }

    /// How many roles a managed policy is attached to.
    pub fn attachments(&self, policy: &str) -> usize {
        self.roles.values().filter(|role| role.attached.contains(policy)).count()
    }

    /// How many roles a managed policy bounds.
    pub fn boundaries(&self, policy: &str) -> usize {
        self.roles.values().filter(|role| role.boundary.as_deref() == Some(policy)).count()
    }
}
