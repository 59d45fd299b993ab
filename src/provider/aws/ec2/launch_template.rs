//! Launch templates and their versions.

use std::sync::Arc;

use aws_sdk_ec2::types::{Filter, LaunchTemplate as SdkTemplate, LaunchTemplateVersion, ResourceType, Tag};
use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use super::find::{Item, field, filter, pick};
use super::{tags, template_data};
use crate::model::ec2::{LaunchTemplate, LaunchTemplateOutputs};
use crate::model::{CloudId, ENVIRONMENT_TAG, Known};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine};
use crate::provider::{Class, Error};

impl Item for SdkTemplate {
    fn id(&self) -> &str {
        self.launch_template_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for LaunchTemplate {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        let templates = match templates(aws, &looks).await {
            Ok(templates) => templates,
            Err(error) => return looks.iter().map(|_| Err(error.clone())).collect(),
        };
        join_all(looks.iter().map(async |look| match pick(aws, &templates, look)? {
            Some(template) => see(aws, template).await,
            None => Ok(Seen::Absent),
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const CALL: &str = "CreateLaunchTemplate";
        let data = template_data::to_sdk(&call.spec, &call.known)?;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .converge(Service::Ec2, CALL, || {
                let tags = tags::at_birth(ResourceType::LaunchTemplate, &call.spec.tags).map(|t| vec![t]);
                ec2.create_launch_template()
                    .launch_template_name(&call.spec.name)
                    .launch_template_data(data.clone())
                    .client_token(&call.token)
                    .set_tag_specifications(tags)
                    .send()
            })
            .await?;
        let id = reply.launch_template.and_then(|template| template.launch_template_id);
        Ok(field(id, CALL, "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.changes.iter().any(|change| !change.field.starts_with("tags.")) {
            let version = new_version(aws, &call).await?;
            let ec2 = &aws.clients().ec2;
            aws.converge(Service::Ec2, "ModifyLaunchTemplate", || {
                let request = ec2.modify_launch_template().launch_template_id(call.id.as_str());
                request.default_version(version.to_string()).send()
            })
            .await?;
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let deleted = aws.remove(Service::Ec2, "DeleteLaunchTemplate", || {
            ec2.delete_launch_template().launch_template_id(call.id.as_str()).send()
        });
        gone_is_fine(deleted.await)
    }
}

/// The environment's templates, and the recorded ones that did not come with them: one by one, because there is
/// no filter by id, and a list of ids fails as a whole when one is gone.
async fn templates(aws: &Aws, looks: &[Sought<LaunchTemplate>]) -> Result<Vec<SdkTemplate>, Error> {
    let mut found = Vec::new();
    if looks.len() > 1 || looks.iter().any(|look| look.id.is_none()) {
        let ours = filter(format!("tag:{ENVIRONMENT_TAG}"), [aws.environment()]);
        found = describe(aws, vec![ours], None).await?;
    }
    let missing: Vec<String> = looks
        .iter()
        .filter_map(|look| look.id.as_ref().map(ToString::to_string))
        .filter(|id| !found.iter().any(|template| template.id() == id))
        .collect();
    for id in missing {
        match describe(aws, Vec::new(), Some(id)).await {
            Ok(more) => found.extend(more),
            Err(error) if error.class == Class::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn describe(aws: &Aws, filters: Vec<Filter>, id: Option<String>) -> Result<Vec<SdkTemplate>, Error> {
    let (ec2, filters, ids) = (&aws.clients().ec2, &filters, &id.map(|id| vec![id]));
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_launch_templates();
            let call = call.set_filters(Some(filters.clone()).filter(|filters| !filters.is_empty()));
            call.set_launch_template_ids(ids.clone()).set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeLaunchTemplates", page).await?;
        Ok((page.launch_templates, page.next_token))
    })
    .await
}

async fn see(aws: &Aws, template: &SdkTemplate) -> Result<Seen<LaunchTemplate>, Error> {
    const CALL: &str = "DescribeLaunchTemplateVersions";
    let name = field(template.launch_template_name(), CALL, "the name")?.to_owned();
    let version = match default_version(aws, template.id()).await {
        Ok(version) => version,
        // It went between the two reads.
        Err(error) if error.class == Class::NotFound => return Ok(Seen::Absent),
        Err(error) => return Err(error),
    };
    let data = field(version.launch_template_data(), CALL, "the data")?;
    let spec = template_data::from_sdk(data, name.clone(), tags::from_sdk(template.tags()));
    let number = version.version_number().unwrap_or_default().to_string();
    Ok(Seen::ready(template.id(), spec, LaunchTemplateOutputs { name, version: number }))
}

async fn default_version(aws: &Aws, id: &str) -> Result<LaunchTemplateVersion, Error> {
    const CALL: &str = "DescribeLaunchTemplateVersions";
    let ec2 = &aws.clients().ec2;
    let reply = aws
        .read(Service::Ec2, CALL, || {
            ec2.describe_launch_template_versions().launch_template_id(id).versions("$Default").send()
        })
        .await?;
    field(reply.launch_template_versions.unwrap_or_default().into_iter().next(), CALL, "the default version")
}

/// Makes a version as wanted. Its client token comes from what it follows and what it holds, so that a
/// repetition after a lost answer, or in the next run, gives the same version.
async fn new_version(aws: &Aws, call: &Revision<LaunchTemplate>) -> Result<i64, Error> {
    const CALL: &str = "CreateLaunchTemplateVersion";
    let data = template_data::to_sdk(&call.spec, &call.known)?;
    let before = default_version(aws, call.id.as_str()).await?.version_number().unwrap_or_default();
    let digest = Sha256::digest(format!("{} {before} {data:?}", call.id));
    let token: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let ec2 = &aws.clients().ec2;
    let reply = aws
        .converge(Service::Ec2, CALL, || {
            ec2.create_launch_template_version()
                .launch_template_id(call.id.as_str())
                .launch_template_data(data.clone())
                .client_token(&token)
                .send()
        })
        .await?;
    field(reply.launch_template_version.and_then(|version| version.version_number), CALL, "the version")
}
