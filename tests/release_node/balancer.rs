//! Load balancers, played: the address of a Service in the cluster, which the node itself reaches, is their address.

use serde_json::{Value, json};

use crate::controller::while_doing;
use crate::server::Server;

/// Runs while `work` does.
pub(crate) fn beside<T>(server: &Server, work: impl FnOnce() -> T) -> T {
    let pass =
        || server.get("services -A")["items"].as_array().unwrap().iter().for_each(|it| balance(server, it));
    while_doing(pass, work)
}

fn balance(server: &Server, service: &Value) {
    if service["spec"]["type"] != "LoadBalancer" || service["status"]["loadBalancer"]["ingress"].is_array() {
        return;
    }
    let word = |key: &str| service["metadata"][key].as_str().unwrap();
    let path = format!("/api/v1/namespaces/{}/services/{}/status", word("namespace"), word("name"));
    let ingress = json!([{ "ip": service["spec"]["clusterIP"] }]);
    server.patch(&path, &json!({ "status": { "loadBalancer": { "ingress": ingress } } }).to_string());
}
