//! The planner.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{comparable, fingerprint, origins};
use super::order;
use super::step::{Plan, Purpose, Reason, Step};
use crate::graph::{Cycle, Dag};
use crate::model::{Action, Address, Change, CloudId, Desired, Effect, Kind, Known, Shown, Spec};
use crate::model::{Live, Observed, Readiness};
use crate::state::{Measured, Record, State, Status};

/// Everything that a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What is wanted. For a destroy: what was wanted, so that what state lost is found too.
    pub desired: &'a Desired,
    /// What is recorded, every open create resolved.
    pub state: &'a State,
    /// What is there, for everything desired or recorded; for a destroy also what the cluster left.
    pub observed: &'a BTreeMap<Address, Observed>,
    /// What the plan is for.
    pub purpose: Purpose,
    /// What it may touch.
    pub scope: &'a Scope,
}

/// A choice of what a plan may touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only these and what they need (for a destroy: what needs them). Empty for all.
    pub only: BTreeSet<Address>,
    /// Not these, nor what needs them (for a destroy: what they need).
    pub except: BTreeSet<Address>,
}

/// Why no plan can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Resources that wait for each other.
    #[error("resources depend on each other in a circle: {}", names(.0))]
    Cycle(Vec<Address>),
    /// References to what is not there.
    #[error("{from} refers to {to}, which is not part of the environment")]
    Dangling {
        /// Who refers.
        from: Address,
        /// To what.
        to: Address,
    },
    /// The environment is protected, and this would remove something.
    #[error("the environment `{environment}` is protected, and the plan would remove {}", names(.removed))]
    Protected {
        /// The environment.
        environment: String,
        /// What would be removed.
        removed: Vec<Address>,
    },
    /// Nothing was seen of a resource: the planner was not told of everything.
    #[error("nothing is known of {0}")]
    Unobserved(Address),
    /// A choice names what does not exist.
    #[error("{0} is neither desired nor recorded")]
    UnknownTarget(Address),
}

/// The first few addresses, and how many more there are.
fn names(addresses: &[Address]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<String> = addresses.iter().take(SHOWN).map(ToString::to_string).collect();
    match addresses.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Compares, and says what has to be done.
///
/// # Errors
/// [`Refusal`] when the input cannot be planned or may not be.
pub fn plan(input: Input<'_>) -> Result<Plan, Refusal> {
    let order = dependency_order(input.desired)?;
    let mut planner = Planner {
        input,
        known: known(input),
        steps: Vec::new(),
        unchanged: Vec::new(),
        fresh: BTreeSet::new(),
    };
    match input.purpose {
        Purpose::Up => {
            for address in &order {
                planner.want(address)?;
            }
            planner.drop_undesired()?;
        }
        Purpose::Destroy => planner.drop_everything()?,
    }
    let Planner { mut steps, unchanged, .. } = planner;
    let skipped = order::restrict(&mut steps, input)?;
    let mut steps = order::arrange(steps, input.state).map_err(|cycle| Refusal::Cycle(cycle.0))?;
    let measured = Measured::of(&input.state.durations);
    for step in &mut steps {
        step.measured_ms = measured.step(&step.address, step.action);
    }
    refuse_protected(input.desired, &steps)?;
    Ok(Plan {
        environment: input.desired.environment.clone(),
        purpose: input.purpose,
        lineage: input.state.lineage.clone(),
        serial: input.state.serial,
        steps,
        unchanged,
        skipped,
    })
}

fn dependency_order(desired: &Desired) -> Result<Vec<Address>, Refusal> {
    let addresses: Vec<&Address> = desired.resources.keys().collect();
    let index: BTreeMap<&Address, usize> = addresses.iter().enumerate().map(|(i, a)| (*a, i)).collect();
    let mut before = Vec::with_capacity(addresses.len());
    for (address, spec) in &desired.resources {
        let mut waits = Vec::new();
        for to in spec.refs() {
            match index.get(&to) {
                Some(&at) => waits.push(at),
                None => return Err(Refusal::Dangling { from: address.clone(), to }),
            }
        }
        before.push(waits);
    }
    let named = |nodes: &[usize]| nodes.iter().map(|&n| addresses[n].clone()).collect();
    match Dag::new(before) {
        Ok(dag) => Ok(named(dag.order())),
        Err(Cycle(nodes)) => Err(Refusal::Cycle(named(&nodes))),
    }
}

/// Ids and outputs of what is there: seen ones win over recorded ones.
fn known(input: Input<'_>) -> Known {
    let mut known = Known::default();
    for (address, observed) in input.observed {
        if let Observed::Present(live) = observed {
            known.insert(address.clone(), live.id.clone(), Some(live.outputs.clone()));
        }
    }
    for (address, record) in input.state.records() {
        if !input.observed.contains_key(address) {
            known.insert(address.clone(), record.id.clone(), record.outputs.clone());
        }
    }
    known
}

fn refuse_protected(desired: &Desired, steps: &[Step]) -> Result<(), Refusal> {
    let removed: Vec<Address> =
        steps.iter().filter(|s| s.action == Action::Delete).map(|s| s.address.clone()).collect();
    if !desired.protect || removed.is_empty() {
        return Ok(());
    }
    Err(Refusal::Protected { environment: desired.environment.clone(), removed })
}

struct Planner<'a> {
    input: Input<'a>,
    /// What stands and will still stand under the same id.
    known: Known,
    steps: Vec<Step>,
    unchanged: Vec<Address>,
    /// What gets a new id.
    fresh: BTreeSet<Address>,
}

