//! AWS Identity and Access Management.

mod details;
mod documents;
mod instance_profile;
mod oidc_provider;
mod policy;
mod policy_versions;
mod role;
mod role_parts;
mod role_reads;
mod service_linked_role;
mod tags;
