//! What scans end with, over the wire.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::blobs::hex_digest;
use crate::testing::Client;

/// A gzipped tar archive with one file.
fn layer(name: &str, content: &str) -> Vec<u8> {
    let mut archive = vec![0u8; 512];
    archive[..name.len()].copy_from_slice(name.as_bytes());
    archive[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    archive.extend(content.as_bytes());
    archive.resize(archive.len().div_ceil(512) * 512 + 1024, 0);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&archive).unwrap();
    gzip.finish().unwrap()
}

fn upload(client: &mut Client, blob: &[u8]) -> Value {
    let begun = client.ok("ecr", "InitiateLayerUpload", json!({ "repositoryName": "app" }));
    let (id, digest) = (begun["uploadId"].clone(), format!("sha256:{}", hex_digest(blob)));
    let part = json!({ "repositoryName": "app", "uploadId": id, "partFirstByte": 0,
        "partLastByte": blob.len() - 1, "layerPartBlob": STANDARD.encode(blob) });
    client.ok("ecr", "UploadLayerPart", part);
    let whole = json!({ "repositoryName": "app", "uploadId": id, "layerDigests": [digest] });
    client.ok("ecr", "CompleteLayerUpload", whole);
    json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest, "size": blob.len() })
}

/// Pushes an image of one layer to a repository that scans what is pushed.
fn push(client: &mut Client, tag: &str, blob: &[u8]) {
    let layer = upload(client, blob);
    let config =
        upload(client, format!("{{\"architecture\":\"amd64\",\"os\":\"linux\",\"n\":\"{tag}\"}}").as_bytes());
    let manifest = json!({ "schemaVersion": 2, "config": config, "layers": [layer] });
    let input = json!({ "repositoryName": "app", "imageManifest": manifest.to_string(), "imageTag": tag });
    client.ok("ecr", "PutImage", input);
}

fn world() -> Client {
    let mut client = Client::new();
    let input = json!({ "repositoryName": "app", "imageScanningConfiguration": { "scanOnPush": true } });
    client.ok("ecr", "CreateRepository", input);
    client
}

/// The findings after a scan, and the statuses on the way.
fn scanned(client: &mut Client, tag: &str) -> (String, String, Value) {
    let input = json!({ "repositoryName": "app", "imageId": { "imageTag": tag } });
    let first = client.ok("ecr", "DescribeImageScanFindings", input.clone());
    let last = client.ok("ecr", "DescribeImageScanFindings", input);
    let status = |answer: &Value| answer["imageScanStatus"]["status"].as_str().unwrap().to_owned();
    (status(&first), status(&last), last["imageScanFindings"].clone())
}

#[test]
fn a_basic_scan_knows_only_images_with_an_operating_system() {
    let mut client = world();
    push(&mut client, "scratch", &layer("backend-app", "a program"));
    let (first, last, findings) = scanned(&mut client, "scratch");
    assert_eq!((first.as_str(), last.as_str()), ("IN_PROGRESS", "UNSUPPORTED_IMAGE"));
    assert_eq!(findings, Value::Null);
    push(&mut client, "debian", &layer("./etc/os-release", "ID=debian"));
    let (_, last, findings) = scanned(&mut client, "debian");
    assert_eq!((last.as_str(), &findings["findings"]), ("COMPLETE", &json!([])));
}

#[test]
fn an_enhanced_scan_shows_the_seeded_findings() {
    let mut client = world();
    client.ok("ecr", "PutRegistryScanningConfiguration", json!({ "scanType": "ENHANCED", "rules": [] }));
    let finding =
        json!({ "severity": "CRITICAL", "title": "CVE-2026-0001", "score": 9.8, "status": "ACTIVE" });
    let seed = json!({ "region": client.region, "repository": "app", "findings": [finding] });
    client.control("POST", "/ecr/findings", &seed);
    push(&mut client, "one", &layer("backend-app", "a program"));
    let (first, last, findings) = scanned(&mut client, "one");
    assert_eq!((first.as_str(), last.as_str()), ("PENDING", "ACTIVE"));
    assert_eq!(findings["findingSeverityCounts"], json!({ "CRITICAL": 1 }));
    assert_eq!(findings["enhancedFindings"][0]["title"], "CVE-2026-0001");
    let input = json!({ "repositoryName": "app", "imageId": { "imageTag": "one" } });
    assert_eq!(client.code("ecr", "StartImageScan", input), "ValidationException");
}

/// A kubelet pulls what the repository's own address names, with no login; everything else still needs one.
#[test]
fn an_open_registry_is_pulled_from_without_a_login() {
    let mut client = world();
    push(&mut client, "one", &layer("backend-app", "a program"));
    let address = |client: &mut Client| {
        let told = client.ok("ecr", "DescribeRepositories", json!({}));
        told["repositories"][0]["repositoryUri"].as_str().unwrap().to_owned()
    };
    let manifest = "/v2/app/manifests/one";
    assert_eq!(address(&mut client), "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app");
    assert_eq!(client.anonymous("GET", manifest).status, 401);

    client.control("POST", "/ecr/open", &json!({ "region": "eu-west-1", "open": true }));
    let host = address(&mut client).strip_suffix("/app").unwrap().to_owned();
    assert!(host.starts_with("127.0.0.1"), "{host}");
    let pulled = client.anonymous("GET", manifest);
    let found: Value = serde_json::from_slice(&pulled.body).unwrap();
    let blob = |which: &Value| format!("/v2/app/blobs/{}", which["digest"].as_str().unwrap());
    assert_eq!((pulled.status, found["schemaVersion"].as_i64()), (200, Some(2)));
    assert!(client.anonymous("GET", &blob(&found["layers"][0])).status < 400);
    // Whoever asks what the registry is still hears that it wants a login, or would push without one.
    assert_eq!(client.anonymous("GET", "/v2/").status, 401);
    assert_eq!(client.anonymous("GET", "/v2/nothing/manifests/one").status, 401);
    for (method, path) in [("PUT", manifest), ("POST", "/v2/app/blobs/uploads/")] {
        assert_eq!(client.anonymous(method, path).status, 401, "{method} {path}");
    }

    client.control("POST", "/ecr/open", &json!({ "region": "eu-west-1", "open": false }));
    assert_eq!(client.anonymous("GET", manifest).status, 401);
    assert_eq!(address(&mut client), "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app");
}
