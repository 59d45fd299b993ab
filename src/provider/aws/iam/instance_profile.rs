//! Instance profiles. One GetInstanceProfile each.

use std::sync::Arc;

use futures_util::future::join_all;

use super::tags;
use crate::model::iam::{InstanceProfile, InstanceProfileOutputs};
use crate::model::{CloudId, Known, Ref};
use crate::provider::Error;
use crate::provider::aws::manage::{
    Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine, resolve,
};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::name_in_arn;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for InstanceProfile {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| async move {
            let name = look.id.as_ref().map_or(look.spec.name.as_str(), CloudId::as_str);
            let Some(found) = read(aws, name).await? else { return Ok(Seen::Absent) };
            let tags = tags::of(found.tags());
            if look.id.is_none() && !tagging::is_ours(aws, &tags) {
                return Ok(Seen::Absent);
            }
            let spec = InstanceProfile {
                name: found.instance_profile_name.clone(),
                path: found.path.clone(),
                role: found.roles.first().map(|role| Ref::external(&role.arn)),
                tags,
            };
            Ok(Seen::ready(name, spec, InstanceProfileOutputs { arn: found.arn }))
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateInstanceProfile";
        let InstanceProfile { name, path, role: _, tags: wanted } = &call.spec;
        let born = tags::for_call(&tagging::at_birth(aws, &call.address, wanted), NAME)?;
        aws.once(Service::Iam, NAME, || {
            aws.clients()
                .iam
                .create_instance_profile()
                .instance_profile_name(name)
                .path(path)
                .set_tags(Some(born.clone()))
                .send()
        })
        .await?;
        Ok(name.as_str().into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let name = call.id.as_str();
        if call.touches("role") {
            // There is room for one role.
            empty(aws, name).await?;
            if let Some(role) = &call.spec.role {
                let role = name_in_arn(resolve(&call.known, role, "AddRoleToInstanceProfile")?);
                aws.converge(Service::Iam, "AddRoleToInstanceProfile", || {
                    aws.clients()
                        .iam
                        .add_role_to_instance_profile()
                        .instance_profile_name(name)
                        .role_name(role)
                        .send()
                })
                .await?;
            }
        }
        set_tags(aws, name, &TagChanges::of(&call, &call.spec.tags)).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let name = call.id.as_str();
        empty(aws, name).await?;
        gone_is_fine(
            aws.remove(Service::Iam, "DeleteInstanceProfile", || {
                aws.clients().iam.delete_instance_profile().instance_profile_name(name).send()
            })
            .await,
        )
    }
}

async fn read(aws: &Aws, name: &str) -> Result<Option<aws_sdk_iam::types::InstanceProfile>, Error> {
    const NAME: &str = "GetInstanceProfile";
    let reply = aws
        .read(Service::Iam, NAME, || {
            aws.clients().iam.get_instance_profile().instance_profile_name(name).send()
        })
        .await;
    if_there(reply)?.map(|reply| must(reply.instance_profile, NAME, "instance profile")).transpose()
}

/// Takes whatever role is in it out of it.
async fn empty(aws: &Aws, name: &str) -> Result<(), Error> {
    let roles = read(aws, name).await?.map(|profile| profile.roles).unwrap_or_default();
    for role in roles {
        let result = aws
            .remove(Service::Iam, "RemoveRoleFromInstanceProfile", || {
                aws.clients()
                    .iam
                    .remove_role_from_instance_profile()
                    .instance_profile_name(name)
                    .role_name(&role.role_name)
                    .send()
            })
            .await;
        gone_is_fine(result)?;
    }
    Ok(())
}

async fn set_tags(aws: &Aws, name: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = tags::for_call(&changes.set, "TagInstanceProfile")?;
        aws.converge(Service::Iam, "TagInstanceProfile", || {
            aws.clients()
                .iam
                .tag_instance_profile()
                .instance_profile_name(name)
                .set_tags(Some(set.clone()))
                .send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Iam, "UntagInstanceProfile", || {
            aws.clients()
                .iam
                .untag_instance_profile()
                .instance_profile_name(name)
                .set_tag_keys(Some(keys.clone()))
                .send()
        })
        .await?;
    }
    Ok(())
}
