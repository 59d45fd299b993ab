//! `strategy = "blue-green"` in the sandbox: switched under load, refused, killed, brought back, changed to rolling and
//! back, and never a request lost. `PLATCTL_PEERS=1` runs it: it takes minutes.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::ground::Ground;
use crate::load::{self, Seen};

const NAME: &str = "backend-service";

#[test]
fn a_switch_of_colours_loses_no_request() {
    if std::env::var("PLATCTL_PEERS").as_deref() != Ok("1") {
        return;
    }
    let ground = Ground::telling();
    let shop = Shop { ground: &ground, lines: ground.path("lines") };
    shop.write("blue-green", "first");
    ground.platctl("up demo --sandbox --yes", 0);
    assert_eq!(shop.stands(), "blue");
    let url = ground.url(NAME);
    load_is_counted_by_both_sides(&shop, &url);
    what_changes_no_pod_is_made_in_place(&shop, &url);
    what_does_not_get_ready_changes_nothing(&shop, &url);
    a_load_balancer_is_waited_for(&shop, &url);
    a_killed_switch_is_gone_on_with(&shop, &url);
    what_stood_is_brought_back_in_the_free_colour(&shop, &url);
    the_strategy_can_be_changed_and_changed_back(&shop, &url);
    as_many_pods_serve_as_before(&shop, &url);
    let told = ground.platctl("destroy demo --sandbox --yes", 0);
    assert!(told.contains("0 left") && ground.processes() == 0, "{told}");
}

struct Shop<'a> {
    ground: &'a Ground,
    /// Where its pods write their lines.
    lines: std::path::PathBuf,
}

impl Shop<'_> {
    /// Writes the environment; what is `shown` is another thing for each content of the pods.
    fn write(&self, strategy: &str, shown: &str) {
        self.write_more(strategy, shown, "replicas = 2");
    }

    fn write_more(&self, strategy: &str, shown: &str, more: &str) {
        let lines = self.lines.display();
        let more = format!(
            "strategy = \"{strategy}\"\nenv = {{ LINES = \"{lines}\", SHOWN = \"{shown}\" }}\n{more}\n"
        );
        self.ground.write_alone(None, &more);
    }

    /// The colour that serves.
    fn color(&self) -> String {
        self.ground.release(NAME)["endpoints"][0]["color"].as_str().unwrap().to_owned()
    }

    /// Holds that everything is as it is to be, and that nothing is left of any other colour. Gives the one that serves.
    fn stands(&self) -> String {
        self.ground.platctl("diff demo --sandbox --exit-code", 0);
        let statuses = self.statuses();
        assert!(statuses.iter().all(|status| !status.contains("pending")), "{statuses:?}");
        let since = Instant::now();
        loop {
            let release = self.ground.release(NAME);
            let color = release["endpoints"][0]["color"].as_str().unwrap();
            let prefix = if color.is_empty() { NAME.to_owned() } else { format!("{NAME}-{color}") };
            let names = names(&release);
            let own = names.iter().all(|name| name.rsplitn(3, '-').nth(2) == Some(&prefix));
            // A Deployment of another colour would want pods too.
            if own && (names.len(), &release["wanted"]) == (2, &2.into()) && release["healthy"] == true {
                return color.to_owned();
            }
            // Pods that are deleted finish what they have begun.
            assert!(since.elapsed() < Duration::from_secs(60), "{release}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn statuses(&self) -> Vec<String> {
        let output = self.ground.command(&format!("history demo {NAME} --sandbox --json")).output().unwrap();
        let history: Value = serde_json::from_slice(&output.stdout).unwrap();
        let revisions = history["revisions"].as_array().unwrap().iter();
        revisions.map(|revision| revision["status"].as_str().unwrap().to_owned()).collect()
    }

    /// The POSTs that its pods answered, by their own lines.
    fn posts(&self) -> usize {
        let lines = fs::read_to_string(&self.lines).unwrap();
        let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["method"] == "POST" && line["status"] == 200).count()
    }
}

