//! Where load balancers are: subnets, names, the hosted zones of their names.

use sha2::{Digest as _, Sha256};

use super::balancer::Kind;
use crate::wire::failure::Failure;
use crate::world::Call;

/// Region, hosted zone of network load balancers, hosted zone of application load balancers.
/// <https://docs.aws.amazon.com/general/latest/gr/elb.html>
const ZONES: [(&str, &str, &str); 15] = [
    ("ap-northeast-1", "Z31USIVHYNEOWT", "Z14GRHDCWA56QT"),
    ("ap-south-1", "ZVDDRBQ08TROA", "ZP97RAFLXTNZK"),
    ("ap-southeast-1", "ZKVM4W9LS7TM", "Z1LMS91P8CMLE5"),
    ("ap-southeast-2", "ZCT6FZBF4DROD", "Z1GM3OXH4ZPM65"),
    ("ca-central-1", "Z2EPGBW3API2WT", "ZQSVJUPU6J1EY"),
    ("eu-central-1", "Z3F0SRJ5LGBH90", "Z215JYRZR1TBD5"),
    ("eu-north-1", "Z1UDT6IFJ4EJM", "Z23TAZ6LKFMNIO"),
    ("eu-west-1", "Z2IFOLAFXWLO4F", "Z32O12XQLNTSW2"),
    ("eu-west-2", "ZD4D7Y8KGAS4G", "ZHURV8PSTC4K8"),
    ("eu-west-3", "Z1CMS0P5QUZ6D5", "Z3Q77PNBQS71R4"),
    ("sa-east-1", "ZTK26PT1VY4CU", "Z2P70J7HTTTPLU"),
    ("us-east-1", "Z26RNL4JYFTOTI", "Z35SXDOTRQ7X7K"),
    ("us-east-2", "ZLMOA37VPKANP", "Z3AADJGX6KTTL2"),
    ("us-west-1", "Z24FKFUX50B4VW", "Z368ELLRRE2KJ0"),
    ("us-west-2", "Z18D5FSROUN65G", "Z1H1FL5HABSF5"),
];

/// The hosted zone that the names of load balancers are in. A region that is not in the table has one of its own.
pub fn hosted_zone(region: &str, kind: Kind) -> String {
    let known = ZONES.iter().find(|(name, ..)| *name == region);
    match (known, kind) {
        (Some((_, network, _)), Kind::Network) => (*network).to_owned(),
        (Some((.., application)), Kind::Application) => (*application).to_owned(),
        (None, kind) => {
            let digest = Sha256::digest(format!("{region}/{}", kind.path()));
            let letters: String = digest.iter().take(6).map(|byte| format!("{byte:02X}")).collect();
            format!("Z{letters}")
        }
    }
}

/// Subnets with their zones, and their VPC.
pub(super) type Places = (Vec<(String, String)>, String);

/// Checks the subnets of a load balancer.
///
/// # Errors
/// `SubnetNotFound`, `InvalidSubnet`, `InvalidConfigurationRequest`, `ValidationError`.
pub(super) fn check_subnets(
    call: &Call<'_>,
    subnets: &[String],
    kind: Kind,
    public: bool,
) -> Result<Places, Failure> {
    let state = &call.home().ec2;
    let mut places: Vec<(String, String)> = Vec::new();
    let mut vpc = String::new();
    for id in subnets {
        let subnet = state
            .subnets
            .get(id)
            .ok_or_else(|| Failure::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist")))?;
        if !vpc.is_empty() && vpc != subnet.vpc {
            let text = format!("The following subnets are not in the same VPC: {subnets:?}");
            return Err(Failure::new("InvalidConfigurationRequest", text));
        }
        if places.iter().any(|(_, zone)| *zone == subnet.zone) {
            let text = format!(
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone: {}",
                subnet.zone
            );
            return Err(Failure::new("InvalidConfigurationRequest", text));
        }
        vpc.clone_from(&subnet.vpc);
        places.push((id.clone(), subnet.zone.clone()));
    }
    let least = if kind == Kind::Application { 2 } else { 1 };
    if places.len() < least {
        let text = "At least two subnets in two different Availability Zones must be specified";
        let text = if least == 1 { "At least one subnet must be specified" } else { text };
        return Err(Failure::new("ValidationError", text));
    }
    let has_gateway =
        state.internet_gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(vpc.as_str()));
    if public && !has_gateway {
        return Err(Failure::new("InvalidSubnet", format!("VPC {vpc} has no internet gateway")));
    }
    Ok((places, vpc))
}

/// Refuses a name that a load balancer or a target group cannot have.
pub(super) fn check_name(noun: &str, name: &str) -> Result<(), Failure> {
    let sound = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let invalid = |why: &str| Err(Failure::new("ValidationError", format!("{noun} name '{name}' {why}")));
    if name.is_empty() || name.len() > 32 {
        return invalid("cannot be longer than '32' characters");
    }
    if !name.chars().all(sound) {
        return invalid("can only contain characters that are alphanumeric characters and hyphens(-)");
    }
    if name.starts_with('-') || name.ends_with('-') {
        return invalid("cannot begin or end with a hyphen(-)");
    }
    if noun == "Load balancer" && name.starts_with("internal-") {
        return invalid("cannot begin with internal-");
    }
    Ok(())
}
