//! Hosted zones.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::name::{bare, canonical, check, key};
use super::state::{Record, Zone};
use super::{association, change};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// The zone with the id that a request names.
///
/// # Errors
/// `NoSuchHostedZone`.
pub(super) fn find(call: &Call<'_>, asked: &str) -> Result<(String, Zone), Failure> {
    let id = bare(asked);
    match call.account_state().route53.zones.get(id) {
        Some(zone) => Ok((id.to_owned(), zone.clone())),
        None => Err(Failure::new("NoSuchHostedZone", format!("No hosted zone found with ID: {id}"))),
    }
}

/// A zone for an answer.
pub(super) fn show(id: &str, zone: &Zone) -> Value {
    json!({
        "Id": format!("/hostedzone/{id}"), "Name": zone.name, "CallerReference": zone.reference,
        "Config": { "Comment": zone.comment, "PrivateZone": zone.private },
        "ResourceRecordSetCount": zone.records.len(),
    })
}

/// The name servers of a public zone.
fn delegation(zone: &Zone) -> Option<Value> {
    (!zone.private).then(|| json!({ "NameServers": zone.servers }))
}

/// A caller's reference works once in the life of an account.
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html>
pub(super) fn create_hosted_zone(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = canonical(input.str("Name"));
    check(&name)?;
    let reference = input.str("CallerReference").to_owned();
    let config = input.get("HostedZoneConfig");
    let comment = config.and_then(|config| config.text("Comment")).filter(|text| !text.is_empty());
    let private = config.and_then(|config| config.flag("PrivateZone"));
    let vpc = input.get("VPC").map(|vpc| (vpc.str("VPCRegion").to_owned(), vpc.str("VPCId").to_owned()));
    if call.account_state().route53.zones.values().any(|zone| zone.reference == reference) {
        let text = format!(
            "A hosted zone has already been created with the specified caller reference: {reference}."
        );
        return Err(Failure::new("HostedZoneAlreadyExists", text));
    }
    match (&vpc, private) {
        (None, Some(true)) => {
            let text = "When you're creating a private hosted zone, you must specify a VPC";
            return Err(Failure::new("InvalidInput", text));
        }
        (Some(_), Some(false)) => {
            let text = "When you specify a VPC, the hosted zone must be private";
            return Err(Failure::new("InvalidInput", text));
        }
        _ => {}
    }
    if let Some(vpc) = &vpc {
        association::check_vpc(call, &name, vpc)?;
    }
    let id = format!("Z0{}", call.world_mut().dice.text(19, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"));
    let servers = servers(call, vpc.is_some());
    let mut zone = Zone {
        name,
        reference,
        comment: comment.map(str::to_owned),
        private: vpc.is_some(),
        vpcs: vpc.clone().into_iter().collect(),
        servers,
        tags: Tags::new(),
        records: BTreeMap::new(),
    };
    furnish(&mut zone);
    call.account_state_mut().route53.zones.insert(&id, zone.clone());
    call.newborn(&id);
    let info = change::submit(call, None);
    let shown_vpc = vpc.map(|(region, id)| json!({ "VPCRegion": region, "VPCId": id }));
    Ok(json!({
        "HostedZone": show(&id, &zone), "ChangeInfo": info, "DelegationSet": delegation(&zone), "VPC": shown_vpc,
        "Location": format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{id}"),
    })
    .into())
}

/// Four name servers; those of private zones are always the same.
fn servers(call: &mut Call<'_>, private: bool) -> Vec<String> {
    let endings = ["com", "net", "org", "co.uk"];
    let numbers = [0, 512, 1024, 1536];
    let mut server = |at: usize| {
        let number = if private { numbers[at] } else { numbers[at] + call.world_mut().dice.below(512) };
        let second = if private { 0 } else { call.world_mut().dice.below(64) };
        format!("ns-{number}.awsdns-{second:02}.{}", endings[at])
    };
    (0..4).map(&mut server).collect()
}

/// Every zone is born with its name servers and its start of authority.
fn furnish(zone: &mut Zone) {
    let dotted: Vec<Value> =
        zone.servers.iter().map(|server| json!({ "Value": format!("{server}.") })).collect();
    let authority = format!("{}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", zone.servers[0]);
    let records = [
        ("NS", json!({ "Name": zone.name, "Type": "NS", "TTL": 172_800, "ResourceRecords": dotted })),
        (
            "SOA",
            json!({ "Name": zone.name, "Type": "SOA", "TTL": 900, "ResourceRecords": [{ "Value": authority }] }),
        ),
    ];
    for (kind, record) in records {
        zone.records.insert(key(&zone.name, kind, ""), Record(record));
    }
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html>
pub(super) fn get_hosted_zone(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, zone) = find(call, input.str("Id"))?;
    let vpcs = zone.vpcs.iter().map(|(region, id)| json!({ "VPCRegion": region, "VPCId": id }));
    let vpcs = zone.private.then(|| vpcs.collect::<Vec<_>>());
    Ok(json!({ "HostedZone": show(&id, &zone), "DelegationSet": delegation(&zone), "VPCs": vpcs }).into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZoneCount.html>
pub(super) fn get_hosted_zone_count(call: &mut Call<'_>, _: &Input) -> Outcome {
    Ok(json!({ "HostedZoneCount": call.account_state().route53.zones.len() }).into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHostedZoneComment.html>
pub(super) fn update_hosted_zone_comment(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, mut zone) = find(call, input.str("Id"))?;
    zone.comment = input.text("Comment").map(str::to_owned);
    let shown = show(&id, &zone);
    call.account_state_mut().route53.zones.insert(&id, zone);
    Ok(json!({ "HostedZone": shown }).into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html>
pub(super) fn delete_hosted_zone(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, zone) = find(call, input.str("Id"))?;
    let own = |record: &Record| record.name() == zone.name && ["NS", "SOA"].contains(&record.kind());
    if !zone.records.values().all(own) {
        let text =
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
        return Err(Failure::new("HostedZoneNotEmpty", text));
    }
    call.account_state_mut().route53.zones.remove(&id);
    let info = change::submit(call, None);
    Ok(Answer::from(json!({ "ChangeInfo": info })))
}
