//! Brings one chart to stand in a cluster, as a node of a graph is: the half of `scripts/bench/deploy` for a chart of any
//! size. Looks, does what is to be done, and looks again until nothing differs.
//!
//! usage: deploy_chart KUBECONFIG CONTEXT CHART NAMESPACE NAME [remove]     Says what it did: created, changed, removed
//! or nothing.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own, for a benchmark")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use platctl::chart::{Chart, File, load};
use platctl::model::kubernetes::Release;
use platctl::model::{Address, Kind, Known, Live, Name, Observed, Spec};
use platctl::provider::kube::{Access, Cluster};
use platctl::provider::release::{Clusters, Rules};
use platctl::provider::{Create, Delete, Look, Observe, Provider, Update};
use platctl::release::{Subject, render};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn read(root: &Path, folder: &Path, files: &mut Vec<File>) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
            files.push(File::new(name, &fs::read(&path)?));
        }
    }
    Ok(())
}

fn loaded(folder: &Path) -> Outcome<Chart> {
    let mut files = Vec::new();
    read(folder, folder, &mut files)?;
    Ok(load::from_files(files)?)
}

/// A release and its cluster.
struct Deploy {
    clusters: Clusters,
    address: Address,
    spec: Spec,
    known: Arc<Known>,
}

impl Deploy {
    fn new(kubeconfig: &str, context: &str, chart: Chart, subject: Subject<'_>) -> Outcome<Self> {
        let rendering = render(&chart, subject, &json!({}), &BTreeMap::new())?;
        let release: Release = serde_json::from_value(json!({
            "name": subject.name, "namespace": subject.namespace, "chart": chart.label(), "values": {},
            "objects": rendering.masked(), "status": "deployed",
        }))?;
        let access = Access::Context { file: Some(kubeconfig.into()), context: context.to_owned() };
        let rules = Rules { kubernetes: subject.kubernetes.to_owned(), ..Rules::default() };
        Ok(Self {
            clusters: Clusters::new(Some(Cluster::new(access)), None, [chart].into_iter().collect(), rules),
            address: Address::new(Kind::Release, Name::from_lossy(subject.name)),
            spec: release.into(),
            known: Arc::default(),
        })
    }

    async fn look(&self) -> Outcome<Option<Live>> {
        let look = Look { address: self.address.clone(), id: None, spec: self.spec.clone() };
        let found = self.clusters.observe(vec![look], Arc::clone(&self.known)).await.remove(0)?;
        Ok(match found {
            Observed::Present(live) => Some(*live),
            _ => None,
        })
    }

    async fn deploy(&self) -> Outcome<&'static str> {
        let mut did = "nothing";
        loop {
            let (address, spec, known) = (self.address.clone(), self.spec.clone(), Arc::clone(&self.known));
            match self.look().await? {
                None => {
                    let create = Create { address, spec, token: "0".repeat(32), known };
                    self.clusters.create(create).await?;
                    did = "created";
                }
                Some(live) => {
                    let changes = self.spec.changes(&live.spec).ok_or("what is there is no release")?;
                    if changes.is_empty() {
                        return Ok(did);
                    }
                    let update = Update { address, id: live.id, spec, live: live.spec, changes, known };
                    self.clusters.update(update).await?;
                    did = if did == "nothing" { "changed" } else { did };
                }
            }
        }
    }

    async fn remove(&self) -> Outcome<&'static str> {
        let Some(live) = self.look().await? else { return Ok("nothing") };
        let (address, spec, known) = (self.address.clone(), self.spec.clone(), Arc::clone(&self.known));
        self.clusters.delete(Delete { address, id: live.id, spec, known }).await?;
        Ok("removed")
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kubeconfig, context, chart, namespace, name, rest @ ..] = arguments.as_slice() else {
        println!("usage: deploy_chart KUBECONFIG CONTEXT CHART NAMESPACE NAME [remove]");
        std::process::exit(64);
    };
    let subject = Subject { name, namespace, kubernetes: "1.20" };
    let deploy = Deploy::new(kubeconfig, context, loaded(Path::new(chart))?, subject)?;
    println!("{}", if rest.is_empty() { deploy.deploy().await? } else { deploy.remove().await? });
    Ok(())
}
