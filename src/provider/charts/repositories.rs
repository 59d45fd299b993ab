//! Helm's `repositories.yaml`: names for repositories.

use std::path::Path;

use super::error::FetchError;
use crate::chart::Value;
use crate::chart::yaml;

/// The address of the repository called `name` in the file at `path`.
pub(super) fn address_of(path: Option<&Path>, name: &str) -> Result<String, FetchError> {
    let missing = || FetchError::NoRepository(name.to_owned());
    let path = path.ok_or_else(missing)?;
    let bytes = std::fs::read(path).map_err(|source| FetchError::Disk { path: path.to_owned(), source })?;
    let document = yaml::read(&bytes).map_err(|error| FetchError::Index {
        repository: path.display().to_string(),
        why: error.to_string(),
    })?;
    let repositories = document.get("repositories").and_then(Value::as_list).unwrap_or_default();
    let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    let found = repositories.iter().find(|entry| text(entry, "name").as_deref() == Some(name));
    found.and_then(|entry| text(entry, "url")).ok_or_else(missing)
}
