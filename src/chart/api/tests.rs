use std::collections::BTreeMap;

use super::{Checked, Schemas, check, learn};
use crate::chart::File;
use crate::chart::manifest::sort;
use crate::chart::render::Rendered;

fn rendered(template: &str) -> Rendered {
    let files = BTreeMap::from([("web/templates/a.yaml".to_owned(), template.to_owned())]);
    Rendered { manifest: sort(&files).unwrap(), ..Rendered::default() }
}

fn checked(rendered: &Rendered) -> Checked {
    let mut schemas = Schemas::default();
    learn(rendered, &mut schemas);
    check(rendered, &mut schemas, &|text| text.contains("@{"))
}

/// What is found in the objects of a template, each without its place.
fn found(template: &str) -> Vec<String> {
    checked(&rendered(template)).findings.iter().map(super::Finding::message).collect()
}

/// What is found in a pod with this in its `spec`, after a container of no fault; without the object's name.
fn in_pod(spec: &str) -> Vec<String> {
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: [{{name: c, image: x}}]\n{spec}"
    );
    found(&pod).iter().map(|finding| finding.strip_prefix("Pod a: spec.").unwrap().to_owned()).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn an_object_as_kubernetes_has_it_has_no_finding() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\n\
        metadata: {name: a, creationTimestamp: null, labels: {x: z}, annotations: }\n\
        spec:\n  replicas: 2\n  paused: false\n  selector: {matchLabels: {a: b}}\n\
        \x20 strategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}\n\
        \x20 template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n\
        \x20     - name: c\n        image: x\n        env: [{name: A, value: '1'}]\n        args: [null, a]\n\
        \x20       ports: [{containerPort: 80}]\n        livenessProbe: {httpGet: {port: http, httpHeaders: [{name: a}]}}\n\
        \x20       resources: {limits: {cpu: 0.5, memory: 128Mi, x: 1e3, z: ' 1 '}, requests: {cpu: 1, memory: '.5G'}}\n\
        \x20     volumes: [{name: v, emptyDir: {}}]\n\
        status: {nothing: of this is ours}\n";
    assert_eq!(found(deployment), NONE);
    let others = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: YQ==, b: \"YW\\nI=\\n\", c: '', d: YR==}\n---\n\
        apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r}\nroleRef: {kind: Role, name: r}\n---\n\
        apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: p}\n---\n\
        apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: c}\n";
    assert_eq!(found(others), NONE);
}

#[test]
fn fields_that_are_none_are_found_with_what_was_meant() {
    assert_eq!(
        in_pod("  hostNetwrok: true\n  tolerations: [{kye: a, operator: Exists}]\n  bananas: 1\n"),
        [
            "bananas: there is no such field",
            "hostNetwrok: there is no such field (did you mean `hostNetwork`?)",
            "tolerations[0].kye: there is no such field (did you mean `key`?)",
        ]
    );
    // What was written wrongly is not told as missing too, and its case matters.
    assert_eq!(
        in_pod("  initContainers: [{Name: i, image: x}]\n"),
        ["initContainers[0].Name: there is no such field (did you mean `name`?)"]
    );
    assert_eq!(
        found("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, label: {x: z}}\nspec: {}\n"),
        [
            "ConfigMap a: metadata.label: there is no such field (did you mean `labels`?)",
            "ConfigMap a: spec: there is no such field",
        ]
    );
}

#[test]
fn values_of_another_type_are_found() {
    assert_eq!(
        in_pod(
            "  hostNetwork: 'true'\n  priority: '5'\n  nodeSelector: [a]\n  tolerations: {key: a}\n\
             \x20 hostname: 5\n  terminationGracePeriodSeconds: 1.5\n  securityContext: text\n"
        ),
        [
            "hostNetwork is text, and must be true or false (write it without quotes)",
            "hostname is a whole number, and must be text (put it in quotes)",
            "nodeSelector is a list, and must be a map (its lines are `key: value`, without `- `)",
            "priority is text, and must be a whole number (write it without quotes)",
            "securityContext is text, and must be a map",
            "terminationGracePeriodSeconds is a number with a fraction, and must be a whole number",
            "tolerations is a map, and must be a list (each item begins with `- `)",
        ]
    );
    assert_eq!(in_pod("  priority: 3000000000\n"), ["priority does not fit into 32 bits"]);
    assert_eq!(
        found(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {x: true}}\ndata: {port: 80}\n"
        ),
        [
            "ConfigMap a: data.port is a whole number, and must be text (put it in quotes)",
            "ConfigMap a: metadata.annotations.x is true or false, and must be text (put it in quotes)",
        ]
    );
}

#[test]
fn numbers_or_text_and_quantities_have_their_forms() {
    let ports = "  containers:\n  - name: c\n    livenessProbe: {httpGet: {port: PORT}}\n";
    for (port, told) in [
        ("80", None),
        ("http", None),
        ("true", Some("is true or false, and must be a whole number or text")),
        ("80.5", Some("is a number with a fraction, and must be a whole number or text")),
        ("9000000000", Some("does not fit into 32 bits")),
    ] {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n{}",
            ports.replace("PORT", port)
        );
        let told: Vec<String> = told
            .iter()
            .map(|told| format!("Pod a: spec.containers[c].livenessProbe.httpGet.port {told}"))
            .collect();
        assert_eq!(found(&pod), told, "{port}");
    }
    for (quantity, is_one) in [
        ("100m", true),
        ("1", true),
        ("0.1", true),
        ("'+1.5Gi'", true),
        ("'1e3'", true),
        ("1E", true),
        ("512MB", false),
        ("1gb", false),
        ("1 Gi", false),
        ("''", false),
        ("lots", false),
    ] {
        let quota = format!(
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: a}}\nspec: {{hard: {{pods: {quantity}}}}}"
        );
        let told =
            "ResourceQuota a: spec.hard.pods is no quantity (such as 100m, 0.5, 128Mi or 1G)".to_owned();
        assert_eq!(found(&quota), if is_one { vec![] } else { vec![told] }, "{quantity}");
    }
}

