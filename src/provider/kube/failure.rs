//! What the API server's errors mean.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>

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
        other => Error { class: Class::Unavailable, ..local(operation, chain(&other)) },
    }
}

/// An error of which the cluster knows nothing.
pub(super) fn local(operation: &'static str, message: impl Into<String>) -> Error {
    Error::local(SERVICE, operation, message)
}

fn refused(operation: &'static str, status: &Status) -> Error {
    let class = match (status.code, status.reason.as_str()) {
        (404, _) => Class::NotFound,
        (429, _) => Class::Throttled,
        (403, _) if status.message.contains("exceeded quota") => Class::Quota,
        (401 | 403, _) => Class::Denied,
        (409, _) => Class::Conflict,
        (400 | 405 | 406 | 413 | 415 | 422, _) => Class::Invalid,
        (500.., _) => Class::Unavailable,
        _ => Class::Other,
    };
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
