//! What EKS does here for its node groups.

use super::group::{Group, change};
use crate::services::ec2;
use crate::services::iam::ensure_service_linked_role;
use crate::world::Call;

/// Makes a group and launches its instances.
pub fn make_group(call: &mut Call<'_>, name: &str, group: Group) {
    ensure_service_linked_role(call, "autoscaling.amazonaws.com");
    let now = call.now;
    let mut group = group;
    group.settle(&mut call.world_mut().dice, now);
    call.home_mut().autoscaling.groups.insert(name, group);
}

/// Changes the sizes of a group. Sizes that do not fit together were refused by EKS before.
pub fn resize(call: &mut Call<'_>, name: &str, (min, max, desired): (i64, i64, i64)) {
    let resized = change(call, name, |group| (group.min, group.max, group.desired) = (min, max, desired));
    debug_assert!(resized.is_ok(), "EKS checks sizes before");
}

/// Replaces all instances, as a new version of the nodes does, and gives the group another template version.
pub fn renew(call: &mut Call<'_>, name: &str, template_version: &str) {
    let renewed = change(call, name, |group| {
        group.instances.clear();
        group.template.2 = template_version.to_owned();
    });
    debug_assert!(renewed.is_ok(), "nothing about sizes changes");
}

/// Removes a group with its instances.
pub fn drop_group(call: &mut Call<'_>, name: &str) {
    let Some(gone) = call.home_mut().autoscaling.groups.remove(name) else { return };
    call.within("ec2", |call| ec2::requester::detach_volumes(call, &gone.instance_ids()));
}
