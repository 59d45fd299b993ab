//! The releases of an environment as nodes of its graph: values, references, the private name, what is left out.

#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

use std::path::Path;

use platctl::blueprint::{self, LeftOut, Renamed, Site, WithReleases};
use platctl::config::{self, Memory, Style};
use platctl::model::kubernetes::{Release, Strategy};
use platctl::model::{Desired, Spec};
use platctl::plan::Purpose;
use platctl::provider::fake::Fake;
use platctl::release::complete;
use platctl::state::State;
use serde_json::{Value, json};

const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn environment(balanced: bool, more: &str) -> String {
    let image = |name: &str| format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/dev/{name}:v1@{DIGEST}");
    format!(
        "aws.region = \"us-east-1\"\nnamespace = \"shop\"\ncluster.existing.context = \"kind-dev\"\n\
         cluster.existing.load_balancers = {balanced}\n\
         network.cidr = \"10.10.0.0/16\"\nnetwork.zones = [\"a\", \"b\", \"c\"]\n{more}\n\
         [services.frontend-app]\nimage = \"{}\"\nport = 8000\nexposure = \"internet\"\n\
         calls = [\"backend-app\", \"backend-service\"]\n\
         env = {{ BACKEND_URL = \"http://backend-app-service\", BACKEND_SERVICE_URL = \"http://api.backend.internal\" }}\n\
         [services.backend-app]\nimage = \"{}\"\nport = 8000\nexposure = \"internet\"\n\
         [services.backend-service]\nimage = \"{}\"\nport = 3000\nexposure = \"internal\"\ndns_name = \"api\"\n",
        image("frontend-app"),
        image("backend-app"),
        image("backend-service"),
    )
}

fn expand(text: &str) -> (Desired, Vec<LeftOut>) {
    expand_at(text, Site::default())
}

fn expand_at(text: &str, site: Site) -> (Desired, Vec<LeftOut>) {
    let files: Memory = [("dev", text.to_owned())].into_iter().collect();
    let loaded = config::load(&files, "dev");
    let loaded = loaded.unwrap_or_else(|findings| panic!("{}", findings.render(Style::Plain)));
    let WithReleases { mut desired, left_out, .. } =
        blueprint::add_releases(&loaded.platform, blueprint::expand(&loaded.platform), site);
    complete(&mut desired, "1.33", &[controller()]).unwrap();
    assert_eq!(desired.dangling(), []);
    (desired, left_out)
}

fn release<'a>(desired: &'a Desired, name: &str) -> &'a Release {
    match &desired.resources[&format!("release.{name}").parse().unwrap()] {
        Spec::Release(release) => release,
        other => panic!("{other:?}"),
    }
}

/// The services' releases have the objects of the chart's own value sets, but for what those leave to the cluster.
#[test]
fn the_services_have_the_objects_of_the_charts_value_sets() {
    let (desired, left_out) = expand(&environment(true, ""));
    assert_eq!(left_out, []);
    for name in ["frontend-app", "backend-app", "backend-service"] {
        let file = format!("{}/templates/service/ci/{name}-values.yaml", env!("CARGO_MANIFEST_DIR"));
        let values = std::fs::read(Path::new(&file)).unwrap();
        let values = platctl::chart::load::read_values(&values).unwrap();
        let chart = platctl::release::Builtin::Service.chart().unwrap();
        let options = platctl::chart::render::RenderOptions::install(name, "shop");
        let rendered = platctl::chart::render::render(chart, &values, &options, &Still).unwrap();
        let wanted = platctl::release::objects(&rendered.manifest_text(false), "shop").unwrap();
        let ours = &release(&desired, name).objects;
        assert_eq!(ours.len(), wanted.len());
        for object in wanted {
            let mut wanted = object.body.clone();
            let mut found = ours[&object.key.label()].value().clone();
            // The value sets have ranges of their own; those of public subnets are not known of any cluster.
            if object.key.kind == "NetworkPolicy" {
                for policy in [&mut wanted, &mut found] {
                    without_ranges(&mut policy["spec"]["ingress"], "from");
                    without_ranges(&mut policy["spec"]["egress"], "to");
                }
            }
            assert_eq!(found, wanted, "{name} {}", object.key);
        }
    }
}

