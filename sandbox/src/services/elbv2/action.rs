//! What listeners and rules do with a request.

use serde_json::{Value, json};

use super::balancer::{Balancer, Kind};
use super::target_group;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// The target groups that actions forward to.
pub(super) fn forwards(actions: &Value) -> Vec<&str> {
    let actions = actions.as_array().into_iter().flatten();
    actions
        .flat_map(|action| action["ForwardConfig"]["TargetGroups"].as_array().into_iter().flatten())
        .filter_map(|tuple| tuple["TargetGroupArn"].as_str())
        .collect()
}

/// Reads actions and checks them; a forward shows its target group both ways, as AWS answers it.
///
/// # Errors
/// `TargetGroupNotFound`, `IncompatibleProtocols`, `InvalidLoadBalancerAction`, `TargetGroupAssociationLimit`.
pub(super) fn read(
    call: &Call<'_>,
    entries: &[Input],
    (balancer_arn, balancer): (&str, &Balancer),
    protocol: &str,
) -> Result<Value, Failure> {
    let mut actions = Vec::new();
    for entry in entries {
        let mut action = match entry.str("Type") {
            "forward" => forward(entry)?,
            "redirect" | "fixed-response" if balancer.kind == Kind::Network => {
                let text = "Only forward actions are allowed for network load balancers";
                return Err(Failure::new("InvalidLoadBalancerAction", text));
            }
            "redirect" => json!({ "Type": "redirect", "RedirectConfig": entry.tree("RedirectConfig") }),
            "fixed-response" => {
                json!({ "Type": "fixed-response", "FixedResponseConfig": entry.tree("FixedResponseConfig") })
            }
            other => return Err(Failure::unmodelled(format!("the action {other}"))),
        };
        if let Some(order) = entry.integer("Order") {
            action["Order"] = order.into();
        }
        actions.push(action);
    }
    let actions = Value::from(actions);
    for arn in forwards(&actions) {
        let group = target_group::find(call, arn)?;
        let fits = match protocol {
            "HTTP" | "HTTPS" => group.is_http(),
            "TLS" => matches!(group.protocol.as_str(), "TCP" | "TLS"),
            other => group.protocol == other || group.protocol == "TCP_UDP",
        };
        if !fits {
            let text = format!(
                "The protocol {} of target group {arn} does not fit a listener of {protocol}",
                group.protocol
            );
            return Err(Failure::new("IncompatibleProtocols", text));
        }
        if group.vpc != balancer.vpc {
            let text = format!("Target group {arn} is in another VPC than the load balancer");
            return Err(Failure::new("InvalidConfigurationRequest", text));
        }
        if call.home().elbv2.balancers_of(arn).iter().any(|other| other != balancer_arn) {
            let text = "The following target groups cannot be associated with more than one load balancer: ";
            return Err(Failure::new("TargetGroupAssociationLimit", format!("{text}{arn}")));
        }
    }
    Ok(actions)
}

fn forward(entry: &Input) -> Result<Value, Failure> {
    let config = entry.get("ForwardConfig");
    let groups: Vec<Value> = match (entry.text("TargetGroupArn"), config) {
        (_, Some(config)) if config.has("TargetGroups") => config
            .list("TargetGroups")
            .iter()
            .map(|tuple| {
                json!({ "TargetGroupArn": tuple.str("TargetGroupArn"), "Weight": tuple.integer("Weight").unwrap_or(1) })
            })
            .collect(),
        (Some(arn), _) => vec![json!({ "TargetGroupArn": arn, "Weight": 1 })],
        _ => Vec::new(),
    };
    if groups.is_empty() || groups.len() > 5 {
        return Err(Failure::new("ValidationError", "A forward action needs one to five target groups"));
    }
    let stickiness = config.and_then(|config| config.tree("TargetGroupStickinessConfig"));
    let alone = (groups.len() == 1).then(|| groups[0]["TargetGroupArn"].clone());
    Ok(json!({
        "Type": "forward", "TargetGroupArn": alone,
        "ForwardConfig": {
            "TargetGroups": groups,
            "TargetGroupStickinessConfig": stickiness.unwrap_or_else(|| json!({ "Enabled": false })),
        },
    }))
}
