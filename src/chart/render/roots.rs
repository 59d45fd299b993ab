//! What templates see as their dot: one root a chart, with its values, its files and its charts.

use std::collections::BTreeMap;

use crate::chart::load::{Dependency, Maintainer, Metadata};
use crate::chart::model::Chart;
use crate::chart::template::{Map, Object, Shape};

/// The templates of a chart and the charts inside it, and the root each is rendered with.
#[derive(Default)]
pub(super) struct Roots {
    /// Sources by full name.
    pub sources: BTreeMap<String, String>,
    /// For each name the root, and the folder its chart's templates are in.
    pub roots: BTreeMap<String, (Object, String)>,
}

/// What is the same for all charts of a release.
pub(super) struct Common {
    pub release: Object,
    pub capabilities: Object,
}

impl Roots {
    /// Collects `chart` (whose templates are taken from it), which sees `values`; `path` is its place among the charts around it.
    ///
    /// Gives the chart's root, which its parent shows in `.Subcharts`.
    pub(super) fn collect(
        &mut self,
        chart: &mut Chart,
        values: Object,
        common: &Common,
        path: &str,
    ) -> Object {
        let subcharts = Object::map_of(std::iter::empty::<(String, Object)>());
        let is_root = !path.contains('/');
        let files = chart.files.iter().map(|file| (file.name.as_str(), file.data.clone()));
        let root = Object::values_of([
            ("Chart", metadata(&chart.metadata, is_root)),
            ("Files", Object::files(files)),
            ("Release", common.release.clone()),
            ("Capabilities", common.capabilities.clone()),
            ("Values", values.clone()),
            ("Subcharts", subcharts.clone()),
        ]);
        for dependency in &mut chart.dependencies {
            let inner = values.as_map().and_then(|values| values.get(dependency.name()));
            let inner = match inner {
                Some(Object::Map(values)) => Object::Map(values.reshaped(Shape::Values)),
                _ => Object::values_of(std::iter::empty::<(String, Object)>()),
            };
            let path = format!("{path}/charts/{}", dependency.name());
            let child = self.collect(dependency, inner, common, &path);
            set(&subcharts, dependency.name(), reshaped(child, Shape::Any));
        }
        let is_library = chart.is_library();
        // The texts move over: they need not be there twice.
        for template in std::mem::take(&mut chart.templates) {
            let partial = template.name.rsplit('/').next().is_some_and(|name| name.starts_with('_'));
            if is_library && !partial {
                continue;
            }
            let name = format!("{path}/{}", template.name);
            self.sources.insert(name.clone(), text_of(template.data.into_bytes()));
            self.roots.insert(name, (root.clone(), format!("{path}/templates")));
        }
        root
    }
}

fn text_of(data: Vec<u8>) -> String {
    String::from_utf8(data).unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
}

fn as_map(object: &Object) -> Option<&Map> {
    object.as_map()
}

pub(super) fn set(map: &Object, key: &str, value: Object) {
    if let Some(map) = as_map(map) {
        map.set(key, value);
    }
}

fn reshaped(object: Object, shape: Shape) -> Object {
    match object {
        Object::Map(map) => Object::Map(map.reshaped(shape)),
        other => other,
    }
}

fn texts(items: &[String]) -> Object {
    Object::list_of(items.iter().map(|item| Object::from(item.as_str())))
}

/// `.Chart`: a map with the names of Go's fields, empty ones included.
fn metadata(metadata: &Metadata, is_root: bool) -> Object {
    let annotations =
        metadata.annotations.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()));
    let annotations = Object::text_map(annotations);
    Object::map_of([
        ("Name", Object::from(metadata.name.as_str())),
        ("Home", Object::from(metadata.home.as_str())),
        ("Sources", texts(&metadata.sources)),
        ("Version", Object::from(metadata.version.as_str())),
        ("Description", Object::from(metadata.description.as_str())),
        ("Keywords", texts(&metadata.keywords)),
        ("Maintainers", Object::list_of(metadata.maintainers.iter().map(maintainer))),
        ("Icon", Object::from(metadata.icon.as_str())),
        ("APIVersion", Object::from(metadata.api_version.as_str())),
        ("Condition", Object::from(metadata.condition.as_str())),
        ("Tags", Object::from(metadata.tags.as_str())),
        ("AppVersion", Object::from(metadata.app_version.as_str())),
        ("Deprecated", Object::from(metadata.deprecated)),
        ("Annotations", annotations),
        ("KubeVersion", Object::from(metadata.kube_version.as_str())),
        ("Dependencies", Object::list_of(metadata.dependencies.iter().flatten().map(dependency))),
        ("Type", Object::from(metadata.kind.as_str())),
        ("IsRoot", Object::from(is_root)),
    ])
}

fn maintainer(maintainer: &Maintainer) -> Object {
    Object::map_of([
        ("Name", Object::from(maintainer.name.as_str())),
        ("Email", Object::from(maintainer.email.as_str())),
        ("URL", Object::from(maintainer.url.as_str())),
    ])
}

fn dependency(dependency: &Dependency) -> Object {
    let imports = dependency.import_values.iter().map(|import| Object::from(&import.to_value()));
    Object::map_of([
        ("Name", Object::from(dependency.name.as_str())),
        ("Version", Object::from(dependency.version.as_str())),
        ("Repository", Object::from(dependency.repository.as_str())),
        ("Condition", Object::from(dependency.condition.as_str())),
        ("Tags", texts(&dependency.tags)),
        ("Enabled", Object::from(dependency.enabled)),
        ("ImportValues", Object::list_of(imports)),
        ("Alias", Object::from(dependency.alias.as_str())),
    ])
}
