//! NAT gateways.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    ConnectivityType, Filter, NatGateway as SdkGateway, NatGatewayAddress, NatGatewayState, ResourceType, Tag,
};

use super::find::{Item, Presence, field, observe};
use super::tags;
use crate::model::ec2::{NatGateway, NatGatewayOutputs};
use crate::model::{CloudId, Known, Ref};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve,
};
use crate::provider::{Error, Readiness};

impl Item for SdkGateway {
    fn id(&self) -> &str {
        self.nat_gateway_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
    // Deleted ones stay listed for about an hour.
    fn presence(&self) -> Presence {
        match self.state() {
            Some(NatGatewayState::Deleted) => Presence::Gone,
            Some(NatGatewayState::Deleting) => Presence::Leaving,
            _ => Presence::Here,
        }
    }
}

impl Manage for NatGateway {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        observe(aws, looks, "nat-gateway-id", |filters| describe(aws, filters), see).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let NatGateway { subnet, address, internet_gateway: _, tags } = &call.spec;
        let subnet = resolve(&call.known, subnet, "CreateNatGateway")?;
        let address =
            address.as_ref().map(|address| resolve(&call.known, address, "CreateNatGateway")).transpose()?;
        let sort = if address.is_some() { ConnectivityType::Public } else { ConnectivityType::Private };
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .converge(Service::Ec2, "CreateNatGateway", || {
                ec2.create_nat_gateway()
                    .subnet_id(subnet)
                    .set_allocation_id(address.map(str::to_owned))
                    .connectivity_type(sort.clone())
                    .client_token(&call.token)
                    .set_tag_specifications(tags::at_birth(ResourceType::Natgateway, tags).map(|t| vec![t]))
                    .send()
            })
            .await?;
        let id = reply.nat_gateway.and_then(|gateway| gateway.nat_gateway_id);
        Ok(field(id, "CreateNatGateway", "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let deleted = aws.remove(Service::Ec2, "DeleteNatGateway", || {
            ec2.delete_nat_gateway().nat_gateway_id(call.id.as_str()).send()
        });
        gone_is_fine(deleted.await)
    }
}

async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkGateway>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_nat_gateways().set_filter(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeNatGateways", page).await?;
        Ok((page.nat_gateways, page.next_token))
    })
    .await
}

fn see(gateway: &SdkGateway, look: &Sought<NatGateway>) -> Result<Seen<NatGateway>, Error> {
    if gateway.presence() == Presence::Leaving {
        return Ok(Seen::Leaving("deleting".to_owned()));
    }
    let address = first_address(gateway);
    let allocation = address.and_then(NatGatewayAddress::allocation_id);
    let spec = NatGateway {
        subnet: Ref::external(field(gateway.subnet_id(), "DescribeNatGateways", "the subnet")?),
        address: allocation.map(Ref::external),
        // For the order only: AWS does not know of it.
        internet_gateway: look.spec.internet_gateway.clone(),
        tags: tags::from_sdk(gateway.tags()),
    };
    let outputs =
        NatGatewayOutputs { address: address.and_then(NatGatewayAddress::public_ip).map(str::to_owned) };
    let readiness = match gateway.state() {
        None | Some(NatGatewayState::Available) => Readiness::Ready,
        Some(NatGatewayState::Failed) => Readiness::Failed(failure(gateway)),
        Some(state) => Readiness::Pending(state.as_str().to_owned()),
    };
    Ok(Seen::with(gateway.id(), spec, outputs, readiness))
}

/// The primary address: a gateway may be given more behind our back.
fn first_address(gateway: &SdkGateway) -> Option<&NatGatewayAddress> {
    let addresses = gateway.nat_gateway_addresses();
    addresses.iter().find(|address| address.is_primary() == Some(true)).or(addresses.first())
}

fn failure(gateway: &SdkGateway) -> String {
    match (gateway.failure_code(), gateway.failure_message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (one, other) => one.or(other).unwrap_or("failed").to_owned(),
    }
}
