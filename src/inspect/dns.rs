//! Whether the private names lead where they should: zone, record, load balancer, and the answer inside the cluster.

use serde_json::Value;

use super::doctor::{Check, Finding, Patient, names};
use super::services::ReleaseState;
use crate::model::route53::RecordContent;
use crate::model::{Address, Kind, Spec};
use crate::provider::aws::ReadOnly;
use crate::provider::kube::{ClusterReader, Container, is_ready, name};
use crate::provider::{Class, Error};

/// A private name that leads to a release's load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    /// `api.backend.internal`.
    name: String,
    zone: Address,
    /// The release's name in the cluster.
    release: String,
}

/// Looks at every private name of an environment. What is in AWS is looked at where there is an account, what is in the
/// cluster where that can be asked.
pub async fn examine_names(
    aws: Option<&ReadOnly>,
    cluster: Result<&ClusterReader, &Error>,
    patient: Patient<'_>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(aws) = aws {
        findings.extend(names(aws, patient).await);
    }
    let releases = match cluster {
        Ok(reader) => super::services::releases(reader).await,
        Err(error) => Err(error.clone()),
    };
    let services: Vec<&str> = patient.settings.enabled_services().map(|(name, _)| name).collect();
    let wanted = wanted(patient);
    if wanted.is_empty() {
        let told =
            "the environment has no private name: no service has `dns_name`, or nothing answers for it";
        findings.push(Finding::good(Check::Record, told));
    }
    for one in wanted {
        let host = match &releases {
            Ok(releases) => hosts(releases, &one.release),
            Err(_) => Vec::new(),
        };
        if let Some(aws) = aws {
            findings.extend(record(aws, patient, &one, &host).await);
        }
        match cluster {
            Ok(reader) => {
                findings.extend(inside(reader, (&patient.settings.namespace, &services), &one.name).await);
            }
            Err(error) => findings.push(Finding::unknown(Check::Inside, error)),
        }
    }
    findings
}

fn wanted(patient: Patient<'_>) -> Vec<Wanted> {
    let release = |address: &Address| match patient.desired.resources.get(address) {
        Some(Spec::Release(release)) => Some(release.name.clone()),
        _ => None,
    };
    let of = |spec: &Spec| {
        let Spec::RecordSet(record) = spec else { return None };
        let RecordContent::Values { values, .. } = &record.content else { return None };
        let leads = values.iter().flat_map(crate::model::Text::placeholders);
        let address = leads.map(|leads| leads.address).find(|address| address.kind == Kind::Release)?;
        Some(Wanted { name: record.name.clone(), zone: record.zone.address()?, release: release(&address)? })
    };
    patient.desired.resources.values().filter_map(of).collect()
}

fn hosts(releases: &[ReleaseState], name: &str) -> Vec<String> {
    let of = releases.iter().filter(|release| release.name == name).flat_map(|release| &release.endpoints);
    of.map(|endpoint| endpoint.balancer.clone()).filter(|host| !host.is_empty()).collect()
}

/// What the zone answers, and whether that is a load balancer that sends requests on.
async fn record(aws: &ReadOnly, patient: Patient<'_>, wanted: &Wanted, hosts: &[String]) -> Vec<Finding> {
    let Wanted { name, zone, release } = wanted;
    let repair = "`platctl up` makes it";
    let Some(zone) = patient.state.record(zone) else { return Vec::new() };
    let values = match aws.record_values(zone.id.as_str(), name).await {
        Ok(Some(values)) => values,
        Ok(None) => return vec![Finding::bad(Check::Record, format!("{name} is not in the zone"), repair)],
        Err(error) => return vec![Finding::unknown(Check::Record, &error)],
    };
    let Some(target) = values.first() else {
        return vec![Finding::bad(Check::Record, format!("{name} leads nowhere"), repair)];
    };
    let same = |host: &String| host.trim_end_matches('.').eq_ignore_ascii_case(target.trim_end_matches('.'));
    let told = format!("{name} leads to {target}");
    let first = if hosts.is_empty() || hosts.iter().any(same) {
        Finding::good(Check::Record, told)
    } else {
        let told = format!("{told}, and the load balancer of {release} is {}", hosts.join(", "));
        Finding::bad(Check::Record, told, "`platctl up` puts it right")
    };
    vec![first, balancer(aws, target).await]
}

