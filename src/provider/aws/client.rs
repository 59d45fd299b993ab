//! The clients, and the calls that go through them.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::call::{CallSettings, Calls, Operation, Repeat};
use super::count::{Count, Counted};
use super::error::Failure;
use super::service::Service;
use crate::model::{CloudId, Kind};
use crate::provider::{Clock, Error, Supply};

/// AWS, one account and region of it, for one environment. Cheap to clone.
#[derive(Clone)]
pub struct Aws {
    shared: Arc<Shared>,
    kind: Option<Kind>,
    supply: Arc<Supply>,
}

struct Shared {
    environment: String,
    region: String,
    endpoint: Option<String>,
    credentials: Option<SharedCredentialsProvider>,
    calls: Calls,
    clients: Clients,
}

/// A client a service.
pub struct Clients {
    /// Amazon EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// Elastic Load Balancing, first generation.
    pub elb: aws_sdk_elasticloadbalancing::Client,
    /// Elastic Load Balancing, second generation.
    pub elbv2: aws_sdk_elasticloadbalancingv2::Client,
    /// Identity and Access Management.
    pub iam: aws_sdk_iam::Client,
    /// Key Management Service.
    pub kms: aws_sdk_kms::Client,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// Elastic Kubernetes Service.
    pub eks: aws_sdk_eks::Client,
    /// Elastic Container Registry.
    pub ecr: aws_sdk_ecr::Client,
    /// Route 53.
    pub route53: aws_sdk_route53::Client,
    /// Secrets Manager.
    pub secretsmanager: aws_sdk_secretsmanager::Client,
    /// Systems Manager.
    pub ssm: aws_sdk_ssm::Client,
    /// Simple Storage Service.
    pub s3: aws_sdk_s3::Client,
    /// Security Token Service.
    pub sts: aws_sdk_sts::Client,
    /// Service Quotas.
    pub servicequotas: aws_sdk_servicequotas::Client,
    /// Resource Groups Tagging.
    pub tagging: aws_sdk_resourcegroupstagging::Client,
}

impl Clients {
    fn new(config: &SdkConfig) -> Self {
        let local = config.endpoint_url().is_some();
        // Buckets as part of the host name need DNS that an endpoint of one's own does not have.
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(local).build();
        Self {
            ec2: aws_sdk_ec2::Client::new(config),
            elb: aws_sdk_elasticloadbalancing::Client::new(config),
            elbv2: aws_sdk_elasticloadbalancingv2::Client::new(config),
            iam: aws_sdk_iam::Client::new(config),
            kms: aws_sdk_kms::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            eks: aws_sdk_eks::Client::new(config),
            ecr: aws_sdk_ecr::Client::new(config),
            route53: aws_sdk_route53::Client::new(config),
            secretsmanager: aws_sdk_secretsmanager::Client::new(config),
            ssm: aws_sdk_ssm::Client::new(config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sts: aws_sdk_sts::Client::new(config),
            servicequotas: aws_sdk_servicequotas::Client::new(config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(config),
        }
    }
}

/// The HTTP client for an endpoint: `None` is AWS itself. TLS by rustls with ring and the system's roots, which
/// are not even read for an endpoint without TLS.
pub fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    match endpoint {
        Some(url) if url.starts_with("http://") => builder.build_http(),
        _ => builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
    }
}

impl Aws {
    /// AWS as `config` reaches it: region, credentials, endpoint and HTTP client come from there; its retries and
    /// timeouts are not used, because [`super::call`] is the one layer that repeats.
    pub fn new(config: SdkConfig, environment: impl Into<String>, calls: CallSettings) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let config = config
            .into_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .build();
        let shared = Shared {
            environment: environment.into(),
            region,
            endpoint: config.endpoint_url().map(str::to_owned),
            credentials: config.credentials_provider(),
            calls: Calls::new(calls),
            clients: Clients::new(&config),
        };
        Self { shared: Arc::new(shared), kind: None, supply: Arc::default() }
    }

    /// The same, with the content for what a plan makes.
    #[must_use]
    pub fn with_supply(&self, supply: Supply) -> Self {
        Self { supply: Arc::new(supply), ..self.clone() }
    }

    /// The content for what a plan makes.
    pub(super) fn supply(&self) -> &Supply {
        &self.supply
    }

    /// The environment that owns what is made: the value of the tag.
    pub fn environment(&self) -> &str {
        &self.shared.environment
    }

    /// The region (`eu-central-1`).
    pub fn region(&self) -> &str {
        &self.shared.region
    }

