//! From sources to services that answer: built, pushed, deployed to the sandbox's cluster, changed, broken, removed.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::push::Sandboxed;
use crate::support::Workspace;

/// A service that tells on standard output what it is asked for, and ends when it is asked to.
const MAIN: &str = r#"use std::io::{Read, Write};
fn main() {
    let listener = std::net::TcpListener::bind(std::env::var("LISTEN_ADDR").unwrap()).expect("the address is free");
    for stream in listener.incoming() {
        let mut stream = stream.expect("somebody came");
        let mut asked = [0; 1024];
        let read = stream.read(&mut asked).unwrap_or(0);
        println!("asked for {}", String::from_utf8_lossy(&asked[..read]).lines().next().unwrap_or_default());
        if asked[..read].starts_with(b"GET /end ") {
            std::process::exit(0);
        }
        let body = shared::body(include_str!("../../words.txt"));
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    }
}
"#;

/// One that ends at once, with its reasons.
const BROKEN: &str =
    "fn main() {\n    eprintln!(\"there is no more paper\");\n    std::process::exit(3);\n}\n";

/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn get(url: &str, path: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    // In one piece: the services of these tests answer the first they read.
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn status(place: &Workspace) -> Value {
    let (out, _) = place.run("status test --sandbox --json", 0);
    serde_json::from_str(&out).unwrap()
}

/// How a release is, and where it is reached.
fn release<'a>(status: &'a Value, name: &str) -> &'a Value {
    status["releases"].as_array().unwrap().iter().find(|release| release["name"] == name).unwrap()
}

fn what_is_written_is_followed(place: &Workspace, url: &str, pod: &str) {
    let mut followed = place.platctl("logs test hello --sandbox --follow --tail 1 --quiet");
    let mut followed = followed.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(followed.stdout.take().unwrap()).lines();
    let (tell, told) = mpsc::channel();
    let reading =
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
    // From before, and of that the last one.
    assert!(told.recv_timeout(PATIENCE).unwrap().starts_with(&format!("{pod} | asked for ")));
    let since = Instant::now();
    get(url, "/while-it-is-followed");
    while !told.recv_timeout(PATIENCE).unwrap().contains("asked for GET /while-it-is-followed") {
        assert!(since.elapsed() < PATIENCE, "it is not told");
    }
    assert!(followed.try_wait().unwrap().is_none(), "it goes on");
    followed.kill().unwrap();
    followed.wait().unwrap();
    drop(told);
    let _cut = reading.join().unwrap();
}

/// A container that ended is started again, and what it wrote in its life before is told apart.
fn what_was_written_before_is_kept(place: &Workspace, url: &str, pod: &str) {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(b"GET /end HTTP/1.1\r\nHost: hello\r\n\r\n").unwrap();
    let _ended = stream.read(&mut [0; 16]);
    let since = Instant::now();
    loop {
        let told = status(place);
        let found = &release(&told, "hello")["pods"][0];
        if (&found["restarts"], &found["ready"]) == (&1.into(), &true.into()) {
            assert_eq!(found["name"], pod, "it is the same pod");
            break;
        }
        assert!(since.elapsed() < PATIENCE, "it is not started again: {found}");
        std::thread::sleep(Duration::from_millis(100));
    }
    let (before, _) = place.run("logs test hello --sandbox --previous", 0);
    assert!(before.contains(&format!("{pod} | asked for GET /while-it-is-followed")), "{before}");
    assert!(before.contains("asked for GET /end"), "{before}");
    let (now, _) = place.run("logs test hello --sandbox", 0);
    assert!(!now.contains("/while-it-is-followed") && !now.contains("/end"), "{now}");
}

