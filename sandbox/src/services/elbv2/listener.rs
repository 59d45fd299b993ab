//! Listeners.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::balancer::{self, Balancer, Kind, PAGES};
use super::{action, tag};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Listeners of a load balancer.
const LISTENERS: usize = 50;

/// The policy of a listener with TLS that does not say.
const POLICY: &str = "ELBSecurityPolicy-2016-08";

/// A listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// ARN of its load balancer.
    pub balancer: String,
    /// Where it listens.
    pub port: i64,
    /// Its protocol.
    pub protocol: String,
    /// ARN of its certificate.
    pub certificate: Option<String>,
    /// Its TLS policy.
    pub policy: Option<String>,
    /// Its ALPN policy.
    pub alpn: Option<String>,
    /// What it does, as AWS answers it.
    pub actions: Value,
    /// Its attributes that differ from their defaults.
    pub attributes: BTreeMap<String, String>,
}

impl Listener {
    /// True when it forwards to a target group.
    pub fn forwards_to(&self, group: &str) -> bool {
        action::forwards(&self.actions).contains(&group)
    }
}

fn missing(arn: &str) -> Failure {
    Failure::new("ListenerNotFound", format!("Listener '{arn}' not found"))
}

/// The listener with this ARN.
pub(super) fn find<'c>(call: &'c Call<'_>, arn: &str) -> Result<&'c Listener, Failure> {
    call.home().elbv2.listeners.get(arn).ok_or_else(|| missing(arn))
}

/// The listener with this ARN, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, arn: &str) -> Result<&'c mut Listener, Failure> {
    call.home_mut().elbv2.listeners.get_mut(arn).ok_or_else(|| missing(arn))
}

fn show(arn: &str, row: &Listener) -> Value {
    let certificates = row.certificate.as_ref().map(|arn| json!([{ "CertificateArn": arn }]));
    json!({
        "ListenerArn": arn, "LoadBalancerArn": row.balancer, "Port": row.port, "Protocol": row.protocol,
        "Certificates": certificates, "SslPolicy": row.policy, "DefaultActions": row.actions,
        "AlpnPolicy": row.alpn.as_ref().map(|policy| json!([policy])),
    })
}

fn check_protocol(protocol: &str, kind: Kind) -> Result<(), Failure> {
    let fits = match kind {
        Kind::Network => ["TCP", "TLS", "UDP", "TCP_UDP"].contains(&protocol),
        Kind::Application => ["HTTP", "HTTPS"].contains(&protocol),
    };
    if fits {
        return Ok(());
    }
    let text = format!("Protocol '{protocol}' is not supported by {} load balancers", kind.name());
    Err(Failure::new("UnsupportedProtocol", text))
}

/// Certificate, TLS policy and ALPN policy of a request.
fn tls(
    input: &Input,
    protocol: &str,
    before: Option<&Listener>,
) -> Result<(Option<String>, Option<String>), Failure> {
    let certificates = input.list("Certificates");
    let certificate = certificates.first().and_then(|entry| entry.text("CertificateArn")).map(str::to_owned);
    let certificate = certificate.or_else(|| before?.certificate.clone());
    if !["HTTPS", "TLS"].contains(&protocol) {
        return Ok((None, None));
    }
    if certificate.is_none() {
        let text = format!("A certificate must be specified for {protocol} listeners");
        return Err(Failure::new("ValidationError", text));
    }
    let policy = input.text("SslPolicy").map(str::to_owned).or_else(|| before?.policy.clone());
    let policy = policy.unwrap_or_else(|| POLICY.to_owned());
    if !super::limit::is_policy(&policy) {
        return Err(Failure::new("SSLPolicyNotFound", format!("SSL policy '{policy}' not found")));
    }
    Ok((certificate, Some(policy)))
}

