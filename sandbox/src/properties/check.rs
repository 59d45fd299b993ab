//! What must hold after every call: no dangling reference, no two owners of an interface.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::act::{Eyes, eyes};
use crate::world::World;

/// Checks the whole world.
pub(super) fn check(world: &World) {
    let eyes = eyes(world);
    clusters(&eyes);
    traffic(&eyes);
    owners(&eyes);
    identity(&eyes);
    stores(&eyes);
    let mut subjects = BTreeSet::new();
    for pending in world.pending.values() {
        let key = (&pending.service, &pending.region, &pending.subject, &pending.change);
        assert!(subjects.insert(key), "two changes of one kind are under way: {pending:?}");
    }
}

fn clusters(eyes: &Eyes<'_>) {
    let (eks, ec2, scaling) = (&eyes.region.eks, &eyes.region.ec2, &eyes.region.autoscaling);
    for (name, cluster) in eks.clusters.iter() {
        let group = &cluster.network.cluster_security_group;
        assert!(ec2.groups.contains(group), "the group of {name} is gone");
        for id in &cluster.network.interfaces {
            assert!(ec2.interfaces.contains(id), "an interface of {name} is gone");
        }
    }
    let belong = [
        eks.node_groups.ids().collect::<Vec<_>>(),
        eks.addons.ids().collect(),
        eks.access_entries.ids().collect(),
        eks.pod_identities.ids().collect(),
        eks.updates.ids().collect(),
    ];
    for key in belong.into_iter().flatten() {
        let cluster = key.split('/').next().unwrap_or_default();
        assert!(eks.clusters.contains(cluster), "{key} has no cluster");
    }
    let used: BTreeSet<&str> = eks.node_groups.values().map(|group| group.group.as_str()).collect();
    for name in scaling.groups.ids() {
        assert!(used.contains(name), "nobody owns the Auto Scaling group {name}");
    }
    for (key, group) in eks.node_groups.iter() {
        assert!(ec2.launch_templates.contains(&group.own_template), "{key} has no launch template");
    }
    let instances: BTreeSet<&str> =
        scaling.groups.values().flat_map(|group| group.instances.iter().map(|one| one.id.as_str())).collect();
    for (id, volume) in ec2.volumes.iter() {
        let on = volume.attachment.as_ref().map(|one| one.instance.as_str());
        assert!(on.is_none_or(|on| instances.contains(on)), "{id} is attached to nothing");
        assert_eq!(on.is_some(), volume.state == "in-use", "{id}");
    }
}

fn traffic(eyes: &Eyes<'_>) {
    let (state, ec2) = (&eyes.region.elbv2, &eyes.region.ec2);
    for (arn, row) in state.balancers.iter() {
        let subnets = row.subnets.iter().all(|(subnet, _)| ec2.subnets.contains(subnet));
        let groups = row.groups.iter().all(|group| ec2.groups.contains(group));
        assert!(subnets && groups && ec2.vpcs.contains(&row.vpc), "{arn}");
    }
    for row in eyes.region.elb.balancers.values() {
        assert!(row.groups.iter().all(|group| ec2.groups.contains(group)), "{row:?}");
    }
    let forwards = |actions: &Value| {
        let targets =
            actions.as_array().into_iter().flatten().filter_map(|one| one["TargetGroupArn"].as_str());
        targets.map(str::to_owned).collect::<Vec<_>>()
    };
    for (arn, row) in state.listeners.iter() {
        assert!(state.balancers.contains(&row.balancer), "{arn} has no load balancer");
        for target in forwards(&row.actions) {
            assert!(state.target_groups.contains(&target), "{arn} forwards to nothing");
        }
    }
    for (arn, row) in state.rules.iter() {
        assert!(state.listeners.contains(&row.listener), "{arn} has no listener");
    }
    for arn in state.tags.ids() {
        let there = state.balancers.contains(arn)
            || state.target_groups.contains(arn)
            || state.listeners.contains(arn)
            || state.rules.contains(arn);
        assert!(there, "tags of {arn}, which is gone");
    }
}

/// Every interface of a service belongs to exactly one thing, and no two interfaces have one address.
fn owners(eyes: &Eyes<'_>) {
    let region = eyes.region;
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    let owned = region
        .elbv2
        .balancers
        .values()
        .flat_map(|row| &row.interfaces)
        .chain(region.elbv2.leaving.values().flatten())
        .chain(region.elb.balancers.values().flat_map(|row| &row.interfaces))
        .chain(region.elb.leaving.values().flatten())
        .chain(region.eks.clusters.values().flat_map(|row| &row.network.interfaces));
    for id in owned {
        *owners.entry(id).or_default() += 1;
    }
    let mut addresses = BTreeSet::new();
    let mut publics = BTreeSet::new();
    for (id, row) in region.ec2.interfaces.iter() {
        let count = owners.remove(id).unwrap_or(0);
        assert_eq!(count, usize::from(row.requester.is_some()), "owners of {id}: {row:?}");
        assert!(addresses.insert((&row.vpc, row.address)), "two interfaces have {}", row.address);
        assert!(
            row.public.is_none_or(|public| publics.insert(public)),
            "two interfaces have {:?}",
            row.public
        );
        for group in &row.groups {
            assert!(region.ec2.groups.contains(group), "{id} wears {group}, which is gone");
        }
    }
    assert!(owners.is_empty(), "interfaces that are gone: {owners:?}");
}

fn identity(eyes: &Eyes<'_>) {
    let iam = &eyes.account.iam;
    for (name, role) in iam.roles.iter() {
        for arn in role.attached.iter().filter(|arn| !arn.starts_with("arn:aws:iam::aws:")) {
            assert!(iam.policies.contains(arn), "{name} has {arn}, which is gone");
        }
    }
    for (name, profile) in iam.instance_profiles.iter() {
        assert!(profile.role.as_ref().is_none_or(|role| iam.roles.contains(role)), "{name}");
    }
    let kms = &eyes.region.kms;
    for (name, alias) in kms.aliases.iter() {
        assert!(kms.keys.contains(&alias.key), "{name} has no key");
    }
    assert!(kms.grants.values().all(|grant| kms.keys.contains(&grant.key)));
}

fn stores(eyes: &Eyes<'_>) {
    let logs = &eyes.region.logs;
    for key in logs.streams.ids() {
        let group = key.split(':').next().unwrap_or_default();
        assert!(logs.groups.contains(group), "{key} has no group");
    }
    let ecr = &eyes.region.ecr;
    for upload in ecr.uploads.values() {
        assert!(ecr.repositories.contains(&upload.repository), "{upload:?}");
    }
    for (name, repository) in ecr.repositories.iter() {
        let mut tags = BTreeSet::new();
        for image in repository.images.values() {
            let manifest: Value = serde_json::from_str(&image.manifest).unwrap_or_default();
            let layers = manifest["layers"].as_array().into_iter().flatten();
            for digest in layers.filter_map(|layer| layer["digest"].as_str()) {
                assert!(repository.layers.contains_key(digest), "{name} lost {digest}");
            }
            assert!(
                image.tags.iter().all(|tag| tags.insert(tag.clone())),
                "two images of {name} have one tag"
            );
        }
    }
    for zone in eyes.account.route53.zones.values() {
        for (_, vpc) in &zone.vpcs {
            assert!(eyes.region.ec2.vpcs.contains(vpc), "{} is bound to {vpc}, which is gone", zone.name);
        }
    }
}