impl Planner<'_> {
    fn observed(&self, address: &Address) -> Result<&Observed, Refusal> {
        self.input.observed.get(address).ok_or_else(|| Refusal::Unobserved(address.clone()))
    }

    /// Decides about one desired resource, after all that it refers to.
    fn want(&mut self, address: &Address) -> Result<(), Refusal> {
        let mut spec = self.input.desired.resources[address].clone();
        self.known.fill(&mut spec);
        match self.observed(address)?.clone() {
            Observed::Absent => {
                let recorded = self.input.state.record(address).is_some();
                self.create(address, spec, if recorded { Reason::Vanished } else { Reason::Missing });
            }
            Observed::Leaving(_) => self.create(address, spec, Reason::Leaving),
            Observed::Present(live) => self.compare(address, spec, &live),
        }
        Ok(())
    }

    fn create(&mut self, address: &Address, spec: Spec, reason: Reason) {
        self.fresh.insert(address.clone());
        self.known.remove(address);
        self.push(Step::new(address, Action::Create, reason, spec), None);
    }

    fn compare(&mut self, address: &Address, spec: Spec, live: &Live) {
        let record = self.input.state.record(address).filter(|record| record.id == live.id);
        let seen = comparable(&live.spec, Some(&spec), record, &self.known);
        let changes = spec.changes(&seen).unwrap_or_default();
        let [forced, anew] = [Effect::Replace, Effect::Anew]
            .map(|effect| changes.iter().any(|change| change.effect == effect));
        let broken = match &live.readiness {
            Readiness::Failed(why) => Some(Reason::Broken(why.clone())),
            Readiness::Ready | Readiness::Pending(_) => None,
        };
        let fingerprint = Some(fingerprint(&live.spec, Some(&spec), record));
        let fresh = &self.fresh;
        let replaced = |change: &Change| match &change.after {
            Shown::Value(value) => mentions(value, fresh),
            Shown::Secret | Shown::Nothing => false,
        };
        let changes = origins(changes, &spec, record, &replaced);
        let (action, reason) = match (broken, record) {
            (Some(why), _) => (Action::Replace, why),
            (None, _) if forced => (Action::Replace, Reason::Differs),
            (None, _) if anew => (Action::Create, Reason::Differs),
            (None, Some(record)) if record.is_settled() && changes.is_empty() => {
                self.unchanged.push(address.clone());
                return;
            }
            (None, Some(_)) if !changes.is_empty() => (Action::Update, Reason::Differs),
            (None, _) => (Action::Adopt, Reason::Unrecorded),
        };
        let mut delete_spec = record.map_or(seen, |record| record.spec.clone());
        delete_spec.dispose_as(&spec);
        if action == Action::Replace {
            let delete = self
                .push(Step::new(address, Action::Delete, reason.clone(), delete_spec), Some(live.id.clone()));
            delete.replaces = true;
            delete.fingerprint = fingerprint;
            self.fresh.insert(address.clone());
            self.known.remove(address);
            let create = self.push(Step::new(address, Action::Create, reason, spec), None);
            create.replaces = true;
            create.changes = changes;
        } else if action == Action::Create {
            self.create(address, spec, reason);
            if let Some(step) = self.steps.last_mut() {
                step.changes = changes;
            }
        } else {
            // Tags are beside what has versions.
            if changes.iter().any(|planned| !planned.change.field.starts_with("tags.")) {
                self.known.outdate(address);
            }
            let step = self.push(Step::new(address, action, reason, spec), Some(live.id.clone()));
            step.fingerprint = fingerprint;
            step.changes = changes;
        }
    }

    /// Recorded, and not desired.
    fn drop_undesired(&mut self) -> Result<(), Refusal> {
        let state = self.input.state;
        for (address, status) in &state.resources {
            if !self.input.desired.resources.contains_key(address) {
                self.remove(address, status, Reason::Undesired)?;
            }
        }
        Ok(())
    }

    /// Everything recorded, and everything else that was seen.
    fn drop_everything(&mut self) -> Result<(), Refusal> {
        let Input { desired, state, .. } = self.input;
        for (address, status) in &state.resources {
            self.remove(address, status, Reason::Destroyed)?;
        }
        // What is there and not recorded: desired (its record was lost), or left by the cluster.
        let unrecorded =
            |address: &Address| !state.resources.contains_key(address) && !address.kind.is_kept();
        for (address, observed) in self.input.observed.iter().filter(|(address, _)| unrecorded(address)) {
            if let Observed::Present(live) = observed {
                let seen = comparable(&live.spec, desired.resources.get(address), None, &self.known);
                self.push(Step::new(address, Action::Delete, Reason::Destroyed, seen), Some(live.id.clone()));
            }
        }
        Ok(())
    }

    fn remove(&mut self, address: &Address, status: &Status, reason: Reason) -> Result<(), Refusal> {
        let Status::Present(record) = status else {
            // An open create that was looked for everywhere and not found.
            if let Status::Creating { spec, .. } = status {
                self.push(Step::new(address, Action::Forget, reason, spec.clone()), None);
            }
            return Ok(());
        };
        let Record { id, spec, intended, .. } = record.as_ref();
        let mut spec = intended.as_ref().unwrap_or(spec).clone();
        if let Some(desired) = self.input.desired.resources.get(address) {
            spec.dispose_as(desired);
        }
        match self.observed(address)?.clone() {
            // What is kept stays; what a cluster left is for a destroy to remove.
            _ if address.kind.is_kept()
                || (address.kind == Kind::Leftover && self.input.purpose == Purpose::Up) =>
            {
                self.push(Step::new(address, Action::Forget, reason, spec), Some(id.clone()));
            }
            Observed::Absent => {
                self.push(Step::new(address, Action::Forget, reason, spec), Some(id.clone()));
            }
            Observed::Leaving(_) => {
                self.push(Step::new(address, Action::Delete, reason, spec), Some(id.clone()));
            }
            Observed::Present(live) => {
                let seen = fingerprint(&live.spec, Some(&spec), Some(record));
                let step = self.push(Step::new(address, Action::Delete, reason, spec), Some(live.id));
                step.fingerprint = Some(seen);
            }
        }
        Ok(())
    }

    fn push(&mut self, step: Step, id: Option<CloudId>) -> &mut Step {
        self.steps.push(Step { id, ..step });
        self.steps.last_mut().expect("a step was just pushed")
    }
}

