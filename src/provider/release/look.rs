//! A release as it is: what is recorded of it, and its objects, each compared by the API server itself.
//!
//! What an apply would make of an object is asked of the server (a dry run), and what differs from what is there is put
//! back into what is wanted: fields that the server fills in, and its ways of writing a quantity, are no difference. An
//! object that has all that is wanted of it, and of which nothing was dropped since it was recorded, needs no such call.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::colors;
use super::error::DeployError;
use super::made::Made;
use super::objects::target;
use super::records;
use super::releases::{Releases, told};
use crate::model::kubernetes::{Color, Release, ReleaseOutputs, Strategy};
use crate::model::{CloudId, Document, Known, Live, Outputs, Readiness, Ref};
use crate::provider::kube::{How, Target, Verdict, marked_of};
use crate::provider::{Error, Observed};
use crate::release::{
    Object, Rendering, Revision, Status, has_all_of, merged, objects, restate, seen_as, standing,
};

/// How many objects are looked at at once.
const AT_ONCE: usize = 8;

/// Looks at one release.
pub(super) async fn look(releases: &Releases, sought: Release, known: &Known) -> Result<Observed, Error> {
    let history = records::history(&releases.cluster, &sought.namespace, &sought.name).await.map_err(told)?;
    let Some(newest) = history.last() else { return Ok(Observed::Absent) };
    let recorded = recorded(&history).map_err(told)?;
    let colored = colored(releases, &sought, &history).await.map_err(told)?;
    let wanted = match &colored {
        Some((seen, _)) => seen.definitions.clone().into_iter().chain(seen.objects.clone()).collect(),
        None => wanted(releases, &sought, &recorded).await.map_err(told)?,
    };
    let (mut found, host) = match newest.status() {
        // They go one by one while we look: what counts is that all are to go, or to be made anew.
        Status::Uninstalling => Default::default(),
        _ => look_at_objects(releases, &sought, &wanted, &recorded).await?,
    };
    if !sought.makes_once.is_empty() {
        in_the_plans_words(&mut found, &wanted, &sought);
    }
    let mut values = newest.document()["config"].clone();
    if let Some((seen, planned)) = &colored {
        found = colors::in_the_plans_words(found, seen, planned);
        values = colors::values_in_the_plans_words(values);
    }
    let outputs = ReleaseOutputs { revision: newest.number().to_string(), host };
    let spec = Release {
        chart: newest.chart(),
        values: values.into(),
        objects: found,
        status: newest.status().name().to_owned(),
        // By its name, as everything that was read: it is ours for as long as the one of that name is.
        cluster: sought.cluster.as_ref().map(|cluster| match known.resolve(cluster) {
            Some(name) => Ref::external(name),
            None => cluster.clone(),
        }),
        ..sought
    };
    Ok(Observed::Present(Box::new(Live {
        id: CloudId::new(format!("{}/{}", spec.namespace, spec.name)),
        spec: spec.into(),
        outputs: Outputs::Release(outputs),
        readiness: Readiness::Ready,
    })))
}

/// A release whose pods have a colour, in the one that serves and in the plan's words; nothing of one that has none, or
/// whose chart is not at hand.
async fn colored(
    releases: &Releases,
    sought: &Release,
    history: &[Revision],
) -> Result<Option<(Rendering, Rendering)>, DeployError> {
    if sought.strategy != Strategy::BlueGreen {
        return Ok(None);
    }
    let Some(planned) = releases.render(sought).transpose()? else { return Ok(None) };
    let serving = colors::serving(&releases.cluster, planned.objects.values(), history).await?;
    let seen = releases.render_in(sought, serving.unwrap_or(Color::Blue)).transpose()?;
    Ok(seen.map(|seen| (seen, planned)))
}

/// What is wanted, with its secrets where its chart is at hand.
async fn wanted(
    releases: &Releases,
    sought: &Release,
    recorded: &BTreeMap<String, Object>,
) -> Result<BTreeMap<String, Object>, DeployError> {
    let rendering = match sought.makes_once.is_empty() {
        true => releases.render(sought),
        false => {
            let made = Made::of(sought, &releases.cluster, recorded).await?;
            if made.is_whole(sought) { releases.render_with(sought, &made) } else { None }
        }
    };
    match rendering {
        Some(rendering) => {
            let rendering = rendering?;
            Ok(rendering.definitions.into_iter().chain(rendering.objects).collect())
        }
        // A chart that is not at hand is that of what was deployed; definitions stand in no manifest.
        None if !sought.makes_once.is_empty() => {
            let mut wanted = recorded.clone();
            for (label, object) in sought.objects.iter().filter(|(label, _)| !recorded.contains_key(*label)) {
                wanted.insert(label.clone(), Object::of(object.value().clone(), &sought.namespace)?);
            }
            wanted.retain(|_, object| !object.is_secret() || recorded.contains_key(&object.key.label()));
            Ok(wanted)
        }
        // What is only to be deleted needs no chart.
        None => {
            let objects = sought.objects.iter().map(|(label, object)| {
                Ok((label.clone(), Object::of(object.value().clone(), &sought.namespace)?))
            });
            objects.collect::<Result<_, DeployError>>()
        }
    }
}

