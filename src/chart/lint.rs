//! Mistakes in charts, by the rules of `helm lint`.

use std::fmt;

use super::api::{self, Schemas};
use super::host::Host;
use super::load::{Metadata, from_files};
use super::manifest::split;
use super::model::{Chart, File};
use super::render::{RenderError, RenderOptions, Rendered, missing_dependencies, render};
use super::semver::Version;
use super::template::{self, Capabilities};
use super::value::{Object, Value};
use super::yaml;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something that could be better.
    Info,
    /// Something that may not work.
    Warning,
    /// Something that does not work.
    Error,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file or folder of the chart.
    pub path: String,
    /// What it is.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(formatter, "[{severity}] {}: {}", self.path, self.message)
    }
}

/// How to look.
#[derive(Debug, Clone)]
pub struct LintOptions {
    /// The namespace templates are told of.
    pub namespace: String,
    /// What the cluster can do.
    pub capabilities: Capabilities,
    /// Leaves the schema of the values unchecked.
    pub skip_schema: bool,
}

/// Looks at the chart in `files`, with the values `given` over its own.
pub fn lint(files: Vec<File>, given: &Object, options: &LintOptions, host: &dyn Host) -> Vec<Finding> {
    let mut lint = Lint { findings: Vec::new() };
    if !files.iter().any(|file| file.name == "values.yaml") {
        lint.add(Severity::Info, "values.yaml", "file does not exist");
    }
    let templates = files.iter().any(|file| file.name.starts_with("templates/"));
    if !templates {
        lint.add(Severity::Warning, "templates/", "directory does not exist");
    }
    let template_names: Vec<String> =
        files.iter().map(|file| file.name.clone()).filter(|name| name.starts_with("templates/")).collect();
    match from_files(files) {
        Err(error) => {
            let mut message = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                message.push_str(&format!(": {error}"));
                cause = error.source();
            }
            lint.add(Severity::Error, "Chart.yaml", message);
        }
        Ok(chart) => {
            lint.metadata(&chart.metadata);
            lint.dependencies(&chart);
            lint.template_names(&template_names);
            lint.templates(chart, given, options, host);
        }
    }
    lint.findings
}

struct Lint {
    findings: Vec<Finding>,
}

impl Lint {
    fn add(&mut self, severity: Severity, path: &str, message: impl Into<String>) {
        self.findings.push(Finding { severity, path: path.to_owned(), message: message.into() });
    }

