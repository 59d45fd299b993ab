//! A chart with its values, in a namespace of a cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::difference::differences;
use super::ground::Ground;
use crate::model::kinds::eks::Cluster;
use crate::model::{
    Address, Attribute, Changes, Document, Kind, OutputsOf, Recovery, Ref, Resource, Timing, Visitor,
};

/// A release: a chart with its values, in a namespace, recorded as Helm records it.
///
/// The objects stand here as they were rendered, with what is not known yet as placeholders, so that a plan shows
/// what it will change. What is secret in them stands here as a digest: they are rendered again where they are
/// applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Its name, once a namespace.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The chart, as `name-version`.
    pub chart: String,
    /// The values over the chart's own.
    pub values: Document,
    /// What it consists of, by `Kind namespace/name` (`Kind name` outside namespaces). Kinds that others are of (`crds/`
    /// of the chart) are among them.
    pub objects: BTreeMap<String, Document>,
    /// How its newest revision is, in Helm's word: `deployed` is wanted.
    pub status: String,
    /// What happens when it does not come to stand. Of the next deploy, nothing that could differ in a cluster.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// How its pods are replaced. Of the next deploy too: what is in a cluster has the colour that serves.
    #[serde(default, skip_serializing_if = "Strategy::is_rolling")]
    pub strategy: Strategy,
    /// Releases that must stand before, besides what its values refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Ref<Release>>,
    /// The cluster of ours that it is in; nothing for one that exists already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Ref<Cluster>>,
    /// What must stand around it in a cluster of ours. For the order only.
    #[serde(default, skip_serializing_if = "Ground::is_empty")]
    pub ground: Ground,
    /// Secrets that its chart makes at the first deploy and looks up from then on: their keys, by name. A plan holds
    /// stand-ins for what is in them and for whatever is made of that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub makes_once: BTreeMap<String, Vec<String>>,
}

/// How pods of a release are replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Where they are, one by one.
    #[default]
    Rolling,
    /// By others beside them, of the other colour, to which its Services are switched. The colour is chosen by each
    /// deploy: in a plan a stand-in is in its place.
    BlueGreen,
}

impl Strategy {
    fn is_rolling(&self) -> bool {
        *self == Self::Rolling
    }
}

/// What happens to a release that does not come to stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It stays as it is, recorded as failed.
    #[default]
    Keep,
    /// The last revision that stood is brought back.
    Rollback,
}

/// What is known of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseOutputs {
    /// The number of its newest revision.
    pub revision: String,
    /// The host name (or address) of its first load balancer, once it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
}

impl OutputsOf for ReleaseOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Version => Some(&self.revision),
            Attribute::Host => Some(self.host.as_str()).filter(|host| !host.is_empty()),
            _ => None,
        }
    }
}

impl Resource for Release {
    const KIND: Kind = Kind::Release;
    /// Its records' names are its own (`sh.helm.release.v1.NAME.vN`), and a second one of a name is refused.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(60, 60, 120);
    type Outputs = ReleaseOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self {
            name: _,
            namespace: _,
            chart: _,
            values,
            objects,
            status: _,
            on_failure: _,
            strategy: _,
            after,
            cluster,
            ground,
            makes_once: _,
        } = self;
        visitor.document(values);
        objects.values_mut().for_each(|object| visitor.document(object));
        visitor.references(after);
        visitor.references(cluster);
        ground.visit(visitor);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self {
            name,
            namespace,
            chart,
            values,
            objects,
            status,
            on_failure: _,
            strategy: _,
            after: _,
            cluster,
            ground: _,
            makes_once: _,
        } = self;
        changes.replace("cluster", cluster, &live.cluster);
        changes.replace("name", name, &live.name);
        changes.replace("namespace", namespace, &live.namespace);
        let before = changes.clone().into_vec().len();
        changes.update("chart", chart, &live.chart);
        for (key, object) in objects {
            differences(key, Some(object.value()), live.objects.get(key).map(Document::value), changes);
        }
        for (key, object) in live.objects.iter().filter(|(key, _)| !objects.contains_key(*key)) {
            differences(key, None, Some(object.value()), changes);
        }
        // Values that change no object are told for the record; those that do are told by what they do.
        if changes.clone().into_vec().len() == before && values.value() != live.values.value() {
            differences("values", Some(values.value()), Some(live.values.value()), changes);
        }
        changes.update("status", status, &live.status);
    }

    fn parent(&self) -> Option<Address> {
        self.cluster.as_ref().and_then(Ref::address)
    }
}