/// No token that was signed before this second is good any more.
fn end_tokens(place: &Workspace) {
    let endpoint = fs::read(place.root.join("state/sandbox/endpoint.json")).unwrap();
    let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
    let mut stream = TcpStream::connect(format!("127.0.0.1:{}", endpoint["port"])).unwrap();
    let body = r#"{"end_tokens": true}"#;
    let length = body.len();
    let request = format!(
        "POST /_sandbox/settings HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn reaches_into_pods(place: &Workspace, pod: &str) {
    // A command of the image, its code passed on: a second one of it finds the first one's address taken.
    let (_, err) = place.run("exec test hello --sandbox -- /app/hello", 101);
    assert!(err.contains("the address is free"), "{err}");
    let (out, _) = place.run("exec test hello --sandbox --json -- /app/hello", 101);
    let ran: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&ran["exit_code"], &ran["pod"]), (&101.into(), &pod.into()));

    let mut forward =
        place.platctl("port-forward test hello --sandbox --quiet").stdout(Stdio::piped()).spawn().unwrap();
    let mut here = String::new();
    BufReader::new(forward.stdout.take().unwrap()).read_line(&mut here).unwrap();
    assert_eq!(get(here.trim(), "/"), "{\"status\": \"healthy\"}");
    // Its token ends before its time, and it gets another one; tokens know whole seconds.
    std::thread::sleep(Duration::from_millis(1100));
    end_tokens(place);
    assert_eq!(get(here.trim(), "/"), "{\"status\": \"healthy\"}");
    forward.kill().unwrap();
    forward.wait().unwrap();
}

#[test]
fn services_are_built_deployed_changed_brought_back_and_removed() {
    let sandboxed = Sandboxed(Workspace::new());
    let place = &sandboxed.0;
    let settings = fs::read_to_string(place.root.join("environments/test.toml")).unwrap();
    let settings = settings.replace("enabled = false", "enabled = true").replacen(
        "port = 8080\n",
        "port = 8080\nexposure = \"internet\"\nreplicas = 1\non_failure = \"rollback\"\ncalls = [\"other\"]\n",
        1,
    );
    let settings = format!("{settings}[registry]\ndelete_with_images = true\n");
    place.write("environments/test.toml", &settings);
    place.write("services/hello/src/main.rs", MAIN);

    // Before there is a cluster, what it will hold is shown all the same.
    let (out, _) = place.run("diff test --sandbox -v", 0);
    assert!(out.contains("release.hello") && out.contains("known after image.hello"), "{out}");
    let (_, err) = place.run("up test --sandbox", 0);
    let mut urls = err.lines().filter_map(|line| line.trim().strip_prefix("hello: "));
    let url = urls.find(|told| told.starts_with("http://")).unwrap().to_owned();
    assert_eq!(get(&url, "/"), "{\"status\": \"healthy\"}");
    place.run("diff test --sandbox --exit-code", 0);
    let told = status(place);
    let hello = release(&told, "hello");
    assert_eq!((&hello["healthy"], &hello["endpoints"][0]["url"]), (&true.into(), &url.as_str().into()));
    assert!(hello["endpoints"][0]["load_balancer"].as_str().unwrap().ends_with(".amazonaws.com"), "{hello}");
    assert_eq!(release(&told, "other")["healthy"], true);

    get(&url, "/a-path-of-mine");
    let (out, _) = place.run("logs test hello --sandbox --since 1h", 0);
    let pod = hello["pods"][0]["name"].as_str().unwrap();
    let line = format!("{pod} | asked for GET /a-path-of-mine HTTP/1.1");
    assert!(out.contains(&line), "{line} is not in {out}");

    what_is_written_is_followed(place, &url, pod);
    what_was_written_before_is_kept(place, &url, pod);
    reaches_into_pods(place, pod);
    place.run("restart test hello --sandbox", 0);
    let again = status(place);
    assert_ne!(release(&again, "hello")["pods"][0]["name"], pod, "its pods are others");
    place.run("diff test --sandbox --exit-code", 0);

    place.write("services/words.txt", "other\n");
    place.run("up test --sandbox", 0);
    assert_eq!(get(&url, "/"), "{\"status\": \"other\"}", "at the same address");

    place.write("services/hello/src/main.rs", BROKEN);
    let (_, err) = place.run("up test --sandbox --timeout 15", 1);
    assert!(err.contains("there is no more paper") && err.contains("brought back"), "{err}");
    assert_eq!(get(&url, "/"), "{\"status\": \"other\"}", "what stood serves on");
    let (out, _) = place.run("history test hello --sandbox --json", 0);
    let history: Value = serde_json::from_str(&out).unwrap();
    let revisions = history["revisions"].as_array().unwrap().iter();
    let words: Vec<&str> = revisions.map(|revision| revision["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["superseded", "superseded", "failed", "deployed"]);

    let (_, err) = place.run("destroy test --sandbox", 0);
    assert!(err.contains("0 left"), "{err}");
    assert!(
        TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err(),
        "nothing listens there any more"
    );
}
