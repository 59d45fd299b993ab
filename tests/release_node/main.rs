//! The three services on a real node: a kubelet with containers, controllers, a registry, and kube-proxy in front.
//!
//! `PLATCTL_PEERS=1` runs it, as root. The node is `tests/peers/k8s/cluster.sh up node` (compiled by
//! `scripts/peers/kubernetes` at the first time); only the load balancers are played by the test. It is Kubernetes 1.20:
//! what came later is switched off by values, and network policies are kept and not enforced.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod balancer;
#[path = "../chart_support/mod.rs"]
mod chart_support;
mod colors;
#[path = "../release_peers/controller.rs"]
mod controller;
mod life;
#[path = "../sandbox_services/load.rs"]
mod load;
mod sandbox;
#[path = "../release_peers/server.rs"]
mod server;
mod shop;
mod terminal;

use std::sync::{Mutex, MutexGuard, PoisonError};

use chart_support::{Oracle, peers};
use server::Server;

/// There is room for one node at a time.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn services_live_on_a_real_node() {
    if !peers() {
        return;
    }
    let _turn = turn();
    let server = Server::node();
    let mut helm = Oracle::start();
    life::hold(&server, &mut helm);
}

#[test]
fn a_terminal_leads_into_a_container() {
    if !peers() {
        return;
    }
    let _turn = turn();
    terminal::opens_a_shell(&Server::node());
}

#[test]
fn the_sandbox_deploys_into_a_real_node() {
    if !peers() {
        return;
    }
    let _turn = turn();
    sandbox::holds_the_services(&Server::node());
}
