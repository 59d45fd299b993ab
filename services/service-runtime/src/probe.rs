//! Questions asked from inside a cluster: the image has no shell and no tools.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use prometheus_client::registry::Registry;

use crate::client::{Call, Limits, Resolver, ResolverSettings, Shared, Upstream, UpstreamMetrics, http_url};
use crate::config::Variables;
use crate::trace::Exporter;

/// A question.
pub(crate) enum Probe {
    /// What addresses does this name have?
    Resolve(String),
    /// What does this URL answer?
    Get(String),
}

/// Asks, prints the answer to standard output and the circumstances to standard error; fails if
/// there is no answer, or one whose status is not 2xx.
pub(crate) async fn run_probe(probe: Probe) -> ExitCode {
    let mut variables = Variables::of_process();
    let settings = ResolverSettings::read(&mut variables);
    if let Some(finding) = variables.findings().first() {
        return failed(finding);
    }
    let resolver = Resolver::new(settings);
    match probe {
        Probe::Resolve(name) => resolve(&resolver, &name).await,
        Probe::Get(url) => get(resolver, &url).await,
    }
}

fn failed(why: impl Display) -> ExitCode {
    // There is nowhere to say that standard error is closed.
    let _ = writeln!(std::io::stderr(), "probe: {why}");
    ExitCode::FAILURE
}

async fn resolve(resolver: &Resolver, name: &str) -> ExitCode {
    match resolver.addresses(name).await {
        Ok(addresses) => {
            let lines: String = addresses.iter().map(|address| format!("{address}\n")).collect();
            written(std::io::stdout().write_all(lines.as_bytes()))
        }
        Err(error) => failed(error),
    }
}

fn written(outcome: std::io::Result<()>) -> ExitCode {
    match outcome.and_then(|()| std::io::stdout().flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error),
    }
}

async fn get(resolver: Resolver, url: &str) -> ExitCode {
    const LIMITS: Limits =
        Limits { timeout: Duration::from_secs(10), connect_timeout: Duration::from_secs(2), in_flight: 1 };
    let metrics = UpstreamMetrics::register(&mut Registry::default());
    let shared = Shared { resolver, metrics, spans: Exporter::default() };
    let upstream = http_url(url).and_then(|url| Upstream::new("probe", &url, LIMITS, shared));
    let upstream = match upstream {
        Ok(upstream) => upstream,
        Err(problem) => return failed(format_args!("the address {problem}")),
    };
    let started = Instant::now();
    let (method, path) = (Method::GET, upstream.own_target());
    let call = Call { method, path, headers: HeaderMap::new(), body: Bytes::new() };
    let response = match upstream.send(call).await {
        Ok(response) => response,
        Err(error) => return failed(error),
    };
    let status = response.status();
    let time = started.elapsed().as_secs_f64() * 1e3;
    let _ = writeln!(std::io::stderr(), "HTTP {status} in {time:.1} ms");
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        let printed = match frame {
            Ok(frame) => frame.into_data().map_or(Ok(()), |data| std::io::stdout().write_all(&data)),
            Err(error) => return failed(error),
        };
        if let Err(error) = printed {
            return failed(error);
        }
    }
    let flushed = written(Ok(()));
    if status.is_success() { flushed } else { ExitCode::FAILURE }
}
