//! Kubernetes clusters: how they are reached, and the calls to them.
//!
//! `cluster` holds a client whose token is renewed in time; `secrets` are where the records of releases are kept.
//! `kubeconfig` makes the entries by which `kubectl` and other tools reach a cluster of ours and merges them into a
//! file that is there; `credential` is the answer that those entries' exec plugin, `platctl token`, gives.

mod cluster;
mod credential;
mod failure;
mod kubeconfig;
mod kubeconfig_file;
mod lookup;
mod secrets;

pub use cluster::{Access, Cluster};
pub use credential::{ExecVersion, exec_credential};
pub use kubeconfig::{Entry, KubeconfigError, document, merge};
pub use kubeconfig_file::{FileError, write};