    /// The endpoint in place of AWS's own, where there is one (`http://127.0.0.1:4566`).
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.shared.endpoint.as_deref()
    }

    /// Where credentials come from, for what is signed outside a client.
    pub(super) fn credentials(&self) -> Option<&SharedCredentialsProvider> {
        self.shared.credentials.as_ref()
    }

    /// An ARN in this region (`arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-1`).
    pub fn arn(&self, service: &str, account: &str, resource: &str) -> String {
        let region = self.region();
        let partition = match region {
            china if china.starts_with("cn-") => "aws-cn",
            government if government.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The clients, for calls made through [`Aws::read`] and its like.
    pub fn clients(&self) -> &Clients {
        &self.shared.clients
    }

    /// How many calls were made so far, by service, operation and kind.
    pub fn counts(&self) -> BTreeMap<Counted, Count> {
        self.shared.calls.counts.all()
    }

    /// The same, its calls counted for a kind.
    pub(super) fn counted_for(&self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self.clone() }
    }

    /// Remembers that something was made just now.
    pub(super) fn made(&self, id: &CloudId) {
        self.shared.calls.made(id);
    }

    /// Forgets it again: it was deleted.
    pub(super) fn unmade(&self, id: &CloudId) {
        self.shared.calls.unmade(id);
    }

    /// True when it was made so short a time ago that a read may miss it.
    pub(super) fn is_recent(&self, id: &CloudId) -> bool {
        self.shared.calls.is_recent(id)
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.shared.calls.clock()
    }

    /// A call that reads.
    ///
    /// # Errors
    /// The classified error, after as many repetitions as make sense.
    pub async fn read<T, E, F, Fut>(&self, service: Service, name: &'static str, call: F) -> Result<T, Error>
    where
        F: FnMut() -> Fut + Send,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + ProvideErrorMetadata + RequestId + Send + Sync + 'static,
        T: Send,
    {
        self.call(Operation { service, name, repeat: Repeat::Read }, call).await
    }

    /// A call that changes something and may be made twice: what converges, and creates with a client token.
    ///
    /// # Errors
    /// As [`Aws::read`].
    pub async fn converge<T, E, F, Fut>(
        &self,
        service: Service,
        name: &'static str,
        call: F,
    ) -> Result<T, Error>
    where
        F: FnMut() -> Fut + Send,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + ProvideErrorMetadata + RequestId + Send + Sync + 'static,
        T: Send,
    {
        self.call(Operation { service, name, repeat: Repeat::Converge }, call).await
    }

    /// A call that deletes or takes apart.
    ///
    /// # Errors
    /// As [`Aws::read`]; [`crate::provider::Class::NotFound`] comes back at once.
    pub async fn remove<T, E, F, Fut>(
        &self,
        service: Service,
        name: &'static str,
        call: F,
    ) -> Result<T, Error>
    where
        F: FnMut() -> Fut + Send,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + ProvideErrorMetadata + RequestId + Send + Sync + 'static,
        T: Send,
    {
        self.call(Operation { service, name, repeat: Repeat::Delete }, call).await
    }

    /// A call that must not be made twice: a create without a client token.
    ///
    /// # Errors
    /// As [`Aws::read`]; [`crate::provider::Class::Unanswered`] when it may have taken effect.
    pub async fn once<T, E, F, Fut>(&self, service: Service, name: &'static str, call: F) -> Result<T, Error>
    where
        F: FnMut() -> Fut + Send,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + ProvideErrorMetadata + RequestId + Send + Sync + 'static,
        T: Send,
    {
        self.call(Operation { service, name, repeat: Repeat::Once }, call).await
    }

    async fn call<T, E, F, Fut>(&self, operation: Operation, mut call: F) -> Result<T, Error>
    where
        F: FnMut() -> Fut + Send,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + ProvideErrorMetadata + RequestId + Send + Sync + 'static,
        T: Send,
    {
        self.run(operation, move || {
            // Boxed: the future of an SDK's call takes tens of kilobytes.
            let reply = Box::pin(call());
            async move { reply.await.map_err(|error| Failure::of(operation, error)) }
        })
        .await
    }

    /// A call whose failures are classified already: for operations that answer with success and tell in the
    /// body what failed.
    pub(super) async fn run<T, F, Fut>(&self, operation: Operation, call: F) -> Result<T, Error>
    where
        F: FnMut() -> Fut + Send,
        Fut: Future<Output = Result<T, Failure>> + Send,
        T: Send,
    {
        self.shared.calls.run(operation, self.kind, call).await
    }
}
