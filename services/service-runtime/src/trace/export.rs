//! Sending spans to a collector, beside the requests and never in their way.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::otlp::{Span, export_request};
use crate::client::{Call, Upstream};
use crate::config::TraceExport;
use crate::identity::Identity;

/// Spans that may wait; more are dropped and counted.
const QUEUE: usize = 2048;
/// Spans sent at once at most.
const BATCH: usize = 512;
/// How long a span waits for others to be sent with.
const GATHER: Duration = Duration::from_secs(2);
/// How long the last spans may take at the end of the process.
const FAREWELL: Duration = Duration::from_secs(2);

/// Takes finished spans; without a collector it drops them at no cost.
#[derive(Clone, Default)]
pub(crate) struct Exporter(Option<Sending>);

#[derive(Clone)]
struct Sending {
    queue: mpsc::Sender<Span>,
    ratio: f64,
    dropped: Counter,
}

/// The task that sends, to be waited for at the end.
pub(crate) struct ExportTask {
    task: JoinHandle<()>,
    end: oneshot::Sender<()>,
}

impl Exporter {
    /// Starts sending to a collector behind `upstream`.
    pub(crate) fn start(
        upstream: Upstream,
        settings: &TraceExport,
        identity: &'static Identity,
        dropped: Counter,
    ) -> (Self, ExportTask) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let headers = settings
            .headers
            .iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
            })
            .collect();
        let batches = Batches { upstream, headers, identity, dropped: dropped.clone() };
        let (end, ending) = oneshot::channel();
        let task = tokio::spawn(batches.run(waiting, ending));
        (Self(Some(Sending { queue, ratio: settings.ratio, dropped })), ExportTask { task, end })
    }

    /// Whether a trace that starts here is recorded.
    pub(crate) fn samples(&self) -> bool {
        self.0.as_ref().is_some_and(|sending| fastrand::f64() < sending.ratio)
    }

    /// Whether a span of this context would be sent.
    pub(crate) fn wants(&self, sampled: bool) -> bool {
        sampled && self.0.is_some()
    }

    /// Takes a finished span.
    pub(crate) fn take(&self, span: Span) {
        if let Some(sending) = &self.0
            && sending.queue.try_send(span).is_err()
        {
            sending.dropped.inc();
        }
    }
}

impl ExportTask {
    /// Sends the spans that wait, for two seconds at most.
    pub(crate) async fn finish(mut self) {
        // A task that has ended before has nothing left to send.
        let _ = self.end.send(());
        if timeout(FAREWELL, &mut self.task).await.is_err() {
            self.task.abort();
            tracing::warn!("the last spans were not sent in time");
        }
    }
}

struct Batches {
    upstream: Upstream,
    headers: HeaderMap,
    identity: &'static Identity,
    dropped: Counter,
}

impl Batches {
    async fn run(self, mut waiting: mpsc::Receiver<Span>, mut ending: oneshot::Receiver<()>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut closed = false;
        loop {
            let until = Instant::now() + GATHER;
            while batch.len() < BATCH {
                tokio::select! {
                    span = waiting.recv() => match span {
                        Some(span) => batch.push(span),
                        None => break,
                    },
                    () = tokio::time::sleep_until(until), if !batch.is_empty() => break,
                    _ = &mut ending, if !closed => {
                        // What waits is still received, nothing new is taken.
                        closed = true;
                        waiting.close();
                    }
                }
            }
            if batch.is_empty() {
                return;
            }
            self.send(&batch).await;
            batch.clear();
        }
    }

    async fn send(&self, batch: &[Span]) {
        let body = export_request(self.identity, batch).to_string();
        let mut headers = self.headers.clone();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let call =
            Call { method: Method::POST, path: self.upstream.own_target(), headers, body: Bytes::from(body) };
        let outcome = match self.upstream.send(call).await {
            Ok(response) if response.status().is_success() => return,
            Ok(response) => format!("the collector answered {}", response.status()),
            Err(error) => error.to_string(),
        };
        self.dropped.inc_by(batch.len() as u64);
        tracing::warn!(spans = batch.len(), reason = outcome, "spans were not sent");
    }
}
