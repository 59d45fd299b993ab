//! Coalescing: what a chart and the charts inside it see, from their defaults and what was given.

use std::rc::Rc;

use super::error::{ValuesError, Warning};
use super::part::Part;
use super::shared::{Node, Table, deep_copy, entries, get, insert, new_table, remove, shallow_copy};

/// The name of the table that reaches every chart.
const GLOBAL: &str = "global";

/// What becomes of nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    /// A null removes the default it stands over, and nulls in defaults are dropped.
    Remove,
    /// Nulls stay, because values will be coalesced again later.
    Keep,
}

/// The values `chart` sees, and in them those of the charts inside it: `given`, a copy of its own, over the defaults.
/// Tables of it may be shared.
pub(super) fn coalesce(
    chart: &Part,
    given: Table,
    nulls: Nulls,
    warnings: &mut Vec<Warning>,
) -> Result<Table, ValuesError> {
    let mut coalescing = Coalescing { warnings };
    coalescing.chart(chart, &given, nulls)?;
    Ok(given)
}

struct Coalescing<'a> {
    warnings: &'a mut Vec<Warning>,
}

impl Coalescing<'_> {
    fn warn(&mut self, message: String) {
        self.warnings.push(Warning(message));
    }

    fn chart(&mut self, chart: &Part, target: &Table, nulls: Nulls) -> Result<(), ValuesError> {
        self.defaults(chart, target, nulls)?;
        for dependency in &chart.inside {
            let values = match get(target, dependency.name()) {
                None => {
                    let values = new_table();
                    insert(target, dependency.name(), Node::Table(values.clone()));
                    values
                }
                Some(Node::Table(values)) => values,
                Some(other) => {
                    let chart = dependency.name().to_owned();
                    return Err(ValuesError::NotATable { chart, found: other.kind() });
                }
            };
            self.globals(&values, target);
            self.chart(dependency, &values, nulls)?;
        }
        Ok(())
    }

    /// Puts a chart's own defaults below what `target` holds.
    fn defaults(&mut self, chart: &Part, target: &Table, nulls: Nulls) -> Result<(), ValuesError> {
        for (key, default) in entries(&deep_copy(&chart.defaults)?) {
            match get(target, &key) {
                Some(value) if value.is_null() && nulls == Nulls::Remove => remove(target, &key),
                Some(Node::Table(value)) => {
                    let Node::Table(default) = default else {
                        if !default.is_null() {
                            self.warn(format!("skipped value for {}.{key}: Not a table.", chart.name()));
                        }
                        continue;
                    };
                    // Nulls for a chart inside this one are kept: they act when its turn comes.
                    let is_chart = chart.inside.iter().any(|dependency| dependency.name() == &*key);
                    let nulls = if is_chart { Nulls::Keep } else { nulls };
                    if nulls == Nulls::Remove {
                        drop_nulls(&default);
                    }
                    self.tables(&value, &default, nulls);
                }
                Some(_) => {}
                None => {
                    if nulls == Nulls::Remove {
                        match &default {
                            Node::Table(table) => drop_nulls(table),
                            leaf if leaf.is_null() => continue,
                            Node::Leaf(_) => {}
                        }
                    }
                    insert(target, key, default);
                }
            }
        }
        Ok(())
    }

    /// Puts the globals of `source` over those of `target`, the values of a chart inside it.
    fn globals(&mut self, target: &Table, source: &Table) {
        let side = |values: &Table| match get(values, GLOBAL) {
            None => Some(new_table()),
            Some(node) => node.table().cloned(),
        };
        let Some(target_globals) = side(target) else {
            return self.warn("skipping globals because destination global is not a table.".to_owned());
        };
        let Some(source_globals) = side(source) else {
            return self.warn("skipping globals because source global is not a table.".to_owned());
        };
        for (key, value) in entries(&source_globals) {
            let existing = get(&target_globals, &key);
            match (value, existing) {
                (Node::Table(table), None) => {
                    insert(&target_globals, key, Node::Table(shallow_copy(&table)));
                }
                (Node::Table(table), Some(Node::Table(existing))) => {
                    let copy = shallow_copy(&table);
                    self.tables(&copy, &existing, Nulls::Keep);
                    insert(&target_globals, key, Node::Table(copy));
                }
                (Node::Table(_), Some(Node::Leaf(_))) => {
                    self.warn(format!("Conflict: cannot merge map onto non-map for {key:?}. Skipping."));
                }
                (Node::Leaf(_), Some(Node::Table(_))) => self.warn(format!("key {key} is table. Skipping")),
                (leaf, _) => insert(&target_globals, key, leaf),
            }
        }
        insert(target, GLOBAL, Node::Table(target_globals));
    }

    /// Puts `source` below `target`, table by table.
    fn tables(&mut self, target: &Table, source: &Table, nulls: Nulls) {
        tables(target, source, nulls, self.warnings);
    }
}

/// Puts `source` below `target`, table by table; `target` wins, and shares the tables it takes over.
pub(super) fn tables(target: &Table, source: &Table, nulls: Nulls, warnings: &mut Vec<Warning>) {
    let was_set: std::collections::BTreeSet<Rc<str>> =
        entries(source).into_iter().filter(|(_, node)| !node.is_null()).map(|(key, _)| key).collect();
    for (key, node) in entries(target) {
        if node.is_null() {
            insert(source, key, Node::null());
        }
    }
    for (key, value) in entries(source) {
        match (get(target, &key), value) {
            // A null over a default removes it; a null over nothing stays.
            (Some(held), _) if nulls == Nulls::Remove && held.is_null() && was_set.contains(&key) => {
                remove(target, &key);
            }
            (None, value) => insert(target, key, value),
            (Some(Node::Table(held)), Node::Table(value)) if Rc::ptr_eq(&held, &value) => {}
            (Some(Node::Table(held)), Node::Table(value)) => tables(&held, &value, nulls, warnings),
            (Some(Node::Leaf(_)), Node::Table(_)) => {
                warnings.push(Warning(format!("cannot overwrite table with non table for {key}")));
            }
            (Some(Node::Table(_)), value) if !value.is_null() => {
                let message = format!("destination for {key} is a table. Ignoring non-table value");
                warnings.push(Warning(message));
            }
            _ => {}
        }
    }
}

fn drop_nulls(table: &Table) {
    for (key, node) in entries(table) {
        match node {
            Node::Table(inner) => drop_nulls(&inner),
            leaf if leaf.is_null() => remove(table, &key),
            Node::Leaf(_) => {}
        }
    }
}
