//! Waiting until an object is as it is to be: by a watch, and with the reason when it does not come to be.

use std::time::Duration;

use futures_util::StreamExt;
use http::Method;
use kube::core::WatchEvent;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::cluster::Cluster;
use super::discovery::{Paths, Target};
use super::failure::{failed, is_lost};
use super::judge::{Judgement, judge};
use super::trouble::{telling, trouble};
use crate::provider::Error;

/// How many pods are told of.
const PODS: usize = 3;

/// How many of a container's last lines are shown.
const LINES: u32 = 5;

/// How long after a watch that ended another one is started.
const PAUSE: Duration = Duration::from_secs(1);

/// An object that did not come to be as it is to be.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// A call failed.
    #[error("{object} could not be looked at")]
    Call {
        /// The object.
        object: String,
        /// Why.
        source: Error,
    },
    /// It will never be.
    #[error("{object} failed: {why}{}", lines(.because))]
    Failed {
        /// The object.
        object: String,
        /// What its controller says.
        why: String,
        /// What lies behind it.
        because: Vec<String>,
    },
    /// It was not in time.
    #[error("{object} is not ready after {} s: {why}{}", .after.as_secs(), lines(.because))]
    Stuck {
        /// The object.
        object: String,
        /// How long was waited.
        after: Duration,
        /// What it still waits for.
        why: String,
        /// What lies behind it.
        because: Vec<String>,
    },
}

fn lines(because: &[String]) -> String {
    because.iter().map(|line| format!("\n    {line}")).collect()
}

impl Cluster {
    /// Waits until an object is ready, at most as long as `patience`.
    ///
    /// # Errors
    /// Why it is not.
    pub async fn wait(&self, target: &Target, patience: Duration) -> Result<(), NotReady> {
        let call = |source| NotReady::Call { object: target.to_string(), source };
        let until = Instant::now() + patience;
        let paths = self.paths(target).await.map_err(call)?;
        let mut waited_for;
        loop {
            let live = self.find("get", &paths.object).await.map_err(call)?;
            match live.as_ref().map(judge) {
                Some(Judgement::Ready) => {
                    let definition = live.filter(|live| live["kind"] == "CustomResourceDefinition");
                    let Some(definition) = definition else { return Ok(()) };
                    return self.wait_served(&definition).await.map_err(call);
                }
                Some(Judgement::Failed(why)) => return Err(self.failed(target, live.as_ref(), why).await),
                Some(Judgement::Pending(why)) => waited_for = why,
                None => waited_for = "it is not there".to_owned(),
            }
            let version = live.as_ref().and_then(|live| live["metadata"]["resourceVersion"].as_str());
            let seen = self.next(target, &paths, version.unwrap_or_default());
            match timeout_at(until, seen).await {
                Ok(Err(error)) => return Err(call(error)),
                Ok(Ok(())) => {}
                Err(_elapsed) => return self.stuck(target, patience, waited_for).await,
            }
        }
    }

    /// One more look when time is up: what it waits for now is what a person needs to know.
    async fn stuck(&self, target: &Target, after: Duration, mut why: String) -> Result<(), NotReady> {
        let live = self.get(target).await.ok().flatten();
        match live.as_ref().map(judge) {
            Some(Judgement::Ready) => return Ok(()),
            Some(Judgement::Pending(now) | Judgement::Failed(now)) => why = now,
            None => {}
        }
        let because = self.because(target, live.as_ref()).await;
        Err(NotReady::Stuck { object: target.to_string(), after, why, because })
    }

