//! The answer of an exec plugin.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats>

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Value, json};

/// The versions of `ExecCredential` that clients ask for. The answer must be of the version that was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecVersion {
    /// `client.authentication.k8s.io/v1`, of Kubernetes 1.22 and newer.
    #[default]
    V1,
    /// `client.authentication.k8s.io/v1beta1`.
    V1beta1,
}

impl ExecVersion {
    /// The version that a client asks for: what it puts into `KUBERNETES_EXEC_INFO`, where it does.
    pub fn asked(info: Option<&str>) -> Self {
        let info: Option<Value> = info.and_then(|text| serde_json::from_str(text).ok());
        match info.as_ref().and_then(|info| info["apiVersion"].as_str()) {
            Some("client.authentication.k8s.io/v1beta1") => Self::V1beta1,
            _ => Self::V1,
        }
    }

    /// As it stands in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "client.authentication.k8s.io/v1",
            Self::V1beta1 => "client.authentication.k8s.io/v1beta1",
        }
    }
}

/// A token as an `ExecCredential`. It is a secret: for the client's pipe, not for a log.
pub fn exec_credential(version: ExecVersion, token: &str, expires: SystemTime) -> Value {
    let expires = Timestamp::try_from(expires).unwrap_or(Timestamp::MAX);
    json!({
        "apiVersion": version.name(),
        "kind": "ExecCredential",
        "spec": { "interactive": false },
        "status": { "expirationTimestamp": format!("{expires:.0}"), "token": token },
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_answer_is_of_the_version_that_was_asked_for() {
        let info =
            r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{}}"#;
        assert_eq!(ExecVersion::asked(Some(info)), ExecVersion::V1beta1);
        assert_eq!(ExecVersion::asked(Some("no JSON")), ExecVersion::V1);
        assert_eq!(ExecVersion::asked(None), ExecVersion::V1);
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_678);
        let answer = exec_credential(ExecVersion::V1, "k8s-aws-v1.abc", at);
        assert_eq!(
            answer.to_string(),
            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\
             \"spec\":{\"interactive\":false},\"status\":{\"expirationTimestamp\":\"2026-01-02T03:04:05Z\",\
             \"token\":\"k8s-aws-v1.abc\"}}"
        );
    }
}
