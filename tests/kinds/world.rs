//! An endpoint, platctl's provider for it, and another client to it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use platctl::model::{
    ADDRESS_TAG, Address, Change, CloudId, ENVIRONMENT_TAG, Known, Live, Observed, Readiness, Spec, Tags,
};
use platctl::provider::aws::{Aws, CallSettings, Pacing, http_client};
use platctl::provider::{Create, Delete, Error, Look, Observe, Provider, Update};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::peers::{CannotJudge, Endpoint};

/// How often a round is repeated before the law is broken.
const ROUNDS: usize = 8;

/// Clients that are not platctl's: what somebody else has.
#[derive(Clone)]
pub(crate) struct Raw {
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) ecr: aws_sdk_ecr::Client,
    pub(crate) eks: aws_sdk_eks::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) route53: aws_sdk_route53::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
}

impl Raw {
    fn new(config: &SdkConfig) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
        Self {
            ec2: aws_sdk_ec2::Client::new(config),
            ecr: aws_sdk_ecr::Client::new(config),
            eks: aws_sdk_eks::Client::new(config),
            iam: aws_sdk_iam::Client::new(config),
            kms: aws_sdk_kms::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            route53: aws_sdk_route53::Client::new(config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            secrets: aws_sdk_secretsmanager::Client::new(config),
            ssm: aws_sdk_ssm::Client::new(config),
        }
    }
}

/// Where laws are tried.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) raw: Raw,
    pub(crate) known: Known,
    /// What the endpoint cannot judge.
    pub(crate) cannot_judge: CannotJudge,
    /// The one of them that is tried all the same, and alone.
    pub(crate) lifted: Option<&'static str>,
    asked: Mutex<BTreeSet<&'static str>>,
    last: Mutex<Option<String>>,
    made: Vec<(Address, CloudId, Spec)>,
    tokens: u32,
    /// Where the sandbox is told to fail; none of a peer.
    faults: Option<String>,
}

