//! Which VPCs see a private zone.

use serde_json::json;

use super::state::Zone;
use super::{change, zone};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Refuses a VPC that does not exist or that already sees a zone of this name.
pub(super) fn check_vpc(call: &Call<'_>, name: &str, vpc: &(String, String)) -> Result<(), Failure> {
    let (region, id) = vpc;
    let there = call.account_state().regions.get(region).is_some_and(|home| home.ec2.vpcs.contains(id));
    if !there {
        let text = format!(
            "The VPC: {id} you have provided is not authorized to make the association or does not exist."
        );
        return Err(Failure::new("InvalidVPCId", text));
    }
    let conflicts = |zone: &Zone| zone.private && zone.name == name && zone.vpcs.contains(vpc);
    if call.account_state().route53.zones.values().any(conflicts) {
        let text = format!(
            "The VPC {id} in region {region} has already been associated with a hosted zone with the same domain name."
        );
        return Err(Failure::new("ConflictingDomainExists", text));
    }
    Ok(())
}

fn asked(call: &Call<'_>, input: &Input) -> Result<(String, Zone, (String, String)), Failure> {
    let (id, zone) = zone::find(call, input.str("HostedZoneId"))?;
    let vpc = input.get("VPC").map(|vpc| (vpc.str("VPCRegion").to_owned(), vpc.str("VPCId").to_owned()));
    Ok((id, zone, vpc.unwrap_or_default()))
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AssociateVPCWithHostedZone.html>
pub(super) fn associate(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, mut zone, vpc) = asked(call, input)?;
    if !zone.private {
        let text = "You're trying to associate a VPC with a public hosted zone.";
        return Err(Failure::new("PublicZoneVPCAssociation", text));
    }
    check_vpc(call, &zone.name, &vpc)?;
    zone.vpcs.push(vpc);
    call.account_state_mut().route53.zones.insert(&id, zone);
    let info = change::submit(call, input.text("Comment").map(str::to_owned));
    Ok(json!({ "ChangeInfo": info }).into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_DisassociateVPCFromHostedZone.html>
pub(super) fn disassociate(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, mut zone, vpc) = asked(call, input)?;
    if !zone.vpcs.contains(&vpc) {
        let text = format!(
            "The VPC {} and hosted zone {id} that you specified are not currently associated.",
            vpc.1
        );
        return Err(Failure::new("VPCAssociationNotFound", text));
    }
    if zone.vpcs.len() == 1 {
        let text = "The VPC that you are trying to disassociate from the private hosted zone is the last VPC that is associated with the hosted zone.";
        return Err(Failure::new("LastVPCAssociation", text));
    }
    zone.vpcs.retain(|one| *one != vpc);
    call.account_state_mut().route53.zones.insert(&id, zone);
    let info = change::submit(call, input.text("Comment").map(str::to_owned));
    Ok(json!({ "ChangeInfo": info }).into())
}
