//! Changing load balancers: subnets, security groups, attributes.

use serde_json::{Value, json};

use super::balancer::{self, groups, make_interfaces, show_zones, subnets};
use super::place::check_subnets;
use crate::services::Outcome;
use crate::services::ec2::requester;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Gives a load balancer new interfaces in place of the old ones.
fn renew(call: &mut Call<'_>, arn: &str) -> Result<(), Failure> {
    let row = balancer::find(call, arn)?.clone();
    call.within("ec2", |call| row.interfaces.iter().for_each(|id| requester::drop_interface(call, id)));
    let made = make_interfaces(call, &row)?;
    balancer::find_mut(call, arn)?.interfaces = made;
    Ok(())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html>
pub(super) fn set_subnets(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("LoadBalancerArn").to_owned();
    let row = balancer::find(call, &arn)?;
    input.only("IpAddressType", "ipv4")?;
    let (places, vpc) = check_subnets(call, &subnets(input)?, row.kind, row.public)?;
    if vpc != row.vpc {
        let text = "The subnets are not in the VPC of the load balancer";
        return Err(Failure::new("InvalidConfigurationRequest", text));
    }
    let shown: Value = show_zones(&places);
    balancer::find_mut(call, &arn)?.subnets = places;
    renew(call, &arn)?;
    Ok(json!({ "AvailabilityZones": shown, "IpAddressType": "ipv4" }).into())
}

/// A network load balancer that was made without security groups never gets any.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSecurityGroups.html>
pub(super) fn set_security_groups(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("LoadBalancerArn").to_owned();
    let row = balancer::find(call, &arn)?;
    if row.kind == balancer::Kind::Network && row.groups.is_empty() {
        let text = "You cannot set security groups on a Network Load Balancer that was created without any";
        return Err(Failure::new("InvalidConfigurationRequest", text));
    }
    let wanted = groups(call, input.texts("SecurityGroups"), row.kind, &row.vpc)?;
    balancer::find_mut(call, &arn)?.groups = wanted.clone();
    renew(call, &arn)?;
    Ok(json!({ "SecurityGroupIds": wanted }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetIpAddressType.html>
pub(super) fn set_ip_address_type(call: &mut Call<'_>, input: &Input) -> Outcome {
    balancer::find(call, input.str("LoadBalancerArn"))?;
    input.only("IpAddressType", "ipv4")?;
    Ok(json!({ "IpAddressType": "ipv4" }).into())
}
