//! Reading parameters: DescribeParameters (50 at a time) and GetParameters (10 at a time), ListTagsForResource
//! each, and DescribeSecret for those that copy one.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::{
    Parameter as Value, ParameterMetadata, ParameterStringFilter, ParameterTier as Tier, ParameterType,
    ResourceTypeForTagging,
};
use futures_util::future::{join_all, try_join, try_join_all};

use super::source::{self, Source};
use crate::model::ssm::{Parameter, ParameterOutputs, ParameterTier, ParameterValue};
use crate::model::{Ref, Tags, Text};
use crate::provider::Error;
use crate::provider::aws::manage::{Seen, Sought};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::{Aws, Service, secretsmanager, tagging};

/// The key that encrypts where no other is named.
const OWN_KEY: &str = "alias/aws/ssm";

/// Looks at parameters, an answer a look, in the same order.
pub(super) async fn observe(aws: &Aws, looks: &[Sought<Parameter>]) -> Vec<Result<Seen<Parameter>, Error>> {
    let names: Vec<String> = looks.iter().map(name).collect();
    match try_join(metadata(aws, &names), values(aws, &names)).await {
        Err(error) => looks.iter().map(|_| Err(error.clone())).collect(),
        Ok((metadata, values)) => {
            join_all(looks.iter().map(|look| {
                let parts = metadata.get(&name(look)).zip(values.get(&name(look)));
                async move {
                    match parts {
                        Some((metadata, value)) => see(aws, look, metadata, value).await,
                        None => Ok(Seen::Absent),
                    }
                }
            }))
            .await
        }
    }
}

fn name(look: &Sought<Parameter>) -> String {
    look.id.as_ref().map_or_else(|| look.spec.name.clone(), |id| id.as_str().to_owned())
}

async fn metadata(aws: &Aws, names: &[String]) -> Result<BTreeMap<String, ParameterMetadata>, Error> {
    const NAME: &str = "DescribeParameters";
    let pages = try_join_all(names.chunks(50).map(|names| async move {
        let filter = ParameterStringFilter::builder()
            .key("Name")
            .option("Equals")
            .set_values(Some(names.to_vec()))
            .build()
            .map_err(|error| Error::local("ssm", NAME, error.to_string()))?;
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let page = aws
                .read(Service::Ssm, NAME, || {
                    aws.clients()
                        .ssm
                        .describe_parameters()
                        .parameter_filters(filter.clone())
                        .set_next_token(next.clone())
                        .send()
                })
                .await?;
            found.extend(page.parameters.into_iter().flatten());
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok::<_, Error>(found);
            }
        }
    }))
    .await?;
    Ok(pages.into_iter().flatten().filter_map(|found| Some((found.name.clone()?, found))).collect())
}

async fn values(aws: &Aws, names: &[String]) -> Result<BTreeMap<String, Value>, Error> {
    let pages = try_join_all(names.chunks(10).map(|names| async move {
        let reply = aws
            .read(Service::Ssm, "GetParameters", || {
                let call = aws.clients().ssm.get_parameters().set_names(Some(names.to_vec()));
                call.with_decryption(false).send()
            })
            .await?;
        Ok::<_, Error>(reply.parameters.unwrap_or_default())
    }))
    .await?;
    Ok(pages.into_iter().flatten().filter_map(|found| Some((found.name.clone()?, found))).collect())
}

async fn tags(aws: &Aws, name: &str) -> Result<Option<Tags>, Error> {
    let reply = aws
        .read(Service::Ssm, "ListTagsForResource", || {
            aws.clients()
                .ssm
                .list_tags_for_resource()
                .resource_type(ResourceTypeForTagging::Parameter)
                .resource_id(name)
                .send()
        })
        .await;
    let found = if_there(reply)?;
    Ok(found.map(|reply| reply.tag_list.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect()))
}

async fn see(
    aws: &Aws,
    look: &Sought<Parameter>,
    metadata: &ParameterMetadata,
    value: &Value,
) -> Result<Seen<Parameter>, Error> {
    let name = name(look);
    let Some(mut tags) = tags(aws, &name).await? else { return Ok(Seen::Absent) };
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let source = tags.remove(source::TAG).and_then(|text| Source::parse(&text));
    let tier = match metadata.tier {
        Some(Tier::Advanced) => ParameterTier::Advanced,
        _ => ParameterTier::Standard,
    };
    let text = value.value.as_deref().unwrap_or_default();
    let seen = match value.r#type {
        Some(ParameterType::SecureString) => copied(aws, metadata, value.version, source).await?,
        Some(ParameterType::StringList) => ParameterValue::List(text.split(',').map(Text::from).collect()),
        _ => ParameterValue::Text(text.into()),
    };
    let description = metadata.description.clone().unwrap_or_default();
    let spec = Parameter { name: name.clone(), description, value: seen, tier, tags };
    let arn = must(value.arn.clone(), "GetParameters", "ARN")?;
    Ok(Seen::ready(name, spec, ParameterOutputs { arn, version: value.version.to_string() }))
}

/// Whether an encrypted value is still the copy of its secret's present one.
async fn copied(
    aws: &Aws,
    metadata: &ParameterMetadata,
    version: i64,
    source: Option<Source>,
) -> Result<ParameterValue, Error> {
    let Some(source) = source.filter(|source| source.parameter_version == version) else {
        return Ok(ParameterValue::Foreign);
    };
    let current = secretsmanager::current_version(aws, &source.secret).await?;
    if current.is_none_or(|current| current != source.secret_version) {
        return Ok(ParameterValue::Foreign);
    }
    let key = metadata.key_id.clone().filter(|key| !key.ends_with(OWN_KEY)).map(Ref::external);
    Ok(ParameterValue::Secret { secret: Ref::external(source.secret), key })
}
