//! Everything that a build depends on, each by the digest of its content: equal inputs, equal binary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::digest::Digest;
use super::error::Error;
use super::service::Service;
use super::toolchain::Toolchain;

/// Changed whenever the same inputs are made into something else than before.
const RECIPE: &str = "1";

/// Variables that lead to programs and to the network, and leave no trace in a binary.
const WITHOUT_TRACE: &[&str] =
    &["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "CARGO_HOME", "RUSTUP_HOME"];

/// What each input is, by its name: a path relative to the workspace, or a word.
pub(super) type Inputs = BTreeMap<String, String>;

/// Where the sources of a service are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sources {
    /// The workspace.
    pub(super) root: PathBuf,
    /// The folders of the package and of those in folders that it needs.
    pub(super) folders: BTreeSet<PathBuf>,
    /// Files elsewhere that the compiler read the last time.
    pub(super) others: BTreeSet<PathBuf>,
}

impl Sources {
    /// Every file and its digest.
    pub(super) fn digests(&self, inputs: &mut Inputs) -> Result<(), Error> {
        let mut files = BTreeSet::new();
        for folder in &self.folders {
            collect(folder, &mut files)?;
        }
        for name in ["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"] {
            files.insert(self.root.join(name));
        }
        for folder in self.root.ancestors() {
            files.extend(["config", "config.toml"].map(|name| folder.join(".cargo").join(name)));
        }
        files.extend(self.others.iter().cloned());
        for file in files {
            if let Some(digest) = digest(&file)? {
                inputs.insert(self.name(&file), digest);
            }
        }
        Ok(())
    }

    /// Looks also at files by the names that they had as inputs elsewhere.
    pub(super) fn also(&mut self, names: &BTreeSet<String>) {
        let files = names.iter().map(|name| self.root.join(name));
        let more: Vec<PathBuf> = files.filter(|file| file.is_file() && !self.covers(file)).collect();
        self.others.extend(more);
    }

    fn name(&self, file: &Path) -> String {
        file.strip_prefix(&self.root).unwrap_or(file).display().to_string()
    }

    /// Whether a file is among those whose folders are looked through.
    pub(super) fn covers(&self, file: &Path) -> bool {
        self.folders.iter().any(|folder| file.starts_with(folder))
    }
}

/// What besides the sources makes a difference.
pub(super) fn surroundings(service: &Service, toolchain: Option<&Toolchain>) -> Result<Inputs, Error> {
    let mut inputs = Inputs::from([("recipe".to_owned(), RECIPE.to_owned())]);
    for platform in &service.platforms {
        let (name, value) = match (service.binaries.get(platform), toolchain) {
            (Some(path), _) => {
                let missing = || Error::disk(path, std::io::ErrorKind::NotFound.into());
                (format!("binary for {platform}"), digest(path)?.ok_or_else(missing)?)
            }
            (None, Some(toolchain)) => {
                (format!("target for {platform}"), toolchain.target(*platform)?.to_owned())
            }
            (None, None) => continue,
        };
        inputs.insert(name, value);
    }
    let Some(toolchain) = toolchain else { return Ok(inputs) };
    inputs.insert("toolchain".to_owned(), toolchain.version.clone());
    for (name, value) in &service.variables {
        let lower = name.to_ascii_lowercase();
        let leads = WITHOUT_TRACE.contains(&name.as_str())
            || lower.ends_with("_proxy")
            || lower.ends_with("_token")
            || lower.ends_with("_credential_provider");
        if !leads {
            // Only a digest is kept, whatever it may hold.
            inputs.insert(format!("variable {name}"), Digest::of(value.as_bytes()).hex().to_owned());
        }
    }
    let variable =
        |name: &str| service.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let cargo_home = variable("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(variable("HOME")?).join(".cargo")));
    for file in ["config", "config.toml"] {
        if let Some(home) = &cargo_home
            && let Some(digest) = digest(&home.join(file))?
        {
            inputs.insert(format!("cargo's {file}"), digest);
        }
    }
    for (name, path) in system_parts(variable("PATH").map_or("", String::as_str)) {
        if let Some(stamp) = stamp(&path) {
            inputs.insert(format!("{name} of the system"), stamp);
        }
    }
    Ok(inputs)
}

/// The linker and the C library that end up in a static binary.
fn system_parts(path: &str) -> Vec<(&'static str, PathBuf)> {
    let mut parts = Vec::new();
    let linker = path.split(':').map(|folder| Path::new(folder).join("cc")).find(|file| file.is_file());
    parts.extend(linker.map(|file| ("linker", file)));
    for folder in ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"] {
        let library = Path::new(folder).join("libc.a");
        if library.is_file() {
            parts.push(("C library", library));
            break;
        }
    }
    parts
}

