//! Access entries. Two calls each: DescribeAccessEntry, ListAssociatedAccessPolicies.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_eks::types;
use futures_util::future::{join_all, try_join};

use super::member::Member;
use super::{tags, words};
use crate::model::eks::{AccessEntry, AccessEntryOutputs, AccessScope};
use crate::model::{Attribute, CloudId, Known, Ref};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for AccessEntry {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| observe_one(aws, look, &known))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateAccessEntry";
        let entry = &call.spec;
        let principal = arn_of(&call.known, &entry.principal, NAME)?;
        let member = Member::wanted(&call.known, &entry.cluster, &principal, NAME)?;
        let born = tagging::at_birth(aws, &call.address, &entry.tags);
        let groups: Vec<String> = entry.groups.iter().cloned().collect();
        aws.converge(Service::Eks, NAME, || {
            aws.clients()
                .eks
                .create_access_entry()
                .cluster_name(&member.cluster)
                .principal_arn(&member.name)
                .r#type(words::entry_type(entry.entry_type))
                .set_kubernetes_groups((!groups.is_empty()).then(|| groups.clone()))
                .set_username(entry.username.clone())
                .set_tags(Some(born.clone().into_iter().collect()))
                .client_request_token(&call.token)
                .send()
        })
        .await?;
        Ok(member.id())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let member = Member::of(&call.id)?;
        if call.touches("groups") || call.touches("username") {
            set_words(aws, &member, &call).await?;
        }
        if call.touches("policies") {
            set_policies(aws, &member, &call).await?;
        }
        let changed = TagChanges::of(&call, &call.spec.tags);
        if changed.is_empty() {
            return Ok(());
        }
        let Some(found) = describe(aws, &member).await? else { return Ok(()) };
        tags::set(aws, &must(found.access_entry_arn, "DescribeAccessEntry", "ARN")?, &changed).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let member = Member::of(&call.id)?;
        gone_is_fine(
            aws.remove(Service::Eks, "DeleteAccessEntry", || {
                aws.clients()
                    .eks
                    .delete_access_entry()
                    .cluster_name(&member.cluster)
                    .principal_arn(&member.name)
                    .send()
            })
            .await,
        )
    }
}

async fn set_words(aws: &Aws, member: &Member, call: &Revision<AccessEntry>) -> Result<(), Error> {
    let groups: Vec<String> = call.spec.groups.iter().cloned().collect();
    let username = call.spec.username.clone().filter(|_| call.touches("username"));
    aws.converge(Service::Eks, "UpdateAccessEntry", || {
        aws.clients()
            .eks
            .update_access_entry()
            .cluster_name(&member.cluster)
            .principal_arn(&member.name)
            .set_kubernetes_groups(Some(groups.clone()))
            .set_username(username.clone())
            .send()
    })
    .await?;
    Ok(())
}

async fn set_policies(aws: &Aws, member: &Member, call: &Revision<AccessEntry>) -> Result<(), Error> {
    let (want, live) = (&call.spec.policies, &call.live.policies);
    for (policy, scope) in want.iter().filter(|(policy, scope)| live.get(*policy) != Some(*scope)) {
        aws.converge(Service::Eks, "AssociateAccessPolicy", || {
            aws.clients()
                .eks
                .associate_access_policy()
                .cluster_name(&member.cluster)
                .principal_arn(&member.name)
                .policy_arn(policy)
                .access_scope(words::scope(scope))
                .send()
        })
        .await?;
    }
    for policy in live.keys().filter(|policy| !want.contains_key(*policy)) {
        let removed = aws
            .remove(Service::Eks, "DisassociateAccessPolicy", || {
                aws.clients()
                    .eks
                    .disassociate_access_policy()
                    .cluster_name(&member.cluster)
                    .principal_arn(&member.name)
                    .policy_arn(policy)
                    .send()
            })
            .await;
        gone_is_fine(removed)?;
    }
    Ok(())
}

async fn describe(aws: &Aws, member: &Member) -> Result<Option<types::AccessEntry>, Error> {
    let reply = aws
        .read(Service::Eks, "DescribeAccessEntry", || {
            aws.clients()
                .eks
                .describe_access_entry()
                .cluster_name(&member.cluster)
                .principal_arn(&member.name)
                .send()
        })
        .await;
    Ok(if_there(reply)?.and_then(|reply| reply.access_entry))
}

async fn policies(aws: &Aws, member: &Member) -> Result<BTreeMap<String, AccessScope>, Error> {
    let mut found = BTreeMap::new();
    let mut next = None;
    loop {
        let page = aws
            .read(Service::Eks, "ListAssociatedAccessPolicies", || {
                aws.clients()
                    .eks
                    .list_associated_access_policies()
                    .cluster_name(&member.cluster)
                    .principal_arn(&member.name)
                    .set_next_token(next.clone())
                    .send()
            })
            .await?;
        for policy in page.associated_access_policies.into_iter().flatten() {
            let scope = words::scope_of(policy.access_scope.as_ref());
            found.insert(policy.policy_arn.unwrap_or_default(), scope);
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}

async fn observe_one(
    aws: &Aws,
    look: &Sought<AccessEntry>,
    known: &Known,
) -> Result<Seen<AccessEntry>, Error> {
    let AccessEntry { cluster, principal, .. } = &look.spec;
    let principal = known.resolve_attribute(principal, Attribute::Arn);
    let Some(member) = Member::sought(look.id.as_ref(), known, cluster, principal)? else {
        return Ok(Seen::Absent);
    };
    let read = if_there(try_join(describe(aws, &member), policies(aws, &member)).await)?;
    let Some((Some(found), policies)) = read else { return Ok(Seen::Absent) };
    let tags = tagging::of_map(found.tags.as_ref());
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let spec = AccessEntry {
        cluster: Ref::external(&member.cluster),
        principal: Ref::external(&member.name),
        entry_type: words::entry_type_of(found.r#type())?,
        groups: found.kubernetes_groups().iter().cloned().collect(),
        username: found.username.clone(),
        policies,
        tags,
    };
    let arn = must(found.access_entry_arn, "DescribeAccessEntry", "ARN")?;
    Ok(Seen::ready(member.id(), spec, AccessEntryOutputs { arn }))
}
