//! The three shipped environments on the sandbox.

use crate::ground::Ground;
use crate::life::{bears, changes, drifts_and_heals, ends, reads_only, replaces};

/// Settings that every environment takes in place, one thing at a time.
const CHANGES: &[&str] = &[
    "[tags]\nteam = 'platform'",
    "[network]\ns3_endpoint = false",
    "[network]\ninterface_endpoints = ['sts']",
    "[network.flow_logs]\nenabled = true\nretention_days = 30",
    "[network.flow_logs]\ntraffic = 'reject'\nenabled = false",
    "[cluster.logs]\ntypes = ['api', 'scheduler']\nretention_days = 60",
    "[cluster.endpoint]\nprivate = true\npublic = true\npublic_cidrs = ['203.0.113.0/24']",
    "[cluster]\nsupport = 'extended'",
    "[[cluster.access_entries]]\nname = 'developer'\nprincipal_arn = 'arn:aws:iam::123456789012:role/developer'\n\
     policy = 'edit'\nnamespaces = ['web']\nkubernetes_groups = ['writers']",
    "[[cluster.addons]]\nname = 'coredns'\nconfiguration = { replicaCount = 3 }",
    "[[cluster.node_groups]]\nname = 'general'\nmin = 1\nmax = 5\nlabels = { role = 'other' }\nmax_unavailable = 2",
    "[[cluster.node_groups]]\nname = 'general'\ntaints = [{ key = 'only', value = 'web', effect = 'no-schedule' }]",
    "[[cluster.node_groups]]\nname = 'general'\ndisk_gib = 55",
    "[registry]\nkeep_images = 7\nuntagged_days = 3\nimmutable_tags = false\nscan_on_push = false",
    "[registry]\npull_principals = []",
    "[components.logging]\nretention_days = 14",
    "[cluster]\nversion = '1.34'",
];

async fn lives(environment: &str) {
    let ground = Ground::sandbox(environment);
    // Starts it.
    ground.run("status", 0);
    let before = ground.inventory();
    ground.run("up", 0);
    ground.stands();
    drifts_and_heals(&ground).await;
    if environment == "prod" {
        let (_, err) = ground.run("destroy", 1);
        assert!(err.contains("protected") && err.contains("protect = false"), "{err}");
        // While it is protected, a change that removes something is refused too.
        ground.set("protect = false");
        ground.run("up", 0);
        ground.stands();
    }
    reads_only(&ground);
    for settings in CHANGES {
        changes(&ground, settings);
    }
    let types = "[[cluster.node_groups]]\nname = 'general'\ninstance_types = ['m5.2xlarge']";
    replaces(&ground, types, "node_group.general");
    bears(&ground);
    ends(&ground, &before);
}

#[tokio::test(flavor = "multi_thread")]
async fn dev_lives() {
    lives("dev").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staging_lives() {
    lives("staging").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prod_lives() {
    lives("prod").await;
}
