//! What `init` writes: a folder of environments to start with.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its path below the folder that is set up.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// The files of a new project.
pub fn templates() -> &'static [Template] {
    &[
        Template { path: "environments/common.toml", text: include_str!("template/common.toml") },
        Template { path: "environments/dev.toml", text: include_str!("template/dev.toml") },
        Template { path: "environments/staging.toml", text: include_str!("template/staging.toml") },
        Template { path: "environments/prod.toml", text: include_str!("template/prod.toml") },
        Template { path: "state/.gitignore", text: "*\n!README.md\n!.gitignore\n" },
        Template { path: "state/README.md", text: include_str!("template/state.md") },
    ]
}

/// Why a project could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// There is something already; nothing was written.
    #[error("there is already {}", list(.0))]
    Occupied(Vec<PathBuf>),
    /// A file or folder could not be read or written.
    #[error("cannot write `{}`", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}

/// Sets up a project in a folder, and gives the files that were written. Nothing is ever overwritten: when there
/// are environments or one of the files with other contents, nothing is written at all; a file that is there
/// already, to the letter, is left.
///
/// # Errors
/// [`TemplateError`].
pub fn write_templates(folder: &Path) -> Result<Vec<PathBuf>, TemplateError> {
    let occupied = occupied(folder)?;
    if !occupied.is_empty() {
        return Err(TemplateError::Occupied(occupied));
    }
    let mut written = Vec::new();
    for template in templates() {
        let path = folder.join(template.path);
        if write_new(&path, template.text)
            .map_err(|source| TemplateError::File { path: path.clone(), source })?
        {
            written.push(path);
        }
    }
    Ok(written)
}

/// What is in the way: environment files and files of ours, unless they hold what would be written.
fn occupied(folder: &Path) -> Result<Vec<PathBuf>, TemplateError> {
    let ours = |path: &Path| {
        let template = templates().iter().find(|template| folder.join(template.path) == path);
        template.is_some_and(|template| fs::read(path).is_ok_and(|bytes| bytes == template.text.as_bytes()))
    };
    let mut found: Vec<PathBuf> = templates().iter().map(|template| folder.join(template.path)).collect();
    let environments = folder.join("environments");
    let failed = |source| TemplateError::File { path: environments.clone(), source };
    match fs::read_dir(&environments) {
        Ok(entries) => {
            for entry in entries {
                let path = entry.map_err(failed)?.path();
                if path.extension().is_some_and(|extension| extension == "toml") {
                    found.push(path);
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    found.retain(|path| path.exists() && !ours(path));
    found.sort();
    found.dedup();
    Ok(found)
}

/// Writes a file that is not there yet; false when it is.
fn write_new(path: &Path, text: &str) -> io::Result<bool> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::File::create_new(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_set_up_once_and_nothing_is_ever_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let written = write_templates(folder.path()).unwrap();
        assert_eq!(written.len(), templates().len());
        assert_eq!(write_templates(folder.path()).unwrap(), Vec::<PathBuf>::new());
        let dev = folder.path().join("environments/dev.toml");
        fs::write(&dev, "mine").unwrap();
        fs::remove_file(folder.path().join("environments/prod.toml")).unwrap();
        let refused = write_templates(folder.path()).unwrap_err();
        assert!(matches!(refused, TemplateError::Occupied(paths) if paths == [dev.clone()]));
        assert_eq!(fs::read_to_string(&dev).unwrap(), "mine");
        assert!(!folder.path().join("environments/prod.toml").exists());
    }

    #[test]
    fn environments_of_other_names_are_in_the_way_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("environments/qa.toml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        assert!(
            matches!(write_templates(folder.path()), Err(TemplateError::Occupied(paths)) if paths == [path])
        );
    }
}
