//! Finding all of it.

use futures_util::future::try_join5;

use super::owner::Cluster;
use super::{balancer, network, volume};
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
    /// References are external ids; the engine turns those that are ours into managed ones.
    ///
    /// # Errors
    /// The first call that fails: an incomplete list would be a false "nothing left".
    pub async fn leftovers(&self, vpc: &str, cluster: &str) -> Result<Vec<Leftover>, Error> {
        let cluster = Cluster(cluster);
        let (second, first, groups, interfaces, volumes) = try_join5(
            balancer::second(self, vpc, cluster),
            balancer::first(self, vpc, cluster),
            network::security_groups(self, vpc, cluster),
            network::interfaces(self, vpc, cluster),
            volume::volumes(self, cluster),
        )
        .await?;
        let mut found: Vec<Found> =
            [second, first, groups, interfaces, volumes].into_iter().flatten().collect();
        let gateway = match found.iter().any(|found| found.public) {
            true => self.gateway_of(vpc).await?,
            false => None,
        };
        for Found { leftover, public } in &mut found {
            // A volume stands in no VPC, so it is in no VPC's way.
            if leftover.what != LeftoverKind::Volume {
                leftover.vpc = Some(Ref::external(vpc));
            }
            leftover.internet_gateway = gateway.as_ref().filter(|_| *public).map(Ref::external);
        }
        let mut leftovers: Vec<Leftover> = found.into_iter().map(|found| found.leftover).collect();
        leftovers.sort_by(|a, b| (a.what, &a.id).cmp(&(b.what, &b.id)));
        Ok(leftovers)
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
    pub async fn leftovers(&self, vpc: &str, cluster: &str) -> Result<Vec<Leftover>, Error> {
        self.inner().leftovers(vpc, cluster).await
    }
}
