//! Every control of the Pod Security Standards' levels `baseline` and `restricted`, on every pod.

use serde_json::{Value, json};

use crate::charts::{SETS, chart, of_kind, only, service};

/// The kinds of volumes that `restricted` admits.
const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn containers(pod: &Value) -> Vec<&Value> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    lists.iter().filter_map(|list| pod[*list].as_array()).flatten().collect()
}

/// The value of a field of the container's security context, or else of the pod's.
fn effective<'a>(pod: &'a Value, container: &'a Value, field: &str) -> &'a Value {
    let own = &container["securityContext"][field];
    if own.is_null() { &pod["securityContext"][field] } else { own }
}

/// The controls that a pod violates.
fn violations(pod: &Value) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut check = |fine: bool, control: &'static str| {
        if !fine {
            found.push(control);
        }
    };
    let off = |value: &Value| value.is_null() || *value == false;
    check(["hostNetwork", "hostPID", "hostIPC"].iter().all(|name| off(&pod[*name])), "host namespaces");
    check(pod["securityContext"]["sysctls"].is_null(), "sysctls");
    let volumes = pod["volumes"].as_array().cloned().unwrap_or_default();
    let admitted = |volume: &Value| {
        let members = volume.as_object().unwrap();
        members.keys().all(|key| key == "name" || VOLUMES.contains(&key.as_str()))
    };
    check(volumes.iter().all(admitted), "volume types");
    check(off(&pod["securityContext"]["windowsOptions"]["hostProcess"]), "host processes");
    let containers = containers(pod);
    check(!containers.is_empty(), "a container");
    for container in containers {
        let context = &container["securityContext"];
        check(off(&context["privileged"]), "privileged");
        check(context["allowPrivilegeEscalation"] == false, "privilege escalation");
        check(context["procMount"].is_null() || context["procMount"] == "Default", "proc mount");
        let names = |field: &str| context["capabilities"][field].as_array().cloned().unwrap_or_default();
        check(names("drop").contains(&json!("ALL")), "dropped capabilities");
        check(names("add").iter().all(|name| name == "NET_BIND_SERVICE"), "added capabilities");
        let ports = container["ports"].as_array().cloned().unwrap_or_default();
        check(ports.iter().all(|port| port["hostPort"].is_null()), "host ports");
        check(effective(pod, container, "runAsNonRoot") == true, "non-root");
        check(*effective(pod, container, "runAsUser") != 0, "user 0");
        let seccomp = &effective(pod, container, "seccompProfile")["type"];
        check(seccomp == "RuntimeDefault" || seccomp == "Localhost", "seccomp");
        check(effective(pod, container, "appArmorProfile")["type"] != "Unconfined", "AppArmor");
        check(effective(pod, container, "seLinuxOptions").is_null(), "SELinux");
        let probes = ["livenessProbe", "readinessProbe", "startupProbe"];
        let hosted = probes.iter().any(|name| !container[*name]["httpGet"]["host"].is_null());
        check(!hosted, "hosts of probes");
        // Beyond the standard, and promised by the platform.
        check(context["readOnlyRootFilesystem"] == true, "read-only root");
    }
    found
}

#[test]
fn every_pod_is_fit_for_the_restricted_standard() {
    for set in SETS {
        let objects = service(set);
        let deployments = of_kind(&objects, "Deployment");
        assert_eq!(deployments.len(), 1, "{set}");
        for deployment in deployments {
            assert_eq!(violations(&deployment["spec"]["template"]["spec"]), [""; 0], "{set}");
        }
        // No other kind that makes pods is rendered.
        for object in &objects {
            let pods = object["spec"]["template"]["spec"].is_object() || object["kind"] == "Pod";
            assert!(!pods || object["kind"] == "Deployment", "{object}");
        }
    }
}

#[test]
fn the_namespace_enforces_it() {
    let objects = chart("namespace", "namespace", "").objects;
    let labels = &only(&objects, "Namespace")["metadata"]["labels"];
    for mode in ["enforce", "warn", "audit"] {
        assert_eq!(labels[format!("pod-security.kubernetes.io/{mode}")], "restricted");
    }
}

/// The check itself: each control, violated, is found.
#[test]
fn a_violation_of_each_control_is_found() {
    let objects = service("frontend-app");
    let good = &only(&objects, "Deployment")["spec"]["template"]["spec"];
    for (place, value, control) in [
        ("/hostNetwork", json!(true), "host namespaces"),
        ("/hostPID", json!(true), "host namespaces"),
        ("/securityContext/sysctls", json!([{"name": "a", "value": "b"}]), "sysctls"),
        ("/volumes", json!([{"name": "a", "hostPath": {"path": "/"}}]), "volume types"),
        ("/securityContext/windowsOptions", json!({"hostProcess": true}), "host processes"),
        ("/containers/0/securityContext/privileged", json!(true), "privileged"),
        ("/containers/0/securityContext/allowPrivilegeEscalation", Value::Null, "privilege escalation"),
        ("/containers/0/securityContext/procMount", json!("Unmasked"), "proc mount"),
        ("/containers/0/securityContext/capabilities", json!({}), "dropped capabilities"),
        ("/containers/0/securityContext/capabilities/add", json!(["SYS_ADMIN"]), "added capabilities"),
        ("/containers/0/ports/0/hostPort", json!(80), "host ports"),
        ("/containers/0/securityContext/runAsNonRoot", json!(false), "non-root"),
        ("/securityContext/runAsUser", json!(0), "user 0"),
        ("/containers/0/securityContext/seccompProfile", json!({"type": "Unconfined"}), "seccomp"),
        ("/securityContext/appArmorProfile", json!({"type": "Unconfined"}), "AppArmor"),
        ("/securityContext/seLinuxOptions", json!({"type": "spc_t"}), "SELinux"),
        ("/containers/0/livenessProbe/httpGet/host", json!("10.0.0.1"), "hosts of probes"),
        ("/containers/0/securityContext/readOnlyRootFilesystem", json!(false), "read-only root"),
        ("/containers", json!([]), "a container"),
    ] {
        let mut bad = good.clone();
        let (parent, field) = place.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[field] = value;
        assert_eq!(violations(&bad), [control], "{place}");
    }
}