fn names(release: &Value) -> Vec<String> {
    let pods = release["pods"].as_array().unwrap().iter();
    pods.map(|pod| pod["name"].as_str().unwrap().to_owned()).collect()
}

fn nothing_lost(seen: &Seen) {
    assert!(seen.lost.is_empty(), "{} of {} lost: {:?}", seen.lost.len(), seen.answered, seen.lost);
}

fn load_is_counted_by_both_sides(shop: &Shop<'_>, url: &str) {
    let before = shop.posts();
    let seen = load::beside(url, 20_000, || {
        // Some of the load is on the old colour alone.
        std::thread::sleep(Duration::from_secs(1));
        shop.write("blue-green", "second");
        shop.ground.platctl("up demo --sandbox --yes", 0);
        assert_eq!(shop.color(), "green");
    });
    nothing_lost(&seen);
    assert!(seen.answered >= 20_000 && seen.posts > 5_000, "{} {}", seen.answered, seen.posts);
    assert!(seen.has("blue") && seen.has("green"), "{:?}", seen.pods);
    assert!(seen.kept < 50, "connections were kept: {} were made", seen.kept);
    assert_eq!(shop.stands(), "green");
    // Whoever ended has written all of its lines; those that serve write theirs at once.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(shop.posts() - before, seen.posts, "the servers' count of POSTs is the clients'");
}

fn what_changes_no_pod_is_made_in_place(shop: &Shop<'_>, url: &str) {
    let before = names(&shop.ground.release(NAME));
    let seen = load::beside(url, 0, || {
        shop.write_more("blue-green", "second", "replicas = 3");
        shop.ground.platctl("up demo --sandbox --yes", 0);
        let after = names(&shop.ground.release(NAME));
        assert!(after.len() == 3 && before.iter().all(|name| after.contains(name)), "{before:?} {after:?}");
        shop.write("blue-green", "second");
        shop.ground.platctl("up demo --sandbox --yes", 0);
    });
    nothing_lost(&seen);
    assert_eq!(shop.stands(), "green");
}

fn what_does_not_get_ready_changes_nothing(shop: &Shop<'_>, url: &str) {
    let image =
        format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/demo-images/{NAME}@sha256:{}", "0".repeat(64));
    let seen = load::beside(url, 0, || {
        let more = format!(
            "strategy = \"blue-green\"\nreplicas = 2\nenv = {{ LINES = \"{}\" }}",
            shop.lines.display()
        );
        shop.ground.write_alone(Some(&image), &more);
        let told = shop.ground.platctl("up demo --sandbox --yes --timeout 8", 1);
        assert!(told.contains("backend-service-blue") && told.contains("cannot be pulled"), "{told}");
        assert_eq!(shop.color(), "green", "the old one serves");
    });
    nothing_lost(&seen);
    assert!(seen.has("green") && !seen.has("blue"), "{:?}", seen.pods);
    shop.write("blue-green", "third");
    let seen = load::beside(url, 0, || drop(shop.ground.platctl("up demo --sandbox --yes", 0)));
    nothing_lost(&seen);
    assert_eq!(shop.stands(), "blue");
}

/// Both colours are its targets until it finds the new pods healthy, and the old ones stay until it has let them go.
fn a_load_balancer_is_waited_for(shop: &Shop<'_>, url: &str) {
    let before = shop.color();
    shop.write("blue-green", "patient");
    // It takes twenty seconds and more.
    shop.ground.cloud.pace("realistic");
    let seen = load::beside(url, 0, || {
        let told = shop.ground.platctl("up demo --sandbox --yes --timeout 15", 1);
        assert!(told.contains("its load balancer does not take the new pods after 15 s"), "{told}");
        assert!(told.contains("is initial (Target registration is in progress)"), "{told}");
    });
    nothing_lost(&seen);
    assert!(seen.has("blue") && seen.has("green"), "both were its targets: {:?}", seen.pods);
    assert_eq!(shop.color(), before, "it leads where it led");
    shop.ground.cloud.pace("scaled=20");
    let seen = load::beside(url, 0, || drop(shop.ground.platctl("up demo --sandbox --yes", 0)));
    nothing_lost(&seen);
    assert_eq!(shop.ground.cloud.targets(), ["healthy", "healthy"], "none is being let go any more");
    shop.ground.cloud.pace("instant");
    assert_ne!(shop.stands(), before);
}

