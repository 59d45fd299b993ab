//! How the services and components in a cluster are: what is recorded of each release, and what runs of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::provider::Error;
use crate::provider::kube::{ClusterReader, Collection, SIMULATED, is_ready, name, trouble_of};
use crate::provider::release::histories;

/// Where the sandbox's load balancer is reached.
const SANDBOX_URL: &str = "sandbox.platctl.dev/url";

/// The variables of a pod that the sandbox gives other values: names to values, as JSON.
const REWRITES: &str = "sandbox.platctl.dev/rewrites";

/// A release and what runs of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseState {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The number of its newest revision.
    pub revision: u64,
    /// How that is, in Helm's word.
    pub status: String,
    /// Its chart, as `name-version`.
    pub chart: String,
    /// The version of what it runs.
    pub app_version: String,
    /// When it was last deployed.
    pub deployed: Option<Timestamp>,
    /// Its pods.
    pub pods: Vec<PodState>,
    /// How many pods it is to have.
    pub wanted: u64,
    /// The addresses by which it is reached.
    pub endpoints: Vec<Endpoint>,
    /// Why the cluster does not run it, where that is so.
    pub simulated: Option<String>,
}

/// A pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodState {
    /// Its name.
    pub name: String,
    /// Whether it is sent requests.
    pub ready: bool,
    /// How often its containers were started again.
    pub restarts: u64,
    /// The images that its containers run.
    pub images: Vec<String>,
    /// The node it is on.
    pub node: String,
    /// When it was made.
    pub since: Option<Timestamp>,
    /// What is the matter with it.
    pub trouble: Option<String>,
    /// The variables that the sandbox gives it other values for, so that it finds the others on this machine.
    pub rewrites: BTreeMap<String, String>,
}

/// An address of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The Service.
    pub service: String,
    /// Its ports.
    pub ports: Vec<u64>,
    /// The colour of the pods that requests are sent to; empty where they have none.
    pub color: String,
    /// How many pods requests are sent to.
    pub ready: u64,
    /// Whether it asks for a load balancer.
    pub balanced: bool,
    /// The load balancer's name; empty while there is none.
    pub balancer: String,
    /// Where a browser reaches it; empty when nowhere from outside.
    pub url: String,
}

impl ReleaseState {
    /// How many of its pods are ready.
    pub fn ready(&self) -> u64 {
        self.pods.iter().map(|pod| u64::from(pod.ready)).sum()
    }

    /// How often its containers were started again.
    pub fn restarts(&self) -> u64 {
        self.pods.iter().map(|pod| pod.restarts).sum()
    }

    /// Whether it stands as it is to: what is only simulated does not.
    pub fn is_healthy(&self) -> bool {
        let balanced = self.endpoints.iter().all(|one| !one.balanced || !one.balancer.is_empty());
        self.status == "deployed" && self.simulated.is_none() && self.ready() >= self.wanted && balanced
    }
}

/// Looks at everything that is recorded as a release.
///
/// # Errors
/// The classified error.
pub async fn releases(reader: &ClusterReader) -> Result<Vec<ReleaseState>, Error> {
    let newest = histories(reader).await?;
    let of = |root, plural| reader.list(Collection { root, plural, namespace: "", labels: "" });
    let (pods, services, slices, deployments, sets, daemons) = futures_util::try_join!(
        of("/api/v1", "pods"),
        of("/api/v1", "services"),
        of("/api/v1", "endpoints"),
        of("/apis/apps/v1", "deployments"),
        of("/apis/apps/v1", "statefulsets"),
        of("/apis/apps/v1", "daemonsets"),
    )?;
    let workloads: Vec<Value> = deployments.into_iter().chain(sets).chain(daemons).collect();
    let mut found = Vec::new();
    for revision in newest {
        let release = (revision.name(), revision.namespace());
        let own: Vec<&Value> = workloads.iter().filter(|object| is_marked(object, release)).collect();
        let labels: Vec<&Value> = own.iter().map(|workload| &workload["spec"]["selector"]).collect();
        let pods = pods.iter().filter(|pod| {
            pod["metadata"]["namespace"] == *revision.namespace()
                && labels.iter().any(|one| selects(one, pod))
        });
        let mut pods: Vec<PodState> = pods.map(pod).collect();
        pods.sort_by(|a, b| a.name.cmp(&b.name));
        let endpoints = services.iter().filter(|service| is_marked(service, release));
        found.push(ReleaseState {
            name: revision.name().to_owned(),
            namespace: revision.namespace().to_owned(),
            revision: revision.number(),
            status: revision.status().name().to_owned(),
            chart: revision.chart(),
            app_version: revision.app_version().to_owned(),
            deployed: revision.last_deployed().parse().ok(),
            pods,
            wanted: own.iter().map(|workload| wanted(workload)).sum(),
            endpoints: endpoints.map(|service| endpoint(service, &slices)).collect(),
            simulated: own.iter().find_map(|workload| annotation(workload, SIMULATED)),
        });
    }
    Ok(found)
}

fn annotation(object: &Value, key: &str) -> Option<String> {
    object["metadata"]["annotations"][key].as_str().map(str::to_owned)
}

fn is_marked(object: &Value, (release, namespace): (&str, &str)) -> bool {
    annotation(object, "meta.helm.sh/release-name").as_deref() == Some(release)
        && annotation(object, "meta.helm.sh/release-namespace").as_deref() == Some(namespace)
}

/// Whether a workload's selector is of a pod's labels. Only by whole labels, as all charts of ours have it.
fn selects(selector: &Value, pod: &Value) -> bool {
    let labels = selector["matchLabels"].as_object();
    labels.is_some_and(|labels| {
        labels.iter().all(|(key, value)| pod["metadata"]["labels"].get(key) == Some(value))
    })
}

