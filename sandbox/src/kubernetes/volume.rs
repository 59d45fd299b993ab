//! Volumes of PersistentVolumeClaims, as the EBS CSI driver makes them.
//!
//! The tags are those of the driver with `--k8s-tag-cluster-id` and the provisioner's `--extra-create-metadata`, as
//! the add-on of EKS runs them: <https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md>.

use serde::Deserialize;
use serde_json::{Value, json};

use super::aws::{ask, specification, text};
use super::place;
use crate::services::ec2::requester;
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

/// A claim that appears and is mounted by a pod.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    /// The cluster's name in EKS.
    cluster: String,
    /// Its namespace.
    #[serde(default = "usual_namespace")]
    namespace: String,
    /// Its name.
    name: String,
    /// GiB.
    #[serde(default = "usual_size")]
    size_gib: i64,
    /// The zone; that of the cluster's first node when missing.
    #[serde(default)]
    zone: Option<String>,
}

fn usual_namespace() -> String {
    "default".to_owned()
}

fn usual_size() -> i64 {
    8
}

fn tags(claim: &Claim, volume: &str) -> Tags {
    let Claim { cluster, namespace, name, .. } = claim;
    [
        ("CSIVolumeName".to_owned(), volume.to_owned()),
        ("ebs.csi.aws.com/cluster".to_owned(), "true".to_owned()),
        (format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned()),
        ("KubernetesCluster".to_owned(), cluster.clone()),
        ("kubernetes.io/created-for/pvc/name".to_owned(), name.clone()),
        ("kubernetes.io/created-for/pvc/namespace".to_owned(), namespace.clone()),
        ("kubernetes.io/created-for/pv/name".to_owned(), volume.to_owned()),
        ("Name".to_owned(), format!("{cluster}-dynamic-{volume}")),
    ]
    .into()
}

/// Makes the volume and attaches it to a node in its zone, if there is one.
pub(super) fn appear(call: &mut Call<'_>, claim: &Claim) -> Result<Value, Failure> {
    place::cluster(call, &claim.cluster)?;
    let nodes = place::nodes(call, &claim.cluster);
    let zone = claim.zone.clone().or_else(|| nodes.first().map(|node| node.zone.clone()));
    let Some(zone) = zone else {
        let text = "waiting for first consumer: the cluster has no node, so the zone must be given";
        return Err(Failure::new("ProvisioningFailed", text));
    };
    let name = format!("pvc-{}", call.world_mut().dice.uuid());
    let input = json!({
        "AvailabilityZone": zone, "Size": claim.size_gib, "VolumeType": "gp3", "Encrypted": false,
        "ClientToken": name, "TagSpecifications": specification("volume", &tags(claim, &name)),
    });
    let id = text(&ask(call, "ec2", "CreateVolume", input)?, "/VolumeId")?;
    let node = nodes.iter().find(|node| node.zone == zone).map(|node| node.id.clone());
    call.within("ec2", |call| requester::mount_volume(call, &id, node.as_deref()));
    Ok(json!({ "volume_id": id, "persistent_volume": name, "zone": zone, "instance_id": node }))
}
