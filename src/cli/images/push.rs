//! `images push`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::args::PushArgs;
use super::attach::{Signer, attach, part};
use super::prepare::{Finished, build_all, describe, megabytes, report, to_json};
use super::problem::registry_problem;
use super::{base, gate};
use crate::cli::DONE;
use crate::cli::connect::{Connection, connect};
use crate::cli::context::{Context, Environment};
use crate::provider::SystemClock;
use crate::provider::registry::{Ecr, Homes, Login, Push, Pushed, Registry, RegistryError};
use crate::ui::Problem;

/// Where images go.
pub(super) struct Place {
    pub(super) registry: Registry,
    /// What repository names start with.
    prefix: String,
    /// AWS, where the registry is the account's own or a key of it signs.
    pub(super) connection: Option<Connection>,
    /// Whether the registry is the account's own.
    pub(super) own: bool,
}

impl Place {
    /// The repository of a service.
    pub(super) fn repository(&self, service: &str) -> String {
        if self.prefix.is_empty() { service.to_owned() } else { format!("{}/{service}", self.prefix) }
    }
}

pub(super) async fn run(context: &Context, args: &PushArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.choice.environment.environment)?;
    // The login first: nobody wants to compile for minutes to learn that there is none.
    let place = place(context, args, &environment).await?;
    let base = base::pull(context, &environment, &args.choice).await?;
    let finished = build_all(context, &environment, &args.choice, base.as_ref()).await?;
    let signer = Signer::find(&environment, &place).await?;
    let homes = Homes::default();
    let mut reports = Vec::new();
    for one in &finished {
        reports.push(push_one(context, &place, one, (&homes, signer.as_ref())).await?);
    }
    if context.printer.json() {
        context.printer.data_json(&report(reports));
    }
    gate::check(context, &environment, &place, &finished).await?;
    Ok(DONE)
}

async fn place(context: &Context, args: &PushArgs, environment: &Environment) -> Result<Place, Problem> {
    let settings = &environment.loaded.platform.settings;
    let clock = Arc::new(SystemClock::default());
    let problem = |error: RegistryError| registry_problem(&error);
    if let Some(other) = &args.registry {
        let (host, prefix) = other.split_once('/').unwrap_or((other, ""));
        let registry = Registry::new(host, args.plain_http, base::docker_login().map_err(problem)?, clock);
        let connection = match settings.images.signing_key {
            Some(_) => Some(connect(context, environment).await?),
            None => None,
        };
        return Ok(Place { registry, prefix: prefix.to_owned(), connection, own: false });
    }
    let connection = connect(context, environment).await?;
    let Ecr { host, plain } = Ecr::find(&connection.aws).await.map_err(problem)?;
    let registry = Registry::new(host, plain, Login::Ecr(connection.aws.clone()), clock);
    let prefix = settings.registry.prefix.clone().unwrap_or_else(|| environment.name.clone());
    Ok(Place { registry, prefix, connection: Some(connection), own: true })
}

async fn push_one(
    context: &Context,
    place: &Place,
    finished: &Finished,
    (homes, signer): (&Homes, Option<&Signer>),
) -> Result<Value, Problem> {
    let image = &finished.built.image;
    let repository = place.repository(&finished.name);
    let push = Push {
        repository: repository.clone(),
        tag: finished.tag.clone(),
        blobs: image.blobs().into_iter().map(part).collect(),
        manifests: image.listed().into_iter().map(part).collect(),
        root: part(&image.root),
    };
    let pushed = place.registry.push(&push, homes).await.map_err(|error| {
        let problem = registry_problem(&error);
        match error {
            RegistryError::NotFound { .. } | RegistryError::Status { status: 404, .. } if place.own => {
                problem.hint("the repository is made by `platctl up`")
            }
            _ => problem,
        }
    })?;
    let attached =
        attach(place, finished, (homes, signer)).await.map_err(|error| registry_problem(&error))?;
    let name = format!("{}/{repository}", place.registry.host());
    let what = match pushed {
        Pushed::Unchanged => "there already".to_owned(),
        Pushed::Done(sent) => format!(
            "pushed: {} of {} blobs sent ({}), {} mounted, {} there",
            sent.uploaded,
            push.blobs.len(),
            megabytes(sent.bytes),
            sent.mounted,
            sent.there
        ),
    };
    context.printer.say(&format!("{}; {what}", describe(finished)));
    for line in &attached {
        context.printer.say(&format!("  {line}"));
    }
    if !context.printer.json() {
        context.printer.data(&format!("{name}:{}@{}", finished.tag, image.digest()));
    }
    let mut json = to_json(finished);
    json["reference"] = format!("{name}@{}", image.digest()).into();
    json["pushed"] = match pushed {
        Pushed::Unchanged => json!({ "uploaded": 0, "bytes": 0, "mounted": 0, "there": push.blobs.len() }),
        Pushed::Done(sent) => json!({
            "uploaded": sent.uploaded, "bytes": sent.bytes, "mounted": sent.mounted, "there": sent.there,
        }),
    };
    Ok(json)
}
