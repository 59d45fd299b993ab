//! Subnets.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Describe;
use super::kind::Kind;
use super::vpc::parse_cidr;
use super::{quota, route_table, tag, zone};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// A subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: String,
    /// Its range.
    pub cidr: Ipv4Net,
    /// Name of its zone.
    pub zone: String,
    /// Id of its zone.
    pub zone_id: String,
    /// Whether instances get a public address.
    pub public_on_launch: bool,
    /// `ip-name` or `resource-name`.
    pub hostname_type: String,
    /// Whether the resolver answers resource names.
    pub resource_name_record: bool,
    /// Addresses in use.
    pub used: u32,
    /// The account.
    pub owner: String,
}

impl Subnet {
    /// Addresses that are left; AWS keeps five of each subnet.
    pub fn available(&self) -> u32 {
        (1u32 << (32 - u32::from(self.cidr.prefix_len()))).saturating_sub(5 + self.used)
    }
}

impl Filterable for Subnet {
    const FILTERS: &'static [&'static str] = &[
        "availability-zone",
        "availability-zone-id",
        "availabilityZone",
        "available-ip-address-count",
        "cidr",
        "cidr-block",
        "cidrBlock",
        "default-for-az",
        "defaultForAz",
        "map-public-ip-on-launch",
        "owner-id",
        "state",
        "subnet-arn",
        "subnet-id",
        "vpc-id",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        vec![match filter {
            "availability-zone" | "availabilityZone" => self.zone.clone(),
            "availability-zone-id" => self.zone_id.clone(),
            "available-ip-address-count" => self.available().to_string(),
            "cidr" | "cidr-block" | "cidrBlock" => self.cidr.to_string(),
            "default-for-az" | "defaultForAz" => "false".into(),
            "map-public-ip-on-launch" => self.public_on_launch.to_string(),
            "owner-id" => self.owner.clone(),
            "state" => "available".into(),
            "vpc-id" => self.vpc.clone(),
            _ => return Vec::new(),
        }]
    }
}

fn arn(call: &Call<'_>, id: &str) -> String {
    call.arn("ec2", &format!("subnet/{id}"))
}

fn show(call: &Call<'_>, id: &str, subnet: &Subnet) -> Value {
    json!({
        "SubnetId": id, "SubnetArn": arn(call, id), "VpcId": subnet.vpc,
        "CidrBlock": subnet.cidr.to_string(), "AvailabilityZone": subnet.zone,
        "AvailabilityZoneId": subnet.zone_id, "AvailableIpAddressCount": subnet.available(),
        "State": "available", "DefaultForAz": false, "MapPublicIpOnLaunch": subnet.public_on_launch,
        "AssignIpv6AddressOnCreation": false, "Ipv6CidrBlockAssociationSet": [], "OwnerId": subnet.owner,
        "MapCustomerOwnedIpOnLaunch": false, "EnableDns64": false, "Ipv6Native": false,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": subnet.hostname_type,
            "EnableResourceNameDnsARecord": subnet.resource_name_record,
            "EnableResourceNameDnsAAAARecord": false,
        },
        "Tags": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>
pub(super) fn create_subnet(call: &mut Call<'_>, input: &Input) -> Outcome {
    let vpc_id = input.str("VpcId").to_owned();
    let tags = tag::at_birth(input, Kind::Subnet)?;
    let state = &call.home().ec2;
    let Some(vpc) = state.vpcs.get(&vpc_id) else { return Err(Kind::Vpc.missing(&vpc_id)) };
    let cidr = parse_cidr(input.need("CidrBlock")?, "cidrBlock")?;
    let inside = vpc.cidrs.iter().any(|range| range.cidr.contains(&cidr));
    if !inside || !(16..=28).contains(&cidr.prefix_len()) {
        return Err(Failure::new("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    let overlaps =
        |other: &Subnet| other.vpc == vpc_id && (other.cidr.contains(&cidr) || cidr.contains(&other.cidr));
    if state.subnets.values().any(overlaps) {
        let text = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(Failure::new("InvalidSubnet.Conflict", text));
    }
    let siblings = state.subnets.values().filter(|other| other.vpc == vpc_id).count();
    if siblings >= quota::limit(call, quota::SUBNETS_PER_VPC) {
        let text = "The maximum number of subnets has been reached.";
        return Err(Failure::new("SubnetLimitExceeded", text));
    }
    let (zone, zone_id) =
        zone::pick(&call.region, input.text("AvailabilityZone"), input.text("AvailabilityZoneId"))?;
    let subnet = Subnet {
        vpc: vpc_id,
        cidr,
        zone,
        zone_id,
        public_on_launch: false,
        hostname_type: "ip-name".to_owned(),
        resource_name_record: false,
        used: 0,
        owner: call.account.clone(),
    };
    let id = call.id("subnet");
    call.home_mut().ec2.subnets.insert(&id, subnet.clone());
    tag::attach(call, &id, tags);
    Ok(json!({ "Subnet": show(call, &id, &subnet) }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html>
pub(super) fn describe_subnets(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::Subnet,
        ids: "SubnetIds",
        filters: "Filters",
        table: |state| &state.subnets,
        show,
        more: |call, id, _, _| vec![arn(call, id)],
    };
    describe.answer(call, input)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html>
pub(super) fn modify_subnet_attribute(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("SubnetId").to_owned();
    let switch = |name: &str| input.get(name).and_then(|value| value.flag("Value"));
    let public = switch("MapPublicIpOnLaunch");
    let record = switch("EnableResourceNameDnsARecordOnLaunch");
    let hostname = input.text("PrivateDnsHostnameTypeOnLaunch").map(str::to_owned);
    let Some(subnet) = call.home_mut().ec2.subnets.get_mut(&id) else {
        return Err(Kind::Subnet.missing(&id));
    };
    subnet.public_on_launch = public.unwrap_or(subnet.public_on_launch);
    subnet.resource_name_record = record.unwrap_or(subnet.resource_name_record);
    if let Some(hostname) = hostname {
        subnet.hostname_type = hostname;
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html>
pub(super) fn delete_subnet(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("SubnetId");
    let state = &call.home().ec2;
    if !state.subnets.contains(id) {
        return Err(Kind::Subnet.missing(id));
    }
    if state.interfaces.values().any(|interface| interface.subnet == id) {
        let text = format!("The subnet '{id}' has dependencies and cannot be deleted.");
        return Err(Failure::new("DependencyViolation", text));
    }
    let state = &mut call.home_mut().ec2;
    state.subnets.remove(id);
    route_table::forget_subnet(state, id);
    state.tags.remove(id);
    Ok(Answer::empty())
}
