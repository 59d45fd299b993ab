//! Charts that define kinds of their own: tried before they are there, deployed, and changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use platctl::chart::load::from_files;
use platctl::chart::{Chart, File};
use platctl::model::kubernetes::{OnFailure, Release, Strategy};
use platctl::model::{Address, CloudId, Desired, Known, Spec};
use platctl::provider::aws::{Aws, CallSettings};
use platctl::provider::kube::{Access, Cluster};
use platctl::provider::release::{Clusters, Coming, Rules, Trial, Tried};
use platctl::provider::{Create, Look, Observe, Observed, Provider, Update, World};
use platctl::release::{Completed, Rendering, complete};
use serde_json::{Value, json};

use crate::server::Server;

/// A release of one chart in the cluster.
struct Ground {
    clusters: Clusters,
    address: Address,
    spec: Spec,
    rendering: Rendering,
}

const NAMESPACE: &str = "kinds";

impl Ground {
    fn new(server: &Server, files: &[(&str, String)]) -> Self {
        let address: Address = "release.kinds".parse().unwrap();
        let release = Release {
            name: "kinds".to_owned(),
            namespace: NAMESPACE.to_owned(),
            chart: "kinds".to_owned(),
            values: json!({}).into(),
            objects: BTreeMap::new(),
            status: "deployed".to_owned(),
            on_failure: OnFailure::Keep,
            strategy: Strategy::Rolling,
            after: Vec::new(),
            cluster: None,
            ground: Default::default(),
            makes_once: BTreeMap::new(),
        };
        let mut desired = Desired::default();
        desired.resources.insert(address.clone(), release.into());
        let Completed { charts, mut renderings } = complete(&mut desired, "1.20", &[chart(files)]).unwrap();
        let access =
            Access::Context { file: Some(server.kubeconfig().into()), context: "k8s-test".to_owned() };
        let rules = Rules { kubernetes: "1.20".to_owned(), ..Rules::default() };
        let clusters = Clusters::new(Some(Cluster::new(access)), None, charts.into_iter().collect(), rules);
        let (spec, rendering) =
            (desired.resources.remove(&address).unwrap(), renderings.remove(&address).unwrap());
        Self { clusters, address, spec, rendering }
    }

    fn release(&self) -> &Release {
        match &self.spec {
            Spec::Release(release) => release,
            other => panic!("{other:?}"),
        }
    }

    async fn look(&self) -> Observed {
        let look = Look { address: self.address.clone(), id: None, spec: self.spec.clone() };
        self.clusters.observe(vec![look], Arc::default()).await.remove(0).unwrap()
    }

    /// The fields that `diff` shows of the release that stands.
    async fn differs(&self) -> Vec<String> {
        let Observed::Present(live) = self.look().await else { panic!("it is not there") };
        let changes = self.spec.changes(&live.spec).unwrap();
        changes.into_iter().map(|change| change.field).collect()
    }

    /// Has the server try some of the objects, or all.
    async fn tried(&self, objects: &[&str]) -> Tried {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .build();
        let aws = Aws::new(config, "dev", CallSettings::default());
        let reader = World::new(aws, Some(self.clusters.clone())).reader();
        let mut coming = Coming { namespaces: BTreeSet::from([NAMESPACE.to_owned()]), ..Coming::default() };
        let all = self.rendering.all().into_values();
        coming.definitions =
            all.filter(|object| object.key.kind == "CustomResourceDefinition").cloned().collect();
        let objects = match objects {
            [] => self.release().objects.keys().cloned().collect(),
            some => some.iter().map(|label| (*label).to_owned()).collect(),
        };
        let trial = Trial { address: self.address.clone(), release: self.release().clone(), objects };
        reader.try_all(&[trial], &coming, &Known::default()).await.unwrap()
    }

    async fn up(&self) -> Result<(), String> {
        let (address, spec, known) = (self.address.clone(), self.spec.clone(), Arc::new(Known::default()));
        if let Observed::Absent = self.look().await {
            let (address, spec, known) = (address.clone(), spec.clone(), Arc::clone(&known));
            let create = Create { address, spec, token: String::new(), known };
            self.clusters.create(create).await.map_err(|error| error.to_string())?;
        }
        let (id, live) = (CloudId::new("kinds/kinds"), spec.clone());
        let update = Update { address, id, spec, live, changes: Vec::new(), known };
        self.clusters.update(update).await.map_err(|error| error.to_string())
    }
}

