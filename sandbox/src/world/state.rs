//! The world: everything that the sandbox knows, as one serializable value.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pending::Pending;
use super::table::{Shared, Table};
use super::token::Remembered;
use crate::clock::{Clock, Pace, Time};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::services;

/// All accounts, and what is common to them. A copy is cheap; see [`super::table`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// The source of ids and spreads.
    pub dice: Dice,
    /// What time it is.
    pub clock: Clock,
    /// The account of an access key that is not in [`World::keys`].
    pub default_account: String,
    /// Whose an access key is.
    #[serde(default)]
    pub keys: Table<Principal>,
    /// Changes under way, in the order of their beginning.
    #[serde(default)]
    pub pending: Table<Pending>,
    /// Client tokens and what they made.
    #[serde(default)]
    pub tokens: Table<Remembered>,
    /// Faults that are armed.
    #[serde(default)]
    pub faults: Table<Fault>,
    /// Whether the caller's IAM policies are enforced.
    #[serde(default)]
    pub enforce_iam: bool,
    /// For how many milliseconds of world time something new stays invisible (0: not at all).
    #[serde(default)]
    pub consistency_delay: i64,
    /// Tokens of clusters that were signed before this wall time are refused, however young they are.
    #[serde(default)]
    pub tokens_from: Time,
    /// When ids were made that are still invisible to lists; empty without a delay.
    #[serde(default)]
    pub born: Table<Time>,
    /// The accounts by number.
    pub accounts: BTreeMap<String, Shared<Account>>,
    /// Counts everything that gets a sequence number.
    #[serde(default)]
    pub sequence: u64,
}

/// Who stands behind an access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The account.
    pub account: String,
    /// The ARN that `GetCallerIdentity` answers.
    pub arn: String,
    /// The unique id: `AIDA…`, or `AROA…:session`.
    pub user_id: String,
    /// When the credentials end (temporary ones).
    #[serde(default)]
    pub expires: Option<Time>,
    /// The secret key, where the world knows it: tokens for clusters are verified with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// One account: its global services and its regions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Users, roles, policies.
    pub iam: Shared<services::iam::State>,
    /// Hosted zones.
    pub route53: Shared<services::route53::State>,
    /// Buckets (their names are unique over all accounts).
    pub s3: Shared<services::s3::State>,
    /// The regions that were used.
    pub regions: BTreeMap<String, Shared<Region>>,
}

/// One region of one account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Region {
    /// Certificates.
    pub acm: Shared<services::acm::State>,
    /// Auto Scaling groups.
    pub autoscaling: Shared<services::autoscaling::State>,
    /// Networks, launch templates, volumes.
    pub ec2: Shared<services::ec2::State>,
    /// Image repositories.
    pub ecr: Shared<services::ecr::State>,
    /// Clusters.
    pub eks: Shared<services::eks::State>,
    /// Classic load balancers.
    pub elb: Shared<services::elb::State>,
    /// Network and application load balancers.
    pub elbv2: Shared<services::elbv2::State>,
    /// Keys.
    pub kms: Shared<services::kms::State>,
    /// Log groups.
    pub logs: Shared<services::logs::State>,
    /// Secrets.
    pub secretsmanager: Shared<services::secretsmanager::State>,
    /// Raised quotas.
    pub service_quotas: Shared<services::service_quotas::State>,
    /// Parameters.
    pub ssm: Shared<services::ssm::State>,
}

impl World {
    /// An empty world.
    pub fn new(seed: u64, pace: Pace, default_account: &str, wall: Time) -> Self {
        Self {
            dice: Dice::new(seed),
            clock: Clock::new(pace, wall),
            default_account: default_account.to_owned(),
            keys: Table::default(),
            pending: Table::default(),
            tokens: Table::default(),
            faults: Table::default(),
            enforce_iam: false,
            consistency_delay: 0,
            tokens_from: Time::default(),
            born: Table::default(),
            accounts: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// The next sequence number, as text that sorts in order.
    pub fn next_sequence(&mut self) -> String {
        self.sequence += 1;
        format!("{:012}", self.sequence)
    }

    /// A region of an account, if anything was ever looked at there.
    pub fn region(&self, account: &str, region: &str) -> Option<&Region> {
        Some(self.accounts.get(account)?.regions.get(region)?)
    }
}

/// An account that has nothing.
pub(super) fn no_account() -> &'static Account {
    static NOTHING: std::sync::OnceLock<Account> = std::sync::OnceLock::new();
    NOTHING.get_or_init(Account::default)
}

/// A region that has nothing.
pub(super) fn no_region() -> &'static Region {
    static NOTHING: std::sync::OnceLock<Region> = std::sync::OnceLock::new();
    NOTHING.get_or_init(Region::default)
}

/// A world as the server holds it: replaced whole when a call changed it.
pub type Held = Arc<World>;
