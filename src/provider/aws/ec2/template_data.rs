//! What a version of a launch template holds, in EC2's terms and back.

use aws_sdk_ec2::types::{
    LaunchTemplateBlockDeviceMapping, LaunchTemplateBlockDeviceMappingRequest,
    LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateHttpTokensState,
    LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateTagSpecificationRequest,
    LaunchTemplatesMonitoringRequest, RequestLaunchTemplateData, ResourceType, ResponseLaunchTemplateData,
    VolumeType,
};
use aws_smithy_types::base64;

use super::tags;
use crate::model::ec2::{Disk, LaunchTemplate, MetadataOptions};
use crate::model::{Known, Ref, Tags};
use crate::provider::Error;
use crate::provider::aws::resolve_all;

/// What an instance is made with that takes tags of its own.
const TAGGED: [ResourceType; 3] =
    [ResourceType::Instance, ResourceType::Volume, ResourceType::NetworkInterface];

pub(super) fn to_sdk(spec: &LaunchTemplate, known: &Known) -> Result<RequestLaunchTemplateData, Error> {
    let LaunchTemplate {
        name: _,
        disk,
        security_groups,
        metadata: MetadataOptions { tokens_required, hop_limit },
        detailed_monitoring,
        user_data,
        instance_tags,
        tags: _,
    } = spec;
    let groups = resolve_all(known, security_groups, "CreateLaunchTemplate")?;
    let tokens = match tokens_required {
        true => LaunchTemplateHttpTokensState::Required,
        false => LaunchTemplateHttpTokensState::Optional,
    };
    let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_tokens(tokens)
        .http_put_response_hop_limit(i32::from(*hop_limit))
        .build();
    let tag_specifications = TAGGED.map(|kind| {
        let tags = tags::to_sdk(instance_tags);
        LaunchTemplateTagSpecificationRequest::builder().resource_type(kind).set_tags(Some(tags)).build()
    });
    Ok(RequestLaunchTemplateData::builder()
        .set_block_device_mappings(disk.as_ref().map(|disk| vec![mapping(disk)]))
        .set_security_group_ids(Some(groups).filter(|groups| !groups.is_empty()))
        .metadata_options(metadata)
        .monitoring(LaunchTemplatesMonitoringRequest::builder().enabled(*detailed_monitoring).build())
        .set_user_data((!user_data.is_empty()).then(|| base64::encode(user_data)))
        .set_tag_specifications((!instance_tags.is_empty()).then(|| tag_specifications.to_vec()))
        .build())
}

fn mapping(disk: &Disk) -> LaunchTemplateBlockDeviceMappingRequest {
    let Disk { device, size_gib, volume_type, iops, throughput, encrypted, kms_key } = disk;
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let volume = LaunchTemplateEbsBlockDeviceRequest::builder()
        .volume_size(number(*size_gib))
        .volume_type(VolumeType::from(volume_type.as_str()))
        .set_iops(iops.map(number))
        .set_throughput(throughput.map(number))
        .encrypted(*encrypted)
        .set_kms_key_id(kms_key.as_ref().map(ToString::to_string))
        .delete_on_termination(true)
        .build();
    LaunchTemplateBlockDeviceMappingRequest::builder().device_name(device).ebs(volume).build()
}

pub(super) fn from_sdk(data: &ResponseLaunchTemplateData, name: String, tags: Tags) -> LaunchTemplate {
    let tokens = data.metadata_options().and_then(|options| options.http_tokens());
    let hops = data.metadata_options().and_then(|options| options.http_put_response_hop_limit());
    let instance_tags = data
        .tag_specifications()
        .iter()
        .find(|specification| specification.resource_type() == Some(&ResourceType::Instance))
        .map(|specification| tags::from_sdk(specification.tags()));
    LaunchTemplate {
        name,
        disk: data.block_device_mappings().first().and_then(disk),
        security_groups: data.security_group_ids().iter().map(Ref::external).collect(),
        metadata: MetadataOptions {
            tokens_required: tokens == Some(&LaunchTemplateHttpTokensState::Required),
            hop_limit: hops.and_then(|hops| u8::try_from(hops).ok()).unwrap_or(1),
        },
        detailed_monitoring: data.monitoring().and_then(|m| m.enabled()).unwrap_or_default(),
        user_data: data.user_data().map(decoded).unwrap_or_default(),
        instance_tags: instance_tags.unwrap_or_default(),
        tags,
    }
}

fn disk(mapping: &LaunchTemplateBlockDeviceMapping) -> Option<Disk> {
    let volume = mapping.ebs()?;
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    Some(Disk {
        device: mapping.device_name().unwrap_or_default().to_owned(),
        size_gib: number(volume.volume_size()).unwrap_or_default(),
        volume_type: volume.volume_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        iops: number(volume.iops()),
        throughput: number(volume.throughput()),
        encrypted: volume.encrypted().unwrap_or_default(),
        kms_key: volume.kms_key_id().map(Into::into),
    })
}

/// What cannot be decoded is shown as it is: it is not ours, and so it differs.
fn decoded(text: &str) -> String {
    let bytes = base64::decode(text).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}
