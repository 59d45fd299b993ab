//! What the service knows of one region.

use serde::{Deserialize, Serialize};

use super::balancer::Balancer;
use super::listener::Listener;
use super::rule::Rule;
use super::target_group::TargetGroup;
use crate::world::{Table, Tags};

/// The service's part of a region: everything by ARN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Load balancers.
    pub balancers: Table<Balancer>,
    /// Target groups.
    pub target_groups: Table<TargetGroup>,
    /// Listeners.
    pub listeners: Table<Listener>,
    /// Rules of listeners, the default ones aside.
    pub rules: Table<Rule>,
    /// Tags by the ARN of what carries them.
    pub tags: Table<Tags>,
    /// Interfaces of load balancers that are gone, until they go too: by what their removal goes by.
    pub leaving: Table<Vec<String>>,
}

impl State {
    /// The load balancers that forward to a target group.
    pub fn balancers_of(&self, group: &str) -> Vec<String> {
        let direct =
            self.listeners.values().filter(|row| row.forwards_to(group)).map(|row| row.balancer.clone());
        let by_rules = self.rules.values().filter(|row| row.forwards_to(group));
        let by_rules = by_rules.filter_map(|row| Some(self.listeners.get(&row.listener)?.balancer.clone()));
        let mut all: Vec<String> = direct.chain(by_rules).collect();
        all.sort();
        all.dedup();
        all
    }
}
