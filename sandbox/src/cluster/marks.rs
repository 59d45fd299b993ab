//! What the sandbox writes on objects of its own accord.

/// Why a workload is not run, on it and on its pods.
pub(super) const SIMULATED: &str = "sandbox.platctl.dev/simulated";

/// Where a Service of type LoadBalancer is reached on loopback.
pub(super) const URL: &str = "sandbox.platctl.dev/url";

/// The variables of a pod's processes that are not as the manifest has them: a JSON object from names to values.
pub(super) const REWRITES: &str = "sandbox.platctl.dev/rewrites";

/// Where a pod's process listens: `127.0.0.1:PORT`.
pub(super) const ADDRESS: &str = "sandbox.platctl.dev/address";
