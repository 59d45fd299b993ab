//! Against the real ones: Debian's registry, another client that pulls, a runtime that runs (`PLATCTL_PEERS=1`).

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::proxy::{Fate, Proxy, writes};
use crate::push::Sandboxed;
use crate::support::{Workspace, told};

/// Whether peers are wanted; installs them.
fn wanted() -> bool {
    if std::env::var("PLATCTL_PEERS").is_ok_and(|value| value == "1") {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/peers/images");
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            let status = Command::new(&script).status().unwrap();
            assert!(status.success(), "the peers cannot be installed");
        });
        return true;
    }
    eprintln!("skipped: set PLATCTL_PEERS=1 to run tests against peers");
    false
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Debian's registry, on a folder of its own.
struct Registry {
    address: SocketAddr,
    _folder: tempfile::TempDir,
    process: Child,
}

impl Registry {
    fn start() -> Self {
        let (address, folder) = (free_port(), tempfile::tempdir().unwrap());
        let config = format!(
            "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    enabled: true\nhttp:\n  addr: {address}\n",
            folder.path().join("data").display()
        );
        let path = folder.path().join("config.yml");
        fs::write(&path, config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&path).stdout(Stdio::null()).stderr(Stdio::null());
        let registry = Self { address, _folder: folder, process: command.spawn().unwrap() };
        until("the registry answers", || TcpStream::connect(address).is_ok());
        registry
    }

