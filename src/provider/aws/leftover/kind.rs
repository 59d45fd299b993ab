//! Leftovers as a kind: looked at by id, deleted, never made.

use std::sync::Arc;

use aws_sdk_ec2::types::SecurityGroupRule;
use futures_util::future::join_all;

use super::network::{filter, groups};
use super::{log_group, volume};
use crate::model::ec2::{Leftover, LeftoverKind};
use crate::model::{CloudId, Known, NoOutputs};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine};
use crate::provider::{Class, Error};

impl Manage for Leftover {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.into_iter().map(async |look| {
            let seen = match is_there(aws, &look.spec, &known).await {
                Err(error) if error.class == Class::NotFound => Presence::Absent,
                presence => presence?,
            };
            Ok(match seen {
                Presence::Here => Seen::ready(look.spec.id.clone(), look.spec, NoOutputs {}),
                Presence::Leaving => Seen::Leaving("deleting".to_owned()),
                Presence::Absent => Seen::Absent,
            })
        }))
        .await
    }

    async fn create(_: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        Err(Error::local("platctl", "create", format!("{} is a leftover: it is never made", call.address)))
    }

    async fn update(_: &Aws, _: Revision<Self>) -> Result<(), Error> {
        Ok(())
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        match call.spec.what {
            LeftoverKind::Meanwhile => sweep(aws, &call.spec, &call.known).await,
            _ => remove(aws, &call.spec).await,
        }
    }
}

