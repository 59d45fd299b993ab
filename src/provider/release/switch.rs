//! Services that come to lead to other pods than before: the switch of a blue-green deploy.
//!
//! Such a Service waits until everything else of its revision is ready, and is changed last; what it led to is deleted
//! only after it. In the cluster that is one step. A load balancer with the pods themselves as its targets takes minutes
//! to know new ones, and to leave off from old ones: it is given both at first, until it finds the new ones healthy, and
//! the old ones are kept until it has let them go.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html>

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::error::DeployError;
use super::objects::target;
use super::work::Work;
use crate::provider::Error;
use crate::provider::aws::BalancerTarget;
use crate::provider::kube::{is_ready, marked_of};
use crate::release::{Object, objects};

/// How long after a look that was too early another one is taken.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a load balancer of AWS is given, each time, where nobody can be asked how its targets are.
const UNASKED: Duration = Duration::from_secs(180);

/// How long it may still send something new to a target that it is told to let go. The target itself stays on its list for
/// as long as connections are open, five minutes at most.
const LETTING_GO: Duration = Duration::from_secs(120);

/// By which a Service asks for a load balancer of AWS with pods as its targets; others lead to nodes, which stay.
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>
const TARGETS: &str = "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type";

/// The names that load balancers of AWS have.
const AWS: &str = ".amazonaws.com";

/// A Service that is to lead to other pods.
pub(super) struct Switch {
    /// As it is to be.
    service: Object,
    /// What it selects now.
    before: Map<String, Value>,
    /// What it is to select.
    after: Map<String, Value>,
    /// The host name of its load balancer of AWS with pods as its targets; empty where it has none.
    balancer: String,
}

