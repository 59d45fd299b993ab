//! The versions of launch templates.

use serde_json::{Value, json};

use super::kind::Kind;
use super::launch_template::{LaunchTemplate, Version, find};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters, PageRules};

fn show(id: &str, template: &LaunchTemplate, version: &Version) -> Value {
    json!({
        "LaunchTemplateId": id, "LaunchTemplateName": template.name, "VersionNumber": version.number,
        "VersionDescription": version.description, "CreateTime": version.created.value(),
        "CreatedBy": version.creator, "DefaultVersion": version.number == template.default_version,
        "LaunchTemplateData": version.data,
    })
}

fn template<'c>(call: &'c Call<'_>, id: &str) -> Result<&'c LaunchTemplate, Failure> {
    call.home().ec2.launch_templates.get(id).ok_or_else(|| Kind::LaunchTemplate.missing(id))
}

/// What the source version says holds where the new data says nothing, member by member of the top level.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html>
pub(super) fn create_launch_template_version(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = find(call, input)?;
    input.only("ResolveAlias", "false")?;
    if let Some(number) = call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        let template = template(call, &id)?;
        return Ok(json!({ "LaunchTemplateVersion": show(&id, template, template.version(&number)?) }).into());
    }
    let mut data = match input.text("SourceVersion") {
        Some(source) => template(call, &id)?.version(source)?.data.clone(),
        None => json!({}),
    };
    let more = input.tree("LaunchTemplateData");
    if let (Value::Object(onto), Some(Value::Object(more))) = (&mut data, more) {
        onto.extend(more);
    }
    let (description, now) = (input.text("VersionDescription").map(str::to_owned), call.now);
    let creator = call.caller().arn;
    let Some(template) = call.home_mut().ec2.launch_templates.get_mut(&id) else {
        return Err(Kind::LaunchTemplate.missing(&id));
    };
    template.latest_version += 1;
    let version = Version { number: template.latest_version, description, data, created: now, creator };
    template.versions.push(version.clone());
    let shown = show(&id, template, &version);
    call.remember(input, "ClientToken", &version.number.to_string());
    Ok(json!({ "LaunchTemplateVersion": shown }).into())
}

/// Without a template, `$Latest` or `$Default` (both may be asked for) of every template are described.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html>
pub(super) fn describe_launch_template_versions(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&["create-time", "image-id", "instance-type", "is-default-version", "kernel-id"])?;
    input.only("ResolveAlias", "false")?;
    let asked = input.texts("Versions");
    let (min, max) = (bound(input, "MinVersion")?, bound(input, "MaxVersion")?);
    let alone = input.has("LaunchTemplateId") || input.has("LaunchTemplateName");
    let state = &call.home().ec2;
    let ids: Vec<String> = if alone {
        vec![find(call, input)?]
    } else {
        state.launch_templates.ids().map(str::to_owned).collect()
    };
    if !alone && (asked.is_empty() || asked.iter().any(|version| !version.starts_with('$'))) {
        let text = "Without a launch template, the versions must be $Latest or $Default.";
        return Err(Failure::new("InvalidParameterCombination", text));
    }
    let mut rows = Vec::new();
    for id in ids {
        let template = template(call, &id)?;
        let versions: Vec<&Version> = if asked.is_empty() {
            template.versions.iter().collect()
        } else {
            asked.iter().map(|version| template.version(version)).collect::<Result<_, _>>()?
        };
        for version in versions {
            let inside =
                min.is_none_or(|min| version.number >= min) && max.is_none_or(|max| version.number <= max);
            if inside && passes(&filters, template, version) {
                // AWS lists the newest first.
                let key = format!("{id}/{:012}", i64::MAX / 10_000_000 - version.number);
                rows.push((key, show(&id, template, version)));
            }
        }
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows.dedup_by(|one, other| one.0 == other.0);
    Ok(call.page(input, PageRules { min: 1, max: 200, ..PageRules::EC2 }, rows)?.into())
}

fn bound(input: &Input, member: &str) -> Result<Option<i64>, Failure> {
    let Some(text) = input.text(member) else { return Ok(None) };
    let bad = |_| Failure::new("InvalidParameterValue", format!("{text} is no version number"));
    text.parse().map(Some).map_err(bad)
}

fn passes(filters: &Filters, template: &LaunchTemplate, version: &Version) -> bool {
    filters.pass_with(None, |name| {
        let of_data = |member: &str| version.data[member].as_str().map(str::to_owned).into_iter().collect();
        match name {
            "create-time" => vec![version.created.iso()],
            "image-id" => of_data("ImageId"),
            "instance-type" => of_data("InstanceType"),
            "is-default-version" => vec![(version.number == template.default_version).to_string()],
            _ => of_data("KernelId"),
        }
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html>
pub(super) fn delete_launch_template_versions(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = find(call, input)?;
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for asked in input.texts("Versions") {
        let template = template(call, &id)?;
        let number: i64 = asked
            .parse()
            .map_err(|_| Failure::new("InvalidParameterValue", format!("{asked} is no version number")))?;
        let item = json!({
            "LaunchTemplateId": id, "LaunchTemplateName": template.name, "VersionNumber": number,
        });
        let error = if number == template.default_version {
            Some(("unexpectedError", "The default version cannot be deleted."))
        } else if template.version(&asked).is_err() {
            Some(("launchTemplateVersionDoesNotExist", "The version does not exist."))
        } else {
            None
        };
        match error {
            Some((code, message)) => {
                let mut item = item;
                item["ResponseError"] = json!({ "Code": code, "Message": message });
                kept.push(item);
            }
            None => {
                if let Some(template) = call.home_mut().ec2.launch_templates.get_mut(&id) {
                    template.versions.retain(|version| version.number != number);
                }
                gone.push(item);
            }
        }
    }
    Ok(json!({
        "SuccessfullyDeletedLaunchTemplateVersions": gone, "UnsuccessfullyDeletedLaunchTemplateVersions": kept,
    })
    .into())
}
