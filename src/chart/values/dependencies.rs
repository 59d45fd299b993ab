//! Which of the charts inside a chart take part, under which names, and what their parents import.

use super::coalesce::{Nulls, coalesce, tables};
use super::error::{ValuesError, Warning};
use super::part::{Part, Values};
use super::shared::{Node, Table, deep_copy, from_object, get, insert, new_table, table_at};
use crate::chart::load::{Dependency, Import};
use crate::chart::model::Chart;
use crate::chart::semver::{Constraint, Version};
use crate::chart::value::Object;

/// The values that `chart` sees, with `given` over its own, and the chart without those inside it that take no part.
///
/// Leaves out the charts that `condition` or `tags` switch off, gives others their aliases, and imports
/// values, as Helm does before it renders. The chart that comes back has no default values any more.
pub fn compose(
    chart: Chart,
    given: &Object,
    warnings: &mut Vec<Warning>,
) -> Result<(Chart, Values), ValuesError> {
    let mut chart = Part::of(chart);
    let given = from_object(given.clone());
    select(&mut chart, &given, "", warnings)?;
    import_all(&mut chart, warnings)?;
    let values = coalesce(&chart, given, Nulls::Remove, warnings)?;
    Ok((chart.into_chart(), Values(values)))
}

/// Whether `version` lies in `range`; no when either cannot be read.
pub(crate) fn is_compatible(range: &str, version: &str) -> bool {
    match (range.parse::<Constraint>(), version.parse::<Version>()) {
        (Ok(range), Ok(version)) => range.matches(&version),
        _ => false,
    }
}

fn select(
    part: &mut Part,
    given: &Table,
    path: &str,
    warnings: &mut Vec<Warning>,
) -> Result<(), ValuesError> {
    let Some(mut wanted) = part.chart.metadata.dependencies.take() else { return Ok(()) };
    let available = std::mem::take(&mut part.inside);
    // Charts nobody asked for are kept; the others come in the order in which they are asked for.
    let (available, mut selected): (Vec<Part>, Vec<Part>) =
        available.into_iter().partition(|chart| wanted.iter().any(|dependency| fits(chart, dependency)));
    let places: Vec<_> =
        wanted.iter().map(|wanted| available.iter().position(|chart| fits(chart, wanted))).collect();
    let mut available: Vec<Option<Part>> = available.into_iter().map(Some).collect();
    for (at, dependency) in wanted.iter_mut().enumerate() {
        if let Some(place) = places[at] {
            let is_needed_again = places[at + 1..].contains(&Some(place));
            let found = if is_needed_again { available[place].clone() } else { available[place].take() };
            selected.extend(found.map(|chart| under_alias(chart, dependency)));
        }
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
        dependency.enabled = true;
    }
    part.inside = selected;
    let values = coalesce(part, deep_copy(given)?, Nulls::Remove, warnings)?;
    apply_tags(&mut wanted, &values, warnings);
    apply_conditions(&mut wanted, &values, path, warnings);
    let is_off = |name: &str| wanted.iter().any(|dependency| !dependency.enabled && dependency.name == name);
    part.inside.retain(|chart| !is_off(chart.name()));
    for dependency in &mut part.inside {
        let path = format!("{path}{}.", dependency.name());
        select(dependency, &values, &path, warnings)?;
    }
    let off: Vec<String> = wanted
        .iter()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.clone())
        .collect();
    wanted.retain(|dependency| !off.contains(&dependency.name));
    part.chart.metadata.dependencies = if wanted.is_empty() { None } else { Some(wanted) };
    Ok(())
}

/// Whether `chart` is what a dependency asks for.
fn fits(part: &Part, dependency: &Dependency) -> bool {
    dependency.name == part.name() && is_compatible(&dependency.version, &part.chart.metadata.version)
}

/// The chart under the alias of a dependency, if that has one.
fn under_alias(mut part: Part, dependency: &Dependency) -> Part {
    if !dependency.alias.is_empty() {
        part.chart.metadata.name.clone_from(&dependency.alias);
    }
    part
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

fn import_all(part: &mut Part, warnings: &mut Vec<Warning>) -> Result<(), ValuesError> {
    for dependency in &mut part.inside {
        import_all(dependency, warnings)?;
    }
    import(part, warnings)
}

/// Makes the values of the charts inside a chart part of its own defaults, and takes over what it imports.
fn import(part: &mut Part, warnings: &mut Vec<Warning>) -> Result<(), ValuesError> {
    let Some(mut wanted) = part.chart.metadata.dependencies.take() else { return Ok(()) };
    let values = coalesce(part, new_table(), Nulls::Keep, warnings)?;
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
    part.chart.metadata.dependencies = Some(wanted);
    // What the parent says itself wins over what it imports.
    let own = deep_copy(&values)?;
    tables(&own, &imported, Nulls::Keep, warnings);
    part.defaults = deep_copy(&own)?;
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
