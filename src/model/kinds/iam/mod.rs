//! Kinds of AWS Identity and Access Management.

mod instance_profile;
mod oidc_provider;
mod policy;
mod role;
mod service_linked_role;

pub use instance_profile::{InstanceProfile, InstanceProfileOutputs};
pub use oidc_provider::{OidcProvider, OidcProviderOutputs};
pub use policy::{Policy, PolicyOutputs};
pub use role::{Role, RoleOutputs};
pub use service_linked_role::{ServiceLinkedRole, ServiceLinkedRoleOutputs};
