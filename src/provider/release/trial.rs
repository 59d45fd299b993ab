//! Objects that a plan would write, tried on the API server before anything is done: a dry run of the apply.
//!
//! What only the server knows (names, quotas, admission, choices that exclude each other) is told by it, and nothing is
//! written. An object that needs what the same plan makes first cannot be judged yet, and is left out with the reason: a
//! refusal that is none would be worse than one that is missed.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};

use super::clusters::Clusters;
use super::objects::target;
use super::releases::{Releases, told};
use crate::model::kubernetes::Release;
use crate::model::{Address, Document, Known};
use crate::provider::Error;
use crate::provider::kube::{ApplyError, How, Target, Verdict};
use crate::release::{Object, has_all_of, has_stand_in};

/// How many objects of a release are tried at once.
const AT_ONCE: usize = 8;

/// What a plan would write of a release.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The release's address.
    pub address: Address,
    /// The release, with what is known in place of its placeholders.
    pub release: Release,
    /// The labels of its objects that are new or changed.
    pub objects: BTreeSet<String>,
}

/// What the releases of an environment make for others.
#[derive(Clone, Debug, Default)]
pub struct Coming {
    /// Namespaces.
    pub namespaces: BTreeSet<String>,
    /// Definitions of kinds.
    pub definitions: Vec<Object>,
}

/// What came of trying.
#[derive(Debug, Default)]
pub struct Tried {
    /// What the cluster would refuse.
    pub refused: Vec<Refusal>,
    /// How many objects cannot be judged yet, by the reason.
    pub later: BTreeMap<String, usize>,
}

/// An object that the cluster would refuse.
#[derive(Debug)]
pub struct Refusal {
    /// The release.
    pub address: Address,
    /// The object's label in plans.
    pub label: String,
    /// The object, in few words.
    pub object: String,
    /// Why, in the API server's words.
    pub why: String,
    /// Whether it is that we may not.
    pub is_denied: bool,
}

/// What came of one object.
enum Outcome {
    Taken,
    Refused { object: String, why: String, is_denied: bool },
    Later(String),
}

impl Clusters {
    /// Tries what a plan would write. Of a release whose cluster does not stand, or whose chart is not at hand, nothing is.
    ///
    /// # Errors
    /// The classified error of a call that says nothing of the object.
    pub(in crate::provider) async fn try_all(
        &self,
        trials: &[Trial],
        coming: &Coming,
        known: &Known,
    ) -> Result<Tried, Error> {
        let outcomes =
            trials.iter().map(async |trial| match self.releases_of(&trial.release, known).await? {
                Some(releases) => try_release(&releases, trial, coming).await,
                None => Ok(Vec::new()),
            });
        let mut tried = Tried::default();
        for (trial, outcomes) in trials.iter().zip(join_all(outcomes).await) {
            for (label, outcome) in outcomes? {
                match outcome {
                    Outcome::Taken => {}
                    Outcome::Later(why) => *tried.later.entry(why).or_default() += 1,
                    Outcome::Refused { object, why, is_denied } => {
                        let address = trial.address.clone();
                        tried.refused.push(Refusal { address, label, object, why, is_denied });
                    }
                }
            }
        }
        Ok(tried)
    }
}

async fn try_release(
    releases: &Releases,
    trial: &Trial,
    coming: &Coming,
) -> Result<Vec<(String, Outcome)>, Error> {
    let Some(rendering) = releases.render(&trial.release) else { return Ok(Vec::new()) };
    let rendering = rendering.map_err(|error| told(error.into()))?;
    let all = rendering.definitions.into_iter().chain(rendering.objects);
    let objects: Vec<(String, Object)> = all.filter(|(label, _)| trial.objects.contains(label)).collect();
    let mut missing = BTreeSet::new();
    let namespaces: BTreeSet<&String> = objects.iter().map(|(_, object)| &object.key.namespace).collect();
    for namespace in namespaces.into_iter().filter(|namespace| coming.namespaces.contains(*namespace)) {
        if !releases.cluster.has_namespace(namespace).await? {
            missing.insert(namespace.clone());
        }
    }
    let outcomes = objects.into_iter().map(async |(label, object)| {
        let outcome = match why_later(&object, &missing) {
            Some(why) => Outcome::Later(why),
            None => try_object(releases, &trial.release, object, coming).await?,
        };
        Ok((label, outcome))
    });
    let outcomes: Vec<Result<_, Error>> = stream::iter(outcomes).buffered(AT_ONCE).collect().await;
    outcomes.into_iter().collect()
}

/// Why an object cannot be tried, as far as that is known without asking.
fn why_later(object: &Object, missing: &BTreeSet<String>) -> Option<String> {
    if missing.contains(&object.key.namespace) {
        Some(format!("namespace {} is yet to be made", object.key.namespace))
    } else if !Document::from(object.body.clone()).placeholders().is_empty() {
        Some("what they hold is not known yet".to_owned())
    } else if has_stand_in(object) {
        Some("what they hold is made at the first deploy".to_owned())
    } else {
        None
    }
}

async fn try_object(
    releases: &Releases,
    release: &Release,
    object: Object,
    coming: &Coming,
) -> Result<Outcome, Error> {
    let cluster = &releases.cluster;
    let target = target(&object);
    // What others own is told by the apply itself.
    let how = How { release: &release.name, namespace: &release.namespace, force: true, dry_run: true };
    let body = object.owned_by(&release.name, &release.namespace).body;
    let Err(error) = cluster.apply(&target, &body, how).await else { return Ok(Outcome::Taken) };
    let definition = coming.definitions.iter().find(|definition| defines(definition, &target));
    let is_defined = definition.is_some();
    match error.verdict() {
        Verdict::Failed => match error {
            ApplyError::Call { source, .. } => Err(*source),
            other => Err(told(super::error::DeployError::Apply(vec![other]))),
        },
        Verdict::Later(why) => Ok(Outcome::Later(why)),
        Verdict::Unserved if is_defined || !cluster.is_sure_of(&target).await? => {
            Ok(Outcome::Later(format!("no {} is served yet", target.kind)))
        }
        Verdict::Unserved | Verdict::Refused => {
            if let Some(definition) = definition
                && !stands(releases, definition).await?
            {
                return Ok(Outcome::Later(format!("{} is about to be defined anew", target.kind)));
            }
            let is_denied = error.is_denied();
            Ok(Outcome::Refused { object: target.to_string(), why: error.words(), is_denied })
        }
    }
}

/// Whether a definition is that of a target's kind.
fn defines(definition: &Object, target: &Target) -> bool {
    let spec = &definition.body["spec"];
    spec["group"] == target.group.as_str() && spec["names"]["kind"] == target.kind.as_str()
}

/// Whether a definition is there as it is to be.
async fn stands(releases: &Releases, definition: &Object) -> Result<bool, Error> {
    let live = releases.cluster.get(&target(definition)).await?;
    Ok(live.is_some_and(|live| has_all_of(&live, &definition.body)))
}
