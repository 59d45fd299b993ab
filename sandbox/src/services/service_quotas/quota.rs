//! Quotas.

use serde_json::{Value, json};

use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules};

/// Service, code, name, default, whether it can be raised.
/// <https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html>
const QUOTAS: [(&str, &str, &str, u32, bool); 23] = [
    ("autoscaling", "L-CDE20ADC", "Auto Scaling groups per region", 500, true),
    ("autoscaling", "L-6B80B8FA", "Launch configurations per region", 200, true),
    ("ebs", "L-7A658B76", "Storage for General Purpose SSD (gp3) volumes, in TiB", 50, true),
    ("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5, true),
    ("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, true),
    ("ec2", "L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 5, true),
    ("ecr", "L-CFEB8E8D", "Registered repositories", 100_000, true),
    ("ecr", "L-03A36CE1", "Images per repository", 100_000, true),
    ("eks", "L-1194D53C", "Clusters", 100, true),
    ("eks", "L-6D54EA21", "Managed node groups per cluster", 30, true),
    ("eks", "L-BD136A63", "Nodes per managed node group", 450, true),
    ("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50, true),
    ("elasticloadbalancing", "L-69A177A2", "Network Load Balancers per Region", 50, true),
    ("iam", "L-FE177D64", "Roles per account", 1000, true),
    ("iam", "L-858F3967", "OpenId connect providers per account", 100, false),
    ("route53", "L-4EA4796A", "Hosted zones", 500, true),
    ("vpc", "L-F678F1CE", "VPCs per Region", 5, true),
    ("vpc", "L-407747CB", "Subnets per VPC", 200, true),
    ("vpc", "L-0EA8095F", "Inbound or outbound rules per security group", 60, true),
    ("vpc", "L-93826ACB", "Routes per route table", 500, true),
    ("vpc", "L-A4707A72", "Internet gateways per Region", 5, true),
    ("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 5, true),
    ("vpc", "L-DF5E4CA3", "Network interfaces per Region", 5000, true),
];

/// The name of a service.
fn service_name(code: &str) -> &'static str {
    match code {
        "autoscaling" => "Amazon EC2 Auto Scaling",
        "ebs" => "Amazon Elastic Block Store (Amazon EBS)",
        "ec2" => "Amazon Elastic Compute Cloud (Amazon EC2)",
        "ecr" => "Amazon Elastic Container Registry (Amazon ECR)",
        "eks" => "Amazon Elastic Kubernetes Service (Amazon EKS)",
        "elasticloadbalancing" => "Elastic Load Balancing (ELB)",
        "iam" => "AWS Identity and Access Management (IAM)",
        "route53" => "Amazon Route 53",
        _ => "Amazon Virtual Private Cloud (Amazon VPC)",
    }
}

fn show(
    call: &Call<'_>,
    (service, code, name, default, adjustable): &(&str, &str, &str, u32, bool),
    raised: bool,
) -> Value {
    let value = call.home().ec2.quotas.get(*code).filter(|_| raised).unwrap_or(default);
    let global = ["iam", "route53"].contains(service);
    json!({
        "ServiceCode": service, "ServiceName": service_name(service), "QuotaCode": code, "QuotaName": name,
        "QuotaArn": call.arn("servicequotas", &format!("{service}/{code}")), "Value": value, "Unit": "None",
        "Adjustable": adjustable, "GlobalQuota": global,
        "QuotaAppliedAtLevel": "ACCOUNT",
    })
}

fn one(call: &Call<'_>, input: &Input, raised: bool) -> Outcome {
    let (service, code) = (input.str("ServiceCode"), input.str("QuotaCode"));
    let found = QUOTAS.iter().find(|(of, known, ..)| *of == service && *known == code);
    let Some(quota) = found else {
        let text =
            format!("The request failed because the specified quota {code} of {service} does not exist.");
        return Err(Failure::new("NoSuchResourceException", text));
    };
    Ok(json!({ "Quota": show(call, quota, raised) }).into())
}

fn many(call: &Call<'_>, input: &Input, raised: bool) -> Outcome {
    let service = input.str("ServiceCode");
    let code = if raised { input.text("QuotaCode") } else { None };
    if raised {
        input.only("QuotaAppliedAtLevel", "ACCOUNT")?;
    }
    if !QUOTAS.iter().any(|(of, ..)| *of == service) {
        let text = format!("The request failed because the specified service {service} does not exist.");
        return Err(Failure::new("NoSuchResourceException", text));
    }
    let rows = QUOTAS
        .iter()
        .filter(|(of, known, ..)| *of == service && code.is_none_or(|code| code == *known))
        .map(|quota| (quota.1.to_owned(), show(call, quota, raised)));
    Ok(call.page(input, RULES, sorted(rows.collect()))?.into())
}

/// How Service Quotas pages.
const RULES: PageRules = PageRules {
    default: Some(100),
    min: 1,
    max: 100,
    strict: None,
    bad_token: "InvalidPaginationTokenException",
};

fn sorted(mut rows: Vec<(String, Value)>) -> Vec<(String, Value)> {
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html>
pub(super) fn get(call: &mut Call<'_>, input: &Input) -> Outcome {
    one(call, input, true)
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetAWSDefaultServiceQuota.html>
pub(super) fn get_default(call: &mut Call<'_>, input: &Input) -> Outcome {
    one(call, input, false)
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html>
pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Outcome {
    many(call, input, true)
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListAWSDefaultServiceQuotas.html>
pub(super) fn list_default(call: &mut Call<'_>, input: &Input) -> Outcome {
    many(call, input, false)
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServices.html>
pub(super) fn list_services(call: &mut Call<'_>, input: &Input) -> Outcome {
    let mut codes: Vec<&str> = QUOTAS.iter().map(|(code, ..)| *code).collect();
    codes.dedup();
    let rows = codes
        .iter()
        .map(|code| ((*code).to_owned(), json!({ "ServiceCode": code, "ServiceName": service_name(code) })));
    Ok(call.page(input, RULES, sorted(rows.collect()))?.into())
}
