//! Whether the rendered objects fit Kubernetes' types, each other, and the platform's names and ports.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{Namespace, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::charts::{SETS, chart, of_kind, only, platform, selects, service, set, try_chart};

/// Reads an object as its type and writes it again: a field that the type does not have is lost.
fn fits<T: Serialize + DeserializeOwned>(object: &Value) {
    let typed: T = serde_json::from_value(object.clone()).unwrap_or_else(|error| panic!("{error}: {object}"));
    let mut again = serde_json::to_value(typed).unwrap();
    // An empty list of rules means the same as none, and is not written.
    let mut object = object.clone();
    for value in [&mut again, &mut object] {
        if let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) {
            spec.retain(|_, member| *member != json!([]));
        }
    }
    assert_eq!(again, object);
}

fn fits_its_type(object: &Value) {
    let kind = format!("{}/{}", object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
    match kind.as_str() {
        "apps/v1/Deployment" => fits::<Deployment>(object),
        "autoscaling/v2/HorizontalPodAutoscaler" => fits::<HorizontalPodAutoscaler>(object),
        "v1/Namespace" => fits::<Namespace>(object),
        "v1/Service" => fits::<Service>(object),
        "v1/ServiceAccount" => fits::<ServiceAccount>(object),
        "networking.k8s.io/v1/NetworkPolicy" => fits::<NetworkPolicy>(object),
        "policy/v1/PodDisruptionBudget" => fits::<PodDisruptionBudget>(object),
        other => panic!("{other} is not known here"),
    }
}

#[test]
fn objects_have_only_fields_that_kubernetes_knows() {
    for object in SETS.iter().flat_map(|set| service(set)).chain(platform()) {
        fits_its_type(&object);
    }
}

#[test]
#[should_panic(expected = "replcas")]
fn a_field_that_kubernetes_does_not_know_is_found() {
    let objects = service("backend-app");
    let mut deployment = only(&objects, "Deployment").clone();
    deployment["spec"]["replcas"] = json!(2);
    fits_its_type(&deployment);
}

#[test]
fn selectors_names_and_ports_agree() {
    for set in SETS {
        let objects = service(set);
        let deployment = only(&objects, "Deployment");
        let template = &deployment["spec"]["template"];
        let labels = &template["metadata"]["labels"];
        let container = &template["spec"]["containers"][0];
        let ports = container["ports"].as_array().unwrap();
        let has_port = |name: &Value| ports.iter().any(|port| port["name"] == *name);
        assert!(selects(&deployment["spec"]["selector"]["matchLabels"], labels), "{set}");
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            assert!(has_port(&container[probe]["httpGet"]["port"]), "{set} {probe}");
        }
        let balanced = only(&objects, "Service");
        let mut wanted = balanced["spec"]["selector"].clone();
        if set == "blue-green" {
            assert_eq!((&labels["color"], &wanted["color"]), (&json!("green"), &json!("blue")));
            wanted["color"] = json!("green");
        }
        assert!(selects(&wanted, labels), "{set}");
        for port in balanced["spec"]["ports"].as_array().unwrap() {
            assert!(has_port(&port["targetPort"]) && port["protocol"] == "TCP", "{set}: {port}");
        }
        let account = only(&objects, "ServiceAccount");
        assert_eq!(account["metadata"]["name"], template["spec"]["serviceAccountName"]);
        for policy in of_kind(&objects, "NetworkPolicy") {
            assert!(selects(&policy["spec"]["podSelector"]["matchLabels"], labels), "{set}");
        }
        for budget in of_kind(&objects, "PodDisruptionBudget") {
            assert!(selects(&budget["spec"]["selector"]["matchLabels"], labels), "{set}");
        }
        for scaler in of_kind(&objects, "HorizontalPodAutoscaler") {
            assert_eq!(scaler["spec"]["scaleTargetRef"]["name"], deployment["metadata"]["name"]);
            assert!(deployment["spec"]["replicas"].is_null(), "the scaler's number would be undone");
        }
        for constraint in template["spec"]["topologySpreadConstraints"].as_array().into_iter().flatten() {
            assert!(selects(&constraint["labelSelector"]["matchLabels"], labels), "{set}");
        }
        assert!(container["resources"]["requests"]["cpu"].is_string());
        assert!(container["resources"]["limits"]["memory"].is_string());
    }
}

