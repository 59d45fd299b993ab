//! The three services in the sandbox, as a person gets them by one command: from an empty account to a page that works
//! through both backends, changed under load, killed, stopped, removed.
//!
//! The images hold the binaries of this workspace as they were compiled for tests, so nothing is compiled for another
//! target. `PLATCTL_PEERS=1` also opens the page in headless Chromium.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod blue_green;
mod cloud;
mod ground;
mod images;
mod json;
mod load;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ground::{Ground, fetch, post};
use serde_json::{Value, json};

#[test]
fn one_command_brings_three_services_that_a_browser_can_use() {
    let ground = Ground::new();
    ground.write("");
    let told = ground.platctl("up demo --sandbox --yes", 0);
    let front = ground.url("frontend-app");
    assert!(told.contains(&front), "the address is told at the end: {told}");
    every_row_of_the_table_answers(&front);
    the_page_shows_both_backends(&front);
    private_names_lead_where_they_should(&ground);
    ground.platctl("diff demo --sandbox --exit-code", 0);
    what_is_killed_is_told_within_five_seconds(&ground, &front);
    a_change_loses_no_request(&ground, &front);
    json::hold(&ground);
    everything_is_there_again_after_a_stop(&ground, &front);
    destroy_leaves_nothing(&ground, &front);
}

/// The table of the services' contract, through the frontend.
fn every_row_of_the_table_answers(front: &str) {
    for path in ["/", "/info", "/docs"] {
        let (code, body) = fetch(front, path).unwrap();
        assert!(code == 200 && body.to_lowercase().contains("<!doctype html>"), "{path}: {code}");
    }
    for (path, members) in [
        ("/health", &["status", "service", "timestamp"][..]),
        ("/api/backend/status", &["service", "status", "version", "timestamp"]),
        ("/api/backend/data", &["service", "items", "count", "timestamp"]),
        ("/api/backend-service/health", &["status", "service", "timestamp"]),
        ("/api/backend-service/data", &["service", "items", "count", "timestamp"]),
        (
            "/api/backend-service/info",
            &["service", "version", "pod", "node", "namespace", "cluster", "uptime_seconds", "endpoints"],
        ),
    ] {
        let (code, body) = fetch(front, path).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        assert_eq!(code, 200, "{path}: {body}");
        let lacks: Vec<&&str> = members.iter().filter(|member| body.get(**member).is_none()).collect();
        assert!(lacks.is_empty(), "{path} lacks {lacks:?}: {body}");
    }
    let (_, info) = fetch(front, "/api/backend-service/info").unwrap();
    let info: Value = serde_json::from_str(&info).unwrap();
    let starts = |member: &str, with: &str| info[member].as_str().is_some_and(|text| text.starts_with(with));
    assert!(starts("pod", "backend-service-") && starts("node", "i-"), "{info}");
    assert_eq!((&info["namespace"], &info["cluster"]), (&json!("default"), &json!("demo")));
    for path in ["/api/backend/process", "/api/backend-service/process"] {
        let (code, body) = post(front, path, &json!({"data": "test data", "operation": "uppercase"}));
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (code, &body["result"], &body["original"]),
            (200, &json!("TEST DATA"), &json!("test data"))
        );
        let (code, body) = post(front, path, &json!({"data": "x", "operation": "none"}));
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(code == 422 && body["detail"][0]["loc"].is_array(), "{path}: {code} {body}");
    }
}

/// What a browser makes of the page, its scripts run.
fn the_page_shows_both_backends(front: &str) {
    if std::env::var("PLATCTL_PEERS").as_deref() != Ok("1") {
        return;
    }
    let page = ground::browse(front);
    // Their pods' names come with what they answered.
    for told in ["backend-app-", "backend-service-"] {
        assert!(page.contains(told), "{told} is not on the page:\n{page}");
    }
    assert_eq!(page.matches("Working").count(), 2, "{page}");
}

fn private_names_lead_where_they_should(ground: &Ground) {
    // A new load balancer is seen being made once.
    let _first = ground.command("dns demo --sandbox").output().unwrap();
    let told = ground.platctl("dns demo --sandbox", 0);
    assert!(told.contains("api.backend.internal leads to k8s-default-backends-"), "{told}");
    assert!(told.contains("get http://api.backend.internal/health in frontend-app-"), "{told}");
}

fn what_is_killed_is_told_within_five_seconds(ground: &Ground, front: &str) {
    ground.kill("backend-app");
    let since = Instant::now();
    let body = loop {
        let (code, body) = fetch(front, "/api/backend/status").unwrap();
        if code == 503 {
            break body;
        }
        assert!(since.elapsed() < Duration::from_secs(5), "it answers still: {code} {body}");
    };
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["detail"].as_str().unwrap().starts_with("Backend service unavailable: "), "{body}");
    assert_eq!(fetch(front, "/api/backend-service/health").unwrap().0, 200, "the other is well");
    let since = Instant::now();
    while fetch(front, "/api/backend/status").unwrap().0 != 200 {
        assert!(since.elapsed() < Duration::from_secs(30), "it was not started again");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ground.release("backend-app")["pods"][0]["restarts"], 1);
}

/// The frontend and a backend are replaced while they are asked: every request is answered.
fn a_change_loses_no_request(ground: &Ground, front: &str) {
    let before = ground.release("backend-app")["pods"][0]["name"].clone();
    let stop = AtomicBool::new(false);
    let asked = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut asked = 0;
            while !stop.load(Ordering::Relaxed) {
                let (code, body) = fetch(front, "/api/backend/data").expect("a request was lost");
                assert_eq!(code, 200, "{body}");
                asked += 1;
            }
            asked
        });
        ground.write("env = { SHOWN = \"1\" }\n");
        let up = std::panic::catch_unwind(|| ground.platctl("up demo --sandbox --yes", 0));
        std::thread::sleep(Duration::from_secs(1));
        stop.store(true, Ordering::Relaxed);
        let asked = load.join().unwrap();
        up.unwrap();
        asked
    });
    assert!(asked > 50, "only {asked} requests");
    let after = ground.release("backend-app")["pods"].clone();
    assert!(after.as_array().unwrap().len() == 1 && after[0]["name"] != before, "{after}");
}

fn everything_is_there_again_after_a_stop(ground: &Ground, front: &str) {
    ground.platctl("sandbox stop", 0);
    assert!(fetch(front, "/").is_none() && ground.processes() == 0, "processes outlive the sandbox");
    ground.platctl("sandbox start", 0);
    let since = Instant::now();
    while fetch(front, "/api/backend/status").is_none_or(|(code, _)| code != 200) {
        assert!(since.elapsed() < Duration::from_secs(30), "the services do not come back");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ground.url("frontend-app"), front);
}

fn destroy_leaves_nothing(ground: &Ground, front: &str) {
    let told = ground.platctl("destroy demo --sandbox --yes", 0);
    assert!(told.contains("0 left"), "{told}");
    assert!(fetch(front, "/").is_none() && ground.processes() == 0, "processes outlive the cluster");
}
