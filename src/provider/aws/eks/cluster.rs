//! Clusters. One DescribeCluster each.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_eks::types;
use futures_util::future::join_all;

use super::{cluster_updates, tags, words};
use crate::model::eks::{Cluster, ClusterOutputs};
use crate::model::{CloudId, Known, Ref};
use crate::provider::aws::manage::{
    Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine, resolve_all,
};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

impl Manage for Cluster {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| async move {
            let name = look.id.as_ref().map_or(look.spec.name.as_str(), CloudId::as_str);
            match describe(aws, name).await? {
                Some(found) => see(aws, look, found),
                None => Ok(Seen::Absent),
            }
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateCluster";
        let cluster = &call.spec;
        let role = arn_of(&call.known, &cluster.role, NAME)?;
        let network = network(&call)?;
        let encryption = match &cluster.encryption_key {
            Some(key) => Some(vec![encryption(arn_of(&call.known, key, NAME)?)]),
            None => None,
        };
        let access = types::CreateAccessConfigRequest::builder()
            .authentication_mode(words::authentication(cluster.authentication))
            .bootstrap_cluster_creator_admin_permissions(cluster.creator_is_admin)
            .build();
        let support =
            types::UpgradePolicyRequest::builder().support_type(words::support(cluster.support)).build();
        let addresses = types::KubernetesNetworkConfigRequest::builder()
            .ip_family(words::ip_family(cluster.ip_family))
            .set_service_ipv4_cidr(cluster.service_range.map(|range| range.to_string()))
            .build();
        let born = tagging::at_birth(aws, &call.address, &cluster.tags);
        aws.converge(Service::Eks, NAME, || {
            aws.clients()
                .eks
                .create_cluster()
                .name(&cluster.name)
                .version(&cluster.version)
                .role_arn(&role)
                .resources_vpc_config(network.clone())
                .kubernetes_network_config(addresses.clone())
                .logging(cluster_updates::logging(cluster))
                .set_encryption_config(encryption.clone())
                .access_config(access.clone())
                .upgrade_policy(support.clone())
                .deletion_protection(cluster.deletion_protection)
                .bootstrap_self_managed_addons(cluster.bootstrap_addons)
                .set_tags(Some(born.clone().into_iter().collect()))
                .client_request_token(&call.token)
                .send()
        })
        .await?;
        Ok(cluster.name.as_str().into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        cluster_updates::refuse_the_impossible(&call)?;
        let changed = TagChanges::of(&call, &call.spec.tags);
        if !changed.is_empty() {
            let Some(found) = describe(aws, call.id.as_str()).await? else { return Ok(()) };
            tags::set(aws, &must(found.arn, "DescribeCluster", "ARN")?, &changed).await?;
        }
        cluster_updates::next(aws, &call).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let deleted = aws
            .remove(Service::Eks, "DeleteCluster", || {
                aws.clients().eks.delete_cluster().name(call.id.as_str()).send()
            })
            .await;
        match deleted {
            Err(error) if error.class == Class::DependencyViolation => {
                // The same code (ResourceInUseException) says that it is being deleted already.
                let found = describe(aws, call.id.as_str()).await?;
                let leaves = found.is_none_or(|found| found.status == Some(types::ClusterStatus::Deleting));
                if leaves { Ok(()) } else { Err(error) }
            }
            other => gone_is_fine(other.map(|_| ())),
        }
    }
}

/// How secrets are encrypted with a key.
#[expect(
    deprecated,
    reason = "since 1.28 EKS encrypts all data and ignores what is named; older ones want it"
)]
pub(super) fn encryption(key: String) -> types::EncryptionConfig {
    types::EncryptionConfig::builder()
        .resources("secrets")
        .provider(types::Provider::builder().key_arn(key).build())
        .build()
}

fn network(call: &Creation<Cluster>) -> Result<types::VpcConfigRequest, Error> {
    const NAME: &str = "CreateCluster";
    let cluster = &call.spec;
    let ranges = cluster.public_ranges.iter().map(ToString::to_string).collect();
    Ok(types::VpcConfigRequest::builder()
        .set_subnet_ids(Some(resolve_all(&call.known, &cluster.subnets, NAME)?))
        .set_security_group_ids(Some(resolve_all(&call.known, &cluster.security_groups, NAME)?))
        .endpoint_private_access(cluster.private_endpoint)
        .endpoint_public_access(cluster.public_endpoint)
        .set_public_access_cidrs(cluster.public_endpoint.then_some(ranges))
        .build())
}

