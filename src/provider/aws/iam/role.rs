//! Roles. Looked at together: GetAccountAuthorizationDetails has all but description and session length, which
//! ListRoles has; alone: GetRole, and what is attached and written into it.

use std::sync::Arc;

use super::{role_parts, role_reads, tags};
use crate::model::iam::Role;
use crate::model::{CloudId, Known};
use crate::provider::Error;
use crate::provider::aws::manage::{
    Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine, resolve,
};
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for Role {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        let names: Vec<String> = looks
            .iter()
            .map(|look| look.id.as_ref().map_or(look.spec.name.as_str(), CloudId::as_str).to_owned())
            .collect();
        let found = role_reads::read(aws, &names).await;
        let ours = |look: &Sought<Self>, seen: &Seen<Self>| match seen {
            Seen::Present(role) => look.id.is_some() || tagging::is_ours(aws, &role.spec.tags),
            Seen::Absent | Seen::Leaving(_) => true,
        };
        let answers = looks.iter().zip(found);
        answers
            .map(|(look, seen)| seen.map(|seen| if ours(look, &seen) { seen } else { Seen::Absent }))
            .collect()
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateRole";
        let role = &call.spec;
        let boundary = role.boundary.as_ref().map(|policy| resolve(&call.known, policy, NAME)).transpose()?;
        let born = tags::for_call(&tagging::at_birth(aws, &call.address, &role.tags), NAME)?;
        let description = (!role.description.is_empty()).then(|| role.description.clone());
        aws.once(Service::Iam, NAME, || {
            aws.clients()
                .iam
                .create_role()
                .role_name(&role.name)
                .path(&role.path)
                .assume_role_policy_document(role.trust.to_text())
                .set_description(description.clone())
                .max_session_duration(role_parts::session(role))
                .set_permissions_boundary(boundary.map(str::to_owned))
                .set_tags(Some(born.clone()))
                .send()
        })
        .await?;
        Ok(role.name.as_str().into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.touches("description") || call.touches("max_session") {
            role_parts::set_words(aws, &call).await?;
        }
        if call.touches("trust") {
            role_parts::set_trust(aws, &call).await?;
        }
        if call.touches("boundary") {
            role_parts::set_boundary(aws, &call).await?;
        }
        if call.touches("inline") {
            role_parts::set_inline(aws, &call).await?;
        }
        if call.touches("policies") {
            role_parts::set_policies(aws, &call).await?;
        }
        set_tags(aws, call.id.as_str(), &TagChanges::of(&call, &call.spec.tags)).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let name = call.id.as_str();
        role_parts::strip(aws, name).await?;
        gone_is_fine(
            aws.remove(Service::Iam, "DeleteRole", || aws.clients().iam.delete_role().role_name(name).send())
                .await,
        )
    }
}

async fn set_tags(aws: &Aws, name: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = tags::for_call(&changes.set, "TagRole")?;
        aws.converge(Service::Iam, "TagRole", || {
            aws.clients().iam.tag_role().role_name(name).set_tags(Some(set.clone())).send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Iam, "UntagRole", || {
            aws.clients().iam.untag_role().role_name(name).set_tag_keys(Some(keys.clone())).send()
        })
        .await?;
    }
    Ok(())
}
