//! A chart while its values are put together, and what comes of it.

use super::error::ValuesError;
use super::shared::{Table, from_object, to_object, to_template};
use crate::chart::model::Chart;
use crate::chart::template;
use crate::chart::value::Object;

/// A chart apart from its default values and the charts inside it. Copies share the values, which are never changed
/// in their place.
#[derive(Clone)]
pub(super) struct Part {
    /// The chart; what is taken apart is missing in it.
    pub(super) chart: Chart,
    pub(super) defaults: Table,
    pub(super) inside: Vec<Part>,
}

impl Part {
    pub(super) fn of(mut chart: Chart) -> Self {
        let defaults = from_object(std::mem::take(&mut chart.values));
        let inside = std::mem::take(&mut chart.dependencies).into_iter().map(Self::of).collect();
        Self { chart, defaults, inside }
    }

    /// The chart again, without default values.
    pub(super) fn into_chart(self) -> Chart {
        let dependencies = self.inside.into_iter().map(Self::into_chart).collect();
        Chart { dependencies, ..self.chart }
    }

    pub(super) fn name(&self) -> &str {
        self.chart.name()
    }
}

/// What a chart sees, and in it what the charts inside it see.
pub struct Values(pub(super) Table);

impl Values {
    /// As a tree, for schemas.
    ///
    /// # Errors
    /// The values hold themselves.
    pub fn to_object(&self) -> Result<Object, ValuesError> {
        to_object(&self.0)
    }

    /// As `.Values`.
    ///
    /// # Errors
    /// The values hold themselves.
    pub fn to_template(&self) -> Result<template::Object, ValuesError> {
        to_template(&self.0)
    }
}