fn chart(files: &[(&str, String)]) -> Chart {
    let mut all = vec![File::new("Chart.yaml", b"apiVersion: v2\nname: kinds\nversion: 1.0.0\n")];
    all.extend(files.iter().map(|(name, text)| File::new(*name, text.as_bytes())));
    from_files(all).unwrap()
}

/// A definition of a kind with some fields, all of them text.
fn definition(kind: &str, scope: &str, fields: &[&str]) -> String {
    let plural = format!("{}s", kind.to_lowercase());
    let fields: serde_json::Map<String, Value> =
        fields.iter().map(|field| ((*field).to_owned(), json!({"type": "string"}))).collect();
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.kinds.example.com")},
        "spec": {"group": "kinds.example.com", "scope": scope, "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}}}]}})
    .to_string()
}

fn object(api_version: &str, kind: &str, name: &str, more: Value) -> String {
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}});
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("{object}\n---\n")
}

fn of_kind(kind: &str, name: &str, spec: Value) -> String {
    object("kinds.example.com/v1", kind, name, json!({ "spec": spec }))
}

/// A chart with a kind in `crds/` and another in a template, each with so many fields, and objects that use all of them.
fn kinds(count: usize) -> Vec<(&'static str, String)> {
    let names: Vec<String> = (0..count).map(|number| format!("field{number}")).collect();
    let fields: Vec<&str> = names.iter().map(String::as_str).collect();
    let spec: Value =
        names.iter().map(|name| (name.clone(), json!("text"))).collect::<serde_json::Map<_, _>>().into();
    let first =
        format!("{}{}", of_kind("Thing", "first", spec.clone()), of_kind("Gadget", "first", spec.clone()));
    let new = of_kind("Thing", &format!("new{count}"), spec);
    vec![
        ("crds/things.yaml", definition("Thing", "Namespaced", &fields)),
        ("templates/gadgets.yaml", definition("Gadget", "Namespaced", &fields)),
        ("templates/objects.yaml", format!("{first}{new}")),
    ]
}

fn words(tried: &Tried) -> Vec<String> {
    tried.refused.iter().map(|refusal| format!("{}: {}", refusal.label, refusal.why)).collect()
}

pub(crate) fn hold(server: &Server) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        what_only_the_server_knows(server).await;
        kinds_that_come_and_change(server).await;
    });
}

/// Objects of which only the server knows what is wrong, one fault each, good ones, and ones that cannot be judged yet.
fn unfit() -> String {
    let port = |name: &str, port: u32| json!({"name": name, "port": port, "protocol": "TCP"});
    let ports = |ports: Vec<Value>| json!({"spec": {"selector": {"a": "b"}, "ports": ports}});
    let objects = [
        object("v1", "Service", "range", ports(vec![port("a", 70000)])),
        object("v1", "Service", "twice", ports(vec![port("a", 80), port("a", 81)])),
        object("v1", "Service", "Not_DNS", ports(vec![port("a", 80)])),
        object("v1", "Service", "good", ports(vec![port("a", 80)])),
        object("v1", "ConfigMap", "map", json!({"data": {"not a key": "x"}})),
        object("v1", "Secret", "secret", json!({"data": {"word": "open sesame, not in base64"}})),
        object(
            "v1",
            "ConfigMap",
            "elsewhere",
            json!({"metadata": {"name": "elsewhere", "namespace": "nowhere"}}),
        ),
        object("rbac.authorization.k8s.io/v1", "ClusterRole", "kinds", json!({"rules": []})),
        object("policy/v1", "PodDisruptionBudget", "kinds", json!({"spec": {"minAvailable": 1}})),
        object(
            "v1",
            "Pod",
            "pod",
            json!({"spec": {"containers": [{"name": "a", "image": "a"}],
            "priorityClassName": "not-there-yet"}}),
        ),
        of_kind("Thing", "later", json!({})),
        object("other.example.com/v1", "Other", "unknown", json!({})),
        object("v1", "ConfigMap", "open", json!({"data": {"x": "@{image.web#digest}"}})),
    ];
    objects.concat()
}