/// Killed at moments spread over the whole of a switch.
fn a_killed_switch_is_gone_on_with(shop: &Shop<'_>, url: &str) {
    const MOMENTS: u32 = 8;
    let started = Instant::now();
    shop.write("blue-green", "whole");
    shop.ground.platctl("up demo --sandbox --yes", 0);
    let whole = started.elapsed();
    let mut cut = 0;
    let seen = load::beside(url, 0, || {
        for moment in 1..=MOMENTS {
            shop.write("blue-green", &format!("killed {moment}"));
            let mut run = shop.ground.command("up demo --sandbox --yes --quiet").spawn().unwrap();
            std::thread::sleep(whole * moment / MOMENTS);
            cut += u32::from(run.try_wait().unwrap().is_none());
            run.kill().unwrap();
            run.wait().unwrap();
            // Sometimes with what was wanted, sometimes with something else.
            if moment % 2 == 0 {
                shop.write("blue-green", &format!("another {moment}"));
            }
            shop.ground.platctl("up demo --sandbox --yes", 0);
            shop.stands();
        }
    });
    nothing_lost(&seen);
    assert!(cut >= MOMENTS / 2, "only {cut} of {MOMENTS} runs were cut");
}

fn what_stood_is_brought_back_in_the_free_colour(shop: &Shop<'_>, url: &str) {
    let mut serving = shop.stands();
    shop.write("blue-green", "one");
    shop.ground.platctl("up demo --sandbox --yes", 0);
    shop.write("blue-green", "two");
    shop.ground.platctl("up demo --sandbox --yes", 0);
    assert_eq!(shop.stands(), serving, "two switches");
    let number = shop.ground.release(NAME)["revision"].as_u64().unwrap();
    // The one before last had the colour that serves: it is brought back in the other one all the same.
    for back in [number - 2, number, number - 1] {
        let seen = load::beside(url, 0, || {
            drop(shop.ground.platctl(&format!("rollback demo {NAME} {back} --sandbox"), 0));
        });
        nothing_lost(&seen);
        assert_ne!(shop.color(), serving, "revision {back}");
        serving = shop.color();
    }
    // It has the content of before, so that is what there is to do nothing about.
    shop.write("blue-green", "one");
    assert_eq!(shop.stands(), serving);
}

fn the_strategy_can_be_changed_and_changed_back(shop: &Shop<'_>, url: &str) {
    for (strategy, color) in [("rolling", ""), ("blue-green", "blue")] {
        let seen = load::beside(url, 0, || {
            shop.write(strategy, "one");
            shop.ground.platctl("up demo --sandbox --yes", 0);
        });
        nothing_lost(&seen);
        assert_eq!(shop.stands(), color);
    }
}

/// Where a scaler sets their number, the new pods are as many as the old ones before they serve.
fn as_many_pods_serve_as_before(shop: &Shop<'_>, url: &str) {
    let scaled = |shown: &str, least: u32| {
        shop.write_more("blue-green", shown, &format!("autoscaling = {{ min = {least}, max = 4 }}"));
        shop.ground.platctl("up demo --sandbox --yes", 0);
        shop.ground.platctl("diff demo --sandbox --exit-code", 0);
    };
    scaled("three", 3);
    let since = Instant::now();
    while shop.ground.release(NAME)["ready"] != 3 {
        assert!(since.elapsed() < Duration::from_secs(30), "the scaler's least is three");
        std::thread::sleep(Duration::from_millis(200));
    }
    let color = shop.color();
    let seen = load::beside(url, 0, || scaled("three more", 1));
    nothing_lost(&seen);
    assert_ne!(shop.color(), color);
    let release = shop.ground.release(NAME);
    assert_eq!(release["endpoints"][0]["ready"], 3, "{release}");
}
