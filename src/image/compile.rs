//! Compiling a service, so that the same sources give the same bytes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cargo::{command, output, run};
use super::error::Error;
use super::metadata::Metadata;
use super::platform::Platform;
use super::service::{Progress, Service};
use super::toolchain::Toolchain;

/// The time that build scripts and macros are told it is: 1980, which every archive format can hold.
const EPOCH: &str = "315532800";

/// What a compilation made.
pub(super) struct Compiled {
    /// The binary's file.
    pub(super) executable: PathBuf,
    /// The ids of the packages that were compiled for the binary's own target.
    pub(super) linked: BTreeSet<String>,
    /// Every file of the workspace that cargo says it depends on.
    pub(super) read: BTreeSet<PathBuf>,
}

/// What is to be compiled.
pub(super) struct Order<'a> {
    pub(super) service: &'a Service,
    pub(super) platform: Platform,
    pub(super) target: &'a str,
    pub(super) toolchain: &'a Toolchain,
    pub(super) metadata: &'a Metadata,
    /// Cargo's output: a folder of our own, so that our flags do not rebuild what the user's own builds made.
    pub(super) output: &'a Path,
}

/// What cargo knows of a package and its workspace, for one target.
pub(super) async fn metadata(service: &Service, target: Option<&str>) -> Result<Metadata, Error> {
    let mut cargo = command("cargo", &service.folder, &service.variables);
    cargo.args(["metadata", "--locked", "--format-version", "1"]);
    if let Some(target) = target {
        cargo.args(["--filter-platform", target]);
    }
    let json = output(cargo, "cargo metadata").await?;
    serde_json::from_slice(&json).map_err(|error| Error::Unreadable {
        what: "what cargo metadata says".to_owned(),
        why: error.to_string(),
    })
}

/// Compiles the binary `name` of the package `id`.
pub(super) async fn compile(
    order: &Order<'_>,
    (id, name): (&str, &str),
    progress: &dyn Progress,
) -> Result<Compiled, Error> {
    let service = order.service;
    let mut cargo = command("cargo", &service.folder, &service.variables);
    cargo.args(["build", "--release", "--locked", "--message-format=json-render-diagnostics"]);
    cargo.args(["--target", order.target, "--bin", name]);
    cargo
        .env("CARGO_ENCODED_RUSTFLAGS", flags(order).join("\u{1f}"))
        .env("CARGO_TARGET_DIR", order.output)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TERM_COLOR", "never")
        .env("SOURCE_DATE_EPOCH", EPOCH);
    let told = |line: &str| {
        if is_doing(line) {
            progress.cargo(line);
        }
    };
    let said = run(cargo, &told).await?;
    if !said.success {
        let messages = said.why(diagnostics(&said.err));
        return Err(Error::Compile { service: service.name.clone(), platform: order.platform, messages });
    }
    let unreadable =
        |why: &str| Error::Unreadable { what: "what cargo build says".to_owned(), why: why.to_owned() };
    let folder = order.output.join(order.target);
    let (mut executable, mut linked) = (None, BTreeSet::new());
    for line in String::from_utf8_lossy(&said.out).lines().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line).map_err(|error| unreadable(&error.to_string()))?;
        let (Some(package), Some(files)) = (message.package_id, message.filenames) else { continue };
        if message.reason == "compiler-artifact" && files.iter().any(|file| file.starts_with(&folder)) {
            if package == id && message.executable.is_some() {
                executable = message.executable;
            }
            linked.insert(package);
        }
    }
    let executable = executable.ok_or_else(|| unreadable("it names no executable"))?;
    let read = dependency_file(&executable.with_extension("d"))?;
    Ok(Compiled { executable, linked, read })
}

/// A message of `cargo build --message-format=json`. ("External tools", The Cargo Book.)
#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: Option<String>,
    filenames: Option<Vec<PathBuf>>,
    executable: Option<PathBuf>,
}

/// The compiler's flags: no paths of this machine, no build id, nothing to load at run time.
fn flags(order: &Order<'_>) -> Vec<String> {
    let toolchain = order.toolchain;
    let cargo_home = cargo_home(&order.service.variables);
    let standard_library = toolchain.sysroot.join("lib/rustlib/src/rust");
    let rust_name = format!("/rustc/{}", toolchain.commit());
    let mut flags: Vec<String> = [
        (Some(order.metadata.workspace_root.as_path()), "/source"),
        (cargo_home.as_deref(), "/cargo"),
        (Some(order.output), "/build"),
        (Some(&standard_library), rust_name.as_str()),
    ]
    .into_iter()
    .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from?.display())))
    .collect();
    flags.push("-Ctarget-feature=+crt-static".to_owned());
    flags.push("-Clink-arg=-Wl,--build-id=none".to_owned());
    flags
}

fn cargo_home(variables: &[(String, String)]) -> Option<PathBuf> {
    let variable = |wanted: &str| variables.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    variable("CARGO_HOME").map(PathBuf::from).or_else(|| Some(Path::new(variable("HOME")?).join(".cargo")))
}

/// Whether a line tells what cargo is doing: a right-aligned word. ("   Compiling NAME v1.0.0")
fn is_doing(line: &str) -> bool {
    const DOING: [&str; 9] = [
        "Compiling",
        "Downloading",
        "Downloaded",
        "Updating",
        "Locking",
        "Blocking",
        "Finished",
        "Adding",
        "Fresh",
    ];
    let word = line.trim_start().split(' ').next().unwrap_or_default();
    line.starts_with(' ') && DOING.contains(&word)
}

/// What cargo said, without what it was doing.
fn diagnostics(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !is_doing(line)).collect();
    lines.join("\n")
}

/// The files that a binary was made from: `BINARY: FILE FILE ...`, spaces in names escaped.
fn dependency_file(path: &Path) -> Result<BTreeSet<PathBuf>, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::disk(path, source))?;
    let mut files = BTreeSet::new();
    for line in text.lines() {
        let Some((_, list)) = line.split_once(": ") else { continue };
        let mut name = String::new();
        let mut rest = list.chars().peekable();
        while let Some(letter) = rest.next() {
            match letter {
                '\\' if rest.peek() == Some(&' ') => name.extend(rest.next()),
                ' ' => {
                    files.insert(PathBuf::from(std::mem::take(&mut name)));
                }
                other => name.push(other),
            }
        }
        files.insert(PathBuf::from(name));
    }
    files.retain(|file| !file.as_os_str().is_empty());
    // `a/src/../../b` is a file outside of `a`.
    Ok(files.into_iter().map(|file| std::fs::canonicalize(&file).unwrap_or(file)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_compiler_has_to_say_is_kept() {
        let said = "   Compiling a v1.0.0 (/x/a)\nerror[E0425]: cannot find value `x`\n --> src/main.rs:1:1\n\nerror: could not compile `a`\n";
        assert_eq!(
            diagnostics(said),
            "error[E0425]: cannot find value `x`\n --> src/main.rs:1:1\n\nerror: could not compile `a`"
        );
    }

    #[test]
    fn dependency_files_are_read_with_spaces_in_names() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "/t/a: /s/a\\ b/main.rs /s/c.rs\n").unwrap();
        assert_eq!(
            dependency_file(file.path()).unwrap(),
            [PathBuf::from("/s/a b/main.rs"), "/s/c.rs".into()].into()
        );
    }
}
