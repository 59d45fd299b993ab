//! The body of a response, streamed from the upstream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};

use super::connection::Connection;
use super::pool::Pool;

/// Why a body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The time for the whole call went by.
    #[error("the response did not end within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The upstream or the network failed.
    #[error("the response broke off")]
    Broken(#[source] hyper::Error),
}

/// A body that holds its connection and its place among the calls in flight until it has ended.
///
/// Read to its end it gives the connection back; dropped before, the connection is closed.
pub struct UpstreamBody {
    incoming: Incoming,
    held: Option<Held>,
    deadline: Pin<Box<Sleep>>,
    patience: Duration,
}

/// What a body holds until it has ended.
pub(super) struct Held {
    pub(super) connection: Connection,
    pub(super) pool: Arc<Pool>,
    pub(super) flight: InFlight,
}

/// A place among the calls in flight, counted until it is dropped.
pub(super) struct InFlight {
    _permit: OwnedSemaphorePermit,
    gauge: Gauge,
}

impl InFlight {
    pub(super) fn begin(permit: OwnedSemaphorePermit, gauge: Gauge) -> Self {
        gauge.inc();
        Self { _permit: permit, gauge }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

impl UpstreamBody {
    pub(super) fn new(incoming: Incoming, held: Held, (deadline, patience): (Instant, Duration)) -> Self {
        let deadline = Box::pin(sleep_until(deadline));
        let mut body = Self { incoming, held: Some(held), deadline, patience };
        body.release_at_end();
        body
    }

    fn release_at_end(&mut self) {
        if self.incoming.is_end_stream()
            && let Some(held) = self.held.take()
        {
            held.pool.give_back(held.connection);
            drop(held.flight);
        }
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(context) {
            let Some(frame) = frame else {
                self.release_at_end();
                return Poll::Ready(None);
            };
            if frame.is_ok() {
                self.release_at_end();
            }
            return Poll::Ready(Some(frame.map_err(BodyError::Broken)));
        }
        ready!(self.deadline.as_mut().poll(context));
        Poll::Ready(Some(Err(BodyError::TimedOut(self.patience))))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
