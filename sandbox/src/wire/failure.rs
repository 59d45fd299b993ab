//! What an operation answers when it refuses.

use serde_json::Value;

/// A refusal, independent of the wire protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The error code (or the model's shape name of the error).
    pub code: String,
    /// The message for people.
    pub message: String,
    /// The HTTP status, where it is not the one in the model (400 if the model has none either).
    pub status: Option<u16>,
    /// Members of the error besides the message, by model name.
    pub members: Vec<(String, Value)>,
}

/// The code of everything that the sandbox does not model. Never sent by AWS for a valid request.
pub const UNMODELLED: &str = "NotImplemented";

impl Failure {
    /// A refusal with a code and a message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: None, members: Vec::new() }
    }

    /// The loud 501 for what the sandbox does not model; `what` names it.
    pub fn unmodelled(what: impl std::fmt::Display) -> Self {
        Self::new(UNMODELLED, format!("the sandbox does not model {what}")).status(501)
    }

    /// Our own mistake: an operation broke the model.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::new("InternalFailure", format!("the sandbox failed: {what}")).status(500)
    }

    /// The same with this HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same with one more member, for errors that carry some.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.push((member.to_owned(), value.into()));
        self
    }

    /// True for the 501 of something not modelled.
    pub fn is_unmodelled(&self) -> bool {
        self.status == Some(501)
    }
}
