//! Changing a cluster: EKS takes one update at a time, so each round makes one and leaves the rest to the next.
//!
//! Cheap ones first, the version last: an upgrade takes minutes, and deletion protection should not wait for it.

use aws_sdk_eks::operation::update_cluster_config::builders::UpdateClusterConfigFluentBuilder;
use aws_sdk_eks::types;

use super::version::Version;
use super::{cluster, words};
use crate::model::eks::{AuthenticationMode, Cluster};
use crate::provider::Error;
use crate::provider::aws::manage::{Revision, resolve_all};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::{Aws, Service};

/// What EKS would refuse in any case is refused before anything is changed.
///
/// # Errors
/// For a version or an authentication mode that lies behind.
pub(super) fn refuse_the_impossible(call: &Revision<Cluster>) -> Result<(), Error> {
    if call.touches("version") {
        next_version(call)?;
    }
    if call.spec.authentication < call.live.authentication {
        let message = "EKS never goes back from access entries to the config map: \
                       set the authentication mode to what the cluster has";
        return Err(Error::local("eks", "UpdateClusterConfig", message));
    }
    Ok(())
}

/// Makes the next update that is left, if one is.
///
/// # Errors
/// The classified error.
pub(super) async fn next(aws: &Aws, call: &Revision<Cluster>) -> Result<(), Error> {
    let want = &call.spec;
    if call.touches("deletion_protection") {
        return configure(aws, call, |c| c.deletion_protection(want.deletion_protection)).await;
    }
    if call.touches("support") {
        let support =
            types::UpgradePolicyRequest::builder().support_type(words::support(want.support)).build();
        return configure(aws, call, |c| c.upgrade_policy(support.clone())).await;
    }
    if call.touches("authentication") {
        let mode = words::authentication(next_mode(call.live.authentication, want.authentication));
        let access = types::UpdateAccessConfigRequest::builder().authentication_mode(mode).build();
        return configure(aws, call, |c| c.access_config(access.clone())).await;
    }
    if ["private_endpoint", "public_endpoint", "public_ranges"].iter().any(|field| call.touches(field)) {
        let endpoint = endpoint(want);
        return configure(aws, call, |c| c.resources_vpc_config(endpoint.clone())).await;
    }
    if call.touches("subnets") || call.touches("security_groups") {
        let interfaces = interfaces(call)?;
        return configure(aws, call, |c| c.resources_vpc_config(interfaces.clone())).await;
    }
    if call.touches("logging") {
        return configure(aws, call, |c| c.logging(logging(want))).await;
    }
    if call.touches("encryption_key") {
        return encrypt(aws, call).await;
    }
    if call.touches("version") {
        return upgrade(aws, call).await;
    }
    Ok(())
}

async fn configure(
    aws: &Aws,
    call: &Revision<Cluster>,
    with: impl Fn(UpdateClusterConfigFluentBuilder) -> UpdateClusterConfigFluentBuilder + Send + Sync,
) -> Result<(), Error> {
    let changed = aws.converge(Service::Eks, "UpdateClusterConfig", || {
        with(aws.clients().eks.update_cluster_config().name(call.id.as_str())).send()
    });
    words::done_already(changed.await)
}

/// Modes are gone through one by one.
fn next_mode(live: AuthenticationMode, want: AuthenticationMode) -> AuthenticationMode {
    match (live, want) {
        (AuthenticationMode::ConfigMap, AuthenticationMode::Api) => AuthenticationMode::ApiAndConfigMap,
        _ => want,
    }
}

/// Whom the API answers. The ranges go along only where they count.
fn endpoint(want: &Cluster) -> types::VpcConfigRequest {
    let ranges = want.public_ranges.iter().map(ToString::to_string).collect();
    types::VpcConfigRequest::builder()
        .endpoint_private_access(want.private_endpoint)
        .endpoint_public_access(want.public_endpoint)
        .set_public_access_cidrs(want.public_endpoint.then_some(ranges))
        .build()
}

/// Where the control plane's interfaces are. EKS takes this and the endpoint in separate updates.
fn interfaces(call: &Revision<Cluster>) -> Result<types::VpcConfigRequest, Error> {
    const NAME: &str = "UpdateClusterConfig";
    Ok(types::VpcConfigRequest::builder()
        .set_subnet_ids(Some(resolve_all(&call.known, &call.spec.subnets, NAME)?))
        .set_security_group_ids(Some(resolve_all(&call.known, &call.spec.security_groups, NAME)?))
        .build())
}

/// Every log is either on or off: one that is not named keeps what it has.
pub(super) fn logging(want: &Cluster) -> types::Logging {
    let setup = |on: bool| {
        let types = words::LOGS.iter().filter(|(log, _)| want.logging.contains(log) == on);
        let types: Vec<_> = types.map(|(_, word)| word.clone()).collect();
        (!types.is_empty()).then(|| types::LogSetup::builder().enabled(on).set_types(Some(types)).build())
    };
    let setups = [setup(true), setup(false)].into_iter().flatten().collect();
    types::Logging::builder().set_cluster_logging(Some(setups)).build()
}

async fn encrypt(aws: &Aws, call: &Revision<Cluster>) -> Result<(), Error> {
    const NAME: &str = "AssociateEncryptionConfig";
    let Some(key) = &call.spec.encryption_key else { return Ok(()) };
    let config = cluster::encryption(arn_of(&call.known, key, NAME)?);
    let changed = aws.converge(Service::Eks, NAME, || {
        aws.clients()
            .eks
            .associate_encryption_config()
            .cluster_name(call.id.as_str())
            .encryption_config(config.clone())
            .send()
    });
    words::done_already(changed.await)
}

fn next_version(call: &Revision<Cluster>) -> Result<Version, Error> {
    const NAME: &str = "UpdateClusterVersion";
    let live = Version::parse(&call.live.version, NAME)?;
    live.next(Version::parse(&call.spec.version, NAME)?, NAME)
}

async fn upgrade(aws: &Aws, call: &Revision<Cluster>) -> Result<(), Error> {
    let version = next_version(call)?.to_string();
    let changed = aws.converge(Service::Eks, "UpdateClusterVersion", || {
        aws.clients().eks.update_cluster_version().name(call.id.as_str()).version(&version).send()
    });
    words::done_already(changed.await)
}
