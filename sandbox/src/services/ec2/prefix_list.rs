//! The prefix lists of AWS that gateway endpoints route to.

use serde_json::{Value, json};

use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters, PageRules};

/// Services with gateway endpoints, with ids and ranges in the manner of AWS's. The ranges are the benchmark range
/// of RFC 2544: nothing real is ever named.
const LISTS: [(&str, &str, &str); 2] =
    [("s3", "pl-63a5400a", "198.19.0.0/20"), ("dynamodb", "pl-02cd2c6b", "198.19.16.0/20")];

/// The id of a gateway service's list, by the service's full name.
pub(super) fn of_service(region: &str, service: &str) -> Option<&'static str> {
    let short = service.strip_prefix(&format!("com.amazonaws.{region}."))?;
    LISTS.iter().find(|(name, ..)| *name == short).map(|(_, id, _)| *id)
}

/// Refuses a list that does not exist.
pub(super) fn require(call: &Call<'_>, id: &str) -> Result<(), Failure> {
    // The model has AWS's own lists only, and they are in every region.
    let _ = call;
    if LISTS.iter().any(|(_, known, _)| *known == id) { Ok(()) } else { Err(missing(id)) }
}

fn missing(id: &str) -> Failure {
    Failure::new("InvalidPrefixListID.NotFound", format!("The prefix list ID '{id}' does not exist"))
}

fn chosen(
    call: &Call<'_>,
    input: &Input,
    known: &[&str],
) -> Result<Vec<(String, &'static str, &'static str)>, Failure> {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(known)?;
    let wanted = input.texts("PrefixListIds");
    if let Some(unknown) = wanted.iter().find(|id| !LISTS.iter().any(|(_, known, _)| known == id)) {
        return Err(missing(unknown));
    }
    let named =
        LISTS.iter().map(|(name, id, cidr)| (format!("com.amazonaws.{}.{name}", call.region), *id, *cidr));
    Ok(named
        .filter(|(name, id, _)| {
            let asked = wanted.is_empty() || wanted.iter().any(|wanted| wanted == id);
            asked
                && filters.pass_with(None, |filter| match filter {
                    "prefix-list-id" => vec![(*id).to_owned()],
                    "prefix-list-name" => vec![name.clone()],
                    _ => vec!["AWS".to_owned()],
                })
        })
        .collect())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html>
pub(super) fn describe_prefix_lists(call: &mut Call<'_>, input: &Input) -> Outcome {
    let rows = chosen(call, input, &["prefix-list-id", "prefix-list-name"])?
        .into_iter()
        .map(|(name, id, cidr)| {
            (id.to_owned(), json!({ "PrefixListId": id, "PrefixListName": name, "Cidrs": [cidr] }))
        })
        .collect();
    Ok(call.page(input, PageRules::EC2, sorted(rows))?.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeManagedPrefixLists.html>
pub(super) fn describe_managed_prefix_lists(call: &mut Call<'_>, input: &Input) -> Outcome {
    let rows = chosen(call, input, &["owner-id", "prefix-list-id", "prefix-list-name"])?
        .into_iter()
        .map(|(name, id, _)| {
            let arn = format!("arn:aws:ec2:{}:aws:prefix-list/{id}", call.region);
            let row = json!({
                "PrefixListId": id, "PrefixListName": name, "PrefixListArn": arn, "AddressFamily": "IPv4",
                "State": "create-complete", "OwnerId": "AWS", "Tags": [],
            });
            (id.to_owned(), row)
        })
        .collect();
    Ok(call.page(input, PageRules { min: 1, ..PageRules::EC2 }, sorted(rows))?.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html>
pub(super) fn get_managed_prefix_list_entries(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("PrefixListId");
    let (_, _, cidr) = LISTS.iter().find(|(_, known, _)| *known == id).ok_or_else(|| missing(id))?;
    let rows = vec![((*cidr).to_owned(), json!({ "Cidr": cidr, "Description": "" }))];
    Ok(call.page(input, PageRules { min: 1, ..PageRules::EC2 }, rows)?.into())
}

fn sorted(mut rows: Vec<(String, Value)>) -> Vec<(String, Value)> {
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows
}
