//! Parameters.

use std::sync::Arc;

use aws_sdk_ssm::types::{ParameterTier as Tier, ParameterType, ResourceTypeForTagging, Tag};

use super::parameter_reads;
use super::source::{self, Source};
use crate::model::ssm::{Parameter, ParameterTier, ParameterValue};
use crate::model::{CloudId, Known, Tags};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service, secretsmanager};

const PUT: &str = "PutParameter";

impl Manage for Parameter {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        parameter_reads::observe(aws, &looks).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let content = Content::of(aws, &call.spec, &call.known).await?;
        let mut tags = tagging::at_birth(aws, &call.address, &call.spec.tags);
        if let Some(copied) = &content.copied {
            // The first version of a parameter is 1.
            tags.insert(source::TAG.to_owned(), copied.source(1).to_string());
        }
        let born = tags_for_call(&tags)?;
        aws.once(Service::Ssm, PUT, || {
            content.call(aws, &call.spec).overwrite(false).set_tags(Some(born.clone())).send()
        })
        .await?;
        Ok(call.spec.name.as_str().into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let mut tags = TagChanges::of(&call, &call.spec.tags);
        if ["value", "description", "tier"].iter().any(|field| call.touches(field)) {
            let content = Content::of(aws, &call.spec, &call.known).await?;
            let reply = aws
                .converge(Service::Ssm, PUT, || content.call(aws, &call.spec).overwrite(true).send())
                .await?;
            if let Some(copied) = &content.copied {
                tags.set.insert(source::TAG.to_owned(), copied.source(reply.version).to_string());
            }
        }
        set_tags(aws, call.id.as_str(), &tags).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        gone_is_fine(
            aws.remove(Service::Ssm, "DeleteParameter", || {
                aws.clients().ssm.delete_parameter().name(call.id.as_str()).send()
            })
            .await,
        )
    }
}

/// What a parameter is to hold. It has no `Debug`: it may be a secret.
struct Content {
    sort: ParameterType,
    value: String,
    key: Option<String>,
    copied: Option<Copied>,
}

/// Which version of which secret a value is.
struct Copied {
    secret: String,
    version: String,
}

impl Copied {
    fn source(&self, parameter_version: i64) -> Source {
        let (secret, secret_version) = (self.secret.clone(), self.version.clone());
        Source { secret, secret_version, parameter_version }
    }
}

type PutCall = aws_sdk_ssm::operation::put_parameter::builders::PutParameterFluentBuilder;

impl Content {
    async fn of(aws: &Aws, spec: &Parameter, known: &Known) -> Result<Self, Error> {
        let open = |sort, value| Self { sort, value, key: None, copied: None };
        match &spec.value {
            ParameterValue::Text(text) => Ok(open(ParameterType::String, text.as_str().to_owned())),
            ParameterValue::List(texts) => {
                let texts: Vec<&str> = texts.iter().map(crate::model::Text::as_str).collect();
                Ok(open(ParameterType::StringList, texts.join(",")))
            }
            ParameterValue::Secret { secret, key } => {
                let secret = arn_of(known, secret, PUT)?;
                let key = key.as_ref().map(|key| arn_of(known, key, PUT)).transpose()?;
                let (value, version) = secretsmanager::read_value(aws, &secret).await?;
                let copied = Some(Copied { secret, version });
                Ok(Self { sort: ParameterType::SecureString, value, key, copied })
            }
            ParameterValue::Foreign => {
                Err(Error::local("ssm", PUT, "a value that is only seen cannot be asked for"))
            }
        }
    }

    fn call(&self, aws: &Aws, spec: &Parameter) -> PutCall {
        let tier = match spec.tier {
            ParameterTier::Standard => Tier::Standard,
            ParameterTier::Advanced => Tier::Advanced,
        };
        aws.clients()
            .ssm
            .put_parameter()
            .name(&spec.name)
            .description(&spec.description)
            .value(&self.value)
            .r#type(self.sort.clone())
            .set_key_id(self.key.clone())
            .tier(tier)
    }
}

async fn set_tags(aws: &Aws, name: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = tags_for_call(&changes.set)?;
        aws.converge(Service::Ssm, "AddTagsToResource", || {
            aws.clients()
                .ssm
                .add_tags_to_resource()
                .resource_type(ResourceTypeForTagging::Parameter)
                .resource_id(name)
                .set_tags(Some(set.clone()))
                .send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Ssm, "RemoveTagsFromResource", || {
            aws.clients()
                .ssm
                .remove_tags_from_resource()
                .resource_type(ResourceTypeForTagging::Parameter)
                .resource_id(name)
                .set_tag_keys(Some(keys.clone()))
                .send()
        })
        .await?;
    }
    Ok(())
}

fn tags_for_call(tags: &Tags) -> Result<Vec<Tag>, Error> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| Error::local("ssm", PUT, error.to_string()))
}
