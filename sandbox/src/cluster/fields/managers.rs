//! The entries of `metadata.managedFields`.

use serde_json::{Map, Value, json};

use super::set::Set;
use crate::cluster::json::{list, member, remove};

/// Who writes: what tells one entry from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cluster) struct Manager {
    pub(in crate::cluster) name: String,
    /// Whether it applies; it updates otherwise.
    pub(in crate::cluster) applies: bool,
    pub(in crate::cluster) api_version: String,
    pub(in crate::cluster) subresource: String,
}

impl Manager {
    /// Whether two entries are of the same: those who apply are so in every version.
    pub(super) fn is(&self, other: &Self) -> bool {
        let version = self.applies || self.api_version == other.api_version;
        version
            && (&self.name, self.applies, &self.subresource)
                == (&other.name, other.applies, &other.subresource)
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) manager: Manager,
    pub(super) time: Option<String>,
    pub(super) fields: Set,
}

impl Entry {
    /// As conflicts name it.
    pub(super) fn told(&self) -> String {
        let mut told = format!("{:?}", self.manager.name);
        if !self.manager.subresource.is_empty() {
            told.push_str(&format!(" with subresource {:?}", self.manager.subresource));
        }
        if !self.manager.applies {
            told.push_str(&format!(" using {}", self.manager.api_version));
            if let Some(time) = &self.time {
                told.push_str(&format!(" at {time}"));
            }
        }
        told
    }

    fn read(entry: &Value) -> Self {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let manager = Manager {
            name: text("manager"),
            applies: entry["operation"] == "Apply",
            api_version: text("apiVersion"),
            subresource: text("subresource"),
        };
        let time = entry["time"].as_str().map(str::to_owned);
        Self { manager, time, fields: Set::read(&entry["fieldsV1"]) }
    }

    fn write(&self) -> Value {
        let mut entry = Map::new();
        entry.insert("manager".into(), self.manager.name.clone().into());
        entry.insert("operation".into(), if self.manager.applies { "Apply" } else { "Update" }.into());
        entry.insert("apiVersion".into(), self.manager.api_version.clone().into());
        if let Some(time) = &self.time {
            entry.insert("time".into(), time.clone().into());
        }
        entry.insert("fieldsType".into(), "FieldsV1".into());
        entry.insert("fieldsV1".into(), self.fields.write());
        if !self.manager.subresource.is_empty() {
            entry.insert("subresource".into(), self.manager.subresource.clone().into());
        }
        Value::Object(entry)
    }
}

/// The entries of an object; nothing where it has none.
pub(super) fn read(object: &Value) -> Option<Vec<Entry>> {
    object.pointer("/metadata/managedFields")?.as_array()?;
    let entries = list(object, "/metadata/managedFields").iter();
    Some(entries.filter(|entry| entry["manager"].is_string()).map(Entry::read).collect())
}

/// Puts entries on an object, those who apply first, then in the order of time and name.
pub(super) fn write(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.fields.is_empty());
    entries.sort_by(|one, other| {
        let order = |entry: &Entry| (!entry.manager.applies, entry.time.clone(), entry.manager.name.clone());
        order(one).cmp(&order(other))
    });
    let metadata = member(object, "metadata");
    if entries.is_empty() {
        remove(metadata, "managedFields");
    } else {
        metadata["managedFields"] = json!(entries.iter().map(Entry::write).collect::<Vec<_>>());
    }
}

/// Fields that belong to nobody.
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/stripmeta.go>
pub(super) fn strip(mut set: Set) -> Set {
    for own in ["f:apiVersion", "f:kind"] {
        set.strip(&[own]);
    }
    for own in [
        "f:name",
        "f:namespace",
        "f:creationTimestamp",
        "f:selfLink",
        "f:uid",
        "f:generation",
        "f:managedFields",
        "f:resourceVersion",
        "f:deletionTimestamp",
        "f:deletionGracePeriodSeconds",
    ] {
        set.strip(&["f:metadata", own]);
    }
    set.strip_self("f:metadata");
    set
}
