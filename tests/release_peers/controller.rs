//! A small controller: makes Deployments ready and gives Services their load balancers, as real ones would.

#![allow(dead_code, reason = "each test uses its part")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::Server;

/// Images of this digest cannot be pulled.
pub(crate) const UNPULLABLE: &str = "bad0";

/// Keeps a Service until its load balancer is gone, as the AWS Load Balancer Controller does.
const FINALIZER: &str = "service.k8s.aws/resources";

/// Runs while `work` does.
pub(crate) fn beside<T>(server: &Server, work: impl FnOnce() -> T) -> T {
    let pass = || {
        for (what, settle) in [("deployments", deployment as fn(&Server, &Value)), ("services", service)] {
            server.get(&format!("{what} -A"))["items"]
                .as_array()
                .unwrap()
                .iter()
                .for_each(|it| settle(server, it));
        }
    };
    while_doing(pass, work)
}

/// Does `pass` again and again while `work` is done.
pub(crate) fn while_doing<T>(pass: impl Fn() + Sync, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let controller = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                pass();
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        // Whatever `work` does, the controller ends.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        stop.store(true, Ordering::Relaxed);
        controller.join().unwrap();
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn path(live: &Value, collection: &str, below: &str) -> String {
    let text = |key: &str| live["metadata"][key].as_str().unwrap().to_owned();
    format!("{collection}/namespaces/{}/{below}/{}", text("namespace"), text("name"))
}

fn deployment(server: &Server, live: &Value) {
    let generation = &live["metadata"]["generation"];
    if live["status"]["observedGeneration"] == *generation {
        return;
    }
    let image = live["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap();
    let replicas = &live["spec"]["replicas"];
    let mut status = json!({"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas,
        "readyReplicas": replicas, "availableReplicas": replicas});
    if image.contains(UNPULLABLE) {
        status = json!({"observedGeneration": generation, "replicas": 2, "updatedReplicas": 1, "readyReplicas": 1,
            "availableReplicas": 1});
        stuck_pod(server, live, image);
    }
    let patch = json!({ "status": status }).to_string();
    server.patch(&format!("{}/status", path(live, "/apis/apps/v1", "deployments")), &patch);
}

fn stuck_pod(server: &Server, deployment: &Value, image: &str) {
    let namespace = &deployment["metadata"]["namespace"];
    let labels = &deployment["spec"]["selector"]["matchLabels"];
    let name = format!("{}-1", deployment["metadata"]["name"].as_str().unwrap());
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "app", "image": image}], "automountServiceAccountToken": false}});
    server.put("apply", &pod);
    let status = json!({"status": {"containerStatuses": [{"name": "app", "image": image, "imageID": "", "ready": false,
        "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]}});
    server.patch(&format!("{}/status", path(&pod, "/api/v1", "pods")), &status.to_string());
}

fn service(server: &Server, live: &Value) {
    let path = path(live, "/api/v1", "services");
    let kept = live["metadata"]["finalizers"].as_array().is_some_and(|all| all.contains(&json!(FINALIZER)));
    if live["metadata"]["deletionTimestamp"].is_string() {
        if kept {
            std::thread::sleep(Duration::from_secs(1));
            server.patch(&path, &json!({"metadata": {"finalizers": null}}).to_string());
        }
    } else if live["spec"]["type"] == "LoadBalancer" && !kept {
        server.patch(&path, &json!({"metadata": {"finalizers": [FINALIZER]}}).to_string());
        let host = format!("{}.elb.example.com", live["metadata"]["name"].as_str().unwrap());
        let status = json!({"status": {"loadBalancer": {"ingress": [{"hostname": host}]}}});
        server.patch(&format!("{path}/status"), &status.to_string());
    }
}