    /// What a client of nobody's reads.
    fn get(&self, path: &str) -> Vec<u8> {
        use std::io::{Read as _, Write as _};
        let mut stream = TcpStream::connect(self.address).unwrap();
        let accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
        let request = format!("GET {path} HTTP/1.0\r\nAccept: {accept}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let at = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        assert!(answer.starts_with(b"HTTP/1.0 200"), "{path}: {}", answer[..at].escape_ascii());
        answer.split_off(at + 4)
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.get(path)).unwrap()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Pulls an image with skopeo and makes its root file system, as a runtime sees it.
fn pull(registry: SocketAddr, name: &str, folder: &Path) -> (Value, PathBuf) {
    let layout = format!("oci:{}:x", folder.join("layout").display());
    let from = format!("docker://{registry}/{name}");
    let copied =
        Command::new("skopeo").args(["copy", "-q", "--src-tls-verify=false", &from, &layout]).status();
    assert!(copied.unwrap().success(), "skopeo does not pull {from}");
    let layout = crate::support::Layout(folder.join("layout"));
    let index: Value = serde_json::from_slice(&fs::read(folder.join("layout/index.json")).unwrap()).unwrap();
    let manifest = layout.json(index["manifests"][0]["digest"].as_str().unwrap());
    let config = layout.json(manifest["config"]["digest"].as_str().unwrap());
    let root = folder.join("bundle/rootfs");
    fs::create_dir_all(&root).unwrap();
    for layer in manifest["layers"].as_array().unwrap() {
        let path = folder
            .join("layout/blobs/sha256")
            .join(layer["digest"].as_str().unwrap().trim_start_matches("sha256:"));
        assert!(Command::new("tar").arg("-xzf").arg(path).arg("-C").arg(&root).status().unwrap().success());
    }
    (config, root)
}

/// Runs an image as its configuration says: as its user, nothing writable, no capabilities; gives what `/health`
/// answers from inside.
fn run(folder: &Path, config: &Value, port: u16, id: &str) -> String {
    let user: Vec<u64> =
        config["config"]["User"].as_str().unwrap().split(':').map(|n| n.parse().unwrap()).collect();
    assert_ne!(user[0], 0);
    let spec = json!({
        "ociVersion": "1.0.0",
        "process": {
            "user": { "uid": user[0], "gid": user[1] },
            "args": config["config"]["Entrypoint"],
            "env": [format!("LISTEN_ADDR=127.0.0.1:{port}")],
            "cwd": "/",
            "noNewPrivileges": true,
            "capabilities": {},
        },
        "root": { "path": "rootfs", "readonly": true },
        "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
        ],
        // The network is the host's: the port is asked from here.
        "linux": { "namespaces": [{ "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" }] },
    });
    fs::write(folder.join("bundle/config.json"), spec.to_string()).unwrap();
    let log = fs::File::create(folder.join("log")).unwrap();
    let bundle = folder.join("bundle").display().to_string();
    let mut running = crun(folder, &["run", "--bundle", &bundle, id])
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut answer = None;
    until("the service is healthy", || {
        assert!(running.try_wait().unwrap().is_none(), "{}", fs::read_to_string(folder.join("log")).unwrap());
        answer = health(port);
        answer.is_some()
    });
    let state: Value =
        serde_json::from_slice(&crun(folder, &["state", id]).output().unwrap().stdout).unwrap();
    let about = |file: &str| fs::read_to_string(format!("/proc/{}/{file}", state["pid"])).unwrap();
    let (status, mounts) = (about("status"), about("mountinfo"));
    assert!(status.contains(&format!("Uid:\t{0}\t{0}\t{0}", user[0])), "{status}");
    assert!(status.contains("CapEff:\t0000000000000000"), "{status}");
    assert!(mounts.lines().any(|line| line.contains(" / ro,")), "{mounts}");
    assert!(crun(folder, &["kill", id, "KILL"]).status().unwrap().success());
    running.wait().unwrap();
    answer.unwrap()
}

/// crun, with a view of its own of the groups of processes: it refuses a mixture of their two versions, and here it
/// is to manage none.
fn crun(folder: &Path, arguments: &[&str]) -> Command {
    let script =
        "umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec crun \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "crun"]);
    command.arg(format!("--root={}", folder.join("state").display())).arg("--cgroup-manager=disabled");
    command.args(arguments);
    command
}

fn health(port: u16) -> Option<String> {
    use std::io::{Read as _, Write as _};
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.starts_with("HTTP/1.1 200").then_some(answer)
}

#[test]
fn another_client_pulls_what_is_pushed_and_a_runtime_runs_it() {
    if !wanted() {
        return;
    }
    let (workspace, registry, folder) = (Workspace::new(), Registry::start(), tempfile::tempdir().unwrap());
    let push = format!("images push test hello --registry {}/shop --plain-http --tag v1", registry.address);
    let pushed = workspace.images(&push);
    let found = Command::new("skopeo")
        .args(["inspect", "--tls-verify=false", "--format", "{{.Digest}}"])
        .arg(format!("docker://{}/shop/hello:v1", registry.address))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout).trim(), pushed[0]["digest"].as_str().unwrap());
    let (config, _) = pull(registry.address, "shop/hello:v1", folder.path());
    let answer = run(folder.path(), &config, free_port().port(), &format!("platctl-{}", std::process::id()));
    assert!(answer.contains("healthy"), "{answer}");
}

#[test]
fn the_second_push_sends_nothing() {
    if !wanted() {
        return;
    }
    let (workspace, registry) = (Workspace::new(), Registry::start());
    let proxy = Proxy::new(registry.address, None);
    let push = format!("images push test hello --registry {} --plain-http", proxy.address);
    workspace.images(&push);
    assert!(writes(&proxy.requests()) >= 4);
    workspace.images(&push);
    let again = proxy.requests();
    assert_eq!(writes(&again), 0, "{again:?}");
    assert!(again.len() <= 8, "{again:?}");
    // Another name for the same content: every blob is there, two manifests and the list of referrers stay.
    workspace.images(&format!("{push} --tag another"));
    let named = proxy.requests();
    assert_eq!(writes(&named), 1, "{named:?}");
}

