//! Building: the same digest everywhere, what is in an image, what is told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::{Layout, Workspace};

#[test]
fn two_clones_in_two_folders_give_the_same_digest() {
    let one = Workspace::new();
    let two = one.cloned();
    // Other times on every file, and another place for cargo's own files.
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for file in ["Cargo.toml", "shared/src/lib.rs", "services/hello/src/main.rs"] {
        fs::File::options().write(true).open(two.root.join(file)).unwrap().set_modified(long_ago).unwrap();
    }
    let first = one.images("images build test hello --output oci-layout out");
    let output = two
        .platctl("images build test hello --json --output oci-layout out")
        .env("CARGO_HOME", two.home().join("cargo home"))
        .env("CARGO_TARGET_DIR", two.home().join("target"))
        .output()
        .unwrap();
    let (out, _) = crate::support::told(&output, "the clone", 0);
    let second: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(first[0]["digest"], second["images"][0]["digest"]);
    assert_eq!(first[0]["tag"], second["images"][0]["tag"]);
    // No path of this machine is in the binary.
    let layout = Layout(one.root.join("out"));
    let manifest = layout.json(first[0]["digest"].as_str().unwrap());
    let (_, binary) = &layout.files(&manifest)["app/hello"];
    for path in [&one.root, &one.home().to_path_buf()] {
        let path = path.to_str().unwrap().as_bytes();
        assert!(!binary.windows(path.len()).any(|window| window == path), "{}", path.escape_ascii());
    }
}

#[test]
fn an_image_holds_the_binary_a_user_and_a_place_for_files_and_says_whence_it_comes() {
    let workspace = Workspace::new();
    workspace.write("certificates.pem", "-----BEGIN CERTIFICATE-----\n");
    let settings = "[images]\ncertificates = \"certificates.pem\"\nsource = \"https://example.com/shop\"\n[images.labels]\nteam = \"shop\"\n";
    let whole = fs::read_to_string(workspace.root.join("environments/test.toml")).unwrap() + settings;
    workspace.write("environments/test.toml", &whole);
    workspace.commit();
    let images = workspace.images("images build test hello --output oci-layout out");
    let layout = Layout(workspace.root.join("out"));
    let manifest = layout.json(images[0]["digest"].as_str().unwrap());
    let files = layout.files(&manifest);
    let modes: Vec<(&str, u32)> = files.iter().map(|(path, (mode, _))| (path.as_str(), *mode)).collect();
    assert_eq!(
        modes,
        [
            ("app/", 0o755),
            ("app/hello", 0o755),
            ("etc/", 0o755),
            ("etc/group", 0o644),
            ("etc/passwd", 0o644),
            ("etc/ssl/", 0o755),
            ("etc/ssl/certs/", 0o755),
            ("etc/ssl/certs/ca-certificates.crt", 0o644),
            ("tmp/", 0o1777),
        ]
    );
    assert!(String::from_utf8_lossy(&files["etc/passwd"].1).contains("app:x:65532:65532:"));
    let config = layout.json(manifest["config"]["digest"].as_str().unwrap());
    assert_eq!(config["created"], "2024-05-06T07:08:09Z");
    assert_eq!(config["config"]["User"], "65532:65532");
    assert_eq!(config["config"]["Entrypoint"], json!(["/app/hello"]));
    assert_eq!(config["config"]["ExposedPorts"], json!({ "8080/tcp": {} }));
    assert_eq!(config["config"]["Env"], json!(["SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"]));
    let head = workspace
        .command("git")
        .args(["log", "-1", "--format=%H", "--", "services/hello", "shared"])
        .output()
        .unwrap();
    for labels in [&config["config"]["Labels"], &manifest["annotations"]] {
        assert_eq!(labels["team"], "shop");
        assert_eq!(labels["org.opencontainers.image.title"], "hello");
        assert_eq!(labels["org.opencontainers.image.source"], "https://example.com/shop");
        assert_eq!(labels["org.opencontainers.image.created"], "2024-05-06T07:08:09Z");
        assert_eq!(labels["org.opencontainers.image.revision"], String::from_utf8_lossy(&head.stdout).trim());
    }
}

