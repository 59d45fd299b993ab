//! Kubernetes clusters: how they are reached.
//!
//! `kubeconfig` makes the entries by which `kubectl` and other tools reach a cluster of ours and merges them into a
//! file that is there; `credential` is the answer that those entries' exec plugin, `platctl token`, gives.

mod credential;
mod kubeconfig;
mod kubeconfig_file;

pub use credential::{ExecVersion, exec_credential};
pub use kubeconfig::{Entry, KubeconfigError, document, merge};
pub use kubeconfig_file::{FileError, write};