fn without_ranges(rules: &mut Value, peers: &str) {
    for rule in rules.as_array_mut().unwrap() {
        rule[peers].as_array_mut().unwrap().retain(|peer| peer["ipBlock"].is_null());
    }
}

struct Still;

impl platctl::chart::host::Host for Still {
    fn now(&self) -> (i64, u32) {
        (0, 0)
    }
    fn fill_random(&self, _: &mut [u8]) {}
}

#[test]
fn with_colours_a_plan_names_none() {
    let text = environment(true, "").replacen("port = 3000\n", "port = 3000\nstrategy = \"blue-green\"\n", 1);
    let (desired, _) = expand(&text);
    let found = release(&desired, "backend-service");
    assert_eq!(found.strategy, Strategy::BlueGreen);
    let deployment = found.objects["Deployment shop/backend-service-color"].value();
    assert_eq!(deployment["spec"]["selector"]["matchLabels"]["color"], "color");
    let service = found.objects["Service shop/backend-service"].value();
    assert_eq!(service["spec"]["selector"]["color"], "color");
    assert!(found.objects.contains_key("NetworkPolicy shop/backend-service"), "it is for all colours");
    assert_eq!(release(&desired, "backend-app").strategy, Strategy::Rolling);
}

#[test]
fn the_private_name_waits_for_the_load_balancer() {
    let zone = "[network.existing]\nvpc = \"vpc-0123456789abcdef0\"\nprivate_subnets = [\"subnet-0123456789abcdef0\", \
         \"subnet-0123456789abcdef1\"]\npublic_subnets = [\"subnet-0123456789abcdef2\", \"subnet-0123456789abcdef3\"]";
    let text = environment(true, "").replace("network.zones = [\"a\", \"b\", \"c\"]\n", "");
    let (desired, _) = expand(&format!("{text}{zone}\n"));
    let record = &desired.resources[&"record_set.api".parse().unwrap()];
    let refs: Vec<String> = record.refs().iter().map(ToString::to_string).collect();
    assert_eq!(refs, ["release.backend-service", "hosted_zone.main"]);
    let json = serde_json::to_value(record).unwrap();
    assert_eq!(json["spec"]["name"], "api.backend.internal");
    assert_eq!(json["spec"]["content"]["values"]["values"], json!(["@{release.backend-service#host}"]));
}

#[test]
fn without_load_balancers_services_are_reached_from_inside() {
    let (desired, _) = expand(&environment(false, ""));
    for name in ["frontend-app", "backend-service"] {
        let objects = &release(&desired, name).objects;
        let service = objects.iter().find(|(label, _)| label.starts_with("Service ")).unwrap().1;
        assert_eq!(service.value()["spec"]["type"], "ClusterIP");
    }
    let policy: &Value =
        release(&desired, "backend-service").objects["NetworkPolicy shop/backend-service"].value();
    let from =
        &policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"];
    assert_eq!(*from, "frontend-app");
    assert!(!desired.resources.contains_key(&"record_set.api".parse().unwrap()));
    let after: Vec<String> = release(&desired, "backend-app").after.iter().map(ToString::to_string).collect();
    assert_eq!(after, ["release.namespace"]);
}

/// An image that is built here is known when it is: until then its release has placeholders in it, and waits for it.
#[test]
fn an_image_that_is_built_here_comes_before_its_release() {
    let text = environment(false, "").replace(
        &format!("image = \"123456789012.dkr.ecr.us-east-1.amazonaws.com/dev/backend-app:v1@{DIGEST}\""),
        "path = \"services/backend-app\"",
    );
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("services/backend-app");
    std::fs::create_dir_all(&package).unwrap();
    std::fs::write(package.join("Cargo.toml"), "[package]\nname = \"backend-app\"\n").unwrap();
    let environments = folder.path().join("environments");
    std::fs::create_dir(&environments).unwrap();
    std::fs::write(environments.join("dev.toml"), text).unwrap();
    let loaded = config::load(&config::Folder::new(environments), "dev").unwrap();
    let WithReleases { mut desired, left_out, .. } =
        blueprint::add_releases(&loaded.platform, blueprint::expand(&loaded.platform), Site::default());
    complete(&mut desired, "1.33", &[]).unwrap();
    assert_eq!(left_out, []);
    let address = "release.backend-app".parse().unwrap();
    let refs: Vec<String> = desired.resources[&address].refs().iter().map(ToString::to_string).collect();
    assert_eq!(refs, ["repository.backend-app", "image.backend-app", "release.namespace"]);
    let deployment = release(&desired, "backend-app").objects["Deployment shop/backend-app"].value();
    assert_eq!(
        deployment["spec"]["template"]["spec"]["containers"][0]["image"],
        "@{repository.backend-app#url}@@{image.backend-app#digest}"
    );
}

