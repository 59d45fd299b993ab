//! The launch template of a node group: the one that it is given, and the one that it makes of it.

use serde_json::{Value, json};

use super::refuse::{invalid_parameter, invalid_request};
use crate::services::ec2::{by_id_or_name, requester};
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// A launch template of the user: id, name, version and what it says.
pub(super) struct Template {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) data: Value,
}

impl Template {
    /// The image, if the template has one: then the node group is of a custom image.
    pub(super) fn image(&self) -> Option<&str> {
        self.data.get("ImageId").and_then(Value::as_str)
    }

    /// The instance type, if the template has one.
    pub(super) fn instance_type(&self) -> Option<&str> {
        self.data.get("InstanceType").and_then(Value::as_str)
    }
}

/// Reads the launch template of a request; the version is its default one unless given.
///
/// # Errors
/// `InvalidParameterException` for one that is not there.
pub(super) fn read(call: &Call<'_>, input: &Input) -> Result<Option<Template>, Failure> {
    let Some(wanted) = input.get("launchTemplate") else { return Ok(None) };
    let (id, name) = (wanted.text("id"), wanted.text("name"));
    let refused = |failure: Failure| invalid_parameter(failure.message);
    let state = &call.home().ec2;
    let id = by_id_or_name(state, id, name).map_err(refused)?;
    let Some(template) = state.launch_templates.get(&id) else {
        return Err(invalid_parameter(format!("Launch template {id} was not found.")));
    };
    let version = template.version(wanted.text("version").unwrap_or("$Default")).map_err(refused)?;
    check(&version.data)?;
    let version = version.number.to_string();
    let data = template.version(&version).map_err(refused)?.data.clone();
    Ok(Some(Template { id, name: template.name.clone(), version, data }))
}

/// What a template for nodes may not say:
/// <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-basics>
fn check(data: &Value) -> Result<(), Failure> {
    for prohibited in ["IamInstanceProfile", "HibernationOptions", "InstanceMarketOptions"] {
        if data.get(prohibited).is_some() {
            return Err(invalid_request(format!(
                "{prohibited} must not be specified in the launch template."
            )));
        }
    }
    let subnet = |interface: &Value| interface.get("SubnetId").is_some();
    let interfaces = data.get("NetworkInterfaces").and_then(Value::as_array);
    if interfaces.is_some_and(|interfaces| interfaces.iter().any(subnet)) {
        return Err(invalid_request("Subnets must not be specified in the launch template."));
    }
    Ok(())
}

/// Makes the template from which the nodes are really launched: the user's, completed by EKS.
pub(super) fn make_own(
    call: &mut Call<'_>,
    name: &str,
    base: Value,
    (cluster, group): (&str, &str),
) -> String {
    let tags = Tags::from([
        ("eks:cluster-name".to_owned(), cluster.to_owned()),
        ("eks:nodegroup-name".to_owned(), group.to_owned()),
    ]);
    call.within("ec2", |call| requester::make_template(call, name, base, tags))
}

/// What EKS completes a template with.
pub(super) fn completed(base: Option<Value>, image: &str, kind: &str, disk: Option<i64>) -> Value {
    let mut data = base.unwrap_or_else(|| json!({}));
    let set = |data: &mut Value, key: &str, value: Value| {
        if data.get(key).is_none() {
            data[key] = value;
        }
    };
    set(&mut data, "ImageId", image.into());
    set(&mut data, "InstanceType", kind.into());
    if let Some(disk) = disk {
        let mapping = json!({
            "DeviceName": "/dev/xvda", "Ebs": { "VolumeSize": disk, "VolumeType": "gp3", "DeleteOnTermination": true },
        });
        set(&mut data, "BlockDeviceMappings", json!([mapping]));
    }
    data
}
