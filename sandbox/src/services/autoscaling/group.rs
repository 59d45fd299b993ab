//! Auto Scaling groups and their instances.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Time;
use crate::dice::Dice;
use crate::services::{Outcome, ec2};
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The unique part of its ARN.
    pub id: String,
    /// The launch template: id, name and version.
    pub template: (String, String, String),
    /// The types that instances may have.
    pub instance_types: Vec<String>,
    /// Whether instances are spot.
    pub spot: bool,
    /// Fewest instances.
    pub min: i64,
    /// Most instances.
    pub max: i64,
    /// Wanted instances.
    pub desired: i64,
    /// Subnets and their zones.
    pub subnets: Vec<(String, String)>,
    /// Its instances.
    pub instances: Vec<Instance>,
    /// When it was made.
    pub created: Time,
    /// Its tags; all are passed on to instances.
    pub tags: Tags,
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-…`.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Its zone.
    pub zone: String,
    /// When it was launched.
    pub launched: Time,
}

impl Group {
    /// The ids of its instances.
    pub(super) fn instance_ids(&self) -> Vec<String> {
        self.instances.iter().map(|instance| instance.id.clone()).collect()
    }

    /// Launches or terminates instances until there are as many as wanted, spread over the subnets.
    pub(super) fn settle(&mut self, dice: &mut Dice, now: Time) {
        let wanted = usize::try_from(self.desired).unwrap_or(0);
        self.instances.truncate(wanted);
        while self.instances.len() < wanted && !self.subnets.is_empty() {
            let place = self.instances.len();
            let kind = self.instance_types.first().cloned().unwrap_or_else(|| "t3.medium".to_owned());
            let (_, zone) = &self.subnets[place % self.subnets.len()];
            let id = format!("i-0{}", dice.hex(16));
            self.instances.push(Instance { id, kind, zone: zone.clone(), launched: now });
        }
    }
}

/// The refusal of a group that is not there.
pub(super) fn missing(name: &str) -> Failure {
    Failure::new(
        "ValidationError",
        format!("AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"),
    )
}

/// Changes a group, checks that its sizes fit, and settles its instances.
pub(super) fn change(call: &mut Call<'_>, name: &str, with: impl FnOnce(&mut Group)) -> Result<(), Failure> {
    let now = call.now;
    let mut dice = call.world().dice.clone();
    let before = call.home().autoscaling.groups.get(name).map(Group::instance_ids).unwrap_or_default();
    let group = call.home_mut().autoscaling.groups.get_mut(name).ok_or_else(|| missing(name))?;
    with(group);
    if group.min < 0 || group.min > group.max {
        let text = "Min bound, max bound and desired capacity must satisfy min <= max.";
        return Err(Failure::new("ValidationError", text));
    }
    if !(group.min..=group.max).contains(&group.desired) {
        let (desired, min, max) = (group.desired, group.min, group.max);
        let text = format!(
            "New SetDesiredCapacity value {desired} is not between min value {min} and max value {max}."
        );
        return Err(Failure::new("ValidationError", text));
    }
    group.settle(&mut dice, now);
    let after = group.instance_ids();
    call.world_mut().dice = dice;
    let gone: Vec<String> = before.into_iter().filter(|id| !after.contains(id)).collect();
    call.within("ec2", |call| ec2::requester::detach_volumes(call, &gone));
    Ok(())
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html>
pub(super) fn set_desired_capacity(call: &mut Call<'_>, input: &Input) -> Outcome {
    let desired = input.integer("DesiredCapacity").unwrap_or(0);
    input.only("HonorCooldown", "false")?;
    change(call, input.str("AutoScalingGroupName"), |group| group.desired = desired)?;
    Ok(Answer::empty())
}

/// A desired capacity that falls outside of new bounds moves to the nearest one.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html>
pub(super) fn update_auto_scaling_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (min, max) = (input.integer("MinSize"), input.integer("MaxSize"));
    let desired = input.integer("DesiredCapacity");
    change(call, input.str("AutoScalingGroupName"), |group| {
        group.min = min.unwrap_or(group.min);
        group.max = max.unwrap_or(group.max);
        group.desired = desired.unwrap_or_else(|| group.desired.min(group.max).max(group.min));
    })?;
    Ok(Answer::empty())
}

/// The template of an instance or a group in an answer.
pub(super) fn show_template((id, name, version): &(String, String, String)) -> serde_json::Value {
    json!({ "LaunchTemplateId": id, "LaunchTemplateName": name, "Version": version })
}
