//! The listener: TLS with a certificate of the cluster's own authority, HTTP/1.1, who calls.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::LocalBoxStream;
use futures_util::{StreamExt as _, stream};
use http_body_util::combinators::MapErr;
use http_body_util::{BodyExt as _, Either, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use super::identity::Identity;
use super::instance::Cluster;
use super::refusal::Refusal;
use super::remote::{self, Upgrade};
use super::request::Request;
use super::router::{self, Reply};
use super::{identity, json};
use crate::faults::{Delivery, FaultKind};
use crate::services::eks::server_certificate;
use crate::watch::{Moment, Watched};

/// The most bytes of a request's body, as of the real server.
const MOST: usize = 3 * 1024 * 1024;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

type Frames = StreamBody<LocalBoxStream<'static, Result<Frame<Bytes>, Cut>>>;
type ReplyBody = Either<MapErr<Full<Bytes>, fn(Infallible) -> Cut>, Frames>;

/// The connection is to be cut.
#[derive(Debug, thiserror::Error)]
#[error("cut by a watch or a fault")]
struct Cut;

/// Accepts connections for as long as the cluster is there.
pub(super) async fn serve(listener: TcpListener, cluster: Rc<Cluster>, watch: Option<Rc<Watched>>) {
    // Made with the first connection: most clusters of tests never have one.
    let mut acceptor: Option<TlsAcceptor> = None;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "no connection to a cluster was accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        if acceptor.is_none() {
            acceptor = match secured(&cluster) {
                Ok(made) => Some(made),
                Err(error) => {
                    tracing::error!(error, "a cluster has no certificate");
                    continue;
                }
            };
        }
        if let Some(acceptor) = &acceptor {
            let parts = (Rc::clone(&cluster), watch.clone());
            tokio::task::spawn_local(connection(stream, acceptor.clone(), parts));
        }
    }
}

fn secured(cluster: &Cluster) -> Result<TlsAcceptor, String> {
    let owner = cluster.owner.borrow();
    let found = cluster.place.cluster(owner.world()).ok_or("it is gone")?;
    let (certificate, key) = server_certificate(found, json::wall()).map_err(|failure| failure.message)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config.with_no_client_auth().with_single_cert(vec![CertificateDer::from(certificate)], key)
        })
        .map_err(|error| error.to_string())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    (cluster, watch): (Rc<Cluster>, Option<Rc<Watched>>),
) {
    // Replies are written at once; waiting to fill a segment would only make them late.
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a handshake with a cluster failed");
            return;
        }
        Err(_) => return,
    };
    let service = service_fn(move |request| {
        let (cluster, watch) = (Rc::clone(&cluster), watch.clone());
        async move { exchange(request, &cluster, watch).await }
    });
    let http = hyper::server::conn::http1::Builder::new();
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await {
        tracing::debug!(%error, "a connection to a cluster ended");
    }
}

