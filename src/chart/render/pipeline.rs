//! The steps from a chart to its objects.

use std::collections::BTreeMap;

use super::error::RenderError;
use super::roots::{Common, Roots, set};
use crate::chart::capabilities;
use crate::chart::host::Host;
use crate::chart::manifest::{self, Sorted};
use crate::chart::model::{Chart, File};
use crate::chart::schema;
use crate::chart::template::{self, Capabilities, Engine, Lines, Object};
use crate::chart::value::Object as Members;
use crate::chart::values::{Warning, compose, is_compatible};

/// The release a chart is rendered for: what `.Release` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// How often it was installed or upgraded, this time included.
    pub revision: i64,
    /// Whether this is an upgrade rather than an installation.
    pub is_upgrade: bool,
}

/// How to render.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    /// The release.
    pub release: Release,
    /// What the cluster can do.
    pub capabilities: Capabilities,
    /// Leaves the schemas of values unchecked.
    pub skip_schema: bool,
    /// Gives the custom resource definitions below `crds/` too.
    pub crds: bool,
    /// Adds the notes of the charts inside the chart to its own.
    pub subchart_notes: bool,
    /// How templates are run.
    pub templates: template::Options,
}

impl RenderOptions {
    /// A first installation on a cluster as Helm takes it for granted.
    pub fn install(name: &str, namespace: &str) -> Self {
        let release = Release {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            revision: 1,
            is_upgrade: false,
        };
        Self {
            release,
            capabilities: capabilities::defaults(),
            skip_schema: false,
            crds: true,
            subchart_notes: false,
            templates: template::Options::default(),
        }
    }
}

/// A rendered chart.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// Objects and hooks.
    pub manifest: Sorted,
    /// What `NOTES.txt` gives.
    pub notes: String,
    /// Custom resource definitions below `crds/`, if they were asked for, with the paths Helm names them by;
    /// installed first, and never templates.
    pub crds: Vec<(String, File)>,
    /// What Helm would only have logged.
    pub warnings: Vec<Warning>,
}

/// The dependencies that `Chart.yaml` names and `charts/` lacks.
pub fn missing_dependencies(chart: &Chart) -> Vec<&str> {
    let wanted = chart.metadata.dependencies.iter().flatten().map(|wanted| wanted.name.as_str());
    wanted.filter(|name| !chart.dependencies.iter().any(|present| present.name() == *name)).collect()
}

/// Renders `chart` with the values `given` over its own.
pub fn render(
    chart: Chart,
    given: &Members,
    options: &RenderOptions,
    host: &dyn Host,
) -> Result<Rendered, RenderError> {
    let mut warnings = Vec::new();
    let (chart, (mut files, lines)) = texts(chart, given, options, host, &mut warnings)?;
    let notes = take_notes(&mut files, chart.name(), options.subchart_notes);
    let line = |file: &str, at: usize| lines.get(file).map_or(1, |lines| lines.line(at));
    let manifest = manifest::sort_with_lines(&files, &line)?;
    let mut crds = Vec::new();
    if options.crds {
        for (path, file) in chart.crds() {
            file.read()?;
            crds.push((path, file.clone()));
        }
    }
    Ok(Rendered { manifest, notes, crds, warnings })
}

/// The text each template of `chart` gives, by the template's name: [`render`] before it looks for objects.
///
/// # Errors
/// As [`render`], but for texts that are no manifests.
pub fn render_texts(
    chart: Chart,
    given: &Members,
    options: &RenderOptions,
    host: &dyn Host,
) -> Result<BTreeMap<String, String>, RenderError> {
    let (_, (texts, _)) = texts(chart, given, options, host, &mut Vec::new())?;
    Ok(texts)
}

/// Texts by template, and the lines of the templates they come from.
type Texts = (BTreeMap<String, String>, BTreeMap<String, Lines>);

fn texts(
    chart: Chart,
    given: &Members,
    options: &RenderOptions,
    host: &dyn Host,
    warnings: &mut Vec<Warning>,
) -> Result<(Chart, Texts), RenderError> {
    if chart.is_library() {
        return Err(RenderError::NotInstallable(chart.metadata.kind.clone()));
    }
    let (mut chart, values) = compose(chart, given, warnings)?;
    let root = values.to_template()?;
    if !options.skip_schema && schema::is_given(&chart) {
        schema::validate(&chart, &values.to_object()?)?;
    }
    drop(values);
    let kube = &options.capabilities.kube_version;
    let wanted = &chart.metadata.kube_version;
    if !wanted.is_empty() && !is_compatible(wanted, &kube.normalized) {
        return Err(RenderError::KubeVersion { wanted: wanted.clone(), found: kube.version.clone() });
    }
    let texts = run_templates(&mut chart, root, options, host);
    // What a template made of a file that could not be read is nothing to go on with.
    chart.unread()?;
    Ok((chart, texts?))
}

fn run_templates(
    chart: &mut Chart,
    values: Object,
    options: &RenderOptions,
    host: &dyn Host,
) -> Result<Texts, RenderError> {
    let release = &options.release;
    let common = Common {
        release: Object::map_of([
            ("Name", Object::from(release.name.as_str())),
            ("Namespace", Object::from(release.namespace.as_str())),
            ("IsUpgrade", Object::from(release.is_upgrade)),
            ("IsInstall", Object::from(!release.is_upgrade)),
            ("Revision", Object::integer(release.revision)),
            ("Service", Object::from("Helm")),
        ]),
        capabilities: Object::capabilities(options.capabilities.clone()),
    };
    let mut roots = Roots::default();
    let name = chart.name().to_owned();
    roots.collect(chart, values, &common, &name);
    let engine = Engine::new(roots.sources, options.templates.clone(), host)?;
    let (mut rendered, mut lines) = (BTreeMap::new(), BTreeMap::new());
    let names: Vec<String> = engine.files().map(str::to_owned).collect();
    for name in names {
        let Some((root, base)) = roots.roots.get(&name) else { continue };
        let place = [("Name", Object::from(name.as_str())), ("BasePath", Object::from(base.as_str()))];
        set(root, "Template", Object::values_of(place));
        let (text, from) = engine.render_with_lines(&name, root)?;
        lines.insert(name.clone(), from);
        rendered.insert(name, text);
    }
    Ok((rendered, lines))
}

/// Takes the notes out of the rendered files; those of the charts inside the chart only if asked for.
fn take_notes(files: &mut BTreeMap<String, String>, chart: &str, subcharts: bool) -> String {
    let own = format!("{chart}/templates/NOTES.txt");
    let mut notes = String::new();
    files.retain(|name, text| {
        if !name.ends_with("NOTES.txt") {
            return true;
        }
        if subcharts || *name == own {
            if !notes.is_empty() {
                notes.push('\n');
            }
            notes.push_str(text);
        }
        false
    });
    notes
}
