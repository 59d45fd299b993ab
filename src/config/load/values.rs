//! `values_files`: YAML files laid below `values`, since TOML has no null.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value as Json;

use super::super::finding::Finding;
use super::super::place::{Path, Place};
use super::super::schema::Settings;
use super::super::tree::Node;
use super::Files;
use super::chain::Chain;
use crate::chart::load::read_values;

/// The files and the values of one chart.
type Pair<'s> = (&'s [String], &'s mut BTreeMap<String, Json>);

/// Reads the files that `settings` name and lays them below the values beside them, later files over earlier
/// ones. A null in a file stays: it takes a default of the chart away.
pub(super) fn fill(files: &dyn Files, settings: &mut Settings, tree: &Node, chain: &mut Chain) {
    for (path, (names, values)) in pairs(settings) {
        let mut below = Json::Object(serde_json::Map::new());
        for (at, name) in names.iter().enumerate() {
            let path = path.join("values_files").join(at);
            let place = tree.nearest(&path).place.clone();
            match read(files, name, chain) {
                Ok(above) => lay_over(&mut below, above),
                Err(fault) => chain.findings.push(fault.at(files, name, path, place)),
            }
        }
        lay_over(&mut below, Json::Object(std::mem::take(values).into_iter().collect()));
        if let Json::Object(all) = below {
            values.extend(all);
        }
    }
}

fn pairs(settings: &mut Settings) -> Vec<(Path, Pair<'_>)> {
    let components = &mut settings.components;
    let monitoring = &mut components.monitoring;
    let logging = &mut components.logging;
    let secrets = &mut components.external_secrets;
    let balancers = &mut components.load_balancer_controller;
    let autoscaler = &mut components.cluster_autoscaler;
    let component = |name: &str| Path::of("components").join(name);
    let mut pairs: Vec<(Path, Pair<'_>)> = vec![
        (component("monitoring"), (&monitoring.values_files, &mut monitoring.values)),
        (component("logging"), (&logging.values_files, &mut logging.values)),
        (component("external_secrets"), (&secrets.values_files, &mut secrets.values)),
        (component("load_balancer_controller"), (&balancers.values_files, &mut balancers.values)),
        (component("cluster_autoscaler"), (&autoscaler.values_files, &mut autoscaler.values)),
    ];
    pairs.extend(settings.services.iter_mut().map(|(name, service)| {
        let path = Path::of("services").join(name.as_str());
        (path, (service.values_files.as_slice(), &mut service.values))
    }));
    pairs
}

/// Why a file's values cannot be had.
enum Fault {
    Disk(io::Error),
    /// What is wrong in the file, and where.
    Text(String, Place),
}

fn read(files: &dyn Files, name: &str, chain: &mut Chain) -> Result<Json, Fault> {
    let bytes = files.read_beside(name).map_err(Fault::Disk)?;
    let values = read_values(&bytes).map_err(|error| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let line = error.line().unwrap_or(1);
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let start = start.min(text.len());
        let end = start + text[start..].lines().next().map_or(0, str::len);
        let file = chain.sources.add(files.path_beside(name), text);
        Fault::Text(error.to_string(), Place::new(file, start..end))
    })?;
    Ok(serde_json::to_value(crate::chart::Value::Map(values)).unwrap_or_default())
}

impl Fault {
    /// The finding; `place` is where the file was named.
    fn at(self, files: &dyn Files, name: &str, path: Path, place: Place) -> Finding {
        let file = files.path_beside(name);
        match self {
            Self::Disk(error) if error.kind() == io::ErrorKind::NotFound => {
                Finding::new("values-file", path, place, format!("there is no `{file}` with values"))
                    .label("not found")
                    .hint("the path starts at the folder of this file")
            }
            Self::Disk(error) => {
                Finding::new("values-file", path, place, format!("`{file}` cannot be read: {error}"))
                    .label("not readable")
            }
            Self::Text(problem, inside) => {
                Finding::new("values-file", path, inside, format!("the values are no YAML map: {problem}"))
                    .label("here")
                    .related(place, "values of this file are asked for")
                    .hint("a file of values is one YAML map, as `values.yaml` of a chart is")
            }
        }
    }
}

/// Lays `above` over `below`: tables key by key, all else whole.
fn lay_over(below: &mut Json, above: Json) {
    match (below, above) {
        (Json::Object(below), Json::Object(above)) => {
            for (key, value) in above {
                lay_over(below.entry(key).or_insert(Json::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}
