//! From an environment's settings to what the build needs, and from a build to what people see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::Choice;
use super::problem::image_problem;
use crate::cli::context::{Context, Environment};
use crate::cli::{FAILED, USAGE};
use crate::config::schema::is_arm;
use crate::image::{self, BaseImage, Built, Platform, Progress, Service, Store};
use crate::ui::{Printer, Problem, few};

/// The variables that cargo and git get. What is not here cannot find its way into a binary.
const VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "TMPDIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "CC",
    "CXX",
    "AR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];
/// What the names of more of them start with: settings of cargo for registries, the network and linkers.
const PREFIXES: &[&str] =
    &["CARGO_REGISTRIES_", "CARGO_REGISTRY_", "CARGO_HTTP_", "CARGO_NET_", "CARGO_TARGET_"];

/// One image that was built.
pub(in crate::cli) struct Finished {
    pub(super) name: String,
    pub(super) tag: String,
    pub(super) built: Built,
}

/// Images of services, built one after the other (cargo itself uses all processors).
pub(super) async fn build_all(
    context: &Context,
    services: Vec<Service>,
    tag: Option<&str>,
    base: Option<&BaseImage>,
) -> Result<Vec<Finished>, Problem> {
    let store = store(context);
    let held = {
        let store = store.clone();
        tokio::task::spawn_blocking(move || store.lock())
    };
    let _held =
        held.await.map_err(|error| Problem::from_error(FAILED, &error))?.map_err(|e| image_problem(&e))?;
    let told = Told { printer: context.printer, verbose: context.global.verbose > 0 };
    let mut finished = Vec::new();
    for service in services {
        let built = image::build(&service, &store, base, &told).await.map_err(|e| image_problem(&e))?;
        if built.commit.as_ref().is_some_and(|commit| commit.shallow) {
            context.printer.warn(
                "this is a shallow clone: the commit of the sources may be an older one than the label tells",
            );
        }
        let tag = tag.map_or_else(|| default_tag(&built), str::to_owned);
        finished.push(Finished { name: service.name, tag, built });
    }
    store.sweep().map_err(|e| image_problem(&e))?;
    Ok(finished)
}

/// Where builds are kept: with cargo's output, as they can be made again like that.
pub(super) fn store(context: &Context) -> Store {
    let target = std::env::var_os("CARGO_TARGET_DIR").filter(|target| !target.is_empty()).map(PathBuf::from);
    let target = target.unwrap_or_else(|| context.global.directory.join("target"));
    Store::new(std::path::absolute(&target).unwrap_or(target).join("platctl-images"))
}

/// The services that a choice names, as their settings say.
pub(super) fn services(
    context: &Context,
    environment: &Environment,
    choice: &Choice,
) -> Result<Vec<Service>, Problem> {
    let settings = &environment.loaded.platform.settings;
    let built: BTreeMap<&str, &str> = settings
        .enabled_services()
        .filter_map(|(name, service)| Some((name, service.path.as_deref()?)))
        .collect();
    if let Some(unknown) = choice.services.iter().find(|name| !built.contains_key(name.as_str())) {
        let known: Vec<&str> = built.keys().copied().collect();
        return Err(Problem::new(USAGE, format!("{} builds no service {unknown}", environment.name))
            .hint(format!("it builds: {}", known.join(", "))));
    }
    let root = std::fs::canonicalize(&context.global.directory)
        .map_err(|error| Problem::from_error(USAGE, &error))?;
    let platforms = platforms(environment, choice);
    let all = settings.enabled_services().filter(|(name, _)| built.contains_key(name));
    let wanted =
        all.filter(|(name, _)| choice.services.is_empty() || choice.services.iter().any(|one| one == name));
    Ok(wanted
        .map(|(name, service)| Service {
            name: name.to_owned(),
            folder: root.join(service.path.as_deref().unwrap_or_default()),
            platforms: platforms.clone(),
            binaries: choice.binary.iter().cloned().collect(),
            settings: image_settings(environment, service.port, &root),
            variables: variables(),
            earlier: BTreeSet::new(),
        })
        .collect())
}

