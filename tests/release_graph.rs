//! The releases of an environment as nodes of its graph: values, references, the private name, what is left out.

#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

use std::path::Path;

use platctl::blueprint::{self, LeftOut};
use platctl::config::{self, Memory, Style};
use platctl::model::kubernetes::Release;
use platctl::model::{Desired, Spec};
use platctl::release::complete;
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
    let files: Memory = [("dev", text.to_owned())].into_iter().collect();
    let loaded = config::load(&files, "dev");
    let loaded = loaded.unwrap_or_else(|findings| panic!("{}", findings.render(Style::Plain)));
    let (mut desired, left_out) =
        blueprint::add_releases(&loaded.platform, blueprint::expand(&loaded.platform));
    complete(&mut desired, "1.33").unwrap();
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
    let (mut desired, left_out) =
        blueprint::add_releases(&loaded.platform, blueprint::expand(&loaded.platform));
    complete(&mut desired, "1.33").unwrap();
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
    let names: Vec<&str> = left_out.iter().map(|left_out| left_out.service.as_str()).collect();
    assert_eq!(names, ["backend-app", "backend-service"]);
    assert!(left_out[0].why.contains("no digest") && left_out[1].why.contains("Secrets Manager"));
    assert!(desired.resources.contains_key(&"release.frontend-app".parse().unwrap()));
    assert!(!desired.resources.contains_key(&"release.backend-app".parse().unwrap()));
}

/// Nothing is added where there is no cluster of one's own.
#[test]
fn a_cluster_of_eks_has_no_releases_yet() {
    let text = environment(false, "")
        .replace("cluster.existing.context = \"kind-dev\"\n", "")
        .replace("cluster.existing.load_balancers = false\n", "")
        .replace(
            "[services.frontend-app]",
            "[[cluster.node_groups]]\nname = \"general\"\ninstance_types = [\"m6i.large\"]\nmin = 1\nmax = 2\n[services.frontend-app]",
        );
    let (desired, left_out) = expand(&text);
    assert_eq!(left_out, []);
    assert!(!desired.resources.keys().any(|address| address.to_string().starts_with("release.")));
}
