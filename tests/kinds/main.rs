//! The laws of every kind, judged by an endpoint that is not ours to trust: the sandbox in process, or a peer.
//!
//! `law` holds the laws, `world` what they run in; a folder a service holds the cases: for each kind, resources
//! that set every field, and for every field with a policy a way to change it behind platctl's back.

#![allow(clippy::unwrap_used)]

mod ec2;
mod law;
mod peers;
mod world;
