//! Ranges that overlap or do not fit, and ways out of the network.

use ipnet::Ipv4Net;

use super::Context;
use crate::config::place::Path;
use crate::config::schema::{Nat, SubnetKind, SubnetTier};
use crate::config::subnets::{self, overlap};

pub(super) fn check(context: &mut Context<'_>) {
    if context.settings.network.existing.is_none() {
        check_size(context);
        check_tier(context, "public_subnets");
        check_tier(context, "private_subnets");
        check_computed(context);
        check_overlaps(context);
        check_way_out(context);
    }
    check_service_range(context);
}

fn cidr_path() -> Path {
    Path::of("network.cidr")
}

fn check_size(context: &mut Context<'_>) {
    let cidr = context.settings.network.cidr;
    if !(16..=28).contains(&cidr.prefix_len()) {
        let message = format!(
            "a VPC's range must be between /16 and /28, and `network.cidr` is /{}",
            cidr.prefix_len()
        );
        let finding = context.at("vpc-size", &cidr_path(), message).label("not a size for a VPC");
        context.push(finding, []);
    } else if !is_private(&cidr) {
        let message = format!("`network.cidr` {cidr} is not a private range");
        let hint = "hosts on the internet with these addresses cannot be reached from inside; use one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10";
        let finding = context.at("public-range", &cidr_path(), message).warning().label("belongs to others");
        context.push(finding.hint(hint), []);
    }
}

/// RFC 1918 and RFC 6598.
fn is_private(range: &Ipv4Net) -> bool {
    const PRIVATE: [([u8; 4], u8); 4] =
        [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([100, 64, 0, 0], 10)];
    PRIVATE.iter().any(|(start, prefix)| {
        Ipv4Net::new((*start).into(), *prefix).is_ok_and(|private| private.contains(range))
    })
}

fn tier<'a>(context: &Context<'a>, name: &str) -> &'a SubnetTier {
    let network = &context.settings.network;
    if name == "public_subnets" { &network.public_subnets } else { &network.private_subnets }
}

/// Explicit ranges: as many as zones, of a size that AWS takes, inside the VPC.
fn check_tier(context: &mut Context<'_>, name: &str) {
    let tier = tier(context, name);
    let path = Path::of("network").join(name).join("cidrs");
    let Some(cidrs) = &tier.cidrs else { return };
    let length = Path::of("network").join(name).join("prefix_length");
    if tier.prefix_length.is_some() {
        let message = format!("`{path}` and `{length}` cannot both be set");
        let finding = context.at("either-or", &length, message).label("has no effect beside `cidrs`");
        context.push(context.beside(finding, &path, "the ranges"), [&path]);
    }
    let zones = Path::of("network.zones");
    let count = context.settings.network.zones.len();
    if cidrs.len() != count {
        let message = format!("`{path}` has {} ranges for {count} zones", cidrs.len());
        let finding = context.at("subnet-count", &path, message).label("one a zone, in their order");
        let finding = context.beside(finding, &zones, "the zones");
        context.push(finding, [&zones]);
    }
    let vpc = context.settings.network.cidr;
    for (at, cidr) in cidrs.iter().enumerate() {
        let path = path.join(at);
        if !vpc.contains(cidr) {
            let message = format!("the subnet {cidr} does not fit into the VPC's range {vpc}");
            let finding = context.at("subnet-does-not-fit", &path, message).label("outside");
            context.push(context.beside(finding, &cidr_path(), "the VPC"), [&cidr_path()]);
        } else if !(16..=28).contains(&cidr.prefix_len()) {
            let message = format!("a subnet must be between /16 and /28, and {cidr} is not");
            let finding = context.at("subnet-size", &path, message).label("not a size for a subnet");
            context.push(finding, []);
        }
    }
}

/// Computed ranges: all of them must fit.
fn check_computed(context: &mut Context<'_>) {
    let network = &context.settings.network;
    if !(16..=28).contains(&network.cidr.prefix_len()) {
        return;
    }
    let ranges = subnets::ranges(network);
    let missing_public =
        network.public_subnets.cidrs.is_none() && ranges.iter().any(|(range, _)| range.is_none());
    let missing_private =
        network.private_subnets.cidrs.is_none() && ranges.iter().any(|(_, range)| range.is_none());
    for (missing, name, prefix) in [
        (missing_public, "public_subnets", subnets::public_prefix(network)),
        (missing_private, "private_subnets", subnets::private_prefix(network)),
    ] {
        if !missing {
            continue;
        }
        let path = Path::of("network").join(name).join("prefix_length");
        let words = name.replace('_', " ");
        let message =
            format!("{} {words} of /{prefix} do not fit into {}", network.zones.len(), network.cidr);
        let written = context.is_written(&path);
        let at = if written { path } else { cidr_path() };
        let finding = context.at("subnet-does-not-fit", &at, message).label("too large together");
        let finding = if written { context.beside(finding, &cidr_path(), "the VPC") } else { finding };
        let hint = "choose a longer prefix (smaller subnets) or a shorter one for the VPC; public subnets come first, with room for four zones";
        let tier = Path::of("network").join(name);
        context.push(finding.hint(hint), [&cidr_path(), &Path::of("network.zones"), &tier]);
    }
}

