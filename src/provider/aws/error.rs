//! What AWS's errors mean: the one place that knows their codes.
//!
//! Codes come from each service's API reference ("Common errors" and the errors of the operations) and from
//! "Error codes for the Amazon EC2 API".

use std::error::Error as _;

use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::call::Operation;
use crate::provider::{Class, Error};

/// A failed call, and whether it may have taken effect.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) effect: Effect,
}

/// Whether a failed call may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// No: it never left, or the service refused it.
    None,
    /// It may have: no answer came, or the service failed on its side.
    Unknown,
}

impl Failure {
    pub(super) fn of<E>(operation: Operation, error: SdkError<E, HttpResponse>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + RequestId + Send + Sync + 'static,
    {
        let request_id = error
            .as_service_error()
            .and_then(RequestId::request_id)
            .or_else(|| error.request_id())
            .map(str::to_owned);
        let code = error.code().map(str::to_owned);
        let (class, message, effect) = match &error {
            SdkError::ConstructionFailure(_) => not_sent(&error),
            SdkError::DispatchFailure(failure) if failure.is_user() => not_sent(&error),
            SdkError::DispatchFailure(_) if is_connect(&error) => {
                (Class::Unavailable, DisplayErrorContext(&error).to_string(), Effect::None)
            }
            SdkError::DispatchFailure(_) if is_credentials(&error) => not_sent(&error),
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let code = code.as_deref().unwrap_or_default();
                let message = service.err().message().unwrap_or(code).to_owned();
                let class = classify(operation.name, code, status, &message);
                let effect = if status >= 500 { Effect::Unknown } else { Effect::None };
                (class, message, effect)
            }
            // A timeout, a connection that broke, or an answer that cannot be read.
            _ => (Class::Unanswered, DisplayErrorContext(&error).to_string(), Effect::Unknown),
        };
        let (service, operation) = (operation.service.as_str(), operation.name);
        let code = code.filter(|code| !code.is_empty());
        Self { error: Error { class, service, operation, code, message, request_id }, effect }
    }

    /// A failure that the service told in the body of an answer.
    pub(super) fn told(operation: Operation, code: Option<&str>, message: Option<&str>) -> Self {
        let code = code.unwrap_or_default();
        let error = Error {
            class: classify(operation.name, code, 400, message.unwrap_or_default()),
            service: operation.service.as_str(),
            operation: operation.name,
            code: Some(code.to_owned()),
            message: message.unwrap_or(code).to_owned(),
            request_id: None,
        };
        Self { error, effect: Effect::None }
    }

    /// No answer within the operation's time.
    pub(super) fn timed_out(operation: Operation, seconds: u64) -> Self {
        let error = Error {
            class: Class::Unanswered,
            service: operation.service.as_str(),
            operation: operation.name,
            code: None,
            message: format!("no answer within {seconds} s"),
            request_id: None,
        };
        Self { error, effect: Effect::Unknown }
    }
}

/// The request could not be made: its input is wrong, or there are no credentials to sign it with.
fn not_sent<E>(error: &SdkError<E, HttpResponse>) -> (Class, String, Effect)
where
    E: std::error::Error + Send + Sync + 'static,
{
    let class = if is_credentials(error) { Class::Denied } else { Class::Invalid };
    (class, DisplayErrorContext(error).to_string(), Effect::None)
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn is_connect<E: std::error::Error + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    error.source().is_some_and(|source| {
        chain(source).any(|error| {
            error
                .downcast_ref::<hyper_util::client::legacy::Error>()
                .is_some_and(hyper_util::client::legacy::Error::is_connect)
        })
    })
}

fn is_credentials<E: std::error::Error + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    error.source().is_some_and(|source| {
        chain(source).any(|error| {
            error.is::<aws_credential_types::provider::error::CredentialsError>()
                // The SDK wraps a missing provider in text alone.
                || error.to_string().contains("no providers in chain provided credentials")
                || error.to_string().contains("failed to select an auth scheme")
        })
    })
}

/// What a service's error means.
fn classify(operation: &str, code: &str, status: u16, message: &str) -> Class {
    // Releasing an address that something still uses is refused as if it were another account's.
    if code == "AuthFailure" && matches!(operation, "ReleaseAddress" | "DisassociateAddress") {
        return Class::DependencyViolation;
    }
    // "Cluster has nodegroups attached", "ResourceInUse: Target group … is currently in use by a listener".
    if matches!(code, "ResourceInUseException" | "ResourceInUse") && !message.contains("already exists") {
        let deletes = operation.starts_with("Delete");
        return if deletes { Class::DependencyViolation } else { Class::Conflict };
    }
    by_code(code).or_else(|| by_shape(code)).unwrap_or_else(|| by_status(status))
}