/// A second create of the same port with the same settings is no error.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html>
pub(super) fn create_listener(call: &mut Call<'_>, input: &Input) -> Outcome {
    let balancer_arn = input.str("LoadBalancerArn").to_owned();
    let balancer: Balancer = balancer::find(call, &balancer_arn)?.clone();
    let needed = |name: &str| Failure::new("ValidationError", format!("A listener {name} must be specified"));
    let protocol = input.text("Protocol").ok_or_else(|| needed("protocol"))?.to_owned();
    let port = input.integer("Port").ok_or_else(|| needed("port"))?;
    check_protocol(&protocol, balancer.kind)?;
    let (certificate, policy) = tls(input, &protocol, None)?;
    let actions = action::read(call, input.list("DefaultActions"), (&balancer_arn, &balancer), &protocol)?;
    let alpn = input.texts("AlpnPolicy").into_iter().next();
    let attributes = BTreeMap::new();
    let balancer_name = balancer_arn.clone();
    let row =
        Listener { balancer: balancer_name, port, protocol, certificate, policy, alpn, actions, attributes };
    let tags = tag::read(input)?;
    let mine = call.home().elbv2.listeners.iter().filter(|(_, other)| other.balancer == balancer_arn);
    let mine: Vec<(&str, &Listener)> = mine.collect();
    if let Some((arn, old)) = mine.iter().find(|(_, old)| old.port == port) {
        if (Listener { attributes: BTreeMap::new(), ..(*old).clone() }) == row {
            return Ok(json!({ "Listeners": [show(arn, old)] }).into());
        }
        let text = "A listener already exists on this port for this load balancer";
        return Err(Failure::new("DuplicateListener", format!("{text} '{balancer_arn}'")));
    }
    if mine.len() >= LISTENERS {
        return Err(Failure::new(
            "TooManyListeners",
            format!("The maximum number of listeners is {LISTENERS}"),
        ));
    }
    let id = call.world_mut().dice.hex(16);
    let path = format!("listener/{}/{}/{}/{id}", balancer.kind.path(), balancer.name, balancer.id);
    let arn = call.arn("elasticloadbalancing", &path);
    let shown = show(&arn, &row);
    call.home_mut().elbv2.listeners.insert(&arn, row);
    tag::attach(call, &arn, tags);
    Ok(json!({ "Listeners": [shown] }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html>
pub(super) fn describe_listeners(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (of, arns) = (input.text("LoadBalancerArn"), input.texts("ListenerArns"));
    if let Some(arn) = of {
        balancer::find(call, arn)?;
    } else if arns.is_empty() {
        let text = "You must specify either listener ARNs or a load balancer ARN";
        return Err(Failure::new("ValidationError", text));
    }
    for arn in &arns {
        find(call, arn)?;
    }
    let rows = call.home().elbv2.listeners.iter();
    let rows = rows
        .filter(|(_, row)| of.is_none_or(|of| of == row.balancer))
        .filter(|(arn, _)| arns.is_empty() || arns.iter().any(|wanted| wanted == arn))
        .map(|(arn, row)| (arn.to_owned(), show(arn, row)))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html>
pub(super) fn modify_listener(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("ListenerArn").to_owned();
    let before = find(call, &arn)?.clone();
    let balancer = balancer::find(call, &before.balancer)?.clone();
    let protocol = input.text("Protocol").unwrap_or(&before.protocol).to_owned();
    check_protocol(&protocol, balancer.kind)?;
    let port = input.integer("Port").unwrap_or(before.port);
    let (certificate, policy) = tls(input, &protocol, Some(&before))?;
    let actions = match input.list("DefaultActions") {
        [] => before.actions.clone(),
        entries => action::read(call, entries, (&before.balancer, &balancer), &protocol)?,
    };
    let alpn = input.texts("AlpnPolicy").into_iter().next().or(before.alpn.clone());
    let same =
        |(other, row): (&str, &Listener)| other != arn && row.balancer == before.balancer && row.port == port;
    if call.home().elbv2.listeners.iter().any(same) {
        let text = "A listener already exists on this port for this load balancer";
        return Err(Failure::new("DuplicateListener", text));
    }
    let after = Listener { port, protocol, certificate, policy, alpn, actions, ..before };
    let shown = show(&arn, &after);
    call.home_mut().elbv2.listeners.insert(&arn, after);
    Ok(json!({ "Listeners": [shown] }).into())
}

/// Removes a listener with its rules.
pub(super) fn remove(call: &mut Call<'_>, arn: &str) {
    let state = &mut call.home_mut().elbv2;
    let rules: Vec<String> =
        state.rules.iter().filter(|(_, row)| row.listener == arn).map(|(rule, _)| rule.to_owned()).collect();
    for rule in rules {
        state.rules.remove(&rule);
        state.tags.remove(&rule);
    }
    state.listeners.remove(arn);
    state.tags.remove(arn);
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteListener.html>
pub(super) fn delete_listener(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("ListenerArn");
    find(call, arn)?;
    remove(call, arn);
    Ok(Answer::empty())
}

/// The one certificate that a listener has.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html>
pub(super) fn describe_listener_certificates(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = find(call, input.str("ListenerArn"))?;
    let one = |arn: &String| (arn.clone(), json!({ "CertificateArn": arn, "IsDefault": true }));
    let rows = row.certificate.iter().map(one).collect();
    Ok(call.page(input, PAGES, rows)?.into())
}
