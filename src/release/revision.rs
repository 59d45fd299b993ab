//! One revision of a release, as Helm keeps it.
//!
//! The document is kept as it was read, so that what a newer Helm adds survives us.
//! Helm: `pkg/release/v1/release.go`, `info.go`, `hook.go`.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::chart::manifest::HookEvent;

/// How Helm goes on with what we recorded, in its word for a patch of its own making. Server-side apply, its other way,
/// would be refused whatever we own, and would leave the items of lists that it drops.
/// Helm: `pkg/action/upgrade.go` (`getUpgradeServerSideValue`).
pub(super) const APPLY_METHOD: &str = "csa";

/// How a revision is, in Helm's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It stands.
    Deployed,
    /// It stood, and another one took its place.
    Superseded,
    /// It did not come to stand.
    Failed,
    /// It is being installed, or that was interrupted.
    PendingInstall,
    /// It is being upgraded to, or that was interrupted.
    PendingUpgrade,
    /// It is being rolled back to, or that was interrupted.
    PendingRollback,
    /// It is being uninstalled, or that was interrupted.
    Uninstalling,
    /// It was uninstalled, its history kept.
    Uninstalled,
    /// Something that Helm knows and we do not.
    Unknown,
}

const STATUSES: [(Status, &str); 9] = [
    (Status::Deployed, "deployed"),
    (Status::Superseded, "superseded"),
    (Status::Failed, "failed"),
    (Status::PendingInstall, "pending-install"),
    (Status::PendingUpgrade, "pending-upgrade"),
    (Status::PendingRollback, "pending-rollback"),
    (Status::Uninstalling, "uninstalling"),
    (Status::Uninstalled, "uninstalled"),
    (Status::Unknown, "unknown"),
];

impl Status {
    /// Helm's word for it.
    pub fn name(self) -> &'static str {
        STATUSES.iter().find(|(status, _)| *status == self).map_or("unknown", |(_, name)| name)
    }

    /// The status that a word of Helm's means.
    pub fn of(name: &str) -> Self {
        STATUSES.iter().find(|(_, known)| *known == name).map_or(Self::Unknown, |(status, _)| *status)
    }

    /// Whether somebody is at it, or was when it was interrupted.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A hook of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The object's name.
    pub name: String,
    /// Its text.
    pub manifest: String,
    /// The words for when it runs (`pre-rollback`, ...).
    pub events: Vec<String>,
    /// Hooks of one event run by weight, then by name.
    pub weight: i64,
    /// The words for when it is deleted; empty means before a new one is made.
    pub delete_policies: Vec<String>,
}

/// One revision of a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    pub(super) document: Value,
    /// Labels of the user's own on the Secret, which Helm keeps there and not in the document.
    pub labels: BTreeMap<String, String>,
}

impl Revision {
    /// All of it, as Helm keeps it.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The release's name.
    pub fn name(&self) -> &str {
        self.text(&["name"])
    }

    /// The namespace that it is in, and that its objects are in when they name none.
    pub fn namespace(&self) -> &str {
        self.text(&["namespace"])
    }

    /// Whether it would make the same objects and run the same hooks, from the same values.
    pub fn has_content_of(&self, other: &Self) -> bool {
        ["manifest", "hooks", "config", "chart"].iter().all(|key| self.document[*key] == other.document[*key])
    }

    /// Its number, from one.
    pub fn number(&self) -> u64 {
        self.document["version"].as_u64().unwrap_or_default()
    }

    /// How it is.
    pub fn status(&self) -> Status {
        Status::of(self.text(&["info", "status"]))
    }

    /// What was done, for people.
    pub fn description(&self) -> &str {
        self.text(&["info", "description"])
    }

    /// When it was made, as it is written (RFC 3339).
    pub fn last_deployed(&self) -> &str {
        self.text(&["info", "last_deployed"])
    }

    /// When the release was first made, as it is written (RFC 3339).
    pub fn first_deployed(&self) -> &str {
        self.text(&["info", "first_deployed"])
    }

    /// The chart, as `name-version`.
    pub fn chart(&self) -> String {
        let name = self.text(&["chart", "metadata", "name"]);
        let version = self.text(&["chart", "metadata", "version"]);
        if version.is_empty() { name.to_owned() } else { format!("{name}-{version}") }
    }

    /// The version of what the chart installs.
    pub fn app_version(&self) -> &str {
        self.text(&["chart", "metadata", "appVersion"])
    }

    /// The objects' text, hooks not among them.
    pub fn manifest(&self) -> &str {
        self.text(&["manifest"])
    }

    /// The hooks that run at an event, in the order in which they run.
    pub fn hooks_for(&self, event: HookEvent) -> Vec<Hook> {
        let hooks = self.document["hooks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut hooks: Vec<Hook> = hooks.iter().map(hook).collect();
        hooks.retain(|hook| hook.events.iter().any(|name| name == event_name(event)));
        hooks.sort_by(|a, b| (a.weight, &a.name).cmp(&(b.weight, &b.name)));
        hooks
    }

    /// Changes the status, and the description where one is given. Everything else stays.
    pub fn mark(&mut self, status: Status, description: Option<&str>) {
        let info = &mut self.document["info"];
        info["status"] = json!(status.name());
        if let Some(description) = description {
            info["description"] = json!(description);
        }
    }

    fn text(&self, path: &[&str]) -> &str {
        path.iter().fold(&self.document, |value, key| &value[*key]).as_str().unwrap_or_default()
    }
}

fn hook(value: &Value) -> Hook {
    let words = |value: &Value| -> Vec<String> {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Hook {
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        manifest: value["manifest"].as_str().unwrap_or_default().to_owned(),
        events: words(&value["events"]),
        weight: value["weight"].as_i64().unwrap_or_default(),
        delete_policies: words(&value["delete_policies"]),
    }
}

/// Helm's word for an event.
pub(super) fn event_name(event: HookEvent) -> &'static str {
    match event {
        HookEvent::PreInstall => "pre-install",
        HookEvent::PostInstall => "post-install",
        HookEvent::PreDelete => "pre-delete",
        HookEvent::PostDelete => "post-delete",
        HookEvent::PreUpgrade => "pre-upgrade",
        HookEvent::PostUpgrade => "post-upgrade",
        HookEvent::PreRollback => "pre-rollback",
        HookEvent::PostRollback => "post-rollback",
        HookEvent::Test => "test",
    }
}
