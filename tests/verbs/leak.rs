//! With `--sandbox` nothing of the real world is used: everything that could lead there leads to a trap, and the
//! trap sees no connection.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::place::control;

/// Counts who comes, and sends everybody away.
struct Trap {
    url: String,
    seen: Arc<AtomicUsize>,
}

impl Trap {
    fn set() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&seen);
        std::thread::spawn(move || {
            for caught in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(caught);
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

/// A folder whose environments, variables and AWS files all lead to the trap.
struct Place {
    folder: tempfile::TempDir,
    trap: Trap,
}

impl Place {
    fn new() -> Self {
        let (folder, trap) = (tempfile::tempdir().unwrap(), Trap::set());
        let environments = folder.path().join("environments");
        fs::create_dir(&environments).unwrap();
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("environments")).unwrap() {
            let file = file.unwrap().path();
            fs::copy(&file, environments.join(file.file_name().unwrap())).unwrap();
        }
        let url = &trap.url;
        let real = format!(
            "[aws]\nprofile = \"real\"\nendpoint_url = \"{url}\"\n\
             [aws.role]\narn = \"arn:aws:iam::123456789012:role/deployer\"\n"
        );
        let dev = environments.join("dev.toml");
        fs::write(&dev, format!("{}\n{real}", fs::read_to_string(&dev).unwrap())).unwrap();
        // A process that gives credentials, and tells that it was asked.
        let asked = folder.path().join("asked");
        let config = format!(
            "[profile real]\nregion = us-east-1\nendpoint_url = {url}\nrole_arn = arn:aws:iam::1:role/real\n\
             source_profile = source\n[profile source]\ncredential_process = touch {}\n\
             [default]\ncredential_process = touch {}\nendpoint_url = {url}\n",
            asked.display(),
            asked.display()
        );
        fs::write(folder.path().join("config"), config).unwrap();
        fs::write(folder.path().join("token"), "a token").unwrap();
        Self { folder, trap }
    }

    fn platctl(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(self.folder.path()).args(arguments.split_whitespace());
        let url = self.trap.url.as_str();
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        for name in [
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_EC2",
            "AWS_ENDPOINT_URL_EKS",
            "AWS_ENDPOINT_URL_IAM",
            "AWS_ENDPOINT_URL_STS",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
        ] {
            command.env(name, url);
        }
        for (name, value) in [
            ("AWS_PROFILE", "real".to_owned()),
            ("AWS_CONFIG_FILE", file("config")),
            ("AWS_SHARED_CREDENTIALS_FILE", file("config")),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "trap".to_owned()),
            ("AWS_SESSION_TOKEN", "trap".to_owned()),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/real".to_owned()),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", file("token")),
            ("AWS_REGION", "eu-north-1".to_owned()),
            ("HOME", file("")),
        ] {
            command.env(name, value);
        }
        command.output().unwrap()
    }

    fn run(&self, arguments: &str) -> String {
        let output = self.platctl(arguments);
        let told =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "platctl {arguments}\n{told}");
        told
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.platctl("sandbox stop");
    }
}

#[test]
fn with_the_sandbox_nothing_real_is_asked_and_the_account_is_still_checked() {
    let place = Place::new();
    for verb in ["diff dev", "up dev", "status dev", "doctor dev", "graph dev", "output dev", "destroy dev"] {
        let before = place.trap.seen();
        let told = place.run(&format!("{verb} --sandbox"));
        assert_eq!(place.trap.seen(), before, "{verb}");
        assert!(!told.contains(&place.trap.url), "{verb}: {told}");
        if !verb.starts_with("graph") && !verb.starts_with("output") {
            assert!(told.contains("SANDBOX"), "{verb} says that it is the sandbox: {told}");
        }
    }
    assert!(!place.folder.path().join("asked").exists(), "a process of a profile was asked for credentials");
    assert!(!place.folder.path().join("state/dev").exists(), "the real environment's state was touched");
    let log = control(place.folder.path(), "GET", "/calls", &serde_json::Value::Null);
    let identity = &log["counts"]["sts:GetCallerIdentity"]["calls"];
    assert!(identity.as_u64().unwrap() >= 4, "the account was checked against the sandbox: {identity}");
    // Whoever calls is known by the sandbox's own key, and by none of the real ones.
    for call in log["calls"].as_array().unwrap() {
        assert_eq!(call["access_key"], "AKIASANDBOXEXAMPLE00", "{call}");
        assert_eq!(call["region"], "us-east-1", "{call}");
    }
}

/// The trap works: without `--sandbox` it is what the verbs reach.
#[test]
fn without_the_sandbox_the_trap_is_reached() {
    let place = Place::new();
    let output = place.platctl("status dev");
    assert_ne!(output.status.code(), Some(0));
    let asked = place.folder.path().join("asked").exists();
    assert!(place.trap.seen() > 0 || asked, "{}", String::from_utf8_lossy(&output.stderr));
}
