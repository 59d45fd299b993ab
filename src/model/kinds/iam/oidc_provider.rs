//! Trust in the tokens that a cluster signs.

use serde::{Deserialize, Serialize};

use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Resource, Tags, Text, Timing, Visitor};

/// An OpenID Connect provider: tokens of this issuer are believed, so that service accounts can assume roles.
///
/// No thumbprints: for issuers whose certificate comes from a well-known authority, as EKS's does, IAM does not
/// look at them (CreateOpenIDConnectProvider).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// The issuer without its scheme: a cluster's host output.
    pub issuer: Text,
    /// For whom tokens may be (`sts.amazonaws.com`).
    pub audiences: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a provider once it stands. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProviderOutputs {
    /// The ARN.
    pub arn: String,
    /// The issuer without its scheme, as conditions of trust policies start.
    pub host: String,
}

impl OutputsOf for OidcProviderOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Arn => Some(&self.arn),
            Attribute::Host => Some(&self.host),
            _ => None,
        }
    }
}

impl Resource for OidcProvider {
    const KIND: Kind = Kind::OidcProvider;
    /// CreateOpenIDConnectProvider takes no client token; there is one an issuer, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(2, 2, 2);
    type Outputs = OidcProviderOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { issuer, audiences: _, tags: _ } = self;
        visitor.text(issuer);
    }

    fn sort_sets(&mut self) {
        self.audiences.sort();
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { issuer, audiences, tags } = self;
        changes.replace("issuer", issuer, &live.issuer);
        changes.update_set("audiences", audiences, &live.audiences);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