#[test]
fn the_binary_is_static_runs_and_tells_scanners_its_dependencies() {
    let workspace = Workspace::new();
    let images = workspace.images("images build test hello --output oci-layout out");
    let layout = Layout(workspace.root.join("out"));
    let files = layout.files(&layout.json(images[0]["digest"].as_str().unwrap()));
    let path = workspace.root.join("binary");
    fs::write(&path, &files["app/hello"].1).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    // Binutils as judge: nothing to load, and the section that cargo-auditable's readers look for.
    let segments = Command::new("readelf").args(["-lW"]).arg(&path).output().unwrap();
    let segments = String::from_utf8_lossy(&segments.stdout).into_owned();
    assert!(segments.contains("LOAD") && !segments.contains("INTERP"), "{segments}");
    let notes = Command::new("readelf").arg("-nW").arg(&path).output().unwrap();
    assert!(!String::from_utf8_lossy(&notes.stdout).contains("Build ID"));
    let section = workspace.root.join("section");
    let dumped = Command::new("objcopy")
        .arg(format!("--dump-section=.dep-v0={}", section.display()))
        .args([&path, &workspace.root.join("copy")])
        .status();
    assert!(dumped.unwrap().success());
    let packed = fs::read(section).unwrap();
    let dependencies: Value =
        serde_json::from_reader(flate2::read::ZlibDecoder::new(packed.as_slice())).unwrap();
    assert_eq!(
        dependencies["packages"],
        json!([
            { "name": "hello", "version": "1.2.3", "source": "local", "dependencies": [1], "root": true },
            { "name": "shared", "version": "1.2.3", "source": "local" },
        ])
    );
    let mut service = Command::new(&path).env("LISTEN_ADDR", "127.0.0.1:0").spawn().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(service.try_wait().unwrap().is_none(), "it ended by itself");
    service.kill().unwrap();
    service.wait().unwrap();
}

#[test]
fn a_binary_from_elsewhere_makes_an_index_of_two_platforms() {
    let workspace = Workspace::new();
    // The head of an ELF file for AArch64 without segments: enough to be told from others.
    let mut arm = vec![0_u8; 64];
    arm[..6].copy_from_slice(b"\x7fELF\x02\x01");
    arm[18] = 183;
    fs::write(workspace.root.join("arm"), &arm).unwrap();
    let images = workspace.images("images build test hello --binary linux/arm64=arm --output oci-layout out");
    let layout = Layout(workspace.root.join("out"));
    let index = layout.json(images[0]["digest"].as_str().unwrap());
    assert_eq!(index["mediaType"], "application/vnd.oci.image.index.v1+json");
    let entry = &index["manifests"][1];
    assert_eq!(entry["platform"], json!({ "architecture": "arm64", "os": "linux" }));
    assert_eq!(layout.files(&layout.json(entry["digest"].as_str().unwrap()))["app/hello"].1, arm);
    let (_, err) =
        workspace.run("images build test hello --binary linux/arm64=arm --output docker-archive x.tar", 64);
    assert!(err.contains("holds one platform") && err.contains("--platform"), "{err}");
    // The same file is none for the other platform.
    let (_, err) = workspace.run("images build test hello --binary linux/amd64=arm", 1);
    assert!(err.contains("it is one for linux/arm64"), "{err}");
}

#[test]
fn an_archive_for_docker_holds_both_services() {
    let workspace = Workspace::new();
    let images = workspace.images("images build test --tag one --output docker-archive out.tar");
    assert_eq!(images.len(), 2);
    let mut archive = tar::Archive::new(fs::File::open(workspace.root.join("out.tar")).unwrap());
    let mut names = Vec::new();
    let mut manifest = Value::Null;
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        if name == "manifest.json" {
            manifest = serde_json::from_reader(entry).unwrap();
        }
        names.push(name);
    }
    assert_eq!(manifest[0]["RepoTags"], json!(["hello:one"]));
    assert_eq!(manifest[1]["RepoTags"], json!(["other:one"]));
    for image in manifest.as_array().unwrap() {
        for layer in image["Layers"].as_array().unwrap() {
            assert!(names.iter().any(|name| name == layer.as_str().unwrap()));
        }
    }
}
