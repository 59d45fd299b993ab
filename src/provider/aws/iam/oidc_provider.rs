//! OpenID Connect providers. One GetOpenIDConnectProvider each, after one list when an ARN is not recorded.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;

use super::tags;
use crate::model::iam::{OidcProvider, OidcProviderOutputs};
use crate::model::{CloudId, Known, Text};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for OidcProvider {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| observe_one(aws, look))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateOpenIDConnectProvider";
        let OidcProvider { issuer, audiences, tags: wanted } = &call.spec;
        let born = tags::for_call(&tagging::at_birth(aws, &call.address, wanted), NAME)?;
        let reply = aws
            .once(Service::Iam, NAME, || {
                aws.clients()
                    .iam
                    .create_open_id_connect_provider()
                    .url(format!("https://{issuer}"))
                    .set_client_id_list(Some(audiences.clone()))
                    .set_tags(Some(born.clone()))
                    .send()
            })
            .await?;
        Ok(must(reply.open_id_connect_provider_arn, NAME, "ARN")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.touches("audiences") {
            set_audiences(aws, &call).await?;
        }
        set_tags(aws, call.id.as_str(), &TagChanges::of(&call, &call.spec.tags)).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        gone_is_fine(
            aws.remove(Service::Iam, "DeleteOpenIDConnectProvider", || {
                aws.clients()
                    .iam
                    .delete_open_id_connect_provider()
                    .open_id_connect_provider_arn(call.id.as_str())
                    .send()
            })
            .await,
        )
    }
}

async fn observe_one(aws: &Aws, look: &Sought<OidcProvider>) -> Result<Seen<OidcProvider>, Error> {
    let arn = match &look.id {
        Some(id) => Some(id.as_str().to_owned()),
        // Before the cluster stands there is no issuer, so there is nothing that trusts it.
        None if !look.spec.issuer.is_resolved() => None,
        None => find(aws, look.spec.issuer.as_str()).await?,
    };
    let Some(arn) = arn else { return Ok(Seen::Absent) };
    let reply = aws
        .read(Service::Iam, "GetOpenIDConnectProvider", || {
            aws.clients().iam.get_open_id_connect_provider().open_id_connect_provider_arn(&arn).send()
        })
        .await;
    let Some(found) = if_there(reply)? else { return Ok(Seen::Absent) };
    let tags = tags::of(found.tags());
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let host = found.url().unwrap_or_default().trim_start_matches("https://").to_owned();
    let audiences = found.client_id_list().to_vec();
    let spec = OidcProvider { issuer: Text::new(host.clone()), audiences, tags };
    Ok(Seen::ready(arn.as_str(), spec, OidcProviderOutputs { arn: arn.clone(), host }))
}

/// The ARN of the provider of an issuer: it ends with it.
async fn find(aws: &Aws, issuer: &str) -> Result<Option<String>, Error> {
    let reply = aws
        .read(Service::Iam, "ListOpenIDConnectProviders", || {
            aws.clients().iam.list_open_id_connect_providers().send()
        })
        .await?;
    let end = format!(":oidc-provider/{issuer}");
    let mut arns = reply.open_id_connect_provider_list.into_iter().flatten().filter_map(|entry| entry.arn);
    Ok(arns.find(|arn| arn.ends_with(&end)))
}

async fn set_audiences(aws: &Aws, call: &Revision<OidcProvider>) -> Result<(), Error> {
    let arn = call.id.as_str();
    let [want, live]: [BTreeSet<&String>; 2] =
        [&call.spec.audiences, &call.live.audiences].map(|audiences| audiences.iter().collect());
    for audience in want.difference(&live) {
        aws.converge(Service::Iam, "AddClientIDToOpenIDConnectProvider", || {
            aws.clients()
                .iam
                .add_client_id_to_open_id_connect_provider()
                .open_id_connect_provider_arn(arn)
                .client_id(*audience)
                .send()
        })
        .await?;
    }
    for audience in live.difference(&want) {
        aws.converge(Service::Iam, "RemoveClientIDFromOpenIDConnectProvider", || {
            aws.clients()
                .iam
                .remove_client_id_from_open_id_connect_provider()
                .open_id_connect_provider_arn(arn)
                .client_id(*audience)
                .send()
        })
        .await?;
    }
    Ok(())
}

async fn set_tags(aws: &Aws, arn: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = tags::for_call(&changes.set, "TagOpenIDConnectProvider")?;
        aws.converge(Service::Iam, "TagOpenIDConnectProvider", || {
            aws.clients()
                .iam
                .tag_open_id_connect_provider()
                .open_id_connect_provider_arn(arn)
                .set_tags(Some(set.clone()))
                .send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Iam, "UntagOpenIDConnectProvider", || {
            aws.clients()
                .iam
                .untag_open_id_connect_provider()
                .open_id_connect_provider_arn(arn)
                .set_tag_keys(Some(keys.clone()))
                .send()
        })
        .await?;
    }
    Ok(())
}
