//! Bringing in what a chart depends on: the archives in `charts/` and the lock file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use futures_util::future::try_join_all;

use super::cache::write_whole;
use super::error::FetchError;
use super::fetch::Charts;
use super::folder::{load_path, read_folder};
use super::lock::{digest_of_requirements, lock_text};
use super::reference::Reference;
use super::repositories::address_of;
use crate::chart::Chart;
use crate::chart::load::{self, Dependency, Lock};
use crate::chart::values::is_compatible;

/// What an update has done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Updated {
    /// Archives in `charts/`, by file name.
    pub archives: Vec<String>,
    /// Dependencies that were in `charts/` already and name no repository.
    pub vendored: Vec<String>,
    /// Archives of other versions that were taken away.
    pub removed: Vec<String>,
    /// Whether the lock file changed.
    pub lock_changed: bool,
}

/// A dependency that was found.
struct Found {
    locked: Dependency,
    /// The archive to put into `charts/`; none for a chart that is there already.
    archive: Option<Vec<u8>>,
}

/// Fetches the newest versions in the ranges that the chart in `folder` names, puts them into `charts/` and
/// writes the lock file. `now` is the time the lock file says, as RFC 3339.
///
/// Nothing is changed unless everything could be had.
///
/// # Errors
/// The chart, or the first dependency that cannot be had.
pub async fn update(charts: &Charts, folder: &Path, now: &str) -> Result<Updated, FetchError> {
    let chart = load_for_update(folder)?;
    let wanted = chart.metadata.dependencies.clone().unwrap_or_default();
    check_cycles(folder, &chart, &mut Vec::new())?;
    let found = try_join_all(wanted.iter().map(|dependency| async {
        find(charts, folder, dependency).await.map_err(|source| FetchError::Dependency {
            name: dependency.name.clone(),
            chart: chart.name().to_owned(),
            source: Box::new(source),
        })
    }))
    .await?;
    place(folder, &chart, &wanted, found, now)
}

/// The chart without what is in its `charts/`, which may be out of date or broken.
fn load_for_update(folder: &Path) -> Result<Chart, FetchError> {
    let files = read_folder(folder)?.into_iter().filter(|file| !file.name.starts_with("charts/")).collect();
    load::from_files(files).map_err(|source| FetchError::Load { chart: folder.display().to_string(), source })
}

/// The folder a `file://` repository names, relative to the chart that names it.
fn local_folder(folder: &Path, repository: &str) -> Option<PathBuf> {
    Some(folder.join(repository.strip_prefix("file://")?))
}

/// Refuses charts on disk that need each other.
fn check_cycles(folder: &Path, chart: &Chart, above: &mut Vec<(PathBuf, String)>) -> Result<(), FetchError> {
    let real =
        folder.canonicalize().map_err(|source| FetchError::Disk { path: folder.to_owned(), source })?;
    let known = above.iter().position(|(path, _)| *path == real);
    above.push((real, chart.name().to_owned()));
    if let Some(first) = known {
        return Err(FetchError::Cycle(above[first..].iter().map(|(_, name)| name.clone()).collect()));
    }
    for dependency in chart.metadata.dependencies.iter().flatten() {
        if let Some(inner) = local_folder(folder, &dependency.repository)
            && inner.is_dir()
        {
            check_cycles(&inner, &load_for_update(&inner)?, above)?;
        }
    }
    above.pop();
    Ok(())
}