#[test]
fn what_breaks_off_is_repeated_and_what_was_killed_is_completed() {
    if !wanted() {
        return;
    }
    let (workspace, registry) = (Workspace::new(), Registry::start());
    let proxy = Proxy::new(registry.address, None);
    let push = format!("images push test hello --registry {} --plain-http --tag v1", proxy.address);
    // Every upload is cut once in its middle, and every other answer is an error of the server, once.
    let mut seen = std::collections::BTreeSet::new();
    proxy.decide(move |line, _| {
        let upload = line.starts_with("PUT") && line.contains("digest=");
        let key = if upload { line.rsplit("digest=").next().unwrap().to_owned() } else { line.to_owned() };
        match seen.insert(key) {
            false => Fate::Pass,
            true if upload => Fate::Cut(100),
            true => Fate::Answer(503),
        }
    });
    let digest = workspace.images(&push)[0]["digest"].clone();
    let index = registry.json("/v2/hello/manifests/v1");
    assert_eq!(index["annotations"]["org.opencontainers.image.title"], "hello");
    // Killed at every request in turn, from the first to one after the last; then run again.
    for at in 1.. {
        let registry = Registry::start();
        let proxy = Proxy::new(registry.address, None);
        let push = format!("images push test hello --registry {} --plain-http --tag v1", proxy.address);
        let (tell, heard) = std::sync::mpsc::channel();
        proxy.decide(move |_, number| {
            if number == at {
                let _ = tell.send(());
                std::thread::sleep(Duration::from_secs(2));
            }
            Fate::Pass
        });
        let mut process =
            workspace.platctl(&push).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut ended = false;
        until("the request comes or the push ends", || {
            ended = process.try_wait().unwrap().is_some();
            ended || heard.try_recv().is_ok()
        });
        process.kill().unwrap();
        process.wait().unwrap();
        proxy.decide(|_, _| Fate::Pass);
        assert_eq!(workspace.images(&push)[0]["digest"], digest, "killed at request {at}");
        let folder = tempfile::tempdir().unwrap();
        pull(registry.address, "hello:v1", folder.path());
        if ended {
            assert!(at > 8, "only {at} requests were seen");
            break;
        }
    }
}

#[test]
fn a_tag_that_is_taken_and_a_login_that_is_refused_are_told() {
    if !wanted() {
        return;
    }
    let (workspace, registry) = (Workspace::new(), Registry::start());
    let direct = format!("images push test hello --registry {} --plain-http --tag v1", registry.address);
    workspace.images(&direct);
    workspace.write("services/words.txt", "other\n");
    let (_, err) = workspace.run(&direct, 1);
    assert!(err.contains("hello:v1 is taken") && err.contains("--tag"), "{err}");
    let proxy = Proxy::new(registry.address, Some(&STANDARD.encode("me:right")));
    let push = format!("images push test hello --registry {} --plain-http --tag v2", proxy.address);
    let (_, err) = workspace.run(&push, 3);
    assert!(err.contains("refuses access") && err.contains("docker login"), "{err}");
    for (password, code) in [("wrong", 3), ("right", 0)] {
        let auth = STANDARD.encode(format!("me:{password}"));
        let config = json!({ "auths": { proxy.address.to_string(): { "auth": auth } } });
        let folder = workspace.home().join(".docker");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
        let (out, err) = told(&workspace.platctl(&push).output().unwrap(), password, code);
        assert!(!format!("{out}{err}").contains("right") && !err.contains("let-me-in"), "{err}");
    }
}

#[test]
fn bills_of_materials_are_found_by_the_tag_that_stands_in_for_referrers() {
    if !wanted() {
        return;
    }
    let (workspace, registry) = (Workspace::new(), Registry::start());
    let push = format!("images push test hello --registry {} --plain-http", registry.address);
    let pushed = workspace.images(&push);
    let digest = pushed[0]["digest"].as_str().unwrap();
    let index = registry.json(&format!("/v2/hello/manifests/{}", digest.replace(':', "-")));
    let entries = index["manifests"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["artifactType"], "application/vnd.cyclonedx+json");
    let manifest = registry.json(&format!("/v2/hello/manifests/{}", entries[0]["digest"].as_str().unwrap()));
    assert_eq!(manifest["subject"]["digest"], digest);
    let document =
        registry.json(&format!("/v2/hello/blobs/{}", manifest["layers"][0]["digest"].as_str().unwrap()));
    assert_eq!(document["bomFormat"], "CycloneDX");
    assert_eq!(document["metadata"]["component"]["name"], "hello");
    let names: Vec<_> = document["components"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["shared"]);
    assert_eq!(document["components"][0]["licenses"][0]["expression"], "MIT");
}

