//! What can go wrong with a call, classified once.

use std::fmt;

/// What an error means for us, whatever its service calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// It is not there.
    NotFound,
    /// Too many calls: wait and repeat.
    Throttled,
    /// The service failed on its side: repeat.
    Unavailable,
    /// The call was sent and no answer came: whether it took effect is not known.
    Unanswered,
    /// It exists already, or something else is going on with it.
    Conflict,
    /// Something that depends on it, or that it depends on, is in the way for now.
    DependencyViolation,
    /// The caller may not do this, or has no valid credentials.
    Denied,
    /// A quota of the account is used up.
    Quota,
    /// The request is wrong; repeating it changes nothing.
    Invalid,
    /// Anything else.
    Other,
}

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What it means.
    pub class: Class,
    /// The service (`ec2`, `eks`, ...).
    pub service: &'static str,
    /// The operation, as the service names it (`CreateVpc`).
    pub operation: &'static str,
    /// The service's own code, where it gave one.
    pub code: Option<String>,
    /// The service's own words.
    pub message: String,
    /// The id by which the service's support finds the call.
    pub request_id: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service, self.operation)?;
        if let Some(code) = &self.code {
            write!(f, ": {code}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// An error that no service gave: something that a call needs is missing on our side.
    pub fn local(service: &'static str, operation: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { class: Class::Invalid, service, operation, code: None, message, request_id: None }
    }
}
