//! `Chart.yaml`, `requirements.yaml` and the lock files.

use std::collections::BTreeMap;

use super::error::LoadError;
use crate::chart::fields::{Fields, WrongType, sanitize};
use crate::chart::semver::Version;
use crate::chart::value::{Object, Value};

/// What a chart says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// The chart's name; an alias once dependencies are processed.
    pub name: String,
    /// A project page.
    pub home: String,
    /// Where the sources are.
    pub sources: Vec<String>,
    /// The chart's own version.
    pub version: String,
    /// One sentence.
    pub description: String,
    /// Search terms.
    pub keywords: Vec<String>,
    /// Who keeps the chart.
    pub maintainers: Vec<Maintainer>,
    /// A picture.
    pub icon: String,
    /// `v1` or `v2`: the format of the chart.
    pub api_version: String,
    /// A values path that switches the chart; only kept for Helm 2.
    pub condition: String,
    /// Tags; only kept for Helm 2.
    pub tags: String,
    /// The version of what the chart installs.
    pub app_version: String,
    /// Whether the chart should no longer be used.
    pub deprecated: bool,
    /// Anything else; `None` when the field is missing.
    pub annotations: Option<BTreeMap<String, String>>,
    /// The range of Kubernetes versions the chart works with.
    pub kube_version: String,
    /// The charts this one needs; `None` when the field is missing.
    pub dependencies: Option<Vec<Dependency>>,
    /// `application`, `library` or empty: the field `type`.
    pub kind: String,
}

/// Who keeps a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// A name.
    pub name: String,
    /// An address.
    pub email: String,
    /// A page.
    pub url: String,
}

/// A chart that another one needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dependency {
    /// Its name; replaced by the alias once dependencies are processed, as Helm does.
    pub name: String,
    /// The range of versions, or in a lock file the version.
    pub version: String,
    /// The repository's address: `https://`, `oci://`, `file://`, `@name`, or empty for `charts/`.
    pub repository: String,
    /// Values paths, separated by commas; the first that holds a bool decides whether the chart is used.
    pub condition: String,
    /// Tags that switch charts together.
    pub tags: Vec<String>,
    /// Whether the chart is used.
    pub enabled: bool,
    /// Values of the chart that its parent takes over.
    pub import_values: Vec<Import>,
    /// Another name, under which the chart can be used several times.
    pub alias: String,
}

/// One entry of `import-values`.
#[derive(Debug, Clone, PartialEq)]
pub enum Import {
    /// `exports.NAME` of the chart goes to the top of the parent's values.
    Export(String),
    /// A table of the chart goes to a place in the parent's values.
    Table {
        /// The path in the chart's values.
        child: String,
        /// The path in the parent's values.
        parent: String,
    },
    /// Something Helm skips.
    Other,
}

/// A lock file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lock {
    /// When it was written, as it stands in the file.
    pub generated: String,
    /// The digest of the dependencies it was made for.
    pub digest: String,
    /// The exact versions.
    pub dependencies: Vec<Dependency>,
}

impl Metadata {
    /// Takes over what `document` (the parsed `file`) says.
    pub(super) fn apply(&mut self, document: &Value) -> Result<(), WrongType> {
        let fields = Fields::of("", document)?;
        fields.text("name", &mut self.name)?;
        fields.text("home", &mut self.home)?;
        fields.texts("sources", &mut self.sources)?;
        fields.text("version", &mut self.version)?;
        fields.text("description", &mut self.description)?;
        fields.texts("keywords", &mut self.keywords)?;
        if let Some(items) = fields.list("maintainers")? {
            self.maintainers = items.iter().map(Maintainer::parse).collect::<Result<_, _>>()?;
        }
        fields.text("icon", &mut self.icon)?;
        fields.text("apiVersion", &mut self.api_version)?;
        fields.text("condition", &mut self.condition)?;
        fields.text("tags", &mut self.tags)?;
        fields.text("appVersion", &mut self.app_version)?;
        fields.truth("deprecated", &mut self.deprecated)?;
        if let Some(annotations) = fields.text_map("annotations")? {
            self.annotations = Some(annotations);
        }
        fields.text("kubeVersion", &mut self.kube_version)?;
        if let Some(items) = fields.list("dependencies")? {
            let parsed = items.iter().map(Dependency::parse).collect::<Result<_, _>>()?;
            self.dependencies = Some(parsed);
        }
        fields.text("type", &mut self.kind)
    }

