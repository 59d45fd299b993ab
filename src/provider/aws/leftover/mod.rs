//! What controllers inside a cluster made in the account, and its end does not take along.
//!
//! `remnant` tells what carries the environment's tag at the end, whoever made it. `list` finds by VPC and by the tags that the controllers put on what they make; `kind` deletes it. The
//! tags: AWS Load Balancer Controller, "Resource tags" (`elbv2.k8s.aws/cluster`); Kubernetes' own cloud provider
//! and the EBS CSI driver's `--k8s-tag-cluster-id` (`kubernetes.io/cluster/NAME` = `owned`); EBS CSI driver,
//! "tagging" (`kubernetes.io/created-for/pvc/name`, `ebs.csi.aws.com/cluster`); Amazon VPC CNI
//! (`cluster.k8s.amazonaws.com/name`, description `aws-K8S-…`); EKS (`aws:eks:cluster-name`).

mod balancer;
mod kind;
mod list;
mod log_group;
mod network;
mod owner;
mod price;
mod remnant;
mod volume;

pub use remnant::Remnant;
