//! Releases on a real kube-apiserver, with Helm's own library at the same records.
//!
//! `PLATCTL_PEERS=1` runs it. The server is `tests/peers/k8s/cluster.sh up api` (compiled by
//! `scripts/peers/kubernetes` at the first time), which has no controllers: what they would write is written by hand,
//! or by a small one of the test's own; only for what a quota refuses some of Kubernetes' own run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod blue_green;
#[path = "../chart_support/mod.rs"]
mod chart_support;
mod controller;
mod definitions;
mod deploy;
mod helm;
mod lookup;
mod misfits;
mod quota;
mod server;
mod tried;

use chart_support::{Oracle, peers};
use server::Server;

#[test]
fn releases_are_shared_with_helm_on_a_real_api_server() {
    if !peers() {
        return;
    }
    let server = Server::start();
    let mut helm = Oracle::start();
    helm::hold(&server, &mut helm);
    lookup::hold(&server, &mut helm);
}

/// What holds of the real server holds of the sandbox's clusters.
#[test]
fn releases_are_shared_with_helm_in_the_sandbox() {
    if !peers() {
        return;
    }
    let server = Server::sandbox();
    let mut helm = Oracle::start();
    helm::shared(&server, &mut helm);
}

#[test]
fn services_are_deployed_to_a_real_api_server() {
    if !peers() {
        return;
    }
    let server = Server::start();
    let mut helm = Oracle::start();
    deploy::hold(&server, &mut helm);
    blue_green::hold(&server, &mut helm);
}

#[test]
fn what_is_found_before_there_is_a_cluster_a_real_api_server_refuses() {
    if peers() {
        misfits::hold(&Server::start());
    }
}

#[test]
fn what_a_real_api_server_would_refuse_is_told_before_anything_is_done() {
    if peers() {
        tried::hold(&Server::start());
    }
}

#[test]
fn kinds_of_a_chart_are_kept_up_to_date_on_a_real_api_server() {
    if peers() {
        definitions::hold(&Server::start());
    }
}

#[test]
fn a_quota_that_refuses_pods_is_told_as_the_reason() {
    if peers() {
        quota::hold(&Server::start());
    }
}