    fn metadata(&mut self, metadata: &Metadata) {
        const FILE: &str = "Chart.yaml";
        let valid_name = |name: &str| {
            name.len() <= 250
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !valid_name(&metadata.name) {
            let message =
                format!("chart name {:?} holds more than lower-case letters, digits and -", metadata.name);
            self.add(Severity::Warning, FILE, message);
        }
        if !matches!(metadata.api_version.as_str(), "v1" | "v2") {
            let message = format!(
                "apiVersion '{}' is not valid. The value must be either \"v1\" or \"v2\"",
                metadata.api_version
            );
            self.add(Severity::Error, FILE, message);
        }
        if Version::parse_strict(&metadata.version).is_err() {
            let message = format!("version '{}' is not a valid SemVerV2", metadata.version);
            self.add(Severity::Warning, FILE, message);
        }
        for maintainer in &metadata.maintainers {
            if maintainer.name.is_empty() {
                self.add(Severity::Error, FILE, "each maintainer requires a name");
            } else if !maintainer.email.is_empty() && !maintainer.email.contains('@') {
                let message =
                    format!("invalid email '{}' for maintainer '{}'", maintainer.email, maintainer.name);
                self.add(Severity::Error, FILE, message);
            }
        }
        for source in metadata.sources.iter().filter(|source| !source.contains("://")) {
            self.add(Severity::Error, FILE, format!("invalid source URL '{source}'"));
        }
        if metadata.icon.is_empty() {
            self.add(Severity::Info, FILE, "icon is recommended");
        }
        if !metadata.kind.is_empty() && metadata.api_version == "v1" {
            self.add(
                Severity::Error,
                FILE,
                "chart type is not valid in apiVersion 'v1'. It is valid in apiVersion 'v2'",
            );
        }
    }

    fn dependencies(&mut self, chart: &Chart) {
        let missing = missing_dependencies(chart);
        if !missing.is_empty() {
            let message = format!("chart directory is missing these dependencies: {}", missing.join(","));
            self.add(Severity::Warning, "Chart.yaml", message);
        }
        let named = |name: &str| {
            chart
                .metadata
                .dependencies
                .iter()
                .flatten()
                .any(|wanted| wanted.name == name || wanted.alias == name)
        };
        let unnamed: Vec<&str> =
            chart.dependencies.iter().map(Chart::name).filter(|name| !named(name)).collect();
        if !unnamed.is_empty() {
            let message = format!("chart metadata is missing these dependencies: {}", unnamed.join(","));
            self.add(Severity::Error, "Chart.yaml", message);
        }
    }

    fn template_names(&mut self, names: &[String]) {
        for name in names {
            let extension =
                name.rsplit('/').next().and_then(|last| last.rsplit_once('.')).map(|(_, last)| last);
            if !matches!(extension, Some("yaml" | "yml" | "tpl" | "txt")) {
                let message = format!(
                    "file extension '.{}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt",
                    extension.unwrap_or_default()
                );
                self.add(Severity::Error, name, message);
            }
        }
    }

    fn templates(&mut self, chart: Chart, given: &Object, options: &LintOptions, host: &dyn Host) {
        if chart.is_library() {
            return;
        }
        let prefix = format!("{}/", chart.name());
        let mut how = RenderOptions::install("test-release", &options.namespace);
        how.capabilities.clone_from(&options.capabilities);
        how.skip_schema = options.skip_schema;
        // What a chart requires and nobody gave is nothing in its objects then: only those of a chart that
        // renders without that are held against Kubernetes' schemas.
        let whole = render(chart.clone(), given, &how, host);
        if let Ok(rendered) = &whole {
            self.kubernetes(rendered, &prefix);
        }
        how.templates = template::Options { lint: true, ..template::Options::default() };
        match whole.or_else(|_| render(chart, given, &how, host)) {
            Err(RenderError::Schema(error)) => self.add(Severity::Error, "values.yaml", error.to_string()),
            Err(error) => {
                let mut message = error.to_string();
                if let Some(cause) = std::error::Error::source(&error) {
                    message.push_str(&format!(": {cause}"));
                }
                self.add(Severity::Error, "templates/", message);
            }
            Ok(rendered) => {
                let hooks = rendered.manifest.hooks.iter().map(|hook| &hook.object);
                for object in rendered.manifest.objects.iter().chain(hooks) {
                    // Charts inside the chart are looked at on their own.
                    if let Some(path) = object.template.strip_prefix(&prefix)
                        && path.starts_with("templates/")
                    {
                        self.object(path, &object.content);
                    }
                }
            }
        }
    }

    fn kubernetes(&mut self, rendered: &Rendered, prefix: &str) {
        let mut schemas = Schemas::default();
        api::learn(rendered, &mut schemas);
        for finding in api::check(rendered, &mut schemas, &|_| false).findings {
            if let Some(path) = finding.template.strip_prefix(prefix)
                && !path.starts_with("charts/")
            {
                self.add(Severity::Error, path, format!("line {}: {}", finding.line, finding.message()));
            }
        }
    }

    fn object(&mut self, path: &str, content: &str) {
        for document in split(content) {
            let Ok(value) = yaml::read_typed(document.text.as_bytes()) else { continue };
            let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
            let name = value.at(["metadata", "name"]).and_then(Value::as_str).unwrap_or_default();
            if value.as_map().is_none() {
                continue;
            }
            if !is_object_name(kind, name) {
                let message =
                    format!("object name does not conform to Kubernetes naming requirements: {name:?}");
                self.add(Severity::Warning, path, message);
            }
            let selects = content.contains("matchLabels") || content.contains("matchExpressions");
            if matches!(kind, "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet") && !selects {
                let message =
                    format!("a {kind} must contain matchLabels or matchExpressions, and {name:?} does not");
                self.add(Severity::Error, path, message);
            }
        }
    }
}

/// The rules of the API server for names, by kind.
fn is_object_name(kind: &str, name: &str) -> bool {
    let label = |part: &str, first_letter: bool| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let first = part.bytes().next();
        !part.is_empty()
            && part.bytes().all(|byte| inner(byte) || byte == b'-')
            && first.is_some_and(|byte| inner(byte) && !(first_letter && byte.is_ascii_digit()))
            && part.bytes().next_back().is_some_and(inner)
    };
    match kind.to_lowercase().as_str() {
        "certificatesigningrequest" => true,
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => {
            !matches!(name, "." | "..") && !name.contains(['/', '%'])
        }
        "service" => name.len() <= 63 && label(name, true),
        "namespace" => name.len() <= 63 && label(name, false),
        _ => name.len() <= 253 && name.split('.').all(|part| label(part, false)),
    }
}
