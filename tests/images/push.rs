//! Pushing to the sandbox's registry.

use std::fs;

use crate::support::Workspace;

/// A workspace whose sandbox is stopped at the end.
pub(crate) struct Sandboxed(pub(crate) Workspace);

impl Drop for Sandboxed {
    fn drop(&mut self) {
        let _ = self.0.platctl("sandbox stop").output();
    }
}

#[test]
fn images_reach_the_environments_own_repositories_once() {
    let workspace = Sandboxed(Workspace::new());
    let workspace = &workspace.0;
    // There is no repository before the environment stands, and it is told how to get one.
    let (_, err) = workspace.run("images push test --sandbox", 1);
    assert!(err.contains("platctl up"), "{err}");
    workspace.run("up test --sandbox --target repository.hello --target repository.other", 0);
    let first = workspace.images("images push test --sandbox");
    assert_eq!(first.len(), 2);
    for image in &first {
        let reference = image["reference"].as_str().unwrap();
        assert!(
            reference.contains(&format!("/test/{}@sha256:", image["service"].as_str().unwrap())),
            "{reference}"
        );
    }
    assert_eq!(first[0]["pushed"]["uploaded"], 3, "{}", first[0]);
    // The layer of base files is in the registry by now.
    assert_eq!(first[1]["pushed"]["mounted"], 1, "{}", first[1]);
    let second = workspace.images("images push test --sandbox");
    for (before, now) in first.iter().zip(&second) {
        assert_eq!(now["unchanged"], true);
        assert_eq!(now["pushed"]["uploaded"], 0);
        assert_eq!(now["reference"], before["reference"]);
    }
    // The tags are immutable: another image under a tag that is taken is refused, and says so.
    workspace.images("images push test hello --sandbox --tag v1");
    workspace.write("services/words.txt", "other words\n");
    let (_, err) = workspace.run("images push test hello --sandbox --tag v1", 1);
    assert!(err.contains("test/hello:v1 is taken") && err.contains("--tag"), "{err}");
}

#[test]
fn the_scan_gate_tells_what_cannot_be_scanned_from_what_is_clean() {
    let workspace = Sandboxed(Workspace::new());
    let workspace = &workspace.0;
    workspace.run("up test --sandbox --target repository.hello", 0);
    let settings = fs::read_to_string(workspace.root.join("environments/test.toml")).unwrap();
    let gate = "[images.scan]\nseverity = \"high\"\n";
    workspace.write("environments/test.toml", &format!("{settings}{gate}"));
    let (_, err) = workspace.run("images push test hello --sandbox", 1);
    assert!(err.contains("scan gate") && err.contains("UNSUPPORTED_IMAGE"), "{err}");
    workspace.write("environments/test.toml", &format!("{settings}{gate}on_unscannable = \"warn\"\n"));
    let (_, err) = workspace.run("images push test hello --sandbox", 0);
    assert!(err.contains("warning:") && err.contains("UNSUPPORTED_IMAGE"), "{err}");
}

#[test]
fn without_a_signing_key_that_exists_nothing_is_signed() {
    let workspace = Sandboxed(Workspace::new());
    let workspace = &workspace.0;
    workspace.run("up test --sandbox --target repository.hello", 0);
    let settings = fs::read_to_string(workspace.root.join("environments/test.toml")).unwrap();
    let key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    workspace.write("environments/test.toml", &format!("{settings}[images]\nsigning_key = \"{key}\"\n"));
    let (_, err) = workspace.run("images push test hello --sandbox", 1);
    assert!(err.contains("GetPublicKey"), "{err}");
}
