//! From a service to its image: survey, compile what has to be, pack, assemble.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::assemble::{self, BaseImage, Image};
use super::blob::Blob;
use super::commit::Commit;
use super::compile::{self, Order, compile};
use super::dependencies::{self, Dependencies};
use super::digest::Digest;
use super::error::Error;
use super::inputs::{Inputs, Sources};
use super::layer::{Entry, pack};
use super::metadata::{Metadata, Package};
use super::platform::Platform;
use super::service::{Progress, Service};
use super::store::{Program, Record, Store};
use super::survey::{Survey, Verdict, survey};
use super::toolchain::{Toolchain, linkage};
use super::{elf, sbom};

/// An image, and how it came about.
#[derive(Clone, Debug)]
pub struct Built {
    /// It.
    pub image: Image,
    /// The bill of materials of each platform's binary that was compiled here.
    pub materials: BTreeMap<Platform, Blob>,
    /// The commit of the sources.
    pub commit: Option<Commit>,
    /// What was found before.
    pub survey: Survey,
    /// What it was made from; see [`Survey::made_from`].
    pub made_from: BTreeMap<String, String>,
}

/// Builds a service's image, or takes what is kept of it.
///
/// # Errors
/// It cannot be surveyed, compiled, or kept.
pub async fn build(
    service: &Service,
    store: &Store,
    base: Option<&BaseImage>,
    progress: &dyn Progress,
) -> Result<Built, Error> {
    let found = survey(service, store).await?;
    let record = match &found.record {
        Some(record) => record.clone(),
        None => make(service, store, &found, progress).await?,
    };
    let commit = Commit::find(&service.folder, &folders(&record), &service.variables).await;
    let mut programs = BTreeMap::new();
    let mut materials = BTreeMap::new();
    for platform in &service.platforms {
        let Some(program) = record.programs.get(platform) else { continue };
        let kept = |descriptor| store.get(descriptor).ok_or_else(|| lost(store));
        programs.insert(*platform, (kept(&program.layer)?, program.diff_id.clone()));
        if let Some(descriptor) = &program.materials {
            materials.insert(*platform, kept(descriptor)?);
        }
    }
    let image = assemble::assemble(service, &programs, base, commit.as_ref())?;
    let made_from = found.told(&record.inputs);
    Ok(Built { image, materials, commit, survey: found, made_from })
}

fn lost(store: &Store) -> Error {
    Error::disk(&store.output(), std::io::ErrorKind::NotFound.into())
}

/// The folders whose commit is told; those of a binary that was given are not known.
fn folders(record: &Record) -> Vec<PathBuf> {
    if record.folders.is_empty() {
        vec![PathBuf::from(".")]
    } else {
        record.folders.iter().cloned().collect()
    }
}

async fn make(
    service: &Service,
    store: &Store,
    found: &Survey,
    progress: &dyn Progress,
) -> Result<Record, Error> {
    let mut sources = found.sources.clone();
    let mut programs = BTreeMap::new();
    let mut read = BTreeSet::new();
    for platform in &service.platforms {
        let (binary, target, materials) = match (service.binaries.get(platform), &found.toolchain) {
            (Some(path), _) => (given(path, *platform)?, None, None),
            (None, Some(toolchain)) => {
                let metadata = compile::metadata(service, Some(toolchain.target(*platform)?)).await?;
                let made = compiled(service, store, (*platform, toolchain, &metadata), progress).await?;
                let package = package(service, &metadata)?;
                sources.folders = metadata.folders(&package.id);
                read.extend(made.read);
                (made.binary, Some(made.target), Some(made.materials))
            }
            (None, None) => continue,
        };
        let layer = pack(&[
            Entry::folder("app/", 0o755),
            Entry::file(format!("app/{}", service.name), 0o755, &binary),
        ]);
        let layer = layer.map_err(|source| Error::disk(&store.output(), source))?;
        store.put(&layer.blob)?;
        if let Some(materials) = &materials {
            store.put(materials)?;
        }
        programs.insert(
            *platform,
            Program {
                target,
                binary: Digest::of(&binary),
                layer: layer.blob.descriptor,
                diff_id: layer.diff_id,
                materials: materials.map(|materials| materials.descriptor),
            },
        );
    }
    read.retain(|file| !sources.covers(file) && !file.starts_with(store.output()));
    sources.others = read;
    let record = Record::new(settled(service, found, &sources)?, sources, programs);
    store.put_record(&service.name, &record)?;
    Ok(record)
}

