//! What can be wrong with a chart's files.

use crate::chart::fields::WrongType;
use crate::chart::yaml::YamlError;

/// Why a chart cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no gzipped tar archive.
    #[error("not a gzipped chart archive: {0}")]
    NotAnArchive(String),
    /// The archive, or an archive in it, holds no file.
    #[error("no files in chart archive")]
    Empty,
    /// An entry would be placed outside of the chart's folder.
    #[error("chart illegally contains content outside the base directory: {0:?}")]
    OutsideBase(String),
    /// A name that means something else on another system, such as `c:/x`.
    #[error("chart contains illegally named files: {0:?}")]
    IllegalName(String),
    /// `Chart.yaml` at the top of the archive instead of in a folder.
    #[error("chart yaml not in base directory")]
    NoBaseDirectory,
    /// A symbolic or hard link, a device, or something else that is no file.
    #[error("chart archive holds {kind} {name:?}; only files and folders are allowed")]
    NotAFile {
        /// Its name in the archive.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// One file is larger than a chart's files may be.
    #[error("decompressed chart file {name:?} is larger than the maximum file size {limit}")]
    FileTooLarge {
        /// Its name in the archive.
        name: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// All files together are larger than a chart may be.
    #[error("decompressed chart is larger than the maximum size {0}")]
    TooLarge(u64),
    /// More entries than a chart may have.
    #[error("chart archive holds more than {0} entries")]
    TooManyEntries(usize),
    /// Charts in charts in charts.
    #[error("charts are nested more than {0} levels deep")]
    TooDeep(usize),
    /// No `Chart.yaml`.
    #[error("Chart.yaml file is missing")]
    NoMetadata,
    /// A file of the chart is not the YAML it should be.
    #[error("cannot load {file}")]
    Yaml {
        /// Its name in the chart.
        file: &'static str,
        /// What is wrong in it.
        source: YamlError,
    },
    /// A field of `Chart.yaml` or a lock file has another type than it should.
    #[error("cannot load {file}: {source}")]
    FieldType {
        /// The file's name in the chart.
        file: &'static str,
        /// Which field, and what it should be.
        source: WrongType,
    },
    /// `Chart.yaml` says something that is not allowed.
    #[error("validation: {0}")]
    Invalid(String),
    /// A pattern of `.helmignore` that cannot be used.
    #[error(".helmignore: {0}")]
    Ignore(String),
    /// A chart in `charts/` cannot be loaded.
    #[error("error unpacking subchart {name} in {parent}")]
    Subchart {
        /// Its folder or archive in `charts/`.
        name: String,
        /// The name of the chart that holds it.
        parent: String,
        /// What is wrong with it.
        source: Box<LoadError>,
    },
}
