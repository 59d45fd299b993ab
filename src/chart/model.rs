//! A loaded chart.

use super::content::Content;
use super::load::{Lock, Metadata};
use super::value::Object;

/// A file of a chart. Copies share the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path inside the chart, with slashes.
    pub name: String,
    /// The content.
    pub data: Content,
}

impl File {
    /// A file with this content.
    pub fn new(name: impl Into<String>, data: &[u8]) -> Self {
        Self { name: name.into(), data: data.into() }
    }

    /// Makes sure that the content is read.
    ///
    /// # Errors
    /// It cannot be.
    pub fn read(&self) -> Result<(), Unread> {
        let _read_now = self.data.len();
        self.unread()
    }

    fn unread(&self) -> Result<(), Unread> {
        match self.data.failure() {
            None => Ok(()),
            Some(why) => Err(Unread { name: self.name.clone(), why: why.to_string() }),
        }
    }
}

/// A file of a chart that was to be read when somebody looks at it, and could not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the chart's file {name}: {why}")]
pub struct Unread {
    /// The path inside its chart.
    pub name: String,
    /// What went wrong.
    pub why: String,
}

/// A chart with the charts inside it.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What `Chart.yaml` (and, for v1, `requirements.yaml`) says.
    pub metadata: Metadata,
    /// What `Chart.lock` or `requirements.lock` says.
    pub lock: Option<Lock>,
    /// The default values.
    pub values: Object,
    /// The JSON Schema of the values.
    pub schema: Option<Content>,
    /// The files below `templates/`.
    pub templates: Vec<File>,
    /// All files that are none of the above: what `.Files` shows, `crds/` included.
    pub files: Vec<File>,
    /// The charts below `charts/`.
    pub dependencies: Vec<Chart>,
}

impl Chart {
    /// The name under which the parent knows this chart: the alias, where there is one.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The name and version by which records know it: `name-version`.
    pub fn label(&self) -> String {
        format!("{}-{}", self.metadata.name, self.metadata.version)
    }

    /// Whether the chart only lends its templates to others.
    pub fn is_library(&self) -> bool {
        self.metadata.kind.eq_ignore_ascii_case("library")
    }

    /// Whether all files that anybody looked at, those of the charts inside it too, could be read.
    ///
    /// # Errors
    /// The first that could not.
    pub fn unread(&self) -> Result<(), Unread> {
        self.files.iter().try_for_each(File::unread)?;
        self.dependencies.iter().try_for_each(Self::unread)
    }

    /// Custom resource definitions below `crds/`, this chart's first, then those of the charts inside it;
    /// each with the path under which Helm names it.
    pub fn crds(&self) -> Vec<(String, &File)> {
        let mut found = Vec::new();
        self.collect_crds(self.name(), &mut found);
        found
    }

    fn collect_crds<'a>(&'a self, path: &str, found: &mut Vec<(String, &'a File)>) {
        let is_manifest = |name: &str| {
            name.rsplit('/').next().and_then(|last| last.rsplit_once('.')).is_some_and(|(_, extension)| {
                ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
            })
        };
        let crds = self.files.iter().filter(|file| file.name.starts_with("crds/") && is_manifest(&file.name));
        found.extend(crds.map(|file| (format!("{path}/{}", file.name), file)));
        for dependency in &self.dependencies {
            dependency.collect_crds(&format!("{path}/charts/{}", dependency.name()), found);
        }
    }
}