async fn balancer(aws: &ReadOnly, host: &str) -> Finding {
    let hint = "`platctl status` tells how its pods are, and `platctl logs` why";
    match aws.balancer_health(host).await {
        Err(error) => Finding::unknown(Check::Balancer, &error),
        Ok(None) => Finding::bad(Check::Balancer, format!("{host} is no load balancer of the account"), hint),
        Ok(Some(health)) => {
            let told = format!(
                "{host} is {}, {} of {} targets healthy",
                health.state, health.healthy, health.targets
            );
            match (health.state.as_str(), health.healthy) {
                ("active", 1..) => Finding::good(Check::Balancer, told),
                ("provisioning", _) => {
                    let hint = Some("it is being made, which takes a few minutes: ask again".to_owned());
                    Finding { verdict: super::Verdict::Unknown, hint, ..Finding::good(Check::Balancer, told) }
                }
                _ => Finding::bad(Check::Balancer, told, hint),
            }
        }
    }
}

/// What pods of the environment's services get for the name: each image has a verb that asks.
async fn inside(
    reader: &ClusterReader,
    (namespace, services): (&str, &[&str]),
    wanted: &str,
) -> Vec<Finding> {
    let labels = format!("app.kubernetes.io/name in ({})", services.join(","));
    let pods = match reader.pods(namespace, &labels).await {
        Ok(pods) => pods,
        Err(error) => return vec![Finding::unknown(Check::Inside, &error)],
    };
    // Those that may call it are asked; a network policy keeps the others from it, but not from its name.
    let Some(pod) =
        pods.iter().find(|pod| is_ready(pod) && calls(pod, wanted)).or(pods.iter().find(|pod| is_ready(pod)))
    else {
        let told = "no pod of the services is ready, so none can be asked";
        return vec![Finding::bad(Check::Inside, told, "`platctl status` tells why")];
    };
    let mut findings = vec![asked(reader, pod, ["resolve", wanted]).await];
    if calls(pod, wanted) {
        findings.push(asked(reader, pod, ["get", &format!("http://{wanted}/health")]).await);
    }
    findings
}

/// Whether a pod is told of a name in its environment: then it may call it.
fn calls(pod: &Value, name: &str) -> bool {
    let variables = pod["spec"]["containers"][0]["env"].as_array().map(Vec::as_slice).unwrap_or_default();
    variables.iter().any(|variable| variable["value"].as_str().is_some_and(|value| value.contains(name)))
}

async fn asked(reader: &ClusterReader, pod: &Value, question: [&str; 2]) -> Finding {
    let [verb, what] = question;
    let service = pod["metadata"]["labels"]["app.kubernetes.io/name"].as_str().unwrap_or_default();
    let at = Container {
        namespace: pod["metadata"]["namespace"].as_str().unwrap_or_default().to_owned(),
        pod: name(pod).to_owned(),
        name: pod["spec"]["containers"][0]["name"].as_str().unwrap_or_default().to_owned(),
    };
    let ran = match reader.probe(&at, &format!("/app/{service}"), &question).await {
        Ok(ran) => ran,
        Err(error) if error.class == Class::NotFound => {
            let told = format!("{} cannot be asked: the cluster runs no commands in pods", at.pod);
            return Finding { verdict: super::Verdict::Unknown, ..Finding::good(Check::Inside, told) };
        }
        Err(error) => return Finding::unknown(Check::Inside, &error),
    };
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if ran.code == 0 {
        let answer: String = one_line(&ran.out).chars().take(120).collect();
        return Finding::good(Check::Inside, format!("{verb} {what} in {}: {answer}", at.pod));
    }
    let why = one_line(if ran.err.is_empty() { &ran.out } else { &ran.err });
    let hint = match verb {
        "resolve" => "is coredns up, and the zone bound to the cluster's VPC?",
        _ => "is the load balancer healthy, and does the network policy let the caller out?",
    };
    Finding::bad(Check::Inside, format!("{verb} {what} in {}: {why}", at.pod), hint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_that_is_told_of_a_name_calls_it() {
        let pod = |value: &str| json!({"spec": {"containers": [{"env": [{"name": "URL", "value": value}, {"name": "X"}]}]}});
        assert!(calls(&pod("http://api.backend.internal"), "api.backend.internal"));
        assert!(!calls(&pod("http://backend-app-service"), "api.backend.internal"));
        assert!(!calls(&json!({}), "api.backend.internal"));
    }
}