    /// Waits until a pod has run to its end, as hooks do, at most as long as `patience`.
    ///
    /// # Errors
    /// Why it has not.
    pub async fn wait_ended(&self, target: &Target, patience: Duration) -> Result<(), NotReady> {
        let call = |source| NotReady::Call { object: target.to_string(), source };
        let until = Instant::now() + patience;
        loop {
            let live = self.get(target).await.map_err(call)?;
            match live.as_ref().map(|live| &live["status"]["phase"]) {
                Some(phase) if phase == "Succeeded" => return Ok(()),
                Some(phase) if phase == "Failed" => {
                    return Err(self.failed(target, live.as_ref(), "its containers failed".to_owned()).await);
                }
                _ if Instant::now() > until => {
                    let because = self.because(target, live.as_ref()).await;
                    let (object, why) = (target.to_string(), "it has not ended".to_owned());
                    return Err(NotReady::Stuck { object, after: patience, why, because });
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Waits until an object is gone, at most as long as `patience`; tells whether it is.
    ///
    /// # Errors
    /// The classified error.
    pub async fn wait_gone(&self, target: &Target, patience: Duration) -> Result<bool, Error> {
        let until = Instant::now() + patience;
        let paths = self.paths(target).await?;
        loop {
            let Some(live) = self.find("get", &paths.object).await? else { return Ok(true) };
            let version = live["metadata"]["resourceVersion"].as_str().unwrap_or_default();
            match timeout_at(until, self.next(target, &paths, version)).await {
                Ok(seen) => seen?,
                Err(_elapsed) => return Ok(false),
            }
        }
    }

    /// Returns when an object is no longer in the state that `judge` is known of, or the watch ended.
    async fn next(&self, target: &Target, paths: &Paths, version: &str) -> Result<(), Error> {
        let path = format!(
            "{}?watch=true&fieldSelector=metadata.name%3D{}&resourceVersion={version}&timeoutSeconds=290",
            paths.collection, target.name
        );
        let request = self.request("watch", Method::GET, &path, None)?;
        let events = self.with_client(|client| {
            let request = request.clone();
            async move { client.request_events::<Value>(request).await }
        });
        let events = match events.await? {
            Err(error) if is_lost(&error) => {
                tokio::time::sleep(PAUSE).await;
                return Ok(());
            }
            other => other.map_err(|error| failed("watch", error))?,
        };
        let mut events = std::pin::pin!(events);
        while let Some(event) = events.next().await {
            match event {
                Ok(WatchEvent::Added(live) | WatchEvent::Modified(live)) => {
                    if !matches!(judge(&live), Judgement::Pending(_)) {
                        return Ok(());
                    }
                }
                Ok(WatchEvent::Deleted(_)) => return Ok(()),
                Ok(WatchEvent::Bookmark(_)) => {}
                // The version is too old, or the connection broke: look again.
                Ok(WatchEvent::Error(_)) | Err(_) => break,
            }
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }

    async fn failed(&self, target: &Target, live: Option<&Value>, why: String) -> NotReady {
        NotReady::Failed { object: target.to_string(), why, because: self.because(target, live).await }
    }

    /// What the pods behind an object suffer from. Whatever cannot be asked is left out: the caller has an error
    /// to tell already.
    async fn because(&self, target: &Target, live: Option<&Value>) -> Vec<String> {
        let Some(live) = live else { return Vec::new() };
        let pods = match live["spec"]["selector"]["matchLabels"].as_object() {
            _ if target.kind == "Pod" => vec![live.clone()],
            Some(labels) => self.pods(&target.namespace, labels).await.unwrap_or_default(),
            None => Vec::new(),
        };
        let mut told = Vec::new();
        for (pod, found) in pods.iter().filter_map(|pod| Some((pod, trouble(pod)?))).take(PODS) {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            let mut lines = vec![format!("pod {name}: {}", found.why)];
            if let Some(container) = &found.container {
                lines.extend(self.last_lines(&target.namespace, name, container).await);
            } else {
                lines.extend(self.warning(&target.namespace, name).await);
            }
            lines.extend(found.way_out(&lines).map(|way| format!("  {way}")));
            told.extend(lines);
        }
        told
    }

    /// The last lines of a container's former life, and if it had none, of this one.
    async fn last_lines(&self, namespace: &str, pod: &str, container: &str) -> Vec<String> {
        for previous in [true, false] {
            let path = format!(
                "/api/v1/namespaces/{namespace}/pods/{pod}/log?container={container}&previous={previous}&tailLines={LINES}"
            );
            let Ok(request) = self.request("read logs", Method::GET, &path, None) else { break };
            let text = self.with_client(|client| {
                let request = request.clone();
                async move { client.request_text(request).await }
            });
            match text.await.unwrap_or_else(|_| Ok(String::new())) {
                Ok(text) if !text.is_empty() => {
                    return text.lines().map(|line| format!("  | {line}")).collect();
                }
                _ => {}
            }
        }
        Vec::new()
    }

    /// The last warning about a pod that tells something: what the kubelet says of probes, volumes and the like.
    async fn warning(&self, namespace: &str, pod: &str) -> Option<String> {
        let path = format!(
            "/api/v1/namespaces/{namespace}/events?fieldSelector=involvedObject.name%3D{pod}%2Ctype%3DWarning"
        );
        let list = self.call("list events", Method::GET, &path, None).await.ok()?;
        let events = list["items"].as_array()?;
        let told = telling(events)?;
        Some(format!("  {}: {}", told["reason"].as_str()?, told["message"].as_str()?.trim()))
    }
}
