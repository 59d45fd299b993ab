//! The switches of a VPC.

use serde_json::json;

use super::kind::Kind;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// AWS takes one attribute a call.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html>
pub(super) fn modify_vpc_attribute(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("VpcId").to_owned();
    let switch = |name: &str| input.get(name).and_then(|value| value.flag("Value"));
    let wanted = [
        switch("EnableDnsSupport"),
        switch("EnableDnsHostnames"),
        switch("EnableNetworkAddressUsageMetrics"),
    ];
    if wanted.iter().flatten().count() != 1 {
        let text = "Only one attribute can be modified at a time";
        return Err(Failure::new("InvalidParameterCombination", text));
    }
    let Some(vpc) = call.home_mut().ec2.vpcs.get_mut(&id) else { return Err(Kind::Vpc.missing(&id)) };
    let [support, hostnames, metrics] = wanted;
    vpc.dns_support = support.unwrap_or(vpc.dns_support);
    vpc.dns_hostnames = hostnames.unwrap_or(vpc.dns_hostnames);
    vpc.usage_metrics = metrics.unwrap_or(vpc.usage_metrics);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html>
pub(super) fn describe_vpc_attribute(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("VpcId");
    let Some(vpc) = call.home().ec2.vpcs.get(id) else { return Err(Kind::Vpc.missing(id)) };
    let (name, value) = match input.str("Attribute") {
        "enableDnsSupport" => ("EnableDnsSupport", vpc.dns_support),
        "enableDnsHostnames" => ("EnableDnsHostnames", vpc.dns_hostnames),
        _ => ("EnableNetworkAddressUsageMetrics", vpc.usage_metrics),
    };
    Ok(json!({ "VpcId": id, name: { "Value": value } }).into())
}