#[test]
fn what_cannot_be_deployed_is_left_out_and_said() {
    let text = environment(false, "")
        .replace(&format!("backend-app:v1@{DIGEST}"), "backend-app:v1")
        .replace("port = 3000\n", "port = 3000\nsecrets = { KEY = \"key\" }\n");
    let (desired, left_out) = expand(&text);
    let names: Vec<&str> = left_out.iter().map(|left_out| left_out.what.as_str()).collect();
    assert_eq!(names, ["backend-app", "backend-service"]);
    assert!(left_out[0].why.contains("no digest") && left_out[1].why.contains("Secrets Manager"));
    assert!(desired.resources.contains_key(&"release.frontend-app".parse().unwrap()));
    assert!(!desired.resources.contains_key(&"release.backend-app".parse().unwrap()));
}

/// A private name is a load balancer's: where there is none, whoever calls it is given the Service's own name.
#[test]
fn without_load_balancers_variables_name_the_services() {
    let variable = |desired: &Desired| {
        let deployment = release(desired, "frontend-app").objects["Deployment shop/frontend-app"].value();
        let variables =
            deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap().clone();
        let found = |name: &str| variables.iter().find(|one| one["name"] == name).unwrap()["value"].clone();
        [found("BACKEND_URL"), found("BACKEND_SERVICE_URL")]
    };
    let with = |balanced: bool, url: &str| {
        let text = environment(balanced, "").replace("http://api.backend.internal", url);
        let loaded = config::load(&[("dev", text)].into_iter().collect::<Memory>(), "dev").unwrap();
        let mut added =
            blueprint::add_releases(&loaded.platform, blueprint::expand(&loaded.platform), Site::default());
        complete(&mut added.desired, "1.33", &[]).unwrap();
        (variable(&added.desired), added.renamed)
    };
    let renamed = |value: &str| {
        vec![Renamed {
            service: "frontend-app".to_owned(),
            variable: "BACKEND_SERVICE_URL".to_owned(),
            value: value.to_owned(),
        }]
    };
    for (url, value) in [
        ("http://api.backend.internal", "http://backend-service"),
        ("http://api.backend.internal:80/v1?x=1", "http://backend-service:80/v1?x=1"),
        ("api.backend.internal:80", "backend-service:80"),
    ] {
        assert_eq!(with(false, url), ([json!("http://backend-app-service"), json!(value)], renamed(value)));
    }
    for (balanced, url) in [
        (true, "http://api.backend.internal"),
        (false, "http://api.backend.internal.example.com"),
        (false, "http://my-api.backend.internal"),
        (false, "http://elsewhere/?next=http://api.backend.internal"),
    ] {
        assert_eq!(with(balanced, url), ([json!("http://backend-app-service"), json!(url)], Vec::new()));
    }
}

/// What stands for the load balancer controller's chart: it looks its certificate up, and throws dice without one.
fn controller() -> platctl::chart::Chart {
    controller_with(&[])
}

/// The same with more files.
fn controller_with(more: &[(&str, &str)]) -> platctl::chart::Chart {
    let secret = "{{- $secret := lookup \"v1\" \"Secret\" .Release.Namespace \"aws-load-balancer-tls\" }}\n\
        apiVersion: v1\nkind: Secret\nmetadata: {name: aws-load-balancer-tls}\ndata:\n\
        \x20 ca.crt: {{ if $secret }}{{ index $secret.data \"ca.crt\" }}{{ else }}{{ randAlphaNum 8 }}{{ end }}\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: controller}\nspec:\n\
        \x20 args: [\"--aws-vpc-id={{ .Values.vpcId }}\", \"--cluster-name={{ .Values.clusterName }}\"]\n";
    let own = [
        ("Chart.yaml", "apiVersion: v2\nname: aws-load-balancer-controller\nversion: 1.0.0\n"),
        ("templates/secret.yaml", secret),
        ("templates/deployment.yaml", deployment),
    ];
    let files = own.iter().chain(more).map(|(name, text)| platctl::chart::File::new(*name, text.as_bytes()));
    platctl::chart::load::from_files(files.collect()).unwrap()
}