/// Removes whatever a cluster has made until now. What it was is told by an error of the class that says that it is
/// not over yet: it is asked again, until there is nothing more.
async fn sweep(aws: &Aws, clause: &Leftover, known: &Known) -> Result<(), Error> {
    let found = made_meanwhile(aws, clause, known).await?;
    for leftover in &found {
        match remove(aws, leftover).await {
            // What is in its way is found too, and goes before it or in the next round.
            Err(error) if error.class == Class::DependencyViolation => {}
            other => other?,
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let told: Vec<String> =
        found.iter().map(|leftover| format!("{} {}", leftover.what.as_str(), leftover.name)).collect();
    let error = Error::local("platctl", "delete", told.join(", "));
    Err(Error { class: Class::DependencyViolation, ..error })
}

async fn made_meanwhile(aws: &Aws, clause: &Leftover, known: &Known) -> Result<Vec<Leftover>, Error> {
    let vpc = clause.vpc.as_ref().and_then(|vpc| known.resolve(vpc));
    aws.leftovers(vpc, &clause.name, false).await
}

/// Asks for the end of one.
async fn remove(aws: &Aws, leftover: &Leftover) -> Result<(), Error> {
    let id = leftover.id.as_str();
    let clients = aws.clients();
    match leftover.what {
        LeftoverKind::LoadBalancer => gone_is_fine(
            aws.remove(Service::Elbv2, "DeleteLoadBalancer", || {
                clients.elbv2.delete_load_balancer().load_balancer_arn(id).send()
            })
            .await,
        ),
        LeftoverKind::ClassicLoadBalancer => gone_is_fine(
            aws.remove(Service::Elb, "DeleteLoadBalancer", || {
                clients.elb.delete_load_balancer().load_balancer_name(id).send()
            })
            .await,
        ),
        LeftoverKind::TargetGroup => gone_is_fine(
            aws.remove(Service::Elbv2, "DeleteTargetGroup", || {
                clients.elbv2.delete_target_group().target_group_arn(id).send()
            })
            .await,
        ),
        LeftoverKind::NetworkInterface => gone_is_fine(
            aws.remove(Service::Ec2, "DeleteNetworkInterface", || {
                clients.ec2.delete_network_interface().network_interface_id(id).send()
            })
            .await,
        ),
        LeftoverKind::SecurityGroup => delete_group(aws, id).await,
        LeftoverKind::Volume => gone_is_fine(
            aws.remove(Service::Ec2, "DeleteVolume", || clients.ec2.delete_volume().volume_id(id).send())
                .await,
        ),
        LeftoverKind::LogGroup => gone_is_fine(
            aws.remove(Service::Logs, "DeleteLogGroup", || {
                clients.logs.delete_log_group().log_group_name(id).send()
            })
            .await,
        ),
        LeftoverKind::Meanwhile => Ok(()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Here,
    Leaving,
    Absent,
}

impl Presence {
    fn of(found: bool) -> Self {
        if found { Self::Here } else { Self::Absent }
    }
}

async fn is_there(aws: &Aws, leftover: &Leftover, known: &Known) -> Result<Presence, Error> {
    let clients = aws.clients();
    let id = leftover.id.as_str();
    match leftover.what {
        LeftoverKind::LogGroup => Ok(Presence::of(log_group::arn(aws, id).await?.is_some())),
        LeftoverKind::Meanwhile => Ok(Presence::of(!made_meanwhile(aws, leftover, known).await?.is_empty())),
        LeftoverKind::LoadBalancer => {
            let call = || clients.elbv2.describe_load_balancers().load_balancer_arns(id).send();
            let reply = aws.read(Service::Elbv2, "DescribeLoadBalancers", call).await?;
            Ok(Presence::of(!reply.load_balancers().is_empty()))
        }
        LeftoverKind::ClassicLoadBalancer => {
            let call = || clients.elb.describe_load_balancers().load_balancer_names(id).send();
            let reply = aws.read(Service::Elb, "DescribeLoadBalancers", call).await?;
            Ok(Presence::of(!reply.load_balancer_descriptions().is_empty()))
        }
        LeftoverKind::TargetGroup => {
            let call = || clients.elbv2.describe_target_groups().target_group_arns(id).send();
            let reply = aws.read(Service::Elbv2, "DescribeTargetGroups", call).await?;
            Ok(Presence::of(!reply.target_groups().is_empty()))
        }
        LeftoverKind::NetworkInterface => {
            let wanted = filter("network-interface-id", id);
            let call = || clients.ec2.describe_network_interfaces().filters(wanted.clone()).send();
            let reply = aws.read(Service::Ec2, "DescribeNetworkInterfaces", call).await?;
            Ok(Presence::of(!reply.network_interfaces().is_empty()))
        }
        LeftoverKind::SecurityGroup => {
            Ok(Presence::of(!groups(aws, vec![filter("group-id", id)]).await?.is_empty()))
        }
        LeftoverKind::Volume => {
            let found = volume::describe(aws, vec![filter("volume-id", id)]).await?;
            Ok(match found.first() {
                Some(volume) if volume::is_gone(volume) => Presence::Leaving,
                found => Presence::of(found.is_some()),
            })
        }
    }
}

/// A group that rules of others name cannot go: they are taken away first, as the controllers that wrote them
/// would have done.
async fn delete_group(aws: &Aws, id: &str) -> Result<(), Error> {
    for name in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
        for group in groups(aws, vec![filter(name, id)]).await? {
            let other = group.group_id().unwrap_or_default();
            if other != id {
                revoke(aws, other, id).await?;
            }
        }
    }
    let ec2 = &aws.clients().ec2;
    let call = || ec2.delete_security_group().group_id(id).send();
    gone_is_fine(aws.remove(Service::Ec2, "DeleteSecurityGroup", call).await)
}

/// Takes the rules of `group` away that name `peer`.
async fn revoke(aws: &Aws, group: &str, peer: &str) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let of_group = &filter("group-id", group);
    let rules: Vec<SecurityGroupRule> = pages(|next| async move {
        let page = || {
            let call = ec2.describe_security_group_rules().filters(of_group.clone());
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeSecurityGroupRules", page).await?;
        Ok((page.security_group_rules, page.next_token))
    })
    .await?;
    for rule in &rules {
        let named = rule.referenced_group_info().and_then(|info| info.group_id());
        let (Some(id), true) = (rule.security_group_rule_id(), named == Some(peer)) else { continue };
        if rule.is_egress() == Some(true) {
            let call =
                || ec2.revoke_security_group_egress().group_id(group).security_group_rule_ids(id).send();
            gone_is_fine(aws.remove(Service::Ec2, "RevokeSecurityGroupEgress", call).await)?;
        } else {
            let call =
                || ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(id).send();
            gone_is_fine(aws.remove(Service::Ec2, "RevokeSecurityGroupIngress", call).await)?;
        }
    }
    Ok(())
}