/// The inputs by which the record is found again. Files are read anew, as the compiler may have read others
/// than the survey knew of; but where one that both know changed meanwhile, the old digest stays, so that the
/// next run builds again.
fn settled(service: &Service, found: &Survey, sources: &Sources) -> Result<Inputs, Error> {
    let mut inputs = super::inputs::surroundings(service, found.toolchain.as_ref())?;
    if found.toolchain.is_some() {
        sources.digests(&mut inputs)?;
    }
    for (name, before) in &found.inputs {
        if let Some(now) = inputs.get_mut(name) {
            now.clone_from(before);
        }
    }
    Ok(inputs)
}

struct Made {
    binary: Vec<u8>,
    target: String,
    materials: Blob,
    read: BTreeSet<PathBuf>,
}

async fn compiled(
    service: &Service,
    store: &Store,
    (platform, toolchain, metadata): (Platform, &Toolchain, &Metadata),
    progress: &dyn Progress,
) -> Result<Made, Error> {
    let target = toolchain.target(platform)?;
    progress.step(&format!("{}: compiling for {platform} ({target}, {})", service.name, linkage(target)));
    let package = package(service, metadata)?;
    let binary =
        package.binary().map_err(|binaries| Error::Binary { package: package.name.clone(), binaries })?;
    let output = store.output();
    let order = Order { service, platform, target, toolchain, metadata, output: &output };
    let made = compile(&order, (&package.id, binary), progress).await?;
    let path = &made.executable;
    let plain = std::fs::read(path).map_err(|source| Error::disk(path, source))?;
    check(path, &plain, platform)?;
    let linked = Dependencies::new(metadata, &package.id, &made.linked);
    let binary = match elf::section(&plain, dependencies::SECTION) {
        // Built through cargo-auditable already.
        Some(_) => plain,
        None => {
            let section = linked.to_section().map_err(|source| Error::disk(path, source))?;
            elf::with_section(&plain, dependencies::SECTION, &section).unwrap_or(plain)
        }
    };
    let materials = Blob::new(sbom::MEDIA_TYPE, sbom::cyclonedx(&linked));
    Ok(Made { binary, target: target.to_owned(), materials, read: made.read })
}

fn given(path: &PathBuf, platform: Platform) -> Result<Vec<u8>, Error> {
    let binary = std::fs::read(path).map_err(|source| Error::disk(path, source))?;
    check(path, &binary, platform)?;
    Ok(binary)
}

fn check(path: &std::path::Path, binary: &[u8], platform: Platform) -> Result<(), Error> {
    match elf::unfit(binary, platform) {
        None => Ok(()),
        Some(why) => Err(Error::NotForPlatform { path: path.to_owned(), platform, why }),
    }
}

/// The package of a service's folder.
pub(super) fn package<'a>(service: &Service, metadata: &'a Metadata) -> Result<&'a Package, Error> {
    let manifest = service.folder.join("Cargo.toml");
    let manifest = std::fs::canonicalize(&manifest).map_err(|source| Error::disk(&manifest, source))?;
    metadata
        .package_of(&manifest)
        .ok_or_else(|| Error::NoPackage { service: service.name.clone(), folder: service.folder.clone() })
}

impl Built {
    /// True when nothing was compiled or packed.
    pub fn unchanged(&self) -> bool {
        self.survey.verdict == Verdict::Unchanged
    }
}
