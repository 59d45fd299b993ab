//! Which of the charts inside a chart take part, under which names, and what their parents import.

use super::coalesce::{Nulls, coalesce_shared, tables};
use super::error::{ValuesError, Warning};
use super::shared::{Node, Table, deep_copy, from_object, get, insert, new_table, table_at, to_object};
use crate::chart::load::{Dependency, Import};
use crate::chart::model::Chart;
use crate::chart::semver::{Constraint, Version};
use crate::chart::value::Object;

/// Leaves out the charts that `condition` or `tags` switch off, gives others their aliases, and imports
/// values, as Helm does before it renders.
pub fn process_dependencies(
    chart: &mut Chart,
    given: &Object,
    warnings: &mut Vec<Warning>,
) -> Result<(), ValuesError> {
    select(chart, &from_object(given), "", warnings)?;
    import_all(chart, warnings)
}

/// Whether `version` lies in `range`; no when either cannot be read.
pub(crate) fn is_compatible(range: &str, version: &str) -> bool {
    match (range.parse::<Constraint>(), version.parse::<Version>()) {
        (Ok(range), Ok(version)) => range.matches(&version),
        _ => false,
    }
}

fn select(
    chart: &mut Chart,
    given: &Table,
    path: &str,
    warnings: &mut Vec<Warning>,
) -> Result<(), ValuesError> {
    let Some(mut wanted) = chart.metadata.dependencies.take() else { return Ok(()) };
    let available = std::mem::take(&mut chart.dependencies);
    let is_wanted = |chart: &Chart| {
        wanted.iter().any(|wanted| {
            wanted.name == chart.name() && is_compatible(&wanted.version, &chart.metadata.version)
        })
    };
    // Charts nobody asked for are kept; the others come in the order in which they are asked for.
    let mut selected: Vec<Chart> = available.iter().filter(|chart| !is_wanted(chart)).cloned().collect();
    for dependency in &mut wanted {
        selected.extend(under_alias(&available, dependency));
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
        dependency.enabled = true;
    }
    chart.dependencies = selected;
    let values = coalesce_shared(chart, deep_copy(given)?, Nulls::Remove, warnings)?;
    apply_tags(&mut wanted, &values, warnings);
    apply_conditions(&mut wanted, &values, path, warnings);
    let is_off = |name: &str| wanted.iter().any(|dependency| !dependency.enabled && dependency.name == name);
    chart.dependencies.retain(|chart| !is_off(chart.name()));
    for dependency in &mut chart.dependencies {
        let path = format!("{path}{}.", dependency.name());
        select(dependency, &values, &path, warnings)?;
    }
    let off: Vec<String> = wanted
        .iter()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.clone())
        .collect();
    wanted.retain(|dependency| !off.contains(&dependency.name));
    chart.metadata.dependencies = if wanted.is_empty() { None } else { Some(wanted) };
    Ok(())
}

/// The chart that fits a dependency, under its alias.
fn under_alias(available: &[Chart], dependency: &Dependency) -> Option<Chart> {
    let mut found = available
        .iter()
        .find(|chart| {
            chart.name() == dependency.name && is_compatible(&dependency.version, &chart.metadata.version)
        })?
        .clone();
    if !dependency.alias.is_empty() {
        found.metadata.name.clone_from(&dependency.alias);
    }
    Some(found)
}

/// A chart is on if one of its tags is, or if none is set.
fn apply_tags(wanted: &mut [Dependency], values: &Table, warnings: &mut Vec<Warning>) {
    let Some(tags) = table_at(values, "tags") else { return };
    for dependency in wanted {
        let (mut on, mut off) = (false, false);
        for tag in &dependency.tags {
            let Some(node) = get(&tags, tag) else { continue };
            match truth(&node) {
                Some(true) => on = true,
                Some(false) => off = true,
                None => {
                    warnings.push(Warning(format!("tag {tag} of chart {} is not a bool", dependency.name)));
                }
            }
        }
        dependency.enabled = on || !off;
    }
}

/// The first of a chart's conditions that holds a bool decides, over its tags.
fn apply_conditions(wanted: &mut [Dependency], values: &Table, path: &str, warnings: &mut Vec<Warning>) {
    for dependency in wanted {
        let conditions = dependency.condition.trim().split(',').filter(|condition| !condition.is_empty());
        for condition in conditions {
            let full = format!("{path}{condition}");
            let (table, key) = match full.rsplit_once('.') {
                Some((table, key)) => (table_at(values, table), key),
                None => (Some(values.clone()), full.as_str()),
            };
            let Some(node) = table.and_then(|table| get(&table, key)) else { continue };
            match (truth(&node), node.table()) {
                (Some(enabled), _) => {
                    dependency.enabled = enabled;
                    break;
                }
                (None, Some(_)) => {}
                (None, None) => {
                    let message = format!("condition {condition} of chart {} is not a bool", dependency.name);
                    warnings.push(Warning(message));
                }
            }
        }
    }
}

fn truth(node: &Node) -> Option<bool> {
    match node {
        Node::Leaf(leaf) => leaf.as_bool(),
        Node::Table(_) => None,
    }
}

fn import_all(chart: &mut Chart, warnings: &mut Vec<Warning>) -> Result<(), ValuesError> {
    for dependency in &mut chart.dependencies {
        import_all(dependency, warnings)?;
    }
    import(chart, warnings)
}

/// Makes the values of the charts inside a chart part of its own defaults, and takes over what it imports.
fn import(chart: &mut Chart, warnings: &mut Vec<Warning>) -> Result<(), ValuesError> {
    let Some(mut wanted) = chart.metadata.dependencies.take() else { return Ok(()) };
    let values = coalesce_shared(chart, new_table(), Nulls::Keep, warnings)?;
    let imported = new_table();
    for dependency in &mut wanted {
        let mut done = Vec::new();
        for entry in std::mem::take(&mut dependency.import_values) {
            let (child, parent) = match entry {
                Import::Export(name) => (format!("exports.{name}"), ".".to_owned()),
                Import::Table { child, parent } => (child, parent),
                Import::Other => continue,
            };
            match table_at(&values, &format!("{}.{child}", dependency.name)) {
                Some(table) => tables(&imported, &at_path(&parent, table), Nulls::Keep, warnings),
                None => {
                    let message = format!("import-values: chart {} has no table {child}", dependency.name);
                    warnings.push(Warning(message));
                }
            }
            done.push(Import::Table { child, parent });
        }
        dependency.import_values = done;
    }
    chart.metadata.dependencies = Some(wanted);
    // What the parent says itself wins over what it imports.
    let own = deep_copy(&values)?;
    tables(&own, &imported, Nulls::Keep, warnings);
    chart.values = to_object(&own)?;
    Ok(())
}

/// `table` at the end of a path of new tables.
fn at_path(path: &str, table: Table) -> Table {
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |inner, name| {
        let outer = new_table();
        insert(&outer, name, Node::Table(inner));
        outer
    })
}
