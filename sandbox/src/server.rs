//! The server on loopback: one thread that owns the world and every connection.
//!
//! One thread is enough for thousands of calls a second, and it makes the order of calls plain: a call is answered
//! between two polls, without a lock. The thread has its own runtime, so a sandbox also works inside a test whose
//! own runtime is busy or gone.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use crate::clock::Time;
use crate::cluster::Clusters;
use crate::faults::{Delivered, Delivery};
use crate::journal::JournalError;
use crate::owner::Owner;
use crate::settings::Settings;
use crate::watch::{Moment, Watch, Watched};
use crate::wire::message::{Reply, Request};

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The world cannot be read.
    #[error("cannot open the sandbox's world")]
    World(#[from] JournalError),
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The thread or its runtime cannot be started.
    #[error("cannot start the sandbox's thread")]
    Thread(#[source] std::io::Error),
}

/// A running sandbox. Dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on 127.0.0.1 and returns when it listens.
    ///
    /// # Errors
    /// When the world cannot be opened or the port cannot be had.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        Self::start_blocking(settings)
    }

    /// As [`Sandbox::start`], for callers without a runtime.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub fn start_blocking(settings: Settings) -> Result<Self, StartError> {
        Self::start_with(settings, None)
    }

    /// As [`Sandbox::start_blocking`], with somebody who is told the moments of every call that changes something.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub fn start_watched(settings: Settings, watch: Watch) -> Result<Self, StartError> {
        Self::start_with(settings, Some(watch))
    }

    fn start_with(settings: Settings, watch: Option<Watch>) -> Result<Self, StartError> {
        let port = settings.port;
        let listen = |source| StartError::Listen { port, source };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let owner = Owner::open(settings, wall_time())?;
        let (stop, stopped) = oneshot::channel();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let thread = std::thread::Builder::new()
            .name("sandbox".into())
            .spawn(move || LocalSet::new().block_on(&runtime, serve(listener, (owner, watch), stopped)))
            .map_err(StartError::Thread)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The endpoint, for example `http://127.0.0.1:4566`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Stops the sandbox; a world in a folder is saved.
    pub fn stop(mut self) {
        self.stop_now();
    }

    /// Serves until SIGINT or SIGTERM comes, then stops. For the background process.
    ///
    /// # Errors
    /// When the signals cannot be listened to.
    pub async fn run_until_signal(self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result?,
            _ = terminate.recv() => {}
        }
        self.stop();
        Ok(())
    }

    fn stop_now(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the sandbox's thread panicked");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop_now();
    }
}

fn wall_time() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

async fn serve(
    listener: std::net::TcpListener,
    (owner, watch): (Owner, Option<Watch>),
    mut stopped: oneshot::Receiver<()>,
) {
    let (owner, watch) = (Rc::new(RefCell::new(owner)), watch.map(|watch| Rc::new(Watched::by(watch))));
    let own = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
    let clusters = Rc::new(Clusters::new(Rc::clone(&owner), own, watch.clone()));
    clusters.follow();
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the sandbox cannot listen");
            return;
        }
    };
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let parts = (Rc::clone(&owner), Rc::clone(&clusters));
                    tokio::task::spawn_local(connection(stream, parts, watch.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, usually: connections that end give some back.
                    tracing::warn!(%error, "no connection was accepted");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }
    clusters.stop().await;
    if let Err(error) = owner.borrow_mut().save() {
        tracing::error!(%error, "no last snapshot was written; the log has everything");
    }
}

type ReplyBody = BoxBody<Bytes, Cut>;

/// The connection is to be cut.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
struct Cut;

/// The AWS, and the clusters in it.
type Parts = (Rc<RefCell<Owner>>, Rc<Clusters>);

async fn connection(stream: TcpStream, parts: Parts, watch: Option<Rc<Watched>>) {
    // Replies are written at once; waiting to fill a segment would only make them late.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let (parts, watch) = (parts.clone(), watch.clone());
        async move { exchange(request, &parts, watch).await }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.half_close(true);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn exchange(
    request: hyper::Request<Incoming>,
    (owner, clusters): &Parts,
    watch: Option<Rc<Watched>>,
) -> Result<hyper::Response<ReplyBody>, Cut> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let request = Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    };
    let watch = watch.and_then(|watch| Some((watch.next(Owner::changing_operation(&request)?), watch)));
    let goes_on = |moment| watch.as_ref().is_none_or(|(call, watch)| watch.tell(moment, call));
    if !goes_on(Moment::Arrived) {
        return Err(Cut);
    }
    let Delivered { reply, delivery } = owner.borrow_mut().handle(&request, wall_time());
    clusters.follow();
    let reply = clusters.addressed(&request, reply);
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
    Ok(respond(reply, delivery == Delivery::Half))
}

fn respond(reply: Reply, half: bool) -> hyper::Response<ReplyBody> {
    let mut response = hyper::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        // A header that cannot be written is left out rather than losing the reply.
        if let (Ok(name), Ok(value)) =
            (name.parse::<http::HeaderName>(), http::HeaderValue::from_bytes(value.as_bytes()))
        {
            response = response.header(name, value);
        }
    }
    let body = if half {
        response = response.header("content-length", reply.body.len());
        let first = reply.body.slice(..reply.body.len() / 2);
        // The pause lets hyper write what it has: an error that follows at once would cut the first half off too.
        let cut = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Err(Cut)
        };
        let frames = stream::iter([Ok(Frame::data(first))]).chain(stream::once(cut));
        BoxBody::new(StreamBody::new(frames))
    } else {
        BoxBody::new(http_body_util::Full::new(reply.body).map_err(|never: Infallible| match never {}))
    };
    response.body(body).unwrap_or_else(|_| hyper::Response::new(BoxBody::default()))
}