/// Ranges that share addresses. Computed ones never do among themselves.
fn check_overlaps(context: &mut Context<'_>) {
    let network = &context.settings.network;
    let ranges = subnets::ranges(network);
    let mut all: Vec<(Path, String, Ipv4Net)> = Vec::new();
    for (name, explicit, public) in [
        ("public_subnets", network.public_subnets.cidrs.is_some(), true),
        ("private_subnets", network.private_subnets.cidrs.is_some(), false),
    ] {
        for (at, pair) in ranges.iter().enumerate() {
            let Some(range) = (if public { pair.0 } else { pair.1 }) else { continue };
            let tier = Path::of("network").join(name);
            let path = if explicit { tier.join("cidrs").join(at) } else { tier };
            let zone = network.zones.get(at).map_or("?", String::as_str);
            all.push((path, format!("{range} ({} of zone {zone})", name.replace("_subnets", "")), range));
        }
    }
    for (at, (path, words, range)) in all.iter().enumerate() {
        for (other_path, other_words, other) in &all[..at] {
            if overlap(range, other) {
                let message = format!("the subnets {other_words} and {words} overlap");
                let finding = context.at("overlapping-ranges", path, message).label("overlaps");
                let finding = if other_path == path {
                    finding
                } else {
                    context.beside(finding, other_path, "with this")
                };
                context.push(finding, [other_path, &Path::of("network.zones"), &cidr_path()]);
            }
        }
    }
}

/// ("Create a VPC and subnets for your cluster": the service range must not meet the VPC's.)
fn check_service_range(context: &mut Context<'_>) {
    let path = Path::of("cluster.service_cidr");
    let Some(range) = context.settings.cluster.service_cidr else { return };
    let vpc = context.settings.network.cidr;
    if overlap(&range, &vpc) {
        let message = format!("`cluster.service_cidr` {range} overlaps the VPC's range {vpc}");
        let finding = context.at("overlapping-ranges", &path, message).label("overlaps");
        context.push(context.beside(finding, &cidr_path(), "the VPC"), [&cidr_path()]);
    }
    let in_rfc1918 = is_private(&range) && range.addr().octets()[0] != 100;
    if !(12..=24).contains(&range.prefix_len()) || !in_rfc1918 {
        let message = format!("EKS takes no service range like {range}");
        let hint = "between /12 and /24, inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
        let finding =
            context.at("service-range", &path, message).label("not a range for services").hint(hint);
        context.push(finding, []);
    }
}

/// Nodes that could reach neither the internet nor what they need of AWS.
fn check_way_out(context: &mut Context<'_>) {
    const NEEDED: [&str; 4] = ["ec2", "ecr.api", "ecr.dkr", "sts"];
    let network = &context.settings.network;
    let cluster = &context.settings.cluster;
    let private_nodes = cluster.node_groups.iter().any(|g| g.enabled && g.subnets == SubnetKind::Private);
    if network.nat != Nat::None || !private_nodes || cluster.existing.is_some() {
        return;
    }
    let missing: Vec<&str> = NEEDED
        .into_iter()
        .filter(|needed| !network.interface_endpoints.iter().any(|have| have == needed))
        .collect();
    if missing.is_empty() && network.s3_endpoint {
        return;
    }
    let message = "nodes in private subnets have no way to join the cluster without NAT";
    let hint = format!(
        "set `network.nat`, or reach AWS by endpoints: `s3_endpoint = true` and `interface_endpoints` with {}",
        NEEDED.join(", ")
    );
    let path = Path::of("network.nat");
    let finding = context.at("no-way-out", &path, message).label("no NAT").hint(hint);
    let endpoints = [Path::of("network.interface_endpoints"), Path::of("network.s3_endpoint")];
    context.push(finding, [&endpoints[0], &endpoints[1], &Path::of("cluster.node_groups")]);
}