/// Which file it is, without reading it.
fn stamp(path: &Path) -> Option<String> {
    let path = std::fs::canonicalize(path).ok()?;
    let about = std::fs::metadata(&path).ok()?;
    let changed = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    Some(format!("{} {} {changed}", path.display(), about.len()))
}

/// True for what belongs to a machine and not to the sources.
pub(super) fn is_of_machine(name: &str) -> bool {
    name.starts_with("variable ")
        || name.starts_with("cargo's ")
        || name.ends_with(" of the system")
        || (name.starts_with('/')
            && (name.ends_with("/.cargo/config") || name.ends_with("/.cargo/config.toml")))
}

/// The digest of a file; `None` where there is none.
pub(super) fn digest(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::File::open(path).and_then(Digest::of_reader) {
        Ok(digest) => Ok(Some(digest.hex().to_owned())),
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(source) => Err(Error::disk(path, source)),
    }
}

/// All files below a folder, but for what git and cargo keep for themselves.
fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::disk(folder, source);
    if folder.join("CACHEDIR.TAG").is_file() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        if kind.is_dir() {
            if entry.file_name() != ".git" {
                collect(&path, files)?;
            }
        } else if path.is_file() {
            files.insert(path);
        }
    }
    Ok(())
}

/// What differs, for people: at most a few names.
pub(super) fn differences(before: &Inputs, now: &Inputs) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != now.get(*name)).cloned().collect()
}

/// One digest for all inputs.
pub(super) fn fingerprint(inputs: &Inputs) -> Digest {
    let mut text = String::new();
    for (name, value) in inputs {
        // Lengths in front, so that no two lists of inputs read the same.
        text.push_str(&format!("{}:{name}{}:{value}", name.len(), value.len()));
    }
    Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn inputs(sources: &Sources) -> Inputs {
        let mut inputs = Inputs::new();
        sources.digests(&mut inputs).unwrap();
        inputs
    }

    #[test]
    fn whatever_file_changes_comes_or_goes_is_a_difference_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let files = [
            "Cargo.lock",
            "Cargo.toml",
            "a/Cargo.toml",
            "a/src/main.rs",
            "b/src/deep/lib.rs",
            "shared/page.html",
            ".cargo/config.toml",
        ];
        for file in files {
            write(&root, file, "1");
        }
        let sources = Sources {
            folders: [root.join("a"), root.join("b")].into(),
            others: [root.join("shared/page.html")].into(),
            root: root.clone(),
        };
        let before = inputs(&sources);
        for file in files {
            write(&root, file, "2");
            assert_eq!(differences(&before, &inputs(&sources)), [file], "{file}");
            assert_ne!(fingerprint(&before), fingerprint(&inputs(&sources)));
            std::fs::remove_file(root.join(file)).unwrap();
            assert_eq!(differences(&before, &inputs(&sources)), [file], "{file} gone");
            write(&root, file, "1");
        }
        write(&root, "a/new.rs", "");
        assert_eq!(differences(&before, &inputs(&sources)), ["a/new.rs"]);
        std::fs::remove_file(root.join("a/new.rs")).unwrap();
        // Not ours: other packages, cargo's output, git's own.
        for file in ["c/src/main.rs", "a/target/CACHEDIR.TAG", "a/target/debug/a", "a/.git/index"] {
            write(&root, file, "x");
        }
        assert_eq!(differences(&before, &inputs(&sources)), [""; 0]);
        // The folder's own place does not count.
        let elsewhere = tempfile::tempdir().unwrap();
        for file in files {
            write(elsewhere.path(), file, "1");
        }
        let moved = Sources {
            folders: [elsewhere.path().join("a"), elsewhere.path().join("b")].into(),
            others: [elsewhere.path().join("shared/page.html")].into(),
            root: elsewhere.path().to_owned(),
        };
        assert_eq!(fingerprint(&inputs(&moved)), fingerprint(&before));
    }
}
