//! The limits that EC2 enforces. Their numbers are AWS's defaults; Service Quotas can raise them.

use crate::world::Call;

/// A quota: its service, its code, its default.
pub(super) type Quota = (&'static str, &'static str, u32);

/// VPCs per region.
pub(super) const VPCS: Quota = ("vpc", "L-F678F1CE", 5);
/// Subnets per VPC.
pub(super) const SUBNETS_PER_VPC: Quota = ("vpc", "L-407747CB", 200);
/// Inbound or outbound rules per security group.
pub(super) const RULES_PER_GROUP: Quota = ("vpc", "L-0EA8095F", 60);
/// Routes per route table.
pub(super) const ROUTES_PER_TABLE: Quota = ("vpc", "L-93826ACB", 500);
/// Internet gateways per region.
pub(super) const INTERNET_GATEWAYS: Quota = ("vpc", "L-A4707A72", 5);
/// NAT gateways per zone.
pub(super) const NAT_GATEWAYS_PER_ZONE: Quota = ("vpc", "L-FE5A380F", 5);
/// Elastic IPs per region.
pub(super) const ADDRESSES: Quota = ("ec2", "L-0263D0A3", 5);

/// How many there may be.
pub(super) fn limit(call: &Call<'_>, (_, code, default): Quota) -> usize {
    let raised = call.home().ec2.quotas.get(code).copied();
    raised.unwrap_or(default) as usize
}
