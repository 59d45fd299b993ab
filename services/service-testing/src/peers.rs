//! Programs that tests run against, when they are wanted.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether tests against peers are to run (`PLATCTL_PEERS=1`); says so if not.
#[must_use]
pub fn wanted() -> bool {
    let wanted = std::env::var("PLATCTL_PEERS").is_ok_and(|value| value == "1");
    if !wanted {
        eprintln!("skipped: set PLATCTL_PEERS=1 to run tests against peers");
    }
    wanted
}

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the crate lies in the repository")
}

/// Runs a script of `scripts/peers`, which installs a peer, and returns what it prints: where the
/// peer is.
///
/// # Panics
/// If the peer cannot be had.
#[must_use]
pub fn install(script: &str) -> PathBuf {
    let path = repository().join("scripts/peers").join(script);
    let output = Command::new(&path).stderr(Stdio::inherit()).output();
    let output = output.unwrap_or_else(|error| panic!("{} does not run: {error}", path.display()));
    assert!(output.status.success(), "{} failed", path.display());
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

/// The folder of the Python peers' programs; installs them if need be.
///
/// # Panics
/// If they cannot be had.
pub async fn python() -> PathBuf {
    let install = tokio::task::spawn_blocking(|| install("services-python"));
    install.await.expect("the script runs").join("bin")
}

/// Runs a program to its end and fails with its output if it fails.
async fn succeeds(mut command: tokio::process::Command) -> String {
    let output = command.kill_on_drop(true).output().await.expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{text}\n{errors}");
    text
}

/// The document of a service is valid by the OpenAPI specification's schema.
pub async fn document_is_valid(address: SocketAddr) {
    let document = crate::http::get(address, "/openapi.json").await.body;
    let folder = std::env::temp_dir().join(format!("openapi-{}-{}", std::process::id(), address.port()));
    std::fs::write(&folder, document).expect("the temporary folder can be written");
    let mut command = tokio::process::Command::new(python().await.join("python"));
    command.args(["-m", "openapi_spec_validator"]).arg(&folder);
    let output = succeeds(command).await;
    std::fs::remove_file(&folder).expect("the file is ours");
    assert!(output.contains("OK"), "{output}");
}

/// Schemathesis, driven by the service's document, finds nothing with all its checks. It tests all
/// operations but the one that gives the document.
pub async fn schemathesis_finds_nothing(address: SocketAddr, operations: usize) {
    let mut command = tokio::process::Command::new(python().await.join("schemathesis"));
    let folder = std::env::temp_dir().join(format!("schemathesis-{}", address.port()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    command
        .current_dir(&folder)
        .args(["run", &format!("http://{address}/openapi.json"), "--checks", "all"])
        .args(["--max-examples", "100", "--request-timeout", "30", "--no-color"])
        .args(["--suppress-health-check", "too_slow", "--generation-deterministic"]);
    let output = succeeds(command).await;
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    // A run that tested nothing proves nothing.
    let tested = format!("Tested: {operations}");
    assert!(output.contains(&tested) && output.contains("No issues found"), "{output}");
    eprintln!("{}", output.lines().filter(|line| line.contains("generated")).collect::<String>());
}
