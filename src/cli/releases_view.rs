//! How releases are shown: a line each, with its addresses and what is the matter with its pods below.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cluster;
use super::context::{Context, Environment};
use crate::config::schema::{Exposure, Service};
use crate::inspect::{self, Endpoint, PodState, ReleaseState};
use crate::model::{Kind, Spec};
use crate::provider::aws::ReadOnly;
use crate::state::State;
use crate::ui::Paint;

/// How the environment's releases are in their cluster; none where it has none, or cannot be asked, which is told.
pub(super) async fn seen(
    context: &Context,
    environment: &Environment,
    state: &State,
    aws: Option<ReadOnly>,
) -> Vec<ReleaseState> {
    let recorded = state.records().map(|(_, record)| &record.spec);
    let specs = environment.desired.resources.values().chain(recorded);
    let ours: BTreeSet<(&str, &str)> = specs
        .filter_map(|spec| match spec {
            Spec::Release(release) => Some((release.namespace.as_str(), release.name.as_str())),
            _ => None,
        })
        .collect();
    if ours.is_empty() || state.resources.keys().all(|address| address.kind != Kind::Release) {
        return Vec::new();
    }
    let found = async { inspect::releases(&cluster::reader(environment, aws.as_ref()).await?).await }.await;
    let mut found = found.unwrap_or_else(|error| {
        context.printer.warn(&format!("how releases are cannot be told: {error}"));
        Vec::new()
    });
    found.retain(|release| ours.contains(&(release.namespace.as_str(), release.name.as_str())));
    found
}

/// Releases as data.
pub(super) fn data(releases: &[ReleaseState]) -> Vec<Value> {
    let endpoint = |one: &Endpoint| {
        json!({
            "service": one.service, "ports": one.ports, "color": one.color, "ready": one.ready, "load_balancer": one.balancer,
            "url": one.url,
        })
    };
    let pod = |one: &PodState| {
        json!({
            "name": one.name, "ready": one.ready, "restarts": one.restarts, "images": one.images, "node": one.node,
            "since": one.since, "trouble": one.trouble, "rewrites": one.rewrites,
        })
    };
    let release = |one: &ReleaseState| {
        json!({
            "name": one.name, "namespace": one.namespace, "revision": one.revision, "status": one.status,
            "healthy": one.is_healthy(), "simulated": one.simulated, "chart": one.chart,
            "app_version": one.app_version, "deployed": one.deployed, "wanted": one.wanted, "ready": one.ready(),
            "restarts": one.restarts(), "pods": one.pods.iter().map(pod).collect::<Vec<_>>(),
            "endpoints": one.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
        })
    };
    releases.iter().map(release).collect()
}

/// Releases for people.
pub(super) fn table(releases: &[ReleaseState], now: Timestamp, paint: Paint) -> String {
    let titles = ["RELEASE", "REVISION", "HEALTH", "PODS", "RESTARTS", "VERSION", "AGE"].map(str::to_owned);
    let mut rows = vec![titles];
    rows.extend(releases.iter().map(|release| {
        [
            release.name.clone(),
            release.revision.to_string(),
            health(release),
            format!("{}/{}", release.ready(), release.wanted),
            release.restarts().to_string(),
            version(release),
            release.deployed.map(|at| age(now, at)).unwrap_or_default(),
        ]
    }));
    let widths: Vec<usize> =
        (0..7).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let mut lines = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let padded = format!("{cell:width$}");
            match (at, column) {
                (1.., 2) if releases[at - 1].is_healthy() => paint.green(padded),
                (1.., 2) => paint.yellow(padded),
                _ => padded,
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ").trim_end().to_owned();
        lines.push(if at == 0 { paint.dim(line) } else { line });
        if at > 0 {
            lines.extend(below(&releases[at - 1], paint));
        }
    }
    lines.join("\n")
}

fn health(release: &ReleaseState) -> String {
    if release.simulated.is_some() {
        return "simulated, not run".to_owned();
    }
    if release.status != "deployed" {
        return release.status.clone();
    }
    if release.ready() < release.wanted {
        return "not ready".to_owned();
    }
    if release.is_healthy() { "healthy" } else { "no load balancer yet" }.to_owned()
}

/// The version of what runs, where the chart tells one, else the chart's own.
fn version(release: &ReleaseState) -> String {
    if release.app_version.is_empty() { release.chart.clone() } else { release.app_version.clone() }
}

