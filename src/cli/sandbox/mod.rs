//! `sandbox`, and what `--sandbox` needs: an AWS on this machine, kept by a small process in the background.
//!
//! Its world lives in `state/sandbox/world/`, so that one verb after another sees the same. Never in the path
//! of a real run.

#[cfg(feature = "sandbox")]
mod process;
#[cfg(feature = "sandbox")]
mod verb;
#[cfg(not(feature = "sandbox"))]
mod without;

#[cfg(feature = "sandbox")]
pub(super) use process::{ACCESS_KEY, SECRET_KEY, ensure, open_registry, own_key, pace};
#[cfg(feature = "sandbox")]
pub(super) use verb::{SandboxArgs, run};
#[cfg(not(feature = "sandbox"))]
pub(super) use without::{ACCESS_KEY, SECRET_KEY, SandboxArgs, ensure, open_registry, own_key, pace, run};
