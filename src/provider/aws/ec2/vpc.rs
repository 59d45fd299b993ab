//! VPCs.

use std::sync::Arc;

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, Tag, Vpc as SdkVpc, VpcAttributeName};
use futures_util::future::{join_all, try_join};

use super::find::{Item, field, find, pick};
use super::tags;
use crate::model::ec2::{Vpc, VpcOutputs};
use crate::model::{CloudId, Known};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine};
use crate::provider::{Class, Error, Readiness};

impl Item for SdkVpc {
    fn id(&self) -> &str {
        self.vpc_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for Vpc {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        let items = match find(aws, &looks, "vpc-id", |filters| describe(aws, filters)).await {
            Ok(items) => items,
            Err(error) => return looks.iter().map(|_| Err(error.clone())).collect(),
        };
        join_all(looks.iter().map(async |look| match pick(aws, &items, look)? {
            Some(vpc) => see(aws, vpc).await,
            None => Ok(Seen::Absent),
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let Vpc { cidr, dns_support: _, dns_hostnames: _, tags } = &call.spec;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .once(Service::Ec2, "CreateVpc", || {
                ec2.create_vpc()
                    .cidr_block(cidr.to_string())
                    .set_tag_specifications(tags::at_birth(ResourceType::Vpc, tags).map(|t| vec![t]))
                    .send()
            })
            .await?;
        let id = reply.vpc.and_then(|vpc| vpc.vpc_id);
        Ok(field(id, "CreateVpc", "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let Vpc { dns_support, dns_hostnames, .. } = call.spec;
        // Host names need support: it is switched on before them, and off after them.
        if call.touches("dns_support") && dns_support {
            set(aws, &call.id, VpcAttributeName::EnableDnsSupport, true).await?;
        }
        if call.touches("dns_hostnames") {
            set(aws, &call.id, VpcAttributeName::EnableDnsHostnames, dns_hostnames).await?;
        }
        if call.touches("dns_support") && !dns_support {
            set(aws, &call.id, VpcAttributeName::EnableDnsSupport, false).await?;
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let deleted =
            aws.remove(Service::Ec2, "DeleteVpc", || ec2.delete_vpc().vpc_id(call.id.as_str()).send());
        gone_is_fine(deleted.await)
    }
}

async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkVpc>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_vpcs().set_filters(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeVpcs", page).await?;
        Ok((page.vpcs, page.next_token))
    })
    .await
}

async fn see(aws: &Aws, vpc: &SdkVpc) -> Result<Seen<Vpc>, Error> {
    let id = vpc.id();
    let attributes = try_join(
        get(aws, id, VpcAttributeName::EnableDnsSupport),
        get(aws, id, VpcAttributeName::EnableDnsHostnames),
    );
    let (dns_support, dns_hostnames) = match attributes.await {
        Ok(both) => both,
        // It went between the two reads.
        Err(error) if error.class == Class::NotFound => return Ok(Seen::Absent),
        Err(error) => return Err(error),
    };
    let range = field(vpc.cidr_block(), "DescribeVpcs", "the range")?;
    let cidr = range.parse().ok();
    let spec = Vpc {
        cidr: field(cidr, "DescribeVpcs", "a range that can be read")?,
        dns_support,
        dns_hostnames,
        tags: tags::from_sdk(vpc.tags()),
    };
    let outputs =
        VpcOutputs { arn: aws.arn("ec2", vpc.owner_id().unwrap_or_default(), &format!("vpc/{id}")) };
    let readiness = match vpc.state().map(|state| state.as_str()) {
        None | Some("available") => Readiness::Ready,
        Some(state) => Readiness::Pending(state.to_owned()),
    };
    Ok(Seen::with(id, spec, outputs, readiness))
}

async fn get(aws: &Aws, id: &str, attribute: VpcAttributeName) -> Result<bool, Error> {
    let ec2 = &aws.clients().ec2;
    let reply = aws
        .read(Service::Ec2, "DescribeVpcAttribute", || {
            ec2.describe_vpc_attribute().vpc_id(id).attribute(attribute.clone()).send()
        })
        .await?;
    let value = match attribute {
        VpcAttributeName::EnableDnsSupport => reply.enable_dns_support,
        _ => reply.enable_dns_hostnames,
    };
    field(value.and_then(|value| value.value), "DescribeVpcAttribute", "the value")
}

/// One attribute a call: EC2 takes no more ("ModifyVpcAttribute").
async fn set(aws: &Aws, id: &CloudId, attribute: VpcAttributeName, value: bool) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let value = AttributeBooleanValue::builder().value(value).build();
    aws.converge(Service::Ec2, "ModifyVpcAttribute", || {
        let call = ec2.modify_vpc_attribute().vpc_id(id.as_str());
        match attribute {
            VpcAttributeName::EnableDnsSupport => call.enable_dns_support(value.clone()),
            _ => call.enable_dns_hostnames(value.clone()),
        }
        .send()
    })
    .await
    .map(|_| ())
}
