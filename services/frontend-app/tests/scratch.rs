//! A static binary in a root folder that holds nothing else, as in an image from scratch.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use service_testing::dns::NameServer;
use service_testing::http::get;
use service_testing::peers;
use service_testing::process::{ServiceProcess, finish};
use service_testing::upstream::{self, Upstream};
use tokio::process::Command;

/// Compiles the service statically, as an image needs it.
async fn compiled(folder: &Path) -> PathBuf {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let status = Command::new(env!("CARGO"))
        .current_dir(peers::repository())
        .args(["build", "--quiet", "--locked", "-p", "frontend-app", "--target", &target])
        .env("CARGO_TARGET_DIR", folder)
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .status()
        .await
        .expect("cargo starts");
    assert!(status.success(), "the static binary is not compiled");
    folder.join(target).join("debug/frontend-app")
}

/// A command whose root is that folder, in a namespace of its own. Of devices it has the
/// sources of randomness, which every container has (OCI runtime specification, "Default Devices").
fn within(root: &Path, arguments: &[&str]) -> Command {
    const ENTER: &str = "
        PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH
        for device in random urandom; do mount --bind /dev/$device \"$0/dev/$device\" || exit; done
        exec chroot \"$0\" /frontend-app \"$@\"";
    let mut command = Command::new("/usr/bin/unshare");
    if !rustix::process::getuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "/bin/sh", "-c", ENTER]);
    command.arg(root).args(arguments);
    command
}

#[tokio::test]
async fn a_static_binary_needs_nothing_else() {
    if !peers::wanted() {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let binary = compiled(&folder.join("static")).await;
    let root = std::env::temp_dir().join(format!("scratch-{}", std::process::id()));
    std::fs::create_dir_all(root.join("dev")).expect("the temporary folder can be written");
    for device in ["random", "urandom"] {
        std::fs::write(root.join("dev").join(device), "").expect("the temporary folder can be written");
    }
    std::fs::copy(&binary, root.join("frontend-app")).expect("the binary is there");

    let names = NameServer::start().await;
    names.set("api.backend.internal", Ipv4Addr::LOCALHOST, 60);
    let server = names.address.to_string();
    let upstream = Upstream::start(|_| upstream::json("{\"status\": \"healthy\"}")).await;
    let url = format!("http://api.backend.internal:{}", upstream.address.port());
    let variables = [("DNS_SERVER", server.as_str()), ("BACKEND_SERVICE_URL", &url)];
    let mut service = ServiceProcess::run(within(&root, &[]), &variables).await;
    let reply = get(service.address, "/api/backend-service/health").await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "{\"status\": \"healthy\"}"));
    assert_eq!(get(service.address, "/docs").await.status, 200);
    assert_eq!(get(service.address, "/metrics").await.status, 200);
    let ran = finish(within(&root, &["probe", "resolve", "api.backend.internal"]), &variables).await;
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), "127.0.0.1\n"), "{ran:?}");
    let health = format!("http://{}/health", service.address);
    let ran = finish(within(&root, &["probe", "get", &health]), &variables).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // Without a name server of its own and without the system's, it says what is missing.
    let ran = finish(within(&root, &["probe", "resolve", "api.backend.internal"]), &[]).await;
    assert!(ran.code == Some(1) && ran.errors.contains("names no name server"), "{ran:?}");
    service.terminate();
    assert!(service.ended().await.success());
    let left = std::fs::read_dir(&root).expect("the folder is ours").count();
    assert_eq!(left, 2, "something was written");
    std::fs::remove_dir_all(&root).expect("the folder is ours");
}
