//! Looking at groups and instances.

use serde_json::{Value, json};

use super::group::{Group, Instance, show_template};
use super::tag;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters, PageRules};

/// Fifty entries a page unless asked otherwise, at most a hundred.
pub(super) const PAGES: PageRules =
    PageRules { default: Some(50), min: 1, max: 100, strict: None, bad_token: "InvalidNextToken" };

/// Auto Scaling refuses a filter that it does not know in its own words.
pub(super) fn filters(input: &Input, known: &[&str]) -> Result<Filters, Failure> {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(known).map_err(|failure| Failure::new("ValidationError", failure.message))?;
    Ok(filters)
}

fn show_instance(group: &Group, instance: &Instance) -> Value {
    json!({
        "InstanceId": instance.id, "InstanceType": instance.kind, "AvailabilityZone": instance.zone,
        "LifecycleState": "InService", "HealthStatus": "Healthy", "ProtectedFromScaleIn": false,
        "LaunchTemplate": show_template(&group.template),
    })
}

fn show(call: &Call<'_>, name: &str, group: &Group, with_instances: bool) -> Value {
    let mut zones: Vec<&str> = group.subnets.iter().map(|(_, zone)| zone.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    let overrides: Vec<Value> =
        group.instance_types.iter().map(|kind| json!({ "InstanceType": kind })).collect();
    let subnets: Vec<&str> = group.subnets.iter().map(|(id, _)| id.as_str()).collect();
    let linked = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    let instances: Vec<Value> =
        group.instances.iter().map(|instance| show_instance(group, instance)).collect();
    json!({
        "AutoScalingGroupName": name,
        "AutoScalingGroupARN":
            call.arn("autoscaling", &format!("autoScalingGroup:{}:autoScalingGroupName/{name}", group.id)),
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": show_template(&group.template), "Overrides": overrides,
            },
            "InstancesDistribution": {
                "OnDemandAllocationStrategy": "prioritized", "OnDemandBaseCapacity": 0,
                "OnDemandPercentageAboveBaseCapacity": if group.spot { 0 } else { 100 },
                "SpotAllocationStrategy": if group.spot { "price-capacity-optimized" } else { "lowest-price" },
            },
        },
        "MinSize": group.min, "MaxSize": group.max, "DesiredCapacity": group.desired, "DefaultCooldown": 300,
        "AvailabilityZones": zones, "HealthCheckType": "EC2", "HealthCheckGracePeriod": 15,
        "Instances": if with_instances { instances } else { Vec::new() }, "CreatedTime": group.created.value(),
        "SuspendedProcesses": [], "VPCZoneIdentifier": subnets.join(","), "EnabledMetrics": [],
        "Tags": tag::show(name, &group.tags), "TerminationPolicies": [
            "AllocationStrategy", "OldestLaunchTemplate", "OldestInstance",
        ],
        "NewInstancesProtectedFromScaleIn": false, "CapacityRebalance": true,
        "ServiceLinkedRoleARN": call.global_arn("iam", linked), "LoadBalancerNames": [], "TargetGroupARNs": [],
        "TrafficSources": [],
    })
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>
pub(super) fn describe_auto_scaling_groups(call: &mut Call<'_>, input: &Input) -> Outcome {
    let names = input.texts("AutoScalingGroupNames");
    let filters = filters(input, &[])?;
    let with_instances = input.flag("IncludeInstances").unwrap_or(true);
    let groups = call.home().autoscaling.groups.iter();
    let rows = groups
        .filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name))
        .filter(|(_, group)| filters.pass_with(Some(&group.tags), |_| Vec::new()))
        .map(|(name, group)| (name.to_owned(), show(call, name, group, with_instances)))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html>
pub(super) fn describe_auto_scaling_instances(call: &mut Call<'_>, input: &Input) -> Outcome {
    let ids = input.texts("InstanceIds");
    let mut rows = Vec::new();
    for (name, group) in call.home().autoscaling.groups.iter() {
        for instance in &group.instances {
            if ids.is_empty() || ids.contains(&instance.id) {
                let mut shown = show_instance(group, instance);
                shown["AutoScalingGroupName"] = name.into();
                shown["HealthStatus"] = "HEALTHY".into();
                rows.push((instance.id.clone(), shown));
            }
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(call.page(input, PAGES, rows)?.into())
}

/// Launch configurations are a thing of the past; nothing here makes one.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html>
pub(super) fn describe_launch_configurations(call: &mut Call<'_>, input: &Input) -> Outcome {
    let _ = input.texts("LaunchConfigurationNames");
    Ok(call.page(input, PAGES, Vec::new())?.into())
}
