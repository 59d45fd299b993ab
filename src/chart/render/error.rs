//! Why a chart cannot be rendered.

use crate::chart::manifest::ManifestError;
use crate::chart::model::Unread;
use crate::chart::schema::SchemaError;
use crate::chart::template;
use crate::chart::values::ValuesError;

/// Why a chart cannot be rendered with some values.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A chart that only lends its templates.
    #[error("{0} charts are not installable")]
    NotInstallable(String),
    /// The values do not go with the chart's dependencies.
    #[error("chart dependencies processing failed")]
    Values(#[from] ValuesError),
    /// The values are not what the chart's schema allows.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The chart is not for this Kubernetes.
    #[error("chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {found}")]
    KubeVersion {
        /// The range the chart names.
        wanted: String,
        /// The version it was to be rendered for.
        found: String,
    },
    /// A file of the chart, which a template looked at, cannot be read.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// A template is none, or failed.
    #[error(transparent)]
    Template(#[from] Box<template::Error>),
    /// What a template gives is no manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}
