//! Add-ons. One DescribeAddon each, and one DescribePodIdentityAssociation for each association of an add-on.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_eks::types;
use futures_util::future::{join_all, try_join_all};

use super::member::Member;
use super::{pod_identity, tags, words};
use crate::model::eks::{Addon, AddonOutputs, AddonPodIdentity};
use crate::model::iam::Role;
use crate::model::{CloudId, Document, Known, Ref};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::{arn_of, name_in_arn};
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for Addon {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| observe_one(aws, look, &known))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateAddon";
        let addon = &call.spec;
        let member = Member::wanted(&call.known, &addon.cluster, &addon.name, NAME)?;
        let role = role(addon, &call.known, NAME)?;
        let identities = identities(addon, &call.known, NAME)?;
        let born = tagging::at_birth(aws, &call.address, &addon.tags);
        aws.converge(Service::Eks, NAME, || {
            aws.clients()
                .eks
                .create_addon()
                .cluster_name(&member.cluster)
                .addon_name(&member.name)
                .set_addon_version(addon.version.clone())
                .set_configuration_values(addon.configuration.as_ref().map(Document::to_text))
                .resolve_conflicts(words::conflicts(addon.conflicts))
                .set_service_account_role_arn(role.clone())
                .set_pod_identity_associations((!identities.is_empty()).then(|| identities.clone()))
                .set_tags(Some(born.clone().into_iter().collect()))
                .client_request_token(&call.token)
                .send()
        })
        .await?;
        Ok(member.id())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let member = Member::of(&call.id)?;
        let changed = TagChanges::of(&call, &call.spec.tags);
        if !changed.is_empty() {
            let Some(found) = describe(aws, &member).await? else { return Ok(()) };
            tags::set(aws, &must(found.addon_arn, "DescribeAddon", "ARN")?, &changed).await?;
        }
        const FIELDS: [&str; 4] = ["version", "configuration", "service_account_role", "pod_identities"];
        if FIELDS.iter().any(|field| call.touches(field)) {
            change(aws, &member, &call).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let member = Member::of(&call.id)?;
        gone_is_fine(
            aws.remove(Service::Eks, "DeleteAddon", || {
                aws.clients().eks.delete_addon().cluster_name(&member.cluster).addon_name(&member.name).send()
            })
            .await,
        )
    }
}

/// One update with everything in it: what UpdateAddon is not told, it may take away (a role) or put back to its
/// default (settings).
async fn change(aws: &Aws, member: &Member, call: &Revision<Addon>) -> Result<(), Error> {
    const NAME: &str = "UpdateAddon";
    let want = &call.spec;
    let version = want.version.clone().or_else(|| call.live.version.clone());
    let configuration = want.configuration.as_ref().map_or_else(|| "{}".to_owned(), Document::to_text);
    let role = role(want, &call.known, NAME)?;
    let identities = identities(want, &call.known, NAME)?;
    aws.converge(Service::Eks, NAME, || {
        aws.clients()
            .eks
            .update_addon()
            .cluster_name(&member.cluster)
            .addon_name(&member.name)
            .set_addon_version(version.clone())
            .configuration_values(&configuration)
            .resolve_conflicts(words::conflicts(want.conflicts))
            .set_service_account_role_arn(role.clone())
            .set_pod_identity_associations(call.touches("pod_identities").then(|| identities.clone()))
            .send()
    })
    .await?;
    Ok(())
}

fn role(addon: &Addon, known: &Known, operation: &'static str) -> Result<Option<String>, Error> {
    addon.service_account_role.as_ref().map(|role| arn_of(known, role, operation)).transpose()
}

fn identities(
    addon: &Addon,
    known: &Known,
    operation: &'static str,
) -> Result<Vec<types::AddonPodIdentityAssociations>, Error> {
    let one = |(account, identity): (&String, &AddonPodIdentity)| {
        types::AddonPodIdentityAssociations::builder()
            .service_account(account)
            .role_arn(arn_of(known, &identity.role, operation)?)
            .build()
            .map_err(|error| Error::local("eks", operation, error.to_string()))
    };
    addon.pod_identities.iter().map(one).collect()
}