fn below(release: &ReleaseState, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for endpoint in &release.endpoints {
        let ports: Vec<String> = endpoint.ports.iter().map(u64::to_string).collect();
        let inside = format!("{}:{}", endpoint.service, ports.join(","));
        let outside = match (endpoint.url.as_str(), endpoint.balanced) {
            ("", true) => "  waits for its load balancer".to_owned(),
            ("", false) => String::new(),
            (url, _) => format!("  {url}"),
        };
        let color = if endpoint.color.is_empty() { String::new() } else { format!(" {}", endpoint.color) };
        lines.push(format!("  {} {inside}, {}{color} ready{outside}", paint.dim("service"), endpoint.ready));
    }
    let troubled = release.pods.iter().filter_map(|pod| Some((pod, pod.trouble.as_ref()?)));
    lines.extend(troubled.map(|(pod, why)| format!("  {} {}: {why}", paint.red("pod"), pod.name)));
    if let Some(why) = &release.simulated {
        lines.push(format!("  {} {why}", paint.yellow("simulated:")));
    }
    lines
}

/// Where releases are reached from outside, and what of them does not really run: for the end of `up`.
pub(super) fn urls(releases: &[ReleaseState], paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for release in releases {
        let urls = release.endpoints.iter().filter(|endpoint| !endpoint.url.is_empty());
        lines.extend(urls.map(|endpoint| {
            format!("  {} {}", paint.dim(format!("{}:", release.name)), paint.bold(&endpoint.url))
        }));
        for (variable, value) in release.pods.iter().flat_map(|pod| &pod.rewrites).collect::<BTreeSet<_>>() {
            lines.push(paint.dim(format!("    of this machine: {variable}={value}")));
        }
        if let Some(why) = &release.simulated {
            lines.push(format!("  {} simulated, not run: {why}", paint.dim(format!("{}:", release.name))));
        }
    }
    lines
}

/// How to open the services that everybody is to reach where nothing in the cluster makes load balancers: the lines for the
/// end of `up` and `status`, each with a command that can be typed as it stands.
pub(super) fn ways_in(environment: &Environment, releases: &[ReleaseState], paint: Paint) -> Vec<String> {
    let (name, flags) = environment.mention.split_once(' ').unwrap_or((&environment.mention, ""));
    let public = environment.loaded.platform.settings.enabled_services().filter(|(name, service)| {
        let release = releases.iter().find(|release| release.name == *name);
        let is_unreached = |release: &ReleaseState| {
            release.simulated.is_none()
                && release.endpoints.iter().all(|one| one.url.is_empty() && !one.balanced)
        };
        service.exposure == Exposure::Internet && release.is_some_and(is_unreached)
    });
    let command = |(at, (service, settings)): (u16, (&str, &Service))| {
        let ports = format!("{}:{}", FIRST_PORT + at, settings.port);
        let command = format!("platctl port-forward {name} {service} {ports} {flags}");
        let page = format!("then http://127.0.0.1:{}", FIRST_PORT + at);
        format!(
            "  {} {} {}",
            paint.dim(format!("{service}:")),
            paint.bold(command.trim_end()),
            paint.dim(page)
        )
    };
    (0..).zip(public).map(command).collect()
}

/// The port of this machine that the first service is offered at, the others at the next ones.
const FIRST_PORT: u16 = 8080;

/// How long ago, in the largest unit that is at least one.
fn age(now: Timestamp, at: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_told_with_its_addresses_and_its_troubles() {
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let pod = |name: &str, ready: bool| PodState {
            name: name.to_owned(),
            ready,
            restarts: 1,
            trouble: (!ready).then(|| "web ends again and again (exit code 3), 4 restarts".to_owned()),
            ..PodState::default()
        };
        let release = ReleaseState {
            name: "web".to_owned(),
            revision: 3,
            status: "deployed".to_owned(),
            app_version: "1.2.3".to_owned(),
            deployed: Some(at),
            pods: vec![pod("web-1", true), pod("web-2", false)],
            wanted: 2,
            endpoints: vec![Endpoint {
                service: "web-service".to_owned(),
                ports: vec![80, 8000],
                color: "green".to_owned(),
                ready: 1,
                balanced: true,
                balancer: "web.elb".to_owned(),
                url: "http://web.elb".to_owned(),
            }],
            ..ReleaseState::default()
        };
        let now = "2026-01-02T06:04:05Z".parse().unwrap();
        let told = table(std::slice::from_ref(&release), now, Paint::default());
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "RELEASE  REVISION  HEALTH     PODS  RESTARTS  VERSION  AGE");
        assert_eq!(lines[1], "web      3         not ready  1/2   2         1.2.3    3h");
        assert_eq!(lines[2], "  service web-service:80,8000, 1 green ready  http://web.elb");
        assert_eq!(lines[3], "  pod web-2: web ends again and again (exit code 3), 4 restarts");
        assert_eq!(data(&[release])[0]["endpoints"][0]["url"], "http://web.elb");
    }

    #[test]
    fn an_age_has_one_unit() {
        let at: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        for (now, told) in
            [("2026-01-02T00:00:59Z", "59s"), ("2026-01-02T01:59:00Z", "1h"), ("2026-01-12T00:00:00Z", "10d")]
        {
            assert_eq!(age(now.parse().unwrap(), at), told);
        }
    }
}
