//! IAM: roles, policies, instance profiles, OpenID Connect providers, service-linked roles; global to an account.
//!
//! Policy documents are checked for grammar as AWS does ([`document`]). Not modelled: users, groups, SAML, server
//! certificates, MFA. With a consistency delay, other services do not yet know a role that was just made.

mod attached;
mod authorization;
mod context;
pub mod document;
mod enforce;
pub mod evaluate;
mod inline;
mod instance_profile;
mod managed;
mod name;
mod oidc_provider;
mod policy;
mod policy_version;
mod role;
mod service;
mod service_linked;
mod simulate;
mod state;
mod summary;
mod tag;
#[cfg(test)]
mod tests;

pub(crate) use enforce::authorize;
pub use instance_profile::InstanceProfile;
pub use managed::{ManagedPolicy, managed_policies, managed_policy};
pub use oidc_provider::OidcProvider;
pub use policy::{Policy, PolicyVersion};
pub use role::Role;
pub use service::SERVICE;
pub use service_linked::ensure_service_linked_role;
pub use state::State;
