//! What every service is configured by.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http::Uri;

use super::Variables;

/// How much is logged.
pub type LogLevel = tracing::Level;

/// Where spans are sent, and how many.
#[derive(Clone, PartialEq)]
pub struct TraceExport {
    /// The collector's address for traces, for example `http://collector:4318/v1/traces`.
    pub endpoint: Uri,
    /// Headers sent along, often credentials: never logged.
    pub headers: Vec<(String, String)>,
    /// Share of new traces that are recorded, 0 to 1; a caller's decision wins.
    pub ratio: f64,
}

impl std::fmt::Debug for TraceExport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TraceExport")
            .field("endpoint", &self.endpoint)
            .field("headers", &format_args!("{} hidden", self.headers.len()))
            .field("ratio", &self.ratio)
            .finish()
    }
}

/// The settings that all services share.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeSettings {
    /// `LISTEN_ADDR`: where to listen.
    pub listen: SocketAddr,
    /// `LOG_LEVEL`: the least severe level that is written.
    pub log_level: LogLevel,
    /// `ACCESS_LOG`: whether each request is logged.
    pub access_log: bool,
    /// `MAX_BODY_BYTES`: the largest request body that is read.
    pub max_body_bytes: usize,
    /// `BODY_TIMEOUT_SECONDS`: how long a client may take to send a body.
    pub body_timeout: Duration,
    /// `IDLE_TIMEOUT_SECONDS`: how long a connection may wait for a (next) request head.
    pub idle_timeout: Duration,
    /// `SHUTDOWN_DELAY_SECONDS`: after SIGTERM, how long to serve on while not ready, so that
    /// load balancers notice.
    pub shutdown_delay: Duration,
    /// `SHUTDOWN_GRACE_SECONDS`: after the delay, how long running requests may take.
    pub shutdown_grace: Duration,
    /// `WORKER_THREADS`: threads that serve requests.
    pub worker_threads: usize,
    /// `POD_NAME`, else the host name of the pod (`HOSTNAME`).
    pub pod: String,
    /// `NODE_NAME`.
    pub node: String,
    /// `POD_NAMESPACE`.
    pub namespace: String,
    /// `CLUSTER_NAME`.
    pub cluster: String,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` and its relatives.
    pub trace_export: Option<TraceExport>,
}

impl RuntimeSettings {
    /// Reads the settings; `port` is the service's own.
    pub fn read(variables: &mut Variables, port: u16) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let place = |variable, fallback: &str| variables.text(variable).unwrap_or(fallback).to_owned();
        let host = variables.text("HOSTNAME").unwrap_or("unknown").to_owned();
        let pod = place("POD_NAME", &host);
        let node = place("NODE_NAME", "unknown");
        let namespace = place("POD_NAMESPACE", "default");
        let cluster = place("CLUSTER_NAME", "unknown");
        Self {
            listen: variables.parsed(
                "LISTEN_ADDR",
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
                "an IP address with a port, such as 0.0.0.0:8000",
            ),
            log_level: variables.parsed(
                "LOG_LEVEL",
                LogLevel::INFO,
                "one of error, warn, info, debug, trace",
            ),
            access_log: variables.switch("ACCESS_LOG", true),
            max_body_bytes: usize::try_from(variables.number("MAX_BODY_BYTES", 1 << 20, 1..=1 << 30))
                .unwrap_or(1 << 20),
            body_timeout: variables.seconds("BODY_TIMEOUT_SECONDS", Duration::from_secs(30), 0.1..=3600.0),
            idle_timeout: variables.seconds("IDLE_TIMEOUT_SECONDS", Duration::from_secs(75), 0.1..=86400.0),
            shutdown_delay: variables.seconds("SHUTDOWN_DELAY_SECONDS", Duration::from_secs(5), 0.0..=3600.0),
            shutdown_grace: variables.seconds(
                "SHUTDOWN_GRACE_SECONDS",
                Duration::from_secs(20),
                0.0..=3600.0,
            ),
            worker_threads: usize::try_from(variables.number("WORKER_THREADS", cores as u64, 1..=1024))
                .unwrap_or(cores),
            pod,
            node,
            namespace,
            cluster,
            trace_export: trace_export(variables),
        }
    }
}

/// The variables of the OpenTelemetry specification ("OTLP Exporter Configuration",
/// "General SDK Configuration"), as far as HTTP with JSON goes.
fn trace_export(variables: &mut Variables) -> Option<TraceExport> {
    const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    for variable in ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] {
        let unsupported = variables.text(variable).filter(|text| *text != "http/json");
        if let Some(problem) =
            unsupported.map(|text| format!("{text:?} is not http/json, the one supported protocol"))
        {
            variables.report(variable, problem);
        }
    }
    let headers = ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"]
        .into_iter()
        .flat_map(|variable| header_list(variables, variable))
        .collect();
    let ratio = sampling_ratio(variables);
    // The signal's own variable is used as it stands, the base gets the path of the signal.
    let (variable, text) = match (variables.text(TRACES), variables.text(BASE)) {
        (Some(traces), _) => (TRACES, traces.to_owned()),
        (None, Some(base)) => (BASE, format!("{}/v1/traces", base.trim_end_matches('/'))),
        (None, None) => return None,
    };
    match crate::client::http_url(&text) {
        Ok(endpoint) => Some(TraceExport { endpoint, headers, ratio }),
        Err(problem) => {
            variables.report(variable, problem.to_string());
            None
        }
    }
}

/// `key=value,key=value`. A finding names the variable, never what it holds.
fn header_list(variables: &mut Variables, variable: &'static str) -> Vec<(String, String)> {
    let Some(text) = variables.text(variable) else { return Vec::new() };
    let pairs: Option<Vec<_>> = text
        .split(',')
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let (name, value) = (name.trim(), value.trim());
            http::HeaderName::try_from(name).ok()?;
            http::HeaderValue::try_from(value).ok()?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect();
    pairs.unwrap_or_else(|| {
        variables.report(variable, "is not a list of the form name=value,name=value");
        Vec::new()
    })
}

fn sampling_ratio(variables: &mut Variables) -> f64 {
    let sampler = variables.text("OTEL_TRACES_SAMPLER").unwrap_or("parentbased_always_on").to_owned();
    match sampler.as_str() {
        "parentbased_always_on" => 1.0,
        "parentbased_always_off" => 0.0,
        "parentbased_traceidratio" => {
            let ratio = variables.parsed("OTEL_TRACES_SAMPLER_ARG", 1.0, "a number from 0 to 1");
            if (0.0..=1.0).contains(&ratio) {
                return ratio;
            }
            variables.report("OTEL_TRACES_SAMPLER_ARG", format!("{ratio} is not between 0 and 1"));
            1.0
        }
        other => {
            let problem = format!(
                "{other:?} is none of parentbased_always_on, parentbased_always_off, parentbased_traceidratio"
            );
            variables.report("OTEL_TRACES_SAMPLER", problem);
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> (RuntimeSettings, Vec<&'static str>) {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut variables = Variables::of(pairs);
        let settings = RuntimeSettings::read(&mut variables, 8000);
        (settings, variables.findings().iter().map(|finding| finding.variable).collect())
    }

    #[test]
    fn defaults_stand_without_a_variable() {
        let (settings, findings) = read(&[]);
        assert!(findings.is_empty());
        assert_eq!(settings.listen.to_string(), "0.0.0.0:8000");
        assert_eq!(settings.trace_export, None);
        // A pod is killed 30 s after SIGTERM unless its manifest says otherwise.
        assert!(settings.shutdown_delay + settings.shutdown_grace < Duration::from_secs(30));
    }

    #[test]
    fn the_collector_address_gets_the_path_of_the_signal() {
        let (settings, _) = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/")]);
        let export = settings.trace_export.expect("an endpoint is set");
        assert_eq!(export.endpoint.to_string(), "http://collector:4318/v1/traces");
        assert_eq!(export.ratio, 1.0);
        let (settings, _) = read(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/in")]);
        assert_eq!(settings.trace_export.expect("set").endpoint.path(), "/in");
    }

    #[test]
    fn findings_name_each_wrong_variable_and_no_secret() {
        let pairs = [
            ("LISTEN_ADDR", "8000"),
            ("LOG_LEVEL", "loud"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_TRACES_SAMPLER", "dice"),
        ];
        let mut variables =
            Variables::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        RuntimeSettings::read(&mut variables, 8000);
        let text: String = variables.findings().iter().map(|finding| format!("{finding}\n")).collect();
        for (variable, _) in pairs {
            assert!(text.contains(variable), "{variable} is missing in {text}");
        }
        assert!(!text.contains("hunter2"), "{text}");
    }
}
