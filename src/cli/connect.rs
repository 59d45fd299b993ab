//! Reaching AWS, or the sandbox, and making sure that it is the right account.

use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::context::{Context, Environment};
use super::{CREDENTIALS, FAILED, cluster, sandbox};
use crate::config::schema;
use crate::provider::aws::{Aws, CallSettings, Identity, Pacing, ReadOnly, http_client};
use crate::provider::kube::Cluster;
use crate::provider::release::{Clusters, Rules};
use crate::provider::{Class, Error, World, WorldReader};
use crate::ui::Problem;

/// AWS as a verb reaches it.
pub(super) struct Connection {
    pub(super) aws: Aws,
    /// The clusters that the environment's releases are in.
    pub(super) clusters: Option<Clusters>,
    pub(super) account: String,
    /// The sandbox's address, when it is the sandbox.
    pub(super) sandbox: Option<String>,
    /// Whether one address stands for all services.
    pub(super) has_own_endpoint: bool,
}

impl Connection {
    /// The half of AWS that only reads.
    pub(super) fn read_only(&self) -> ReadOnly {
        ReadOnly::new(self.aws.clone())
    }

    /// The same, where anything of the environment is in an account of AWS.
    pub(super) fn read_account(&self) -> Option<ReadOnly> {
        (!self.account.is_empty()).then(|| self.read_only())
    }

    /// All that a plan may touch.
    pub(super) fn world(&self) -> World {
        World::new(self.aws.clone(), self.clusters.clone())
    }

    /// All that a plan looks at.
    pub(super) fn reader(&self) -> WorldReader {
        self.world().reader()
    }

    /// How long after a cluster's end its last logs may come.
    pub(super) async fn last_logs(&self) -> Result<Duration, Problem> {
        // One address for all services is none of AWS's, and what is there has no controllers that write.
        let none_come = self.sandbox.is_none() && self.has_own_endpoint;
        Ok(if none_come { Duration::ZERO } else { LAST_LOGS.mul_f64(self.pace().await?) })
    }

    /// How long a second of AWS takes here, in seconds: another time than that only in the sandbox.
    pub(super) async fn pace(&self) -> Result<f64, Problem> {
        match &self.sandbox {
            Some(url) => sandbox::pace(url).await,
            None => Ok(1.0),
        }
    }

    /// How long a new resource may take to be listed. The sandbox lists at once.
    pub(super) fn window(&self) -> Duration {
        if self.sandbox.is_some() { Duration::from_secs(2) } else { Duration::from_secs(60) }
    }
}

/// How long after a cluster's end its last logs may come. What EKS documents is that they come, not when.
const LAST_LOGS: Duration = Duration::from_secs(60);

/// Connects, checks the account, and says where.
pub(super) async fn connect(context: &Context, environment: &Environment) -> Result<Connection, Problem> {
    if !environment.needs_aws()? {
        return Ok(without_aws(context, environment));
    }
    let connection = reach(context, environment).await?;
    let settings = &environment.loaded.platform.settings.aws;
    let Identity { account, .. } =
        connection.read_only().identity().await.map_err(|error| call_problem(&error))?;
    if let Some(wanted) = &settings.account_id
        && *wanted != account
    {
        return Err(Problem::new(CREDENTIALS, format!("the credentials are of account {account}, and {} is of {wanted}", environment.name))
            .hint("choose other credentials ([aws] profile or role), or correct account_id in the environment's file")
            .hint("nothing was touched"));
    }
    let clusters = clusters(environment, Some(connection.read_only()));
    let connection = Connection { account, clusters, ..connection };
    announce(context, environment, &connection);
    Ok(connection)
}

/// Says where we are; that it is the sandbox is never left out.
pub(super) fn announce(context: &Context, environment: &Environment, connection: &Connection) {
    let paint = context.printer.paint();
    let place = match (&connection.sandbox, connection.account.as_str()) {
        (Some(url), _) => paint.yellow(format!("SANDBOX at {url} (no real AWS)")),
        (None, "") => "AWS".to_owned(),
        (None, account) => format!("account {account}"),
    };
    let region = connection.aws.region();
    let existing = environment.loaded.platform.settings.cluster.existing.as_ref();
    let cluster = existing.map(|existing| format!(" · cluster {}", existing.context)).unwrap_or_default();
    context.printer.say(&format!("{} · {region} · {place}{cluster}", paint.bold(&environment.name)));
}

