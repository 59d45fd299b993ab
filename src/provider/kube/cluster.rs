//! A cluster, and the calls to it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex as StdMutex};
use std::time::{Duration, SystemTime};

use http::{Method, Request};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::discovery::Served;
use super::failure::{failed, is_lost, is_unauthorized, local};
use crate::provider::aws::{ClusterPlace, ReadOnly};
use crate::provider::{Class, Error};

/// How long after a lost answer a request is sent again; twice as long after each further one, up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(4);

/// How a cluster is reached.
#[derive(Clone)]
pub enum Access {
    /// By a token of AWS.
    Eks {
        /// Who makes tokens.
        reader: ReadOnly,
        /// The cluster's name.
        name: String,
        /// Where it is.
        place: ClusterPlace,
    },
    /// As a kubeconfig says.
    Context {
        /// The file; the customary ones (`KUBECONFIG`, `~/.kube/config`) when there is none.
        file: Option<PathBuf>,
        /// The context in it.
        context: String,
    },
}

/// A cluster. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

/// Tells the time, by which tokens end.
pub(super) type Now = Box<dyn Fn() -> SystemTime + Send + Sync>;

struct Shared {
    access: Access,
    now: Now,
    /// The client in use.
    current: Mutex<Option<Current>>,
    /// What it serves, by `group/version`.
    served: StdMutex<BTreeMap<String, Vec<Served>>>,
    /// The groups and kinds whose definitions were changed by us, and when.
    redefined: StdMutex<BTreeMap<(String, String), Instant>>,
}

/// A client with its token.
#[derive(Clone)]
struct Current {
    client: Client,
    /// Until when its token is used.
    until: Option<SystemTime>,
    /// How many were made before it.
    number: u64,
}

/// A body and what it is.
pub(super) struct Body<'a> {
    pub(super) content: &'static str,
    pub(super) value: &'a Value,
}

/// The names of the contexts in the kubeconfig of the usual places, in its order.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn contexts() -> Result<Vec<String>, Error> {
    let kubeconfig = Kubeconfig::read().map_err(|error| local("read the kubeconfig", error.to_string()))?;
    Ok(kubeconfig.contexts.into_iter().map(|context| context.name).collect())
}

impl Cluster {
    /// The cluster that is reached so. Nothing is asked of it yet.
    pub fn new(access: Access) -> Self {
        Self::at(access, Box::new(SystemTime::now))
    }

    /// The same, by a clock.
    pub(super) fn at(access: Access, now: Now) -> Self {
        let (served, redefined) = Default::default();
        let shared = Shared { access, now, current: Mutex::new(None), served, redefined };
        Self { shared: Arc::new(shared) }
    }

    /// A client whose token is valid for a while yet, and is not the one that was `refused`.
    async fn client(&self, refused: Option<u64>) -> Result<Current, Error> {
        let mut current = self.shared.current.lock().await;
        if let Some(current) = &*current
            && current.until.is_none_or(|until| (self.shared.now)() < until)
            && refused != Some(current.number)
        {
            return Ok(current.clone());
        }
        let (config, until) = self.config().await?;
        // What is set already is the same; without any, TLS has no cryptography.
        let _already_set = rustls::crypto::ring::default_provider().install_default();
        let client = Client::try_from(config).map_err(|error| failed("connect", error))?;
        let number = current.as_ref().map_or(0, |current| current.number + 1);
        Ok(current.insert(Current { client, until, number }).clone())
    }

    /// Does something with a client. Where its token is refused (it may have ended before its time: clocks differ, keys are
    /// taken back), it is done once more with a new one, which whoever else was refused shares.
    ///
    /// # Errors
    /// That there is no client; inside, why the call failed.
    pub(super) async fn with_client<T, Call, Done>(&self, call: Call) -> Result<Result<T, kube::Error>, Error>
    where
        Call: Fn(Client) -> Done,
        Done: Future<Output = Result<T, kube::Error>>,
    {
        let Current { client, number, .. } = self.client(None).await?;
        match call(client).await {
            Err(error) if is_unauthorized(&error) => Ok(call(self.client(Some(number)).await?.client).await),
            other => Ok(other),
        }
    }

