//! `up` when something breaks on the way: connections, logins, the process itself.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use platctl_sandbox::{Sandbox, Settings};

use crate::proxy::{Fate, Proxy};
use crate::support::{Workspace, told};

/// A workspace that reaches a sandbox of its own, in this process, through a proxy: as if it were AWS.
struct Account<'a> {
    workspace: &'a Workspace,
    _sandbox: Sandbox,
    proxy: Proxy,
}

impl<'a> Account<'a> {
    /// A new account in which the repository of `hello` stands.
    fn new(workspace: &'a Workspace) -> Self {
        let sandbox = Sandbox::start_blocking(Settings::default()).unwrap();
        let upstream: SocketAddr = format!("127.0.0.1:{}", sandbox.port()).parse().unwrap();
        let _none_yet = fs::remove_dir_all(workspace.root.join("state"));
        let account = Self { workspace, _sandbox: sandbox, proxy: Proxy::new(upstream, None) };
        account.run("up test --yes --target repository.hello", 0);
        account
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = self.workspace.platctl(arguments);
        command.env("AWS_ENDPOINT_URL", format!("http://{}", self.proxy.address));
        command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    }

    fn run(&self, arguments: &str, code: i32) -> (String, String) {
        told(&self.command(arguments).output().unwrap(), arguments, code)
    }
}

/// True for a request that changes something in the registry.
fn is_push(line: &str) -> bool {
    line.contains(" /v2/") && !line.starts_with("GET ") && !line.starts_with("HEAD ")
}

#[test]
fn a_login_that_is_no_longer_taken_is_renewed_once() {
    let workspace = Workspace::new();
    let account = Account::new(&workspace);
    let refused = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&refused);
    // In the middle of a push, as after twelve hours.
    account.proxy.decide(move |line, _| match is_push(line) && counter.fetch_add(1, Ordering::SeqCst) == 1 {
        true => Fate::Answer(401),
        false => Fate::Pass,
    });
    account.run("images push test hello", 0);
    assert!(refused.load(Ordering::SeqCst) > 2);
    // One that is never taken is told.
    let account = Account::new(&workspace);
    account.proxy.decide(|line, _| if is_push(line) { Fate::Answer(401) } else { Fate::Pass });
    let (_, err) = account.run("images push test hello", 3);
    assert!(err.contains("refuses access") && err.contains("not accepted"), "{err}");
    let (_, err) = account.run("up test --yes --target image.hello", 3);
    assert!(err.contains("image.hello") && err.contains("refuses access"), "{err}");
}

#[test]
fn up_that_is_killed_at_any_request_of_a_push_is_completed_by_the_next() {
    let workspace = Workspace::new();
    let verb = "up test --yes --target image.hello";
    let mut points = 0;
    for at in 0.. {
        let account = Account::new(&workspace);
        let (tell, heard) = mpsc::channel();
        let mut pushes = 0;
        account.proxy.decide(move |line, _| {
            if is_push(line) {
                pushes += 1;
                if pushes == at + 1 {
                    let _gone = tell.send(());
                    std::thread::sleep(Duration::from_millis(700));
                }
            }
            Fate::Pass
        });
        let mut process = account.command(verb).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let since = Instant::now();
        let ended = loop {
            assert!(since.elapsed() < Duration::from_secs(60), "neither the request came nor the end");
            match (process.try_wait().unwrap(), heard.try_recv()) {
                (Some(_), _) => break true,
                (None, Ok(())) => break false,
                (None, Err(_)) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        process.kill().unwrap();
        process.wait().unwrap();
        account.proxy.decide(|_, _| Fate::Pass);
        account.run(verb, 0);
        account.run("diff test --exit-code --target image.hello", 0);
        // Whatever was missing came: bill of materials and all tags.
        account.proxy.requests();
        account.run("images push test hello", 0);
        let pushes: Vec<String> = account.proxy.requests().into_iter().filter(|line| is_push(line)).collect();
        assert!(pushes.is_empty(), "killed at request {at}: {pushes:?}");
        if ended {
            break;
        }
        points += 1;
    }
    println!("killed at {points} requests");
    assert!(points >= 8, "only {points} requests were seen");
}

#[test]
fn a_push_that_keeps_breaking_off_is_told_and_made_good_later() {
    let workspace = Workspace::new();
    let account = Account::new(&workspace);
    account.proxy.decide(|line, _| if is_push(line) { Fate::Cut(100) } else { Fate::Pass });
    let (_, err) = account.run("up test --yes --target image.hello", 1);
    assert!(err.contains("image.hello") && err.contains("cannot be reached"), "{err}");
    account.proxy.decide(|_, _| Fate::Pass);
    account.run("up test --yes --target image.hello", 0);
    account.run("diff test --exit-code --target image.hello", 0);
}

#[test]
fn a_cargo_that_is_killed_is_told_as_killed() {
    let workspace = Workspace::new();
    let folder = workspace.home().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let path = std::env::var("PATH").unwrap();
    let cargo =
        path.split(':').map(|folder| format!("{folder}/cargo")).find(|file| fs::metadata(file).is_ok());
    let script = format!("#!/bin/sh\n[ \"$1\" = build ] && kill -9 $$\nexec '{}' \"$@\"\n", cargo.unwrap());
    fs::write(folder.join("cargo"), script).unwrap();
    let made = Command::new("chmod").arg("755").arg(folder.join("cargo")).status().unwrap();
    assert!(made.success());
    let mut command = workspace.platctl("images build test hello");
    command.env("PATH", format!("{}:{path}", folder.display()));
    let (_, err) = told(&command.output().unwrap(), "a killed cargo", 1);
    assert!(err.contains("hello does not compile") && err.contains("killed (signal 9)"), "{err}");
}

#[test]
fn tokens_for_registries_are_no_input() {
    let workspace = Workspace::new();
    let build = |token: &str| {
        let mut command = workspace.platctl("images build test hello --json");
        command.envs(BTreeMap::from([("CARGO_REGISTRIES_OURS_TOKEN", token)]));
        told(&command.output().unwrap(), token, 0).0
    };
    build("one");
    assert!(build("two").contains("\"unchanged\": true"));
    let kept = fs::read_to_string(workspace.root.join("target/platctl-images/services/hello.json")).unwrap();
    assert!(!kept.contains("OURS_TOKEN"), "{kept}");
}
