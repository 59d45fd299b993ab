//! Parameters: put, delete, tags.

use regex_lite::Regex;
use serde_json::json;

use super::state::{Parameter, ParameterVersion};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle};

/// How SSM spells tags.
const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "ValidationException", too_many: "TooManyTagsError" };

/// The refusal of a parameter that does not exist.
pub(super) fn missing(name: &str) -> Failure {
    Failure::new("ParameterNotFound", format!("Parameter {name} not found."))
}

/// A parameter's name from its name or its ARN.
pub(super) fn name_of(text: &str) -> String {
    match text.split_once(":parameter") {
        Some((_, rest)) if text.starts_with("arn:") => rest.to_owned(),
        _ => text.to_owned(),
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let lower = name.trim_start_matches('/').to_lowercase();
    let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c));
    let depth = name.matches('/').count();
    if !letters || (depth > 0 && !name.starts_with('/')) || name.len() > 1011 || depth > 15 {
        let text = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can \
                    consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, \
                    numbers and the following 3 symbols .-_";
        return Err(Failure::new("ValidationException", text));
    }
    if lower.starts_with("ssm") || lower.starts_with("aws") {
        let text = format!("No access to reserved parameter name: {name}.");
        let code = if lower.starts_with("aws") { "AccessDeniedException" } else { "ValidationException" };
        return Err(Failure::new(code, text));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>
pub(super) fn put_parameter(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("Name").to_owned();
    check_name(&name)?;
    let overwrite = input.flag("Overwrite") == Some(true);
    let tags = STYLE.read(input.list("Tags"))?;
    let old = call.home().ssm.parameters.get(&name).cloned();
    if old.is_some() && !overwrite {
        let text = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
        return Err(Failure::new("ParameterAlreadyExists", text));
    }
    if overwrite && !tags.is_empty() {
        let text = "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.";
        return Err(Failure::new("ValidationException", text));
    }
    let before = old.as_ref().and_then(|parameter| parameter.newest().cloned());
    let version = asked_version(call, input, before.as_ref())?;
    let (number, tier) = (version.number, version.tier.clone());
    let mut parameter = old.unwrap_or(Parameter { tags, versions: Vec::new() });
    parameter.versions.push(version);
    if parameter.versions.len() > 100 {
        parameter.versions.remove(0);
    }
    call.home_mut().ssm.parameters.insert(&name, parameter);
    Ok(json!({ "Version": number, "Tier": tier }).into())
}

fn asked_version(
    call: &Call<'_>,
    input: &Input,
    before: Option<&ParameterVersion>,
) -> Result<ParameterVersion, Failure> {
    let kind = match (input.text("Type"), before) {
        (Some(kind), Some(before)) if kind != before.kind => {
            let text = "The parameter type cannot be changed.";
            return Err(Failure::new("HierarchyTypeMismatchException", text));
        }
        (Some(kind), _) => kind.to_owned(),
        (None, Some(before)) => before.kind.clone(),
        (None, None) => {
            let text = "A parameter type is required when you create a parameter.";
            return Err(Failure::new("ValidationException", text));
        }
    };
    let value = input.str("Value").to_owned();
    let tier = input.text("Tier").unwrap_or("Standard").to_owned();
    let most = if tier == "Standard" { 4096 } else { 8192 };
    if value.len() > most {
        let text =
            format!("Standard tier parameters support a maximum parameter value of {most} characters.");
        return Err(Failure::new("ValidationException", text));
    }
    let pattern = input.text("AllowedPattern").map(str::to_owned).or_else(|| before?.pattern.clone());
    if let Some(pattern) = &pattern {
        let regex = Regex::new(pattern).map_err(|_| {
            Failure::new(
                "InvalidAllowedPatternException",
                "The request does not meet the regular expression requirement.",
            )
        })?;
        if !regex.is_match(&value) {
            let text = format!("Parameter value, cannot be validated against allowedPattern: {pattern}");
            return Err(Failure::new("ParameterPatternMismatchException", text));
        }
    }
    let key = input.text("KeyId").map(str::to_owned);
    if key.is_some() && kind != "SecureString" {
        let text = "KeyId is required for SecureString type parameter only.";
        return Err(Failure::new("ValidationException", text));
    }
    let key = key.or_else(|| before?.key.clone());
    Ok(ParameterVersion {
        number: before.map_or(1, |before| before.number + 1),
        key: key.or_else(|| (kind == "SecureString").then(|| "alias/aws/ssm".to_owned())),
        kind,
        value,
        description: input.text("Description").map(str::to_owned),
        pattern,
        tier,
        data_type: input.text("DataType").unwrap_or("text").to_owned(),
        modified: call.now,
        by: call.caller().arn,
    })
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html>
pub(super) fn delete_parameter(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = name_of(input.str("Name"));
    match call.home_mut().ssm.parameters.remove(&name) {
        Some(_) => Ok(Answer::empty()),
        None => Err(missing(&name)),
    }
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html>
pub(super) fn delete_parameters(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (mut gone, mut unknown) = (Vec::new(), Vec::new());
    for name in input.texts("Names") {
        match call.home_mut().ssm.parameters.remove(&name_of(&name)) {
            Some(_) => gone.push(name),
            None => unknown.push(name),
        }
    }
    Ok(json!({ "DeletedParameters": gone, "InvalidParameters": unknown }).into())
}

fn tagged<'c>(call: &'c mut Call<'_>, input: &Input) -> Result<&'c mut Parameter, Failure> {
    input.only("ResourceType", "Parameter")?;
    let name = name_of(input.str("ResourceId"));
    let found = call.home_mut().ssm.parameters.get_mut(&name);
    found.ok_or_else(|| {
        let text = format!("Resource {name} of type Parameter does not exist.");
        Failure::new("InvalidResourceId", text)
    })
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html>
pub(super) fn add_tags_to_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = STYLE.read(input.list("Tags"))?;
    STYLE.merge(&mut tagged(call, input)?.tags, tags)?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html>
pub(super) fn remove_tags_from_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let keys = input.texts("TagKeys");
    tagged(call, input)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list_tags_for_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = STYLE.write(&tagged(call, input)?.tags);
    Ok(json!({ "TagList": tags }).into())
}
