//! Kinds with few defaults.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cluster::json::{default, list, member, members, remove, text};

pub(super) fn namespace(object: &mut Value) {
    let name = text(object, "/metadata/name").to_owned();
    default(member(object, "spec"), "finalizers", json!(["kubernetes"]));
    default(member(object, "status"), "phase", "Active");
    members(member(member(object, "metadata"), "labels"))
        .insert("kubernetes.io/metadata.name".into(), name.into());
}

/// What is written as text is kept in Base64.
pub(super) fn secret(object: &mut Value) {
    default(object, "type", "Opaque");
    if let Some(Value::Object(texts)) = remove(object, "stringData") {
        let data = members(member(object, "data"));
        for (key, value) in texts {
            data.insert(key, STANDARD.encode(value.as_str().unwrap_or_default()).into());
        }
    }
}

pub(super) fn claim(object: &mut Value) {
    default(member(object, "spec"), "volumeMode", "Filesystem");
    default(member(object, "status"), "phase", "Pending");
}

pub(super) fn scaler(object: &mut Value) {
    let spec = member(object, "spec");
    default(spec, "minReplicas", 1);
    if spec.get("behavior").is_none() {
        return;
    }
    let behavior = member(spec, "behavior");
    let up = json!([{ "type": "Pods", "value": 4, "periodSeconds": 15 }, { "type": "Percent", "value": 100, "periodSeconds": 15 }]);
    let down = json!([{ "type": "Percent", "value": 100, "periodSeconds": 15 }]);
    for (direction, policies) in [("scaleUp", up), ("scaleDown", down)] {
        let rules = member(behavior, direction);
        default(rules, "selectPolicy", "Max");
        default(rules, "policies", policies);
        if direction == "scaleUp" {
            default(rules, "stabilizationWindowSeconds", 0);
        }
    }
}

pub(super) fn network_policy(object: &mut Value) {
    let spec = member(object, "spec");
    let egress = !list(spec, "/egress").is_empty();
    default(spec, "policyTypes", if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) });
    for direction in ["ingress", "egress"] {
        for rule in spec.get_mut(direction).and_then(Value::as_array_mut).into_iter().flatten() {
            for port in rule.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
                default(port, "protocol", "TCP");
            }
        }
    }
}

pub(super) fn binding(object: &mut Value) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    default(member(object, "roleRef"), "apiGroup", GROUP);
    for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        if subject["kind"] != "ServiceAccount" {
            default(subject, "apiGroup", GROUP);
        }
    }
}

pub(super) fn definition(object: &mut Value) {
    let spec = member(object, "spec");
    let names = member(spec, "names");
    let kind = text(names, "/kind").to_owned();
    default(names, "singular", kind.to_lowercase());
    default(names, "listKind", format!("{kind}List"));
    default(spec, "conversion", json!({ "strategy": "None" }));
}

pub(super) fn storage_class(object: &mut Value) {
    default(object, "reclaimPolicy", "Delete");
    default(object, "volumeBindingMode", "Immediate");
}

pub(super) fn webhooks(object: &mut Value) {
    let mutates = object["kind"] == "MutatingWebhookConfiguration";
    for hook in object.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
        default(hook, "failurePolicy", "Fail");
        default(hook, "matchPolicy", "Equivalent");
        default(hook, "namespaceSelector", json!({}));
        default(hook, "objectSelector", json!({}));
        default(hook, "timeoutSeconds", 10);
        if mutates {
            default(hook, "reinvocationPolicy", "Never");
        }
        for rule in hook.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten() {
            default(rule, "scope", "*");
        }
        if let Some(service) = hook.pointer_mut("/clientConfig/service") {
            default(service, "port", 443);
        }
    }
}