pub(super) async fn describe(aws: &Aws, name: &str) -> Result<Option<types::Cluster>, Error> {
    let reply = aws
        .read(Service::Eks, "DescribeCluster", || aws.clients().eks.describe_cluster().name(name).send())
        .await;
    Ok(if_there(reply)?.and_then(|reply| reply.cluster))
}

fn see(aws: &Aws, look: &Sought<Cluster>, found: types::Cluster) -> Result<Seen<Cluster>, Error> {
    let tags = tagging::of_map(found.tags.as_ref());
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let status = found.status.as_ref().map_or("ACTIVE", types::ClusterStatus::as_str);
    if status == "DELETING" {
        return Ok(Seen::Leaving(status.to_owned()));
    }
    let issues: Vec<String> = found
        .health
        .iter()
        .flat_map(types::ClusterHealth::issues)
        .map(|issue| words::issue(issue.code.as_ref().map(|code| code.as_str()), issue.message()))
        .collect();
    let readiness = words::readiness(status, &issues);
    let name = must(found.name.clone(), "DescribeCluster", "name")?;
    let outputs = outputs(&found)?;
    Ok(Seen::with(name, spec(look, found)?, outputs, readiness))
}

fn outputs(found: &types::Cluster) -> Result<ClusterOutputs, Error> {
    let issuer = found.identity.as_ref().and_then(|identity| identity.oidc.as_ref()?.issuer.as_deref());
    let network = found.resources_vpc_config.as_ref();
    let authority = found.certificate_authority.as_ref().and_then(|authority| authority.data.clone());
    Ok(ClusterOutputs {
        arn: must(found.arn.clone(), "DescribeCluster", "ARN")?,
        endpoint: found.endpoint.clone().unwrap_or_default(),
        issuer: issuer.unwrap_or_default().trim_start_matches("https://").to_owned(),
        security_group: network.and_then(|n| n.cluster_security_group_id.clone()).unwrap_or_default(),
        certificate_authority: authority.unwrap_or_default(),
        platform_version: found.platform_version.clone().unwrap_or_default(),
    })
}

fn spec(look: &Sought<Cluster>, found: types::Cluster) -> Result<Cluster, Error> {
    const NAME: &str = "DescribeCluster";
    let network = must(found.resources_vpc_config, NAME, "network configuration")?;
    let addresses = found.kubernetes_network_config.as_ref();
    let ids = |ids: Option<Vec<String>>| ids.unwrap_or_default();
    let enabled: BTreeSet<&str> = found
        .logging
        .iter()
        .flat_map(types::Logging::cluster_logging)
        .filter(|setup| setup.enabled == Some(true))
        .flat_map(types::LogSetup::types)
        .map(types::LogType::as_str)
        .collect();
    let key = found.encryption_config.unwrap_or_default().into_iter().find_map(|c| c.provider?.key_arn);
    let access = found.access_config.as_ref().and_then(|access| access.authentication_mode.as_ref());
    let support = found.upgrade_policy.as_ref().and_then(|policy| policy.support_type.as_ref());
    let unreadable = || Error::local("eks", NAME, "a range of the public endpoint cannot be read");
    Ok(Cluster {
        name: found.name.unwrap_or_default(),
        version: found.version.unwrap_or_default(),
        role: Ref::external(found.role_arn.unwrap_or_default()),
        subnets: ids(network.subnet_ids).into_iter().map(Ref::external).collect(),
        security_groups: ids(network.security_group_ids).into_iter().map(Ref::external).collect(),
        private_endpoint: network.endpoint_private_access,
        public_endpoint: network.endpoint_public_access,
        public_ranges: ids(network.public_access_cidrs)
            .iter()
            .map(|range| range.parse().map_err(|_| unreadable()))
            .collect::<Result<_, _>>()?,
        logging: words::LOGS
            .iter()
            .filter(|(_, word)| enabled.contains(word.as_str()))
            .map(|(log, _)| *log)
            .collect(),
        encryption_key: key.map(Ref::external),
        authentication: words::authentication_of(access),
        creator_is_admin: look.spec.creator_is_admin,
        bootstrap_addons: look.spec.bootstrap_addons,
        support: words::support_of(support),
        deletion_protection: found.deletion_protection.unwrap_or_default(),
        service_range: addresses.and_then(|a| a.service_ipv4_cidr.as_deref()?.parse().ok()),
        ip_family: words::ip_family_of(addresses.and_then(|addresses| addresses.ip_family.as_ref())),
        log_group: look.spec.log_group.clone(),
        tags: tagging::of_map(found.tags.as_ref()),
    })
}
