//! The frame of the expansion: names, tags, and the list that every part adds to.

use std::collections::BTreeSet;

use crate::config::Platform;
use crate::config::schema::Settings;
use crate::model::{
    ADDRESS_TAG, Address, Attribute, Desired, ENVIRONMENT_TAG, Name, Placeholder, Ref, Resource, Spec, Tags,
    Text,
};

use super::{cluster, components, dns, network, registry};

/// Everything that an environment consists of in AWS.
///
/// The platform must have passed the checks of `config`; of one that has not, what cannot be placed is left out.
pub fn expand(platform: &Platform) -> Desired {
    let mut expansion = Expansion::new(platform);
    let with_cluster = platform.settings.cluster.existing.is_none();
    let network = network::expand(&mut expansion);
    if let Some(network) = network.as_ref().filter(|_| with_cluster) {
        let cluster = cluster::expand(&mut expansion, network);
        components::expand(&mut expansion, &cluster);
        registry::expand(&mut expansion, Some(&cluster));
    } else {
        registry::expand(&mut expansion, None);
    }
    if let Some(network) = &network {
        dns::expand(&mut expansion, network);
    }
    expansion.desired
}

/// The name of an environment's cluster.
pub fn cluster_name(environment: &str) -> String {
    format!("{environment}-eks")
}

/// An expansion under way.
pub(super) struct Expansion<'a> {
    pub(super) environment: &'a str,
    pub(super) settings: &'a Settings,
    /// The services that can be built here.
    pub(super) buildable: &'a BTreeSet<String>,
    pub(super) desired: Desired,
}

impl<'a> Expansion<'a> {
    fn new(platform: &'a Platform) -> Self {
        let Platform { environment, settings, buildable } = platform;
        let desired = Desired {
            environment: environment.clone(),
            protect: settings.protect,
            resources: std::collections::BTreeMap::new(),
        };
        Self { environment, settings, buildable, desired }
    }

    /// A name that AWS keeps per account. All of them start so, and no environment's name holds `eks`, so no
    /// name of one environment is one of another.
    pub(super) fn account_name(&self, what: &str) -> String {
        format!("{}-{what}", cluster_name(self.environment))
    }

    /// A name that AWS keeps per account, for services that take a slash.
    pub(super) fn path_name(&self, what: &str) -> String {
        format!("{}/{what}", self.environment)
    }

    /// The tags that a resource starts with: the name that people see.
    pub(super) fn named(&self, name: impl Into<String>) -> Tags {
        [("Name".to_owned(), name.into())].into()
    }

    /// The user's tags with a name, for what is not a resource of ours but made by one.
    pub(super) fn user_tags(&self, name: impl Into<String>) -> Tags {
        let mut tags = self.settings.tags.clone();
        tags.extend(self.named(name));
        tags
    }

    /// Adds a resource, with its tags complete, and gives the reference to it.
    pub(super) fn add<K: Resource>(&mut self, name: &str, spec: K) -> Ref<K>
    where
        Spec: From<K>,
    {
        let name = Name::from_lossy(name);
        let address = Address::new(K::KIND, name.clone());
        let mut spec = Spec::from(spec);
        if let Some(tags) = spec.tags_mut() {
            for (key, value) in &self.settings.tags {
                tags.entry(key.clone()).or_insert_with(|| value.clone());
            }
            tags.insert(ENVIRONMENT_TAG.to_owned(), self.environment.to_owned());
            tags.insert(ADDRESS_TAG.to_owned(), address.to_string());
        }
        self.desired.resources.insert(address, spec);
        Ref::managed(name)
    }

    /// The partition of the region, as ARNs start (`aws`, `aws-cn`, `aws-us-gov`).
    pub(super) fn partition(&self) -> &'static str {
        let region = &self.settings.aws.region;
        if region.starts_with("cn-") {
            "aws-cn"
        } else if region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// The ARN of something of this account and region; any account's, where the account is not told.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let aws = &self.settings.aws;
        let account = aws.account_id.as_deref().unwrap_or("*");
        format!("arn:{}:{service}:{}:{account}:{resource}", self.partition(), aws.region)
    }

    /// A policy that AWS keeps, by its name and path.
    pub(super) fn aws_policy<K: Resource>(&self, name: &str) -> Ref<K> {
        Ref::external(format!("arn:{}:iam::aws:policy/{name}", self.partition()))
    }
}

/// An output of one of ours or the id of what is not, to be put into a text.
pub(super) fn output<K: Resource>(reference: &Ref<K>, attribute: Attribute) -> Text {
    match reference.address() {
        Some(address) => Placeholder::new(address, attribute).into(),
        None => Text::new(reference.to_string()),
    }
}
