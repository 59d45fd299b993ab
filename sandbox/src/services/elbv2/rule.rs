//! Rules of the listeners of application load balancers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::balancer::{self, Kind, PAGES};
use super::{action, listener, tag};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// ARN of its listener.
    pub listener: String,
    /// Its place among the rules: the lowest is tried first.
    pub priority: i64,
    /// When it holds, as it came.
    pub conditions: Value,
    /// What it does, as AWS answers it.
    pub actions: Value,
}

impl Rule {
    /// True when it forwards to a target group.
    pub fn forwards_to(&self, group: &str) -> bool {
        action::forwards(&self.actions).contains(&group)
    }
}

fn missing(arn: &str) -> Failure {
    Failure::new("RuleNotFound", format!("One or more rules not found: '{arn}'"))
}

fn show(arn: &str, row: &Rule) -> Value {
    json!({
        "RuleArn": arn, "Priority": row.priority.to_string(), "Conditions": row.conditions, "Actions": row.actions,
        "IsDefault": false,
    })
}

/// The rule that every listener has: its default actions.
fn default_rule(listener: &str, row: &listener::Listener) -> (String, Value) {
    let arn = listener.replace(":listener/", ":listener-rule/") + "/0000000000000000";
    let shown = json!({
        "RuleArn": arn, "Priority": "default", "Conditions": [], "Actions": row.actions, "IsDefault": true,
    });
    (arn, shown)
}

fn conditions(input: &Input) -> Result<Value, Failure> {
    let all = input.tree("Conditions").unwrap_or_else(|| json!([]));
    let known =
        ["host-header", "http-header", "http-request-method", "path-pattern", "query-string", "source-ip"];
    let fields =
        all.as_array().into_iter().flatten().map(|condition| condition["Field"].as_str().unwrap_or_default());
    for field in fields {
        if !known.contains(&field) {
            return Err(Failure::new(
                "ValidationError",
                format!("Condition field '{field}' must be one of '{known:?}'"),
            ));
        }
    }
    Ok(all)
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>
pub(super) fn create_rule(call: &mut Call<'_>, input: &Input) -> Outcome {
    let listener_arn = input.str("ListenerArn").to_owned();
    let listener = listener::find(call, &listener_arn)?.clone();
    let balancer = balancer::find(call, &listener.balancer)?.clone();
    if balancer.kind == Kind::Network {
        let text = "Rules are not supported for network load balancers";
        return Err(Failure::new("InvalidConfigurationRequest", text));
    }
    let priority = input.integer("Priority").unwrap_or(0);
    if !(1..=50_000).contains(&priority) {
        return Err(Failure::new("ValidationError", "The priority must be between '1' and '50000'"));
    }
    let same = |rule: &Rule| rule.listener == listener_arn && rule.priority == priority;
    if call.home().elbv2.rules.values().any(same) {
        return Err(Failure::new("PriorityInUse", format!("Priority '{priority}' is currently in use")));
    }
    let owner = (listener.balancer.as_str(), &balancer);
    let actions = action::read(call, input.list("Actions"), owner, &listener.protocol)?;
    let row = Rule { listener: listener_arn.clone(), priority, conditions: conditions(input)?, actions };
    let tags = tag::read(input)?;
    let id = call.world_mut().dice.hex(16);
    let arn = format!("{}/{id}", listener_arn.replace(":listener/", ":listener-rule/"));
    let shown = show(&arn, &row);
    call.home_mut().elbv2.rules.insert(&arn, row);
    tag::attach(call, &arn, tags);
    Ok(json!({ "Rules": [shown] }).into())
}

/// Rules in the order of their priorities, the default one last.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html>
pub(super) fn describe_rules(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (of, arns) = (input.text("ListenerArn"), input.texts("RuleArns"));
    let state = &call.home().elbv2;
    let mut rows: Vec<(String, Value)> = Vec::new();
    for (arn, row) in state.rules.iter() {
        if of.is_none_or(|of| of == row.listener) {
            rows.push((format!("{:06}/{arn}", row.priority), show(arn, row)));
        }
    }
    for (arn, row) in state.listeners.iter().filter(|(arn, _)| of.is_none_or(|of| of == *arn)) {
        let (arn, shown) = default_rule(arn, row);
        rows.push((format!("default/{arn}"), shown));
    }
    if let Some(of) = of {
        listener::find(call, of)?;
    } else if arns.is_empty() {
        return Err(Failure::new("ValidationError", "You must specify either listener ARN or rule ARNs"));
    }
    let named = |row: &Value| arns.is_empty() || arns.iter().any(|arn| row["RuleArn"] == arn.as_str());
    if let Some(gone) = arns.iter().find(|arn| !rows.iter().any(|(_, row)| row["RuleArn"] == arn.as_str())) {
        return Err(missing(gone));
    }
    rows.retain(|(_, row)| named(row));
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html>
pub(super) fn modify_rule(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("RuleArn").to_owned();
    let mut row = call.home().elbv2.rules.get(&arn).cloned().ok_or_else(|| missing(&arn))?;
    if input.has("Conditions") {
        row.conditions = conditions(input)?;
    }
    if input.has("Actions") {
        let listener = listener::find(call, &row.listener)?.clone();
        let balancer = balancer::find(call, &listener.balancer)?.clone();
        let owner = (listener.balancer.as_str(), &balancer);
        row.actions = action::read(call, input.list("Actions"), owner, &listener.protocol)?;
    }
    let shown = show(&arn, &row);
    call.home_mut().elbv2.rules.insert(&arn, row);
    Ok(json!({ "Rules": [shown] }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html>
pub(super) fn delete_rule(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("RuleArn");
    if arn.ends_with("/0000000000000000") {
        let text = format!("Default rule '{arn}' cannot be deleted");
        return Err(Failure::new("OperationNotPermitted", text));
    }
    let state = &mut call.home_mut().elbv2;
    state.rules.remove(arn).ok_or_else(|| missing(arn))?;
    state.tags.remove(arn);
    Ok(Answer::empty())
}
