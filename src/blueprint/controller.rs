//! The AWS Load Balancer Controller: upstream's chart, with our values.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::expansion::{Expansion, cluster_name};
use super::releases::{LeftOut, Site, merge, release};
use crate::model::kubernetes::Release;
use crate::model::{Address, Attribute, Kind, Name, Placeholder, Ref};

/// The address and the release.
pub(super) const NAME: &str = "load-balancer-controller";

/// Its chart, and its service account, which the role's trust names too.
pub(super) const CHART: &str = "aws-load-balancer-controller";

/// Adds the controller, where there is to be one and its chart is at hand.
pub(super) fn add(
    expansion: &mut Expansion<'_>,
    site: Site,
    left_out: &mut Vec<LeftOut>,
) -> Option<Ref<Release>> {
    let settings = &expansion.settings.components.load_balancer_controller;
    if !settings.enabled {
        return None;
    }
    let why = match site {
        Site { sandbox: true, controller: false } => "the sandbox makes load balancers itself",
        Site { sandbox: false, controller: false } => {
            "its chart is neither in the cache nor to be had, so services are reached from inside the cluster alone"
        }
        Site { controller: true, .. } => {
            let mut values = values(expansion);
            merge(&mut values, &json!(settings.values));
            let spec = Release {
                namespace: "kube-system".to_owned(),
                makes_once: certificate(),
                ..release(expansion, CHART, CHART, values)
            };
            return Some(expansion.add(NAME, spec));
        }
    };
    left_out.push(LeftOut { what: NAME.to_owned(), why });
    None
}

fn values(expansion: &Expansion<'_>) -> Value {
    let vpc = match &expansion.settings.network.existing {
        Some(existing) => existing.vpc.clone(),
        None => {
            let vpc = Address::new(Kind::Vpc, Name::from_lossy("main"));
            Placeholder::new(vpc, Attribute::Id).to_string()
        }
    };
    json!({
        "clusterName": cluster_name(expansion.environment),
        // Pods cannot ask the instance's metadata, which its default is to do.
        "region": expansion.settings.aws.region,
        "vpcId": vpc,
        "serviceAccount": { "create": true, "name": CHART },
        "defaultTags": expansion.settings.tags,
        // Our Services say themselves whose they are; with it none could be made while the controller is away.
        "enableServiceMutatorWebhook": false,
        // What its role has no rights for.
        "enableShield": false,
        "enableWaf": false,
        "enableWafv2": false,
    })
}

/// The certificate of its webhooks.
fn certificate() -> BTreeMap<String, Vec<String>> {
    let keys = ["ca.crt", "tls.crt", "tls.key"].map(str::to_owned).to_vec();
    [("aws-load-balancer-tls".to_owned(), keys)].into()
}
