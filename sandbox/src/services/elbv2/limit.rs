//! Quotas and TLS policies.

use serde_json::{Value, json};

use super::balancer::{BALANCERS, PAGES};
use super::target_group::GROUPS;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Names and protocols of the policies that people use.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>
const POLICIES: [(&str, &[&str]); 6] = [
    ("ELBSecurityPolicy-2016-08", &["TLSv1", "TLSv1.1", "TLSv1.2"]),
    ("ELBSecurityPolicy-FS-1-2-Res-2020-10", &["TLSv1.2"]),
    ("ELBSecurityPolicy-TLS-1-2-2017-01", &["TLSv1.2"]),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", &["TLSv1.2", "TLSv1.3"]),
    ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", &["TLSv1.2", "TLSv1.3"]),
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", &["TLSv1.3"]),
];

/// True when there is a TLS policy of this name.
pub(super) fn is_policy(name: &str) -> bool {
    POLICIES.iter().any(|(known, _)| *known == name)
}

/// Without the ciphers: nothing here speaks TLS.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeSSLPolicies.html>
pub(super) fn describe_ssl_policies(call: &mut Call<'_>, input: &Input) -> Outcome {
    let names = input.texts("Names");
    let _ = input.text("LoadBalancerType");
    if let Some(name) = names.iter().find(|name| !is_policy(name)) {
        return Err(Failure::new("SSLPolicyNotFound", format!("SSL policy '{name}' not found")));
    }
    let rows: Vec<(String, Value)> = POLICIES
        .iter()
        .filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name))
        .map(|(name, protocols)| {
            let row = json!({
                "Name": name, "SslProtocols": protocols, "SupportedLoadBalancerTypes": ["application", "network"],
            });
            ((*name).to_owned(), row)
        })
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeAccountLimits.html>
pub(super) fn describe_account_limits(call: &mut Call<'_>, input: &Input) -> Outcome {
    let limits = [
        ("application-load-balancers", BALANCERS),
        ("listeners-per-application-load-balancer", 50),
        ("listeners-per-network-load-balancer", 50),
        ("network-load-balancers", BALANCERS),
        ("rules-per-application-load-balancer", 100),
        ("target-groups", GROUPS),
        ("targets-per-application-load-balancer", 1000),
        ("targets-per-network-load-balancer", 3000),
    ];
    let rows: Vec<(String, Value)> = limits
        .iter()
        .map(|(name, max)| ((*name).to_owned(), json!({ "Name": name, "Max": max.to_string() })))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}