async fn describe(aws: &Aws, member: &Member) -> Result<Option<types::Addon>, Error> {
    let reply = aws
        .read(Service::Eks, "DescribeAddon", || {
            aws.clients().eks.describe_addon().cluster_name(&member.cluster).addon_name(&member.name).send()
        })
        .await;
    Ok(if_there(reply)?.and_then(|reply| reply.addon))
}

async fn observe_one(aws: &Aws, look: &Sought<Addon>, known: &Known) -> Result<Seen<Addon>, Error> {
    let Addon { cluster, name, .. } = &look.spec;
    let Some(member) = Member::sought(look.id.as_ref(), known, cluster, Some(name))? else {
        return Ok(Seen::Absent);
    };
    let Some(found) = describe(aws, &member).await? else { return Ok(Seen::Absent) };
    let tags = tagging::of_map(found.tags.as_ref());
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let status = found.status.as_ref().map_or("ACTIVE", types::AddonStatus::as_str);
    if status == "DELETING" {
        return Ok(Seen::Leaving(status.to_owned()));
    }
    let issues: Vec<String> = found
        .health
        .iter()
        .flat_map(types::AddonHealth::issues)
        .map(|issue| words::issue(issue.code.as_ref().map(|code| code.as_str()), issue.message()))
        .collect();
    let readiness = words::readiness(status, &issues);
    let outputs = AddonOutputs {
        arn: must(found.addon_arn.clone(), "DescribeAddon", "ARN")?,
        version: found.addon_version.clone().unwrap_or_default(),
    };
    let spec = Addon {
        cluster: Ref::external(&member.cluster),
        name: member.name.clone(),
        version: found.addon_version.clone(),
        configuration: configuration(found.configuration_values()),
        conflicts: look.spec.conflicts,
        service_account_role: role_of(found.service_account_role_arn()),
        pod_identities: read_identities(aws, &member, found.pod_identity_associations()).await?,
        after: look.spec.after.clone(),
        after_nodes: look.spec.after_nodes.clone(),
        tags,
    };
    Ok(Seen::with(member.id(), spec, outputs, readiness))
}

/// The role, where there is one: some tell an empty text where there is none.
fn role_of(arn: Option<&str>) -> Option<Ref<Role>> {
    arn.filter(|arn| !arn.is_empty()).map(Ref::external)
}

/// The settings: none is the same as none set. What is not JSON (EKS takes YAML too) stands as text, and
/// differs from whatever is wanted.
fn configuration(text: Option<&str>) -> Option<Document> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    let document = Document::parse(text).unwrap_or_else(|_| Document::new(text.into()));
    let is_empty = document.value().as_object().is_some_and(serde_json::Map::is_empty);
    (!is_empty).then_some(document)
}

async fn read_identities(
    aws: &Aws,
    member: &Member,
    arns: &[String],
) -> Result<BTreeMap<String, AddonPodIdentity>, Error> {
    let found = try_join_all(arns.iter().map(|arn| async move {
        let association = Member::new(&member.cluster, name_in_arn(arn));
        let found = pod_identity::describe(aws, &association).await?;
        Ok::<_, Error>(found.and_then(|found| {
            let role = Ref::external(found.role_arn?);
            Some((found.service_account?, AddonPodIdentity { role }))
        }))
    }))
    .await?;
    Ok(found.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_is_none_however_it_is_told() {
        assert_eq!([None, Some("")].map(role_of), [None, None]);
        assert_eq!(role_of(Some("arn:role")), Some(Ref::external("arn:role")));
    }

    #[test]
    fn no_settings_are_none_and_yaml_is_different_from_all() {
        for none in [None, Some(""), Some(" "), Some("{}")] {
            assert_eq!(configuration(none), None);
        }
        let wanted = Document::new(serde_json::json!({"a": 1, "b": [1, 2]}));
        assert_eq!(configuration(Some(r#"{"b":[1,2],"a":1}"#)), Some(wanted.clone()));
        assert_ne!(configuration(Some(r#"{"b":[2,1],"a":1}"#)), Some(wanted.clone()));
        assert_ne!(configuration(Some("a: 1\nb: [1, 2]")), Some(wanted));
    }
}