async fn find(charts: &Charts, folder: &Path, dependency: &Dependency) -> Result<Found, FetchError> {
    let repository = dependency.repository.as_str();
    let locked = |version: &str| Dependency {
        name: dependency.name.clone(),
        version: version.to_owned(),
        repository: repository.to_owned(),
        ..Dependency::default()
    };
    if repository.is_empty() {
        let version = vendored_version(folder, dependency)?;
        return Ok(Found { locked: locked(&version), archive: None });
    }
    if let Some(path) = local_folder(folder, repository) {
        let inner = load_path(&path)?;
        let version = inner.metadata.version.clone();
        if !is_compatible(&dependency.version, &version) {
            return Err(FetchError::NoVersion {
                chart: dependency.name.clone(),
                repository: repository.to_owned(),
                range: dependency.version.clone(),
                newest: vec![version],
            });
        }
        let archive = load::pack(&inner.metadata.name, &read_folder(&path)?)
            .map_err(|source| FetchError::Load { chart: path.display().to_string(), source })?;
        return Ok(Found { locked: locked(&version), archive: Some(archive) });
    }
    let address = match repository.strip_prefix('@').or(repository.strip_prefix("alias:")) {
        Some(name) => address_of(charts.settings().repositories.as_deref(), name)?,
        None => repository.to_owned(),
    };
    let reference = Reference::parse(&dependency.name, Some(&address))?;
    let range = Some(dependency.version.as_str()).filter(|range| !range.is_empty());
    let fetched = charts.fetch(&reference, range).await?;
    // What came must be a chart, and the one that was asked for, before anything is written.
    let inner = load::from_archive(&fetched.bytes)
        .map_err(|source| FetchError::Load { chart: reference.to_string(), source })?;
    if inner.name() != dependency.name {
        let why = format!("it holds the chart {:?}, not {:?}", inner.name(), dependency.name);
        return Err(FetchError::NotHelm { reference: reference.to_string(), why });
    }
    Ok(Found { locked: locked(&inner.metadata.version), archive: Some(fetched.bytes) })
}

fn vendored_version(folder: &Path, dependency: &Dependency) -> Result<String, FetchError> {
    let whole = load_path(folder)?;
    let present = whole.dependencies.iter().find(|present| {
        present.name() == dependency.name && is_compatible(&dependency.version, &present.metadata.version)
    });
    present
        .map(|present| present.metadata.version.clone())
        .ok_or_else(|| FetchError::NotVendored(dependency.name.clone()))
}

fn place(
    folder: &Path,
    chart: &Chart,
    wanted: &[Dependency],
    found: Vec<Found>,
    now: &str,
) -> Result<Updated, FetchError> {
    let mut updated = Updated::default();
    let target = folder.join("charts");
    let mut chosen = Vec::new();
    for Found { locked, archive } in found {
        match archive {
            Some(bytes) => {
                let name = format!("{}-{}.tgz", locked.name, locked.version);
                write_whole(&target.join(&name), &bytes)?;
                updated.archives.push(name);
            }
            None => updated.vendored.push(locked.name.clone()),
        }
        chosen.push(locked);
    }
    updated.removed = remove_other_versions(&target, &chosen, &updated.archives)?;
    let digest = digest_of_requirements(wanted, &chosen);
    if chart.lock.as_ref().is_none_or(|lock| lock.digest != digest) {
        let name = if chart.metadata.api_version == "v1" { "requirements.lock" } else { "Chart.lock" };
        let lock = Lock { generated: now.to_owned(), digest, dependencies: chosen };
        write_whole(&folder.join(name), lock_text(&lock).as_bytes())?;
        updated.lock_changed = true;
    }
    Ok(updated)
}

/// Takes away archives of the same charts in other versions, and only those.
fn remove_other_versions(
    target: &Path,
    chosen: &[Dependency],
    kept: &[String],
) -> Result<Vec<String>, FetchError> {
    let names: BTreeSet<&str> = chosen.iter().map(|dependency| dependency.name.as_str()).collect();
    let mut removed = Vec::new();
    let Ok(entries) = std::fs::read_dir(target) else { return Ok(removed) };
    for entry in entries.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if !file.ends_with(".tgz") || kept.contains(&file) {
            continue;
        }
        let Ok(old) = load_path(&entry.path()) else { continue };
        if names.contains(old.name()) && file == format!("{}-{}.tgz", old.name(), old.metadata.version) {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(|source| FetchError::Disk { path, source })?;
            removed.push(file);
        }
    }
    removed.sort();
    Ok(removed)
}
