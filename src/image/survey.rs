//! Whether a service has to be built, found without building it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::compile::metadata;
use super::digest::Digest;
use super::error::Error;
use super::inputs::{self, Inputs, Sources};
use super::service::{Service, Settings};
use super::store::{Record, Store};
use super::toolchain::Toolchain;

/// Whether what was built before still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every input is as it was.
    Unchanged,
    /// Nothing is kept of it.
    New,
    /// What differs: paths, or words such as `toolchain`.
    Changed(Vec<String>),
}

/// What is known of a service before it is built.
#[derive(Clone, Debug)]
pub struct Survey {
    /// One digest for everything that the binaries depend on.
    pub fingerprint: Digest,
    /// Whether it has to be built.
    pub verdict: Verdict,
    pub(super) inputs: Inputs,
    pub(super) sources: Sources,
    pub(super) toolchain: Option<Toolchain>,
    /// What is kept, when it still holds.
    pub(super) record: Option<Record>,
    /// What the image is made from besides the binary.
    settings: Inputs,
}

impl Survey {
    /// What the image is made from, by name, each with a short digest or a word: the same on every machine with the
    /// same compiler. What only a machine has (its linker, its variables) is left out: the same sources, built
    /// elsewhere, are no reason to roll out anew.
    pub fn made_from(&self) -> BTreeMap<String, String> {
        self.told(&self.inputs)
    }

    pub(super) fn told(&self, inputs: &Inputs) -> BTreeMap<String, String> {
        let of_all = inputs.iter().filter(|(name, _)| !inputs::is_of_machine(name));
        let short = |value: &String| {
            let first = value.lines().next().unwrap_or_default();
            let is_digest = first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_digest { first[..16].to_owned() } else { first.to_owned() }
        };
        of_all.chain(&self.settings).map(|(name, value)| (name.clone(), short(value))).collect()
    }
}

/// The settings that make a difference to the image and not to the binary.
fn settings(service: &Service) -> Result<Inputs, Error> {
    let Settings { user, port, labels, source, certificates, base } = &service.settings;
    let certificates = match certificates {
        Some(path) => inputs::digest(path)?,
        None => None,
    };
    let all = serde_json::json!([user, port, labels, source, certificates, base]);
    let digest = Digest::of(all.to_string().as_bytes()).hex().to_owned();
    Ok(Inputs::from([("settings of the image".to_owned(), digest)]))
}

/// Looks at everything that a service is built from.
///
/// # Errors
/// The package, a file of it, or the toolchain cannot be read, or nothing compiles for a platform.
pub async fn survey(service: &Service, store: &Store) -> Result<Survey, Error> {
    let compiled = service.platforms.iter().any(|platform| !service.binaries.contains_key(platform));
    if compiled && !service.folder.join("Cargo.toml").is_file() {
        return Err(Error::NoPackage { service: service.name.clone(), folder: service.folder.clone() });
    }
    let record = store.record(&service.name).filter(|record| is_of(record, service));
    let toolchain = async {
        if !compiled {
            return Ok(None);
        }
        Toolchain::find(&service.folder, &service.variables).await.map(Some)
    };
    let sources = async {
        match &record {
            // As long as every manifest is as it was, so are the folders; and all of them are inputs.
            Some(record) => Ok(Sources {
                root: record.root.clone(),
                folders: record.folders.clone(),
                others: record.others.clone(),
            }),
            None if !compiled => Ok(Sources { root: PathBuf::new(), folders: [].into(), others: [].into() }),
            None => {
                let mut sources = locate(service).await?;
                sources.also(&service.earlier);
                Ok(sources)
            }
        }
    };
    let (toolchain, sources) = tokio::try_join!(toolchain, sources)?;
    let mut inputs = inputs::surroundings(service, toolchain.as_ref())?;
    if compiled {
        sources.digests(&mut inputs)?;
    }
    let verdict = judge(record.as_ref(), &inputs, store, service);
    let record = record.filter(|_| verdict == Verdict::Unchanged);
    let fingerprint = inputs::fingerprint(&inputs);
    let settings = settings(service)?;
    Ok(Survey { fingerprint, verdict, inputs, sources, toolchain, record, settings })
}

/// Whether a record is of this service's folder: checkouts may share a folder for cargo's output.
fn is_of(record: &Record, service: &Service) -> bool {
    record.folders.is_empty()
        || std::fs::canonicalize(&service.folder).is_ok_and(|folder| record.folders.contains(&folder))
}

/// The workspace and the folders of a service, from cargo.
pub(super) async fn locate(service: &Service) -> Result<Sources, Error> {
    let metadata = metadata(service, None).await?;
    let package = super::build::package(service, &metadata)?;
    Ok(Sources { folders: metadata.folders(&package.id), root: metadata.workspace_root, others: [].into() })
}

fn judge(record: Option<&Record>, inputs: &Inputs, store: &Store, service: &Service) -> Verdict {
    let Some(record) = record else { return Verdict::New };
    let differences = inputs::differences(&record.inputs, inputs);
    if !differences.is_empty() {
        return Verdict::Changed(differences);
    }
    let kept = |platform| {
        let Some(program) = record.programs.get(platform) else { return false };
        store.get(&program.layer).is_some()
            && program.materials.as_ref().is_none_or(|materials| store.get(materials).is_some())
    };
    if service.platforms.iter().all(kept) { Verdict::Unchanged } else { Verdict::New }
}
