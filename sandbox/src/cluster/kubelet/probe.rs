//! Probes, as manifests have them: over HTTP, or by a connection.
//! <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cluster::json::{list, number, text};

/// A process that was just started listens a little later.
const FIRST: Duration = Duration::from_millis(200);

/// So much of an answer is read, as the kubelet does it.
const MOST: u64 = 10 * 1024;

/// A probe of a container.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    what: Value,
    pub(super) delay: Duration,
    pub(super) period: Duration,
    timeout: Duration,
    pub(super) successes: u32,
    pub(super) failures: u32,
}

impl Probe {
    /// Reads one of a container's probes.
    pub(super) fn read(container: &Value, name: &str) -> Option<Self> {
        let what = container.get(name).filter(|probe| probe.is_object())?.clone();
        let seconds = |key: &str, usual: i64| {
            let seconds = number(&what, &format!("/{key}"), usual).max(0);
            Duration::from_secs(seconds.unsigned_abs())
        };
        let count = |key: &str, usual: i64| {
            u32::try_from(number(&what, &format!("/{key}"), usual)).unwrap_or(1).max(1)
        };
        Some(Self {
            delay: seconds("initialDelaySeconds", 0).max(FIRST),
            period: seconds("periodSeconds", 10).max(Duration::from_secs(1)),
            timeout: seconds("timeoutSeconds", 1).max(Duration::from_secs(1)),
            successes: count("successThreshold", 1),
            failures: count("failureThreshold", 3),
            what,
        })
    }

    /// Asks once.
    ///
    /// # Errors
    /// Why it does not succeed.
    pub(super) async fn ask(&self, container: &Value, ports: &Ports) -> Result<(), String> {
        match tokio::time::timeout(self.timeout, self.try_ask(container, ports)).await {
            Ok(asked) => asked,
            Err(_) => Err("context deadline exceeded (it did not answer in time)".to_owned()),
        }
    }

    async fn try_ask(&self, container: &Value, ports: &Ports) -> Result<(), String> {
        if let Some(get) = self.what.get("httpGet") {
            let address = ports.of(container, &get["port"])?;
            return http(address, get).await;
        }
        let socket = self.what.get("tcpSocket").or_else(|| self.what.get("grpc"));
        match socket {
            Some(socket) => {
                let address = ports.of(container, &socket["port"])?;
                TcpStream::connect(address)
                    .await
                    .map(drop)
                    .map_err(|error| format!("dial tcp {address}: {error}"))
            }
            None => Err("the sandbox asks over HTTP or by a connection only".to_owned()),
        }
    }
}

/// Where the ports of a container are on loopback.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ports {
    /// The port of the manifest and the one that it became.
    pub(super) mapped: Option<(u16, u16)>,
}

impl Ports {
    fn of(&self, container: &Value, port: &Value) -> Result<SocketAddr, String> {
        let named = |name: &str| {
            let port = list(container, "/ports").iter().find(|port| text(port, "/name") == name);
            port.and_then(|port| port["containerPort"].as_u64())
        };
        let wanted = port.as_u64().or_else(|| named(port.as_str()?));
        match (self.mapped, wanted) {
            (Some((from, to)), Some(wanted)) if u64::from(from) == wanted => {
                Ok((Ipv4Addr::LOCALHOST, to).into())
            }
            _ => Err(format!("the process listens on no port {port}")),
        }
    }
}

async fn http(address: SocketAddr, get: &Value) -> Result<(), String> {
    let path = text(get, "/path");
    let told = |error: std::io::Error| format!("Get \"http://{address}{path}\": {error}");
    let mut stream = TcpStream::connect(address).await.map_err(told)?;
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nUser-Agent: kube-probe/sandbox\r\nAccept: */*\r\nConnection: close\r\n"
    );
    let headers = list(get, "/httpHeaders");
    if !headers.iter().any(|header| text(header, "/name").eq_ignore_ascii_case("host")) {
        request.push_str(&format!("Host: {address}\r\n"));
    }
    for header in headers {
        request.push_str(&format!("{}: {}\r\n", text(header, "/name"), text(header, "/value")));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(told)?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await.map_err(told)?;
    if answer.is_empty() {
        return Err(format!("Get \"http://{address}{path}\": EOF"));
    }
    let line = String::from_utf8_lossy(&answer[..answer.len().min(32)]).into_owned();
    match line.split(' ').nth(1).and_then(|code| code.get(..3)?.parse::<u16>().ok()) {
        Some(200..400) => Ok(()),
        Some(code) => Err(format!("HTTP probe failed with statuscode: {code}")),
        None => Err("malformed HTTP response".to_owned()),
    }
}
