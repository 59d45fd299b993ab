//! Managed policies of ours. Looked at together: GetAccountAuthorizationDetails and one ListPolicyTags each;
//! alone: GetPolicy and GetPolicyVersion.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_iam::types::{ManagedPolicyDetail, PolicyScopeType};
use futures_util::future::join_all;

use super::{details, documents, policy_versions, tags};
use crate::model::iam::{Policy, PolicyOutputs};
use crate::model::{CloudId, Known, Tags};
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

impl Manage for Policy {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        if looks.len() > 1 {
            match details::policies(aws).await {
                // Not every caller may see the whole account at once.
                Err(error) if error.class == Class::Denied => {}
                Err(error) => return looks.iter().map(|_| Err(error.clone())).collect(),
                Ok(all) => {
                    return join_all(looks.iter().map(|look| pick(aws, look, &all))).await;
                }
            }
        }
        join_all(looks.iter().map(|look| read_one(aws, look))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreatePolicy";
        let policy = &call.spec;
        let born = tags::for_call(&tagging::at_birth(aws, &call.address, &policy.tags), NAME)?;
        let description = (!policy.description.is_empty()).then(|| policy.description.clone());
        let reply = aws
            .once(Service::Iam, NAME, || {
                aws.clients()
                    .iam
                    .create_policy()
                    .policy_name(&policy.name)
                    .path(&policy.path)
                    .set_description(description.clone())
                    .policy_document(policy.document.to_text())
                    .set_tags(Some(born.clone()))
                    .send()
            })
            .await?;
        Ok(must(reply.policy.and_then(|policy| policy.arn), NAME, "ARN")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let arn = call.id.as_str();
        if call.touches("document") {
            policy_versions::put(aws, arn, &call.spec.document).await?;
        }
        set_tags(aws, arn, &TagChanges::of(&call, &call.spec.tags)).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let arn = call.id.as_str();
        policy_versions::prune(aws, arn, 1).await?;
        gone_is_fine(
            aws.remove(Service::Iam, "DeletePolicy", || {
                aws.clients().iam.delete_policy().policy_arn(arn).send()
            })
            .await,
        )
    }
}

/// One of a whole account's.
async fn pick(
    aws: &Aws,
    look: &Sought<Policy>,
    all: &BTreeMap<String, ManagedPolicyDetail>,
) -> Result<Seen<Policy>, Error> {
    let named = |policy: &&ManagedPolicyDetail| {
        policy.policy_name() == Some(&look.spec.name) && policy.path() == Some(&look.spec.path)
    };
    let found = match &look.id {
        Some(id) => all.get(id.as_str()),
        None => all.values().find(named),
    };
    let Some(found) = found else { return Ok(Seen::Absent) };
    let arn = must(found.arn.clone(), "GetAccountAuthorizationDetails", "ARN")?;
    let Some(tags) = if_there(list_tags(aws, &arn).await)? else { return Ok(Seen::Absent) };
    let version = found.default_version_id.clone().unwrap_or_default();
    let in_force = found.policy_version_list().iter().find(|v| v.is_default_version);
    let document = in_force.and_then(|version| version.document.as_deref()).unwrap_or_default();
    let policy = Policy {
        name: found.policy_name.clone().unwrap_or_default(),
        path: found.path.clone().unwrap_or_default(),
        description: found.description.clone().unwrap_or_default(),
        document: documents::read(document, "GetAccountAuthorizationDetails")?,
        tags,
    };
    Ok(answer(aws, look, policy, PolicyOutputs { arn, version }))
}

async fn read_one(aws: &Aws, look: &Sought<Policy>) -> Result<Seen<Policy>, Error> {
    let arn = match &look.id {
        Some(id) => Some(id.as_str().to_owned()),
        None => find(aws, &look.spec).await?,
    };
    let Some(arn) = arn else { return Ok(Seen::Absent) };
    let reply =
        aws.read(Service::Iam, "GetPolicy", || aws.clients().iam.get_policy().policy_arn(&arn).send()).await;
    let Some(found) = if_there(reply)?.and_then(|reply| reply.policy) else { return Ok(Seen::Absent) };
    let version = found.default_version_id.clone().unwrap_or_default();
    let Some(document) = if_there(policy_versions::document(aws, &arn, &version).await)? else {
        return Ok(Seen::Absent);
    };
    let policy = Policy {
        name: found.policy_name.clone().unwrap_or_default(),
        path: found.path.clone().unwrap_or_default(),
        description: found.description.clone().unwrap_or_default(),
        document,
        tags: tags::of(found.tags()),
    };
    Ok(answer(aws, look, policy, PolicyOutputs { arn, version }))
}

fn answer(aws: &Aws, look: &Sought<Policy>, policy: Policy, outputs: PolicyOutputs) -> Seen<Policy> {
    if look.id.is_none() && !tagging::is_ours(aws, &policy.tags) {
        return Seen::Absent;
    }
    Seen::ready(outputs.arn.clone(), policy, outputs)
}

/// The ARN of the policy of this name: it holds the account, so it has to be looked for.
async fn find(aws: &Aws, policy: &Policy) -> Result<Option<String>, Error> {
    let mut marker = None;
    loop {
        let page = aws
            .read(Service::Iam, "ListPolicies", || {
                aws.clients()
                    .iam
                    .list_policies()
                    .scope(PolicyScopeType::Local)
                    .path_prefix(&policy.path)
                    .max_items(1000)
                    .set_marker(marker.clone())
                    .send()
            })
            .await?;
        let mut found = page.policies.into_iter().flatten();
        let found = found.find(|p| p.policy_name() == Some(&policy.name) && p.path() == Some(&policy.path));
        marker = page.marker.filter(|_| page.is_truncated);
        if found.is_some() || marker.is_none() {
            return Ok(found.and_then(|policy| policy.arn));
        }
    }
}

async fn list_tags(aws: &Aws, arn: &str) -> Result<Tags, Error> {
    let reply = aws
        .read(Service::Iam, "ListPolicyTags", || {
            aws.clients().iam.list_policy_tags().policy_arn(arn).max_items(100).send()
        })
        .await?;
    Ok(tags::of(reply.tags()))
}

async fn set_tags(aws: &Aws, arn: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = tags::for_call(&changes.set, "TagPolicy")?;
        aws.converge(Service::Iam, "TagPolicy", || {
            aws.clients().iam.tag_policy().policy_arn(arn).set_tags(Some(set.clone())).send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Iam, "UntagPolicy", || {
            aws.clients().iam.untag_policy().policy_arn(arn).set_tag_keys(Some(keys.clone())).send()
        })
        .await?;
    }
    Ok(())
}
