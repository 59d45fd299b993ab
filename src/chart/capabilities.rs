//! What a cluster is taken to be able to do: Helm's defaults, and versions given by the user.

use std::rc::Rc;

use super::template::{Capabilities, HelmVersion, KubeVersion};

/// The version of Helm that charts are told, and whose behaviour this engine has.
pub const HELM_VERSION: &str = "v4.2";
/// The Kubernetes whose API Helm takes for granted when nothing else is said.
const KUBERNETES: (&str, &str) = ("1", "36");
/// The Go that built the Helm that is followed.
const GO_VERSION: &str = "go1.26.6";

/// The group versions Helm knows of itself (those of its Kubernetes client), in its order.
pub const API_VERSIONS: [&str; 55] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// What cannot be read as a version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid kube version '{0}'")]
pub struct InvalidKubeVersion(pub String);

/// Helm's defaults.
pub fn defaults() -> Capabilities {
    let (major, minor) = KUBERNETES;
    let version = format!("v{major}.{minor}.0");
    let kube = KubeVersion {
        version: version.clone(),
        normalized: version,
        major: major.to_owned(),
        minor: minor.to_owned(),
    };
    let helm = HelmVersion {
        version: HELM_VERSION.to_owned(),
        git_commit: String::new(),
        git_tree_state: String::new(),
        go_version: GO_VERSION.to_owned(),
        kube_client_version: format!("v{major}.{minor}"),
    };
    Capabilities {
        kube_version: Rc::new(kube),
        api_versions: API_VERSIONS.map(str::to_owned).to_vec(),
        helm_version: Rc::new(helm),
    }
}

/// Helm's defaults with another Kubernetes (`1.29`, `v1.33.4-gke.1`) and further API versions or kinds
/// (`monitoring.coreos.com/v1`, `networking.k8s.io/v1/Ingress`).
pub fn with(kube_version: Option<&str>, api_versions: &[String]) -> Result<Capabilities, InvalidKubeVersion> {
    let mut capabilities = defaults();
    if let Some(text) = kube_version {
        capabilities.kube_version = Rc::new(parse_kube_version(text)?);
    }
    capabilities.api_versions.extend_from_slice(api_versions);
    Ok(capabilities)
}

/// A version as Kubernetes reads its own: two numbers or more, whatever behind them.
fn parse_kube_version(text: &str) -> Result<KubeVersion, InvalidKubeVersion> {
    let invalid = || InvalidKubeVersion(text.to_owned());
    let trimmed = text.trim_start();
    let body = trimmed.strip_prefix('v').unwrap_or(trimmed);
    let end = body
        .char_indices()
        .find(|(at, character)| {
            let follows = body[at + character.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
            !(character.is_ascii_digit() || *character == '.' && *at > 0 && follows)
        })
        .map_or(body.len(), |(at, _)| at);
    let numbers: Vec<&str> = body[..end].split('.').collect();
    let sound = |number: &&str| !number.is_empty() && (number.len() == 1 || !number.starts_with('0'));
    if numbers.len() < 2 || !numbers.iter().all(sound) || numbers.iter().any(|number| number.len() > 18) {
        return Err(invalid());
    }
    Ok(KubeVersion {
        version: if text.starts_with('v') { text.to_owned() } else { format!("v{text}") },
        normalized: format!("v{}", numbers.join(".")),
        major: numbers[0].to_owned(),
        minor: numbers[1].to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kube_versions_keep_their_suffix_but_not_in_ranges() {
        let version = parse_kube_version("1.33.4-gke.1245000").unwrap();
        assert_eq!(
            (version.version.as_str(), version.normalized.as_str()),
            ("v1.33.4-gke.1245000", "v1.33.4")
        );
        let version = parse_kube_version("v1.29").unwrap();
        assert_eq!(
            (version.normalized.as_str(), version.major.as_str(), version.minor.as_str()),
            ("v1.29", "1", "29")
        );
        for text in ["", "1", "v1", "one.two", "1.02", "latest"] {
            assert!(parse_kube_version(text).is_err(), "{text}");
        }
    }
}
