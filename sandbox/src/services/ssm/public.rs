//! The public parameters that a cluster needs: the ids of the EKS images.
//! <https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html>

use super::state::ParameterVersion;
use crate::blobs::hex_digest;
use crate::clock::Time;

/// The Kubernetes versions that have images.
const VERSIONS: [&str; 6] = ["1.30", "1.31", "1.32", "1.33", "1.34", "1.35"];

/// The value of a public parameter. Image ids follow from the name and the region: the same at each call.
pub(super) fn lookup(region: &str, name: &str) -> Option<ParameterVersion> {
    let rest = name.strip_prefix("/aws/service/eks/optimized-ami/")?;
    let (version, rest) = rest.split_once('/')?;
    if !VERSIONS.contains(&version) {
        return None;
    }
    let (image, leaf) = rest.split_once("/recommended/")?;
    let known = [
        "amazon-linux-2",
        "amazon-linux-2-arm64",
        "amazon-linux-2-gpu",
        "amazon-linux-2023/arm64/standard",
        "amazon-linux-2023/x86_64/neuron",
        "amazon-linux-2023/x86_64/nvidia",
        "amazon-linux-2023/x86_64/standard",
    ];
    if !known.contains(&image) {
        return None;
    }
    let id = format!("ami-0{}", &hex_digest(format!("{region}/{version}/{image}").as_bytes())[..16]);
    let release = format!("{version}.3-20250920");
    let value = match leaf {
        "image_id" => id,
        "release_version" => release,
        "image_name" => format!("amazon-eks-node-{}-{version}-v20250920", image.replace('/', "-")),
        _ => return None,
    };
    Some(ParameterVersion {
        number: 12,
        kind: "String".to_owned(),
        value,
        description: None,
        key: None,
        pattern: None,
        tier: "Standard".to_owned(),
        data_type: if leaf == "image_id" { "aws:ec2:image" } else { "text" }.to_owned(),
        modified: Time(1_758_326_400_000),
        by: "AWS".to_owned(),
    })
}
