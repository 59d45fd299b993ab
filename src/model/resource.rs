//! What a kind of resource has to say about itself.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Address, Changes, Document, Kind, Ref, Tags, Target, Text};

/// The id by which the cloud knows a resource: `vpc-…`, a role's name, an ARN, whatever the kind's calls take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CloudId(String);

impl CloudId {
    /// Takes an id as the service gave it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CloudId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for CloudId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}
impl From<String> for CloudId {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

/// The outputs that other resources may use. A closed set: what a kind does not have, it does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// The cloud id.
    Id,
    /// The Amazon Resource Name.
    Arn,
    /// The name, where it is not the id.
    Name,
    /// A host name (OIDC issuer without scheme, registry, load balancer).
    Host,
    /// A URL.
    Url,
    /// The hosted zone that an alias record to it needs.
    HostedZone,
    /// An IP address.
    Address,
    /// A content digest (`sha256:…`).
    Digest,
    /// The security group that the service made for it.
    SecurityGroup,
    /// A version that the service assigned.
    Version,
}

impl Attribute {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Id, "id"),
        (Self::Arn, "arn"),
        (Self::Name, "name"),
        (Self::Host, "host"),
        (Self::Url, "url"),
        (Self::HostedZone, "hosted_zone"),
        (Self::Address, "address"),
        (Self::Digest, "digest"),
        (Self::SecurityGroup, "security_group"),
        (Self::Version, "version"),
    ];

    /// The word in placeholders.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(attribute, _)| *attribute == self).map_or("", |(_, word)| word)
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(attribute, _)| *attribute)
    }

    /// Every attribute.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().map(|(attribute, _)| attribute)
    }
}

/// What is known of a resource once it stands, besides its spec.
pub trait Outputs:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The attribute's value; [`Attribute::Id`] is answered by the engine and never asked here.
    fn attribute(&self, attribute: Attribute) -> Option<&str>;
}

/// The outputs of a kind that has none but its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoOutputs {}

impl Outputs for NoOutputs {
    fn attribute(&self, _: Attribute) -> Option<&str> {
        None
    }
}

/// How a create that was interrupted is found again, so that it leaves no orphan and makes no twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The service remembers a client token: replaying the create with the token of the journal gives the same
    /// resource. Old tokens are forgotten, so it carries our tags from birth too.
    Token,
    /// It carries our tags from birth and is found by them.
    Tag,
    /// Its name is unique and ours: found by name, and by our ownership tag where it can carry one.
    Name,
    /// It is a relation between two others: describing them shows it, making it again changes nothing.
    Edge,
}

/// How long a kind takes, and how it is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Typical time from create to ready, for the schedule and the forecast.
    pub create: Duration,
    /// Typical time of a change in place.
    pub update: Duration,
    /// Typical time until it is gone.
    pub delete: Duration,
    /// Time between two looks while waiting.
    pub interval: Duration,
    /// After this long waiting is given up.
    pub timeout: Duration,
}

impl Timing {
    /// For what is there as soon as the call returns.
    pub const INSTANT: Self = Self::seconds(1, 1, 1);

    /// Typical seconds to create, update and delete; looked at every 2 to 15 s depending on the length, given
    /// up after four times the longest and 5 minutes at least.
    pub const fn seconds(create: u64, update: u64, delete: u64) -> Self {
        let longest = max(create, max(update, delete));
        let interval = if longest >= 300 { 15 } else { max(2, longest / 20) };
        Self {
            create: Duration::from_secs(create),
            update: Duration::from_secs(update),
            delete: Duration::from_secs(delete),
            interval: Duration::from_secs(interval),
            timeout: Duration::from_secs(max(300, 4 * longest)),
        }
    }
}

const fn max(a: u64, b: u64) -> u64 {
    if a > b { a } else { b }
}

/// A walk over everything in a spec that points at other resources.
pub trait Visitor {
    /// One reference: the kind it may point at, and where it points.
    fn target(&mut self, kind: Kind, target: &mut Target);
    /// One text that may hold placeholders.
    fn text(&mut self, text: &mut Text);
    /// One document that may hold placeholders.
    fn document(&mut self, document: &mut Document);
}

impl dyn Visitor + '_ {
    /// One typed reference.
    pub fn reference<K: Resource>(&mut self, reference: &mut Ref<K>) {
        self.target(K::KIND, reference.target_mut());
    }

    /// Any number of typed references (an option, a list).
    pub fn references<'a, K: Resource>(&mut self, references: impl IntoIterator<Item = &'a mut Ref<K>>) {
        for reference in references {
            self.target(K::KIND, reference.target_mut());
        }
    }
}

/// A kind of resource: what can be said of it without asking anybody.
///
/// Authors write the three functions over an exhaustive `let Self { … } = self;`, so that a new field does not
/// compile before it has a policy.
pub trait Resource:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Which kind this is.
    const KIND: Kind;
    /// How an interrupted create is found again.
    const RECOVERY: Recovery;
    /// How long it takes.
    const TIMING: Timing;
    /// Whether it is adopted when it is there, and never deleted: because the whole account shares it, or because
    /// it goes with what holds it. When it is no longer wanted, its record is dropped and nothing else happens.
    const KEPT: bool = false;
    /// What is known of it once it stands.
    type Outputs: Outputs;

    /// Shows every reference, text and document in it to the visitor.
    fn visit(&mut self, visitor: &mut dyn Visitor);

    /// What would have to change for `live` to be as this says.
    fn changes(&self, live: &Self, changes: &mut Changes);

    /// Puts what has no order (what [`Self::changes`] compares as a set) into one order: a service may tell it in
    /// another each time, and that is no change.
    fn sort_sets(&mut self) {}

    /// Takes over from what was recorded what the cloud cannot tell of what is there (`self`), where the rest says
    /// that it is what was recorded.
    fn recall(&mut self, recorded: &Self) {
        let _nothing = recorded;
    }

    /// Takes over from what is wanted what only a delete reads: that is no change, so the record (`self`) may be
    /// behind the configuration in it.
    fn dispose_as(&mut self, wanted: &Self) {
        let _nothing = wanted;
    }

    /// The resource whose id is part of this one's own (the cluster of an add-on, the zone of a record), for
    /// kinds that cannot be looked for without it.
    fn parent(&self) -> Option<Address> {
        None
    }

    /// Its tags, for kinds that carry any.
    fn tags(&self) -> Option<&Tags> {
        None
    }

    /// Its tags, to be changed.
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        None
    }
}