/// Puts the plan's stand-ins back where what they stand for is as it should be.
fn in_the_plans_words(
    found: &mut BTreeMap<String, Document>,
    wanted: &BTreeMap<String, Object>,
    sought: &Release,
) {
    for (label, seen) in found {
        let (Some(real), Some(planned)) = (wanted.get(label), sought.objects.get(label)) else { continue };
        let mut told = seen.value().clone();
        restate(&mut told, &real.masked(), planned.value());
        *seen = told.into();
    }
}

/// The objects of all revisions that may stand, by label; of one that several have, the newest.
pub(super) fn recorded(history: &[Revision]) -> Result<BTreeMap<String, Object>, DeployError> {
    let mut found = BTreeMap::new();
    for revision in standing(history) {
        let objects = objects(revision.manifest(), revision.namespace())?;
        found.extend(objects.into_iter().map(|object| (object.key.label(), object)));
    }
    Ok(found)
}

async fn look_at_objects(
    releases: &Releases,
    sought: &Release,
    wanted: &BTreeMap<String, Object>,
    recorded: &BTreeMap<String, Object>,
) -> Result<(BTreeMap<String, Document>, String), Error> {
    let labels: BTreeSet<String> = wanted.keys().chain(recorded.keys()).cloned().collect();
    let looks = labels.into_iter().map(async |label| {
        let seen = look_at(releases, sought, wanted.get(&label), recorded.get(&label)).await;
        (label, seen)
    });
    let looks: Vec<(String, Result<Option<Seen>, Error>)> =
        stream::iter(looks).buffered(AT_ONCE).collect().await;
    let mut found = BTreeMap::new();
    let mut first_host = String::new();
    for (label, seen) in looks {
        let Some(Seen { object, host }) = seen? else { continue };
        found.insert(label, object.into());
        if first_host.is_empty() {
            first_host = host;
        }
    }
    Ok((found, first_host))
}

/// An object that is there.
struct Seen {
    /// As what is wanted would be if it were so.
    object: Value,
    /// The host name or address of its load balancer.
    host: String,
}

async fn look_at(
    releases: &Releases,
    sought: &Release,
    want: Option<&Object>,
    record: Option<&Object>,
) -> Result<Option<Seen>, Error> {
    let Some(either) = want.or(record) else { return Ok(None) };
    let Some(target) = releases.cluster.as_served(&target(either)).await? else { return Ok(None) };
    let Some(live) = releases.cluster.get(&target).await? else { return Ok(None) };
    let host = host(&live);
    let Some(want) = want else {
        let ours = marked_of(&live, &sought.name, &sought.namespace) && !either.is_kept();
        return Ok(ours.then(|| Seen { object: either.masked(), host }));
    };
    let marked = want.clone().owned_by(&sought.name, &sought.namespace);
    let same_as_recorded = record.is_some_and(|record| record.body == want.body);
    if same_as_recorded && has_all_of(&live, &marked.body) {
        return Ok(Some(Seen { object: want.masked(), host }));
    }
    let after = dry_run(releases, sought, &target, &marked, &live).await?;
    Ok(Some(Seen { object: seen_as(want, &live, &after), host }))
}

/// What an apply would make of an object. Where it would be refused because others own what is to be otherwise, what it
/// would be by force: the apply itself tells of the owners. Where the object is refused as it is, what it would be as far as
/// can be told without the server: a plan is tried as a whole, and something else of it may change the answer.
async fn dry_run(
    releases: &Releases,
    sought: &Release,
    target: &Target,
    want: &Object,
    live: &Value,
) -> Result<Value, Error> {
    let how = How { release: &sought.name, namespace: &sought.namespace, force: true, dry_run: true };
    let body = want.with_known_from(live);
    match releases.cluster.apply(target, &body, how).await {
        Ok(applied) => Ok(applied.live),
        Err(error) if error.verdict() != Verdict::Failed => Ok(merged(live, &body)),
        Err(error) => Err(told(DeployError::Apply(vec![error]))),
    }
}

fn host(live: &Value) -> String {
    let first = &live["status"]["loadBalancer"]["ingress"][0];
    let told = first["hostname"].as_str().or(first["ip"].as_str()).filter(|_| live["kind"] == "Service");
    told.unwrap_or_default().to_owned()
}