/// True when a shown value names one of these: by reference, or by placeholder.
fn mentions(value: &serde_json::Value, addresses: &BTreeSet<Address>) -> bool {
    match value {
        serde_json::Value::String(text) => {
            addresses.iter().any(|a| *text == a.to_string() || text.contains(&format!("@{{{a}#")))
        }
        serde_json::Value::Array(items) => items.iter().any(|item| mentions(item, addresses)),
        serde_json::Value::Object(map) => map
            .iter()
            .any(|(key, item)| mentions(&key.as_str().into(), addresses) || mentions(item, addresses)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ec2::{LaunchTemplate, LaunchTemplateOutputs};
    use crate::model::eks::{Capacity, NodeGroup, NodeGroupOutputs, NodeTemplate, Unavailable};
    use crate::model::{Name, Outputs, Placeholder, Ref, Tags};

    fn template(user_data: &str) -> LaunchTemplate {
        LaunchTemplate {
            name: "nodes".into(),
            disk: None,
            security_groups: Vec::new(),
            metadata: Default::default(),
            detailed_monitoring: false,
            user_data: user_data.into(),
            instance_tags: Tags::new(),
            tags: Tags::new(),
        }
    }

    fn nodes(template: Ref<LaunchTemplate>, version: crate::model::Text) -> NodeGroup {
        NodeGroup {
            cluster: Ref::external("dev"),
            name: "nodes".into(),
            role: Ref::external("arn:role"),
            subnets: Vec::new(),
            min: 1,
            max: 1,
            desired: None,
            instance_types: Vec::new(),
            capacity: Capacity::OnDemand,
            ami_type: "x".into(),
            disk_gib: None,
            labels: BTreeMap::new(),
            taints: Vec::new(),
            unavailable: Unavailable::Count(1),
            version: None,
            release: None,
            template: Some(NodeTemplate { template, version }),
            after: Vec::new(),
            tags: Tags::new(),
        }
    }

    fn present(id: &str, spec: impl Into<Spec>, outputs: Outputs) -> Observed {
        Observed::Present(Box::new(Live {
            id: id.into(),
            spec: spec.into(),
            outputs,
            readiness: Readiness::Ready,
        }))
    }

    #[test]
    fn what_names_a_version_is_changed_in_the_run_that_makes_the_next_one() {
        let [template_at, nodes_at]: [Address; 2] =
            ["launch_template.nodes", "node_group.nodes"].map(|text| text.parse().unwrap());
        let ours = Ref::managed(Name::new("nodes").unwrap());
        let version = Placeholder::new(template_at.clone(), crate::model::Attribute::Version);
        let wanted = [
            (template_at.clone(), Spec::from(template("new"))),
            (nodes_at.clone(), nodes(ours, version.into()).into()),
        ];
        let desired = Desired { resources: wanted.into(), ..Desired::default() };
        let outputs = LaunchTemplateOutputs { name: "nodes".into(), version: "1".into() };
        let group = NodeGroupOutputs { arn: "arn:nodes".into(), autoscaling_group: String::new() };
        let steps = |user_data: &str| {
            let seen_template =
                present("lt-1", template(user_data), Outputs::LaunchTemplate(outputs.clone()));
            let seen_nodes = nodes(Ref::external("lt-1"), "1".into());
            let seen_nodes = present("dev/nodes", seen_nodes, Outputs::NodeGroup(group.clone()));
            let observed = [(template_at.clone(), seen_template), (nodes_at.clone(), seen_nodes)].into();
            let (state, scope) = (State::new("test"), Scope::default());
            let input = Input {
                desired: &desired,
                state: &state,
                observed: &observed,
                purpose: Purpose::Up,
                scope: &scope,
            };
            let plan = plan(input).unwrap();
            let step = plan.steps.iter().find(|step| step.address == nodes_at).cloned().unwrap();
            step.changes.into_iter().map(|planned| planned.change.field).collect::<Vec<_>>()
        };
        assert_eq!(steps("old"), ["template.version"]);
        assert_eq!(steps("new"), Vec::<String>::new());
    }

    #[test]
    fn a_value_mentions_an_address_wherever_it_stands_in_it() {
        use serde_json::json;

        let addresses = BTreeSet::from(["vpc.main".parse().unwrap()]);
        let whole = [json!("vpc.main"), json!(["a", "vpc.main"]), json!({"a": {"b": ["vpc.main"]}})];
        let placeholders = [json!("arn:@{vpc.main#arn}/x"), json!({"@{vpc.main#id}": 1})];
        for value in whole.iter().chain(&placeholders) {
            assert!(mentions(value, &addresses), "{value}");
        }
        let others = [json!("vpc.mainly"), json!("@{vpc.mainly#id}"), json!(["a"]), json!({"a": "b"})];
        for value in others.iter().chain(&[json!(1), json!(null)]) {
            assert!(!mentions(value, &addresses), "{value}");
        }
    }
}
