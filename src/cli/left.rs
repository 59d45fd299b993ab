//! What the environment's clusters gave birth to, and what is left when everything is gone.

use std::collections::{BTreeMap, BTreeSet};

use super::connect::call_problem;
use super::context::Environment;
use crate::model::ec2::{Leftover, LeftoverKind};
use crate::model::{
    Address, Attribute, Document, Kind, Live, NoOutputs, Observed, Outputs, Readiness, Ref, Spec, Target,
    Text, Visitor,
};
use crate::provider::aws::{ReadOnly, Remnant};
use crate::state::{State, Status};
use crate::ui::Problem;

/// Where clusters may have left something.
#[derive(Debug, Default)]
struct Places {
    /// Names of clusters that are wanted or recorded.
    clusters: BTreeSet<String>,
    /// VPCs that stand, are recorded, or are used from outside.
    vpcs: BTreeSet<String>,
}

impl Places {
    fn of(environment: &Environment, state: &State, observed: &BTreeMap<Address, Observed>) -> Self {
        let mut places = Self::default();
        let recorded = state.resources.values().map(|status| match status {
            Status::Present(record) => record.intended.as_ref().unwrap_or(&record.spec),
            Status::Creating { spec, .. } => spec,
        });
        for spec in environment.desired.resources.values().chain(recorded) {
            if let Spec::Cluster(cluster) = spec {
                places.clusters.insert(cluster.name.clone());
            }
            spec.clone().visit(&mut places);
        }
        let standing = observed.iter().filter_map(|(address, observed)| match observed {
            Observed::Present(live) if address.kind == Kind::Vpc => Some(live.id.to_string()),
            _ => None,
        });
        places.vpcs.extend(standing);
        let recorded = state.records().filter(|(address, _)| address.kind == Kind::Vpc);
        places.vpcs.extend(recorded.map(|(_, record)| record.id.to_string()));
        places
    }
}

impl Visitor for Places {
    fn target(&mut self, kind: Kind, target: &mut Target) {
        if let (Kind::Vpc, Target::External(id)) = (kind, target) {
            self.vpcs.insert(id.clone());
        }
    }
    fn text(&mut self, _: &mut Text) {}
    fn document(&mut self, _: &mut Document) {}
}

/// Adds to what was seen what the clusters gave birth to, and for each cluster that stands the clause for what it
/// makes until it is gone.
pub(super) async fn add_born(
    reader: &ReadOnly,
    environment: &Environment,
    state: &State,
    observed: &mut BTreeMap<Address, Observed>,
) -> Result<(), Problem> {
    let Places { clusters, vpcs } = Places::of(environment, state, observed);
    for cluster in &clusters {
        let stands = stands(observed, cluster);
        for leftover in born(reader, &vpcs, cluster, stands).await? {
            observed.insert(leftover.address(), seen(leftover));
        }
        if stands {
            let clause = clause(cluster, &vpcs, observed);
            observed.insert(clause.address(), seen(clause));
        }
    }
    Ok(())
}

async fn born(
    reader: &ReadOnly,
    vpcs: &BTreeSet<String>,
    cluster: &str,
    stands: bool,
) -> Result<Vec<Leftover>, Problem> {
    let mut found = Vec::new();
    for vpc in vpcs {
        let leftovers = reader.leftovers(Some(vpc), cluster, stands).await;
        found.extend(leftovers.map_err(|error| call_problem(&error))?);
    }
    if vpcs.is_empty() {
        let leftovers = reader.leftovers(None, cluster, stands).await;
        found.extend(leftovers.map_err(|error| call_problem(&error))?);
    }
    Ok(found)
}

fn stands(observed: &BTreeMap<Address, Observed>, name: &str) -> bool {
    observed.values().any(|observed| match observed {
        Observed::Present(live) => matches!(&live.spec, Spec::Cluster(cluster) if cluster.name == name),
        // Its name is not told while it leaves; it may still make something.
        Observed::Leaving(_) | Observed::Absent => false,
    })
}

/// What stands for everything that a cluster makes after the plan was made. It goes before the network does.
fn clause(cluster: &str, vpcs: &BTreeSet<String>, observed: &BTreeMap<Address, Observed>) -> Leftover {
    fn standing<K: crate::model::Resource>(observed: &BTreeMap<Address, Observed>) -> Vec<Ref<K>> {
        let there = observed.iter().filter(|(address, _)| address.kind == K::KIND);
        let there = there.filter(|(_, observed)| matches!(observed, Observed::Present(_)));
        there.map(|(address, _)| Ref::managed(address.name.clone())).collect()
    }
    Leftover {
        what: LeftoverKind::Meanwhile,
        id: cluster.to_owned(),
        name: cluster.to_owned(),
        detail: String::new(),
        data_loss: false,
        cost_a_day: None,
        vpc: vpcs.first().map(Ref::external),
        subnets: standing(observed),
        security_groups: standing(observed),
        internet_gateway: standing(observed).pop(),
    }
}

fn seen(leftover: Leftover) -> Observed {
    Observed::Present(Box::new(Live {
        id: leftover.id.as_str().into(),
        spec: leftover.into(),
        outputs: Outputs::Leftover(NoOutputs {}),
        readiness: Readiness::Ready,
    }))
}

/// Something that is left at the end of a destroy.
#[derive(Debug)]
pub(super) struct Left {
    /// What it is, for people.
    pub(super) words: String,
    /// What it costs a day in US dollars, where that is known.
    pub(super) cost_a_day: Option<f64>,
}

/// What is left, and what AWS keeps for its waiting period and then removes by itself.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) left: Vec<Left>,
    pub(super) waiting: Vec<String>,
}

/// Counts what is left: by looking at everything that was wanted or recorded, by the environment's tag over all
/// services, and by what clusters leave in VPCs.
pub(super) async fn count(
    reader: Option<&ReadOnly>,
    environment: &Environment,
    state: &State,
    observed: &BTreeMap<Address, Observed>,
) -> Result<Count, Problem> {
    let mut count = Count::default();
    let mut known = BTreeSet::new();
    for (address, observed) in observed.iter().filter(|(address, _)| !address.kind.is_kept()) {
        let Observed::Present(live) = observed else { continue };
        let arn = live.outputs.attribute(Attribute::Arn).unwrap_or(live.id.as_str());
        known.extend([arn.to_owned(), live.id.to_string()]);
        let cost_a_day = Remnant::cost_a_day_of(arn, live.id.as_str());
        count.left.push(Left { words: format!("{address} ({arn})"), cost_a_day });
    }
    let Some(reader) = reader else { return Ok(count) };
    let tagged = reader.remnants().await.map_err(|error| call_problem(&error))?;
    for Remnant { arn, cost_a_day, waiting } in tagged {
        if waiting {
            count.waiting.push(arn);
        } else if !known.iter().any(|known| arn == *known || arn.ends_with(&format!("/{known}"))) {
            count.left.push(Left { words: arn, cost_a_day });
        }
    }
    let Places { clusters, vpcs } = Places::of(environment, state, observed);
    for cluster in &clusters {
        for leftover in born(reader, &vpcs, cluster, false).await? {
            let words = format!("{}: {}", leftover.address(), leftover.words());
            count.left.push(Left { words, cost_a_day: leftover.cost_a_day });
        }
    }
    Ok(count)
}
