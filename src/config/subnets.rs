//! How subnets lie in a VPC. Pure arithmetic, the same for the checks and for the blueprint.
//!
//! Laws: subnets lie inside the VPC and never overlap; where a zone's subnets lie depends on its place in the
//! list alone, so that a zone more moves nothing.

use ipnet::Ipv4Net;

use super::schema::{Network, SubnetTier};

/// The ranges of one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneRanges {
    /// The public subnet's.
    pub public: Ipv4Net,
    /// The private subnet's.
    pub private: Ipv4Net,
}

/// Room is kept for the public subnets of this many zones, however many there are.
const MOST_ZONES: u64 = 4;
/// The smallest subnet of AWS.
const LONGEST_PREFIX: u8 = 28;

/// The prefix length of public subnets.
pub fn public_prefix(network: &Network) -> u8 {
    prefix(&network.public_subnets, network.cidr, 8)
}

/// The prefix length of private subnets.
pub fn private_prefix(network: &Network) -> u8 {
    prefix(&network.private_subnets, network.cidr, 4)
}

fn prefix(tier: &SubnetTier, vpc: Ipv4Net, longer: u8) -> u8 {
    tier.prefix_length.unwrap_or((vpc.prefix_len() + longer).min(LONGEST_PREFIX))
}

/// The ranges of each zone, in the order of the zones. A computed range that does not fit is `None`, as is a
/// missing one in an explicit list.
pub fn ranges(network: &Network) -> Vec<(Option<Ipv4Net>, Option<Ipv4Net>)> {
    let public = public_prefix(network);
    let private = private_prefix(network);
    // Public subnets lie at the start, private ones after them at a multiple of their own size.
    let start = (MOST_ZONES * size(public)).next_multiple_of(size(private));
    let range = |tier: &SubnetTier, zone: usize, computed: Option<Ipv4Net>| match &tier.cidrs {
        Some(cidrs) => cidrs.get(zone).copied(),
        None => computed,
    };
    (0..network.zones.len())
        .map(|zone| {
            let at = zone as u64;
            let lowest = if network.public_subnets.cidrs.is_some() { 0 } else { start };
            let public_range = place(network.cidr, public, at * size(public));
            let private_range = place(network.cidr, private, lowest + at * size(private));
            (
                range(&network.public_subnets, zone, public_range),
                range(&network.private_subnets, zone, private_range),
            )
        })
        .collect()
}

/// The ranges of each zone, once it is known that they fit.
pub fn zone_ranges(network: &Network) -> Option<Vec<ZoneRanges>> {
    ranges(network)
        .into_iter()
        .map(|(public, private)| Some(ZoneRanges { public: public?, private: private? }))
        .collect()
}

/// How many addresses a prefix spans.
fn size(prefix: u8) -> u64 {
    1u64 << (32 - u32::from(prefix.min(32)))
}

/// The range of a size at an offset in the VPC, if it lies inside.
fn place(vpc: Ipv4Net, prefix: u8, offset: u64) -> Option<Ipv4Net> {
    let vpc = vpc.trunc();
    let start = u64::from(u32::from(vpc.network())) + offset;
    let range = Ipv4Net::new(u32::try_from(start).ok()?.into(), prefix).ok()?;
    (range.trunc() == range && vpc.contains(&range)).then_some(range)
}

/// True when two ranges share an address.
pub fn overlap(a: &Ipv4Net, b: &Ipv4Net) -> bool {
    a.contains(b) || b.contains(a)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(vpc: &str, zones: usize, public: Option<u8>, private: Option<u8>) -> Network {
        let letters = ["a", "b", "c", "d"];
        let mut network: Network = serde_json::from_value(serde_json::json!({"cidr": vpc})).unwrap();
        network.zones = letters[..zones].iter().map(|letter| (*letter).to_owned()).collect();
        network.public_subnets.prefix_length = public;
        network.private_subnets.prefix_length = private;
        network
    }

    #[test]
    fn a_sixteen_holds_small_public_and_large_private_subnets() {
        let ranges = zone_ranges(&network("10.10.0.0/16", 3, None, None)).unwrap();
        let text: Vec<String> = ranges.iter().map(|r| format!("{} {}", r.public, r.private)).collect();
        assert_eq!(
            text,
            ["10.10.0.0/24 10.10.16.0/20", "10.10.1.0/24 10.10.32.0/20", "10.10.2.0/24 10.10.48.0/20"]
        );
    }

    #[test]
    fn by_default_every_size_of_vpc_down_to_25_holds_four_zones() {
        for prefix in 16..=25 {
            let network = network(&format!("10.10.0.0/{prefix}"), 4, None, None);
            assert!(zone_ranges(&network).is_some(), "/{prefix}");
        }
    }

    proptest! {
        #[test]
        fn subnets_lie_inside_apart_and_never_move(
            base in any::<u32>(), vpc in 16u8..=28, zones in 2usize..=4,
            public in proptest::option::of(16u8..=28), private in proptest::option::of(16u8..=28),
        ) {
            let vpc = Ipv4Net::new(base.into(), vpc).unwrap().trunc();
            let network = network(&vpc.to_string(), zones, public, private);
            let ranges = ranges(&network);
            let flat: Vec<Ipv4Net> = ranges.iter().flat_map(|(a, b)| [*a, *b]).flatten().collect();
            for (at, range) in flat.iter().enumerate() {
                prop_assert!(vpc.contains(range));
                prop_assert!(flat[..at].iter().all(|other| !overlap(range, other)), "{flat:?}");
            }
            let mut fewer = network.clone();
            fewer.zones.pop();
            prop_assert_eq!(&super::ranges(&fewer)[..], &ranges[..zones - 1]);
        }
    }
}
