//! The one list of kinds, and the closed enums that the engine works with.

use serde::{Deserialize, Serialize};

use super::{Address, Attribute, Change, Changes, OutputsOf as _, Recovery, Resource, Tags, Timing, Visitor};

pub mod ec2;
pub mod ecr;
pub mod eks;
pub mod iam;
pub mod kms;
pub mod kubernetes;
pub mod logs;
pub mod route53;
pub mod s3;
pub mod secretsmanager;
pub mod ssm;

macro_rules! kinds {
    ($($variant:ident = $word:literal, $path:path;)*) => {
        /// A kind of resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(
                #[doc = concat!("`", $word, "`")]
                #[serde(rename = $word)]
                $variant,
            )*
        }

        impl Kind {
            /// Every kind, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in addresses.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// How an interrupted create of this kind is found again.
            pub fn recovery(self) -> Recovery {
                match self { $(Self::$variant => <$path as Resource>::RECOVERY,)* }
            }

            /// How long this kind takes.
            pub fn timing(self) -> Timing {
                match self { $(Self::$variant => <$path as Resource>::TIMING,)* }
            }

            /// Whether resources of this kind are never deleted: the whole account shares them, or they go with
            /// what holds them.
            pub fn is_kept(self) -> bool {
                match self { $(Self::$variant => <$path as Resource>::KEPT,)* }
            }
        }

        /// What is wanted of a resource, or seen of it.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "spec")]
        pub enum Spec {
            $(
                #[doc = concat!("`", $word, "`")]
                #[serde(rename = $word)]
                $variant(Box<$path>),
            )*
        }

        $(
            impl From<$path> for Spec {
                fn from(spec: $path) -> Self {
                    Self::$variant(Box::new(spec))
                }
            }
        )*

        impl Spec {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant,)* }
            }

            /// Shows every reference, text and document in it to the visitor.
            pub fn visit(&mut self, visitor: &mut dyn Visitor) {
                match self { $(Self::$variant(spec) => spec.visit(visitor),)* }
            }

            /// What would have to change for `live` to be as this says; `None` when they are of two kinds.
            pub fn changes(&self, live: &Self) -> Option<Vec<Change>> {
                let mut changes = Changes::default();
                match (self, live) {
                    $((Self::$variant(want), Self::$variant(live)) => want.changes(live, &mut changes),)*
                    _ => return None,
                }
                Some(changes.into_vec())
            }

            /// Puts what has no order into one order.
            pub fn sort_sets(&mut self) {
                match self { $(Self::$variant(spec) => spec.sort_sets(),)* }
            }

            /// Takes over from what was recorded what the cloud cannot tell.
            pub fn recall(&mut self, recorded: &Self) {
                match (self, recorded) {
                    $((Self::$variant(live), Self::$variant(recorded)) => live.recall(recorded),)*
                    _ => {}
                }
            }

            /// Takes over from what is wanted what only a delete reads.
            pub fn dispose_as(&mut self, wanted: &Self) {
                match (self, wanted) {
                    $((Self::$variant(recorded), Self::$variant(wanted)) => recorded.dispose_as(wanted),)*
                    _ => {}
                }
            }

            /// The resource whose id is part of this one's own.
            pub fn parent(&self) -> Option<Address> {
                match self { $(Self::$variant(spec) => spec.parent(),)* }
            }

            /// Its tags, for kinds that carry any.
            pub fn tags(&self) -> Option<&Tags> {
                match self { $(Self::$variant(spec) => spec.tags(),)* }
            }

            /// Its tags, to be changed.
            pub fn tags_mut(&mut self) -> Option<&mut Tags> {
                match self { $(Self::$variant(spec) => spec.tags_mut(),)* }
            }
        }

        /// What is known of a resource once it stands.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "outputs")]
        pub enum Outputs {
            $(
                #[doc = concat!("`", $word, "`")]
                #[serde(rename = $word)]
                $variant(<$path as Resource>::Outputs),
            )*
        }

        impl Outputs {
            /// An attribute besides the id.
            pub fn attribute(&self, attribute: Attribute) -> Option<&str> {
                match self { $(Self::$variant(outputs) => outputs.attribute(attribute),)* }
            }
        }
    };
}

// The order is the order in which plans list what does not depend on each other.
kinds! {
    Vpc = "vpc", ec2::Vpc;
    InternetGateway = "internet_gateway", ec2::InternetGateway;
    Subnet = "subnet", ec2::Subnet;
    ElasticIp = "elastic_ip", ec2::ElasticIp;
    NatGateway = "nat_gateway", ec2::NatGateway;
    RouteTable = "route_table", ec2::RouteTable;
    DefaultSecurityGroup = "default_security_group", ec2::DefaultSecurityGroup;
    SecurityGroup = "security_group", ec2::SecurityGroup;
    SecurityGroupRule = "security_group_rule", ec2::SecurityGroupRule;
    VpcEndpoint = "vpc_endpoint", ec2::VpcEndpoint;
    FlowLog = "flow_log", ec2::FlowLog;
    LaunchTemplate = "launch_template", ec2::LaunchTemplate;
    Policy = "policy", iam::Policy;
    Role = "role", iam::Role;
    ServiceLinkedRole = "service_linked_role", iam::ServiceLinkedRole;
    OidcProvider = "oidc_provider", iam::OidcProvider;
    InstanceProfile = "instance_profile", iam::InstanceProfile;
    Key = "key", kms::Key;
    LogGroup = "log_group", logs::LogGroup;
    Cluster = "cluster", eks::Cluster;
    NodeGroup = "node_group", eks::NodeGroup;
    Addon = "addon", eks::Addon;
    AccessEntry = "access_entry", eks::AccessEntry;
    PodIdentityAssociation = "pod_identity_association", eks::PodIdentityAssociation;
    Repository = "repository", ecr::Repository;
    Image = "image", ecr::Image;
    Release = "release", kubernetes::Release;
    HostedZone = "hosted_zone", route53::HostedZone;
    RecordSet = "record_set", route53::RecordSet;
    Secret = "secret", secretsmanager::Secret;
    Parameter = "parameter", ssm::Parameter;
    Bucket = "bucket", s3::Bucket;
    Leftover = "leftover", ec2::Leftover;
}

impl Kind {
    /// Reads the word of an address.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}
