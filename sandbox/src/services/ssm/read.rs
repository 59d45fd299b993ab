//! Reading parameters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::parameter::{missing, name_of};
use super::public;
use super::state::{Parameter, ParameterVersion};
use crate::blobs::hex_digest;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules};

/// How SSM pages.
const RULES: PageRules = PageRules {
    default: Some(10),
    min: 1,
    max: 50,
    strict: Some("ValidationException"),
    bad_token: "InvalidNextToken",
};

fn arn(call: &Call<'_>, name: &str) -> String {
    if name.starts_with("/aws/service/") {
        return format!("arn:aws:ssm:{}::parameter{name}", call.region);
    }
    call.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')))
}

/// What a SecureString looks like undecrypted: bytes that hide the value, the same each time.
fn shown_value(version: &ParameterVersion, decrypted: bool) -> String {
    if version.kind != "SecureString" || decrypted {
        return version.value.clone();
    }
    let cipher = hex_digest(format!("{}/{:?}", version.value, version.key).as_bytes());
    STANDARD.encode(format!("AQICAH{cipher}"))
}

fn show(call: &Call<'_>, name: &str, version: &ParameterVersion, decrypted: bool) -> Value {
    json!({
        "Name": name, "Type": version.kind, "Value": shown_value(version, decrypted), "Version": version.number,
        "LastModifiedDate": version.modified.value(), "ARN": arn(call, name), "DataType": version.data_type,
    })
}

/// The version that `name`, `name:3` or an ARN means; also one of AWS's public parameters.
fn find(call: &Call<'_>, asked: &str) -> Option<(String, ParameterVersion)> {
    let full = name_of(asked);
    let (name, number) = match full.rsplit_once(':') {
        Some((name, number)) => (name.to_owned(), Some(number.parse::<i64>().ok()?)),
        None => (full, None),
    };
    if let Some(version) = public::lookup(&call.region, &name) {
        return Some((name, version));
    }
    let parameter = call.home().ssm.parameters.get(&name)?;
    let version = match number {
        Some(number) => parameter.versions.iter().find(|version| version.number == number)?,
        None => parameter.newest()?,
    };
    Some((name, version.clone()))
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html>
pub(super) fn get_parameter(call: &mut Call<'_>, input: &Input) -> Outcome {
    let asked = input.str("Name");
    let decrypted = input.flag("WithDecryption") == Some(true);
    let (name, version) = find(call, asked).ok_or_else(|| missing(asked))?;
    Ok(json!({ "Parameter": show(call, &name, &version, decrypted) }).into())
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>
pub(super) fn get_parameters(call: &mut Call<'_>, input: &Input) -> Outcome {
    let decrypted = input.flag("WithDecryption") == Some(true);
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for asked in input.texts("Names") {
        match find(call, &asked) {
            Some((name, version)) => found.push(show(call, &name, &version, decrypted)),
            None => unknown.push(asked),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": unknown }).into())
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html>
pub(super) fn get_parameters_by_path(call: &mut Call<'_>, input: &Input) -> Outcome {
    let path = input.str("Path").trim_end_matches('/').to_owned();
    let decrypted = input.flag("WithDecryption") == Some(true);
    let recursive = input.flag("Recursive") == Some(true);
    let below = |name: &str| {
        let rest = name.strip_prefix(&path).and_then(|rest| rest.strip_prefix('/'));
        rest.is_some_and(|rest| recursive || !rest.contains('/'))
    };
    let rows = call
        .home()
        .ssm
        .parameters
        .iter()
        .filter(|(name, _)| below(name))
        .filter_map(|(name, parameter)| {
            Some((name.to_owned(), show(call, name, parameter.newest()?, decrypted)))
        })
        .collect();
    let rules = PageRules { max: 10, ..RULES };
    Ok(call.page(input, rules, rows)?.into())
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html>
pub(super) fn get_parameter_history(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = name_of(input.str("Name"));
    let decrypted = input.flag("WithDecryption") == Some(true);
    let parameter = call.home().ssm.parameters.get(&name).ok_or_else(|| missing(&name))?;
    let rows = parameter
        .versions
        .iter()
        .map(|version| {
            let mut row = describe(call, &name, version);
            row["Value"] = shown_value(version, decrypted).into();
            row["Labels"] = json!([]);
            if let Value::Object(members) = &mut row {
                members.shift_remove("ARN");
            }
            (format!("{:012}", version.number), row)
        })
        .collect();
    Ok(call.page(input, RULES, rows)?.into())
}

fn describe(call: &Call<'_>, name: &str, version: &ParameterVersion) -> Value {
    json!({
        "Name": name, "ARN": arn(call, name), "Type": version.kind, "KeyId": version.key,
        "LastModifiedDate": version.modified.value(), "LastModifiedUser": version.by,
        "Description": version.description, "AllowedPattern": version.pattern, "Version": version.number,
        "Tier": version.tier, "Policies": [], "DataType": version.data_type,
    })
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>
pub(super) fn describe_parameters(call: &mut Call<'_>, input: &Input) -> Outcome {
    let mut filters: Vec<(String, String, Vec<String>)> = Vec::new();
    for filter in input.list("ParameterFilters") {
        let option = filter.text("Option").unwrap_or("Equals").to_owned();
        filters.push((filter.str("Key").to_owned(), option, filter.texts("Values")));
    }
    // The older form matches beginnings.
    for filter in input.list("Filters") {
        filters.push((filter.str("Key").to_owned(), "BeginsWith".to_owned(), filter.texts("Values")));
    }
    if let Some((key, ..)) = filters.iter().find(|(key, ..)| {
        !["Name", "Type", "KeyId", "Path", "Tier", "DataType"].contains(&key.as_str())
            && !key.starts_with("tag:")
    }) {
        let text = format!("The filter key {key} is not valid.");
        return Err(Failure::new("InvalidFilterKey", text));
    }
    let rows = call
        .home()
        .ssm
        .parameters
        .iter()
        .filter(|(name, parameter)| filters.iter().all(|filter| passes(filter, name, parameter)))
        .filter_map(|(name, parameter)| Some((name.to_owned(), describe(call, name, parameter.newest()?))))
        .collect();
    Ok(call.page(input, RULES, rows)?.into())
}

fn passes((key, option, wanted): &(String, String, Vec<String>), name: &str, parameter: &Parameter) -> bool {
    let Some(newest) = parameter.newest() else { return false };
    let any = |value: &str| {
        wanted.iter().any(|wanted| match option.as_str() {
            "BeginsWith" => value.starts_with(wanted.as_str()),
            "Contains" => value.contains(wanted.as_str()),
            _ => value == wanted || value.trim_start_matches('/') == wanted.trim_start_matches('/'),
        })
    };
    match key.as_str() {
        "Name" => any(name),
        "Type" => any(&newest.kind),
        "KeyId" => newest.key.as_deref().is_some_and(any),
        "Tier" => any(&newest.tier),
        "DataType" => any(&newest.data_type),
        "Path" => wanted.iter().any(|path| {
            let rest = name.strip_prefix(path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| option == "Recursive" || !rest.contains('/'))
        }),
        tag => {
            let key = tag.trim_start_matches("tag:");
            parameter.tags.get(key).is_some_and(|value| wanted.is_empty() || any(value))
        }
    }
}
