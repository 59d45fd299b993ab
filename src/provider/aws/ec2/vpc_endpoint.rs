//! VPC endpoints.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, VpcEndpoint as SdkEndpoint, VpcEndpointType};

use super::find::{Item, Presence, field, filter, observe};
use super::tags;
use crate::model::ec2::{Reach, VpcEndpoint};
use crate::model::{CloudId, Document, Known, NoOutputs, Ref, Resource};
use crate::provider::aws::call::{Operation, Repeat};
use crate::provider::aws::error::Failure;
use crate::provider::aws::pages::pages;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve, resolve_all,
};
use crate::provider::{Class, Error, Readiness};

impl Item for SdkEndpoint {
    fn id(&self) -> &str {
        self.vpc_endpoint_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
    fn presence(&self) -> Presence {
        match state(self).as_str() {
            "deleted" => Presence::Gone,
            "deleting" => Presence::Leaving,
            _ => Presence::Here,
        }
    }
}

/// The state in lower case: EC2 answers `pending`, its documentation writes `Pending`.
fn state(endpoint: &SdkEndpoint) -> String {
    endpoint.state().map_or("available", |state| state.as_str()).to_lowercase()
}

impl Manage for VpcEndpoint {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        observe(aws, looks, BY_ID, |filters| describe(aws, filters), |found, _| see(found)).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const CALL: &str = "CreateVpcEndpoint";
        let VpcEndpoint { vpc, service, reach, policy, tags } = &call.spec;
        let vpc = resolve(&call.known, vpc, CALL)?;
        let parts = Parts::of(reach, &call.known, CALL)?;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .converge(Service::Ec2, CALL, || {
                let request = ec2
                    .create_vpc_endpoint()
                    .vpc_id(vpc)
                    .service_name(service)
                    .set_policy_document(policy.as_ref().map(Document::to_text))
                    .client_token(&call.token)
                    .set_tag_specifications(tags::at_birth(ResourceType::VpcEndpoint, tags).map(|t| vec![t]));
                match reach {
                    Reach::Gateway { .. } => request
                        .vpc_endpoint_type(VpcEndpointType::Gateway)
                        .set_route_table_ids(Some(parts.route_tables.clone())),
                    Reach::Interface { private_dns, .. } => request
                        .vpc_endpoint_type(VpcEndpointType::Interface)
                        .set_subnet_ids(Some(parts.subnets.clone()))
                        .set_security_group_ids(Some(parts.security_groups.clone()))
                        .private_dns_enabled(*private_dns),
                }
                .send()
            })
            .await?;
        let id = reply.vpc_endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id);
        Ok(field(id, CALL, "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let touched = ["route_tables", "subnets", "security_groups", "private_dns", "policy"];
        if touched.iter().any(|field| call.touches(field)) {
            modify(aws, &call).await?;
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let operation =
            Operation { service: Service::Ec2, name: "DeleteVpcEndpoints", repeat: Repeat::Delete };
        // It answers with success, and tells what it could not delete in the body.
        let deleted = aws.run(operation, || async {
            let reply = ec2.delete_vpc_endpoints().vpc_endpoint_ids(call.id.as_str()).send().await;
            let reply = reply.map_err(|error| Failure::of(operation, error))?;
            match reply.unsuccessful().iter().find_map(|item| item.error()) {
                Some(error) => Err(Failure::told(operation, error.code(), error.message())),
                None => Ok(()),
            }
        });
        gone_is_fine(deleted.await)
    }
}

const BY_ID: &str = "vpc-endpoint-id";

/// By a filter; by the parameter for ids where that is what the filter is about, one at a time, because a list
/// of ids fails as a whole when one is gone. (Not every peer knows the filter.)
async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkEndpoint>, Error> {
    let Some(by_id) = filters.iter().find(|filter| filter.name() == Some(BY_ID)) else {
        return list(aws, Some(filters), None).await;
    };
    let mut found = Vec::new();
    for id in by_id.values() {
        match list(aws, None, Some(vec![id.clone()])).await {
            Ok(endpoints) => found.extend(endpoints),
            Err(error) if error.class == Class::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn list(
    aws: &Aws,
    filters: Option<Vec<Filter>>,
    ids: Option<Vec<String>>,
) -> Result<Vec<SdkEndpoint>, Error> {
    let (ec2, filters, ids) = (&aws.clients().ec2, &filters, &ids);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_vpc_endpoints().set_filters(filters.clone());
            call.set_vpc_endpoint_ids(ids.clone()).set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeVpcEndpoints", page).await?;
        Ok((page.vpc_endpoints, page.next_token))
    })
    .await
}

fn see(endpoint: &SdkEndpoint) -> Result<Seen<VpcEndpoint>, Error> {
    const CALL: &str = "DescribeVpcEndpoints";
    if endpoint.presence() == Presence::Leaving {
        return Ok(Seen::Leaving("deleting".to_owned()));
    }
    let spec = VpcEndpoint {
        vpc: Ref::external(field(endpoint.vpc_id(), CALL, "the VPC")?),
        service: field(endpoint.service_name(), CALL, "the service")?.to_owned(),
        reach: reach(endpoint),
        policy: endpoint.policy_document().and_then(|text| Document::parse(text).ok()),
        tags: tags::from_sdk(endpoint.tags()),
    };
    let readiness = match state(endpoint).as_str() {
        "available" => Readiness::Ready,
        bad @ ("failed" | "rejected" | "expired") => Readiness::Failed(failure(endpoint, bad)),
        other => Readiness::Pending(other.to_owned()),
    };
    Ok(Seen::with(endpoint.id(), spec, NoOutputs {}, readiness))
}

fn reach(endpoint: &SdkEndpoint) -> Reach {
    if endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway) {
        return Reach::Gateway { route_tables: refs(endpoint.route_table_ids()) };
    }
    let groups = endpoint.groups().iter().filter_map(|group| group.group_id());
    Reach::Interface {
        subnets: refs(endpoint.subnet_ids()),
        security_groups: groups.map(Ref::external).collect(),
        private_dns: endpoint.private_dns_enabled().unwrap_or_default(),
    }
}

fn refs<K: Resource>(ids: &[String]) -> Vec<Ref<K>> {
    ids.iter().map(Ref::external).collect()
}

fn failure(endpoint: &SdkEndpoint, state: &str) -> String {
    let message = endpoint.last_error().and_then(|error| error.message().or(error.code()));
    message.map_or_else(|| state.to_owned(), |message| format!("{state}: {message}"))
}

/// The ids in what an endpoint is reached by.
#[derive(Debug, Default)]
struct Parts {
    route_tables: Vec<String>,
    subnets: Vec<String>,
    security_groups: Vec<String>,
}

impl Parts {
    fn of(reach: &Reach, known: &Known, call: &'static str) -> Result<Self, Error> {
        Ok(match reach {
            Reach::Gateway { route_tables } => {
                Self { route_tables: resolve_all(known, route_tables, call)?, ..Self::default() }
            }
            Reach::Interface { subnets, security_groups, private_dns: _ } => Self {
                subnets: resolve_all(known, subnets, call)?,
                security_groups: resolve_all(known, security_groups, call)?,
                ..Self::default()
            },
        })
    }
}

/// One call for everything. What is added and removed follows from what is there at this moment: a subnet that
/// is there is refused a second time (`DuplicateSubnetsInSameZone`).
async fn modify(aws: &Aws, call: &Revision<VpcEndpoint>) -> Result<(), Error> {
    const CALL: &str = "ModifyVpcEndpoint";
    let found = describe(aws, vec![filter(BY_ID, [call.id.as_str()])]).await?;
    let Some(now) = found.first().map(reach) else { return Ok(()) };
    let want = Parts::of(&call.spec.reach, &call.known, CALL)?;
    let live = Parts::of(&now, &call.known, CALL)?;
    let policy = call.spec.policy.as_ref().filter(|_| call.touches("policy")).map(Document::to_text);
    let private_dns = match &call.spec.reach {
        Reach::Interface { private_dns, .. } => Some(*private_dns).filter(|_| call.touches("private_dns")),
        Reach::Gateway { .. } => None,
    };
    let ec2 = &aws.clients().ec2;
    aws.converge(Service::Ec2, CALL, || {
        ec2.modify_vpc_endpoint()
            .vpc_endpoint_id(call.id.as_str())
            .set_policy_document(policy.clone())
            .set_private_dns_enabled(private_dns)
            .set_add_route_table_ids(added(&want.route_tables, &live.route_tables))
            .set_remove_route_table_ids(added(&live.route_tables, &want.route_tables))
            .set_add_subnet_ids(added(&want.subnets, &live.subnets))
            .set_remove_subnet_ids(added(&live.subnets, &want.subnets))
            .set_add_security_group_ids(added(&want.security_groups, &live.security_groups))
            .set_remove_security_group_ids(added(&live.security_groups, &want.security_groups))
            .send()
    })
    .await
    .map(|_| ())
}

/// What `new` has and `old` has not; `None` for nothing.
fn added(new: &[String], old: &[String]) -> Option<Vec<String>> {
    let old: BTreeSet<&String> = old.iter().collect();
    let added: Vec<String> = new.iter().filter(|id| !old.contains(id)).cloned().collect();
    Some(added).filter(|added| !added.is_empty())
}
