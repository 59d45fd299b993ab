//! The WebSocket: how a request becomes one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderMap;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sha1::{Digest as _, Sha1};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// RFC 6455, section 1.3.
const ACCEPTS: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The versions of the protocol of channels, the newest first. The fifth can tell that a stream ended.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// In the fifth version: this channel tells which other one ended.
const ENDED: u8 = 255;

/// A connection that is to become a WebSocket.
pub(in crate::cluster) struct Upgrade(OnUpgrade);

/// The headers of the answer that makes a WebSocket of a connection; nothing where none is asked for.
pub(in crate::cluster) fn accept(headers: &HeaderMap) -> Option<[(&'static str, String); 4]> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header("upgrade").eq_ignore_ascii_case("websocket") {
        return None;
    }
    let offered: Vec<&str> = header("sec-websocket-protocol").split(',').map(str::trim).collect();
    let protocol = PROTOCOLS.into_iter().find(|known| offered.contains(known))?;
    let digest = Sha1::digest(format!("{}{ACCEPTS}", header("sec-websocket-key")));
    Some([
        ("connection", "Upgrade".to_owned()),
        ("upgrade", "websocket".to_owned()),
        ("sec-websocket-accept", STANDARD.encode(digest)),
        ("sec-websocket-protocol", protocol.to_owned()),
    ])
}

impl Upgrade {
    pub(in crate::cluster) fn new(upgrade: OnUpgrade) -> Self {
        Self(upgrade)
    }

    pub(super) async fn open(self) -> Option<Socket> {
        let upgraded = self.0.await.ok()?;
        Some(Socket(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await))
    }
}

/// What came over a socket.
pub(super) enum Came {
    /// Bytes of a channel.
    Bytes(u8, Bytes),
    /// A channel ended.
    Ended(u8),
    /// The socket ended.
    Closed,
}

/// A socket with channels.
pub(super) struct Socket(WebSocketStream<TokioIo<Upgraded>>);

impl Socket {
    /// Sends bytes on a channel; whether that went.
    pub(super) async fn send(&mut self, channel: u8, bytes: &[u8]) -> bool {
        let mut message = BytesMut::with_capacity(bytes.len() + 1);
        message.put_u8(channel);
        message.put_slice(bytes);
        self.0.send(Message::Binary(message.freeze())).await.is_ok()
    }

    pub(super) async fn next(&mut self) -> Came {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Binary(bytes))) => match bytes.split_first() {
                    Some((&ENDED, rest)) => return Came::Ended(rest.first().copied().unwrap_or(0)),
                    Some((channel, _)) => return Came::Bytes(*channel, bytes.slice(1..)),
                    None => {}
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Came::Closed,
                Some(Ok(_)) => {}
            }
        }
    }

    pub(super) async fn close(mut self) {
        // The other side may be gone.
        let _ = self.0.close(None).await;
    }
}
