//! The image that a service runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Repository;
use crate::model::{
    Address, Attribute, Changes, Effect, Kind, OutputsOf, Recovery, Ref, Resource, Shown, Timing, Visitor,
};

/// The image that a service runs: content in a repository, known by its digest.
///
/// An image never changes. When its sources do, another one is made, and the old one stays in the repository for
/// whoever still runs it, until the repository's lifecycle policy or its end takes it. Its id is
/// `REPOSITORY@DIGEST`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Where it is kept.
    pub repository: Ref<Repository>,
    /// Its digest (`sha256:…`), once it is built. `None` asks for whatever these sources were made into.
    pub digest: Option<String>,
    /// What it is made from: each file (relative to the workspace), the compiler, the settings, by a digest of
    /// each. The registry tells them by a tag alone; the names are told by the record.
    pub sources: BTreeMap<String, String>,
}

/// What is known of an image once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageOutputs {
    /// Its digest.
    pub digest: String,
    /// What a pod names: registry, repository and digest.
    pub url: String,
}

impl OutputsOf for ImageOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Digest => Some(&self.digest),
            Attribute::Url => Some(&self.url),
            _ => None,
        }
    }
}

impl Resource for Image {
    const KIND: Kind = Kind::Image;
    /// A repository holds content or does not: asking for it by digest tells, and pushing it again changes nothing.
    const RECOVERY: Recovery = Recovery::Edge;
    /// A scan may be waited for as long as its gate says, two hours at most.
    const TIMING: Timing =
        Timing { timeout: std::time::Duration::from_secs(7500), ..Timing::seconds(20, 2, 1) };
    /// It goes with its repository.
    const KEPT: bool = true;
    type Outputs = ImageOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { repository, digest: _, sources: _ } = self;
        visitor.reference(repository);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { repository, digest, sources } = self;
        if repository != &live.repository {
            let [before, after] = [Shown::of(&live.repository), Shown::of(repository)];
            changes.push("repository", before, after, Effect::Anew);
        }
        if digest.is_some() && digest != &live.digest {
            changes.push("digest", Shown::of(&live.digest), Shown::of(digest), Effect::Anew);
        }
        // Other sources may be made into the same bytes: then only what is told of them is another.
        let same = digest.is_some() && digest == &live.digest;
        let effect = if same { Effect::InPlace } else { Effect::Anew };
        let names = sources.keys().chain(live.sources.keys().filter(|name| !sources.contains_key(*name)));
        for name in names {
            let [before, after] = [live.sources.get(name), sources.get(name)];
            if before != after {
                let field = format!("sources.{name}");
                changes.push(&field, Shown::of(&before), Shown::of(&after), effect);
            }
        }
    }

    fn recall(&mut self, recorded: &Self) {
        if self.sources.is_empty() && self.digest == recorded.digest {
            self.sources.clone_from(&recorded.sources);
        }
    }

    fn parent(&self) -> Option<Address> {
        self.repository.address()
    }
}