#[test]
fn what_must_be_there_is_found_missing() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{image: x}, {name: c, ports: [{name: http}], env: [{value: a}]}]}}}\n";
    assert_eq!(
        found(deployment),
        [
            "Deployment a: spec.template.spec.containers[0].name is missing",
            "Deployment a: spec.template.spec.containers[c].env[0].name is missing",
            "Deployment a: spec.template.spec.containers[c].ports[http].containerPort is missing",
            "Deployment a: spec.selector is missing",
        ]
    );
    assert_eq!(
        found("apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: null\n"),
        ["DaemonSet a: spec is missing"]
    );
}

#[test]
fn newer_kubernetes_may_have_fields_that_nobody_here_knows() {
    for (version, known) in [("1.31", true), ("1.37", true), ("1.38", false), ("2.0", false)] {
        assert_eq!(Schemas::know(version), known, "{version}");
    }
}

/// What a Secret holds is never told, and what is not Base64 in it is.
#[test]
fn the_data_of_a_secret_is_base64() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: pass word, b: '@{secret.a#arn}'}\n";
    let told = found(secret);
    assert_eq!(
        told,
        ["Secret s: data.a is not in Base64 (`b64enc` makes it so; `stringData` takes it as it is)"]
    );
}

#[test]
fn what_is_not_known_yet_may_become_anything() {
    assert_eq!(
        in_pod(
            "  priority: '@{vpc.main#id}'\n  tolerations: '@{vpc.main#id}'\n  hostNetwork: 'a@{vpc.main#id}b'\n\
             \x20 '@{vpc.main#id}': 1\n"
        ),
        NONE
    );
}

#[test]
fn kinds_of_others_are_judged_by_their_definitions_or_not_at_all() {
    let widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, bananas: 1}\n\
        spec: {sise: 1, color: green, port: '80', parts: [{}], free: {a: 1}, any: 5}\nstatus: {x: 1}\n";
    let alone = checked(&rendered(widget));
    assert_eq!(alone.findings, []);
    assert_eq!(alone.unjudged.into_iter().collect::<Vec<_>>(), ["Widget (example.com/v1)"]);
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
        metadata: {name: widgets.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n\
        \x20 names: {kind: Widget, plural: widgets}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n\
        \x20   schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n\
        \x20           type: object\n            required: [size, mode, kept]\n            properties:\n\
        \x20             size: {type: integer}\n              mode: {type: string, default: fast}\n\
        \x20             kept: {type: boolean}\n              color: {type: string, enum: [red, blue]}\n\
        \x20             port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}\n\
        \x20             parts: {type: array, items: {type: object, required: [id], properties: {id: {type: string}}}}\n\
        \x20             free: {type: object, properties: {}, x-kubernetes-preserve-unknown-fields: true}\n\
        \x20             any: {x-kubernetes-preserve-unknown-fields: true, oneOf: [{required: [a]}]}\n";
    let mut with = rendered(widget);
    with.crds.push(("web/crds/widget.yaml".to_owned(), File::new("crds/widget.yaml", definition.as_bytes())));
    let told: Vec<String> = checked(&with).findings.iter().map(ToString::to_string).collect();
    let place = "web/templates/a.yaml, line 1: Widget w: spec";
    assert_eq!(
        told,
        [
            format!("{place}.color must be one of \"red\", \"blue\""),
            format!("{place}.parts[0].id is missing"),
            format!("{place}.sise: there is no such field (did you mean `size`?)"),
            format!("{place}.kept is missing"),
        ]
    );
    assert!(checked(&with).unjudged.is_empty());
}

#[test]
fn definitions_lists_and_hooks_are_looked_at_with_their_lines() {
    let template = "\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {port: 80}}\n---\n\
        apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: j\n  annotations: {helm.sh/hook: pre-install}\nspec: {}\n";
    let mut chart = rendered(template);
    let definition = "\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n\
        spec: {group: g, scope: Cluster, names: {kind: K, plural: ks}, versions: [{name: v1, served: true, storage: true, \
        schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-field: true, default: 5, \
        properties: {a: {type: [string], items: {type: object}, additionalProperties: false}}}}}]}\n";
    chart.crds.push(("web/crds/x.yaml".to_owned(), File::new("crds/x.yaml", definition.as_bytes())));
    let told: Vec<String> = checked(&chart).findings.iter().map(ToString::to_string).collect();
    let schema =
        "web/crds/x.yaml, line 2: CustomResourceDefinition x: spec.versions[v1].schema.openAPIV3Schema";
    assert_eq!(
        told,
        [
            format!("{schema}.properties.a.type is a list, and must be text"),
            format!(
                "{schema}.x-kubernetes-preserve-unknown-field: there is no such field (did you mean `x-kubernetes-preserve-unknown-fields`?)"
            ),
            "web/templates/a.yaml, line 2: Service a: spec.port: there is no such field (did you mean `ports`?)".to_owned(),
            "web/templates/a.yaml, line 7: Job j: spec.template is missing".to_owned(),
        ]
    );
}
