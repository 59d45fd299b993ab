//! One connection to an upstream.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::error::UpstreamError;

/// A connection that serves one exchange after the other.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    pub(super) address: SocketAddr,
    /// Since when it waits for the next exchange.
    pub(super) idle_since: Instant,
}

/// How an exchange failed.
pub(super) enum ExchangeError {
    /// Before anything was sent: another connection may be tried, whatever the request.
    Unsent,
    /// After it may have been sent.
    Sent(hyper::Error),
}

impl Connection {
    /// Connects to the first address that accepts; `start` spreads calls over the addresses. The
    /// time is shared out so that one silent address does not use up all of it.
    pub(super) async fn open(
        addresses: &[SocketAddr],
        start: usize,
        patience: Duration,
    ) -> Result<Self, UpstreamError> {
        let deadline = Instant::now() + patience;
        let mut last = UpstreamError::ConnectTimedOut(patience);
        for tried in 0..addresses.len() {
            let address = addresses[(start + tried) % addresses.len()];
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
            match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Self::over(stream, address).await,
                Ok(Err(error)) => last = UpstreamError::Connect(error),
                Err(_) => last = UpstreamError::ConnectTimedOut(patience),
            }
        }
        Err(last)
    }

    async fn over(stream: TcpStream, address: SocketAddr) -> Result<Self, UpstreamError> {
        // Small requests must not wait for the acknowledgement of the one before.
        stream.set_nodelay(true).map_err(UpstreamError::Connect)?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "an upstream connection ended");
            }
        });
        Ok(Self { sender, address, idle_since: Instant::now() })
    }

    /// Whether it has not been closed, as far as is known.
    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends a request and waits for the head of the response.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ExchangeError> {
        if self.sender.ready().await.is_err() {
            return Err(ExchangeError::Unsent);
        }
        self.sender.try_send_request(request).await.map_err(|mut failure| match failure.take_message() {
            Some(_) => ExchangeError::Unsent,
            None => ExchangeError::Sent(failure.into_error()),
        })
    }
}
