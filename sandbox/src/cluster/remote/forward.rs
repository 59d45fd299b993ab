//! `portforward`: connections to the ports of a pod's processes.

use std::rc::Rc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use super::socket::{Came, Socket};
use crate::cluster::json::{list, name, text};
use crate::cluster::marks::ADDRESS;
use crate::cluster::refusal::Refusal;
use crate::cluster::request::Request;

/// The ports of a pod that are wanted.
pub(in crate::cluster) struct Forward {
    pod: Rc<Value>,
    ports: Vec<u16>,
}

/// A port: its connection, while it lasts.
struct Port {
    to: Option<OwnedWriteHalf>,
}

/// What a process sent on a port; nothing more when it is empty.
type Sent = (usize, Vec<u8>);

impl Forward {
    pub(super) fn read(pod: Rc<Value>, request: &Request) -> Result<Self, Refusal> {
        let named = request.parameters("ports").flat_map(|ports| ports.split(','));
        let ports: Result<Vec<u16>, _> = named.map(|port| port.trim().parse()).collect();
        match ports {
            Ok(ports) if !ports.is_empty() => Ok(Self { pod, ports }),
            _ => Err(Refusal::bad("query parameter \"ports\" is required")),
        }
    }

    pub(super) async fn serve(self, mut socket: Socket) {
        let (told, mut said) = mpsc::channel::<Sent>(16);
        let mut ports = Vec::new();
        for (index, port) in self.ports.iter().enumerate() {
            let Ok(channel) = u8::try_from(index * 2) else { break };
            // Both channels of a port begin with its number.
            for channel in [channel, channel + 1] {
                socket.send(channel, &port.to_le_bytes()).await;
            }
            match self.connect(*port).await {
                Ok(stream) => {
                    let (from, to) = stream.into_split();
                    tokio::task::spawn_local(listen(index, from, told.clone()));
                    ports.push(Port { to: Some(to) });
                }
                Err(why) => {
                    socket.send(channel + 1, why.as_bytes()).await;
                    ports.push(Port { to: None });
                }
            }
        }
        let mut open = ports.iter().filter(|port| port.to.is_some()).count();
        while open > 0 {
            tokio::select! {
                Some((index, bytes)) = said.recv() => {
                    if bytes.is_empty() {
                        open -= 1;
                    } else if !socket.send(u8::try_from(index * 2).unwrap_or(0), &bytes).await {
                        break;
                    }
                }
                came = socket.next() => match came {
                    Came::Bytes(channel, bytes) => {
                        let port = ports.get_mut(usize::from(channel / 2));
                        if let Some(to) = port.and_then(|port| port.to.as_mut()) {
                            // That the process is gone shows on the other half.
                            let _ = to.write_all(&bytes).await;
                        }
                    }
                    Came::Ended(channel) => {
                        if let Some(port) = ports.get_mut(usize::from(channel / 2)) {
                            port.to = None;
                        }
                    }
                    Came::Closed => break,
                },
            }
        }
        socket.close().await;
    }

    /// A connection to what a port of the pod became on loopback.
    async fn connect(&self, port: u16) -> Result<TcpStream, String> {
        let refused = |why: String| format!("error forwarding port {port} to pod {}: {why}", name(&self.pod));
        let declared = list(&self.pod, "/spec/containers").iter().flat_map(|one| list(one, "/ports"));
        let known =
            declared.filter_map(|one| one["containerPort"].as_u64()).any(|one| one == u64::from(port));
        let address = text(&self.pod["metadata"]["annotations"], &format!("/{}", ADDRESS.replace('/', "~1")));
        if !known || address.is_empty() {
            return Err(refused("connection refused".to_owned()));
        }
        TcpStream::connect(address).await.map_err(|error| refused(error.to_string()))
    }
}

async fn listen(index: usize, mut from: OwnedReadHalf, told: mpsc::Sender<Sent>) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        // Nobody listens any more.
        if told.send((index, buffer[..read].to_vec())).await.is_err() || read == 0 {
            return;
        }
    }
}
