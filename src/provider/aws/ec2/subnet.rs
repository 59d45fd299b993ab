//! Subnets.

use std::sync::Arc;

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, Subnet as SdkSubnet, Tag};

use super::find::{Item, field, observe};
use super::tags;
use crate::model::ec2::{Subnet, SubnetOutputs};
use crate::model::{CloudId, Known, Ref};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve,
};
use crate::provider::{Error, Readiness};

impl Item for SdkSubnet {
    fn id(&self) -> &str {
        self.subnet_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for Subnet {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        observe(aws, looks, "subnet-id", |filters| describe(aws, filters), |subnet, _| see(aws, subnet)).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let Subnet { vpc, zone, cidr, public_addresses: _, tags } = &call.spec;
        let vpc = resolve(&call.known, vpc, "CreateSubnet")?;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .once(Service::Ec2, "CreateSubnet", || {
                ec2.create_subnet()
                    .vpc_id(vpc)
                    .availability_zone(zone)
                    .cidr_block(cidr.to_string())
                    .set_tag_specifications(tags::at_birth(ResourceType::Subnet, tags).map(|t| vec![t]))
                    .send()
            })
            .await?;
        let id = reply.subnet.and_then(|subnet| subnet.subnet_id);
        Ok(field(id, "CreateSubnet", "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.touches("public_addresses") {
            let value = AttributeBooleanValue::builder().value(call.spec.public_addresses).build();
            let ec2 = &aws.clients().ec2;
            aws.converge(Service::Ec2, "ModifySubnetAttribute", || {
                let call = ec2.modify_subnet_attribute().subnet_id(call.id.as_str());
                call.map_public_ip_on_launch(value.clone()).send()
            })
            .await?;
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let deleted = aws
            .remove(Service::Ec2, "DeleteSubnet", || ec2.delete_subnet().subnet_id(call.id.as_str()).send());
        gone_is_fine(deleted.await)
    }
}

async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkSubnet>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_subnets().set_filters(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeSubnets", page).await?;
        Ok((page.subnets, page.next_token))
    })
    .await
}

fn see(aws: &Aws, subnet: &SdkSubnet) -> Result<Seen<Subnet>, Error> {
    const CALL: &str = "DescribeSubnets";
    let id = subnet.id();
    let cidr = field(subnet.cidr_block(), CALL, "the range")?.parse().ok();
    let spec = Subnet {
        vpc: Ref::external(field(subnet.vpc_id(), CALL, "the VPC")?),
        zone: field(subnet.availability_zone(), CALL, "the zone")?.to_owned(),
        cidr: field(cidr, CALL, "a range that can be read")?,
        public_addresses: subnet.map_public_ip_on_launch().unwrap_or_default(),
        tags: tags::from_sdk(subnet.tags()),
    };
    let arn = subnet.subnet_arn().map_or_else(
        || aws.arn("ec2", subnet.owner_id().unwrap_or_default(), &format!("subnet/{id}")),
        str::to_owned,
    );
    let readiness = match subnet.state().map(|state| state.as_str()) {
        None | Some("available") => Readiness::Ready,
        Some(state) => Readiness::Pending(state.to_owned()),
    };
    Ok(Seen::with(id, spec, SubnetOutputs { arn }, readiness))
}
