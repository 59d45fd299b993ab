//! The arguments, named as Helm names them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Work with Helm charts
#[derive(Debug, Clone, Subcommand)]
pub enum ChartCommand {
    /// Print what a chart makes of values, as `helm template` does
    // --version is the chart's here.
    #[command(disable_version_flag = true)]
    Render(Box<RenderArgs>),
    /// Look for mistakes in charts
    Lint(LintArgs),
    /// Manage what a chart depends on
    #[command(subcommand)]
    Deps(DepsCommand),
}

/// Manage what a chart depends on
#[derive(Debug, Clone, Subcommand)]
pub enum DepsCommand {
    /// Fetch the charts that Chart.yaml names into charts/ and write Chart.lock
    Update(UpdateArgs),
}

/// Where a chart comes from.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// The repository to look for CHART in
    #[arg(long, value_name = "URL")]
    pub repo: Option<String>,
    /// The version of the chart, or a range; the newest release if not given
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// Take pre-releases too (the same as --version '>0.0.0-0')
    #[arg(long)]
    pub devel: bool,
    /// A user for the repository, instead of Docker's credentials
    #[arg(long, requires = "password")]
    pub username: Option<String>,
    /// The user's password
    #[arg(long, requires = "username", env = "PLATCTL_CHART_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// Speak to OCI registries without TLS
    #[arg(long)]
    pub plain_http: bool,
    /// Use only what is in the cache
    #[arg(long)]
    pub offline: bool,
}

/// Values over those of the chart, later ones over earlier ones.
#[derive(Debug, Clone, Default, Args)]
pub struct ValuesArgs {
    /// YAML files or addresses with values ("-" for standard input)
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub values: Vec<String>,
    /// Values such as a.b=1,c[0]=x; numbers, bools and null are recognised
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// As --set, every value a text
    #[arg(long, value_name = "KEY=VALUE")]
    pub set_string: Vec<String>,
    /// As --set, every value JSON; or one JSON object
    #[arg(long, value_name = "KEY=JSON")]
    pub set_json: Vec<String>,
    /// As --set, every value the content of a file
    #[arg(long, value_name = "KEY=FILE")]
    pub set_file: Vec<String>,
    /// One value, taken as it stands
    #[arg(long, value_name = "KEY=TEXT")]
    pub set_literal: Vec<String>,
}

/// Print what a chart makes of values.
#[derive(Debug, Clone, Default, Args)]
pub struct RenderArgs {
    /// [NAME] CHART: the release's name, and a folder, a .tgz, an address or oci://HOST/PATH
    #[arg(value_names = ["NAME", "CHART"], num_args = 1..=2, required = true)]
    pub name_and_chart: Vec<String>,
    /// The release's name [default: release-name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The release's namespace
    #[arg(short = 'n', long, default_value = "default")]
    pub namespace: String,
    /// Where the chart comes from.
    #[command(flatten)]
    pub source: SourceArgs,
    /// Values over those of the chart.
    #[command(flatten)]
    pub values: ValuesArgs,
    /// The Kubernetes the chart is told of
    #[arg(long, value_name = "VERSION")]
    pub kube_version: Option<String>,
    /// Further API versions the chart is told of, such as monitoring.coreos.com/v1
    #[arg(short = 'a', long, value_name = "VERSIONS", value_delimiter = ',')]
    pub api_versions: Vec<String>,
    /// Print custom resource definitions too
    #[arg(long)]
    pub include_crds: bool,
    /// Leave hooks out
    #[arg(long)]
    pub no_hooks: bool,
    /// Leave test hooks out
    #[arg(long)]
    pub skip_tests: bool,
    /// Print only what comes from templates such as templates/deployment.yaml
    #[arg(short = 's', long, value_name = "TEMPLATE")]
    pub show_only: Vec<String>,
    /// Tell the chart that this is an upgrade
    #[arg(long)]
    pub is_upgrade: bool,
    /// Do not check values against the chart's schema
    #[arg(long)]
    pub skip_schema_validation: bool,
    /// Let templates ask for the addresses of hosts
    #[arg(long)]
    pub enable_dns: bool,
    /// Let `lookup` ask the cluster of this context; without it there is none
    #[arg(long, value_name = "NAME")]
    pub kube_context: Option<String>,
    /// The file with the context [default: as KUBECONFIG says, or ~/.kube/config]
    #[arg(long, value_name = "FILE", requires = "kube_context")]
    pub kubeconfig: Option<PathBuf>,
    /// Print the chart's notes to standard error
    #[arg(long)]
    pub notes: bool,
}

/// Look for mistakes in charts.
#[derive(Debug, Clone, Default, Args)]
pub struct LintArgs {
    /// The charts' folders or archives
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Values over those of the chart.
    #[command(flatten)]
    pub values: ValuesArgs,
    /// Warnings count as failures
    #[arg(long)]
    pub strict: bool,
    /// The namespace templates are told of
    #[arg(short = 'n', long, default_value = "default")]
    pub namespace: String,
    /// The Kubernetes the chart is told of
    #[arg(long, value_name = "VERSION")]
    pub kube_version: Option<String>,
    /// Do not check values against the chart's schema
    #[arg(long)]
    pub skip_schema_validation: bool,
}

/// Fetch what a chart depends on.
#[derive(Debug, Clone, Default, Args)]
pub struct UpdateArgs {
    /// The chart's folder
    #[arg(value_name = "CHART", default_value = ".")]
    pub chart: PathBuf,
    /// Speak to OCI registries without TLS
    #[arg(long)]
    pub plain_http: bool,
    /// Use only what is in the cache
    #[arg(long)]
    pub offline: bool,
}
