//! Images as a part of plans: `diff` compiles nothing, `up` builds and pushes what changed and nothing else.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::push::Sandboxed;
use crate::support::{Workspace, told};

/// A workspace with a sandbox, whose cargo writes down what it is asked for.
struct Shop {
    sandboxed: Sandboxed,
    spy: PathBuf,
}

impl Shop {
    fn new() -> Self {
        let sandboxed = Sandboxed(Workspace::new());
        let spy = sandboxed.0.home().join("spy");
        fs::create_dir_all(&spy).unwrap();
        let path = std::env::var("PATH").unwrap();
        let real =
            path.split(':').map(|folder| PathBuf::from(folder).join("cargo")).find(|file| file.is_file());
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> '{}'\nexec '{}' \"$@\"\n",
            spy.join("log").display(),
            real.unwrap().display()
        );
        fs::write(spy.join("cargo"), script).unwrap();
        fs::set_permissions(spy.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        Self { sandboxed, spy }
    }

    fn workspace(&self) -> &Workspace {
        &self.sandboxed.0
    }

    /// Runs it on the sandbox, the exit code must be the expected one; gives stdout, stderr and how often a binary was
    /// compiled.
    fn run(&self, arguments: &str, code: i32) -> (String, String, usize) {
        let log = self.spy.join("log");
        let _none_yet = fs::remove_file(&log);
        let mut command = self.workspace().platctl(&format!("{arguments} --sandbox"));
        command.env("PATH", format!("{}:{}", self.spy.display(), std::env::var("PATH").unwrap()));
        let (out, err) = told(&command.output().unwrap(), arguments, code);
        let asked = fs::read_to_string(log).unwrap_or_default();
        let compiled = asked.lines().filter(|line| line.split(' ').any(|word| word == "build")).count();
        assert!(
            asked.lines().all(|line| line.contains("build ") || line.starts_with("metadata ")),
            "{asked}"
        );
        (out, err, compiled)
    }

    /// The image that is recorded for a service.
    fn digest(&self, service: &str) -> String {
        self.run(&format!("output test image.{service} digest"), 0).0.trim().to_owned()
    }

    fn port(&self) -> u16 {
        let endpoint = fs::read(self.workspace().root.join("state/sandbox/endpoint.json")).unwrap();
        let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
        u16::try_from(endpoint["port"].as_u64().unwrap()).unwrap()
    }

    /// A request to the sandbox.
    fn ask(&self, line: &str, head: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let length = body.len();
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{line}: {answer}");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    fn control(&self, line: &str, body: &Value) -> Value {
        self.ask(&line.replacen(' ', " /_sandbox", 1), "", body)
    }

    /// A call of ECR.
    fn ecr(&self, operation: &str, input: &Value) -> Value {
        let scope = "AKIASANDBOXEXAMPLE00/20260101/us-east-1/ecr/aws4_request";
        let head = format!(
            "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: \
             AmazonEC2ContainerRegistry_V20150921.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential={scope}, SignedHeaders=host, Signature=0\r\n"
        );
        self.ask("POST /", &head, input)
    }

