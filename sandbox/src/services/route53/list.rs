//! Lists. Route 53 pages in its own ways: by name and type, by marker, by name and id, by token.

use serde_json::{Value, json};

use super::name::{bare, canonical, key};
use super::state::Zone;
use super::zone;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules};

/// The page size of a request, which Route 53 says as text.
fn most(input: &Input, otherwise: usize) -> Result<usize, Failure> {
    let Some(text) = input.text("MaxItems") else { return Ok(otherwise) };
    match text.parse::<usize>() {
        Ok(number) if number > 0 => Ok(number.min(300)),
        _ => Err(Failure::new("InvalidInput", format!("MaxItems {text} is not valid"))),
    }
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html>
pub(super) fn list_resource_record_sets(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (_, zone) = zone::find(call, input.str("HostedZoneId"))?;
    let most = most(input, 300)?;
    let (name, kind) = (input.text("StartRecordName"), input.text("StartRecordType"));
    let identifier = input.text("StartRecordIdentifier");
    if kind.is_some() && name.is_none() {
        let text = "The input is not valid: a start record type needs a start record name";
        return Err(Failure::new("InvalidInput", text));
    }
    let start =
        name.map(|name| key(&canonical(name), kind.unwrap_or_default(), identifier.unwrap_or_default()));
    let mut rest = zone.records.iter().filter(|(key, _)| start.as_ref().is_none_or(|start| *key >= start));
    let shown: Vec<&Value> = rest.by_ref().take(most).map(|(_, record)| &record.0).collect();
    let next = rest.next().map(|(_, record)| record);
    Ok(json!({
        "ResourceRecordSets": shown, "IsTruncated": next.is_some(), "MaxItems": most.to_string(),
        "NextRecordName": next.map(|record| record.name()), "NextRecordType": next.map(|record| record.kind()),
        "NextRecordIdentifier": next.map(|record| record.identifier()).filter(|text| !text.is_empty()),
    })
    .into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html>
pub(super) fn list_hosted_zones(call: &mut Call<'_>, input: &Input) -> Outcome {
    let most = most(input, 100)?;
    let marker = input.text("Marker").map(bare);
    let private_only = match input.text("HostedZoneType") {
        None => false,
        Some("PrivateHostedZone") => true,
        Some(other) => return Err(Failure::new("InvalidInput", format!("{other} is no hosted zone type"))),
    };
    let zones = call.account_state().route53.zones.iter().filter(|(id, _)| call.visible_id(id));
    let mut rest = zones
        .filter(|(id, zone)| marker.is_none_or(|marker| *id >= marker) && (!private_only || zone.private));
    let shown: Vec<Value> = rest.by_ref().take(most).map(|(id, zone)| zone::show(id, zone)).collect();
    let next = rest.next().map(|(id, _)| id);
    Ok(json!({
        "HostedZones": shown, "Marker": marker, "IsTruncated": next.is_some(), "NextMarker": next,
        "MaxItems": most.to_string(),
    })
    .into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html>
pub(super) fn list_hosted_zones_by_name(call: &mut Call<'_>, input: &Input) -> Outcome {
    let most = most(input, 100)?;
    let name = input.text("DNSName").map(str::to_owned);
    let id = input.text("HostedZoneId").map(str::to_owned);
    let sort_key = |name: &str, id: &str| key(name, "", id);
    let start = name.as_deref().map(|name| sort_key(&canonical(name), id.as_deref().map_or("", bare)));
    let zones = call.account_state().route53.zones.iter().filter(|(id, _)| call.visible_id(id));
    let mut zones: Vec<(String, &str, &Zone)> =
        zones.map(|(id, zone)| (sort_key(&zone.name, id), id, zone)).collect();
    zones.sort_by(|one, other| one.0.cmp(&other.0));
    let mut rest = zones.into_iter().filter(|(key, ..)| start.as_ref().is_none_or(|start| key >= start));
    let shown: Vec<Value> = rest.by_ref().take(most).map(|(_, id, zone)| zone::show(id, zone)).collect();
    let next = rest.next();
    Ok(json!({
        "HostedZones": shown, "DNSName": name, "HostedZoneId": id, "IsTruncated": next.is_some(),
        "NextDNSName": next.as_ref().map(|(.., zone)| &zone.name), "NextHostedZoneId": next.as_ref().map(|(_, id, _)| *id),
        "MaxItems": most.to_string(),
    })
    .into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByVPC.html>
pub(super) fn list_hosted_zones_by_vpc(call: &mut Call<'_>, input: &Input) -> Outcome {
    let vpc = (input.str("VPCRegion").to_owned(), input.str("VPCId").to_owned());
    let owner = json!({ "OwningAccount": call.account });
    let rows: Vec<(String, Value)> = call
        .account_state()
        .route53
        .zones
        .iter()
        .filter(|(id, zone)| zone.vpcs.contains(&vpc) && call.visible_id(id))
        .map(|(id, zone)| (id.to_owned(), json!({ "HostedZoneId": id, "Name": zone.name, "Owner": owner })))
        .collect();
    let rules =
        PageRules { default: Some(100), min: 1, max: 100, strict: None, bad_token: "InvalidPaginationToken" };
    let most = most(input, 100)?;
    let (zones, next) = call.cut(input, ("NextToken", Some("MaxItems")), rules, rows)?;
    Ok(json!({ "HostedZoneSummaries": zones, "MaxItems": most.to_string(), "NextToken": next }).into())
}
