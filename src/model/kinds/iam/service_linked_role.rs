//! Roles that AWS services bring themselves.

use serde::{Deserialize, Serialize};

use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Resource, Timing, Visitor};

/// A service-linked role. The whole account shares it: it is adopted when it is there, made when it is not, and
/// never deleted; it carries no tags of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLinkedRole {
    /// The service that it is linked to (`eks-nodegroup.amazonaws.com`).
    pub service: String,
}

/// What is known of a service-linked role once it stands. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLinkedRoleOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for ServiceLinkedRoleOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for ServiceLinkedRole {
    const KIND: Kind = Kind::ServiceLinkedRole;
    /// There is one a service and account: found by its path, and refused a second time.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(5, 1, 1);
    const KEPT: bool = true;
    type Outputs = ServiceLinkedRoleOutputs;

    fn visit(&mut self, _: &mut dyn Visitor) {
        let Self { service: _ } = self;
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { service } = self;
        changes.replace("service", service, &live.service);
    }
}
