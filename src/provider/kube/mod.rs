//! Kubernetes clusters: how they are reached, and the calls to them.
//!
//! `cluster` holds a client whose token is renewed in time; `discovery` finds where a kind is served; `objects` finds
//! and deletes, `apply` applies under our own field manager (`refusal` tells what a refusal says of an object),
//! `wait` watches until an object is ready, which `judge` knows for every kind, and otherwise tells why not, which
//! `trouble` reads from its pods. Nothing here knows what a release is made of. `pods` is about the pods behind a
//! Service: which, where, how many.
//!
//! `reader` is what verbs get that only read: it lists, reads `logs`, and asks by the services' own verb inside a pod;
//! `remote` runs commands in pods and connects to their ports, `restart` has workloads make their pods anew.
//!
//! `kubeconfig` makes the entries by which `kubectl` and other tools reach a cluster of ours and merges them into a
//! file that is there; `credential` is the answer that those entries' exec plugin, `platctl token`, gives.

mod apply;
mod cluster;
mod credential;
mod discovery;
mod failure;
mod judge;
mod kubeconfig;
mod kubeconfig_file;
mod logs;
mod lookup;
mod objects;
mod pods;
mod reader;
mod refusal;
mod remote;
mod restart;
mod secrets;
mod trouble;
mod wait;

pub use apply::{Applied, ApplyError, Change, FIELD_MANAGER, How, marked_of};
pub use cluster::{Access, Cluster, contexts};
pub use credential::{ExecVersion, exec_credential};
pub use discovery::Target;
pub use judge::{Judgement, SIMULATED, judge};
pub use kubeconfig::{Entry, KubeconfigError, document, merge};
pub use kubeconfig_file::{FileError, write};
pub use logs::{LogLine, LogQuery};
pub use reader::{ClusterReader, Collection, is_ready, name, trouble_of};
pub use refusal::Verdict;
pub use remote::{Container, Ran, Stream, Typed};
pub use wait::NotReady;