/// Codes that say what they mean, by name.
#[rustfmt::skip]
const CODES: [(Class, &[&str]); 9] = [
    (Class::Throttled, &[
        "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "SlowDown", "PriorRequestNotComplete",
        "BandwidthLimitExceeded", "EC2ThrottledException",
    ]),
    (Class::Unavailable, &[
        "InternalError", "InternalFailure", "InternalServerError", "InternalServiceError",
        "InternalServiceException", "ServerException", "ServiceException", "ServiceFailure",
        "ServiceUnavailable", "ServiceUnavailableException", "Unavailable", "KMSInternalException",
        "DependencyTimeoutException", "RequestTimeout", "InsufficientAddressCapacity", "InsufficientCapacity",
    ]),
    (Class::NotFound, &["NoSuchEntity", "Gateway.NotAttached"]),
    (Class::DependencyViolation, &[
        "DependencyViolation", "DeleteConflict", "DeleteConflictException", "HostedZoneNotEmpty",
        "BucketNotEmpty", "VolumeInUse", "InvalidGroup.InUse",
        "InvalidIPAddress.InUse", "InvalidNetworkInterface.InUse", "InvalidParameterValue.InUse",
        "CannotDelete",
    ]),
    (Class::Denied, &[
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "AuthFailure",
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId",
        "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired",
        "NotAuthorized", "Blocked", "InvalidAccessKeyId", "IncompleteSignature",
    ]),
    (Class::Quota, &[
        "LimitExceeded", "LimitExceededException", "ServiceQuotaExceededException", "MaxEntriesExceeded",
        "TooManyHostedZones", "TooManyLoadBalancers", "TooManyBuckets",
    ]),
    // Nobody takes the images away while we wait.
    (Class::Invalid, &["RepositoryNotEmptyException"]),
    // The token was used before with another request: that one made the resource.
    (Class::Conflict, &["IdempotentParameterMismatch", "IdempotentParameterMismatchException"]),
    (Class::Conflict, &[
        "Resource.AlreadyAssociated", "ConflictException", "IncorrectState", "OperationAborted",
        "OperationAbortedException", "ConcurrentModification", "ConcurrentModificationException",
        "ResourceExistsException", "InvalidVpcState", "BucketAlreadyOwnedByYou", "InvalidSubnet.Conflict",
        "ConflictingDomainExists", "InvalidState", "KMSInvalidStateException",
    ]),
];

fn by_code(code: &str) -> Option<Class> {
    CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(class, _)| *class)
}

/// Families of codes: every service builds them the same way.
fn by_shape(code: &str) -> Option<Class> {
    let is = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if is(&["NotFound", "NoSuch", "DoesNotExist"]) {
        Some(Class::NotFound)
    } else if is(&["AlreadyExists", ".Duplicate", "DuplicateLoadBalancerName"]) {
        Some(Class::Conflict)
    } else if is(&["LimitExceeded", "QuotaExceeded"]) {
        Some(Class::Quota)
    } else if is(&["Invalid", "Validation", "Malformed", "Missing", "Unsupported", "UnknownParameter"]) {
        Some(Class::Invalid)
    } else {
        None
    }
}

fn by_status(status: u16) -> Class {
    match status {
        404 => Class::NotFound,
        401 | 403 => Class::Denied,
        409 => Class::Conflict,
        429 => Class::Throttled,
        // An endpoint that does not know the operation will not know it later either.
        501 => Class::Other,
        500.. => Class::Unavailable,
        400 => Class::Invalid,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_aws_documents() {
        for (operation, code, status, message, class) in [
            ("DescribeVpcs", "RequestLimitExceeded", 503, "", Class::Throttled),
            ("CreateVpc", "VpcLimitExceeded", 400, "", Class::Quota),
            ("AllocateAddress", "AddressLimitExceeded", 400, "", Class::Quota),
            ("DeleteVpc", "DependencyViolation", 400, "", Class::DependencyViolation),
            ("DeleteVpc", "InvalidVpcID.NotFound", 400, "", Class::NotFound),
            ("DeleteNatGateway", "NatGatewayNotFound", 400, "", Class::NotFound),
            ("ReleaseAddress", "AuthFailure", 400, "", Class::DependencyViolation),
            ("CreateVpc", "AuthFailure", 401, "", Class::Denied),
            ("CreateVpc", "UnauthorizedOperation", 403, "", Class::Denied),
            ("CreateSecurityGroup", "InvalidGroup.Duplicate", 400, "", Class::Conflict),
            ("CreateSubnet", "InvalidSubnet.Range", 400, "", Class::Invalid),
            ("CreateSubnet", "InvalidSubnet.Conflict", 400, "", Class::Conflict),
            ("CreateRole", "EntityAlreadyExists", 409, "", Class::Conflict),
            ("DeleteRole", "DeleteConflict", 409, "", Class::DependencyViolation),
            ("CreateCluster", "ResourceInUseException", 409, "Cluster already exists", Class::Conflict),
            (
                "DeleteCluster",
                "ResourceInUseException",
                409,
                "nodegroups attached",
                Class::DependencyViolation,
            ),
            ("CreateAddon", "ResourceInUseException", 409, "update in progress", Class::Conflict),
            ("CreateRepository", "ThrottlingException", 400, "", Class::Throttled),
            ("CreateVpc", "InternalError", 500, "", Class::Unavailable),
            ("CreateVpc", "", 502, "", Class::Unavailable),
            ("CreateVpc", "SomethingNew", 418, "", Class::Other),
        ] {
            assert_eq!(classify(operation, code, status, message), class, "{operation} {code}");
        }
    }
}
