//! What can go wrong on the way to a chart.

use std::path::PathBuf;

use crate::chart::load::LoadError;

/// Why a chart cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file or folder cannot be read or written.
    #[error("{}", .path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is no chart archive, such as a values file given by mistake.
    #[error("{} is neither a folder nor a gzipped chart archive", .0.display())]
    NotAChart(PathBuf),
    /// A link inside a chart's folder leads out of it.
    #[error("{} is a link out of the chart's folder, to {}", .link.display(), .target.display())]
    LinkOutside {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Links inside a chart's folder lead in circles.
    #[error("{} is nested too deeply: its links lead in circles", .0.display())]
    Circular(PathBuf),
    /// A device, socket or pipe.
    #[error("cannot load irregular file {}", .0.display())]
    Irregular(PathBuf),
    /// A file is larger than a chart's files may be.
    #[error("{} is larger than the maximum file size {limit}", .path.display())]
    FileTooLarge {
        /// Which.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A folder holds more than a chart may.
    #[error("{} holds more than a chart may", .0.display())]
    FolderTooLarge(PathBuf),
    /// What was found is no chart.
    #[error("cannot load chart {chart}")]
    Load {
        /// Where it was found.
        chart: String,
        /// Why it is none.
        source: LoadError,
    },
    /// A reference that is none.
    #[error("{reference} is no chart reference: {why}")]
    Reference {
        /// As it was given.
        reference: String,
        /// What is wrong with it.
        why: String,
    },
    /// A version or range that is none.
    #[error("{range:?} is neither a version nor a range of versions")]
    Range {
        /// As it was given.
        range: String,
    },
    /// The server cannot be reached, or breaks off.
    #[error("cannot reach {url}: {why}")]
    Network {
        /// What was asked for.
        url: String,
        /// Why it failed, causes included.
        why: String,
    },
    /// The server wants other credentials.
    #[error("{url} refuses access ({status})")]
    Denied {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Whether credentials were sent.
        with_credentials: bool,
    },
    /// The server has no such thing.
    #[error("{url} does not exist ({status})")]
    NotFound {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server answers with another error.
    #[error("{url} answers with status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is larger than a chart or an index may be.
    #[error("{url} is larger than {limit} bytes")]
    AnswerTooLarge {
        /// What was asked for.
        url: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The bytes are not those that were promised.
    #[error("{source_name} has digest {found}, but {expected} was promised")]
    Digest {
        /// Where they came from.
        source_name: String,
        /// What was promised.
        expected: String,
        /// What they have.
        found: String,
    },
    /// A repository's index is none.
    #[error("the index of {repository} cannot be read: {why}")]
    Index {
        /// The repository.
        repository: String,
        /// What is wrong.
        why: String,
    },
    /// A repository does not hold the chart.
    #[error("chart {chart:?} is not in {repository}")]
    NoChart {
        /// The chart.
        chart: String,
        /// The repository.
        repository: String,
        /// Charts with similar names.
        similar: Vec<String>,
    },
    /// No version of the chart is in the range.
    #[error("no version of {chart:?} in {repository} matches {range:?}")]
    NoVersion {
        /// The chart.
        chart: String,
        /// The repository.
        repository: String,
        /// The range.
        range: String,
        /// The newest versions there are.
        newest: Vec<String>,
    },
    /// What an OCI reference names is something else.
    #[error("{reference} is no Helm chart: {why}")]
    NotHelm {
        /// The reference.
        reference: String,
        /// What it is.
        why: String,
    },
    /// It is not in the cache, and nothing may be fetched.
    #[error("{0} is not in the cache, and fetching is switched off")]
    Offline(String),
    /// A name such as `@stable` that no repositories file knows.
    #[error("no repository is named {0:?}")]
    NoRepository(String),
    /// A dependency cannot be brought in.
    #[error("dependency {name} of {chart}")]
    Dependency {
        /// The dependency.
        name: String,
        /// The chart that needs it.
        chart: String,
        /// Why.
        source: Box<FetchError>,
    },
    /// A dependency without a repository that is not in `charts/`.
    #[error("dependency {0} names no repository and is not in charts/")]
    NotVendored(String),
    /// Charts that need each other.
    #[error("charts depend on each other: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// Docker's configuration cannot be read, or a helper it names fails.
    #[error("{0}")]
    Credentials(String),
}

impl FetchError {
    /// What the user may do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Denied { with_credentials: false, .. } => {
                "no credentials were sent: run docker login for this host, or set DOCKER_CONFIG".to_owned()
            }
            Self::Denied { .. } => "the credentials in Docker's configuration are not accepted".to_owned(),
            Self::NoChart { similar, .. } if !similar.is_empty() => {
                format!("did you mean {}?", similar.join(", "))
            }
            Self::NoVersion { newest, .. } if !newest.is_empty() => {
                format!("the newest versions are {}", newest.join(", "))
            }
            Self::Offline(_) => "fetch it once without --offline".to_owned(),
            Self::NotVendored(_) => {
                "put the chart into charts/, or give its repository in Chart.yaml".to_owned()
            }
            Self::Digest { .. } => {
                "the repository changed a published chart, or someone on the way did: do not use it"
                    .to_owned()
            }
            Self::LinkOutside { .. } => "replace the link by what it leads to".to_owned(),
            _ => return None,
        })
    }
}
