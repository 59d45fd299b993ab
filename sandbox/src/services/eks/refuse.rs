//! EKS's refusals.

use crate::wire::failure::Failure;

/// Something is not there.
pub(super) fn not_found(text: impl Into<String>) -> Failure {
    Failure::new("ResourceNotFoundException", text)
}

/// Something exists already, or is busy.
pub(super) fn in_use(text: impl Into<String>) -> Failure {
    Failure::new("ResourceInUseException", text)
}

/// A parameter is wrong.
pub(super) fn invalid_parameter(text: impl Into<String>) -> Failure {
    Failure::new("InvalidParameterException", text)
}

/// The request is wrong in the state that things are in.
pub(super) fn invalid_request(text: impl Into<String>) -> Failure {
    Failure::new("InvalidRequestException", text)
}

/// Too many of a kind.
pub(super) fn over_limit(text: impl Into<String>) -> Failure {
    Failure::new("ResourceLimitExceededException", text)
}

/// What a client token that came with other parameters is refused with.
pub(super) const TOKEN_MISMATCH: &str = "InvalidParameterException";