    /// The digests of the images in a service's repository that have a tag.
    fn pushed(&self, service: &str) -> Vec<String> {
        let found = self.ecr("DescribeImages", &json!({ "repositoryName": format!("test/{service}") }));
        let tagged = |image: &&Value| {
            image["imageTags"]
                .as_array()
                .is_some_and(|tags| tags.iter().any(|tag| tag.as_str().unwrap().starts_with("sources-")))
        };
        let images = found["imageDetails"].as_array().unwrap().iter().filter(tagged);
        images.map(|image| image["imageDigest"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn diff_compiles_nothing_up_builds_what_changed_and_a_second_up_sends_nothing() {
    let shop = Shop::new();
    let (out, _, compiled) = shop.run("diff test --exit-code", 2);
    assert!(out.contains("image.hello  to be built and pushed") && compiled == 0, "{out}");
    let (_, err, compiled) = shop.run("up test", 0);
    assert_eq!(compiled, 2, "{err}");
    assert!(err.contains("image.hello  built, to be pushed"), "{err}");
    assert_eq!(shop.pushed("hello"), [shop.digest("hello")]);
    let (out, _, _) = shop.run("status test", 0);
    assert!(out.contains("test/hello@sha256:") && out.contains("nothing to do"), "{out}");
    let (out, _, _) = shop.run("graph test", 0);
    assert!(out.contains("image.hello ← repository.hello"), "{out}");
    let (out, _, _) = shop.run("output test image.hello url", 0);
    assert!(out.trim().ends_with(&format!("/test/hello@{}", shop.digest("hello"))), "{out}");

    // Nothing to do: nothing is compiled, and nothing changed anywhere.
    shop.control("DELETE /calls", &Value::Null);
    for verb in ["diff test --exit-code", "diff test --exit-code --refresh=false", "up test"] {
        let (out, err, compiled) = shop.run(verb, 0);
        assert_eq!(compiled, 0, "{err}");
        let named = "Images unchanged, neither built nor pushed: hello, other";
        assert!(format!("{out}{err}").contains(named), "{out}\n{err}");
    }
    let log = shop.control("GET /calls", &Value::Null);
    let writes: Vec<&Value> =
        log["calls"].as_array().unwrap().iter().filter(|call| call["mutating"] == true).collect();
    assert!(writes.is_empty(), "{writes:?}");

    // On a machine where nothing was ever built (with all that the first build read besides the packages).
    fs::remove_dir_all(shop.workspace().root.join("target")).unwrap();
    assert_eq!(shop.run("diff test --exit-code", 0).2, 0);

    // One service's own file.
    let before = shop.digest("other");
    let main = "services/hello/src/main.rs";
    let text = fs::read_to_string(shop.workspace().root.join(main)).unwrap();
    shop.workspace().write(main, &text.replace("HTTP/1.1 200 OK", "HTTP/1.1 200 Fine"));
    let (out, _, compiled) = shop.run("diff test", 0);
    assert!(out.contains(&format!("image.hello  rebuild (sources changed: {main})")), "{out}");
    assert!(!out.contains("image.other") && compiled == 0, "{out}");
    let (_, err, compiled) = shop.run("up test", 0);
    assert!(compiled == 1 && err.contains("rebuilt (sources changed:"), "{err}");
    assert_eq!(shop.digest("other"), before);
    assert_eq!(shop.pushed("hello").len(), 2, "the old one stays for whoever runs it");

    // A comment more: the same bytes, and only what the registry tells of them is new.
    let (before, text) =
        (shop.digest("hello"), fs::read_to_string(shop.workspace().root.join(main)).unwrap());
    shop.workspace().write(main, &format!("{text}// The end.\n"));
    let (_, err, _) = shop.run("up test", 0);
    assert!(err.contains("the same bytes from other sources"), "{err}");
    assert_eq!(shop.digest("hello"), before);
    shop.run("diff test --exit-code", 0);

    // Images go with their repository, once that is allowed.
    let (_, err, _) = shop.run("destroy test", 1);
    assert!(err.contains("delete repository.hello") && err.contains("delete_with_images = true"), "{err}");
    let environment = "environments/test.toml";
    let settings = fs::read_to_string(shop.workspace().root.join(environment)).unwrap();
    shop.workspace().write(environment, &format!("{settings}[registry]\ndelete_with_images = true\n"));
    let (_, err, _) = shop.run("destroy test", 0);
    assert!(err.contains("0 left"), "{err}");
}

#[test]
fn what_is_in_the_registry_is_not_built_again_and_what_is_gone_is() {
    let shop = Shop::new();
    // Pushed by somebody else (a CI job), taken up by `up`.
    shop.run("up test --target repository.hello --target repository.other", 0);
    let (_, _, compiled) = shop.run("images push test", 0);
    assert_eq!(compiled, 2);
    let digest = shop.pushed("hello").pop().unwrap();
    let (_, err, compiled) = shop.run("up test --target image.hello", 0);
    assert_eq!(compiled, 0, "{err}");
    assert_eq!(shop.digest("hello"), digest);

    // A saved plan names the image; it is applied as it is, or not at all.
    let main = "services/hello/src/main.rs";
    let text = fs::read_to_string(shop.workspace().root.join(main)).unwrap();
    shop.workspace().write(main, &text.replace("HTTP/1.1 200 OK", "HTTP/1.1 200 Fine"));
    let (out, _, compiled) = shop.run("diff test --target image.hello --out plan.json", 0);
    assert!(out.contains("rebuilt (sources changed") && compiled == 1, "{out}");
    shop.workspace().write(main, &text.replace("HTTP/1.1 200 OK", "HTTP/1.1 200 Well"));
    let (_, err, _) = shop.run("up test --plan plan.json", 1);
    assert!(err.contains("stale"), "{err}");
    shop.workspace().write(main, &text.replace("HTTP/1.1 200 OK", "HTTP/1.1 200 Fine"));
    shop.run("up test --plan plan.json", 0);
    let second = shop.digest("hello");
    assert_ne!(second, digest);

    // Somebody deletes it.
    let image = json!([{ "imageDigest": second }]);
    shop.ecr("BatchDeleteImage", &json!({ "repositoryName": "test/hello", "imageIds": image }));
    let (out, _, compiled) = shop.run("diff test --target image.hello", 0);
    assert!(out.contains("image.hello  was removed by somebody else") && compiled == 0, "{out}");
    let (_, _, compiled) = shop.run("up test --target image.hello", 0);
    assert_eq!((shop.digest("hello"), compiled), (second.clone(), 0), "it is kept here");
    assert!(shop.pushed("hello").contains(&second));

    // It does not compile: told once, and nothing is touched.
    shop.workspace().write(main, "fn main() { let x: u8 = \"text\"; }\n");
    let (_, err, _) = shop.run("up test --target image.hello", 1);
    assert_eq!(err.matches("mismatched types").count(), 1, "{err}");
    assert_eq!(shop.digest("hello"), second);
    // It can be left out.
    shop.run("up test --exclude image.hello", 0);
}

#[test]
fn the_gate_stops_up_until_what_was_found_is_let_through() {
    let shop = Shop::new();
    shop.run("up test --exclude image.hello --exclude image.other", 0);
    let settings = fs::read_to_string(shop.workspace().root.join("environments/test.toml")).unwrap();
    let with = |gate: &str| {
        let text = format!("{settings}[images.scan]\nseverity = \"high\"\n{gate}");
        shop.workspace().write("environments/test.toml", &text);
    };
    let found = json!([
        { "name": "CVE-2026-0001", "severity": "CRITICAL", "attributes": [
            { "key": "package_name", "value": "tokio" }, { "key": "package_version", "value": "1.0.0" }] },
        { "name": "CVE-2026-0002", "severity": "MEDIUM" },
    ]);
    let seed = json!({ "region": "us-east-1", "repository": "test/hello", "findings": found });
    shop.control("POST /ecr/findings", &seed);
    with("");
    for _ in 0..2 {
        let (_, err, _) = shop.run("up test --target image.hello", 1);
        assert!(err.contains("CVE-2026-0001 (Critical) tokio 1.0.0"), "{err}");
        assert!(!err.contains("CVE-2026-0002"), "{err}");
    }
    let allow = |day: &str| {
        with(&format!(
            "[[images.scan.allow]]\nname = \"CVE-2026-0001\"\nreason = \"not reachable\"\nexpires = \"{day}\"\n"
        ));
    };
    allow("2026-01-31");
    let (_, err, _) = shop.run("images push test hello", 1);
    assert!(err.contains("it was let through until 2026-01-31"), "{err}");
    let (_, err, _) = shop.run("up test --target image.hello", 1);
    assert!(err.contains("it was let through until 2026-01-31"), "{err}");
    allow("2999-12-31");
    let (_, err, compiled) = shop.run("up test --target image.hello", 0);
    assert!(err.contains("let through until 2999-12-31 (not reachable)") && compiled == 0, "{err}");
    let (_, err, _) = shop.run("images push test hello", 0);
    assert!(err.contains("let through until 2999-12-31 (not reachable)"), "{err}");
    // Images from scratch are not scanned by basic scanning: told, never taken for clean.
    let (_, err, _) = shop.run("up test --target image.other", 1);
    assert!(err.contains("UNSUPPORTED_IMAGE"), "{err}");
}

#[test]
fn without_the_services_folders_there_are_no_images_and_that_is_told() {
    let shop = Shop::new();
    fs::remove_dir_all(shop.workspace().root.join("services")).unwrap();
    let (out, err, _) = shop.run("diff test", 0);
    assert!(!out.contains("image.") && out.contains("repository.hello"), "{out}");
    assert_eq!(err.matches("no-package").count(), 1, "{err}");
    assert!(err.contains("environments/test.toml:13:8") && err.contains("16 | path"), "{err}");
    assert!(err.contains("correct `path`"), "{err}");
}
