//! Whether a service has to be built, found without building it.

use std::path::PathBuf;

use super::compile::metadata;
use super::digest::Digest;
use super::error::Error;
use super::inputs::{self, Inputs, Sources};
use super::service::Service;
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
    let record = store.record(&service.name);
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
            None => locate(service).await,
        }
    };
    let (toolchain, sources) = tokio::try_join!(toolchain, sources)?;
    let mut inputs = inputs::surroundings(service, toolchain.as_ref())?;
    if compiled {
        sources.digests(&mut inputs)?;
    }
    let verdict = judge(record.as_ref(), &inputs, store, service);
    let record = record.filter(|_| verdict == Verdict::Unchanged);
    Ok(Survey { fingerprint: inputs::fingerprint(&inputs), verdict, inputs, sources, toolchain, record })
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
