//! What every verb starts from: the folder, the printer, the environment's files and its state.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::PathBuf;

use jiff::Timestamp;

use super::args::{Global, ScopeArgs};
use super::{FAILED, USAGE, cluster, upstream};
use crate::blueprint::{LeftOut, Renamed, Site, WithReleases};
use crate::chart::Chart;
use crate::config::schema::Settings;
use crate::config::{self, Loaded, Style};
use crate::model::{Address, Desired, Kind, Name, Spec};
use crate::plan::Scope;
use crate::provider::aws::Aws;
use crate::provider::release::Charts;
use crate::release::Rendering;
use crate::state::store::{Error as StoreError, LocalStore, Owner};
use crate::ui::{Printer, Problem};
use crate::{blueprint, release, ui};

/// What every verb starts from.
pub(super) struct Context {
    pub(super) global: Global,
    pub(super) printer: Printer,
}

/// An environment as its files say.
pub(super) struct Environment {
    pub(super) name: String,
    /// How it is named on a command line: `dev`, or `dev --sandbox`.
    pub(super) mention: String,
    pub(super) loaded: Loaded,
    pub(super) desired: Desired,
    pub(super) store: LocalStore,
    /// The charts that its releases are made of.
    pub(super) charts: Charts,
    /// Those of its releases that were rendered.
    pub(super) renderings: BTreeMap<Address, Rendering>,
    /// The services and components that are not deployed, and why.
    pub(super) left_out: Vec<LeftOut>,
    /// The variables that name a service otherwise than the file does.
    pub(super) renamed: Vec<Renamed>,
    /// Whether a chart that does not come with platctl is wanted, and was not fetched yet.
    pub(super) lacks_chart: bool,
}

impl Context {
    pub(super) fn new(global: Global) -> Self {
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let settings = ui::Settings { json: global.json, quiet: global.quiet, colour };
        if global.verbose > 1 {
            let filter = tracing_subscriber::EnvFilter::new("platctl=debug");
            let ansi = colour && std::io::stderr().is_terminal();
            let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi);
            subscriber.with_writer(std::io::stderr).init();
        }
        Self { printer: Printer::new(settings), global }
    }

    /// Where the environments' files are.
    pub(super) fn files(&self) -> config::Folder {
        config::Folder::new(self.global.directory.join("environments"))
    }

    /// The folder that holds all states; `folder` is the one that the settings name. The sandbox's states are
    /// apart from the real ones, wherever those are.
    pub(super) fn state_root(&self, folder: &str) -> PathBuf {
        let directory = &self.global.directory;
        if self.global.sandbox { directory.join("state").join("sandbox") } else { directory.join(folder) }
    }

    /// An environment as it is named on a command line, so that a command in a hint can be typed as it stands.
    pub(super) fn mention(&self, name: &str) -> String {
        match (&self.global.cluster, self.global.sandbox) {
            (Some(cluster), true) => format!("{name} --sandbox --cluster {cluster}"),
            (None, true) => format!("{name} --sandbox"),
            (_, false) => name.to_owned(),
        }
    }

    /// Loads an environment, tells its warnings, and works out what it is to be.
    pub(super) fn environment(&self, name: &str) -> Result<Environment, Problem> {
        self.environment_of(name, self.load(name, false)?)
    }

    /// The same for verbs that are about images too: services that cannot be built here are told.
    pub(super) fn environment_with_images(&self, name: &str) -> Result<Environment, Problem> {
        self.environment_of(name, self.load(name, true)?)
    }

    fn environment_of(&self, name: &str, loaded: Loaded) -> Result<Environment, Problem> {
        let Settings { state, cluster, components, deploy, .. } = &loaded.platform.settings;
        let store = LocalStore::new(&self.state_root(&state.folder), name);
        let mention = self.mention(name);
        let sandbox = self.global.sandbox;
        let controller = &components.load_balancer_controller;
        let is_wanted = deploy.enabled && cluster.existing.is_none() && controller.enabled;
        let own = match controller.chart.as_ref().filter(|_| is_wanted) {
            Some(path) => Some(upstream::own(&self.global.directory.join("environments").join(path))?),
            None => None,
        };
        let wants_chart = is_wanted && own.is_none() && !sandbox;
        let chart = if wants_chart { upstream::controller() } else { own };
        let lacks_chart = wants_chart && chart.is_none();
        // What stands of a chart that is not at hand is left as it is.
        let recorded = if lacks_chart { recorded_controller(&store, &mention)? } else { None };
        let site = Site { sandbox, controller: chart.is_some() || recorded.is_some() };
        let desired = blueprint::expand(&loaded.platform);
        let WithReleases { mut desired, left_out, renamed } =
            blueprint::add_releases(&loaded.platform, desired, site);
        if let Some((address, spec)) = recorded {
            desired.resources.insert(address, spec);
        }
        let fetched: Vec<Chart> = chart.into_iter().collect();
        let completed = release::complete(&mut desired, &cluster.version, &fetched).map_err(|error| {
            Problem::from_error(USAGE, &error)
                .hint("the values of services come from their settings and their `values`")
                .hint("nothing was touched")
        })?;
        let release::Completed { charts, renderings } = completed;
        let (name, charts) = (name.to_owned(), charts.into_iter().collect());
        Ok(Environment {
            name,
            mention,
            loaded,
            desired,
            store,
            charts,
            renderings,
            left_out,
            renamed,
            lacks_chart,
        })
    }

    /// Works an environment out again, since a chart was fetched.
    pub(super) fn again(&self, environment: Environment) -> Result<Environment, Problem> {
        self.environment_of(&environment.name, environment.loaded)
    }

    fn load(&self, name: &str, with_images: bool) -> Result<Loaded, Problem> {
        match config::load(&self.files(), name) {
            Ok(mut loaded) => {
                if let Some(cluster) = &self.global.cluster {
                    loaded.platform.settings.cluster.existing = Some(cluster::of_this_machine(cluster)?);
                }
                let mut warnings = loaded.warnings.clone();
                warnings.list.retain(|finding| with_images || finding.code != config::NO_PACKAGE);
                if !warnings.is_empty() {
                    self.printer.say(&warnings.render(self.style()));
                }
                Ok(loaded)
            }
            Err(findings) => {
                self.printer.say(&findings.render(self.style()));
                Err(Problem::new(USAGE, format!("`{name}` cannot be used as its files stand"))
                    .hint("nothing was touched"))
            }
        }
    }

    pub(super) fn style(&self) -> Style {
        if self.printer.paint().is_coloured() { Style::Colour } else { Style::Plain }
    }

    /// Who we are, for locks.
    pub(super) fn owner() -> Owner {
        let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let command: Vec<String> =
            std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
        Owner {
            user: user.unwrap_or_else(|| "unknown".to_owned()),
            host,
            pid: std::process::id(),
            since: Timestamp::now(),
            command: format!("platctl {}", command.join(" ")),
        }
    }
}

