//! Objects and hooks from rendered files, in the order of installation.

use std::collections::BTreeMap;

use super::order::rank;
use super::split::split;
use crate::chart::fields::{Fields, WrongType};
use crate::chart::yaml::{self, YamlError};

/// One object of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The template it came from, with its chart's path, such as `app/charts/db/templates/service.yaml`.
    pub template: String,
    /// The line of the template it comes from, from one: that of the action, if an action gives it. If only
    /// the rendered text is known, its line there.
    pub line: usize,
    /// Its text.
    pub content: String,
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its `kind`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// An object that is installed at a certain moment, rather than with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The object.
    pub object: Object,
    /// When it runs.
    pub events: Vec<HookEvent>,
    /// Hooks of one event run in the order of their weights.
    pub weight: i64,
    /// When it is deleted.
    pub delete_policies: Vec<DeletePolicy>,
    /// When its logs are shown.
    pub output_log_policies: Vec<OutputLogPolicy>,
}

/// The moments at which hooks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum HookEvent {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

/// When a hook's object is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletePolicy {
    /// After it succeeded.
    HookSucceeded,
    /// After it failed.
    HookFailed,
    /// Before a new one is made: what Helm does when nothing else is said.
    BeforeHookCreation,
    /// Something Helm keeps but does not know.
    Other(String),
}

/// When a hook's logs are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputLogPolicy {
    /// After it succeeded.
    HookSucceeded,
    /// After it failed.
    HookFailed,
    /// Something Helm keeps but does not know.
    Other(String),
}

/// A rendered file that is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A document in it is not YAML.
    #[error("YAML parse error on {template}, in the document that line {line} begins")]
    Yaml {
        /// The template.
        template: String,
        /// The line of the template that the document comes from.
        line: usize,
        /// What is wrong with it.
        source: YamlError,
    },
    /// A document in it is YAML, but no object.
    #[error("YAML parse error on {template}, in the document that line {line} begins")]
    Type {
        /// The template.
        template: String,
        /// The line of the template that the document comes from.
        line: usize,
        /// What is wrong with it.
        source: WrongType,
    },
}

/// What the rendered files hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// The objects, in the order of installation.
    pub objects: Vec<Object>,
    /// The hooks, sorted by kind as objects are; weights order them when they run.
    pub hooks: Vec<Hook>,
}

impl Sorted {
    /// The hooks of `event`, in the order in which they run: by weight, then by name.
    pub fn hooks_for(&self, event: HookEvent) -> Vec<&Hook> {
        let mut hooks: Vec<&Hook> = self.hooks.iter().filter(|hook| hook.events.contains(&event)).collect();
        hooks.sort_by(|a, b| (a.weight, &a.object.name).cmp(&(b.weight, &b.object.name)));
        hooks
    }
}

const HOOK: &str = "helm.sh/hook";
const HOOK_WEIGHT: &str = "helm.sh/hook-weight";
const HOOK_DELETE: &str = "helm.sh/hook-delete-policy";
const HOOK_OUTPUT: &str = "helm.sh/hook-output-log-policy";

/// Takes rendered files apart. Objects of one kind stay in the order of their templates' names.
pub fn sort(files: &BTreeMap<String, String>) -> Result<Sorted, ManifestError> {
    let line = |file: &str, at: usize| files[file][..at].matches('\n').count() + 1;
    sort_with_lines(files, &line)
}

/// As [`sort`], with a way from a file and a byte of its text to the line of the template it comes from.
pub(in crate::chart) fn sort_with_lines(
    files: &BTreeMap<String, String>,
    line: &dyn Fn(&str, usize) -> usize,
) -> Result<Sorted, ManifestError> {
    let mut sorted = Sorted::default();
    for (template, text) in files {
        let partial = template.rsplit('/').next().is_some_and(|name| name.starts_with('_'));
        if partial {
            continue;
        }
        for document in split(text) {
            let line = line(template, document.start);
            let value = yaml::read_typed(document.text.as_bytes()).map_err(|source| ManifestError::Yaml {
                template: template.clone(),
                line,
                source,
            })?;
            let (mut object, annotations) = head(&value).map_err(|source| ManifestError::Type {
                template: template.clone(),
                line,
                source,
            })?;
            object.template.clone_from(template);
            object.line = line;
            object.content = document.text.to_owned();
            match annotations.get(HOOK) {
                None => sorted.objects.push(object),
                Some(events) => sorted.hooks.extend(hook(object, events, &annotations)),
            }
        }
    }
    sorted.objects.sort_by(|a, b| rank(&a.kind).cmp(&rank(&b.kind)));
    sorted.hooks.sort_by(|a, b| rank(&a.object.kind).cmp(&rank(&b.object.kind)));
    Ok(sorted)
}

