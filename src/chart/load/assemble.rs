//! From files to a chart.

use std::collections::BTreeMap;

use super::archive::{Limits, unpack};
use super::error::LoadError;
use super::metadata::{Lock, Metadata};
use crate::chart::content::Content;
use crate::chart::fields::WrongType;
use crate::chart::model::{Chart, File};
use crate::chart::value::{Object, Value};
use crate::chart::values::merge_over;
use crate::chart::yaml;

/// Loads a chart from the bytes of a `.tgz`.
pub fn from_archive(bytes: &[u8]) -> Result<Chart, LoadError> {
    let mut limits = Limits::default();
    let files = unpack(bytes, &mut limits)?;
    assemble(files, &mut limits, 0)
}

/// Loads a chart from its files, with paths relative to its folder and `.helmignore` already applied.
pub fn from_files(files: Vec<File>) -> Result<Chart, LoadError> {
    assemble(files, &mut Limits::default(), 0)
}

/// Whether loading makes nothing of the file of this name, but that templates may ask for it: it can be read later.
pub fn is_only_shown(name: &str) -> bool {
    let Some(inner) = name.strip_prefix("charts/") else {
        let is_read = matches!(
            name,
            "Chart.yaml"
                | "Chart.lock"
                | "values.yaml"
                | "values.schema.json"
                | "requirements.yaml"
                | "requirements.lock"
        );
        return !is_read && !name.starts_with("templates/");
    };
    // An archive has no slash behind it.
    inner.split_once('/').is_some_and(|(_, name)| is_only_shown(name))
}

/// Reads values: one or more YAML documents, later ones merged over earlier ones.
pub fn read_values(text: &[u8]) -> Result<Object, yaml::YamlError> {
    let Some(text) = std::str::from_utf8(text).ok().filter(|text| text.contains("---")) else {
        return yaml::read_map(text);
    };
    let mut values = Object::new();
    for (_, document) in yaml::documents(text) {
        values = merge_over(values, yaml::read_map(document.as_bytes())?);
    }
    Ok(values)
}

/// A chart's files by what they are for.
#[derive(Default)]
struct Sorted {
    metadata: Option<Metadata>,
    lock: Option<Lock>,
    values: Object,
    schema: Option<Content>,
    templates: Vec<File>,
    files: Vec<File>,
    /// Files below `charts/`, by the folder or archive they are in.
    charts: BTreeMap<String, Vec<File>>,
}

fn assemble(files: Vec<File>, limits: &mut Limits, depth: usize) -> Result<Chart, LoadError> {
    if depth > limits.depth {
        return Err(LoadError::TooDeep(limits.depth));
    }
    let mut sorted = Sorted::default();
    // Chart.yaml first: how the others are read depends on it.
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let metadata = sorted.metadata.get_or_insert_default();
        metadata.apply(&read_typed("Chart.yaml", file)?).map_err(in_file("Chart.yaml"))?;
        if metadata.api_version.is_empty() {
            metadata.api_version = "v1".to_owned();
        }
    }
    for file in files {
        sorted.place(file)?;
    }
    let mut metadata = sorted.metadata.ok_or(LoadError::NoMetadata)?;
    metadata.validate()?;
    let mut dependencies = Vec::new();
    for (name, files) in sorted.charts {
        if name.starts_with(['_', '.']) {
            continue;
        }
        let chart = subchart(&name, files, limits, depth + 1).map_err(|source| LoadError::Subchart {
            name: name.clone(),
            parent: metadata.name.clone(),
            source: Box::new(source),
        })?;
        dependencies.push(chart);
    }
    Ok(Chart {
        metadata,
        lock: sorted.lock,
        values: sorted.values,
        schema: sorted.schema,
        templates: sorted.templates,
        files: sorted.files,
        dependencies,
    })
}

fn read_typed(name: &'static str, file: &File) -> Result<Value, LoadError> {
    yaml::read_typed(&file.data).map_err(|source| LoadError::Yaml { file: name, source })
}

fn in_file(file: &'static str) -> impl Fn(WrongType) -> LoadError {
    move |source| LoadError::FieldType { file, source }
}

fn subchart(name: &str, files: Vec<File>, limits: &mut Limits, depth: usize) -> Result<Chart, LoadError> {
    if name.ends_with(".tgz") {
        let Some(archive) = files.iter().find(|file| file.name == name) else {
            return Err(LoadError::NotAnArchive(format!("{name} is a folder")));
        };
        let inner = unpack(&archive.data, limits)?;
        drop(files);
        return assemble(inner, limits, depth);
    }
    let inner = files.into_iter().filter_map(|file| {
        let name = file.name.split_once('/')?.1.to_owned();
        Some(File { name, data: file.data })
    });
    assemble(inner.collect(), limits, depth)
}

impl Sorted {
    fn place(&mut self, file: File) -> Result<(), LoadError> {
        match file.name.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => {
                let document = read_typed("Chart.lock", &file)?;
                self.lock = Some(Lock::parse(&document).map_err(in_file("Chart.lock"))?);
            }
            "values.yaml" => {
                self.values = read_values(&file.data)
                    .map_err(|source| LoadError::Yaml { file: "values.yaml", source })?;
            }
            "values.schema.json" => self.schema = Some(file.data),
            "requirements.yaml" => {
                let document = read_typed("requirements.yaml", &file)?;
                let metadata = self.metadata.get_or_insert_default();
                metadata.apply(&document).map_err(in_file("requirements.yaml"))?;
                self.keep_if_old(file);
            }
            "requirements.lock" => {
                let document = read_typed("requirements.lock", &file)?;
                self.lock = Some(Lock::parse(&document).map_err(in_file("requirements.lock"))?);
                self.keep_if_old(file);
            }
            name if name.starts_with("templates/") => self.templates.push(file),
            name => match name.strip_prefix("charts/") {
                Some(inner) if !name.ends_with(".prov") => {
                    let folder = inner.split('/').next().unwrap_or_default().to_owned();
                    let file = File { name: inner.to_owned(), data: file.data };
                    self.charts.entry(folder).or_default().push(file);
                }
                _ => self.files.push(file),
            },
        }
        Ok(())
    }

    /// In charts of the first format the requirements are files like any other, too.
    fn keep_if_old(&mut self, file: File) {
        if self.metadata.as_ref().is_some_and(|metadata| metadata.api_version == "v1") {
            self.files.push(file);
        }
    }
}
