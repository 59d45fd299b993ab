//! Attributes of classic load balancers.

use serde_json::{Value, json};

use super::balancer::{self, Balancer};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

fn show(row: &Balancer) -> Value {
    let own = |name: &str, usual: Value| row.attributes.get(name).cloned().unwrap_or(usual);
    let desync = json!([{ "Key": "elb.http.desyncmitigationmode", "Value": "defensive" }]);
    json!({
        "CrossZoneLoadBalancing": own("CrossZoneLoadBalancing", json!({ "Enabled": false })),
        "AccessLog": own("AccessLog", json!({ "Enabled": false })),
        "ConnectionDraining": own("ConnectionDraining", json!({ "Enabled": false, "Timeout": 300 })),
        "ConnectionSettings": own("ConnectionSettings", json!({ "IdleTimeout": 60 })),
        "AdditionalAttributes": own("AdditionalAttributes", desync),
    })
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancerAttributes.html>
pub(super) fn describe(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = balancer::find(call, input.str("LoadBalancerName"))?;
    Ok(json!({ "LoadBalancerAttributes": show(row) }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_ModifyLoadBalancerAttributes.html>
pub(super) fn modify(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("LoadBalancerName").to_owned();
    let Some(wanted) = input.tree("LoadBalancerAttributes") else {
        return Err(Failure::new("ValidationError", "LoadBalancerAttributes must be specified"));
    };
    let row = balancer::find_mut(call, &name)?;
    for (part, value) in wanted.as_object().into_iter().flatten() {
        row.attributes.insert(part.clone(), value.clone());
    }
    Ok(json!({ "LoadBalancerName": name, "LoadBalancerAttributes": show(row) }).into())
}
