//! Images of the services, put into the sandbox's registry by ECR's own API.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const SERVICES: [&str; 3] = ["backend-app", "backend-service", "frontend-app"];

/// The most bytes of a part of a layer.
const PART: usize = 8 << 20;

/// Compiles the services as tests are compiled (mostly done already), and pushes an image of each. Gives their
/// references.
pub(crate) fn push(url: &str) -> Vec<(&'static str, String)> {
    let work = tempfile::tempdir().unwrap();
    let folder = compile();
    SERVICES.map(|name| (name, image(url, name, &small(&folder.join(name), work.path())))).to_vec()
}

/// Pushes an image of backend-service that writes its lines to the file that `LINES` names, so that what it served is
/// known when its pods are gone. Its binary stays in `work`.
pub(crate) fn push_telling(url: &str, work: &Path) -> Vec<(&'static str, String)> {
    let name = "backend-service";
    small(&compile().join(name), work);
    let script = format!("#!/bin/sh\nexec {} \"$@\" >> \"$LINES\"\n", work.join(name).display());
    vec![(name, image(url, name, script.as_bytes()))]
}

/// Compiles the services, and gives the folder that they are in.
fn compile() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_platctl")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--workspace", "--offline"]);
    cargo.env("CARGO_TARGET_DIR", folder.parent().unwrap());
    cargo.args(SERVICES.iter().flat_map(|name| ["--bin", name]));
    let built = cargo.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    folder.to_owned()
}

/// A binary without what debuggers need, as images hold it.
fn small(binary: &Path, work: &Path) -> Vec<u8> {
    let target = work.join(binary.file_name().unwrap());
    let stripped = Command::new("strip").arg("-o").arg(&target).arg(binary).status().unwrap();
    assert!(stripped.success());
    fs::read(target).unwrap()
}

fn image(url: &str, name: &str, binary: &[u8]) -> String {
    let repository = format!("demo-images/{name}");
    call(url, "CreateRepository", &json!({ "repositoryName": repository }));
    let inside = format!("app/{name}");
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(binary.len() as u64);
    header.set_mode(0o755);
    archive.append_data(&mut header, &inside, binary).unwrap();
    let config = json!({ "os": "linux", "config": { "Entrypoint": [format!("/{inside}")] } }).to_string();
    let config = upload(url, &repository, config.as_bytes(), "application/vnd.oci.image.config.v1+json");
    let layer = archive.into_inner().unwrap();
    let layer = upload(url, &repository, &layer, "application/vnd.oci.image.layer.v1.tar");
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({ "schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer] });
    let put = json!({ "repositoryName": repository, "imageManifest": manifest.to_string() });
    let put = call(url, "PutImage", &put);
    let digest = put["image"]["imageId"]["imageDigest"].as_str().unwrap();
    format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/{repository}@{digest}")
}

fn upload(url: &str, repository: &str, bytes: &[u8], kind: &str) -> Value {
    let begun = call(url, "InitiateLayerUpload", &json!({ "repositoryName": repository }));
    for (index, part) in bytes.chunks(PART).enumerate() {
        let first = index * PART;
        let body = json!({
            "repositoryName": repository, "uploadId": begun["uploadId"], "partFirstByte": first,
            "partLastByte": first + part.len() - 1, "layerPartBlob": STANDARD.encode(part),
        });
        call(url, "UploadLayerPart", &body);
    }
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = format!("sha256:{digest}");
    let whole =
        json!({ "repositoryName": repository, "uploadId": begun["uploadId"], "layerDigests": [digest] });
    call(url, "CompleteLayerUpload", &whole);
    json!({ "mediaType": kind, "digest": digest, "size": bytes.len() })
}

/// A call of ECR.
fn call(url: &str, operation: &str, body: &Value) -> Value {
    let host = url.strip_prefix("http://").unwrap();
    let body = body.to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{operation}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=AKIAIMAGESEXAMPLE000/20260101/us-east-1/ecr/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{operation}: {body}");
    serde_json::from_str(body).unwrap_or_default()
}
