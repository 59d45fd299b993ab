//! Whether an object is as it is to be: one rule a kind, as `kstatus` has them.
//! <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md>

use serde_json::Value;

/// By which a cluster that cannot run a workload (the sandbox's) marks it, with the reason.
pub const SIMULATED: &str = "sandbox.platctl.dev/simulated";

/// How an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// As it is to be.
    Ready,
    /// On its way; what it waits for.
    Pending(String),
    /// It will not come to be as it is; why.
    Failed(String),
}

use Judgement::{Failed, Pending, Ready};

/// Judges a live object.
pub fn judge(live: &Value) -> Judgement {
    if live["metadata"]["deletionTimestamp"].is_string() {
        return Pending("it is being deleted".to_owned());
    }
    if live["metadata"]["annotations"][SIMULATED].is_string() {
        // It is told as that, wherever it is told of: it will never run, so nothing is waited for.
        return Ready;
    }
    let generation = live["metadata"]["generation"].as_i64();
    if let (Some(seen), Some(generation)) = (live["status"]["observedGeneration"].as_i64(), generation)
        && seen < generation
    {
        return Pending("its controller has not seen the change yet".to_owned());
    }
    let group = live["apiVersion"]
        .as_str()
        .and_then(|version| version.rsplit_once('/'))
        .map_or("", |(group, _)| group);
    match (group, live["kind"].as_str().unwrap_or_default()) {
        ("apps", "Deployment") => deployment(live),
        ("apps", "StatefulSet") => stateful_set(live),
        ("apps", "DaemonSet") => daemon_set(live),
        ("apps", "ReplicaSet") => replicas(live, "readyReplicas"),
        ("batch", "Job") => job(live),
        ("", "Pod") => pod(live),
        ("", "Namespace") => phase(live, "Active"),
        ("", "Service") => service(live),
        ("", "PersistentVolumeClaim" | "ConfigMap" | "Secret") | ("batch", "CronJob") => Ready,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(live),
        ("apiregistration.k8s.io", "APIService") => demanded(live, "Available"),
        _ => conditions(live),
    }
}

fn number(live: &Value, path: &[&str], missing: i64) -> i64 {
    path.iter().fold(live, |value, key| &value[*key]).as_i64().unwrap_or(missing)
}

/// A condition: its status, and what it tells.
fn condition<'a>(live: &'a Value, name: &str) -> Option<(&'a str, String)> {
    let conditions = live["status"]["conditions"].as_array()?;
    let found = conditions.iter().find(|condition| condition["type"] == name)?;
    let told = |key: &str| found[key].as_str().unwrap_or_default();
    let text = match (told("reason"), told("message")) {
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    };
    Some((told("status"), text))
}

fn deployment(live: &Value) -> Judgement {
    if let Some(("True", told)) = condition(live, "ReplicaFailure") {
        return Pending(told);
    }
    if let Some(("False", told)) = condition(live, "Progressing") {
        return Failed(told);
    }
    // Without a status the controller has not been there.
    if live["status"]["observedGeneration"].is_null() {
        return Pending("its controller has not seen it yet".to_owned());
    }
    let wanted = number(live, &["spec", "replicas"], 1);
    let updated = number(live, &["status", "updatedReplicas"], 0);
    let total = number(live, &["status", "replicas"], 0);
    let available = number(live, &["status", "availableReplicas"], 0);
    if updated < wanted {
        Pending(format!("{updated} of {wanted} pods are of the new version"))
    } else if total > updated {
        Pending(format!("{} pods of the old version are still there", total - updated))
    } else if available < updated {
        Pending(format!("{available} of {updated} pods are available"))
    } else {
        Ready
    }
}

fn stateful_set(live: &Value) -> Judgement {
    if live["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return Ready;
    }
    let wanted = number(live, &["spec", "replicas"], 1);
    let partition = number(live, &["spec", "updateStrategy", "rollingUpdate", "partition"], 0);
    let ready = number(live, &["status", "readyReplicas"], 0);
    let updated = number(live, &["status", "updatedReplicas"], 0);
    if live["status"]["observedGeneration"].is_null() {
        Pending("its controller has not seen it yet".to_owned())
    } else if ready < wanted {
        Pending(format!("{ready} of {wanted} pods are ready"))
    } else if partition == 0 && live["status"]["currentRevision"] != live["status"]["updateRevision"] {
        Pending(format!("{updated} of {wanted} pods are of the new version"))
    } else if updated < wanted - partition {
        Pending(format!("{updated} of {} pods are of the new version", wanted - partition))
    } else {
        Ready
    }
}