/// What is recorded of the load balancer controller.
fn recorded_controller(store: &LocalStore, mention: &str) -> Result<Option<(Address, Spec)>, Problem> {
    let loaded = store.load(&random_digits()).map_err(|error| store_problem(&error, mention))?;
    let address = Address::new(Kind::Release, Name::from_lossy(blueprint::CONTROLLER));
    Ok(loaded.state.record(&address).map(|record| (address.clone(), record.spec.clone())))
}

impl Environment {
    /// Whether anything of it is in AWS, or may still be.
    pub(super) fn needs_aws(&self) -> Result<bool, Problem> {
        let loaded = self.store.load(&random_digits());
        let state = loaded.map_err(|error| store_problem(&error, &self.mention))?.state;
        let mut kinds =
            self.desired.resources.keys().chain(state.resources.keys()).map(|address| address.kind);
        Ok(self.loaded.platform.settings.cluster.existing.is_none() || kinds.any(Aws::has))
    }
}

impl ScopeArgs {
    /// The addresses, read.
    pub(super) fn scope(&self) -> Result<Scope, Problem> {
        let read = |texts: &[String]| -> Result<BTreeSet<Address>, Problem> {
            texts.iter().map(|text| address(text)).collect()
        };
        Ok(Scope { only: read(&self.target)?, except: read(&self.exclude)? })
    }
}

/// Reads an address that was typed.
pub(super) fn address(text: &str) -> Result<Address, Problem> {
    text.parse().map_err(|error| {
        Problem::from_error(USAGE, &error)
            .hint("`platctl state list ENV` and `platctl graph ENV` show the addresses")
    })
}

/// A problem with the store, and the way out.
pub(super) fn store_problem(error: &StoreError, mention: &str) -> Problem {
    let problem = Problem::from_error(FAILED, error);
    match error {
        StoreError::Locked { .. } => problem.hint(format!(
            "wait for it; if that process is gone for good, free the lock with `platctl unlock {mention}`"
        )),
        StoreError::Corrupt { .. } | StoreError::Illegal { .. } => problem.hint(format!(
            "nothing was changed; earlier journals and the last snapshot are beside it (backups/): put one in \
             place, or move the folder away and let `platctl up {mention}` adopt what carries the environment's tags",
        )),
        StoreError::Version { .. } => problem.hint("use the newer platctl that wrote it"),
        StoreError::Environment { .. } | StoreError::File { .. } => problem,
    }
}

/// Random hexadecimal digits, from the system.
pub(super) fn random_digits() -> String {
    let mut bytes = [0_u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Never the same twice all the same: the time to the nanosecond and the process.
        let now = Timestamp::now().as_nanosecond() ^ (i128::from(std::process::id()) << 96);
        bytes = now.to_be_bytes();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A short id for a run.
pub(super) fn run_id() -> String {
    format!("{:.0}-{}", Timestamp::now(), &random_digits()[..6])
}

/// The detail that a plan is shown in.
pub(super) fn detail(global: &Global) -> ui::Detail {
    if global.verbose > 0 { ui::Detail::Everything } else { ui::Detail::Changes }
}