/// The same environment in a cluster of EKS that it makes itself.
fn eks(more: &str) -> String {
    environment(false, more)
        .replace("cluster.existing.context = \"kind-dev\"\n", "")
        .replace("cluster.existing.load_balancers = false\n", "")
        .replace(
            "[services.frontend-app]",
            "[[cluster.node_groups]]\nname = \"general\"\ninstance_types = [\"m6i.large\"]\nmin = 1\nmax = 2\n\
             [[cluster.access_entries]]\nname = \"ci\"\nprincipal_arn = \"arn:aws:iam::123456789012:role/ci\"\n\
             policy = \"cluster-admin\"\n[services.frontend-app]",
        )
}

const AT_AWS: Site = Site { sandbox: false, controller: true };

fn refs(desired: &Desired, address: &str) -> Vec<String> {
    desired.resources[&address.parse().unwrap()].refs().iter().map(ToString::to_string).collect()
}

/// In a cluster of ours a release waits for the cluster and for all without which it would not come to stand.
#[test]
fn in_a_cluster_of_ours_a_release_waits_for_it() {
    let (desired, left_out) = expand_at(&eks(""), AT_AWS);
    assert_eq!(left_out, []);
    let found = refs(&desired, "release.backend-app");
    for waits in [
        "cluster.main",
        "node_group.general",
        "addon.coredns",
        "addon.vpc-cni",
        "access_entry.ci",
        "route_table.private-a",
        "pod_identity_association.load-balancer-controller",
        "release.namespace",
        "release.load-balancer-controller",
    ] {
        assert!(found.contains(&waits.to_owned()), "{waits} is not among {found:?}");
    }
    let parent = desired.resources[&"release.backend-app".parse().unwrap()].parent().unwrap();
    assert_eq!(parent.to_string(), "cluster.main");
    // Through its load balancer the private name exists; pods wait until theirs sends to them.
    assert!(refs(&desired, "record_set.api").contains(&"release.backend-service".to_owned()));
    let namespace = release(&desired, "namespace").objects["Namespace shop"].value();
    assert_eq!(namespace["metadata"]["labels"]["elbv2.k8s.aws/pod-readiness-gate-inject"], "enabled");
    let service = release(&desired, "frontend-app").objects["Service shop/frontend-app-service"].value();
    assert_eq!(service["spec"]["type"], "LoadBalancer");
}

/// The controller has its rights, knows its cluster and its VPC, and keeps the certificate that it made at first.
#[test]
fn the_load_balancer_controller_comes_before_the_services() {
    let (desired, _) = expand_at(&eks("tags = { team = \"platform\" }"), AT_AWS);
    let controller = release(&desired, "load-balancer-controller");
    assert_eq!(
        (controller.name.as_str(), controller.namespace.as_str()),
        ("aws-load-balancer-controller", "kube-system")
    );
    let found = refs(&desired, "release.load-balancer-controller");
    assert!(
        found.contains(&"vpc.main".to_owned()) && found.contains(&"cluster.main".to_owned()),
        "{found:?}"
    );
    let args = &controller.objects["Deployment kube-system/controller"].value()["spec"]["args"];
    assert_eq!(*args, json!(["--aws-vpc-id=@{vpc.main#id}", "--cluster-name=dev-eks"]));
    let values = controller.values.value();
    assert_eq!(values["serviceAccount"]["name"], "aws-load-balancer-controller");
    assert_eq!(values["defaultTags"], json!({"team": "platform"}));
    let account = serde_json::to_value(
        &desired.resources[&"pod_identity_association.load-balancer-controller".parse().unwrap()],
    )
    .unwrap();
    assert_eq!(account["spec"]["service_account"], values["serviceAccount"]["name"]);
    let keys: Vec<&String> = controller.makes_once.keys().collect();
    assert_eq!(keys, ["aws-load-balancer-tls"]);
    // What is in the Secret is not known, the same each time, and no secret.
    let secret = &controller.objects["Secret kube-system/aws-load-balancer-tls"];
    let again = expand_at(&eks("tags = { team = \"platform\" }"), AT_AWS).0;
    assert_eq!(
        &release(&again, "load-balancer-controller").objects["Secret kube-system/aws-load-balancer-tls"],
        secret
    );
}