fn wanted(workload: &Value) -> u64 {
    let scheduled = workload["status"]["desiredNumberScheduled"].as_u64();
    scheduled.or(workload["spec"]["replicas"].as_u64()).unwrap_or(1)
}

fn pod(pod: &Value) -> PodState {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let containers = list(&pod["status"]["containerStatuses"]);
    let images = list(&pod["spec"]["containers"]);
    PodState {
        name: name(pod).to_owned(),
        ready: is_ready(pod),
        restarts: containers.iter().filter_map(|container| container["restartCount"].as_u64()).sum(),
        images: images.iter().filter_map(|one| one["image"].as_str()).map(str::to_owned).collect(),
        node: pod["spec"]["nodeName"].as_str().unwrap_or_default().to_owned(),
        since: pod["metadata"]["creationTimestamp"].as_str().and_then(|at| at.parse().ok()),
        trouble: trouble_of(pod),
        rewrites: annotation(pod, REWRITES)
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
    }
}

fn endpoint(service: &Value, endpoints: &[Value]) -> Endpoint {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let ports: Vec<u64> =
        list(&service["spec"]["ports"]).iter().filter_map(|port| port["port"].as_u64()).collect();
    let first = &service["status"]["loadBalancer"]["ingress"][0];
    let balancer = first["hostname"].as_str().or(first["ip"].as_str()).unwrap_or_default().to_owned();
    let same = |other: &&Value| {
        name(other) == name(service) && other["metadata"]["namespace"] == service["metadata"]["namespace"]
    };
    let subsets = endpoints.iter().find(same).map(|found| list(&found["subsets"])).unwrap_or_default();
    let ready = subsets.iter().map(|subset| list(&subset["addresses"]).len()).sum::<usize>();
    let url = annotation(service, SANDBOX_URL).unwrap_or_else(|| match (balancer.as_str(), ports.first()) {
        ("", _) | (_, None) => String::new(),
        (host, Some(_)) if ports.contains(&443) => format!("https://{host}"),
        (host, Some(80)) => format!("http://{host}"),
        (host, Some(port)) => format!("http://{host}:{port}"),
    });
    Endpoint {
        service: name(service).to_owned(),
        ports,
        color: service["spec"]["selector"]["color"].as_str().unwrap_or_default().to_owned(),
        ready: u64::try_from(ready).unwrap_or(u64::MAX),
        balanced: service["spec"]["type"] == "LoadBalancer",
        balancer,
        url,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_endpoint_tells_where_it_is_reached() {
        let service = |ports: Value, status: Value| {
            json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"type": "LoadBalancer", "ports": ports},
                "status": status})
        };
        let host = json!({"loadBalancer": {"ingress": [{"hostname": "web.elb.example.com"}]}});
        let addresses = json!([{"metadata": {"name": "web", "namespace": "shop"},
            "subsets": [{"addresses": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]}]}]);
        let addresses = addresses.as_array().unwrap();
        let at = |ports: Value| endpoint(&service(ports, host.clone()), addresses);
        assert_eq!(at(json!([{"port": 80}])).url, "http://web.elb.example.com");
        assert_eq!(at(json!([{"port": 80}, {"port": 443}])).url, "https://web.elb.example.com");
        assert_eq!(at(json!([{"port": 8080}])).url, "http://web.elb.example.com:8080");
        assert_eq!(at(json!([{"port": 80}])).ready, 2);
        assert_eq!(at(json!([{"port": 80}])).color, "");
        let mut colored = service(json!([{"port": 80}]), host.clone());
        colored["spec"]["selector"] = json!({"app": "web", "color": "green"});
        assert_eq!(endpoint(&colored, addresses).color, "green");
        let waiting = endpoint(&service(json!([{"port": 80}]), json!({})), &[]);
        assert_eq!((waiting.url.as_str(), waiting.ready, waiting.balanced), ("", 0, true));
        let mut sandboxed = service(json!([{"port": 80}]), host.clone());
        sandboxed["metadata"]["annotations"] = json!({SANDBOX_URL: "http://127.0.0.1:4000"});
        assert_eq!(endpoint(&sandboxed, &[]).url, "http://127.0.0.1:4000");
    }

    #[test]
    fn healthy_is_what_is_deployed_and_ready_and_really_there() {
        let ready = PodState { ready: true, restarts: 2, ..PodState::default() };
        let state = ReleaseState {
            status: "deployed".to_owned(),
            pods: vec![ready.clone(), ready],
            wanted: 2,
            ..ReleaseState::default()
        };
        assert!(state.is_healthy() && state.restarts() == 4);
        assert!(!ReleaseState { wanted: 3, ..state.clone() }.is_healthy());
        assert!(!ReleaseState { status: "failed".to_owned(), ..state.clone() }.is_healthy());
        assert!(!ReleaseState { simulated: Some("no binary".to_owned()), ..state.clone() }.is_healthy());
        let waiting = Endpoint { balanced: true, ..Endpoint::default() };
        assert!(!ReleaseState { endpoints: vec![waiting], ..state }.is_healthy());
    }

    #[test]
    fn pods_are_those_that_a_workload_selects() {
        let selector = json!({"matchLabels": {"app": "web", "tier": "front"}});
        let pod = |labels: Value| json!({"metadata": {"labels": labels}});
        assert!(selects(&selector, &pod(json!({"app": "web", "tier": "front", "hash": "1"}))));
        assert!(!selects(&selector, &pod(json!({"app": "web"}))));
        assert!(!selects(&json!({}), &pod(json!({"app": "web"}))));
    }
}
