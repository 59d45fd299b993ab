//! Resources by their tags.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::services::{Item, Outcome, SERVICES};
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, TagStyle};

/// How the tagging service spells tags.
const STYLE: TagStyle = TagStyle {
    key: "Key",
    value: "Value",
    invalid: "InvalidParameterException",
    too_many: "InvalidParameterException",
};

/// How it pages.
const RULES: PageRules = PageRules {
    default: Some(50),
    min: 1,
    max: 100,
    strict: None,
    bad_token: "PaginationTokenExpiredException",
};

/// Tagged resources in the caller's region.
fn tagged(call: &Call<'_>) -> Vec<Item> {
    let all =
        SERVICES.iter().flat_map(|service| (service.inventory)(call.world(), &call.account, &call.region));
    let mut items: Vec<Item> = all.filter(|item| !item.tags.is_empty()).collect();
    items.sort_by(|one, other| one.arn.cmp(&other.arn));
    items
}

/// True when a filter such as `ec2` or `ec2:vpc` names the type of a resource.
fn is_type(filter: &str, kind: &str) -> bool {
    kind == filter || kind.split_once(':').is_some_and(|(service, _)| service == filter)
}

/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
pub(super) fn get_resources(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters: Vec<(String, Vec<String>)> =
        input.list("TagFilters").iter().map(|one| (one.str("Key").to_owned(), one.texts("Values"))).collect();
    let types = input.texts("ResourceTypeFilters");
    let arns = input.texts("ResourceARNList");
    input.only("IncludeComplianceDetails", "false")?;
    input.only("ExcludeCompliantResources", "false")?;
    if !arns.is_empty() && (!filters.is_empty() || !types.is_empty()) {
        let text = "ResourceARNList cannot be combined with TagFilters or ResourceTypeFilters";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let passes = |item: &Item| {
        let tags = filters.iter().all(|(key, values)| {
            item.tags.get(key).is_some_and(|value| values.is_empty() || values.contains(value))
        });
        let kind = types.is_empty() || types.iter().any(|filter| is_type(filter, &item.kind));
        tags && kind && (arns.is_empty() || arns.contains(&item.arn))
    };
    let rows = tagged(call)
        .into_iter()
        .filter(passes)
        .map(|item| {
            let row = json!({ "ResourceARN": item.arn, "Tags": STYLE.write(&item.tags) });
            (item.arn, row)
        })
        .collect();
    paged(call, input, (Some("ResourcesPerPage"), "ResourceTagMappingList"), rows)
}

/// The token of a last page is an empty text, not a missing one.
fn paged(
    call: &Call<'_>,
    input: &Input,
    (size, member): (Option<&str>, &str),
    rows: Vec<(String, Value)>,
) -> Outcome {
    let first = input.text("PaginationToken").is_none_or(str::is_empty);
    let (page, next) = if first {
        let most = size.and_then(|size| input.integer(size)).and_then(|most| usize::try_from(most).ok());
        let most = most.unwrap_or(50).clamp(1, 100);
        let more = rows.len() > most;
        let last = rows.get(most - 1).map(|(key, _)| key.clone()).unwrap_or_default();
        let page: Vec<Value> = rows.into_iter().take(most).map(|(_, row)| row).collect();
        (page, more.then(|| call.token_after(&last)))
    } else {
        call.cut(input, ("PaginationToken", size), RULES, rows)?
    };
    Ok(json!({ member: page, "PaginationToken": next.unwrap_or_default() }).into())
}

fn texts(values: BTreeSet<String>) -> Vec<(String, Value)> {
    values.into_iter().map(|value| (value.clone(), Value::from(value))).collect()
}

/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetTagKeys.html>
pub(super) fn get_tag_keys(call: &mut Call<'_>, input: &Input) -> Outcome {
    let keys = tagged(call).into_iter().flat_map(|item| item.tags.into_keys()).collect();
    paged(call, input, (None, "TagKeys"), texts(keys))
}

/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetTagValues.html>
pub(super) fn get_tag_values(call: &mut Call<'_>, input: &Input) -> Outcome {
    let key = input.str("Key");
    let values = tagged(call).into_iter().filter_map(|item| item.tags.get(key).cloned()).collect();
    paged(call, input, (None, "TagValues"), texts(values))
}
