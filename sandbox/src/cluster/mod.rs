//! A Kubernetes for every EKS cluster that is active: an API server on loopback, and what works behind it.
//!
//! # How it is built
//! | module | what lives there |
//! |---|---|
//! | `clusters` | starts and stops a [`instance::Cluster`] for every cluster of the world, and puts its address into EKS's answers |
//! | `listener`, `identity`, `signature`, `access` | TLS under the cluster's own authority, tokens of EKS, access entries and their policies |
//! | `router`, `request`, `discovery`, `refusal`, `protobuf`, `table` | what a request asks for, what is served, `Status` objects, bodies and answers in other forms |
//! | `api` | reading, watching and writing objects: the one way, also for controllers |
//! | `store` | the objects, their versions, the last changes; on disk |
//! | `fields` | server-side apply: who owns which field |
//! | `patch`, `defaults`, `validate`, `selector`, `kinds` | what their names say |
//! | `controllers` | namespaces, definitions, owners and their dependents, Deployments, ReplicaSets, endpoints, load balancers |
//! | `kubelet`, `logs`, `remote` | pods as processes of this machine, their probes, what they write, `exec` and `portforward` |
//! | `network` | how Services, private names and pods are reached on loopback |
//!
//! # Laws
//! - It is reached as a cluster of EKS is: by DescribeCluster's endpoint and authority, and a token that is verified.
//! - What was changed is on disk before it is answered; a stop and a start change no object.
//! - The objects are not part of the [world](crate::world): what works in a cluster (processes, probes) is not
//!   deterministic, so changes are written down and not the requests. What controllers do in AWS goes through the
//!   world's own calls, and is in its log.
//! - One thread, as everything of the sandbox: nothing is locked.

mod access;
mod api;
mod clusters;
mod controllers;
mod defaults;
mod discovery;
mod fields;
mod identity;
mod instance;
mod json;
mod kinds;
mod kubelet;
mod listener;
mod logs;
mod marks;
mod network;
mod patch;
mod place;
mod protobuf;
mod refusal;
mod remote;
mod request;
mod router;
mod selector;
mod signature;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod validate;

pub(crate) use clusters::Clusters;
