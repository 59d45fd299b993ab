//! Eventual consistency: what is refused for now, only because the service has not heard of it everywhere.

use std::collections::VecDeque;
use std::time::Duration;

use crate::provider::{Class, Error};

/// For how long what was made may be unknown to a part of the service. ("Eventual consistency in the Amazon EC2
/// API" names minutes; seconds are usual.)
const NEW: Duration = Duration::from_secs(120);

/// What was made in the last minutes.
#[derive(Debug, Default)]
pub(super) struct Recent {
    made: VecDeque<(String, Duration)>,
}

impl Recent {
    pub(super) fn add(&mut self, id: &str, now: Duration) {
        self.forget(now);
        self.made.push_back((id.to_owned(), now));
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.made.retain(|(made, _)| made != id);
    }

    /// True when a text names something that was made in the last minutes.
    pub(super) fn mentions(&mut self, text: &str, now: Duration) -> bool {
        self.forget(now);
        self.made.iter().any(|(id, _)| text.contains(id.as_str()))
    }

    fn forget(&mut self, now: Duration) {
        while self.made.front().is_some_and(|(_, made)| *made + NEW < now) {
            self.made.pop_front();
        }
    }
}

/// True when a service does not (yet) know a role or another principal that a request names: IAM reaches the
/// other services with a delay ("Changes that I make are not always immediately visible", IAM User Guide).
pub(super) fn is_unknown_principal(error: &Error) -> bool {
    const PHRASES: [&str; 10] = [
        // EKS, CreateCluster, CreateNodegroup, CreatePodIdentityAssociation.
        "cannot be assumed",
        "could not be assumed",
        "unable to assume",
        "not authorized to perform: sts:assumerole",
        "role with arn",
        // KMS PutKeyPolicy, ECR SetRepositoryPolicy, Secrets Manager.
        "invalid principal",
        "invalid repository policy",
        "policy contains a statement with one or more invalid principals",
        // EC2 and Auto Scaling.
        "invalid iam instance profile",
        // CreateFlowLogs.
        "access denied for logdestination",
    ];
    let message = error.message.to_lowercase();
    matches!(error.class, Class::Invalid | Class::Denied | Class::NotFound | Class::Other)
        && PHRASES.iter().any(|phrase| message.contains(phrase))
}

/// True when something else is going on with the resource that will end by itself.
///
/// A key or a secret that is pending deletion is so for days: that is no work in progress.
pub(super) fn is_busy(error: &Error) -> bool {
    const PHRASES: [&str; 5] =
        ["in progress", "another operation", "currently being", "pending", "try again"];
    let message = error.message.to_lowercase().replace("pending deletion", "deleted");
    let code = error.code.as_deref().unwrap_or_default();
    matches!(
        code,
        "ConcurrentModification"
            | "ConcurrentModificationException"
            | "OperationAborted"
            | "OperationAbortedException"
            | "IncorrectState"
            | "PriorRequestNotComplete"
    ) || PHRASES.iter().any(|phrase| message.contains(phrase))
}
