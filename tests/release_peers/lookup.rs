//! What templates look up in a cluster: the same as Helm's own library, from the same server.

use std::fs;

use serde_json::{Value, json};

use crate::chart_support::Oracle;
use crate::server::Server;

const CHART: &str = "apiVersion: v2\nname: look\nversion: 1.0.0\n";

/// A chart that writes down what it looks up.
fn template(sought: &str) -> String {
    format!("kind: Seen\nmetadata: {{name: seen}}\nseen: {{{{ {sought} | toJson | quote }}}}\n")
}

/// What platctl and Helm's library see with a kubeconfig. Errors are told by their texts.
fn seen(server: &Server, helm: &mut Oracle, kubeconfig: &str, sought: &str) -> [Result<Value, String>; 2] {
    let folder = server.path("look");
    fs::create_dir_all(folder.join("templates")).unwrap();
    fs::write(folder.join("Chart.yaml"), CHART).unwrap();
    fs::write(folder.join("templates/a.yaml"), template(sought)).unwrap();
    let line = format!(
        "chart render look {} -n look --kube-context k8s-test --kubeconfig {kubeconfig}",
        folder.display()
    );
    let ours = server.output(&line);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ours = match ours.status.code() {
        Some(0) => Ok(text(ours.stdout)),
        Some(1) => Err(text(ours.stderr)),
        other => panic!("{line}: {other:?} {}", text(ours.stderr)),
    };
    let files = json!({"Chart.yaml": CHART, "templates/a.yaml": template(sought)});
    let request = json!({"op": "lookup", "kubeconfig": kubeconfig, "files": files, "values": {}, "name": "look",
        "namespace": "look"});
    let theirs =
        helm.ask(&request).map(|answer| answer["look/templates/a.yaml"].as_str().unwrap().to_owned());
    [ours, theirs].map(|side| {
        side.map(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("seen: ")).unwrap();
            let json: String = serde_json::from_str(line).unwrap();
            serde_json::from_str(&json).unwrap()
        })
    })
}

fn objects(server: &Server) {
    server.kubectl("create namespace look");
    for name in ["a", "b"] {
        server.kubectl(&format!("create configmap {name} -n look --from-literal=name={name}"));
    }
    server.kubectl("create secret generic hidden -n look --from-literal=word=secret");
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "looks.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Look", "plural": "looks"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}});
    server.put("create", &definition);
    server.kubectl("wait --for=condition=established crd/looks.example.com --timeout=30s");
    let look = json!({"apiVersion": "example.com/v1", "kind": "Look", "size": 1.5,
        "metadata": {"name": "one", "namespace": "look"}});
    // The condition comes before the path does.
    let file = server.path("look.json");
    fs::write(&file, look.to_string()).unwrap();
    let made = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        server.try_kubectl(&format!("apply -f {}", file.display())).is_ok()
    });
    assert!(made);
}

pub(crate) fn hold(server: &Server, helm: &mut Oracle) {
    objects(server);
    let all = server.kubeconfig();
    let mut same = |kubeconfig: &str, sought: &str| {
        let [ours, theirs] = seen(server, helm, kubeconfig, sought);
        let ours = ours.unwrap_or_else(|error| panic!("{sought}: {error}"));
        assert_eq!(ours, theirs.unwrap(), "{sought}");
        ours
    };
    let one = same(&all, r#"lookup "v1" "ConfigMap" "look" "a""#);
    assert_eq!((&one["kind"], &one["data"]), (&json!("ConfigMap"), &json!({"name": "a"})));
    let list = same(&all, r#"lookup "v1" "ConfigMap" "look" """#);
    let names: Vec<&Value> =
        list["items"].as_array().unwrap().iter().map(|item| &item["metadata"]["name"]).collect();
    assert!(names.contains(&&json!("a")) && names.contains(&&json!("b")), "{names:?}");
    assert_eq!(list["items"][0]["kind"], "ConfigMap");
    let everywhere = same(&all, r#"lookup "v1" "ConfigMap" "" """#);
    assert!(everywhere["items"].as_array().unwrap().len() >= 2);
    let word = same(&all, r#"(lookup "v1" "Secret" "look" "hidden").data.word | b64dec"#);
    assert_eq!(word, "secret");
    for missing in [
        r#"lookup "v1" "ConfigMap" "look" "none""#,
        r#"lookup "v1" "ConfigMap" "nowhere" "a""#,
        r#"lookup "v1" "ConfigMap" "" "a""#,
        r#"lookup "v1" "Namespace" "" "none""#,
    ] {
        assert_eq!(same(&all, missing), json!({}), "{missing}");
    }
    for none in [r#"lookup "apps/v1" "Deployment" "look" """#, r#"lookup "v1" "ConfigMap" "nowhere" """#] {
        assert_eq!(same(&all, none)["items"], json!([]), "{none}");
    }
    for named in [r#"lookup "v1" "Namespace" "" "look""#, r#"lookup "v1" "Namespace" "look" "look""#] {
        assert_eq!(same(&all, named)["metadata"]["name"], "look", "{named}");
    }
    let role = same(&all, r#"lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "cluster-admin""#);
    assert_eq!(role["rules"][0]["verbs"], json!(["*"]));
    assert_eq!(same(&all, r#"lookup "example.com/v1" "Look" "look" "one""#)["size"], 1.5);

    // Who may see settings, and no secrets.
    server.kubectl("create role sees -n look --verb=get,list --resource=configmaps");
    server.kubectl("create rolebinding sees -n look --role=sees --user=eve");
    let limited = server.path("eve").display().to_string();
    let text = fs::read_to_string(&all).unwrap();
    fs::write(&limited, text.replacen("user: {", "user: {as: eve, ", 1)).unwrap();
    assert_eq!(same(&limited, r#"lookup "v1" "ConfigMap" "look" "a""#), one);
    for (denied, told) in [
        (r#"lookup "v1" "Secret" "look" "hidden""#, "cannot get resource"),
        (r#"lookup "v1" "Secret" "look" """#, "cannot list resource"),
        (r#"lookup "v1" "ConfigMap" "" """#, "cannot list resource"),
        (r#"lookup "v1" "Namespace" "" "look""#, "cannot get resource"),
    ] {
        let [ours, theirs] = seen(server, helm, &limited, denied);
        for error in [ours.unwrap_err(), theirs.unwrap_err()] {
            assert!(error.contains("eve") && error.contains(told), "{denied}: {error}");
            assert!(!error.contains("c2VjcmV0"), "{error}");
        }
    }
    let [ours, theirs] = seen(server, helm, &all, r#"lookup "no.such/v1" "Thing" "" """#);
    assert!(ours.unwrap_err().contains("the cluster serves no Thing of no.such/v1"));
    assert!(theirs.is_err());
}
