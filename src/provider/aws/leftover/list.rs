//! Finding all of it.

use futures_util::future::{try_join, try_join4};

use super::owner::Cluster;
use super::{balancer, log_group, network, volume};
use crate::model::Ref;
use crate::model::ec2::{Leftover, LeftoverKind};
use crate::provider::Error;
use crate::provider::aws::{Aws, ReadOnly, Service};

/// Something found, and whether it has public addresses.
pub(super) struct Found {
    pub(super) leftover: Leftover,
    pub(super) public: bool,
}

impl Found {
    pub(super) fn internal(leftover: Leftover) -> Self {
        Self { leftover, public: false }
    }
}

/// A leftover that loses nothing, costs nothing and stands in nobody's way yet.
pub(super) fn leftover(what: LeftoverKind, id: &str, name: &str, detail: Option<String>) -> Leftover {
    Leftover {
        what,
        id: id.to_owned(),
        name: name.to_owned(),
        detail: detail.unwrap_or_default(),
        data_loss: false,
        cost_a_day: None,
        vpc: None,
        subnets: Vec::new(),
        security_groups: Vec::new(),
        internet_gateway: None,
    }
}

impl Aws {
    /// What a cluster gave birth to in a VPC and in the account, in the order in which it can go: load balancers
    /// of both generations, target groups, network interfaces, security groups, volumes (whose data is lost).
    ///
    /// References are external ids; the engine turns those that are ours into managed ones. `vpc` is `None` when
    /// there is none any more: what needs one is gone with it. While the cluster stands, what EKS itself takes
    /// along is no leftover.
    ///
    /// # Errors
    /// The first call that fails: an incomplete list would be a false "nothing left".
    pub async fn leftovers(
        &self,
        vpc: Option<&str>,
        cluster: &str,
        stands: bool,
    ) -> Result<Vec<Leftover>, Error> {
        let cluster = Cluster { name: cluster, stands };
        let anywhere = try_join(volume::volumes(self, cluster), log_group::late(self, cluster)).await?;
        let mut found = Vec::from_iter([anywhere.0, anywhere.1].into_iter().flatten());
        if let Some(vpc) = vpc {
            found.extend(self.leftovers_in(vpc, cluster).await?);
        }
        let mut leftovers: Vec<Leftover> = found.into_iter().map(|found| found.leftover).collect();
        leftovers.sort_by(|a, b| (a.what, &a.id).cmp(&(b.what, &b.id)));
        Ok(leftovers)
    }

    async fn leftovers_in(&self, vpc: &str, cluster: Cluster<'_>) -> Result<Vec<Found>, Error> {
        let (second, first, groups, interfaces) = try_join4(
            balancer::second(self, vpc, cluster),
            balancer::first(self, vpc, cluster),
            network::security_groups(self, vpc, cluster),
            network::interfaces(self, vpc, cluster),
        )
        .await?;
        let mut found: Vec<Found> = [second, first, groups, interfaces].into_iter().flatten().collect();
        let gateway = match found.iter().any(|found| found.public) {
            true => self.gateway_of(vpc).await?,
            false => None,
        };
        for Found { leftover, public } in &mut found {
            leftover.vpc = Some(Ref::external(vpc));
            leftover.internet_gateway = gateway.as_ref().filter(|_| *public).map(Ref::external);
        }
        Ok(found)
    }

    async fn gateway_of(&self, vpc: &str) -> Result<Option<String>, Error> {
        let ec2 = &self.clients().ec2;
        let call = || {
            let filter = network::filter("attachment.vpc-id", vpc);
            ec2.describe_internet_gateways().filters(filter).send()
        };
        let reply = self.read(Service::Ec2, "DescribeInternetGateways", call).await?;
        Ok(reply.internet_gateways().first().and_then(|gateway| gateway.internet_gateway_id.clone()))
    }
}

impl ReadOnly {
    /// As [`Aws::leftovers`].
    ///
    /// # Errors
    /// As [`Aws::leftovers`].
    pub async fn leftovers(
        &self,
        vpc: Option<&str>,
        cluster: &str,
        stands: bool,
    ) -> Result<Vec<Leftover>, Error> {
        self.inner().leftovers(vpc, cluster, stands).await
    }
}