async fn exchange(
    mut request: hyper::Request<Incoming>,
    cluster: &Rc<Cluster>,
    watch: Option<Rc<Watched>>,
) -> Result<hyper::Response<ReplyBody>, Cut> {
    let upgrade = hyper::upgrade::on(&mut request);
    let (head, body) = request.into_parts();
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(body) = Limited::new(body, MOST).collect().await else {
        let message = format!("Request entity too large: limit is {MOST}");
        return Ok(refused(&Refusal::new(413, "RequestEntityTooLarge", message)));
    };
    let place = (head.uri.path(), head.uri.query().unwrap_or_default());
    let mut request = Request::new(head.method.as_str(), place, body.to_bytes());
    request.content = header("content-type").to_owned();
    request.agent = header("user-agent").to_owned();
    request.accept = header("accept").to_owned();
    let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default().trim();
    let identity = {
        let owner = cluster.owner.borrow();
        identity::verify(owner.world(), &cluster.place, &cluster.aws, token, json::wall())
    };
    let watch = watch.and_then(|watch| Some((watch.next(request.changing_operation()?), watch)));
    let goes_on = |moment| watch.as_ref().is_none_or(|(call, watch)| watch.tell(moment, call));
    if !goes_on(Moment::Arrived) {
        return Err(Cut);
    }
    let (answer, delivery) = answered(cluster, identity.as_ref(), &request).ok_or(Cut)?;
    if !goes_on(Moment::Applied) {
        return Err(Cut);
    }
    match delivery {
        Delivery::Cut => return Err(Cut),
        Delivery::Late(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
        Delivery::Whole | Delivery::Half => {}
    }
    if let Some((call, watch)) = watch {
        // Runs after this connection's turn, in which the reply is written to the socket.
        tokio::task::spawn_local(async move { watch.tell(Moment::Replied, &call) });
    }
    Ok(match answer {
        Ok(Reply::Json(code, value)) if delivery == Delivery::Half => half(code, &value),
        Ok(Reply::Json(code, value)) => json_reply(code, &value),
        Ok(Reply::Text(text)) => whole(200, "text/plain; charset=utf-8", text.into()),
        Ok(Reply::NoSchemas) => whole(200, schemas_type(&request.accept), Bytes::new()),
        Ok(Reply::Stream(kind, lines)) => {
            let frames = lines.map(|line| Ok(Frame::data(line))).boxed_local();
            respond(200, kind, Either::Right(StreamBody::new(frames)))
        }
        Ok(Reply::Upgrade(wanted)) => match remote::accept(&head.headers) {
            Some(headers) => {
                tokio::task::spawn_local(wanted.serve(Rc::clone(cluster), Upgrade::new(upgrade)));
                switched(headers)
            }
            None => refused(&Refusal::bad("Upgrade request required")),
        },
        Err(refusal) => refused(&refusal),
    })
}

/// The answer to a request, and how it is delivered; nothing when a fault cuts the connection before.
fn answered(
    cluster: &Rc<Cluster>,
    identity: Option<&Identity>,
    request: &Request,
) -> Option<(Result<Reply, Refusal>, Delivery)> {
    let mutating = request.changing_operation().is_some();
    let fault = cluster.owner.borrow_mut().strike_cluster(&request.operation(), mutating, json::wall());
    if fault == Some(FaultKind::CutBefore) {
        return None;
    }
    let answer = match (fault.and_then(Refusal::of), identity) {
        (Some(refusal), _) => Err(refusal),
        (None, Some(identity)) => router::answer(cluster, identity, request),
        (None, None) => Err(Refusal::unauthorized()),
    };
    Some((answer, fault.map_or(Delivery::Whole, Delivery::from)))
}

fn switched(headers: [(&'static str, String); 4]) -> hyper::Response<ReplyBody> {
    let mut response = hyper::Response::builder().status(101);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(full(Bytes::new())).unwrap_or_else(|_| hyper::Response::new(full(Bytes::new())))
}

/// The type of schemas in Protocol Buffers: as the client names it, which has changed once.
fn schemas_type(accept: &str) -> &'static str {
    if accept.contains("spec.v2@v1.0") {
        return "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    }
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
}

fn refused(refusal: &Refusal) -> hyper::Response<ReplyBody> {
    let mut response = json_reply(refusal.code, &refusal.status());
    if refusal.code == 429 {
        response.headers_mut().insert("retry-after", 1.into());
    }
    response
}

fn json_reply(code: u16, value: &Value) -> hyper::Response<ReplyBody> {
    whole(code, "application/json", value.to_string().into())
}

fn whole(code: u16, kind: &str, body: Bytes) -> hyper::Response<ReplyBody> {
    respond(code, kind, full(body))
}

fn full(body: Bytes) -> ReplyBody {
    let never: fn(Infallible) -> Cut = |never| match never {};
    Either::Left(Full::new(body).map_err(never))
}

/// The first half of an answer, after which the connection is cut.
fn half(code: u16, value: &Value) -> hyper::Response<ReplyBody> {
    let text = value.to_string();
    let first = Frame::data(Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]));
    // The pause lets hyper write what it has: an error that follows at once would cut the first half off too.
    let cut = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Err(Cut)
    };
    let frames = stream::iter([Ok(first)]).chain(stream::once(cut)).boxed_local();
    let mut response = respond(code, "application/json", Either::Right(StreamBody::new(frames)));
    response.headers_mut().insert("content-length", text.len().into());
    response
}

fn respond(code: u16, kind: &str, body: ReplyBody) -> hyper::Response<ReplyBody> {
    let response = hyper::Response::builder().status(code).header("content-type", kind);
    let response = response.header("cache-control", "no-cache, private").body(body);
    response.unwrap_or_else(|_| hyper::Response::new(full(Bytes::new())))
}
