//! Launch templates; their versions are in [`super::launch_template_version`].

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kind::Kind;
use super::state::State;
use super::tag;
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters, PageRules};

/// A launch template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// The name, unique in the region.
    pub name: String,
    /// The version that `$Default` means.
    pub default_version: i64,
    /// The number of the newest version ever made.
    pub latest_version: i64,
    /// The versions that are left, by number.
    pub versions: Vec<Version>,
    /// When it was made.
    pub created: Time,
    /// Who made it.
    pub creator: String,
}

/// A version of a launch template. What it says is kept as it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its number.
    pub number: i64,
    /// Its description.
    pub description: Option<String>,
    /// What instances get.
    pub data: Value,
    /// When it was made.
    pub created: Time,
    /// Who made it.
    pub creator: String,
}

impl LaunchTemplate {
    /// The version that a number, `$Latest` or `$Default` names.
    ///
    /// # Errors
    /// `InvalidLaunchTemplateId.VersionNotFound`, or `.MalformedVersion`.
    pub fn version(&self, asked: &str) -> Result<&Version, Failure> {
        let number = match asked {
            "$Latest" => self.latest_version,
            "$Default" => self.default_version,
            text => text.parse().map_err(|_| {
                let text = format!("Invalid launch template version: {text}");
                Failure::new("InvalidLaunchTemplateId.Malformed", text)
            })?,
        };
        self.versions.iter().find(|version| version.number == number).ok_or_else(|| {
            let text = format!("Could not find launch template version {asked}");
            Failure::new("InvalidLaunchTemplateId.VersionNotFound", text)
        })
    }
}

/// The id of the template that a request names by id or by name.
pub(super) fn find(call: &Call<'_>, input: &Input) -> Result<String, Failure> {
    let (id, name) = (input.text("LaunchTemplateId"), input.text("LaunchTemplateName"));
    by_id_or_name(&call.home().ec2, id, name)
}

/// The id of the template with an id or a name.
///
/// # Errors
/// EC2's error when there is none, or neither is given.
pub fn by_id_or_name(state: &State, id: Option<&str>, name: Option<&str>) -> Result<String, Failure> {
    match (id, name) {
        (Some(id), None) if state.launch_templates.contains(id) => Ok(id.to_owned()),
        (Some(id), None) => Err(Kind::LaunchTemplate.missing(id)),
        (None, Some(name)) => {
            let found = state.launch_templates.iter().find(|(_, template)| template.name == name);
            found.map(|(id, _)| id.to_owned()).ok_or_else(|| no_name(name))
        }
        _ => {
            let text =
                "Either the launch template ID or the launch template name must be specified, not both.";
            Err(Failure::new("InvalidParameterCombination", text))
        }
    }
}

fn no_name(name: &str) -> Failure {
    let text = format!("The specified launch template, with template name {name}, does not exist.");
    Failure::new("InvalidLaunchTemplateName.NotFoundException", text)
}

fn show(call: &Call<'_>, id: &str, template: &LaunchTemplate) -> Value {
    json!({
        "LaunchTemplateId": id, "LaunchTemplateName": template.name, "CreateTime": template.created.value(),
        "CreatedBy": template.creator, "DefaultVersionNumber": template.default_version,
        "LatestVersionNumber": template.latest_version, "Tags": tag::shown(call, id),
    })
}

fn shown(call: &Call<'_>, id: &str) -> Outcome {
    let template =
        call.home().ec2.launch_templates.get(id).ok_or_else(|| Kind::LaunchTemplate.missing(id))?;
    Ok(json!({ "LaunchTemplate": show(call, id, template) }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html>
pub(super) fn create_launch_template(call: &mut Call<'_>, input: &Input) -> Outcome {
    if let Some(id) = call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        return shown(call, &id);
    }
    let name = input.str("LaunchTemplateName").to_owned();
    let tags = tag::at_birth(input, Kind::LaunchTemplate)?;
    if call.home().ec2.launch_templates.values().any(|template| template.name == name) {
        let text = "Launch template name already in use.";
        return Err(Failure::new("InvalidLaunchTemplateName.AlreadyExistsException", text));
    }
    let creator = call.caller().arn;
    let version = Version {
        number: 1,
        description: input.text("VersionDescription").map(str::to_owned),
        data: input.tree("LaunchTemplateData").unwrap_or_else(|| json!({})),
        created: call.now,
        creator: creator.clone(),
    };
    let template = LaunchTemplate {
        name,
        default_version: 1,
        latest_version: 1,
        versions: vec![version],
        created: call.now,
        creator,
    };
    let id = call.id("lt");
    call.home_mut().ec2.launch_templates.insert(&id, template);
    tag::attach(call, &id, tags);
    call.remember(input, "ClientToken", &id);
    shown(call, &id)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplates.html>
pub(super) fn describe_launch_templates(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&["create-time", "launch-template-name"])?;
    let (ids, names) = (input.texts("LaunchTemplateIds"), input.texts("LaunchTemplateNames"));
    let state = &call.home().ec2;
    if let Some(missing) = ids.iter().find(|id| !state.launch_templates.contains(id)) {
        return Err(Kind::LaunchTemplate.missing(missing));
    }
    if let Some(missing) =
        names.iter().find(|name| !state.launch_templates.values().any(|t| t.name == **name))
    {
        return Err(no_name(missing));
    }
    let rows = state
        .launch_templates
        .iter()
        .filter(|(id, _)| ids.is_empty() || ids.iter().any(|wanted| wanted == id))
        .filter(|(_, template)| names.is_empty() || names.contains(&template.name))
        .filter(|(id, template)| {
            filters.pass_with(state.tags.get(id), |name| match name {
                "create-time" => vec![template.created.iso()],
                _ => vec![template.name.clone()],
            })
        })
        .map(|(id, template)| (id.to_owned(), show(call, id, template)))
        .collect();
    Ok(call.page(input, PageRules { min: 1, max: 200, ..PageRules::EC2 }, rows)?.into())
}

/// Only the default version can be modified.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLaunchTemplate.html>
pub(super) fn modify_launch_template(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = find(call, input)?;
    if call.replayed(input, "ClientToken", "IdempotentParameterMismatch")?.is_some() {
        return shown(call, &id);
    }
    let asked = input.need("DefaultVersion")?.to_owned();
    let Some(template) = call.home_mut().ec2.launch_templates.get_mut(&id) else {
        return Err(Kind::LaunchTemplate.missing(&id));
    };
    template.default_version = template.version(&asked)?.number;
    call.remember(input, "ClientToken", &id);
    shown(call, &id)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html>
pub(super) fn delete_launch_template(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = find(call, input)?;
    let answer = shown(call, &id)?;
    let state = &mut call.home_mut().ec2;
    state.launch_templates.remove(&id);
    state.tags.remove(&id);
    Ok(answer)
}