    async fn config(&self) -> Result<(Config, Option<SystemTime>), Error> {
        let refused = |error: &dyn std::error::Error| local("read the kubeconfig", error.to_string());
        let (kubeconfig, context, until) = match &self.shared.access {
            Access::Context { file: Some(file), context } => {
                (Kubeconfig::read_from(file).map_err(|error| refused(&error))?, context.clone(), None)
            }
            Access::Context { file: None, context } => {
                (Kubeconfig::read().map_err(|error| refused(&error))?, context.clone(), None)
            }
            Access::Eks { reader, name, place } => {
                let token = reader.cluster_token(name, (self.shared.now)()).await?;
                let document = json!({
                    "clusters": [{"name": name, "cluster":
                        {"server": place.endpoint, "certificate-authority-data": place.authority}}],
                    "users": [{"name": name, "user": {"token": token.text}}],
                    "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                });
                let kubeconfig: Kubeconfig =
                    serde_json::from_value(document).map_err(|error| refused(&error))?;
                (kubeconfig, name.clone(), Some(token.expires))
            }
        };
        let options = KubeConfigOptions { context: Some(context), ..KubeConfigOptions::default() };
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
        Ok((config.map_err(|error| refused(&error))?, until))
    }

    /// One call, which must be one that may be sent again: its answer may get lost on the way.
    pub(super) async fn call(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<Body<'_>>,
    ) -> Result<Value, Error> {
        let request = self.request(operation, method, path, body)?;
        self.send(&request).await?.map_err(|error| failed(operation, error))
    }

    /// Sends a request until it is answered. An API server that cannot be reached at all is told at once; what it
    /// refuses for the time being (429, 503, 504) the client itself waits out.
    ///
    /// # Errors
    /// That there is no client; inside, why the call failed.
    pub(super) async fn send(&self, request: &Request<Vec<u8>>) -> Result<Result<Value, kube::Error>, Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            let answer = self.with_client(|client| {
                let request = request.clone();
                async move { client.request(request).await }
            });
            match answer.await? {
                Err(error) if is_lost(&error) && pause <= LAST_PAUSE => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                other => return Ok(other),
            }
        }
    }

