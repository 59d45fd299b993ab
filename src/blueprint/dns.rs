//! The private DNS zone. The records in it point at load balancers and come with the services.

use super::expansion::Expansion;
use super::network::Network;
use crate::model::route53::HostedZone;

/// Adds the zone, bound to the VPC.
pub(super) fn expand(expansion: &mut Expansion<'_>, network: &Network) {
    let dns = &expansion.settings.dns;
    if !dns.enabled {
        return;
    }
    let zone = HostedZone {
        name: dns.zone.clone(),
        vpcs: vec![network.vpc.clone()],
        comment: format!("Private names of {}", expansion.environment),
        empty_on_delete: !expansion.settings.protect,
        tags: expansion.named(format!("{}-{}", expansion.environment, dns.zone)),
    };
    expansion.add("main", zone);
}
