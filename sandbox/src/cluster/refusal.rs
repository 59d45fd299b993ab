//! Refusals: `Status` objects with the codes, reasons and words of the real API server.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>

use serde_json::{Value, json};

use super::kinds::Resource;
use crate::faults::FaultKind;

/// A request that is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) details: Value,
}

impl Refusal {
    pub(super) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: json!({}) }
    }

    /// 400.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 404 for a path that is none.
    pub(super) fn no_path() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource")
    }

    /// 401: nobody knows who asks.
    pub(super) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// 405.
    pub(super) fn method() -> Self {
        Self::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    }

    /// 500.
    pub(super) fn internal(error: &dyn std::error::Error) -> Self {
        Self::new(500, "InternalError", format!("Internal error occurred: {error}"))
    }

    /// What the real server answers while a fault strikes: its flow control, a member that is not up, a bug.
    /// <https://kubernetes.io/docs/concepts/cluster-administration/flow-control/>
    pub(super) fn of(fault: FaultKind) -> Option<Self> {
        match fault {
            FaultKind::Throttle => {
                let message = "The server has received too many requests and has asked us to try again later";
                Some(Self::new(429, "TooManyRequests", message))
            }
            FaultKind::Unavailable => {
                let message = "the server is currently unable to handle the request";
                Some(Self::new(503, "ServiceUnavailable", message))
            }
            FaultKind::ServerError => {
                let message = "Internal error occurred: etcdserver: leader changed";
                Some(Self::new(500, "InternalError", message))
            }
            FaultKind::CutBefore | FaultKind::CutAfter | FaultKind::Delay(_) | FaultKind::HalfReply => None,
        }
    }

    pub(super) fn not_found(resource: &Resource, name: &str) -> Self {
        Self::about(404, "NotFound", resource, name, "not found")
    }

    pub(super) fn exists(resource: &Resource, name: &str) -> Self {
        Self::about(409, "AlreadyExists", resource, name, "already exists")
    }

    /// 409: the object is not what the caller has seen.
    pub(super) fn changed(resource: &Resource, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", resource.qualified());
        Self::new(409, "Conflict", message).on(resource, name)
    }

    /// 403.
    pub(super) fn forbidden(resource: &Resource, name: &str, why: &str) -> Self {
        let subject = if name.is_empty() {
            format!("{} is forbidden: {why}", resource.qualified())
        } else {
            format!("{} {name:?} is forbidden: {why}", resource.qualified())
        };
        Self::new(403, "Forbidden", subject).on(resource, name)
    }

    /// 422: each cause is the reason's name, the field and what is wrong with it.
    pub(super) fn invalid(resource: &Resource, name: &str, causes: &[Cause]) -> Self {
        let told: Vec<String> =
            causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        let all = if told.len() == 1 { told[0].clone() } else { format!("[{}]", told.join(", ")) };
        let kind = match resource.group.as_str() {
            "" => resource.kind.clone(),
            group => format!("{}.{group}", resource.kind),
        };
        let mut refusal = Self::new(422, "Invalid", format!("{kind} {name:?} is invalid: {all}"));
        refusal.details = json!({
            "name": name, "group": resource.group, "kind": resource.kind,
            "causes": causes.iter().map(Cause::shown).collect::<Vec<_>>(),
        });
        refusal
    }

    fn about(code: u16, reason: &'static str, resource: &Resource, name: &str, what: &str) -> Self {
        Self::new(code, reason, format!("{} {name:?} {what}", resource.qualified())).on(resource, name)
    }

    fn on(mut self, resource: &Resource, name: &str) -> Self {
        self.details = json!({ "name": name, "group": resource.group, "kind": resource.plural });
        for empty in ["name", "group"] {
            if self.details[empty] == "" {
                super::json::remove(&mut self.details, empty);
            }
        }
        self
    }

    /// With causes in its details.
    pub(super) fn with_causes(mut self, causes: Vec<Value>) -> Self {
        self.details["causes"] = causes.into();
        self
    }

    /// The Status.
    pub(super) fn status(&self) -> Value {
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message,
            "reason": self.reason, "details": self.details, "code": self.code,
        })
    }
}

/// One thing that is wrong with an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cause {
    reason: &'static str,
    field: String,
    message: String,
}

impl Cause {
    pub(super) fn required(field: impl Into<String>, why: &str) -> Self {
        let message =
            if why.is_empty() { "Required value".to_owned() } else { format!("Required value: {why}") };
        Self { reason: "FieldValueRequired", field: field.into(), message }
    }

    pub(super) fn invalid(field: impl Into<String>, value: &Value, why: &str) -> Self {
        let message = format!("Invalid value: {value}: {why}");
        Self { reason: "FieldValueInvalid", field: field.into(), message }
    }

    pub(super) fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self {
            reason: "FieldValueDuplicate",
            field: field.into(),
            message: format!("Duplicate value: {value}"),
        }
    }

    pub(super) fn unsupported(field: impl Into<String>, value: &Value, known: &[&str]) -> Self {
        let known: Vec<String> = known.iter().map(|one| format!("{one:?}")).collect();
        let message = format!("Unsupported value: {value}: supported values: {}", known.join(", "));
        Self { reason: "FieldValueNotSupported", field: field.into(), message }
    }

    pub(super) fn too_long(field: impl Into<String>, most: usize) -> Self {
        let message = format!("Too long: may not be more than {most} bytes");
        Self { reason: "FieldValueTooLong", field: field.into(), message }
    }

    pub(super) fn forbidden(field: impl Into<String>, why: &str) -> Self {
        Self { reason: "FieldValueForbidden", field: field.into(), message: format!("Forbidden: {why}") }
    }

    fn shown(&self) -> Value {
        json!({ "reason": self.reason, "message": self.message, "field": self.field })
    }
}
