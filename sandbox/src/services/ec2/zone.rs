//! Regions and availability zones.

use serde_json::json;

use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters};

/// Regions with the number of their zones.
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
const REGIONS: [(&str, usize); 17] = [
    ("ap-northeast-1", 3),
    ("ap-northeast-2", 4),
    ("ap-northeast-3", 3),
    ("ap-south-1", 3),
    ("ap-southeast-1", 3),
    ("ap-southeast-2", 3),
    ("ca-central-1", 3),
    ("eu-central-1", 3),
    ("eu-north-1", 3),
    ("eu-west-1", 3),
    ("eu-west-2", 3),
    ("eu-west-3", 3),
    ("sa-east-1", 3),
    ("us-east-1", 6),
    ("us-east-2", 3),
    ("us-west-1", 2),
    ("us-west-2", 4),
];

/// The letters of a region's zones; three for a region that is not in the list.
fn letters(region: &str) -> impl Iterator<Item = char> {
    let count = REGIONS.iter().find(|(name, _)| *name == region).map_or(3, |(_, count)| *count);
    "abcdef".chars().take(count)
}

/// The names of a region's zones.
pub(super) fn names(region: &str) -> Vec<String> {
    letters(region).map(|letter| format!("{region}{letter}")).collect()
}

/// The id of a zone: `euc1-az1` for `eu-central-1a`.
pub(super) fn zone_id(region: &str, letter: char) -> String {
    let parts: Vec<&str> = region.split('-').collect();
    let short = |part: &str| match part {
        "northeast" => "ne".to_owned(),
        "northwest" => "nw".to_owned(),
        "southeast" => "se".to_owned(),
        "southwest" => "sw".to_owned(),
        other => other.chars().take(1).collect(),
    };
    let (first, rest) = parts.split_first().unwrap_or((&"", &[]));
    let middle: String = rest.iter().map(|part| short(part)).collect();
    format!("{first}{middle}-az{}", u32::from(letter) - u32::from('a') + 1)
}

/// The name and the id of a zone that a request names by either; the first zone when it names none.
///
/// # Errors
/// `InvalidParameterValue` for a zone that the region does not have.
pub(super) fn pick(region: &str, name: Option<&str>, id: Option<&str>) -> Result<(String, String), Failure> {
    let mut zones = letters(region).map(|letter| (format!("{region}{letter}"), zone_id(region, letter)));
    let wanted = name.or(id);
    let found = match wanted {
        None => zones.next(),
        Some(wanted) => zones.find(|(name, id)| name == wanted || id == wanted),
    };
    found.ok_or_else(|| {
        let wanted = wanted.unwrap_or_default();
        let all: Vec<String> = letters(region).map(|letter| format!("{region}{letter}")).collect();
        let text = format!(
            "Value ({wanted}) for parameter availabilityZone is invalid. Subnets can currently only be created in \
             the following availability zones: {}.",
            all.join(", ")
        );
        Failure::new("InvalidParameterValue", text)
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>
pub(super) fn describe_availability_zones(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&[
        "group-name",
        "message",
        "opt-in-status",
        "parent-zone-id",
        "parent-zone-name",
        "region-name",
        "state",
        "zone-id",
        "zone-name",
        "zone-type",
    ])?;
    // All zones of the model are opted in, so there are no more of them with the flag.
    input.flag("AllAvailabilityZones");
    let (names, ids) = (input.texts("ZoneNames"), input.texts("ZoneIds"));
    let region = call.region.clone();
    let group = format!("{region}-zg-1");
    let mut zones = Vec::new();
    for letter in letters(&region) {
        let (name, id) = (format!("{region}{letter}"), zone_id(&region, letter));
        let asked = (names.is_empty() || names.contains(&name)) && (ids.is_empty() || ids.contains(&id));
        let passes = filters.pass_with(None, |filter| {
            let found = match filter {
                "group-name" => &group,
                "opt-in-status" => "opt-in-not-required",
                "region-name" => &region,
                "state" => "available",
                "zone-id" => &id,
                "zone-name" => &name,
                "zone-type" => "availability-zone",
                _ => return Vec::new(),
            };
            vec![found.to_owned()]
        });
        if asked && passes {
            zones.push(json!({
                "ZoneName": name, "ZoneId": id, "RegionName": region, "State": "available", "Messages": [],
                "OptInStatus": "opt-in-not-required", "ZoneType": "availability-zone", "GroupName": group,
                "NetworkBorderGroup": region,
            }));
        }
    }
    for (wanted, code) in [(names, "ZoneName"), (ids, "ZoneId")] {
        let known = |text: &String| pick(&region, Some(text), None).is_ok();
        if let Some(unknown) = wanted.iter().find(|text| !known(text)) {
            return Err(Failure::new(
                "InvalidParameterValue",
                format!("Invalid availability zone: {code} [{unknown}]"),
            ));
        }
    }
    Ok(json!({ "AvailabilityZones": zones }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
pub(super) fn describe_regions(_: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&["endpoint", "opt-in-status", "region-name"])?;
    input.flag("AllRegions");
    let wanted = input.texts("RegionNames");
    if let Some(unknown) = wanted.iter().find(|name| !REGIONS.iter().any(|(region, _)| region == name)) {
        return Err(Failure::new("InvalidParameterValue", format!("Invalid value '{unknown}' for region")));
    }
    let mut regions = Vec::new();
    for (name, _) in REGIONS {
        let endpoint = format!("ec2.{name}.amazonaws.com");
        let passes = filters.pass_with(None, |filter| {
            let found = match filter {
                "endpoint" => &endpoint,
                "region-name" => name,
                _ => "opt-in-not-required",
            };
            vec![found.to_owned()]
        });
        if passes && (wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)) {
            regions.push(
                json!({ "RegionName": name, "Endpoint": endpoint, "OptInStatus": "opt-in-not-required" }),
            );
        }
    }
    Ok(json!({ "Regions": regions }).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_ids_are_spelt_as_aws_does() {
        assert_eq!(zone_id("us-east-1", 'a'), "use1-az1");
        assert_eq!(zone_id("ap-southeast-2", 'c'), "apse2-az3");
        assert_eq!(zone_id("eu-central-1", 'b'), "euc1-az2");
    }
}
