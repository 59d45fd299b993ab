//! Whose a thing is, by its tags.

use std::collections::BTreeMap;

use crate::model::ENVIRONMENT_TAG;

/// Tags of any service.
pub(super) type TagMap = BTreeMap<String, String>;

/// A cluster, as the owner of what its controllers make.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cluster<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Whether it is still there: what EKS itself made for it goes with it then.
    pub(super) stands: bool,
}

impl Cluster<'_> {
    /// True for what the cluster's controllers (or EKS for it) made. What carries our own tag is no leftover but
    /// a resource of the environment.
    pub(super) fn made(&self, tags: &TagMap) -> bool {
        let is = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
        let name = self.name;
        let is_of_eks = is("aws:eks:cluster-name", name);
        let is_no_leftover = tags.contains_key(ENVIRONMENT_TAG) || (self.stands && is_of_eks);
        !is_no_leftover
            && (is(&self.ownership_tag(), "owned")
                || is("elbv2.k8s.aws/cluster", name)
                || is("eks:eks-cluster-name", name)
                || is_of_eks
                || is("KubernetesCluster", name)
                || is("cluster.k8s.amazonaws.com/name", name))
    }

    /// True for what another cluster made.
    pub(super) fn is_of_another(&self, tags: &TagMap) -> bool {
        let other = tags.get("cluster.k8s.amazonaws.com/name").is_some_and(|name| name != self.name);
        other || tags.contains_key(ENVIRONMENT_TAG)
    }

    /// The tag of Kubernetes' own convention.
    pub(super) fn ownership_tag(&self) -> String {
        format!("kubernetes.io/cluster/{}", self.name)
    }
}

/// Whom it served, in the words of Kubernetes.
pub(super) fn served(tags: &TagMap) -> Option<String> {
    let service = ["service.k8s.aws/stack", "kubernetes.io/service-name", "ingress.k8s.aws/stack"];
    let service = service.iter().find_map(|key| tags.get(*key)).map(|name| format!("service {name}"));
    let claim = tags.get("kubernetes.io/created-for/pvc/name").map(|name| {
        let namespace = tags.get("kubernetes.io/created-for/pvc/namespace").map_or("default", String::as_str);
        format!("claim {namespace}/{name}")
    });
    service.or(claim)
}

pub(super) fn of_ec2(tags: &[aws_sdk_ec2::types::Tag]) -> TagMap {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> TagMap {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_a_clusters_controllers_made_is_its_own() {
        let cluster = Cluster { name: "dev", stands: true };
        for (pairs, made) in [
            (&[("kubernetes.io/cluster/dev", "owned")] as &[_], true),
            (&[("kubernetes.io/cluster/dev", "shared")], false),
            (&[("kubernetes.io/cluster/prod", "owned")], false),
            (&[("elbv2.k8s.aws/cluster", "dev")], true),
            (&[("elbv2.k8s.aws/cluster", "prod")], false),
            (&[("kubernetes.io/cluster/dev", "owned"), (ENVIRONMENT_TAG, "dev")], false),
            (&[("kubernetes.io/cluster/dev", "owned"), ("aws:eks:cluster-name", "dev")], false),
            (&[], false),
        ] {
            assert_eq!(cluster.made(&tags(pairs)), made, "{pairs:?}");
        }
        let of_eks = tags(&[("kubernetes.io/cluster/dev", "owned"), ("aws:eks:cluster-name", "dev")]);
        assert!(
            Cluster { name: "dev", stands: false }.made(&of_eks),
            "once it is gone, nobody else takes it"
        );
    }

    #[test]
    fn whom_it_served_is_told() {
        let volume = tags(&[
            ("kubernetes.io/created-for/pvc/name", "data"),
            ("kubernetes.io/created-for/pvc/namespace", "monitoring"),
        ]);
        assert_eq!(served(&volume).as_deref(), Some("claim monitoring/data"));
        assert_eq!(served(&tags(&[])), None);
    }
}
