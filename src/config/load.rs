//! Reading the files of an environment: the one door from the disk to the settings.

mod chain;
mod files;
mod packages;
mod values;

use std::collections::BTreeSet;

use super::finding::{Finding, Findings};
use super::place::{Path, Sources};
use super::schema::Settings;
use super::tree::Node;
use super::{Place, check, layer, validate};

pub use files::{Files, Folder, Memory};
pub use packages::NO_PACKAGE;

/// An environment's settings, checked: what the blueprint expands.
#[derive(Clone, Debug, PartialEq)]
pub struct Platform {
    /// The environment's name.
    pub environment: String,
    /// Its settings, inherited ones and defaults filled in, and what `values_files` hold below `values`.
    pub settings: Settings,
    /// The services that can be built here: their folders are there.
    pub buildable: BTreeSet<String>,
}

/// An environment as it was loaded.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub platform: Platform,
    /// What is not wrong, but most likely not as meant.
    pub warnings: Findings,
    /// The settings before `values_files` were read.
    pub(super) written: Settings,
    /// The merged tree, every value with its place.
    pub(super) tree: Node,
}

impl Loaded {
    /// The files that it was read from.
    pub fn sources(&self) -> &Sources {
        &self.warnings.sources
    }
}

/// The names of the environments, in order: every file that is no mere base for others.
///
/// # Errors
/// When the folder cannot be read.
pub fn environments(files: &dyn Files) -> Result<Vec<String>, Findings> {
    let mut names = files.stems().map_err(|error| chain::unreadable_folder(files, &error))?;
    names.retain(|name| !chain::is_base(files, name));
    Ok(names)
}

/// Loads an environment.
///
/// # Errors
/// Everything that is wrong with its files; warnings alone are none.
pub fn load(files: &dyn Files, environment: &str) -> Result<Loaded, Findings> {
    let mut chain = chain::read(files, environment);
    if !chain.findings.is_empty() {
        return Err(Findings::new(chain.sources, chain.findings));
    }
    chain.findings.extend(validate::name(environment, &Place::new(0, 0..0)));
    let tree = merge(&mut chain);
    let (usable, unusable) = usable(&mut chain, &tree);
    let settings: Option<Settings> = serde_json::from_value(usable.to_json()).ok();
    let Some(written) = settings else {
        return Err(undeserializable(chain));
    };
    let (buildable, missing) = packages::find(files, &written, &tree);
    chain.findings.extend(missing);
    let mut settings = written.clone();
    values::fill(files, &mut settings, &usable, &mut chain);
    let platform = Platform { environment: environment.to_owned(), settings, buildable };
    chain.findings.extend(validate::validate(&platform, &usable, &tree, &unusable));
    let findings = Findings::new(chain.sources, chain.findings);
    if findings.has_errors() {
        Err(findings)
    } else {
        Ok(Loaded { platform, warnings: findings, written, tree })
    }
}

/// Loads every environment, and finds what no single one shows.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn load_all(files: &dyn Files, environments: &[String]) -> Result<Vec<Loaded>, Findings> {
    let mut wrong = Findings::default();
    let mut all = Vec::new();
    for environment in environments {
        match load(files, environment) {
            Ok(loaded) => all.push(loaded),
            Err(findings) => wrong.absorb(findings),
        }
    }
    if wrong.is_empty() {
        validate::across(&mut all);
        return Ok(all);
    }
    all.into_iter().for_each(|loaded| wrong.absorb(loaded.warnings));
    Err(wrong)
}

/// Lays the files over one another, the built-in defaults at the bottom, and looks at each on the way.
fn merge(chain: &mut chain::Chain) -> Node {
    let file = chain.sources.add("built-in defaults", chain::DEFAULTS);
    let mut merged = chain::parse(chain::DEFAULTS, file).0;
    for node in std::mem::take(&mut chain.layers).into_iter().rev() {
        for twin in layer::duplicates(&node) {
            let message = format!("the name `{}` stands twice in one list", twin.name);
            let finding = Finding::new("duplicate-name", twin.path, twin.second, message);
            chain.findings.push(finding.label("again here").related(twin.first, "first here"));
        }
        for (path, place) in layer::vain_clears(&merged, &node) {
            let message = format!("an empty `{path}` does not remove what was inherited");
            let finding = Finding::new("empty-list", path, place, message).label("adds nothing");
            chain.findings.push(finding.hint("set `enabled = false` on each entry that is to be left out"));
        }
        merged = layer::merge(merged, node);
    }
    merged
}

/// More rounds than a tree is deep: each takes out or fills in what the one before could not see.
const ROUNDS: usize = 16;

/// The tree without what cannot be used, and with stand-ins for what is missing, so that the rest of it can be
/// looked at too; and the paths of both, so that nothing is said about what follows from them.
fn usable(chain: &mut chain::Chain, tree: &Node) -> (Node, Vec<Path>) {
    let mut usable = tree.clone();
    let mut unusable = Vec::new();
    for round in 0..ROUNDS {
        let mut objections = check::check(&usable);
        if objections.is_empty() {
            break;
        }
        // From the end, so that what is taken out of an array moves nothing that is still to be taken out.
        objections.sort_by(|a, b| b.path.cmp(&a.path));
        for objection in objections {
            match objection.missing {
                Some(value) => usable.fill(&objection.path, &value),
                None => usable.prune(&objection.path),
            }
            unusable.push(objection.path);
            if round == 0 {
                chain.findings.push(objection.finding);
            }
        }
    }
    (usable, unusable)
}

/// Findings of a tree that could not be made usable: there is at least one, or the schema and the types differ.
fn undeserializable(chain: chain::Chain) -> Findings {
    let mut findings = chain.findings;
    if findings.is_empty() {
        let message = "the settings cannot be used, and the schema does not tell why";
        findings.push(Finding::new("unusable", Path::root(), Place::new(0, 0..0), message));
    }
    Findings::new(chain.sources, findings)
}