impl Work<'_> {
    /// Takes those that are to be switched out of a revision's objects.
    pub(super) async fn take_switches(
        &self,
        objects: Vec<Object>,
    ) -> Result<(Vec<Object>, Vec<Switch>), Error> {
        let (mut others, mut switches) = (Vec::new(), Vec::new());
        for object in objects {
            let live = match object.is_service() {
                true => self.cluster.get(&target(&object)).await?,
                false => None,
            };
            let ours = |live: &Value| marked_of(live, self.revision.name(), self.revision.namespace());
            match live.filter(ours).and_then(|live| switch(&object, &live)) {
                Some(switch) => switches.push(switch),
                None => others.push(object),
            }
        }
        Ok((others, switches))
    }

    /// Switches Services, once there are as many new pods as serve now.
    pub(super) async fn switch(&self, switches: Vec<Switch>) -> Result<(), DeployError> {
        for switch in &switches {
            self.keep_up(switch).await?;
        }
        for switch in &switches {
            self.switch_one(switch).await?;
        }
        Ok(())
    }

    /// Workloads whose number of pods a scaler sets start with one: those behind a Service are given as many as it
    /// leads to now. The scaler goes on from there.
    async fn keep_up(&self, switch: &Switch) -> Result<(), DeployError> {
        let serving = self.pods(switch, &switch.before).await?.iter().filter(|pod| is_ready(pod)).count();
        let mut scaled = Vec::new();
        for object in objects(self.revision.manifest(), self.revision.namespace())? {
            let labels = &object.body["spec"]["template"]["metadata"]["labels"];
            let behind = switch.after.iter().all(|(key, value)| labels.get(key) == Some(value));
            if object.key.kind != "Deployment" || !behind || object.body["spec"]["replicas"].is_number() {
                continue;
            }
            let target = target(&object);
            let live = self.cluster.get(&target).await?.unwrap_or_default();
            if live["spec"]["replicas"].as_u64().unwrap_or(1) < serving as u64 {
                self.cluster.scale(&target, serving).await?;
            }
            scaled.push(target);
        }
        self.wait(&scaled).await
    }

    async fn switch_one(&self, switch: &Switch) -> Result<(), DeployError> {
        let Switch { service, before, after, balancer } = switch;
        let new = addresses(&self.pods(switch, after).await?);
        let mut old = addresses(&self.pods(switch, before).await?);
        old.retain(|address| !new.contains(address));
        if !balancer.is_empty() {
            let both = before.iter().filter(|(key, value)| after.get(*key) == Some(value));
            self.lead(service, &both.map(|(key, value)| (key.clone(), value.clone())).collect()).await?;
            if let Err(error) = self.wait_taken(switch).await {
                self.lead(service, before).await?;
                return Err(error);
            }
        }
        self.lead(service, after).await?;
        self.wait(&[target(service)]).await?;
        self.wait_left(switch, &old).await
    }

    /// Lets a Service lead to the pods that have a set of labels.
    async fn lead(&self, service: &Object, selector: &Map<String, Value>) -> Result<(), DeployError> {
        let mut service = service.clone();
        service.body["spec"]["selector"] = selector.clone().into();
        self.apply_all(vec![service]).await.map(drop)
    }

    async fn pods(&self, switch: &Switch, selector: &Map<String, Value>) -> Result<Vec<Value>, Error> {
        self.cluster.pods(&switch.service.key.namespace, selector).await
    }

    /// Waits until the load balancer sends requests to all of the new pods.
    async fn wait_taken(&self, switch: &Switch) -> Result<(), DeployError> {
        if switch.is_unasked(self) {
            tokio::time::sleep(UNASKED).await;
            return Ok(());
        }
        let until = Instant::now() + self.patience;
        loop {
            // Pods of an earlier try may still be ending, and others may take a pod's place.
            let mut new = self.pods(switch, &switch.after).await?;
            new.retain(is_ready);
            let missing = missing(&self.targets(switch).await?, &addresses(&new));
            if missing.is_empty() {
                return Ok(());
            }
            if Instant::now() > until {
                let (service, after) = (target(&switch.service).to_string(), self.patience);
                return Err(DeployError::NotTaken { service, after, targets: missing });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until nobody sends anything new to the old pods.
    async fn wait_left(&self, switch: &Switch, old: &BTreeSet<String>) -> Result<(), DeployError> {
        let service = target(&switch.service);
        let until = Instant::now() + self.patience;
        let mut left_alone = None;
        loop {
            let mut sent = self.cluster.endpoints(&service).await?;
            let (mut going, targets) = (BTreeSet::new(), self.targets(switch).await?);
            for target in targets {
                if target.is_leaving() { &mut going } else { &mut sent }.insert(target.address);
            }
            sent.retain(|address| old.contains(address));
            if sent.is_empty() {
                let since: Instant = *left_alone.get_or_insert_with(Instant::now);
                if going.is_disjoint(old) || since.elapsed() > LETTING_GO {
                    break;
                }
            } else if Instant::now() > until {
                let (after, addresses) = (self.patience, sent.into_iter().collect());
                return Err(DeployError::StillSent { service: service.to_string(), after, addresses });
            }
            tokio::time::sleep(PAUSE).await;
        }
        if switch.is_unasked(self) {
            tokio::time::sleep(UNASKED).await;
        }
        Ok(())
    }

    /// The targets of a Service's load balancer; none where it has none, or nobody can be asked.
    async fn targets(&self, switch: &Switch) -> Result<Vec<BalancerTarget>, Error> {
        match self.cluster.aws().filter(|_| !switch.balancer.is_empty()) {
            Some(aws) => Ok(aws.balancer_targets(&switch.balancer).await?.unwrap_or_default()),
            None => Ok(Vec::new()),
        }
    }
}

impl Switch {
    /// Whether it has a load balancer of AWS that nobody can be asked about.
    fn is_unasked(&self, work: &Work<'_>) -> bool {
        !self.balancer.is_empty() && work.cluster.aws().is_none()
    }
}

/// What is to be done of a Service that is there, if it is to lead elsewhere.
fn switch(service: &Object, live: &Value) -> Option<Switch> {
    let before = live["spec"]["selector"].as_object().filter(|selector| !selector.is_empty())?;
    let after = service.body["spec"]["selector"].as_object().filter(|selector| !selector.is_empty())?;
    if before == after {
        return None;
    }
    let host = live["status"]["loadBalancer"]["ingress"][0]["hostname"].as_str().unwrap_or_default();
    let by_pod = live["metadata"]["annotations"][TARGETS] == "ip";
    let balanced = live["spec"]["type"] == "LoadBalancer" && by_pod && host.ends_with(AWS);
    Some(Switch {
        service: service.clone(),
        before: before.clone(),
        after: after.clone(),
        balancer: if balanced { host.to_owned() } else { String::new() },
    })
}

fn addresses(pods: &[Value]) -> BTreeSet<String> {
    pods.iter().filter_map(|pod| pod["status"]["podIP"].as_str().map(str::to_owned)).collect()
}

/// What of the new pods a load balancer does not send requests to yet, and why. Each of its groups must have all.
fn missing(targets: &[BalancerTarget], new: &BTreeSet<String>) -> Vec<String> {
    let groups: BTreeSet<&str> = targets.iter().map(|target| target.group.as_str()).collect();
    if groups.is_empty() {
        return new.iter().map(|address| format!("{address} is no target of it yet")).collect();
    }
    let pairs = groups.iter().flat_map(|group| new.iter().map(move |address| (*group, address)));
    let missing = pairs.filter_map(|(group, address)| {
        match targets.iter().find(|target| target.group == group && target.address == *address) {
            None => Some(format!("{address} is no target of it yet")),
            Some(target) if target.state == "healthy" => None,
            Some(BalancerTarget { state, reason, .. }) => Some(format!("{address} is {state}{reason}")),
        }
    });
    missing.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(selector: Value) -> Object {
        let body = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"selector": selector}});
        Object::of(body, "shop").unwrap()
    }

    #[test]
    fn only_what_is_to_lead_elsewhere_is_switched() {
        let live = |selector: Value, kind: &str, host: &str| {
            json!({"metadata": {"annotations": {TARGETS: "ip"}}, "spec": {"selector": selector, "type": kind},
                "status": {"loadBalancer": {"ingress": [{"hostname": host}]}}})
        };
        let green = service(json!({"app": "web", "color": "green"}));
        let blue = json!({"app": "web", "color": "blue"});
        let found = switch(&green, &live(blue.clone(), "ClusterIP", "")).unwrap();
        assert_eq!((found.before["color"].as_str(), found.balancer.as_str()), (Some("blue"), ""));
        let host = "k8s-web.elb.eu-central-1.amazonaws.com";
        assert_eq!(switch(&green, &live(blue.clone(), "LoadBalancer", host)).unwrap().balancer, host);
        assert_eq!(switch(&green, &live(blue.clone(), "LoadBalancer", "10.0.0.1")).unwrap().balancer, "");
        let mut by_node = live(blue, "LoadBalancer", host);
        by_node["metadata"]["annotations"][TARGETS] = json!("instance");
        assert_eq!(switch(&green, &by_node).unwrap().balancer, "", "nodes are its targets");
        assert!(switch(&green, &live(json!({"app": "web", "color": "green"}), "ClusterIP", "")).is_none());
        assert!(switch(&green, &live(Value::Null, "ClusterIP", "")).is_none(), "it has led nowhere");
        assert!(switch(&service(Value::Null), &live(json!({"app": "web"}), "ClusterIP", "")).is_none());
    }

    #[test]
    fn every_group_of_a_load_balancer_must_have_every_new_pod() {
        let target = |group: &str, address: &str, state: &str| BalancerTarget {
            group: group.to_owned(),
            address: address.to_owned(),
            state: state.to_owned(),
            reason: String::new(),
        };
        let new = BTreeSet::from(["10.0.0.1".to_owned()]);
        assert_eq!(missing(&[], &new), ["10.0.0.1 is no target of it yet"]);
        let mut targets = vec![target("80", "10.0.0.1", "healthy"), target("443", "10.0.0.9", "healthy")];
        assert_eq!(missing(&targets, &new), ["10.0.0.1 is no target of it yet"]);
        targets.push(target("443", "10.0.0.1", "initial"));
        assert_eq!(missing(&targets, &new), ["10.0.0.1 is initial"]);
        targets[2].state = "healthy".to_owned();
        assert_eq!(missing(&targets, &new), [""; 0]);
    }
}
