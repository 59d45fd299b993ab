//! What containers wrote.
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod>

use std::rc::Rc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::Value;

use super::api;
use super::instance::Cluster;
use super::json::{self, list, name, text, uid};
use super::kinds;
use super::kubelet::Output;
use super::refusal::Refusal;
use super::request::Request;
use super::router::Reply;
use crate::clock::Time;

/// Which lines are asked for, and how.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    since: Option<i64>,
    tail: Option<usize>,
    timestamps: bool,
}

/// Answers `pods/log`.
pub(super) fn answer(
    cluster: &Rc<Cluster>,
    request: &Request,
    place: (&str, &str),
) -> Result<Reply, Refusal> {
    let pod = api::get(&cluster.store.borrow(), &kinds::known("", "Pod"), place)?;
    let container = container(&pod, request.parameter("container"))?;
    let previous = request.flag("previous");
    let Some(output) = cluster.kubelet.output(uid(&pod), &container, previous) else {
        return Err(Refusal::bad(missing(&pod, &container, previous)));
    };
    let since =
        request.parameter("sinceTime").parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    let seconds = request.number("sinceSeconds").and_then(|seconds| i64::try_from(seconds).ok());
    let wanted = Wanted {
        since: since.or_else(|| seconds.map(|seconds| json::wall().0 - seconds * 1000)),
        tail: request.number("tailLines").and_then(|lines| usize::try_from(lines).ok()),
        timestamps: request.flag("timestamps"),
    };
    let (lines, next) = output.from(0);
    let first = wanted.first(lines);
    if !request.flag("follow") {
        return Ok(Reply::Text(first));
    }
    let begun = futures_util::stream::once(async move { Bytes::from(first) });
    Ok(Reply::Stream("text/plain", begun.chain(follow(output, next, wanted)).boxed_local()))
}

fn container(pod: &Value, wanted: &str) -> Result<String, Refusal> {
    let all = list(pod, "/spec/containers").iter().chain(list(pod, "/spec/initContainers"));
    let names: Vec<&str> = all.map(|one| text(one, "/name")).collect();
    let mains = list(pod, "/spec/containers").len();
    match names.first() {
        Some(only) if wanted.is_empty() && mains == 1 => Ok((*only).to_owned()),
        _ if names.contains(&wanted) => Ok(wanted.to_owned()),
        _ if wanted.is_empty() => Err(Refusal::bad(format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            name(pod),
            names.join(" ")
        ))),
        _ => Err(Refusal::bad(format!("container {wanted} is not valid for pod {}", name(pod)))),
    }
}

fn missing(pod: &Value, container: &str, previous: bool) -> String {
    let name = name(pod);
    if previous {
        return format!("previous terminated container {container:?} in pod {name:?} not found");
    }
    let status = list(pod, "/status/containerStatuses").iter().find(|one| text(one, "/name") == container);
    let why = status.map_or("", |status| text(status, "/state/waiting/reason"));
    let why = if why.is_empty() { "ContainerCreating" } else { why };
    format!("container {container:?} in pod {name:?} is waiting to start: {why}")
}

impl Wanted {
    fn line(&self, (time, line): &(Time, String)) -> String {
        if self.timestamps { format!("{} {line}\n", time.iso()) } else { format!("{line}\n") }
    }

    /// The lines that are there already.
    fn first(&self, mut lines: Vec<(Time, String)>) -> String {
        lines.retain(|(time, _)| self.since.is_none_or(|since| time.0 >= since));
        let skip = self.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        lines.iter().skip(skip).map(|line| self.line(line)).collect()
    }
}

/// The lines from a number on, as they come.
fn follow(output: Rc<Output>, next: usize, wanted: Wanted) -> impl futures_util::Stream<Item = Bytes> {
    let told = output.subscribe();
    futures_util::stream::unfold((output, told, next), move |(output, mut told, next)| async move {
        loop {
            let more = told.borrow_and_update().1;
            let (lines, after) = output.from(next);
            if !lines.is_empty() {
                let text: String = lines.iter().map(|line| wanted.line(line)).collect();
                return Some((Bytes::from(text), (output, told, after)));
            }
            if !more {
                return None;
            }
            told.changed().await.ok()?;
        }
    })
}
