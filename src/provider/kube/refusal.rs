//! What an apply that was refused says of its object.

use std::sync::PoisonError;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::apply::ApplyError;
use super::cluster::Cluster;
use super::discovery::{Target, UNSERVED};
use crate::provider::{Class, Error};

/// What is known of an object by an apply of it that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The cluster does not take it as it is.
    Refused,
    /// Its kind is not served.
    Unserved,
    /// It cannot be judged before something else is there; what the API server says.
    Later(String),
    /// Nothing: the cluster could not be asked.
    Failed,
}

/// Words of the API server by which it misses something else than the object itself (the second are those of admission
/// for a priority class), or cannot ask those that it has to ask. `DryRunUnsupported`: a webhook with side effects.
const OF_OTHERS: [&str; 5] = [
    "not found",
    "no PriorityClass with name",
    "failed calling webhook",
    "does not support dry run",
    "conversion webhook",
];

/// Words about fields that are none, or not of their type, which some versions tell as a failure of their own (500).
/// Kubernetes: `staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal/structuredmerge.go`.
const OF_FIELDS: [&str; 3] =
    ["failed to create typed", "field not declared in schema", "failed to convert new object"];

impl ApplyError {
    /// What it says of the object.
    pub fn verdict(&self) -> Verdict {
        let source = match self {
            Self::Call { source, .. } => source,
            Self::Foreign { .. } => return Verdict::Refused,
            // Those are about who may take what, and force takes them.
            Self::Conflict { .. } | Self::Unmarked { .. } => return Verdict::Failed,
        };
        let Error { class, code, message, .. } = source.as_ref();
        let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
        // An error without a code is none of the API server's.
        match (class, code.as_deref()) {
            (_, Some(UNSERVED)) => Verdict::Unserved,
            (_, Some(_)) if says(&OF_OTHERS) && !is_lost_namespace(message) => {
                Verdict::Later(message.clone())
            }
            _ if says(&OF_FIELDS) => Verdict::Refused,
            (Class::Invalid | Class::Quota | Class::Denied | Class::NotFound, Some(_)) => Verdict::Refused,
            _ => Verdict::Failed,
        }
    }

    /// Why, in the API server's words where it said any.
    pub fn words(&self) -> String {
        match self {
            Self::Call { source, .. } => source.message.clone(),
            other => other.to_string(),
        }
    }
}

/// Whether it is the namespace of the object itself that is missing.
fn is_lost_namespace(message: &str) -> bool {
    message.starts_with("namespaces \"") && message.ends_with("\" not found")
}

/// How long after a change of a definition its kind may still be taken by the old one. The API server tells by no sign when
/// it goes by the new one, and there may be several of them.
const KNOWN_WITHIN: Duration = Duration::from_secs(10);

impl Cluster {
    /// Notes that a definition was changed.
    pub(super) fn note_redefined(&self, definition: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (group, kind) = (&definition["spec"]["group"], &definition["spec"]["names"]["kind"]);
        let mut all = self.redefined().lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((text(group), text(kind)), Instant::now());
    }

    /// Whether the API server may have refused an object by a definition that we have just changed.
    pub(super) fn may_not_know_yet(&self, target: &Target, error: &ApplyError) -> bool {
        let all = self.redefined().lock().unwrap_or_else(PoisonError::into_inner);
        let changed = all.get(&(target.group.clone(), target.kind.clone()));
        changed.is_some_and(|at| at.elapsed() < KNOWN_WITHIN) && error.verdict() == Verdict::Refused
    }

    /// Whether it is sure that a kind that is not served will not be, unless a definition of it comes: Kubernetes' own, and
    /// those that are served in other versions. Others may be defined by a controller while it runs.
    pub(in crate::provider) async fn is_sure_of(&self, target: &Target) -> Result<bool, Error> {
        Ok(!target.group.contains('.') || self.as_served(target).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::cluster::Access;
    use super::*;

    fn verdict(class: Class, code: &str, message: &str) -> Verdict {
        let code = (!code.is_empty()).then(|| code.to_owned());
        let source = Error { class, code, ..Error::local("kubernetes", "apply", message) };
        ApplyError::Call { object: "Service web".to_owned(), source: Box::new(source) }.verdict()
    }

    #[test]
    fn what_is_about_the_object_is_told_from_what_is_about_others() {
        use Verdict::{Failed, Later, Refused, Unserved};
        let later = |message: &str| Later(message.to_owned());
        let invalid = "Service \"web\" is invalid: spec.ports[0].port: Invalid value: 70000";
        assert_eq!(verdict(Class::Invalid, "Invalid", invalid), Refused);
        assert_eq!(
            verdict(Class::Quota, "Forbidden", "services \"web\" is forbidden: exceeded quota: q"),
            Refused
        );
        let fields = "failed to create typed patch object: .spec.prts: field not declared in schema";
        assert_eq!(verdict(Class::Unavailable, "", fields), Refused);
        assert_eq!(verdict(Class::NotFound, "NotFound", "namespaces \"other\" not found"), Refused);
        assert_eq!(verdict(Class::Invalid, UNSERVED, "the cluster serves no A of b/v1"), Unserved);
        for others in [
            "pods \"web\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found",
            "pods \"web\" is forbidden: no PriorityClass with name high was found",
            "Internal error occurred: failed calling webhook \"a.b.c\": no endpoints available for service \"web\"",
            "admission webhook \"a.b.c\" does not support dry run",
        ] {
            assert_eq!(verdict(Class::Invalid, "Forbidden", others), later(others));
        }
        assert_eq!(verdict(Class::Unavailable, "", "connection refused"), Failed);
        assert_eq!(verdict(Class::Unavailable, "ServiceUnavailable", "the server is overloaded"), Failed);
        assert_eq!(verdict(Class::Throttled, "TooManyRequests", "try again"), Failed);
        assert_eq!(verdict(Class::Invalid, "", "the kubeconfig cannot be read"), Failed);
    }

    #[test]
    fn only_what_was_defined_anew_may_be_refused_by_an_old_definition() {
        let cluster = Cluster::new(Access::Context { file: None, context: "none".to_owned() });
        let [group, version] = ["example.com", "v1"].map(str::to_owned);
        let [kind, namespace, name] = ["Thing", "n", "a"].map(str::to_owned);
        let thing = Target { group, version, kind, namespace, name };
        let call = |message: &str| {
            let source =
                Error { code: Some("Invalid".to_owned()), ..Error::local("kubernetes", "apply", message) };
            ApplyError::Call { object: "Thing a".to_owned(), source: Box::new(source) }
        };
        let refused = call("spec.color: field not declared in schema");
        assert!(!cluster.may_not_know_yet(&thing, &refused));
        cluster.note_redefined(&json!({"spec": {"group": "example.com", "names": {"kind": "Thing"}}}));
        assert!(cluster.may_not_know_yet(&thing, &refused));
        assert!(!cluster.may_not_know_yet(&thing, &call("failed calling webhook \"a.b.c\"")));
        let other = Target { kind: "Other".to_owned(), ..thing };
        assert!(!cluster.may_not_know_yet(&other, &refused));
    }
}
