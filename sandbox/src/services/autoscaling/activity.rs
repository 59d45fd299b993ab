//! Scaling activities: the launches of the instances that a group has.

use serde_json::{Value, json};

use super::describe::PAGES;
use super::group::missing;
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::Call;

/// The newest first. Terminations are not kept.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html>
pub(super) fn describe_scaling_activities(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (wanted, ids) = (input.text("AutoScalingGroupName"), input.texts("ActivityIds"));
    input.only("IncludeDeletedGroups", "false")?;
    let groups = &call.home().autoscaling.groups;
    if let Some(name) = wanted.filter(|name| !groups.contains(name)) {
        return Err(missing(name));
    }
    let mut rows: Vec<(String, Value)> = Vec::new();
    for (name, group) in groups.iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name)) {
        for instance in &group.instances {
            let id = format!("{}-{}", group.id, &instance.id[3..]);
            if !ids.is_empty() && !ids.contains(&id) {
                continue;
            }
            let row = json!({
                "ActivityId": id, "AutoScalingGroupName": name, "Progress": 100, "StatusCode": "Successful",
                "Description": format!("Launching a new EC2 instance: {}", instance.id),
                "Cause": "an instance was started in response to a difference between desired and actual capacity",
                "StartTime": instance.launched.value(), "EndTime": instance.launched.value(),
            });
            rows.push((format!("{:016}/{}", i64::MAX - instance.launched.0, instance.id), row));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(call.page(input, PAGES, rows)?.into())
}
