//! What decides on a build, and what is wrong.

use std::fs;

use crate::support::Workspace;

#[test]
fn only_what_changed_is_built_again_and_it_is_told_why() {
    let workspace = Workspace::new();
    let both = workspace.images("images build test");
    assert_eq!(both.len(), 2);
    let unchanged = |service: &str| {
        let images = workspace.images(&format!("images build test {service}"));
        (images[0]["unchanged"].as_bool().unwrap(), images[0]["digest"].clone())
    };
    assert_eq!(unchanged("hello"), (true, both[0]["digest"].clone()));
    // A file outside every package, which the compiler says it read. Asking for it compiles nothing.
    workspace.write("services/words.txt", "well\n");
    let (out, _) = workspace.run("images status test", 0);
    assert_eq!(
        out,
        "hello: rebuild (changed: services/words.txt)\nother: rebuild (changed: services/words.txt)\n"
    );
    let before = workspace.images("images status test hello");
    assert_eq!(before[0]["changed"], serde_json::json!(["services/words.txt"]));
    let (_, err) = workspace.run("images build test hello", 0);
    assert!(err.contains("rebuilt (changed: services/words.txt)"), "{err}");
    assert_ne!(unchanged("hello").1, both[0]["digest"]);
    // A dependency in a folder.
    workspace.write("services/words.txt", "healthy\n");
    workspace.write(
        "shared/src/lib.rs",
        "/// A body.\npub fn body(words: &str) -> String {\n    words.to_owned()\n}\n",
    );
    let (_, err) = workspace.run("images build test hello", 0);
    assert!(err.contains("services/words.txt, shared/src/lib.rs"), "{err}");
    // The other service's own sources are none of this one's business; a comment changes no binary.
    let digest = unchanged("hello").1;
    fs::write(workspace.root.join("services/other/src/main.rs"), "fn main() {}\n").unwrap();
    assert_eq!(unchanged("hello"), (true, digest));
}

#[test]
fn checkouts_that_share_cargos_output_are_told_apart() {
    let one = Workspace::new();
    let two = one.cloned();
    two.write("services/words.txt", "other words\n");
    let build = |workspace: &Workspace| {
        let mut command = workspace.platctl("images build test hello --json");
        command.env("CARGO_TARGET_DIR", one.root.join("target"));
        let (out, _) = crate::support::told(&command.output().unwrap(), "shared output", 0);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        report["images"][0]["digest"].as_str().unwrap().to_owned()
    };
    let first = build(&one);
    assert_ne!(build(&two), first);
    assert_eq!(build(&one), first);
}

#[test]
fn what_was_kept_is_made_again_when_it_is_gone_and_refused_when_it_is_damaged() {
    let workspace = Workspace::new();
    let before = workspace.images("images build test hello")[0]["digest"].clone();
    let blobs = workspace.root.join("target/platctl-images/blobs/sha256");
    let largest = || {
        let files = fs::read_dir(&blobs).unwrap().map(|entry| entry.unwrap().path());
        files.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
    };
    let mut bytes = fs::read(largest()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(largest(), &bytes).unwrap();
    let (_, err) = workspace.run("images build test hello --output oci-layout out", 1);
    assert!(err.contains("is damaged") && err.contains("delete the file"), "{err}");
    fs::remove_file(largest()).unwrap();
    assert_eq!(workspace.images("images build test hello --output oci-layout out")[0]["digest"], before);
}

#[test]
fn a_missing_folder_and_an_unknown_service_are_told_with_the_way_out() {
    let workspace = Workspace::new();
    fs::remove_dir_all(workspace.root.join("services/other")).unwrap();
    let (_, err) = workspace.run("images build test other", 64);
    assert!(err.contains("no Cargo package") && err.contains("[services.other]"), "{err}");
    let (_, err) = workspace.run("images build test nobody", 64);
    assert!(err.contains("no service nobody") && err.contains("hello, other"), "{err}");
    let (_, err) = workspace.run("images build test hello --output tarball x", 64);
    assert!(err.contains("oci-layout"), "{err}");
}

#[test]
fn what_the_compiler_says_is_shown_once() {
    let workspace = Workspace::new();
    workspace.write("services/hello/src/main.rs", "fn main() { let x: u8 = \"text\"; }\n");
    for verbose in ["", " -v"] {
        let (_, err) = workspace.run(&format!("images build test hello{verbose}"), 1);
        assert_eq!(err.matches("mismatched types").count(), 1, "{err}");
        assert!(err.contains("services/hello/src/main.rs:1:25"), "{err}");
        assert!(!err.contains("because:"), "{err}");
    }
    // Nothing of the failure is kept.
    workspace.write("services/hello/src/main.rs", "fn main() {}\n");
    workspace.images("images build test hello");
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing_that_counts() {
    let workspace = Workspace::new();
    let (_, err) = workspace.run("images build test hello --output docker-archive /dev/full", 1);
    assert!(err.contains("/dev/full") && err.to_lowercase().contains("no space left"), "{err}");
    workspace.images("images build test hello --output docker-archive out.tar");
}

#[test]
fn a_platform_that_nothing_compiles_for_gives_the_command_that_installs_it() {
    let workspace = Workspace::new();
    let sysroot = workspace.command("rustc").args(["--print", "sysroot"]).output().unwrap();
    let libraries = format!("{}/lib/rustlib", String::from_utf8_lossy(&sysroot.stdout).trim());
    let installed = fs::read_dir(libraries)
        .unwrap()
        .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("aarch64-unknown-linux"));
    if installed {
        return;
    }
    let (_, err) = workspace.run("images build test hello --platform linux/arm64", 1);
    assert!(err.contains("rustup target add aarch64-unknown-linux-musl"), "{err}");
    assert!(err.contains("--binary linux/arm64=PATH"), "{err}");
}