fn daemon_set(live: &Value) -> Judgement {
    if live["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return Ready;
    }
    let status = |key| number(live, &["status", key], -1);
    let wanted = status("desiredNumberScheduled");
    if live["status"]["observedGeneration"].is_null() || wanted < 0 {
        Pending("its controller has not seen it yet".to_owned())
    } else if status("updatedNumberScheduled").max(0) < wanted {
        let updated = status("updatedNumberScheduled").max(0);
        Pending(format!("{updated} of {wanted} nodes have the new version"))
    } else if status("numberAvailable").max(0) < wanted {
        Pending(format!("it is available on {} of {wanted} nodes", status("numberAvailable").max(0)))
    } else {
        Ready
    }
}

fn replicas(live: &Value, key: &str) -> Judgement {
    let (wanted, ready) = (number(live, &["spec", "replicas"], 1), number(live, &["status", key], 0));
    if ready < wanted { Pending(format!("{ready} of {wanted} pods are ready")) } else { Ready }
}

fn job(live: &Value) -> Judgement {
    if let Some(("True", told)) = condition(live, "Failed") {
        return Failed(told);
    }
    match condition(live, "Complete") {
        Some(("True", _)) => Ready,
        _ => Pending(format!("{} pods of it run", number(live, &["status", "active"], 0))),
    }
}

fn pod(live: &Value) -> Judgement {
    match (live["status"]["phase"].as_str().unwrap_or("Pending"), condition(live, "Ready")) {
        ("Succeeded", _) | (_, Some(("True", _))) => Ready,
        ("Failed", _) => {
            Failed(live["status"]["message"].as_str().unwrap_or("its containers failed").to_owned())
        }
        (phase, _) => Pending(format!("it is {phase} and not ready")),
    }
}

/// One that asks for a load balancer is ready when it has it: its address is what others need of it.
fn service(live: &Value) -> Judgement {
    let balanced = live["spec"]["type"] == "LoadBalancer";
    let has_one =
        live["status"]["loadBalancer"]["ingress"].as_array().is_some_and(|ingress| !ingress.is_empty());
    if balanced && !has_one { Pending("it has no load balancer yet".to_owned()) } else { Ready }
}

fn phase(live: &Value, wanted: &str) -> Judgement {
    match live["status"]["phase"].as_str() {
        Some(phase) if phase != wanted => Pending(format!("it is {phase}")),
        _ => Ready,
    }
}

fn definition(live: &Value) -> Judgement {
    match condition(live, "NamesAccepted") {
        Some(("False", told)) => Failed(told),
        _ => demanded(live, "Established"),
    }
}

/// A condition without which it is not ready.
fn demanded(live: &Value, name: &str) -> Judgement {
    match condition(live, name) {
        Some(("True", _)) => Ready,
        Some((_, told)) => Pending(format!("it is not {name} ({told})")),
        None => Pending(format!("it is not {name} yet")),
    }
}

