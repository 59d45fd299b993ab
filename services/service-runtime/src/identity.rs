//! Who a process is and where it runs: in every log line, span and info page.

/// The service, its version and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The service's name, `backend-app`.
    pub service: &'static str,
    /// The version of its crate.
    pub version: &'static str,
    /// The pod, `backend-app-7d9f…`.
    pub pod: String,
    /// The node that runs the pod.
    pub node: String,
    /// The namespace of the pod.
    pub namespace: String,
    /// The cluster, by its name.
    pub cluster: String,
}