/// Connects without a single call: nothing is known yet of the account.
pub(super) async fn reach(context: &Context, environment: &Environment) -> Result<Connection, Problem> {
    let settings = &environment.loaded.platform.settings.aws;
    let (config, sandbox) = if context.global.sandbox {
        let endpoint = sandbox::ensure(context).await?;
        // The sandbox's world has every account; the key that we use belongs to the one that the file names.
        let account = settings.account_id.as_deref().unwrap_or("123456789012");
        sandbox::own_key(&endpoint, account).await?;
        // The nodes of a real cluster pull from its registry, and know no login for it.
        sandbox::open_registry(&endpoint, account, &settings.region, context.global.cluster.is_some())
            .await?;
        (sandbox_config(settings, &endpoint), Some(endpoint))
    } else {
        (real_config(settings).await?, None)
    };
    // Rates are kept for AWS itself; an endpoint of one's own says itself when it is too much.
    let has_own_endpoint = config.endpoint_url().is_some();
    let pacing = if has_own_endpoint { Pacing::OnceThrottled } else { Pacing::Documented };
    let calls = CallSettings { pacing, ..CallSettings::default() };
    let aws = Aws::new(config, &environment.name, calls);
    Ok(Connection { aws, account: String::new(), sandbox, has_own_endpoint, clusters: None })
}

/// An environment of which nothing is in AWS: nobody is asked for credentials, and no call is made.
fn without_aws(context: &Context, environment: &Environment) -> Connection {
    let region = Region::new(environment.loaded.platform.settings.aws.region.clone());
    let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(region).build();
    let aws = Aws::new(config, &environment.name, CallSettings::default());
    let paint = context.printer.paint();
    let place = match &environment.loaded.platform.settings.cluster.existing {
        Some(existing) => format!("cluster {}", existing.context),
        None => "nothing in AWS".to_owned(),
    };
    context.printer.say(&format!("{} · {place}", paint.bold(&environment.name)));
    Connection {
        aws,
        account: String::new(),
        sandbox: None,
        has_own_endpoint: false,
        clusters: clusters(environment, None),
    }
}

/// The clusters that the environment's releases may be in: the one that its file names, and those of the account.
pub(super) fn clusters(environment: &Environment, aws: Option<ReadOnly>) -> Option<Clusters> {
    let settings = &environment.loaded.platform.settings;
    let existing =
        settings.cluster.existing.as_ref().map(|existing| Cluster::new(cluster::context(existing)));
    let rules = Rules { kubernetes: settings.cluster.version.clone(), ..Rules::default() };
    Some(Clusters::new(existing, aws, environment.charts.clone(), rules))
}

/// The sandbox and nothing else: no profile, role, variable or credential of the real world is read.
fn sandbox_config(settings: &schema::Aws, endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new(sandbox::ACCESS_KEY, sandbox::SECRET_KEY, None, None, "sandbox");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client(Some(endpoint)))
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
            aws_smithy_async::rt::sleep::TokioSleep::new(),
        ))
        .build()
}

async fn real_config(settings: &schema::Aws) -> Result<SdkConfig, Problem> {
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).region(Region::new(settings.region.clone()));
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &settings.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    // An endpoint without TLS takes a client without TLS; which one it is is known after loading.
    let base = loader.http_client(http_client(None)).load().await;
    let base = match base.endpoint_url() {
        Some(endpoint) if endpoint.starts_with("http://") => {
            let client = http_client(Some(endpoint));
            base.into_builder().http_client(client).build()
        }
        _ => base,
    };
    check_credentials(&base, settings).await?;
    let Some(role) = &settings.role else { return Ok(base) };
    let mut assume = AssumeRoleProvider::builder(&role.arn).session_name(&role.session_name).configure(&base);
    if let Some(external_id) = &role.external_id {
        assume = assume.external_id(external_id);
    }
    let provider = SharedCredentialsProvider::new(assume.build().await);
    Ok(base.into_builder().credentials_provider(provider).build())
}

/// Credentials must be there before anything is asked of AWS.
async fn check_credentials(config: &SdkConfig, settings: &schema::Aws) -> Result<(), Problem> {
    let provider = config.credentials_provider();
    let error = match provider {
        None => None,
        Some(provider) => match provider.provide_credentials().await {
            Ok(_) => return Ok(()),
            Err(error) => Some(error),
        },
    };
    let mut problem = Problem::new(CREDENTIALS, "no AWS credentials were found");
    if let Some(error) = error {
        problem.causes = Problem::from_error(CREDENTIALS, &error).causes;
    }
    let profile = match &settings.profile {
        Some(profile) => format!("profile `{profile}` of ~/.aws/config and ~/.aws/credentials"),
        None => "AWS_PROFILE or the default profile of ~/.aws/config and ~/.aws/credentials".to_owned(),
    };
    Err(problem
        .hint(format!(
            "looked for: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, {profile}, single sign-on, a web identity \
             token, the container's and the instance's role"
        ))
        .hint("to try platctl without an account, add --sandbox"))
}

/// The problem that a failed call is.
pub(super) fn call_problem(error: &Error) -> Problem {
    let code = if error.class == Class::Denied { CREDENTIALS } else { FAILED };
    let problem = Problem::from_error(code, error);
    match error.class {
        Class::Denied => problem.hint("`platctl doctor ENV` tells which permissions are missing"),
        Class::Unanswered => problem.hint("is the network up, and the endpoint right?"),
        Class::Throttled => {
            problem.hint("the account makes too many calls at the moment: try again in a while")
        }
        _ => problem,
    }
}