fn image_settings(environment: &Environment, port: u16, root: &Path) -> image::Settings {
    let images = &environment.loaded.platform.settings.images;
    image::Settings {
        user: images.user,
        port,
        labels: images.labels.clone(),
        source: images.source.clone(),
        certificates: images.certificates.as_ref().map(|path| root.join(path)),
        base: images.base.clone(),
    }
}

/// The platforms: those asked for, else those of the node groups and of the binaries that were given.
pub(super) fn platforms(environment: &Environment, choice: &Choice) -> Vec<Platform> {
    let groups =
        environment.loaded.platform.settings.cluster.node_groups.iter().filter(|group| group.enabled);
    let types = groups.flat_map(|group| &group.instance_types);
    let of_groups = types.map(|kind| if is_arm(kind) { Platform::Arm64 } else { Platform::Amd64 });
    let given = choice.binary.iter().map(|(platform, _)| *platform);
    let mut all: BTreeSet<Platform> = match choice.platform.as_slice() {
        [] => of_groups.chain(given).collect(),
        asked => asked.iter().copied().collect(),
    };
    if all.is_empty() {
        all.insert(Platform::Amd64);
    }
    all.into_iter().collect()
}

fn variables() -> Vec<(String, String)> {
    let passed = |name: &str| {
        VARIABLES.contains(&name)
            // Not the output folder, which is ours, nor flags, which the build sets itself.
            || (PREFIXES.iter().any(|prefix| name.starts_with(prefix))
                && name != "CARGO_TARGET_DIR" && !name.ends_with("_RUSTFLAGS"))
    };
    std::env::vars().filter(|(name, _)| passed(name)).collect()
}

/// A tag that stands for one content only, and tells people the commit.
fn default_tag(built: &Built) -> String {
    let hex = built.image.digest().hex();
    match &built.commit {
        None => hex[..16].to_owned(),
        Some(commit) => {
            let (hash, dirty) = match commit.revision.strip_suffix("-dirty") {
                Some(hash) => (hash, "-dirty"),
                None => (commit.revision.as_str(), ""),
            };
            format!("{}{dirty}-{}", hash.get(..12).unwrap_or(hash), &hex[..8])
        }
    }
}

/// Tells how a build goes on.
struct Told {
    printer: Printer,
    verbose: bool,
}

impl Progress for Told {
    fn step(&self, text: &str) {
        self.printer.say(text);
    }

    fn cargo(&self, line: &str) {
        if self.verbose {
            self.printer.say(line);
        }
    }
}

/// An image for programs.
pub(super) fn to_json(finished: &Finished) -> Value {
    let image = &finished.built.image;
    let platforms: serde_json::Map<String, Value> = image
        .platforms
        .iter()
        .map(|(platform, one)| {
            let about = json!({ "digest": one.manifest.descriptor.digest, "bytes": image.size(*platform) });
            (platform.to_string(), about)
        })
        .collect();
    json!({
        "service": finished.name,
        "digest": image.digest(),
        "tag": finished.tag,
        "fingerprint": finished.built.survey.fingerprint,
        "revision": finished.built.commit.as_ref().map(|commit| &commit.revision),
        "unchanged": finished.built.unchanged(),
        "platforms": platforms,
    })
}

/// All images for programs.
pub(super) fn report(images: Vec<Value>) -> Value {
    json!({ "schema": "platctl/images", "version": 1, "images": images })
}

/// An image for people: its sizes, and why it was built.
pub(super) fn describe(finished: &Finished) -> String {
    let image = &finished.built.image;
    let size = |platform: &Platform| format!("{platform} {}", megabytes(image.size(*platform)));
    let sizes: Vec<String> = image.platforms.keys().map(size).collect();
    let why = match &finished.built.survey.verdict {
        image::Verdict::Unchanged => "unchanged".to_owned(),
        image::Verdict::New => "built".to_owned(),
        image::Verdict::Changed(what) => format!("rebuilt (changed: {})", few(what)),
    };
    format!("{}: {why}, {}", finished.name, sizes.join(", "))
}

/// Bytes for people.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
