//! Changing records: a batch takes effect whole or not at all.

use serde_json::{Value, json};

use super::name::{canonical, is_within, key};
use super::state::{Record, Zone};
use super::{change, zone};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>
pub(super) fn change_resource_record_sets(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, mut zone) = zone::find(call, input.str("HostedZoneId"))?;
    let batch = input.get("ChangeBatch");
    let comment = batch.and_then(|batch| batch.text("Comment")).map(str::to_owned);
    let mut wrong = Vec::new();
    for entry in batch.map_or(&[][..], |batch| batch.list("Changes")) {
        let action = entry.str("Action");
        let record = canonical_record(entry.tree("ResourceRecordSet").unwrap_or_default());
        if let Err(text) = apply(&mut zone, action, record) {
            wrong.push(text);
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::new("InvalidChangeBatch", format!("[{}]", wrong.join(", "))));
    }
    call.account_state_mut().route53.zones.insert(&id, zone);
    let info = change::submit(call, comment);
    Ok(json!({ "ChangeInfo": info }).into())
}

fn canonical_record(mut record: Value) -> Record {
    let name = canonical(record["Name"].as_str().unwrap_or_default());
    record["Name"] = name.into();
    if let Some(target) = record.get_mut("AliasTarget") {
        let name = canonical(target["DNSName"].as_str().unwrap_or_default());
        target["DNSName"] = name.into();
    }
    Record(record)
}

/// Does one change to a zone; gives the message of a refusal.
fn apply(zone: &mut Zone, action: &str, record: Record) -> Result<(), String> {
    let words = format!("[name='{}', type='{}']", record.name(), record.kind());
    let at = key(record.name(), record.kind(), record.identifier());
    if action == "DELETE" {
        return remove(zone, &at, &record, &words);
    }
    if !is_within(record.name(), &zone.name) {
        return Err(format!("RRSet with DNS name {} is not permitted in zone {}", record.name(), zone.name));
    }
    if action == "CREATE" && zone.records.contains_key(&at) {
        return Err(format!("Tried to create resource record set {words} but it already exists"));
    }
    check_values(&record)?;
    check_neighbours(zone, &record)?;
    zone.records.insert(at, record);
    Ok(())
}

fn remove(zone: &mut Zone, at: &str, record: &Record, words: &str) -> Result<(), String> {
    let Some(existing) = zone.records.get(at) else {
        return Err(format!("Tried to delete resource record set {words} but it was not found"));
    };
    if !same(existing, record) {
        return Err(format!(
            "Tried to delete resource record set {words} but the values provided do not match the current values"
        ));
    }
    if record.name() == zone.name && ["NS", "SOA"].contains(&record.kind()) {
        return Err(format!(
            "A HostedZone must contain at least one {} record for the zone itself.",
            record.kind()
        ));
    }
    zone.records.remove(at);
    Ok(())
}

/// The same record, the order of its values apart.
fn same(one: &Record, other: &Record) -> bool {
    let sorted = |record: &Record| {
        let mut value = record.0.clone();
        if let Some(Value::Array(values)) = value.get_mut("ResourceRecords") {
            values.sort_by_key(ToString::to_string);
        }
        value
    };
    sorted(one) == sorted(other)
}

fn check_values(record: &Record) -> Result<(), String> {
    let values: Vec<&str> = record.0["ResourceRecords"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| value["Value"].as_str())
        .collect();
    let alias = record.0.get("AliasTarget").is_some();
    let name = record.name();
    if alias != values.is_empty() || (!alias && record.0.get("TTL").is_none()) {
        return Err(format!(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or \
             TrafficPolicyInstanceId], but found neither or more in Change with [Name={name}, Type={}]",
            record.kind()
        ));
    }
    let mut unique = values.clone();
    unique.sort_unstable();
    unique.dedup();
    if unique.len() != values.len() {
        return Err(format!("Duplicate Resource Record: '{}'", values.join(", ")));
    }
    for value in values {
        let fine = match record.kind() {
            "A" => value.parse::<std::net::Ipv4Addr>().is_ok(),
            "AAAA" => value.parse::<std::net::Ipv6Addr>().is_ok(),
            "TXT" | "SPF" => value.len() >= 2 && value.starts_with('"') && value.ends_with('"'),
            "CNAME" | "NS" | "PTR" => !value.trim_end_matches('.').is_empty() && !value.contains(' '),
            _ => !value.is_empty(),
        };
        if !fine {
            return Err(match record.kind() {
                "TXT" | "SPF" => format!(
                    "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in \
                     quotation marks) encountered with '{value}''"
                ),
                kind => format!(
                    "Invalid Resource Record: 'FATAL problem: {kind}RRDATAIllegal encountered with '{value}''"
                ),
            });
        }
    }
    if record.kind() == "CNAME" && unique.len() > 1 {
        return Err(format!("Number of CNAME records for {name} exceeds 1"));
    }
    Ok(())
}

/// A CNAME stands alone at its name, and never at the apex; sets of one name and type all have identifiers, or none.
fn check_neighbours(zone: &Zone, record: &Record) -> Result<(), String> {
    let name = record.name();
    if record.kind() == "CNAME" && name == zone.name {
        return Err(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {}",
            zone.name
        ));
    }
    for other in zone.records.values().filter(|other| other.name() == name) {
        let clash = (record.kind() == "CNAME") != (other.kind() == "CNAME");
        if clash {
            return Err(format!(
                "RRSet of type {} with DNS name {name} is not permitted because a conflicting RRSet of type {} with the \
                 same DNS name already exists in zone {}",
                record.kind(),
                other.kind(),
                zone.name
            ));
        }
        let mixed = other.kind() == record.kind()
            && (other.identifier().is_empty() != record.identifier().is_empty());
        if mixed {
            return Err(format!(
                "RRSet with DNS name {name}, type {}, cannot be created as other RRSets exist with the same name and type.",
                record.kind()
            ));
        }
    }
    Ok(())
}
