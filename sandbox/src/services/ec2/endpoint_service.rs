//! The services that have VPC endpoints.

use serde_json::{Value, json};

use super::zone;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters, PageRules};

/// Services with interface endpoints that a cluster needs when it has no way out, and those near them.
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>
const INTERFACE: [&str; 24] = [
    "acm-pca",
    "application-autoscaling",
    "autoscaling",
    "cloudformation",
    "ebs",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticfilesystem",
    "elasticloadbalancing",
    "events",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "s3",
    "secretsmanager",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
];
/// Services with gateway endpoints.
const GATEWAY: [&str; 2] = ["dynamodb", "s3"];

/// `ecr.api` of `com.amazonaws.eu-west-1.ecr.api`.
pub(super) fn short_name<'s>(region: &str, service: &'s str) -> Option<&'s str> {
    service.strip_prefix("com.amazonaws.")?.strip_prefix(region)?.strip_prefix('.')
}

/// The public name that a private one shadows: `api.ecr.eu-west-1.amazonaws.com`.
pub(super) fn private_name(region: &str, short: &str) -> String {
    match short {
        "ecr.api" => format!("api.ecr.{region}.amazonaws.com"),
        "ecr.dkr" => format!("*.dkr.ecr.{region}.amazonaws.com"),
        other => format!("{other}.{region}.amazonaws.com"),
    }
}

/// Refuses a service that has no endpoints of this kind.
pub(super) fn require(call: &Call<'_>, service: &str, gateway: bool) -> Result<(), Failure> {
    let known: &[&str] = if gateway { &GATEWAY } else { &INTERFACE };
    match short_name(&call.region, service) {
        Some(short) if known.contains(&short) => Ok(()),
        Some(short) if GATEWAY.contains(&short) || INTERFACE.contains(&short) => {
            let wanted = if gateway { "Gateway" } else { "Interface" };
            let text = format!("The service {service} does not support endpoints of type {wanted}");
            Err(Failure::new("InvalidParameter", text))
        }
        _ => {
            let text = format!("The Vpc Endpoint Service '{service}' does not exist");
            Err(Failure::new("InvalidServiceName", text))
        }
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html>
pub(super) fn describe_vpc_endpoint_services(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&[
        "owner",
        "service-name",
        "service-region",
        "service-type",
        "supported-ip-address-types",
    ])?;
    let wanted = input.texts("ServiceNames");
    let region = call.region.clone();
    let zones: Vec<String> = zone::names(&region);
    let mut rows: Vec<(String, Value)> = Vec::new();
    for (short, kind) in
        INTERFACE.iter().map(|name| (name, "Interface")).chain(GATEWAY.iter().map(|name| (name, "Gateway")))
    {
        let name = format!("com.amazonaws.{region}.{short}");
        let passes = filters.pass_with(None, |filter| {
            let value = match filter {
                "owner" => "amazon",
                "service-name" => &name,
                "service-region" => &region,
                "service-type" => kind,
                _ => "ipv4",
            };
            vec![value.to_owned()]
        });
        if passes && (wanted.is_empty() || wanted.contains(&name)) {
            let row = json!({
                "ServiceName": name, "ServiceId": format!("vpce-svc-{:017x}", rows.len() + 1),
                "ServiceType": [{ "ServiceType": kind }], "ServiceRegion": region, "AvailabilityZones": zones,
                "Owner": "amazon", "AcceptanceRequired": false, "ManagesVpcEndpoints": false,
                "VpcEndpointPolicySupported": true, "SupportedIpAddressTypes": ["ipv4"],
                "BaseEndpointDnsNames": [format!("{short}.{region}.vpce.amazonaws.com")],
                "PrivateDnsName": (kind == "Interface").then(|| private_name(&region, short)), "Tags": [],
            });
            rows.push((format!("{name}/{kind}"), row));
        }
    }
    if let Some(missing) =
        wanted.iter().find(|name| !rows.iter().any(|(_, row)| row["ServiceName"] == **name))
    {
        let text = format!("The Vpc Endpoint Service '{missing}' does not exist");
        return Err(Failure::new("InvalidServiceName", text));
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let names: Vec<Value> = rows.iter().map(|(_, row)| row["ServiceName"].clone()).collect();
    let rules = PageRules { min: 1, ..PageRules::EC2 };
    let mut page = call.page(input, rules, rows)?;
    page["ServiceNames"] = names.into();
    Ok(page.into())
}
