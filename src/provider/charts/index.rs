//! `index.yaml` of an HTTP repository, and the choice of a version.

use super::error::FetchError;
use crate::chart::Value;
use crate::chart::semver::{Constraint, Version};
use crate::chart::yaml;

/// What a repository holds.
#[derive(Debug, Clone, Default)]
pub struct Index {
    entries: Vec<(String, Vec<Entry>)>,
}

/// One version of a chart in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The version, as the repository writes it.
    pub version: String,
    /// Where the archive is; relative ones to the repository's address.
    pub urls: Vec<String>,
    /// The digest of the archive, `sha256:` in front, if the index names one; it may be of another form,
    /// and then nothing has it.
    pub digest: Option<String>,
}

impl Index {
    /// Reads an index; entries that are no charts are left out, as Helm leaves them out.
    ///
    /// # Errors
    /// What is no index.
    pub fn parse(repository: &str, bytes: &[u8]) -> Result<Self, FetchError> {
        let failed = |why: String| FetchError::Index { repository: repository.to_owned(), why };
        let document = yaml::read_typed(bytes).map_err(|error| failed(error.to_string()))?;
        if document.get("apiVersion").is_none() {
            return Err(failed("no API version specified".to_owned()));
        }
        let Some(Value::Map(charts)) = document.get("entries") else {
            return Err(failed("it has no entries".to_owned()));
        };
        let entries = charts.iter().map(|(name, versions)| {
            let versions = versions.as_list().unwrap_or_default();
            (name.clone(), versions.iter().filter_map(Entry::parse).collect())
        });
        Ok(Self { entries: entries.collect() })
    }

    /// The newest version of `chart` in `range`; without a range the newest release.
    ///
    /// A range that is exactly one of the versions means that version.
    ///
    /// # Errors
    /// No such chart, no such version, or no range.
    pub fn select(&self, repository: &str, chart: &str, range: Option<&str>) -> Result<&Entry, FetchError> {
        let Some((_, versions)) = self.entries.iter().find(|(name, _)| name == chart) else {
            let mut similar: Vec<(f64, &String)> =
                self.entries.iter().map(|(name, _)| (strsim::jaro_winkler(name, chart), name)).collect();
            similar.retain(|(score, _)| *score > 0.8);
            similar.sort_by(|a, b| b.0.total_cmp(&a.0));
            return Err(FetchError::NoChart {
                chart: chart.to_owned(),
                repository: repository.to_owned(),
                similar: similar.into_iter().take(3).map(|(_, name)| name.clone()).collect(),
            });
        };
        let names = versions.iter().map(|entry| entry.version.as_str());
        let chosen = newest(names, range)?;
        chosen.and_then(|version| versions.iter().find(|entry| entry.version == version)).ok_or_else(|| {
            let mut known: Vec<Version> =
                versions.iter().filter_map(|entry| entry.version.parse().ok()).collect();
            known.sort();
            FetchError::NoVersion {
                chart: chart.to_owned(),
                repository: repository.to_owned(),
                range: range.unwrap_or("*").to_owned(),
                newest: known.iter().rev().take(3).map(|version| version.original().to_owned()).collect(),
            }
        })
    }
}

/// The newest of `versions` in `range`, or the one that is exactly `range`.
pub(super) fn newest<'a>(
    versions: impl Iterator<Item = &'a str> + Clone,
    range: Option<&str>,
) -> Result<Option<&'a str>, FetchError> {
    let range = range.filter(|range| !range.is_empty());
    if let Some(exact) = range.and_then(|range| versions.clone().find(|version| *version == range)) {
        return Ok(Some(exact));
    }
    let text = range.unwrap_or("*");
    let range: Constraint = text.parse().map_err(|_| FetchError::Range { range: text.to_owned() })?;
    let parsed = versions.filter_map(|text| Some((text.parse::<Version>().ok()?, text)));
    Ok(parsed
        .filter(|(version, _)| range.matches(version))
        .max_by(|a, b| a.0.cmp(&b.0))
        .map(|(_, text)| text))
}

impl Entry {
    fn parse(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let urls =
            value.get("urls")?.as_list()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let digest = text("digest").filter(|digest| !digest.is_empty());
        let digest =
            digest.map(|digest| format!("sha256:{}", digest.trim_start_matches("sha256:").to_lowercase()));
        // A digest that YAML read as a number is one that nothing can match, never none at all.
        let given = value.get("digest");
        let unreadable = given.is_some_and(|digest| !matches!(digest, Value::String(_) | Value::Null));
        let digest = if unreadable { Some("sha256:(unreadable)".to_owned()) } else { digest };
        Some(Self { version: text("version")?.to_owned(), urls, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "apiVersion: v1\nentries:\n  app:\n  - version: 1.2.0\n    urls: [app-1.2.0.tgz]\n    digest: AB\n  - version: 1.10.0\n    urls: [https://x/app.tgz]\n  - version: 2.0.0-rc.1\n    urls: [a]\n  - version: nonsense\n    urls: [a]\n";

    #[test]
    fn the_newest_release_in_the_range_is_chosen() {
        let index = Index::parse("r", INDEX.as_bytes()).unwrap();
        let version =
            |range: Option<&str>| index.select("r", "app", range).map(|entry| entry.version.clone());
        assert_eq!(version(None).unwrap(), "1.10.0");
        assert_eq!(version(Some("~1.2")).unwrap(), "1.2.0");
        assert_eq!(version(Some(">0.0.0-0")).unwrap(), "2.0.0-rc.1");
        assert_eq!(version(Some("2.0.0-rc.1")).unwrap(), "2.0.0-rc.1");
        assert_eq!(version(Some("nonsense")).unwrap(), "nonsense");
        assert!(
            matches!(version(Some("^3")), Err(FetchError::NoVersion { newest, .. }) if newest[0] == "2.0.0-rc.1")
        );
        assert!(matches!(version(Some("!!")), Err(FetchError::Range { .. })));
        assert_eq!(index.select("r", "app", Some("1.2.0")).unwrap().digest.as_deref(), Some("sha256:ab"));
        let number = INDEX.replace("digest: AB", "digest: 0001");
        let index = Index::parse("r", number.as_bytes()).unwrap();
        assert_eq!(
            index.select("r", "app", Some("1.2.0")).unwrap().digest.as_deref(),
            Some("sha256:(unreadable)")
        );
        let index = Index::parse("r", INDEX.as_bytes()).unwrap();
        let error = index.select("r", "apo", None).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean app?"));
        assert!(Index::parse("r", b"<html>").is_err());
        assert!(Index::parse("r", b"entries: {}").is_err());
    }
}