    /// The same, where there may be nothing.
    pub(super) async fn find(&self, operation: &'static str, path: &str) -> Result<Option<Value>, Error> {
        match self.call(operation, Method::GET, path, None).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A request, before it is sent.
    pub(super) fn request(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<Body<'_>>,
    ) -> Result<Request<Vec<u8>>, Error> {
        let builder = Request::builder().method(method).uri(path);
        let request = match body {
            None => builder.body(Vec::new()),
            Some(body) => {
                let bytes = body.value.to_string().into_bytes();
                builder.header(http::header::CONTENT_TYPE, body.content).body(bytes)
            }
        };
        request.map_err(|error| local(operation, format!("{path} is no path: {error}")))
    }

    /// Waits until the API server answers us, at most as long as `patience`: the name of a new cluster takes a while to
    /// be known everywhere, and so does who may use it.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn wait_reachable(&self, patience: Duration) -> Result<(), Error> {
        let until = Instant::now() + patience;
        loop {
            match self.call("reach", Method::GET, "/api", None).await {
                Err(Error { class: Class::Unavailable | Class::Denied, .. }) if Instant::now() < until => {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                other => return other.map(drop),
            }
        }
    }

    /// The account that the cluster is in; nothing of one that is reached otherwise.
    pub fn aws(&self) -> Option<&ReadOnly> {
        match &self.shared.access {
            Access::Eks { reader, .. } => Some(reader),
            Access::Context { .. } => None,
        }
    }

    pub(super) fn served(&self) -> &StdMutex<BTreeMap<String, Vec<Served>>> {
        &self.shared.served
    }

    pub(super) fn redefined(&self) -> &StdMutex<BTreeMap<(String, String), Instant>> {
        &self.shared.redefined
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicU64, Ordering};

    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::provider::aws::{Aws, CallSettings};

    /// An API server that takes a token of EKS for 15 minutes from its signing, and none that was signed too early.
    #[derive(Clone, Default)]
    struct Door {
        /// Seconds since 1970.
        now: Arc<AtomicU64>,
        /// Tokens that were signed before it are refused.
        from: Arc<AtomicU64>,
        /// How many of the next requests are cut instead of answered.
        cuts: Arc<AtomicU64>,
        /// Each request: when its token was signed, and the answer.
        seen: Arc<StdMutex<Vec<(u64, u16)>>>,
    }

    impl Door {
        fn open() -> (Self, Cluster) {
            let door = Self { now: Arc::new(AtomicU64::new(1_767_323_045)), ..Self::default() };
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("http://{}", listener.local_addr().unwrap());
            let doorman = door.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    let doorman = doorman.clone();
                    std::thread::spawn(move || doorman.serve(&stream));
                }
            });
            let credentials = Credentials::new(
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCY",
                None,
                None,
                "test",
            );
            let config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("eu-central-1"))
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .build();
            let reader = ReadOnly::new(Aws::new(config, "dev", CallSettings::default()));
            let place = ClusterPlace { endpoint, authority: String::new() };
            let access = Access::Eks { reader, name: "dev-eks".to_owned(), place };
            let now = Arc::clone(&door.now);
            let clock = move || SystemTime::UNIX_EPOCH + Duration::from_secs(now.load(Ordering::SeqCst));
            (door, Cluster::at(access, Box::new(clock)))
        }

        fn serve(&self, mut stream: &TcpStream) {
            let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
            while let Some(_request) = lines.next() {
                let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
                let token = head.iter().find_map(|line| line.split_once("k8s-aws-v1.")).unwrap().1;
                let url = String::from_utf8(URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
                let date = url.split_once("X-Amz-Date=").unwrap().1.split('&').next().unwrap();
                let signed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).unwrap();
                let signed = signed.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second() as u64;
                if self
                    .cuts
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |cuts| cuts.checked_sub(1))
                    .is_ok()
                {
                    self.seen.lock().unwrap().push((signed, 0));
                    return;
                }
                let is_good = self.now.load(Ordering::SeqCst) <= signed + 15 * 60
                    && signed >= self.from.load(Ordering::SeqCst);
                let (code, body) = match is_good {
                    true => (200, r#"{"kind":"APIVersions"}"#),
                    false => {
                        (401, r#"{"kind":"Status","status":"Failure","reason":"Unauthorized","code":401}"#)
                    }
                };
                self.seen.lock().unwrap().push((signed, code));
                let answer = format!("HTTP/1.1 {code} x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }

        fn pass(&self, seconds: u64) {
            self.now.fetch_add(seconds, Ordering::SeqCst);
        }

        /// How many requests were refused, and how many tokens were seen.
        fn told(&self) -> (usize, usize) {
            let seen = self.seen.lock().unwrap();
            let tokens: std::collections::BTreeSet<u64> = seen.iter().map(|(signed, _)| *signed).collect();
            (seen.iter().filter(|(_, code)| *code == 401).count(), tokens.len())
        }
    }

    async fn call(cluster: &Cluster) -> Result<Value, Error> {
        cluster.call("reach", Method::GET, "/api", None).await
    }

    #[tokio::test]
    async fn a_run_that_outlasts_its_token_never_sends_one_that_has_ended() {
        let (door, cluster) = Door::open();
        for _ in 0..60 {
            call(&cluster).await.unwrap();
            door.pass(50);
        }
        // 50 minutes by tokens of 14.
        assert_eq!(door.told(), (0, 4));
        door.pass(3600);
        call(&cluster).await.unwrap();
        assert_eq!(door.told(), (0, 5));
    }

    #[tokio::test]
    async fn a_token_that_ends_before_its_time_is_renewed_once_for_all() {
        let (door, cluster) = Door::open();
        call(&cluster).await.unwrap();
        door.pass(60);
        door.from.store(door.now.load(Ordering::SeqCst), Ordering::SeqCst);
        let calls = futures_util::future::join_all((0..8).map(|_| call(&cluster))).await;
        assert!(calls.iter().all(Result::is_ok), "{calls:?}");
        let (refused, tokens) = door.told();
        assert!((1..=8).contains(&refused), "{refused}");
        assert_eq!(tokens, 2);
        call(&cluster).await.unwrap();
        assert_eq!(door.told(), (refused, 2), "nothing is refused any more");
    }

    #[tokio::test]
    async fn what_is_asked_is_asked_again_when_the_answer_gets_lost() {
        let (door, cluster) = Door::open();
        door.cuts.store(2, Ordering::SeqCst);
        call(&cluster).await.unwrap();
        let codes: Vec<u16> = door.seen.lock().unwrap().iter().map(|(_, code)| *code).collect();
        assert_eq!(codes, [0, 0, 200]);
    }

    #[tokio::test]
    async fn who_is_not_let_in_asks_twice_and_no_more() {
        let (door, cluster) = Door::open();
        door.from.store(u64::MAX, Ordering::SeqCst);
        let error = call(&cluster).await.unwrap_err();
        assert_eq!(error.class, Class::Denied);
        assert_eq!(door.seen.lock().unwrap().len(), 2);
    }
}
