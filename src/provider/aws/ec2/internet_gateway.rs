//! Internet gateways.

use std::sync::Arc;

use aws_sdk_ec2::types::{Filter, InternetGateway as SdkGateway, ResourceType, Tag};

use super::find::{Item, field, filter, observe};
use super::tags;
use crate::model::ec2::InternetGateway;
use crate::model::{CloudId, Known, NoOutputs, Ref};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve,
};
use crate::provider::{Class, Error};

impl Item for SdkGateway {
    fn id(&self) -> &str {
        self.internet_gateway_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for InternetGateway {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        let describe = |filters| describe(aws, filters);
        observe(aws, looks, "internet-gateway-id", describe, |gateway, _| {
            let vpc = attached(gateway).map(Ref::external);
            let spec = InternetGateway { vpc, tags: tags::from_sdk(gateway.tags()) };
            Ok(Seen::ready(gateway.id(), spec, NoOutputs {}))
        })
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let InternetGateway { vpc: _, tags } = &call.spec;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .once(Service::Ec2, "CreateInternetGateway", || {
                let tags = tags::at_birth(ResourceType::InternetGateway, tags).map(|t| vec![t]);
                ec2.create_internet_gateway().set_tag_specifications(tags).send()
            })
            .await?;
        let id = reply.internet_gateway.and_then(|gateway| gateway.internet_gateway_id);
        Ok(field(id, "CreateInternetGateway", "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.touches("vpc") {
            if let Some(vpc) = &call.live.vpc {
                detach(aws, &call.id, resolve(&call.known, vpc, "DetachInternetGateway")?).await?;
            }
            if let Some(vpc) = &call.spec.vpc {
                attach(aws, &call.id, resolve(&call.known, vpc, "AttachInternetGateway")?).await?;
            }
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        // One that is attached cannot be deleted, and where it is attached now is for AWS to say.
        let found = describe(aws, vec![filter("internet-gateway-id", [call.id.as_str()])]).await?;
        if let Some(vpc) = found.first().and_then(attached) {
            detach(aws, &call.id, &vpc).await?;
        }
        let ec2 = &aws.clients().ec2;
        let deleted = aws.remove(Service::Ec2, "DeleteInternetGateway", || {
            ec2.delete_internet_gateway().internet_gateway_id(call.id.as_str()).send()
        });
        gone_is_fine(deleted.await)
    }
}

async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkGateway>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_internet_gateways().set_filters(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeInternetGateways", page).await?;
        Ok((page.internet_gateways, page.next_token))
    })
    .await
}

/// The VPC it is attached to. EC2 calls the state of a standing attachment `available`.
fn attached(gateway: &SdkGateway) -> Option<String> {
    gateway
        .attachments()
        .iter()
        .find(|attachment| {
            !matches!(attachment.state().map(|state| state.as_str()), Some("detaching" | "detached"))
        })
        .and_then(|attachment| attachment.vpc_id().map(str::to_owned))
}

async fn attach(aws: &Aws, id: &CloudId, vpc: &str) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let attached = aws.converge(Service::Ec2, "AttachInternetGateway", || {
        ec2.attach_internet_gateway().internet_gateway_id(id.as_str()).vpc_id(vpc).send()
    });
    match attached.await {
        // Attached by a call whose answer was lost; if it is to another VPC, the next look shows it.
        Err(error) if error.code.as_deref() == Some("Resource.AlreadyAssociated") => Ok(()),
        other => other.map(|_| ()),
    }
}

/// Refused (DependencyViolation) while anything in the VPC has a public address.
async fn detach(aws: &Aws, id: &CloudId, vpc: &str) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let detached = aws.remove(Service::Ec2, "DetachInternetGateway", || {
        ec2.detach_internet_gateway().internet_gateway_id(id.as_str()).vpc_id(vpc).send()
    });
    match detached.await {
        Err(error) if error.class == Class::NotFound => Ok(()),
        other => other.map(|_| ()),
    }
}