#[test]
fn without_a_controller_services_are_reached_from_inside_and_it_is_said() {
    let (desired, left_out) = expand_at(&eks(""), Site::default());
    assert_eq!(left_out.len(), 1);
    assert!(left_out[0].what == "load-balancer-controller" && left_out[0].why.contains("cache"));
    let service = release(&desired, "frontend-app").objects["Service shop/frontend-app-service"].value();
    assert_eq!(service["spec"]["type"], "ClusterIP");
    assert!(!desired.resources.contains_key(&"record_set.api".parse().unwrap()));
    // The sandbox plays its part.
    let (desired, left_out) = expand_at(&eks(""), Site { sandbox: true, controller: false });
    assert!(left_out[0].why.contains("sandbox"), "{left_out:?}");
    let service = release(&desired, "frontend-app").objects["Service shop/frontend-app-service"].value();
    assert_eq!(service["spec"]["type"], "LoadBalancer");
    let namespace = release(&desired, "namespace").objects["Namespace shop"].value();
    assert_eq!(namespace["metadata"]["labels"]["elbv2.k8s.aws/pod-readiness-gate-inject"], Value::Null);
    assert!(desired.resources.contains_key(&"record_set.api".parse().unwrap()));
}

#[test]
fn deploying_can_be_switched_off() {
    let (desired, left_out) = expand_at(&eks("deploy.enabled = false"), AT_AWS);
    assert_eq!(left_out.len(), 3);
    assert!(left_out[0].why.contains("deploy.enabled"));
    assert!(!desired.resources.keys().any(|address| address.to_string().starts_with("release.")));
    assert!(
        desired.resources.contains_key(&"pod_identity_association.load-balancer-controller".parse().unwrap())
    );
}

/// Planned from nothing, applied, planned again, and taken down: the cluster comes before what is in it, and goes after.
#[tokio::test]
async fn releases_come_after_their_cluster_and_go_before_it() {
    use life::{order, verb};
    let (desired, _) = expand_at(&eks(""), AT_AWS);
    let (fake, mut state) = (Fake::default(), State::new("test"));
    let up = verb(&fake, &mut state, &desired, Purpose::Up).await;
    let before = ["cluster.main", "node_group.general", "addon.coredns", "route_table.private-a"];
    let place = order(&up);
    for first in before.iter().chain(&["pod_identity_association.load-balancer-controller"]) {
        assert!(place[*first] < place["release.load-balancer-controller"], "{first}");
    }
    assert!(place["release.load-balancer-controller"] < place["release.backend-service"]);
    assert!(place["release.backend-service"] < place["record_set.api"]);
    assert!(verb(&fake, &mut state, &desired, Purpose::Up).await.is_empty());
    let down = verb(&fake, &mut state, &desired, Purpose::Destroy).await;
    let place = order(&down);
    assert!(place["record_set.api"] < place["release.backend-service"]);
    assert!(place["record_set.api"] < place["hosted_zone.main"]);
    assert!(place["release.backend-service"] < place["release.load-balancer-controller"]);
    for last in before {
        assert!(place["release.load-balancer-controller"] < place[last], "{last}");
    }
    let left: Vec<String> = fake.inventory().keys().map(ToString::to_string).collect();
    assert!(!left.iter().any(|at| at.starts_with("release") || at.starts_with("cluster")), "{left:?}");
}

