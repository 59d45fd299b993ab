//! What the pods of a service write: gathered and put in order, or followed as it comes.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::provider::kube::{ClusterReader, LogLine, LogQuery, name};
use crate::provider::{Class, Error};

/// How many containers are read at once.
const AT_ONCE: usize = 16;

/// How often new pods are looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Whose lines, and which of them.
#[derive(Clone, Debug)]
pub struct Sought {
    /// The namespace.
    pub namespace: String,
    /// The labels of the pods.
    pub labels: String,
    /// Only lines from then on.
    pub since: Option<Timestamp>,
    /// At most so many of the last lines of each container.
    pub tail: Option<u32>,
    /// The lines of the containers' former lives.
    pub previous: bool,
}

/// A line of one of the pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodLine {
    /// The pod.
    pub pod: String,
    /// The container in it.
    pub container: String,
    /// The line.
    pub line: LogLine,
}

/// All lines so far, in the order of their times. Containers that have not run, or (for their former lives) not twice,
/// have none.
///
/// # Errors
/// The classified error; [`Class::NotFound`] when there is no pod.
pub async fn gather(reader: &ClusterReader, sought: &Sought) -> Result<Vec<PodLine>, Error> {
    let pods = reader.pods(&sought.namespace, &sought.labels).await?;
    if pods.is_empty() {
        let message = format!("no pod in {} has the labels {}", sought.namespace, sought.labels);
        return Err(Error { class: Class::NotFound, ..Error::local("kubernetes", "list pods", message) });
    }
    let queries: Vec<LogQuery> = pods.iter().flat_map(|pod| queries(pod, sought)).collect();
    let reads = queries.into_iter().map(|query| read(reader, query));
    let all: Vec<Result<Vec<PodLine>, Error>> = stream::iter(reads).buffered(AT_ONCE).collect().await;
    let mut lines: Vec<PodLine> = all.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    // A stable order: lines of one container that have the same time stay as they were written.
    lines.sort_by_key(|line| line.line.at);
    Ok(lines)
}

fn queries(pod: &Value, sought: &Sought) -> Vec<LogQuery> {
    let containers = pod["spec"]["containers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let query = |container: &Value| LogQuery {
        namespace: sought.namespace.clone(),
        pod: name(pod).to_owned(),
        container: container["name"].as_str().unwrap_or_default().to_owned(),
        follow: false,
        previous: sought.previous,
        since: sought.since,
        tail: sought.tail,
    };
    containers.iter().map(query).collect()
}

async fn read(reader: &ClusterReader, query: LogQuery) -> Result<Vec<PodLine>, Error> {
    let lines = match reader.log(&query).await {
        // It has not run yet, or not before, or is gone by now.
        Err(error) if matches!(error.class, Class::Invalid | Class::NotFound) => return Ok(Vec::new()),
        other => other?,
    };
    let mut lines = std::pin::pin!(lines);
    let mut found = Vec::new();
    while let Some(line) = lines.next().await {
        found.push(PodLine { pod: query.pod.clone(), container: query.container.clone(), line: line? });
    }
    Ok(found)
}

/// Tells every line as it comes, of pods that are there and of those that will be. Ends only by an error.
///
/// # Errors
/// The classified error, when pods cannot be listed any more.
pub async fn follow(
    reader: &ClusterReader,
    sought: &Sought,
    tell: &mut (dyn FnMut(PodLine) + Send),
) -> Result<(), Error> {
    let (sender, mut lines) = mpsc::channel(1024);
    let mut followers: JoinSet<(Key, Option<Timestamp>)> = JoinSet::new();
    let mut known: BTreeMap<Key, State> = BTreeMap::new();
    let mut again = tokio::time::interval(LOOK_AGAIN);
    let mut first = true;
    loop {
        tokio::select! {
            Some(line) = lines.recv() => tell(line),
            Some(ended) = followers.join_next() => {
                if let Ok((key, last)) = ended
                    && let Some(state) = known.get_mut(&key)
                {
                    *state = State { running: false, last: last.or(state.last) };
                }
            }
            _ = again.tick() => {
                let pods = match reader.pods(&sought.namespace, &sought.labels).await {
                    // It will be back.
                    Err(error) if error.class == Class::Unavailable && !first => continue,
                    other => other?,
                };
                for query in pods.iter().filter(|pod| has_run(pod)).flat_map(|pod| queries(pod, sought)) {
                    let key = (query.pod.clone(), query.container.clone());
                    let state = known.entry(key.clone()).or_insert(State { running: false, last: None });
                    if state.running {
                        continue;
                    }
                    state.running = true;
                    // Of pods that came since, everything; of those that were left off, what came since.
                    let (tail, since) = match (state.last, first) {
                        (Some(last), _) => (None, Some(last)),
                        (None, true) => (query.tail, query.since),
                        (None, false) => (None, None),
                    };
                    let query = LogQuery { follow: true, previous: false, tail, since, ..query };
                    followers.spawn(follow_one(reader.clone(), query, state.last, sender.clone()));
                }
                first = false;
            }
        }
    }
}

/// A container of a pod.
type Key = (String, String);

struct State {
    running: bool,
    /// When the last line that was told was written.
    last: Option<Timestamp>,
}

fn has_run(pod: &Value) -> bool {
    pod["status"]["phase"] != "Pending"
}

async fn follow_one(
    reader: ClusterReader,
    query: LogQuery,
    told: Option<Timestamp>,
    sender: mpsc::Sender<PodLine>,
) -> (Key, Option<Timestamp>) {
    let key = (query.pod.clone(), query.container.clone());
    let mut last = None;
    let Ok(lines) = reader.log(&query).await else { return (key, last) };
    let mut lines = std::pin::pin!(lines);
    while let Some(Ok(line)) = lines.next().await {
        // Asked for by the second, so the last ones may come again.
        if told.is_some() && line.at <= told {
            continue;
        }
        last = line.at.or(last);
        let (pod, container) = key.clone();
        if sender.send(PodLine { pod, container, line }).await.is_err() {
            break;
        }
    }
    (key, last)
}
