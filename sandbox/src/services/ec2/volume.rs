//! Volumes. Only the EBS CSI driver attaches them (see [`super::requester::mount_volume`]); `AttachVolume` is not modelled.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::kind::Kind;
use super::{tag, zone};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// Typical seconds until a volume is available.
const CREATION: i64 = 5;
/// Typical seconds until a volume is gone.
const DELETION: i64 = 5;

/// An EBS volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// GiB.
    pub size: i64,
    /// `gp3` and its like.
    pub kind: String,
    /// Name of its zone.
    pub zone: String,
    /// `creating`, `available`, `in-use`, `deleting`.
    pub state: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key.
    pub key: Option<String>,
    /// Operations a second.
    pub iops: Option<i64>,
    /// MiB a second.
    pub throughput: Option<i64>,
    /// When it was made.
    pub created: Time,
    /// What it is attached to.
    #[serde(default)]
    pub attachment: Option<VolumeAttachment>,
}

/// What a volume is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeAttachment {
    /// The instance.
    pub instance: String,
    /// When it was attached.
    pub since: Time,
}

impl Filterable for Volume {
    const FILTERS: &'static [&'static str] = &[
        "availability-zone",
        "create-time",
        "encrypted",
        "size",
        "status",
        "volume-id",
        "volume-type",
        "attachment.instance-id",
        "attachment.status",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "availability-zone" => vec![self.zone.clone()],
            "create-time" => vec![self.created.iso()],
            "encrypted" => vec![self.encrypted.to_string()],
            "size" => vec![self.size.to_string()],
            "status" => vec![self.state.clone()],
            "volume-type" => vec![self.kind.clone()],
            "attachment.instance-id" => self.attachment.iter().map(|one| one.instance.clone()).collect(),
            "attachment.status" => self.attachment.iter().map(|_| "attached".to_owned()).collect(),
            _ => Vec::new(),
        }
    }
}

fn show(call: &Call<'_>, id: &str, volume: &Volume) -> Value {
    let attachment = volume.attachment.iter().map(|one| {
        json!({
            "VolumeId": id, "InstanceId": one.instance, "Device": "/dev/xvdaa", "State": "attached",
            "AttachTime": one.since.value(), "DeleteOnTermination": false,
        })
    });
    let attachments: Vec<Value> = attachment.collect();
    json!({
        "VolumeId": id, "Size": volume.size, "VolumeType": volume.kind, "AvailabilityZone": volume.zone,
        "State": volume.state, "Encrypted": volume.encrypted, "KmsKeyId": volume.key, "Iops": volume.iops,
        "Throughput": volume.throughput, "CreateTime": volume.created.value(), "SnapshotId": "", "Attachments": attachments,
        "MultiAttachEnabled": false, "Tags": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html>
pub(super) fn create_volume(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = match call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        Some(id) => id,
        None => make(call, input)?,
    };
    let volume = call.home().ec2.volumes.get(&id).ok_or_else(|| Kind::Volume.missing(&id))?;
    // CreateVolume answers the volume itself, without attachments.
    let mut answer = show(call, &id, volume);
    if let Value::Object(members) = &mut answer {
        members.shift_remove("Attachments");
    }
    Ok(answer.into())
}

fn make(call: &mut Call<'_>, input: &Input) -> Result<String, Failure> {
    let asked = (input.text("AvailabilityZone"), input.text("AvailabilityZoneId"));
    if asked == (None, None) {
        return Err(Failure::new(
            "MissingParameter",
            "The request must contain the parameter AvailabilityZone",
        ));
    }
    let (zone, _) = zone::pick(&call.region, asked.0, asked.1)?;
    let tags = tag::at_birth(input, Kind::Volume)?;
    let kind = input.text("VolumeType").unwrap_or("gp2").to_owned();
    let Some(size) = input.integer("Size") else {
        return Err(Failure::new(
            "MissingParameter",
            "The request must contain the parameter size or snapshotId",
        ));
    };
    if !(1..=65536).contains(&size) {
        let text = format!("Volume of {size}GiB is not within the valid range.");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    input.only("MultiAttachEnabled", "false")?;
    let key = input.text("KmsKeyId").map(str::to_owned);
    let encrypted = input.flag("Encrypted") == Some(true);
    if key.is_some() && !encrypted {
        let text = "The parameter KmsKeyId requires the parameter Encrypted to be set.";
        return Err(Failure::new("InvalidParameterDependency", text));
    }
    let (iops, throughput) = (input.integer("Iops"), input.integer("Throughput"));
    let gp3 = kind == "gp3";
    let volume = Volume {
        size,
        zone,
        state: "creating".to_owned(),
        encrypted,
        key,
        iops: iops
            .or_else(|| gp3.then_some(3000))
            .or_else(|| (kind == "gp2").then(|| (size * 3).clamp(100, 16_000))),
        throughput: throughput.or_else(|| gp3.then_some(125)),
        kind,
        created: call.now,
        attachment: None,
    };
    let id = call.id("vol");
    call.home_mut().ec2.volumes.insert(&id, volume);
    tag::attach(call, &id, tags);
    call.begin(&id, "create-volume", CREATION);
    call.remember(input, "ClientToken", &id);
    Ok(id)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>
pub(super) fn describe_volumes(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::Volume,
        ids: "VolumeIds",
        filters: "Filters",
        table: |state| &state.volumes,
        show,
        more: no_more,
    };
    let answer = describe.answer(call, input)?;
    let shown = answer.tree["Volumes"].as_array().into_iter().flatten();
    let ids: Vec<String> = shown.filter_map(|row| row["VolumeId"].as_str().map(str::to_owned)).collect();
    for id in ids {
        call.shown(&id);
    }
    Ok(answer)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html>
pub(super) fn delete_volume(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("VolumeId");
    let Some(volume) = call.home_mut().ec2.volumes.get_mut(id) else { return Err(Kind::Volume.missing(id)) };
    if volume.state == "deleting" {
        return Err(Kind::Volume.missing(id));
    }
    if let Some(one) = &volume.attachment {
        let text = format!("Volume {id} is currently attached to {}", one.instance);
        return Err(Failure::new("VolumeInUse", text));
    }
    volume.state = "deleting".to_owned();
    call.abandon(id);
    call.begin_removal(id, "delete-volume", DELETION);
    Ok(Answer::empty())
}

/// Ends a creation or a deletion.
pub(super) fn complete(call: &mut Call<'_>, id: &str, change: &str) {
    let state = &mut call.home_mut().ec2;
    if change == "delete-volume" {
        state.volumes.remove(id);
        state.tags.remove(id);
    } else if let Some(volume) = state.volumes.get_mut(id) {
        volume.state = "available".to_owned();
    }
}
