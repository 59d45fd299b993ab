//! Elastic IP addresses.

use std::sync::Arc;

use aws_sdk_ec2::types::{Address as SdkAddress, DomainType, Filter, ResourceType, Tag};

use super::find::{Item, field, observe};
use super::tags;
use crate::model::ec2::{ElasticIp, ElasticIpOutputs};
use crate::model::{CloudId, Known};
use crate::provider::Error;
use crate::provider::aws::{Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine};

impl Item for SdkAddress {
    fn id(&self) -> &str {
        self.allocation_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for ElasticIp {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        observe(
            aws,
            looks,
            "allocation-id",
            |filters| describe(aws, filters),
            |address, _| {
                let ip = field(address.public_ip(), "DescribeAddresses", "the address")?;
                let spec = ElasticIp { tags: tags::from_sdk(address.tags()) };
                Ok(Seen::ready(address.id(), spec, ElasticIpOutputs { address: ip.to_owned() }))
            },
        )
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let ElasticIp { tags } = &call.spec;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .once(Service::Ec2, "AllocateAddress", || {
                let tags = tags::at_birth(ResourceType::ElasticIp, tags).map(|t| vec![t]);
                ec2.allocate_address().domain(DomainType::Vpc).set_tag_specifications(tags).send()
            })
            .await?;
        Ok(field(reply.allocation_id, "AllocateAddress", "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let released = aws.remove(Service::Ec2, "ReleaseAddress", || {
            ec2.release_address().allocation_id(call.id.as_str()).send()
        });
        gone_is_fine(released.await)
    }
}

/// All in one answer: DescribeAddresses knows no pages.
async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkAddress>, Error> {
    let ec2 = &aws.clients().ec2;
    let reply = aws
        .read(Service::Ec2, "DescribeAddresses", || {
            ec2.describe_addresses().set_filters(Some(filters.clone())).send()
        })
        .await?;
    Ok(reply.addresses.unwrap_or_default())
}
