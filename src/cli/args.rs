//! What may be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{
    chart, completions, config, destroy, diff, dns, doctor, exec, forward, graph, history, images, import,
    init, kubeconfig, logs, output, restart, rollback, sandbox, schema, state, status, token, unlock, up,
    validate,
};

/// From an empty AWS account to a running EKS platform, and back.
///
/// One TOML file an environment (environments/dev.toml); `up` makes AWS and the cluster as it says, `diff` shows
/// what would change, `destroy` removes all of it. Try it without an account: platctl up dev --sandbox
#[derive(Debug, Parser)]
#[command(name = "platctl", version, propagate_version = true, after_help = EXIT_CODES)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 changes pending (diff --exit-code), 3 credentials or permissions,
64 command line or configuration, 130 cancelled.";

/// What every verb takes.
#[derive(Clone, Debug, Args)]
pub(super) struct Global {
    /// The folder that holds environments/, services/ and state/
    #[arg(short = 'C', long, global = true, default_value = ".", value_name = "FOLDER")]
    pub(super) directory: PathBuf,
    /// Use the offline sandbox, an AWS on this machine, and nothing of the real one
    #[arg(long, global = true)]
    pub(super) sandbox: bool,
    /// How time passes in a sandbox that this starts
    #[arg(long, global = true, value_name = "instant|realistic|scaled=N")]
    pub(super) latency: Option<String>,
    /// With --sandbox: deploy into a real cluster, a context of your kubeconfig
    #[arg(long, global = true, value_name = "kubeconfig[=CONTEXT]")]
    pub(super) cluster: Option<String>,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Say nothing but data and problems
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Show everything of what is made; twice: log what is done
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// The environment a verb is about.
#[derive(Clone, Debug, Args)]
pub(super) struct EnvironmentArg {
    /// The environment: the name of a file in environments/
    #[arg(value_name = "ENV")]
    pub(super) environment: String,
}

/// What a verb may touch.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ScopeArgs {
    /// Only this resource and what it needs (for destroy: what needs it); may be given again
    #[arg(long, value_name = "ADDRESS")]
    pub(super) target: Vec<String>,
    /// Not this resource nor what needs it (for destroy: what it needs); may be given again
    #[arg(long, value_name = "ADDRESS")]
    pub(super) exclude: Vec<String>,
}

/// Whether a plan looks at everything first.
#[derive(Clone, Debug, Args)]
pub(super) struct RefreshArgs {
    /// Look at what there is; with false, what is recorded is taken for it (faster, and blind to drift)
    #[arg(long, value_name = "true|false", default_value_t = true, action = clap::ArgAction::Set)]
    pub(super) refresh: bool,
}

/// How a verb that changes things goes about it.
#[derive(Clone, Debug, Args)]
pub(super) struct ChangeArgs {
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    /// How many resources are worked on at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) parallelism: u16,
}

/// How `graph` draws.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum GraphFormat {
    /// A tree of names
    #[default]
    Text,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Write environments to start with, in your own folder
    Init(init::InitArgs),
    /// Find everything that is wrong with environments' files
    Validate(validate::ValidateArgs),
    /// Print the settings of an environment as they take effect, and where each comes from
    Config(config::ConfigArgs),
    /// Print what may stand in an environment's file
    Schema(schema::SchemaArgs),
    /// Make the environment as its file says
    Up(up::UpArgs),
    /// Show what `up` would do, and change nothing
    Diff(diff::DiffArgs),
    /// Remove everything of the environment
    Destroy(destroy::DestroyArgs),
    /// Show what stands, and how it is
    Status(status::StatusArgs),
    /// Find out whether `up` would get through: credentials, permissions, quotas, zones
    Doctor(doctor::DoctorArgs),
    /// Draw what depends on what
    Graph(graph::GraphArgs),
    /// Print what is known of what stands: ids, addresses, names
    Output(output::OutputArgs),
    /// Look at what is recorded, and correct it
    State(state::StateArgs),
    /// Record a resource that exists under an address of the environment
    Import(import::ImportArgs),
    /// Free a lock that nobody holds any more
    Unlock(unlock::UnlockArgs),
    /// Build the services' images, and push them
    Images(images::ImagesArgs),
    /// The offline sandbox: an AWS on this machine
    Sandbox(sandbox::SandboxArgs),
    /// Work with Helm charts, without Helm
    #[command(subcommand)]
    Chart(chart::ChartCommand),
    /// Show the recorded revisions of a release, ours and Helm's
    History(history::HistoryArgs),
    /// Bring a release back to an earlier revision
    Rollback(rollback::RollbackArgs),
    /// Show what all pods of a service write
    Logs(logs::LogsArgs),
    /// Make the pods of a service anew
    Restart(restart::RestartArgs),
    /// Run a command in a pod of a service
    Exec(exec::ExecArgs),
    /// Lead a port of this machine to the pods of a service
    PortForward(forward::ForwardArgs),
    /// Follow the private names to their load balancers
    Dns(dns::DnsArgs),
    /// Print a kubeconfig for the cluster, or write it into yours
    Kubeconfig(kubeconfig::KubeconfigArgs),
    /// Print a token for the cluster, for kubectl
    Token(token::TokenArgs),
    /// Print completions for a shell
    Completions(completions::CompletionsArgs),
}