impl World {
    /// A world of an environment at an endpoint.
    pub(crate) fn at(url: &str, environment: &str) -> Self {
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client(Some(url)))
            .endpoint_url(url)
            .build();
        let calls = CallSettings { pacing: Pacing::OnceThrottled, seed: 7, ..CallSettings::default() };
        Self {
            aws: Aws::new(config.clone(), environment, calls),
            raw: Raw::new(&config),
            known: Known::default(),
            cannot_judge: &[],
            lifted: None,
            asked: Mutex::default(),
            last: Mutex::default(),
            made: Vec::new(),
            tokens: 0,
            faults: None,
        }
    }

    /// The same, where the endpoint can be told to lose answers.
    pub(crate) fn of(endpoint: &Endpoint, environment: &str) -> Self {
        Self { faults: endpoint.faults(), ..Self::at(&endpoint.url(), environment) }
    }

    /// Has the answer to the next call that changes something lost on its way, where the endpoint can.
    pub(crate) async fn lose_an_answer(&self) {
        let Some(host) = &self.faults else { return };
        let fault = r#"{"kind": "cut-after", "mutating": true, "nth": 1}"#;
        let request = format!(
            "POST /_sandbox/faults HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{fault}",
            fault.len()
        );
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// True when the endpoint is a judge of this: `kind.field` or `kind:phase`.
    pub(crate) fn judges(&self, what: &str) -> bool {
        let is_part =
            |all: &str| all == what || what.strip_prefix(all).is_some_and(|rest| rest.starts_with('.'));
        let excluded = self.cannot_judge.iter().copied().find(|cannot| is_part(cannot));
        self.asked.lock().unwrap().extend(excluded);
        let judged = match self.lifted {
            // A whole kind is tried as if nothing were excluded.
            Some(lifted) if !lifted.contains(['.', ':']) => true,
            Some(lifted) if what.contains('.') => is_part(lifted),
            lifted => excluded.is_none() || excluded == lifted,
        };
        if judged {
            *self.last.lock().unwrap() = Some(what.to_owned());
        }
        judged
    }

    /// The last thing that was judged.
    pub(crate) fn last(&self) -> Option<String> {
        self.last.lock().unwrap().clone()
    }

    /// The exclusions that were asked about.
    pub(crate) fn asked(&self) -> BTreeSet<&'static str> {
        self.asked.lock().unwrap().clone()
    }

    /// The tags that a resource is to have.
    pub(crate) fn tags(&self, address: &str) -> Tags {
        [
            ("Name".to_owned(), address.replace('.', "-")),
            (ENVIRONMENT_TAG.to_owned(), self.aws.environment().to_owned()),
            (ADDRESS_TAG.to_owned(), address.to_owned()),
            ("team".to_owned(), "platform".to_owned()),
        ]
        .into()
    }

    pub(crate) fn token(&mut self) -> String {
        self.tokens += 1;
        format!("{:032x}", u128::from(self.tokens) << 64 | u128::from(std::process::id()))
    }

    /// A token that no call has had.
    pub(crate) fn another_token(&self) -> String {
        format!("{:032x}", u128::from(self.tokens) << 64 | u128::MAX >> 64)
    }

    /// Makes something that stands for the rest of the test, and learns it.
    pub(crate) async fn make(&mut self, address: &str, spec: impl Into<Spec>) -> CloudId {
        let (address, spec) = (address.parse::<Address>().unwrap(), spec.into());
        let token = self.token();
        let id = self.create(&address, &spec, &token).await.unwrap();
        self.converge(&address, &id, &spec).await;
        self.made.push((address, id.clone(), spec));
        id
    }

    /// Deletes what [`World::make`] made, the last first.
    pub(crate) async fn unmake(&mut self) {
        while let Some((address, id, spec)) = self.made.pop() {
            self.delete(&address, &id, &spec).await;
            self.known.remove(&address);
        }
    }

    pub(crate) async fn create(&self, address: &Address, spec: &Spec, token: &str) -> Result<CloudId, Error> {
        let (address, spec, token) = (address.clone(), self.filled(spec), token.to_owned());
        self.aws.create(Create { address, spec, token, known: Arc::new(self.known.clone()) }).await
    }

    /// The spec with its placeholders filled in.
    pub(crate) fn filled(&self, spec: &Spec) -> Spec {
        let mut spec = spec.clone();
        self.known.fill(&mut spec);
        spec
    }

    pub(crate) async fn observe(&self, address: &Address, id: Option<&CloudId>, spec: &Spec) -> Observed {
        let look = Look { address: address.clone(), id: id.cloned(), spec: self.filled(spec) };
        let mut answers = self.aws.observe(vec![look], Arc::new(self.known.clone())).await;
        answers.remove(0).unwrap_or_else(|error| panic!("{address} cannot be observed: {error}"))
    }

    /// The resource as it is, once it is ready, its references turned into ours.
    pub(crate) async fn ready(&self, address: &Address, id: &CloudId, spec: &Spec) -> Live {
        for _ in 0..ROUNDS * 5 {
            match self.observe(address, Some(id), spec).await {
                Observed::Present(live) => match &live.readiness {
                    Readiness::Ready => {
                        let mut live = *live;
                        self.known.relink(&mut live.spec);
                        return live;
                    }
                    Readiness::Pending(_) => {}
                    Readiness::Failed(why) => panic!("{address} has failed: {why}"),
                },
                other => panic!("{address} ({id}) should stand: {other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{address} does not get ready");
    }

    pub(crate) async fn changes(&self, address: &Address, id: &CloudId, spec: &Spec) -> Vec<Change> {
        let live = self.ready(address, id, spec).await;
        self.filled(spec).changes(&live.spec).unwrap()
    }

    /// Updates until nothing differs, and learns what there is to know. Gives what was seen before the last update.
    pub(crate) async fn converge(&mut self, address: &Address, id: &CloudId, spec: &Spec) -> Option<Spec> {
        let mut last = None;
        for _ in 0..ROUNDS {
            let live = self.ready(address, id, spec).await;
            let changes = self.filled(spec).changes(&live.spec).unwrap();
            if changes.is_empty() {
                self.known.insert(address.clone(), id.clone(), Some(live.outputs));
                return last;
            }
            self.update(address, id, spec, &live.spec).await;
            last = Some(live.spec);
        }
        panic!("{address} does not converge: {last:?}");
    }

    pub(crate) async fn update(&self, address: &Address, id: &CloudId, spec: &Spec, live: &Spec) {
        let known = Arc::new(self.known.clone());
        let (address, id, spec) = (address.clone(), id.clone(), self.filled(spec));
        let changes = spec.changes(live).unwrap();
        let words = format!("{address} {changes:?}");
        let call = Update { address, id, spec, live: live.clone(), changes, known };
        self.aws.update(call).await.unwrap_or_else(|error| panic!("update of {words}: {error}"));
    }

    /// Deletes, and waits until it is gone.
    pub(crate) async fn delete(&self, address: &Address, id: &CloudId, spec: &Spec) {
        self.try_delete(address, id, spec)
            .await
            .unwrap_or_else(|error| panic!("delete of {address} ({id}): {error}"));
        for _ in 0..ROUNDS * 5 {
            if self.observe(address, Some(id), spec).await == Observed::Absent {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{address} ({id}) does not go");
    }

    pub(crate) async fn try_delete(&self, address: &Address, id: &CloudId, spec: &Spec) -> Result<(), Error> {
        let known = Arc::new(self.known.clone());
        let (address, id, spec) = (address.clone(), id.clone(), self.filled(spec));
        self.aws.delete(Delete { address, id, spec, known }).await
    }
}
