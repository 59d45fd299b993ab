//! Where images go, and what is done for one on its way.

use std::sync::Arc;

use super::attach::{Signer, attach, part};
use super::base;
use super::prepare::Finished;
use super::problem::registry_problem;
use crate::cli::connect::{Connection, connect};
use crate::cli::context::{Context, Environment};
use crate::provider::aws::Aws;
use crate::provider::aws::ecr::marker;
use crate::provider::registry::{Ecr, Homes, Login, Push, Pushed, Registry, RegistryError};
use crate::provider::{Delivered, Delivery, Error, SystemClock};
use crate::ui::Problem;

/// Where images go.
pub(super) struct Place {
    pub(super) registry: Registry,
    /// What repository names start with.
    prefix: String,
    /// AWS, where the registry is the account's own or a key of it signs.
    pub(super) aws: Option<Aws>,
    /// Whether the registry is the account's own.
    pub(super) own: bool,
}

impl Place {
    /// The account's own registry.
    pub(super) async fn own(environment: &Environment, connection: &Connection) -> Result<Self, Problem> {
        let found = Ecr::find(&connection.aws).await.map_err(|error| registry_problem(&error))?;
        let (login, clock) = (Login::Ecr(connection.aws.clone()), Arc::new(SystemClock::default()));
        let registry = Registry::new(found.host, found.plain, login, clock);
        let prefix = environment.loaded.platform.settings.registry.prefix.clone();
        let prefix = prefix.unwrap_or_else(|| environment.name.clone());
        Ok(Self { registry, prefix, aws: Some(connection.aws.clone()), own: true })
    }

    /// Another one (`HOST[/PREFIX]`), with the login of Docker.
    pub(super) async fn other(
        context: &Context,
        environment: &Environment,
        (name, plain): (&str, bool),
    ) -> Result<Self, Problem> {
        let (host, prefix) = name.split_once('/').unwrap_or((name, ""));
        let login = base::docker_login().map_err(|error| registry_problem(&error))?;
        let registry = Registry::new(host, plain, login, Arc::new(SystemClock::default()));
        let aws = match environment.loaded.platform.settings.images.signing_key {
            Some(_) => Some(connect(context, environment).await?.aws),
            None => None,
        };
        Ok(Self { registry, prefix: prefix.to_owned(), aws, own: false })
    }

    /// The repository of a service.
    pub(super) fn repository(&self, service: &str) -> String {
        if self.prefix.is_empty() { service.to_owned() } else { format!("{}/{service}", self.prefix) }
    }
}

/// What all images of a run share on their way.
pub(super) struct Carrier {
    pub(super) place: Place,
    signer: Option<Signer>,
    homes: Homes,
}

impl Carrier {
    /// A carrier to a place; the signing key is looked for.
    pub(super) async fn to(environment: &Environment, place: Place) -> Result<Self, Problem> {
        let signer = Signer::find(environment, &place).await?;
        Ok(Self { place, signer, homes: Homes::default() })
    }

    /// Pushes an image and attaches what belongs to it; gives what was sent, and what was attached.
    pub(super) async fn carry(
        &self,
        image: &Finished,
        repository: &str,
        marker: Option<&str>,
    ) -> Result<(Pushed, Vec<String>), RegistryError> {
        let content = &image.built.image;
        let push = Push {
            repository: repository.to_owned(),
            tag: image.tag.clone(),
            blobs: content.blobs().into_iter().map(part).collect(),
            manifests: content.listed().into_iter().map(part).collect(),
            root: part(&content.root),
        };
        let registry = &self.place.registry;
        let pushed = registry.push(&push, &self.homes).await?;
        let attached = attach(registry, (repository, image), (&self.homes, self.signer.as_ref())).await?;
        // Last: where this tag stands, all the rest is there.
        if let Some(marker) = marker {
            registry.tag(repository, marker, &push.root).await?;
        }
        Ok((pushed, attached))
    }
}

/// The tag that tells what an image was made from.
pub(super) fn marker_of(image: &Finished) -> String {
    marker(&image.built.made_from, image.built.image.digest().as_str())
}

/// An image with its carrier.
pub(super) struct Parcel {
    pub(super) image: Finished,
    pub(super) carrier: Arc<Carrier>,
}

impl Delivery for Parcel {
    fn digest(&self) -> &str {
        self.image.built.image.digest().as_str()
    }

    fn deliver<'a>(&'a self, repository: &'a str, marker: &'a str) -> Delivered<'a> {
        Box::pin(async move {
            let carried = self.carrier.carry(&self.image, repository, Some(marker)).await;
            carried.map(|_| ()).map_err(Error::from)
        })
    }
}
