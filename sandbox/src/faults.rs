//! Faults: what goes wrong on purpose, for which calls, how often.

use serde::{Deserialize, Serialize};

use crate::dice::Dice;
use crate::wire::failure::Failure;
use crate::wire::message::Reply;
use crate::wire::model::{Model, Protocol};

/// The clusters' API, as faults know it; its operations are told as `METHOD /path`.
pub(crate) const CLUSTER: &str = "kubernetes";

/// An armed fault. It hits calls that match `service`, `operation` and `mutating`, and of those the ones that `nth`, `share`
/// and `times` choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The service by model name; any when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The operation, `*` and `?` allowed; any when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Only calls that change something.
    #[serde(default)]
    pub mutating: bool,
    /// Only the nth matching call, counted from 1 since the fault was armed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Only this share of the matching calls (0 to 1), chosen by the world's dice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// At most so many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Matching calls so far.
    #[serde(default)]
    pub matched: u64,
    /// Times it struck.
    #[serde(default)]
    pub struck: u64,
}

/// A call, as faults choose among them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    /// Whether it changes something.
    pub(crate) mutating: bool,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The service's throttling error; the call has no effect.
    Throttle,
    /// A 500 of the service; the call has no effect.
    ServerError,
    /// A 503 of the service; the call has no effect.
    Unavailable,
    /// The connection is cut and the call has no effect.
    CutBefore,
    /// The call takes effect and the connection is cut instead of a reply.
    CutAfter,
    /// The call takes effect and the reply comes so many milliseconds late.
    Delay(u64),
    /// The call takes effect and the connection is cut after half of the reply's body.
    HalfReply,
}

impl Fault {
    /// Counts a call and says whether the fault strikes it.
    pub(crate) fn strikes(
        &mut self,
        Call { service, operation, mutating }: Call<'_>,
        dice: &mut Dice,
    ) -> bool {
        let right_service = self.service.as_deref().is_none_or(|wanted| wanted == service);
        let right_operation =
            self.operation.as_deref().is_none_or(|wanted| crate::world::matches(wanted, operation));
        let right_sort = !self.mutating || mutating;
        if !right_service || !right_operation || !right_sort {
            return false;
        }
        self.matched += 1;
        let by_share = self.share.is_none_or(|share| {
            #[expect(clippy::cast_precision_loss, reason = "a number below a million")]
            let rolled = dice.below(1_000_000) as f64 / 1_000_000.0;
            rolled < share
        });
        let strikes = self.nth.is_none_or(|nth| nth == self.matched)
            && self.times.is_none_or(|times| self.struck < times)
            && by_share;
        self.struck += u64::from(strikes);
        strikes
    }

    /// True when the fault can strike no more.
    pub fn is_spent(&self) -> bool {
        self.nth.is_some_and(|nth| self.matched >= nth)
            || self.times.is_some_and(|times| self.struck >= times)
    }
}

impl FaultKind {
    /// The error that the service answers, for the kinds that answer one.
    pub fn failure(self, model: &Model) -> Option<Failure> {
        match self {
            Self::Throttle => Some(throttled(model)),
            Self::ServerError => {
                let code = if model.service == "s3" { "InternalError" } else { "InternalFailure" };
                Some(Failure::new(code, "An internal error has occurred").status(500))
            }
            Self::Unavailable => {
                let code = if model.protocol == Protocol::Ec2 { "Unavailable" } else { "ServiceUnavailable" };
                Some(Failure::new(code, "The service is unavailable. Please try again shortly.").status(503))
            }
            _ => None,
        }
    }
}

/// The throttling error, which every service spells its own way.
fn throttled(model: &Model) -> Failure {
    match (model.protocol, model.service.as_str()) {
        (Protocol::Ec2, _) => Failure::new("RequestLimitExceeded", "Request limit exceeded.").status(503),
        (_, "s3") => Failure::new("SlowDown", "Please reduce your request rate.").status(503),
        (_, "eks") => Failure::new("ThrottlingException", "Too Many Requests").status(429),
        (Protocol::Query | Protocol::RestXml, _) => Failure::new("Throttling", "Rate exceeded").status(400),
        _ => Failure::new("ThrottlingException", "Rate exceeded").status(400),
    }
}

/// How the server delivers a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// As it is.
    #[default]
    Whole,
    /// Not at all: the connection is cut.
    Cut,
    /// The first half of the body, then the connection is cut.
    Half,
    /// After so many milliseconds.
    Late(u64),
}

impl From<FaultKind> for Delivery {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::CutBefore | FaultKind::CutAfter => Self::Cut,
            FaultKind::HalfReply => Self::Half,
            FaultKind::Delay(millis) => Self::Late(millis),
            _ => Self::Whole,
        }
    }
}

/// A reply and how to deliver it.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The reply.
    pub reply: Reply,
    /// How.
    pub delivery: Delivery,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::SERVICES;

    /// What SDKs take for throttling: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
    const THROTTLING: [&str; 5] =
        ["RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"];

    #[test]
    fn every_service_throttles_in_words_that_clients_retry() {
        for service in SERVICES {
            let model = (service.model)();
            let throttled = FaultKind::Throttle.failure(model).unwrap();
            assert!(THROTTLING.contains(&throttled.code.as_str()), "{}: {}", service.name, throttled.code);
            let statuses = [FaultKind::ServerError, FaultKind::Unavailable]
                .map(|kind| kind.failure(model).and_then(|failure| failure.status));
            assert_eq!(statuses, [Some(500), Some(503)], "{}", service.name);
            assert!(FaultKind::CutAfter.failure(model).is_none());
        }
    }
}