    /// Cleans the texts and checks what Helm checks.
    pub(super) fn validate(&mut self) -> Result<(), LoadError> {
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            sanitize(text);
        }
        self.sources.iter_mut().chain(&mut self.keywords).for_each(sanitize);
        let invalid = |message: String| Err(LoadError::Invalid(message));
        if self.api_version.is_empty() {
            return invalid("chart.metadata.apiVersion is required".to_owned());
        }
        if self.name.is_empty() {
            return invalid("chart.metadata.name is required".to_owned());
        }
        if self.name == "." || self.name == ".." {
            return invalid(format!("chart.metadata.name {:?} is not allowed", self.name));
        }
        if self.name.contains('/') {
            return invalid(format!("chart.metadata.name {:?} is invalid", self.name));
        }
        if self.version.is_empty() {
            return invalid("chart.metadata.version is required".to_owned());
        }
        if self.version.parse::<Version>().is_err() {
            return invalid(format!("chart.metadata.version {:?} is invalid", self.version));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return invalid("chart.metadata.type must be application or library".to_owned());
        }
        for maintainer in &mut self.maintainers {
            [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url].into_iter().for_each(sanitize);
        }
        self.validate_dependencies()
    }

    fn validate_dependencies(&mut self) -> Result<(), LoadError> {
        let mut seen = std::collections::BTreeSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            for text in [
                &mut dependency.name,
                &mut dependency.version,
                &mut dependency.repository,
                &mut dependency.condition,
            ] {
                sanitize(text);
            }
            dependency.tags.iter_mut().for_each(sanitize);
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            if !dependency.alias.bytes().all(allowed) {
                let message =
                    format!("dependency {:?} has disallowed characters in the alias", dependency.name);
                return Err(LoadError::Invalid(message));
            }
            let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if !seen.insert(key.clone()) {
                let message = format!("more than one dependency with name or alias {key:?}");
                return Err(LoadError::Invalid(message));
            }
        }
        Ok(())
    }
}

impl Maintainer {
    fn parse(document: &Value) -> Result<Self, WrongType> {
        let fields = Fields::of_entry("maintainers.", document)?;
        let mut maintainer = Self::default();
        fields.text("name", &mut maintainer.name)?;
        fields.text("email", &mut maintainer.email)?;
        fields.text("url", &mut maintainer.url)?;
        Ok(maintainer)
    }
}

impl Dependency {
    fn parse(document: &Value) -> Result<Self, WrongType> {
        let fields = Fields::of_entry("dependencies.", document)?;
        let mut dependency = Self::default();
        fields.text("name", &mut dependency.name)?;
        fields.text("version", &mut dependency.version)?;
        fields.text("repository", &mut dependency.repository)?;
        fields.text("condition", &mut dependency.condition)?;
        fields.texts("tags", &mut dependency.tags)?;
        fields.truth("enabled", &mut dependency.enabled)?;
        fields.text("alias", &mut dependency.alias)?;
        if let Some(items) = fields.list("import-values")? {
            dependency.import_values = items.iter().map(Import::parse).collect();
        }
        Ok(dependency)
    }

    /// The dependency as it stands in a file, fields in their usual order, empty ones left out.
    pub fn to_object(&self) -> Object {
        let mut object = Object::new();
        let mut text = |name: &str, value: &str| {
            if !value.is_empty() {
                object.insert(name.to_owned(), Value::from(value));
            }
        };
        text("version", &self.version);
        text("condition", &self.condition);
        text("alias", &self.alias);
        object.insert("name".to_owned(), Value::from(self.name.as_str()));
        object.insert("repository".to_owned(), Value::from(self.repository.as_str()));
        if !self.tags.is_empty() {
            let tags = self.tags.iter().map(|tag| Value::from(tag.as_str())).collect();
            object.insert("tags".to_owned(), Value::List(tags));
        }
        if self.enabled {
            object.insert("enabled".to_owned(), Value::Bool(true));
        }
        if !self.import_values.is_empty() {
            let imports = self.import_values.iter().map(Import::to_value).collect();
            object.insert("import-values".to_owned(), Value::List(imports));
        }
        object
    }
}

impl Import {
    fn parse(document: &Value) -> Self {
        match document {
            Value::String(name) => Self::Export(name.clone()),
            Value::Map(members) => {
                // Helm prints whatever stands there, and `<nil>` for what is missing.
                let side = |name: &str| match members.get(name) {
                    Some(Value::String(path)) => path.clone(),
                    None | Some(Value::Null) => "<nil>".to_owned(),
                    Some(other) => crate::chart::json::write(other).unwrap_or_default(),
                };
                Self::Table { child: side("child"), parent: side("parent") }
            }
            _ => Self::Other,
        }
    }

    /// The entry as it stands in a file.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Export(name) => Value::from(name.as_str()),
            Self::Table { child, parent } => Value::Map(
                [("child", child), ("parent", parent)]
                    .map(|(name, path)| (name.to_owned(), Value::from(path.as_str())))
                    .into(),
            ),
            Self::Other => Value::Null,
        }
    }
}

impl Lock {
    pub(super) fn parse(document: &Value) -> Result<Self, WrongType> {
        let fields = Fields::of("", document)?;
        let mut lock = Self::default();
        fields.text("generated", &mut lock.generated)?;
        fields.text("digest", &mut lock.digest)?;
        if let Some(items) = fields.list("dependencies")? {
            lock.dependencies = items.iter().map(Dependency::parse).collect::<Result<_, _>>()?;
        }
        Ok(lock)
    }
}
