//! Clusters as clients reach them: over TLS, with tokens, request by request.

mod access;
mod faults;
mod ground;
mod objects;
mod releases;
mod shop;
mod workloads;
