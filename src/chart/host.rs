//! What a template may ask of the world; the caller decides what it gets.

use super::value::Value;

/// The clock, the dice, the name server and the cluster of a rendering.
///
/// A method left out gives what Helm gives offline.
pub trait Host {
    /// The time now: seconds since 1970-01-01T00:00:00Z and nanoseconds within the second.
    fn now(&self) -> (i64, u32);

    /// Fills `bytes` with random ones fit for keys and passwords.
    fn fill_random(&self, bytes: &mut [u8]);

    /// The IANA name of the local time zone, in which `date` shows times.
    fn time_zone(&self) -> &str {
        "UTC"
    }

    /// An address of a host. Asked only if DNS is enabled.
    ///
    /// # Errors
    /// Why there is none.
    fn resolve(&self, name: &str) -> Result<String, String> {
        Err(format!("no such host: {name}"))
    }

    /// An object of the cluster, or, without a name, the list of them; nothing if there is no cluster or
    /// no such object.
    ///
    /// # Errors
    /// Why the cluster could not answer.
    fn lookup(&self, query: &Lookup<'_>) -> Result<Option<Value>, String> {
        let _ = query;
        Ok(None)
    }
}

/// What `lookup` is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookup<'a> {
    /// For example `apps/v1`.
    pub api_version: &'a str,
    /// For example `Deployment`.
    pub kind: &'a str,
    /// The namespace; empty for all, or for what has none.
    pub namespace: &'a str,
    /// The name; empty for a list.
    pub name: &'a str,
}