#[test]
fn images_are_built_on_a_base_that_is_what_its_digest_says() {
    if !wanted() {
        return;
    }
    let (workspace, registry) = (Workspace::new(), Registry::start());
    let settings = fs::read_to_string(workspace.root.join("environments/test.toml")).unwrap();
    let pushed =
        workspace.images(&format!("images push test other --registry {} --plain-http", registry.address));
    let digest = pushed[0]["digest"].as_str().unwrap().to_owned();
    let proxy = Proxy::new(registry.address, None);
    let on = |repository: &str, digest: &str| {
        let base = format!("[images]\nbase = \"{}/{repository}@{digest}\"\n", proxy.address);
        workspace.write("environments/test.toml", &format!("{settings}{base}"));
    };
    on("other", &digest);
    let built = workspace.images("images build test hello --output oci-layout out");
    let layout = crate::support::Layout(workspace.root.join("out"));
    let manifest = layout.json(built[0]["digest"].as_str().unwrap());
    let files = layout.files(&manifest);
    assert!(files.contains_key("app/other") && files.contains_key("app/hello"));
    assert_eq!(manifest["annotations"]["org.opencontainers.image.base.digest"], digest);
    // One byte is changed on the way.
    proxy.decide(|line, _| if line.contains("/blobs/") { Fate::Corrupt } else { Fate::Pass });
    let (_, err) = workspace.run("images build test hello", 1);
    assert!(err.contains("was promised") || err.to_lowercase().contains("digest"), "{err}");
    proxy.decide(|_, _| Fate::Pass);
    on("nobody", &digest);
    let (_, err) = workspace.run("images build test hello", 1);
    assert!(err.contains("nobody") && err.contains("does not exist"), "{err}");
}