#[test]
fn names_ports_and_load_balancers_are_the_platforms() {
    let prefix = "service.beta.kubernetes.io/aws-load-balancer-";
    for (name, address, ports, port, scheme) in [
        ("frontend-app", "frontend-app-service", json!([80]), 8000, "internet-facing"),
        ("backend-app", "backend-app-service", json!([80, 8000]), 8000, "internet-facing"),
        ("backend-service", "backend-service", json!([80]), 3000, "internal"),
    ] {
        let objects = service(name);
        let found = only(&objects, "Service");
        assert_eq!(found["metadata"]["name"], address);
        let listed: Value =
            found["spec"]["ports"].as_array().unwrap().iter().map(|port| port["port"].clone()).collect();
        assert_eq!((listed, &found["spec"]["type"]), (ports, &json!("LoadBalancer")));
        let annotations = &found["metadata"]["annotations"];
        assert_eq!(annotations[format!("{prefix}scheme")], scheme);
        assert_eq!(annotations[format!("{prefix}nlb-target-type")], "ip");
        let attributes = &annotations[format!("{prefix}target-group-attributes")];
        assert_eq!(attributes, "preserve_client_ip.enabled=false");
        let deployment = only(&objects, "Deployment");
        let pod = &deployment["spec"]["template"];
        assert_eq!(pod["metadata"]["labels"]["app.kubernetes.io/name"], name);
        let container = &pod["spec"]["containers"][0];
        assert_eq!(container["ports"][0]["containerPort"], port);
        let paths = ["startupProbe", "livenessProbe", "readinessProbe"]
            .map(|probe| &container[probe]["httpGet"]["path"]);
        assert_eq!(paths, ["/health", "/health", "/ready"]);
        let image = container["image"].as_str().unwrap();
        assert!(image.contains(&format!("dev/{name}@sha256:")), "{image}");
    }
}

#[test]
fn the_environment_is_what_the_services_read() {
    let objects = service("frontend-app");
    let pod = &only(&objects, "Deployment")["spec"]["template"]["spec"];
    let env = pod["containers"][0]["env"].as_array().unwrap();
    let value = |name: &str| {
        let found: Vec<_> = env.iter().filter(|entry| entry["name"] == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0]
    };
    for (name, expected) in [
        ("LISTEN_ADDR", "0.0.0.0:8000"),
        ("CLUSTER_NAME", "dev"),
        ("BACKEND_URL", "http://backend-app-service"),
        ("BACKEND_SERVICE_URL", "http://api.backend.internal"),
    ] {
        assert_eq!(value(name)["value"], expected);
    }
    for (name, field) in [
        ("POD_NAME", "metadata.name"),
        ("POD_NAMESPACE", "metadata.namespace"),
        ("NODE_NAME", "spec.nodeName"),
    ] {
        assert_eq!(value(name)["valueFrom"]["fieldRef"]["fieldPath"], field);
    }
    let seconds = |name: &str| value(name)["value"].as_str().unwrap().parse::<i64>().unwrap();
    let grace = pod["terminationGracePeriodSeconds"].as_i64().unwrap();
    assert!(grace > seconds("SHUTDOWN_DELAY_SECONDS") + seconds("SHUTDOWN_GRACE_SECONDS"), "{grace}");
    // Every variable that the chart sets is one that the services document.
    let readme = include_str!("../../services/README.md");
    for entry in env {
        let name = entry["name"].as_str().unwrap();
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in services/README.md");
    }
}

#[test]
fn what_is_switched_off_is_not_there() {
    let count = |set: &str| {
        let objects = service(set);
        ["HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"]
            .map(|kind| of_kind(&objects, kind).len())
    };
    assert_eq!(count("old-cluster"), [0, 0, 0]);
    assert_eq!(count("backend-app"), [0, 1, 1]);
    assert_eq!(count("blue-green"), [1, 1, 1]);
    let none = chart("namespace", "namespace", "{create: false, defaultDeny: false}").objects;
    assert_eq!(none, Vec::<Value>::new());
}

#[test]
fn colours_stand_beside_each_other() {
    let blue =
        chart("service", "backend-app", &set("blue-green").replace("color: green", "color: blue")).objects;
    let green = chart("service", "backend-app", &set("blue-green")).objects;
    for kind in ["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"] {
        assert_ne!(only(&blue, kind)["metadata"]["name"], only(&green, kind)["metadata"]["name"]);
    }
    // What both share is the same object, whichever of them is rendered.
    for kind in ["Service", "ServiceAccount", "NetworkPolicy"] {
        assert_eq!(only(&blue, kind), only(&green, kind));
    }
}

#[test]
fn notes_tell_where_the_service_is() {
    let rendered = try_chart("service", "backend-app", &set("backend-app")).unwrap();
    for needle in
        ["http://backend-app-service.shop\n", "http://backend-app-service.shop:8000", "by everybody"]
    {
        assert!(rendered.notes.contains(needle), "{needle}: {}", rendered.notes);
    }
}