fn head(value: &crate::chart::Value) -> Result<(Object, BTreeMap<String, String>), WrongType> {
    let mut object = Object {
        template: String::new(),
        line: 0,
        content: String::new(),
        api_version: String::new(),
        kind: String::new(),
        name: String::new(),
    };
    let fields = Fields::of("", value)?;
    fields.text("apiVersion", &mut object.api_version)?;
    fields.text("kind", &mut object.kind)?;
    let Some(metadata) = fields.inner("metadata", "metadata.")? else { return Ok((object, BTreeMap::new())) };
    metadata.text("name", &mut object.name)?;
    let annotations = metadata.text_map("annotations")?.unwrap_or_default();
    Ok((object, annotations))
}

/// The hook an object is; none if Helm does not know one of its events, and then leaves it out.
fn hook(object: Object, events: &str, annotations: &BTreeMap<String, String>) -> Option<Hook> {
    let events = listed(events).map(|name| HookEvent::of(&name)).collect::<Option<Vec<_>>>()?;
    let policies =
        |annotation: &str| annotations.get(annotation).map(|text| listed(text).collect::<Vec<_>>());
    let weight = annotations.get(HOOK_WEIGHT).and_then(|text| text.parse().ok()).unwrap_or(0);
    Some(Hook {
        object,
        events,
        weight,
        delete_policies: policies(HOOK_DELETE)
            .unwrap_or_default()
            .into_iter()
            .map(DeletePolicy::of)
            .collect(),
        output_log_policies: policies(HOOK_OUTPUT)
            .unwrap_or_default()
            .into_iter()
            .map(OutputLogPolicy::of)
            .collect(),
    })
}

fn listed(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(|part| part.trim().to_lowercase())
}

impl HookEvent {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "pre-install" => Self::PreInstall,
            "post-install" => Self::PostInstall,
            "pre-delete" => Self::PreDelete,
            "post-delete" => Self::PostDelete,
            "pre-upgrade" => Self::PreUpgrade,
            "post-upgrade" => Self::PostUpgrade,
            "pre-rollback" => Self::PreRollback,
            "post-rollback" => Self::PostRollback,
            "test" | "test-success" => Self::Test,
            _ => return None,
        })
    }
}

impl DeletePolicy {
    fn of(name: String) -> Self {
        match name.as_str() {
            "hook-succeeded" => Self::HookSucceeded,
            "hook-failed" => Self::HookFailed,
            "before-hook-creation" => Self::BeforeHookCreation,
            _ => Self::Other(name),
        }
    }
}

impl OutputLogPolicy {
    fn of(name: String) -> Self {
        match name.as_str() {
            "hook-succeeded" => Self::HookSucceeded,
            "hook-failed" => Self::HookFailed,
            _ => Self::Other(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_ordered_and_hooks_told_apart() {
        let files = BTreeMap::from([
            (
                "c/templates/a.yaml".to_owned(),
                "kind: Zebra\nmetadata: {name: z}\n---\nkind: Deployment\nmetadata: {name: 1}\n---\nkind: Antelope\n"
                    .to_owned(),
            ),
            (
                "c/templates/b.yaml".to_owned(),
                "\n\nkind: Service\n---\nkind: Job\nmetadata:\n  name: h\n  annotations:\n    helm.sh/hook: Post-Install, test-success\n    helm.sh/hook-weight: \"-5\"\n    helm.sh/hook-delete-policy: hook-succeeded,x\n---\nkind: Job\nmetadata: {annotations: {helm.sh/hook: never}}\n"
                    .to_owned(),
            ),
            ("c/templates/_h.tpl".to_owned(), "not: [yaml".to_owned()),
        ]);
        let sorted = sort(&files).unwrap();
        let kinds: Vec<&str> = sorted.objects.iter().map(|object| object.kind.as_str()).collect();
        assert_eq!(kinds, ["Service", "Deployment", "Antelope", "Zebra"]);
        assert_eq!((sorted.objects[0].line, sorted.objects[1].line), (3, 4));
        assert_eq!(sorted.objects[1].name, "1");
        let hook = &sorted.hooks_for(HookEvent::Test)[0];
        assert_eq!((hook.weight, sorted.hooks.len()), (-5, 1));
        assert_eq!(hook.events, [HookEvent::PostInstall, HookEvent::Test]);
        assert_eq!(hook.delete_policies, [DeletePolicy::HookSucceeded, DeletePolicy::Other("x".into())]);
    }

    #[test]
    fn what_is_no_manifest_is_named_with_its_line() {
        let error =
            sort(&BTreeMap::from([("c/t.yaml".to_owned(), "a: 1\n---\nb: [\n".to_owned())])).unwrap_err();
        assert!(error.to_string().contains("c/t.yaml, in the document that line 3 begins"), "{error}");
        let error = sort(&BTreeMap::from([("c/t.yaml".to_owned(), "- 1".to_owned())])).unwrap_err();
        assert!(matches!(error, ManifestError::Type { .. }));
    }
}
