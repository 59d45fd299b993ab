//! The structures that Helm and Sprig hand to templates, with the fields and methods templates can reach.

use std::rc::Rc;

use super::list::{Element, List};
use super::object::{Integer, Object};
use super::time::Time;
use crate::chart::semver::Version;

/// One of Go's structures.
#[derive(Clone, Debug)]
pub enum Native {
    /// `.Capabilities`
    Capabilities(Rc<Capabilities>),
    /// `.Capabilities.KubeVersion`; the flag says whether Go could reach its `String` method, which it
    /// cannot once the value has been an argument.
    KubeVersion(Rc<KubeVersion>, bool),
    /// `.Capabilities.HelmVersion`
    HelmVersion(Rc<HelmVersion>),
    /// A point in time, from `now` or `toDate`.
    Time(Rc<Time>),
    /// A semantic version, from `semver`.
    Version(Rc<Version>),
    /// A certificate and its key, from `genCA` and its like.
    Certificate(Rc<Certificate>),
}

/// What the cluster can do, as charts see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: Rc<KubeVersion>,
    /// The API versions and kinds that exist, in order.
    pub api_versions: Vec<String>,
    /// The version of Helm that is claimed.
    pub helm_version: Rc<HelmVersion>,
}

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// The whole version, for example `v1.33.4-gke.1245000`.
    pub version: String,
    /// The version without suffixes, for example `v1.33.4`: what it prints as.
    pub normalized: String,
    /// The major number.
    pub major: String,
    /// The minor number.
    pub minor: String,
}

/// A version of Helm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmVersion {
    /// For example `v4.2`.
    pub version: String,
    /// The commit; empty in a library build.
    pub git_commit: String,
    /// The state of the tree; empty in a library build.
    pub git_tree_state: String,
    /// For example `go1.26.6`.
    pub go_version: String,
    /// For example `v1.36`.
    pub kube_client_version: String,
}

/// A certificate with its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate.
    pub cert: String,
    /// The private key.
    pub key: String,
}

impl Native {
    /// Go's name of the type.
    pub(crate) fn go_type(&self) -> &'static str {
        match self {
            Self::Capabilities(_) => "*common.Capabilities",
            Self::KubeVersion(..) => "common.KubeVersion",
            Self::HelmVersion(_) => "version.BuildInfo",
            Self::Time(_) => "time.Time",
            Self::Version(_) => "*semver.Version",
            Self::Certificate(_) => "sprig.certificate",
        }
    }

    /// Go's name of the kind.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Capabilities(_) | Self::Version(_) => "ptr",
            _ => "struct",
        }
    }

    /// The exported fields in the order of their declaration.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Object)> {
        match self {
            Self::Capabilities(capabilities) => vec![
                ("KubeVersion", Self::KubeVersion(Rc::clone(&capabilities.kube_version), true).into()),
                ("APIVersions", capabilities.api_versions()),
                ("HelmVersion", Self::HelmVersion(Rc::clone(&capabilities.helm_version)).into()),
            ],
            Self::KubeVersion(version, _) => vec![
                ("Version", Object::from(version.version.as_str())),
                ("Major", Object::from(version.major.as_str())),
                ("Minor", Object::from(version.minor.as_str())),
            ],
            Self::HelmVersion(version) => vec![
                ("Version", Object::from(version.version.as_str())),
                ("GitCommit", Object::from(version.git_commit.as_str())),
                ("GitTreeState", Object::from(version.git_tree_state.as_str())),
                ("GoVersion", Object::from(version.go_version.as_str())),
                ("KubeClientVersion", Object::from(version.kube_client_version.as_str())),
            ],
            Self::Certificate(certificate) => vec![
                ("Cert", Object::from(certificate.cert.as_str())),
                ("Key", Object::from(certificate.key.as_str())),
            ],
            Self::Time(_) | Self::Version(_) => Vec::new(),
        }
    }

    /// A field by its name.
    pub(crate) fn field(&self, name: &str) -> Option<Object> {
        // The one that charts ask for, again and again, without making the list of all API versions.
        if let (Self::Capabilities(capabilities), "KubeVersion") = (self, name) {
            return Some(Self::KubeVersion(Rc::clone(&capabilities.kube_version), true).into());
        }
        self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// What Go's deep copy makes of the value: fields it does not export are left out.
    pub(crate) fn deep_copied(&self) -> Self {
        match self {
            Self::Version(_) => Self::Version(Rc::default()),
            Self::KubeVersion(version, _) => Self::KubeVersion(Rc::new(version.deep_copied()), false),
            Self::Capabilities(known) => Self::Capabilities(Rc::new(Capabilities {
                kube_version: Rc::new(known.kube_version.deep_copied()),
                api_versions: known.api_versions.clone(),
                helm_version: Rc::clone(&known.helm_version),
            })),
            other => other.clone(),
        }
    }

    /// What the value prints as where Go finds its `String` method.
    pub(crate) fn string(&self) -> Option<String> {
        match self {
            Self::KubeVersion(version, true) if version.normalized.is_empty() => {
                Some(version.version.clone())
            }
            Self::KubeVersion(version, true) => Some(version.normalized.clone()),
            Self::Time(time) => Some(time.to_string()),
            Self::Version(version) => Some(version.to_string()),
            _ => None,
        }
    }
}

impl KubeVersion {
    fn deep_copied(&self) -> Self {
        Self { normalized: String::new(), ..self.clone() }
    }
}

impl Capabilities {
    fn api_versions(&self) -> Object {
        let versions = self.api_versions.iter().map(|version| Object::from(version.as_str()));
        Object::List(List::new(Element::Versions, versions.collect()))
    }
}

impl Object {
    /// `.Capabilities` for the root of a chart.
    pub fn capabilities(capabilities: Capabilities) -> Self {
        Self::Native(Native::Capabilities(Rc::new(capabilities)))
    }

    /// Go's `uint64`.
    pub(crate) fn uint64(number: u64) -> Self {
        Self::Int(Integer::Uint64, number.cast_signed())
    }
}
