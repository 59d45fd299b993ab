//! A service for tests: its image in the world's registry, its objects, and requests to it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::ground::Ground;
use crate::blobs::hex_digest;
use crate::testing::Client;

/// A layer with the program, as `tar` and `gzip` make it.
fn layer() -> Vec<u8> {
    let program = include_bytes!("web.py");
    let mut archive =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_ustar();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    archive.append_data(&mut header, "app/web", &program[..]).unwrap();
    archive.into_inner().unwrap().finish().unwrap()
}

fn upload(client: &mut Client, bytes: &[u8]) -> Value {
    let begun = client.ok("ecr", "InitiateLayerUpload", json!({ "repositoryName": "dev/web" }));
    let id = begun["uploadId"].clone();
    client.ok(
        "ecr",
        "UploadLayerPart",
        json!({ "repositoryName": "dev/web", "uploadId": id,
        "partFirstByte": 0, "partLastByte": bytes.len() - 1, "layerPartBlob": STANDARD.encode(bytes) }),
    );
    let digest = format!("sha256:{}", hex_digest(bytes));
    client.ok(
        "ecr",
        "CompleteLayerUpload",
        json!({ "repositoryName": "dev/web", "uploadId": id, "layerDigests": [digest] }),
    );
    json!({ "digest": digest, "size": bytes.len() })
}

/// Puts the image into the registry.
pub(super) fn push(client: &mut Client) {
    client.ok("ecr", "CreateRepository", json!({ "repositoryName": "dev/web" }));
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin";
    let config = json!({ "architecture": "amd64", "os": "linux",
        "config": { "Entrypoint": ["/app/web"], "Env": [format!("PATH={path}")] } });
    let mut config = upload(client, config.to_string().as_bytes());
    config["mediaType"] = json!("application/vnd.oci.image.config.v1+json");
    let mut layer = upload(client, &layer());
    layer["mediaType"] = json!("application/vnd.oci.image.layer.v1.tar+gzip");
    let manifest = json!({ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config, "layers": [layer] });
    client.ok(
        "ecr",
        "PutImage",
        json!({ "repositoryName": "dev/web", "imageTag": "1", "imageManifest": manifest.to_string() }),
    );
}

/// An image of the world's own registry.
pub(super) const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/web:1";

/// A Deployment of a service.
pub(super) fn deployment(name: &str, image: &str, (replicas, version): (u32, &str)) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name }, "spec": {
        "replicas": replicas, "selector": { "matchLabels": { "app": name } },
        "strategy": { "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } },
        "template": { "metadata": { "labels": { "app": name } }, "spec": {
            "terminationGracePeriodSeconds": 5,
            "containers": [{ "name": "web", "image": image, "ports": [{ "name": "http", "containerPort": 8000 }],
                "env": [
                    { "name": "LISTEN_ADDR", "value": "0.0.0.0:8000" }, { "name": "VERSION", "value": version },
                    { "name": "BACKEND_URL", "value": "http://back-service" },
                    { "name": "POD_NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
                    { "name": "NODE_NAME", "valueFrom": { "fieldRef": { "fieldPath": "spec.nodeName" } } },
                ],
                "readinessProbe": { "httpGet": { "path": "/ready", "port": "http" }, "periodSeconds": 1, "failureThreshold": 2 } }] } } } })
}

/// Its Service.
pub(super) fn service(name: &str, balanced: bool) -> Value {
    let annotations = json!({ "service.beta.kubernetes.io/aws-load-balancer-type": "external",
        "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing" });
    json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": format!("{name}-service"),
            "annotations": if balanced { annotations } else { json!({}) } },
        "spec": { "type": if balanced { "LoadBalancer" } else { "ClusterIP" }, "allocateLoadBalancerNodePorts": false,
            "selector": { "app": name }, "ports": [{ "port": 80, "targetPort": "http" }] } })
}

pub(super) const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";
pub(super) const SERVICES: &str = "/api/v1/namespaces/default/services";
pub(super) const PODS: &str = "/api/v1/namespaces/default/pods";

/// Waits until a Deployment has as many available pods of its newest template.
#[track_caller]
pub(super) fn available(ground: &Ground, name: &str, replicas: u64) -> Value {
    let answer = ground.until(&format!("{DEPLOYMENTS}/{name}"), |answer| {
        let status = &answer.body["status"];
        status["observedGeneration"] == answer.body["metadata"]["generation"]
            && ["replicas", "updatedReplicas", "availableReplicas"].iter().all(|key| status[*key] == replicas)
    });
    answer.body
}

/// The address of a Service on loopback.
#[track_caller]
pub(super) fn url(ground: &Ground, name: &str) -> String {
    let answer = ground.until(&format!("{SERVICES}/{name}-service"), |answer| {
        answer.body["metadata"]["annotations"]["sandbox.platctl.dev/url"].is_string()
    });
    answer.body["metadata"]["annotations"]["sandbox.platctl.dev/url"].as_str().unwrap().to_owned()
}

/// A request over a connection of its own; nothing when the connection ends without an answer.
pub(super) fn fetch(url: &str, path: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).ok()?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let code = head.split(' ').nth(1)?.parse().ok()?;
    Some((code, serde_json::from_str(body).unwrap_or_default()))
}