#[test]
fn openssl_and_cosign_verify_the_signature_of_a_key_of_kms() {
    if !wanted() {
        return;
    }
    let (workspace, registry, folder) =
        (Sandboxed(Workspace::new()), Registry::start(), tempfile::tempdir().unwrap());
    let workspace = &workspace.0;
    let (out, _) = workspace.run("sandbox start", 0);
    let endpoint: SocketAddr =
        out.trim().trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    let made = kms(endpoint, "CreateKey", &json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" }));
    let key = made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let settings = fs::read_to_string(workspace.root.join("environments/test.toml")).unwrap();
    workspace.write("environments/test.toml", &format!("{settings}[images]\nsigning_key = \"{key}\"\n"));
    let push = format!("images push test hello --sandbox --registry {} --plain-http", registry.address);
    let digest = workspace.images(&push)[0]["digest"].as_str().unwrap().to_owned();
    // A second push signs no second time.
    workspace.images(&push);
    let index = registry.json(&format!("/v2/hello/manifests/{}", digest.replace(':', "-")));
    let signatures: Vec<_> = index["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["artifactType"] == "application/vnd.dev.cosign.artifact.sig.v1+json")
        .collect();
    assert_eq!(signatures.len(), 1, "{index}");
    let manifest =
        registry.json(&format!("/v2/hello/manifests/{}", signatures[0]["digest"].as_str().unwrap()));
    let layer = &manifest["layers"][0];
    let payload = registry.get(&format!("/v2/hello/blobs/{}", layer["digest"].as_str().unwrap()));
    let said: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(said["critical"]["image"]["docker-manifest-digest"], digest);
    let signature = layer["annotations"]["dev.cosignproject.cosign/signature"].as_str().unwrap();
    let public = kms(endpoint, "GetPublicKey", &json!({ "KeyId": key }));
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let der = file("key.der", &STANDARD.decode(public["PublicKey"].as_str().unwrap()).unwrap());
    let signature = file("signature", &STANDARD.decode(signature).unwrap());
    let verifies = |payload: &Path| {
        let mut openssl = Command::new("openssl");
        openssl
            .args(["dgst", "-sha256", "-keyform", "DER", "-verify"])
            .arg(&der)
            .arg("-signature")
            .arg(&signature);
        openssl.arg(payload).output().unwrap().status.success()
    };
    assert!(verifies(&file("payload", &payload)));
    assert!(!verifies(&file("forged", &[&payload[..], b" "].concat())));

    let other = kms(endpoint, "CreateKey", &json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" }));
    let other = kms(endpoint, "GetPublicKey", &json!({ "KeyId": other["KeyMetadata"]["Arn"] }));
    let image = format!("{}/hello@{digest}", registry.address);
    for (key, ours) in [(&public, true), (&other, false)] {
        let pem = pem(key["PublicKey"].as_str().unwrap());
        if let Some(verified) = cosign_verifies(&file("key.pem", pem.as_bytes()), &image) {
            assert_eq!(verified, ours, "by cosign");
        }
    }
}

/// A public key as a file that programs read. (RFC 7468, section 13.)
fn pem(base64: &str) -> String {
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// Whether cosign takes an image's signature for one by a key; nothing where it is not installed.
fn cosign_verifies(key: &Path, image: &str) -> Option<bool> {
    let mut cosign = Command::new("cosign");
    cosign.args(["verify", "--experimental-oci11", "--allow-http-registry", "--insecure-ignore-tlog=true"]);
    cosign.arg("--key").arg(key).arg(image);
    cosign.env("COSIGN_EXPERIMENTAL", "1").env("HOME", key.parent().unwrap());
    match cosign.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        ended => Some(ended.unwrap().status.success()),
    }
}

#[test]
fn a_disk_that_gets_full_is_an_error_and_leaves_nothing_that_counts() {
    if !wanted() {
        return;
    }
    let workspace = Workspace::new();
    workspace.images("images build test hello");
    // In a mount namespace of its own, with a file system that holds less than the image.
    let script = "mkdir -p out && mount -t tmpfs -o size=128k none out && \"$0\" \"$@\"; code=$?; \
                  test ! -e out/index.json || code=99; exit $code";
    let mut command = workspace.command("unshare");
    command.args(["--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_platctl")]);
    command.args(["images", "build", "test", "hello", "--output", "oci-layout", "out"]);
    let (_, err) = told(&command.output().unwrap(), "a full disk", 1);
    assert!(err.to_lowercase().contains("no space left") && err.contains("free some space"), "{err}");
    workspace.images("images build test hello --output oci-layout out");
    assert!(workspace.root.join("out/index.json").is_file());
}

/// A call to the sandbox's KMS.
fn kms(endpoint: SocketAddr, operation: &str, input: &Value) -> Value {
    use std::io::{Read as _, Write as _};
    let body = input.to_string();
    let mut stream = TcpStream::connect(endpoint).unwrap();
    let credential = "Credential=AKIASANDBOXEXAMPLE00/20260101/us-east-1/kms/aws4_request";
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {endpoint}\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: TrentService.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(body).unwrap()
}

/// The services of this repository and its environments, in a folder with a sandbox of its own. What was compiled for
/// other tests is used again.
#[test]
fn up_brings_the_three_services_into_the_sandboxs_registry_and_again_sends_nothing() {
    if !wanted() {
        return;
    }
    let (folder, repository) = (tempfile::tempdir().unwrap(), Path::new(env!("CARGO_MANIFEST_DIR")));
    fs::create_dir(folder.path().join("environments")).unwrap();
    for file in fs::read_dir(repository.join("environments")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, folder.path().join("environments").join(file.file_name().unwrap())).unwrap();
    }
    std::os::unix::fs::symlink(repository.join("services"), folder.path().join("services")).unwrap();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(repository.join("target"), PathBuf::from);
    let run = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(folder.path()).args(arguments.split(' ')).env("CARGO_TARGET_DIR", &target);
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        told(&command.output().unwrap(), arguments, 0)
    };
    let (out, _) = run("diff dev --sandbox");
    let services = ["backend-app", "backend-service", "frontend-app"];
    assert!(
        services.iter().all(|name| out.contains(&format!("image.{name}  to be built and pushed"))),
        "{out}"
    );
    run("up dev --sandbox");
    let (url, _) = run("sandbox start");
    let host = url.trim().trim_start_matches("http://");
    for service in services {
        // What a pod names is AWS's own host; the sandbox answers for it here.
        let (url, _) = run(&format!("output dev image.{service} url --sandbox"));
        let (named, name) = url.trim().split_once('/').unwrap();
        assert_eq!(named, "123456789012.dkr.ecr.us-east-1.amazonaws.com");
        let place = tempfile::tempdir().unwrap();
        let manifest = Command::new("skopeo")
            .args(["inspect", "--raw", "--tls-verify=false", "--creds", &login(host)])
            .arg(format!("docker://{host}/{name}"))
            .current_dir(place.path())
            .output()
            .unwrap();
        assert!(manifest.status.success(), "{}", String::from_utf8_lossy(&manifest.stderr));
        let manifest: Value = serde_json::from_slice(&manifest.stdout).unwrap();
        assert_eq!(manifest["annotations"]["org.opencontainers.image.title"], service);
    }
    let (out, err) = run("up dev --sandbox");
    assert!(!format!("{out}{err}").contains("compiling"), "{err}");
    assert!(err.contains("nothing to do"), "{err}");
    let (out, _) = run("images push dev --sandbox --json");
    let report: Value = serde_json::from_str(&out).unwrap();
    for image in report["images"].as_array().unwrap() {
        assert_eq!((&image["unchanged"], &image["pushed"]["uploaded"]), (&json!(true), &json!(0)), "{image}");
    }
    let (_, err) = run("destroy dev --sandbox");
    assert!(err.contains("0 left"), "{err}");
    run("sandbox stop");
}