/// Any other kind, by the conditions that controllers agree on.
fn conditions(live: &Value) -> Judgement {
    if let Some(("True", told)) = condition(live, "Stalled") {
        return Failed(told);
    }
    if let Some(("True", told)) = condition(live, "Reconciling") {
        return Pending(told);
    }
    match condition(live, "Ready") {
        Some(("False" | "Unknown", told)) => Pending(format!("it is not ready ({told})")),
        _ => Ready,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(api: &str, kind: &str, spec: Value, status: Value) -> Value {
        json!({"apiVersion": api, "kind": kind, "metadata": {"name": "x", "generation": 2}, "spec": spec, "status": status})
    }

    fn pending(judgement: Judgement) -> String {
        match judgement {
            Pending(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_deployment_is_ready_when_all_of_the_new_and_none_of_the_old_are_there() {
        let of = |status: Value| judge(&live("apps/v1", "Deployment", json!({"replicas": 2}), status));
        let seen = |updated: i64, total: i64, available: i64| {
            json!({"observedGeneration": 2, "updatedReplicas": updated, "replicas": total,
                "availableReplicas": available})
        };
        assert_eq!(of(seen(2, 2, 2)), Ready);
        assert!(pending(of(json!({}))).contains("not seen"));
        assert!(pending(of(json!({"observedGeneration": 1}))).contains("not seen the change"));
        assert!(pending(of(seen(1, 2, 2))).contains("1 of 2 pods are of the new version"));
        assert!(pending(of(seen(2, 3, 3))).contains("1 pods of the old version"));
        assert!(pending(of(seen(2, 2, 1))).contains("1 of 2 pods are available"));
        let mut stuck = seen(2, 2, 1);
        stuck["conditions"] = json!([{"type": "Progressing", "status": "False",
            "reason": "ProgressDeadlineExceeded", "message": "has timed out progressing."}]);
        assert!(matches!(of(stuck), Failed(why) if why.starts_with("ProgressDeadlineExceeded")));
        let mut quota = seen(0, 0, 0);
        quota["conditions"] = json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
            "message": "exceeded quota: q"}]);
        assert!(pending(of(quota)).contains("exceeded quota"));
    }

    #[test]
    fn every_kind_has_its_rule() {
        let set = |status| judge(&live("apps/v1", "StatefulSet", json!({"replicas": 2}), status));
        let status = json!({"observedGeneration": 2, "readyReplicas": 2, "updatedReplicas": 2,
            "currentRevision": "a", "updateRevision": "a"});
        assert_eq!(set(status.clone()), Ready);
        let mut rolling = status;
        rolling["updateRevision"] = json!("b");
        assert!(pending(set(rolling)).contains("new version"));

        let daemons = |available: i64| {
            let status = json!({"observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3,
                "numberAvailable": available});
            judge(&live("apps/v1", "DaemonSet", json!({}), status))
        };
        assert_eq!(daemons(3), Ready);
        assert!(pending(daemons(1)).contains("1 of 3 nodes"));

        let job = |kind: &str, status: &str| {
            let conditions =
                json!({"conditions": [{"type": kind, "status": status, "reason": "R", "message": "m"}]});
            judge(&live("batch/v1", "Job", json!({}), conditions))
        };
        assert_eq!(job("Complete", "True"), Ready);
        assert_eq!(job("Failed", "True"), Failed("R: m".to_owned()));
        pending(job("Suspended", "True"));

        let definition = |kind: &str, status: &str| {
            let conditions = json!({"conditions": [{"type": kind, "status": status, "reason": "R"}]});
            judge(&live("apiextensions.k8s.io/v1", "CustomResourceDefinition", json!({}), conditions))
        };
        assert_eq!(definition("Established", "True"), Ready);
        assert_eq!(definition("NamesAccepted", "False"), Failed("R".to_owned()));
        pending(definition("Other", "True"));

        let service =
            |kind: &str, status: Value| judge(&live("v1", "Service", json!({"type": kind}), status));
        assert_eq!(service("ClusterIP", json!({"loadBalancer": {}})), Ready);
        assert!(pending(service("LoadBalancer", json!({"loadBalancer": {}}))).contains("no load balancer"));
        let ingress = json!({"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}});
        assert_eq!(service("LoadBalancer", ingress), Ready);

        let custom = |kind: &str, status: &str| {
            let conditions = json!({"conditions": [{"type": kind, "status": status, "message": "m"}]});
            judge(&live("example.com/v1", "Thing", json!({}), conditions))
        };
        assert_eq!(custom("Ready", "True"), Ready);
        pending(custom("Ready", "False"));
        pending(custom("Reconciling", "True"));
        assert_eq!(custom("Stalled", "True"), Failed("m".to_owned()));
        assert_eq!(judge(&live("example.com/v1", "Thing", json!({}), json!(null))), Ready);
        assert_eq!(judge(&live("v1", "ConfigMap", json!(null), json!(null))), Ready);
        let leaving =
            json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"deletionTimestamp": "now"}});
        pending(judge(&leaving));
    }
}
