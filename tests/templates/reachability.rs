//! Who can reach whom under the rendered NetworkPolicies: exactly the platform's endpoint table.
//!
//! Kubernetes' rules: a connection needs the leave of both its ends; a pod that a policy selects for a
//! direction may do only what some policy allows in it, one that none selects may do all. Address ranges
//! also match pods, as they do under the VPC CNI: a pod's address is one of the private subnets.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value, json};

use crate::charts::{NAMESPACE, chart, of_kind, platform, selects, set};

/// One end of a connection.
struct End {
    name: &'static str,
    address: IpAddr,
    /// Namespace and labels of a pod.
    pod: Option<(&'static str, Value)>,
}

fn pod(name: &'static str, namespace: &'static str, labels: Value, address: &str) -> End {
    End { name, address: address.parse().unwrap(), pod: Some((namespace, labels)) }
}

fn host(name: &'static str, address: &str) -> End {
    End { name, address: address.parse().unwrap(), pod: None }
}

/// Public subnets are below 10.10.64.0, private ones above, as the value sets have it.
fn ends() -> Vec<End> {
    let name = |name: &str| json!({"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name});
    vec![
        pod("frontend-app", NAMESPACE, name("frontend-app"), "10.10.70.1"),
        pod("backend-app", NAMESPACE, name("backend-app"), "10.10.100.1"),
        pod("backend-service", NAMESPACE, name("backend-service"), "10.10.130.1"),
        pod("stranger", NAMESPACE, name("stranger"), "10.10.70.2"),
        pod("elsewhere", "other", name("frontend-app"), "10.10.70.3"),
        pod("prometheus", "monitoring", name("prometheus"), "10.10.70.4"),
        pod("dns", "kube-system", json!({"k8s-app": "kube-dns"}), "10.10.100.2"),
        host("public load balancer", "10.10.1.1"),
        host("internal load balancer", "10.10.131.1"),
        host("internet", "203.0.113.7"),
        host("instance metadata", "169.254.169.254"),
    ]
}

fn peer_matches(peer: &Value, end: &End, policy_namespace: &str) -> bool {
    if let Some(range) = peer["ipBlock"]["cidr"].as_str() {
        assert!(peer["ipBlock"]["except"].is_null(), "exceptions are not judged here");
        return range.parse::<IpNet>().unwrap().contains(&end.address);
    }
    let Some((namespace, labels)) = &end.pod else { return false };
    let in_namespace = match &peer["namespaceSelector"] {
        Value::Null => *namespace == policy_namespace,
        selector => selects(&selector["matchLabels"], &json!({"kubernetes.io/metadata.name": namespace})),
    };
    in_namespace && (peer["podSelector"].is_null() || selects(&peer["podSelector"]["matchLabels"], labels))
}

/// Whether the policies let `end` (a pod) have a connection with `other` in this direction.
fn lets(policies: &[&Value], direction: &str, end: &End, other: &End, port: (&str, u16)) -> bool {
    let Some((namespace, labels)) = &end.pod else { return true };
    let (peers, rules) = if direction == "Ingress" { ("from", "ingress") } else { ("to", "egress") };
    let selecting: Vec<&Value> = policies
        .iter()
        .filter(|policy| policy["metadata"]["namespace"] == *namespace)
        .map(|policy| &policy["spec"])
        .filter(|spec| {
            let selector = &spec["podSelector"]["matchLabels"];
            selector.is_null() || selects(selector, labels)
        })
        .filter(|spec| spec["policyTypes"].as_array().unwrap().contains(&json!(direction)))
        .collect();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let rule_lets = |rule: &Value| {
        let (peers, ports) = (list(&rule[peers]), list(&rule["ports"]));
        let peer = peers.is_empty() || peers.iter().any(|peer| peer_matches(peer, other, namespace));
        let wanted = json!({"port": port.1, "protocol": port.0});
        peer && (ports.is_empty() || ports.contains(&wanted))
    };
    selecting.is_empty() || selecting.iter().any(|spec| list(&spec[rules]).iter().any(rule_lets))
}

/// All connections that come about, as `from -> to protocol/port`.
fn connections(objects: &[Value]) -> BTreeSet<String> {
    let policies = of_kind(objects, "NetworkPolicy");
    let ends = ends();
    let mut found = BTreeSet::new();
    for from in &ends {
        for to in ends.iter().filter(|to| to.name != from.name && (from.pod.is_some() || to.pod.is_some())) {
            for port in [("TCP", 53), ("UDP", 53), ("TCP", 80), ("TCP", 443), ("TCP", 3000), ("TCP", 8000)] {
                if lets(&policies, "Egress", from, to, port) && lets(&policies, "Ingress", to, from, port) {
                    found.insert(format!("{} -> {} {}/{}", from.name, to.name, port.0, port.1));
                }
            }
        }
    }
    // What pods without policies, in other namespaces, do among themselves and outside is not ours.
    let foreign = ["elsewhere", "prometheus", "dns"];
    found.retain(|text| {
        let (from, to) = text.split_once(" -> ").unwrap();
        let ours =
            |name: &str| ["frontend-app", "backend-app", "backend-service", "stranger"].contains(&name);
        let to = to.rsplit_once(' ').unwrap().0;
        ours(from) || (ours(to) && !foreign.contains(&to))
    });
    found
}

fn table() -> BTreeSet<String> {
    let mut expected: BTreeSet<String> = [
        // A row each of the platform's table of services.
        "public load balancer -> frontend-app TCP/8000",
        "public load balancer -> backend-app TCP/8000",
        "frontend-app -> backend-app TCP/8000",
        "frontend-app -> internal load balancer TCP/80",
        "internal load balancer -> backend-service TCP/3000",
    ]
    .map(str::to_owned)
    .into();
    for service in ["frontend-app", "backend-app", "backend-service"] {
        for protocol in ["TCP", "UDP"] {
            expected.insert(format!("{service} -> dns {protocol}/53"));
        }
    }
    // The private subnets, which the internal load balancer lies in, are also those of all pods: whatever
    // runs where no policy holds it back looks like the load balancer, from both sides.
    for elsewhere in ["elsewhere", "prometheus", "dns"] {
        expected.insert(format!("{elsewhere} -> backend-service TCP/3000"));
        expected.insert(format!("frontend-app -> {elsewhere} TCP/80"));
    }
    expected
}

#[test]
fn exactly_the_endpoint_table_is_reachable() {
    assert_eq!(connections(&platform()), table());
}

#[test]
fn prometheus_is_let_in_where_it_is_asked_for() {
    let mut objects = chart("namespace", "namespace", "").objects;
    for name in crate::charts::SERVICES {
        let values = set(name).replace("networkPolicy:", "networkPolicy:\n  metrics: {enabled: true}");
        objects.extend(chart("service", name, &values).objects);
    }
    let mut expected = table();
    expected.insert("prometheus -> frontend-app TCP/8000".to_owned());
    expected.insert("prometheus -> backend-app TCP/8000".to_owned());
    assert_eq!(connections(&objects), expected);
}

/// The model itself: without policies all is reachable, with those of one service only that one is closed.
#[test]
fn what_no_policy_selects_is_open() {
    let all = connections(&[]);
    assert!(
        all.contains("stranger -> backend-service TCP/3000")
            && all.contains("internet -> backend-app TCP/80")
    );
    let one = connections(&crate::charts::service("backend-app"));
    assert!(
        !one.contains("stranger -> backend-app TCP/8000") && !one.contains("backend-app -> internet TCP/443")
    );
    assert!(one.contains("stranger -> backend-service TCP/3000"));
}

/// With no ranges given, a public service is open to all addresses.
#[test]
fn an_internet_service_without_ranges_is_open_to_all() {
    let text = set("backend-app");
    let values: Vec<&str> = text.lines().filter(|line| !line.contains("loadBalancerRanges")).collect();
    let objects = chart("service", "backend-app", &values.join("\n")).objects;
    assert!(connections(&objects).contains("internet -> backend-app TCP/8000"));
}
