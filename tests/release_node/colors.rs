//! Blue-green on a real node: kube-proxy switches, kept connections stay with the pods that they lead to until those end.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::life::CHANGED;
use crate::load;
use crate::shop::{Ground, Shop};

/// How many requests are asked while it is switched.
const REQUESTS: usize = 20_000;

fn write(ground: &Ground<'_>, shown: &str) {
    let settings = format!("strategy = \"blue-green\"\nenv = {{ SHOWN = \"{shown}\" }}");
    ground.write(Shop { third: Some(&settings), ..CHANGED });
}

fn color(ground: &Ground<'_>) -> String {
    ground.release("backend-service")["endpoints"][0]["color"].as_str().unwrap().to_owned()
}

/// The lines of all pods of backend-service from now on, also of those that end meanwhile.
struct Lines(Vec<(String, Child)>);

impl Lines {
    fn follow(ground: &Ground<'_>) -> Self {
        let mut lines = Self(Vec::new());
        lines.more(ground);
        lines
    }

    /// Those of the pods that have come since.
    fn more(&mut self, ground: &Ground<'_>) {
        let release = ground.release("backend-service");
        let names =
            release["pods"].as_array().unwrap().iter().map(|pod| pod["name"].as_str().unwrap().to_owned());
        let new: Vec<String> = names.filter(|name| self.0.iter().all(|(known, _)| known != name)).collect();
        for name in new {
            let mut follow = Command::new("kubectl");
            follow.args(["--kubeconfig", &ground.server.kubeconfig(), "logs", "-f", "-n", "shop", &name]);
            let file = File::create(ground.server.path(&name)).unwrap();
            let child = follow.stdout(file).stderr(Stdio::null()).spawn().unwrap();
            self.0.push((name, child));
        }
    }

    /// How many POSTs were answered.
    fn posts(&self, ground: &Ground<'_>) -> usize {
        let text = self.0.iter().map(|(name, _)| fs::read_to_string(ground.server.path(name)).unwrap());
        let is_post = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            line["method"] == "POST" && line["status"] == 200
        };
        text.map(|text| text.lines().filter(|line| is_post(line)).count()).sum()
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        for (_, follow) in &mut self.0 {
            let _ended = follow.kill();
            let _status = follow.wait();
        }
    }
}

pub(crate) fn switched_under_load(ground: &Ground<'_>) {
    write(ground, "first");
    ground.up("", 0);
    assert_eq!(color(ground), "blue");
    let url = format!("{}:80", ground.url("backend-service"));
    let mut lines = Lines::follow(ground);
    let before = lines.posts(ground);
    let seen = load::beside(&url, REQUESTS, || {
        std::thread::sleep(Duration::from_secs(1));
        write(ground, "second");
        ground.up("", 0);
        assert_eq!(color(ground), "green");
        lines.more(ground);
    });
    assert!(seen.lost.is_empty(), "{} of {} lost: {:?}", seen.lost.len(), seen.answered, seen.lost);
    assert!(seen.answered >= REQUESTS && seen.has("blue") && seen.has("green"), "{:?}", seen.pods);
    // The lines come through the kubelet, which takes its time.
    let since = std::time::Instant::now();
    while lines.posts(ground) - before != seen.posts {
        let counted = lines.posts(ground) - before;
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "{counted} POSTs were answered, {} asked",
            seen.posts
        );
        std::thread::sleep(Duration::from_millis(500));
    }
    ground.server.platctl("diff shop --exit-code", 0);
    ground.write(CHANGED);
    ground.up("", 0);
    ground.server.platctl("diff shop --exit-code", 0);
}
