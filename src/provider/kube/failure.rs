//! What the API server's errors mean.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>

use kube::client::UpgradeConnectionError;
use kube::core::Status;

use crate::provider::{Class, Error};

const SERVICE: &str = "kubernetes";

/// The classified error of a call.
pub(super) fn failed(operation: &'static str, error: kube::Error) -> Error {
    match error {
        kube::Error::Api(status) => refused(operation, &status),
        kube::Error::Auth(error) => {
            Error { class: Class::Denied, ..local(operation, format!("no credentials: {}", chain(&error))) }
        }
        kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(status)) => {
            let message = format!("the API server does not do this here ({status})");
            Error { class: class_of(status.as_u16(), ""), ..local(operation, message) }
        }
        other => Error { class: Class::Unavailable, ..local(operation, chain(&other)) },
    }
}

/// Words by which admission refuses an object.
const ADMISSION: [&str; 4] =
    ["admission webhook", "violates PodSecurity", "because it is being terminated", " usage per "];

/// Whether the API server does not know who we are.
pub(super) fn is_unauthorized(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => status.code == 401,
        kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(status)) => *status == 401,
        _ => false,
    }
}

/// Whether an answer got lost on the way: the connection ended before the whole of it was there. What was asked may be
/// done.
pub(super) fn is_lost(error: &kube::Error) -> bool {
    match error {
        kube::Error::HyperError(_) => true,
        kube::Error::Service(error) => {
            let error = error.downcast_ref::<hyper_util::client::legacy::Error>();
            // What is none of the client's own is of a body that it was reading.
            error.is_none_or(|error| !error.is_connect())
        }
        _ => false,
    }
}

fn class_of(code: u16, message: &str) -> Class {
    match code {
        404 => Class::NotFound,
        429 => Class::Throttled,
        403 if message.contains("exceeded quota") => Class::Quota,
        // Admission refuses what the object is by the code that means who asks for it.
        403 if ADMISSION.iter().any(|words| message.contains(words)) => Class::Invalid,
        401 | 403 => Class::Denied,
        409 => Class::Conflict,
        400 | 405 | 406 | 413 | 415 | 422 => Class::Invalid,
        500.. => Class::Unavailable,
        _ => Class::Other,
    }
}

/// An error of which the cluster knows nothing.
pub(super) fn local(operation: &'static str, message: impl Into<String>) -> Error {
    Error::local(SERVICE, operation, message)
}

fn refused(operation: &'static str, status: &Status) -> Error {
    let class = class_of(status.code, &status.message);
    let code = (!status.reason.is_empty()).then(|| status.reason.clone());
    Error { class, code, ..local(operation, status.message.clone()) }
}

/// All that an error tells, with what lies behind it: the client's own texts keep it apart.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let told = cause.to_string();
        if !text.contains(&told) {
            text = format!("{text}: {told}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_is_told_from_what_may_not_be() {
        for (message, class) in [
            (
                "deployments.apps \"web\" is forbidden: User \"dev\" cannot patch resource \"deployments\"",
                Class::Denied,
            ),
            ("pods \"web\" is forbidden: exceeded quota: small, requested: pods=1", Class::Quota),
            ("admission webhook \"policy.example.com\" denied the request: no", Class::Invalid),
            (
                "pods \"web\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
                Class::Invalid,
            ),
        ] {
            assert_eq!(class_of(403, message), class, "{message}");
        }
    }
}