/// What the sandbox's ECR gives to log in with: user and password.
fn login(host: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 2\r\nContent-Type: \
         application/x-amz-json-1.1\r\nX-Amz-Target: AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=AKIASANDBOXEXAMPLE00/20260101/us-east-1/ecr/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let token = answer["authorizationData"][0]["authorizationToken"].as_str().unwrap();
    String::from_utf8(STANDARD.decode(token).unwrap()).unwrap()
}

#[test]
fn the_three_services_are_pushed_pulled_and_healthy_and_small() {
    if !wanted() {
        return;
    }
    let registry = Registry::start();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let push = format!("images push dev --json --registry {}/dev --plain-http", registry.address);
    let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
    let output = command.current_dir(repository).args(push.split(' ')).output().unwrap();
    let (out, _) = told(&output, "the services", 0);
    let report: Value = serde_json::from_str(&out).unwrap();
    let images = report["images"].as_array().unwrap();
    assert_eq!(images.len(), 3);
    for image in images {
        let folder = tempfile::tempdir().unwrap();
        let service = image["service"].as_str().unwrap();
        let bytes = image["platforms"]["linux/amd64"]["bytes"].as_u64().unwrap();
        assert!(bytes < 12_000_000, "{service} is of {bytes} bytes");
        let name = format!("dev/{service}@{}", image["digest"].as_str().unwrap());
        let (config, root) = pull(registry.address, &name, folder.path());
        assert!(root.join("app").join(service).is_file());
        let answer =
            run(folder.path(), &config, free_port().port(), &format!("{service}-{}", std::process::id()));
        assert!(answer.contains("healthy"), "{answer}");
    }
}
