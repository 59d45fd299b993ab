//! Image repositories. One DescribeRepositories for all of them; then three calls each:
//! GetLifecyclePolicy, GetRepositoryPolicy, ListTagsForResource.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
    Repository as Described,
};
use futures_util::future::{join_all, try_join3};

use super::repository_parts as parts;
use crate::model::ecr::{ImageEncryption, Repository, RepositoryOutputs};
use crate::model::{CloudId, Known, Ref};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for Repository {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        let names: Vec<&str> = looks
            .iter()
            .map(|look| look.id.as_ref().map_or(look.spec.name.as_str(), CloudId::as_str))
            .collect();
        let found = match describe(aws, &names).await {
            Ok(found) => found,
            Err(error) => return looks.iter().map(|_| Err(error.clone())).collect(),
        };
        join_all(looks.iter().zip(names).map(|(look, name)| {
            let found = found.get(name);
            async move {
                match found {
                    Some(found) => see(aws, look, found).await,
                    None => Ok(Seen::Absent),
                }
            }
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateRepository";
        let repository = &call.spec;
        let born = parts::tags_for_call(&tagging::at_birth(aws, &call.address, &repository.tags), NAME)?;
        let encryption = encryption(&call)?;
        aws.once(Service::Ecr, NAME, || {
            aws.clients()
                .ecr
                .create_repository()
                .repository_name(&repository.name)
                .image_tag_mutability(parts::mutability(repository.immutable_tags))
                .image_scanning_configuration(
                    ImageScanningConfiguration::builder().scan_on_push(repository.scan_on_push).build(),
                )
                .encryption_configuration(encryption.clone())
                .set_tags(Some(born.clone()))
                .send()
        })
        .await?;
        Ok(repository.name.as_str().into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let name = call.id.as_str();
        if call.touches("scan_on_push") {
            parts::set_scanning(aws, name, call.spec.scan_on_push).await?;
        }
        if call.touches("immutable_tags") {
            parts::set_mutability(aws, name, call.spec.immutable_tags).await?;
        }
        if call.touches("lifecycle") {
            parts::set_lifecycle(aws, name, call.spec.lifecycle.as_ref()).await?;
        }
        if call.touches("policy") {
            parts::set_policy(aws, name, call.spec.policy.as_ref()).await?;
        }
        let tags = TagChanges::of(&call, &call.spec.tags);
        if tags.is_empty() {
            return Ok(());
        }
        let Some(found) = describe(aws, &[name]).await?.remove(name) else { return Ok(()) };
        let arn = must(found.repository_arn, "DescribeRepositories", "ARN")?;
        parts::set_tags(aws, &arn, &tags).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let asked = aws.remove(Service::Ecr, "DeleteRepository", || {
            let delete = aws.clients().ecr.delete_repository().repository_name(call.id.as_str());
            delete.force(call.spec.force_delete).send()
        });
        gone_is_fine(asked.await).map_err(|mut error| {
            if error.code.as_deref() == Some("RepositoryNotEmptyException") {
                error.message.push_str(
                    ". To have it deleted with its images, set delete_with_images = true in [registry].",
                );
            }
            error
        })
    }
}

/// Repositories by name. Several are picked out of all: a list of names is refused whole when one is not there.
async fn describe(aws: &Aws, names: &[&str]) -> Result<BTreeMap<String, Described>, Error> {
    const NAME: &str = "DescribeRepositories";
    let one = match names {
        [name] => Some(vec![(*name).to_owned()]),
        _ => None,
    };
    // A page size may not be given together with names.
    let page_size = one.is_none().then_some(1000);
    let mut found = BTreeMap::new();
    let mut next = None;
    loop {
        let reply = aws
            .read(Service::Ecr, NAME, || {
                aws.clients()
                    .ecr
                    .describe_repositories()
                    .set_repository_names(one.clone())
                    .set_max_results(page_size)
                    .set_next_token(next.clone())
                    .send()
            })
            .await;
        let Some(page) = if_there(reply)? else { return Ok(found) };
        for repository in page.repositories.into_iter().flatten() {
            found.insert(repository.repository_name.clone().unwrap_or_default(), repository);
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}

async fn see(aws: &Aws, look: &Sought<Repository>, found: &Described) -> Result<Seen<Repository>, Error> {
    const NAME: &str = "DescribeRepositories";
    let name = must(found.repository_name.as_deref(), NAME, "name")?;
    let arn = must(found.repository_arn.clone(), NAME, "ARN")?;
    let url = must(found.repository_uri.clone(), NAME, "URI")?;
    let read = try_join3(parts::lifecycle(aws, name), parts::policy(aws, name), parts::tags(aws, &arn)).await;
    let Some((lifecycle, policy, tags)) = if_there(read)? else { return Ok(Seen::Absent) };
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let scanning = found.image_scanning_configuration.as_ref();
    let spec = Repository {
        name: name.to_owned(),
        scan_on_push: scanning.is_some_and(|scanning| scanning.scan_on_push),
        immutable_tags: found.image_tag_mutability == Some(ImageTagMutability::Immutable),
        encryption: encryption_of(found.encryption_configuration.as_ref()),
        lifecycle,
        policy,
        force_delete: look.spec.force_delete,
        tags,
    };
    let host = url.split('/').next().unwrap_or_default().to_owned();
    Ok(Seen::ready(name, spec, RepositoryOutputs { arn, host, url }))
}

fn encryption_of(encryption: Option<&EncryptionConfiguration>) -> ImageEncryption {
    match encryption {
        Some(EncryptionConfiguration { encryption_type: EncryptionType::Aes256, .. }) | None => {
            ImageEncryption::Service
        }
        Some(EncryptionConfiguration { kms_key, .. }) => {
            ImageEncryption::Kms(kms_key.clone().map(Ref::external))
        }
    }
}

fn encryption(call: &Creation<Repository>) -> Result<EncryptionConfiguration, Error> {
    const NAME: &str = "CreateRepository";
    let (sort, key) = match &call.spec.encryption {
        ImageEncryption::Service => (EncryptionType::Aes256, None),
        ImageEncryption::Kms(key) => {
            (EncryptionType::Kms, key.as_ref().map(|key| arn_of(&call.known, key, NAME)).transpose()?)
        }
    };
    let built = EncryptionConfiguration::builder().encryption_type(sort).set_kms_key(key).build();
    built.map_err(|error| Error::local("ecr", NAME, error.to_string()))
}