async fn what_only_the_server_knows(server: &Server) {
    let files =
        [("crds/things.yaml", definition("Thing", "Namespaced", &[])), ("templates/all.yaml", unfit())];
    let ground = Ground::new(server, &files);
    assert!(ground.release().objects.contains_key("ClusterRole kinds"), "no namespace in its label");
    let tried = ground.tried(&[]).await;
    assert_eq!(
        tried.later.keys().collect::<Vec<_>>(),
        ["namespace kinds is yet to be made"].iter().collect::<Vec<_>>()
    );
    assert_eq!(words(&tried), ["ConfigMap nowhere/elsewhere: namespaces \"nowhere\" not found"]);

    server.kubectl("create namespace kinds");
    let before = server.kubectl("get all,configmaps,secrets,clusterroles,crds -A -o name");
    let tried = ground.tried(&[]).await;
    let told = words(&tried);
    for (label, why) in [
        ("ConfigMap nowhere/elsewhere", "namespaces \"nowhere\" not found"),
        ("ConfigMap kinds/map", "Invalid value: \"not a key\""),
        ("PodDisruptionBudget kinds/kinds", "the cluster serves no PodDisruptionBudget of policy/v1"),
        ("Secret kinds/secret", ""),
        ("Service kinds/Not_DNS", "a DNS-1035 label must consist of"),
        ("Service kinds/range", "must be between 1 and 65535"),
        ("Service kinds/twice", "Duplicate value: \"a\""),
    ] {
        let found = told.iter().any(|told| told.starts_with(&format!("{label}: ")) && told.contains(why));
        assert!(found, "{label}: {why} is not in {told:#?}");
    }
    assert_eq!(told.len(), 7, "{told:#?}");
    assert!(!told.concat().contains("sesame"), "what a Secret holds is not shown: {told:#?}");
    let later: Vec<(&str, usize)> = tried.later.iter().map(|(why, count)| (why.as_str(), *count)).collect();
    assert_eq!(later.len(), 4, "{later:?}");
    for why in ["no Other is served yet", "no Thing is served yet", "what they hold is not known yet"] {
        assert!(later.contains(&(why, 1)), "{why} is not in {later:?}");
    }
    assert!(
        later.iter().any(|(why, _)| why.contains("no PriorityClass with name not-there-yet")),
        "{later:?}"
    );
    assert_eq!(server.kubectl("get all,configmaps,secrets,clusterroles,crds -A -o name"), before);
}

/// Definitions are brought up to date before what needs them, whatever they come from.
async fn kinds_that_come_and_change(server: &Server) {
    let ground = Ground::new(server, &kinds(1));
    let tried = ground.tried(&[]).await;
    assert_eq!(words(&tried), [""; 0]);
    let later: Vec<(&str, usize)> = tried.later.iter().map(|(why, count)| (why.as_str(), *count)).collect();
    assert_eq!(later, [("no Gadget is served yet", 1), ("no Thing is served yet", 2)]);
    ground.up().await.unwrap();
    assert_eq!(ground.differs().await, [""; 0]);

    for count in 2..=6 {
        let ground = Ground::new(server, &kinds(count));
        let differs = ground.differs().await;
        let field = format!("field{}", count - 1);
        for changed in [
            format!(
                "CustomResourceDefinition things.kinds.example.com.spec.versions[v1].schema.openAPIV3Schema.properties.spec.properties.{field}"
            ),
            format!(
                "CustomResourceDefinition gadgets.kinds.example.com.spec.versions[v1].schema.openAPIV3Schema.properties.spec.properties.{field}"
            ),
            format!("Thing.kinds.example.com kinds/first.spec.{field}"),
            format!("Gadget.kinds.example.com kinds/first.spec.{field}"),
            format!("Thing.kinds.example.com kinds/new{count}"),
            format!("Thing.kinds.example.com kinds/new{}", count - 1),
        ] {
            assert!(differs.contains(&changed), "{changed} is not in {differs:#?}");
        }
        assert_eq!(differs.len(), 6, "{differs:#?}");
        let tried = ground.tried(&[]).await;
        assert_eq!(words(&tried), [""; 0], "they would be taken once the definitions are there");
        assert_eq!(tried.later["Thing is about to be defined anew"], 2);
        ground.up().await.unwrap_or_else(|error| panic!("{count}: {error}"));
        for object in ["things first", "gadgets first", &format!("things new{count}")] {
            let stored = server.get(&format!("{} -n kinds", object.replace(' ', ".kinds.example.com ")));
            assert_eq!(stored["spec"][&field], "text", "{stored}");
        }
        assert_eq!(ground.differs().await, [""; 0]);
    }

    // The definitions stand: what does not fit them is refused, whether it is new or changed.
    let mut files = kinds(6);
    files[2].1 = format!(
        "{}{}",
        of_kind("Thing", "first", json!({"misspelt": "text"})),
        of_kind("Thing", "unfit", json!({"field0": 5}))
    );
    let tried = Ground::new(server, &files).tried(&[]).await;
    let told = words(&tried);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains(".spec.misspelt: field not declared in schema"), "{told:#?}");
    assert!(told[1].contains("expected string"), "{told:#?}");
}