/// Kinds that a chart brings along change with it, which Helm leaves to people; what changes is shown.
#[tokio::test]
async fn the_kinds_of_a_chart_change_with_it_and_it_is_shown() {
    let with = |short: &str| {
        let kind = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: things.example.com}}\n\
             spec:\n  group: example.com\n  scope: Namespaced\n\
             \x20 names: {{kind: Thing, plural: things, shortNames: [{short}]}}\n\
             \x20 versions: [{{name: v1, served: true, storage: true, \
             schema: {{openAPIV3Schema: {{type: object}}}}}}]\n"
        );
        let files: Memory = [("dev", eks(""))].into_iter().collect();
        let platform = config::load(&files, "dev").unwrap().platform;
        let mut added = blueprint::add_releases(&platform, blueprint::expand(&platform), AT_AWS);
        complete(&mut added.desired, "1.33", &[controller_with(&[("crds/things.yaml", &kind)])]).unwrap();
        added.desired
    };
    let (fake, mut state) = (Fake::default(), State::new("test"));
    let made = life::verb(&fake, &mut state, &with("th"), Purpose::Up).await;
    assert!(!made.is_empty());
    let plan = life::verb(&fake, &mut state, &with("tg"), Purpose::Up).await;
    let changes: Vec<String> = plan
        .steps
        .iter()
        .flat_map(|step| {
            step.changes.iter().map(move |change| format!("{} {}", step.address, change.change.field))
        })
        .collect();
    let definition = "CustomResourceDefinition things.example.com";
    let changed = format!("release.load-balancer-controller {definition}.spec.names.shortNames[0]");
    assert_eq!(changes, [changed]);
    assert!(life::verb(&fake, &mut state, &with("tg"), Purpose::Up).await.is_empty());
}

/// What `up` and `destroy` do, on the fake provider.
mod life {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::Duration;

    use platctl::apply::{Cancel, Clock, Events, Run, Settings, Writer, looks, observe};
    use platctl::model::{Desired, Kind};
    use platctl::plan::{Input, Plan, Purpose, Scope, lint, plan};
    use platctl::provider::fake::Fake;
    use platctl::state::store::{Error, Journal};
    use platctl::state::{Line, State};

    struct Nowhere;

    impl Journal for Nowhere {
        async fn append(&mut self, _: &[Line]) -> Result<(), Error> {
            Ok(())
        }
        async fn compact(&mut self, _: &State) -> Result<(), Error> {
            Ok(())
        }
    }

    /// The clock of a world in which waiting takes no time.
    struct Instant(std::sync::atomic::AtomicU64);

    impl platctl::provider::Clock for Instant {
        fn now(&self) -> Duration {
            Duration::from_millis(self.0.load(std::sync::atomic::Ordering::SeqCst))
        }
        fn sleep(&self, time: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            let time = u64::try_from(time.as_millis()).unwrap();
            self.0.fetch_add(time, std::sync::atomic::Ordering::SeqCst);
            Box::pin(tokio::task::yield_now())
        }
    }

    pub(super) async fn verb(fake: &Fake, state: &mut State, desired: &Desired, purpose: Purpose) -> Plan {
        let observed = observe(fake, looks(desired, state), state.known()).await.unwrap();
        let scope = Scope::default();
        let plan = plan(Input { desired, state, observed: &observed, purpose, scope: &scope }).unwrap();
        assert_eq!(lint(&plan, state), []);
        let token = || {
            static TOKENS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
            format!("{:032x}", TOKENS.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
        };
        let clock = Clock::new(Arc::new(Instant(Default::default())), jiff::Timestamp::now);
        let settings =
            Settings { parallelism: 8, window: Duration::from_secs(30), clock: clock.clone(), token };
        let mut journal = Nowhere;
        let mut writer = Writer::new(&mut journal, state, "run", clock);
        let (_level, cancel) = Cancel::channel();
        let provider = Arc::new(fake.clone());
        let run = Run { plan: &plan, provider, events: Events::nobody(), cancel, settings };
        let report = run.apply(&mut writer).await;
        assert!(report.is_complete(), "{:?}", report.failed);
        plan
    }

    /// The place of each address in a plan; none of a kind that is kept.
    pub(super) fn order(plan: &Plan) -> BTreeMap<String, usize> {
        let steps = plan.steps.iter().enumerate();
        let steps = steps.filter(|(_, step)| step.address.kind != Kind::ServiceLinkedRole);
        steps.map(|(place, step)| (step.address.to_string(), place)).collect()
    }
}
