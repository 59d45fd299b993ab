//! What a cluster would refuse is told by `diff`, in its own words and before anything is done.

use std::fs;

use platctl::model::Spec;
use platctl::plan;
use serde_json::{Value, json};

use crate::server::Server;

/// Writes `environments/shop.toml`: one service; `more` is what else its chart is given.
fn write(server: &Server, more: &str) {
    let text = format!(
        "namespace = \"tried\"\n[aws]\nregion = \"eu-central-1\"\n\
         [network]\ncidr = \"10.60.0.0/16\"\nzones = [\"a\", \"b\"]\n[registry]\nenabled = false\n\
         [cluster.existing]\nkubeconfig = \"{}\"\ncontext = \"k8s-test\"\nload_balancers = true\n\
         [services.web]\nimage = \"registry.example.com/web@sha256:{}\"\nport = 8000\nexposure = \"internal\"\n\
         values = {{ disruptionBudget = {{ enabled = false }}{more} }}\n",
        server.kubeconfig(),
        "0123".repeat(16),
    );
    fs::write(server.path("environments/tried.toml"), text).unwrap();
}

/// What platctl asked of the API server since an earlier count of requests, as `VERB PATH`.
fn asked(server: &Server, since: usize) -> Vec<String> {
    let events = server.audited();
    let ours = |event: &&Value| {
        event["userAgent"].as_str().is_none_or(|agent| !agent.contains("kubectl") && !agent.contains("kube-"))
    };
    let line = |event: &Value| {
        format!("{} {}", event["verb"].as_str().unwrap(), event["requestURI"].as_str().unwrap())
    };
    events[since..].iter().filter(ours).map(line).collect()
}

/// Runs `diff`, which may write nothing whatever it is asked; gives what it says and what it asked.
fn diff(server: &Server, arguments: &str, code: i32) -> (String, Vec<String>) {
    let before = server.audited().len();
    let told = server.platctl(&format!("diff tried {arguments}"), code);
    let asked = asked(server, before);
    let reads = |line: &String| ["get ", "list ", "watch "].iter().any(|verb| line.starts_with(verb));
    let writes: Vec<&String> = asked.iter().filter(|line| !reads(line)).collect();
    for write in &writes {
        let dry = write.starts_with("patch ")
            && write.contains("fieldManager=platctl")
            && write.contains("dryRun=All");
        assert!(dry, "{write}");
    }
    (told, asked)
}

fn tries(asked: &[String]) -> usize {
    asked.iter().filter(|line| line.contains("dryRun=All")).count()
}

pub(crate) fn hold(server: &Server) {
    write(server, "");
    what_a_namespace_must_be_there_for_is_told(server);
    server.kubectl("create namespace tried");
    what_is_good_is_tried_and_shown_as_it_is_written(server);
    what_only_the_server_knows_is_told(server);
    what_a_quota_refuses_is_told(server);
    who_may_not_is_told_that(server);
    let left =
        server.kubectl("get deployments,services,serviceaccounts,networkpolicies,secrets -n tried -o name");
    assert_eq!(left, "", "a diff writes nothing");
    a_diff_of_what_stands_asks_no_more_than_before(server);
}

fn what_a_namespace_must_be_there_for_is_told(server: &Server) {
    let (told, asked) = diff(server, "--exit-code", 2);
    assert!(told.contains("not tried on the API server yet: "), "{told}");
    assert!(told.contains(" objects (namespace tried is yet to be made)"), "{told}");
    assert_eq!(tries(&asked), 1, "the namespace alone can be tried: {asked:#?}");
}

fn what_is_good_is_tried_and_shown_as_it_is_written(server: &Server) {
    let (told, asked) = diff(server, "--exit-code", 2);
    assert!(!told.contains("not tried"), "{told}");
    let file = server.path("plan.json");
    diff(server, &format!("--out {}", file.display()), 0);
    let plan = plan::read(&fs::read(file).unwrap()).unwrap();
    let mut labels = Vec::new();
    for step in &plan.steps {
        let Spec::Release(release) = &step.spec else { panic!("{step:?}") };
        labels.extend(release.objects.keys().cloned());
    }
    assert_eq!(tries(&asked), labels.len(), "each once: {asked:#?}");
    assert!(labels.contains(&"Namespace tried".to_owned()), "no namespace in its label: {labels:?}");
    let plan = serde_json::to_string(&plan).unwrap();
    // Nothing of what the server fills in.
    for filled in ["clusterIP", "terminationMessagePath", "managedFields", "resourceVersion", "dnsPolicy"] {
        assert!(!plan.contains(filled), "{filled} is in {plan}");
    }
}

fn what_only_the_server_knows_is_told(server: &Server) {
    write(server, ", podLabels = { team = \"not a label!\" }");
    let (told, _) = diff(server, "--exit-code", 1);
    for part in [
        "the cluster would refuse 1 object of what is deployed",
        "release.web: service/templates/deployment.yaml, line 1: Deployment web: ",
        "a valid label must be",
        "nothing was touched",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    // `up` stops at the same, and a choice of targets that leaves it out does not.
    let told = server.platctl("up tried --yes", 1);
    assert!(told.contains("a valid label must be") && told.contains("nothing was touched"), "{told}");
    diff(server, "--target release.namespace", 0);
    // Without a look at what there is, nobody is asked.
    let (_, asked) = diff(server, "--refresh false --target release.namespace", 0);
    assert_eq!(tries(&asked), 0, "{asked:#?}");
    write(server, "");
}

fn what_a_quota_refuses_is_told(server: &Server) {
    // There is no controller here to count what is used.
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small", "namespace": "tried"},
        "spec": {"hard": {"services": "0"}}});
    server.put("create", &quota);
    let status = json!({"status": {"hard": {"services": "0"}, "used": {"services": "0"}}});
    server.patch("/api/v1/namespaces/tried/resourcequotas/small/status", &status.to_string());
    let (told, _) = diff(server, "", 1);
    let line = "release.web: service/templates/service.yaml, line 3: Service web-service: ";
    assert!(told.contains(line) && told.contains("exceeded quota: small"), "{told}");
    server.kubectl("delete resourcequota small -n tried");
}

/// Somebody who may look at everything and try nothing.
fn who_may_not_is_told_that(server: &Server) {
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "look"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}]});
    server.put("create", &role);
    server.kubectl("create clusterrolebinding look --clusterrole=look --user=look");
    let file = server.path("environments/tried.toml");
    let text = fs::read_to_string(&file).unwrap();
    let kubeconfig = fs::read_to_string(server.kubeconfig()).unwrap();
    let other = server.path("kubeconfig-look");
    fs::write(&other, kubeconfig.replace("user: {", "user: {as: look, ")).unwrap();
    fs::write(&file, text.replace(&server.kubeconfig(), &other.display().to_string())).unwrap();
    let told = server.platctl("diff tried", 3);
    assert!(told.contains("User \"look\" cannot patch resource"), "{told}");
    assert!(told.contains("a role and its binding"), "{told}");
    write(server, "");
}

fn a_diff_of_what_stands_asks_no_more_than_before(server: &Server) {
    crate::controller::beside(server, || server.platctl("up tried --yes --timeout 60", 0));
    let (told, asked) = diff(server, "--exit-code", 0);
    assert!(told.contains("nothing to do"), "{told}");
    // The look itself needs one: 1.20 does not keep all that a Service for a load balancer says.
    let tried: Vec<&String> = asked.iter().filter(|line| line.contains("dryRun=All")).collect();
    assert!(tried.len() == 1 && tried[0].contains("/services/web-service"), "{asked:#?}");
    // Two records, the objects, and what is served.
    let objects = server.get("deployments,services,serviceaccounts,networkpolicies -n tried");
    let objects = objects["items"].as_array().unwrap().len() + 1;
    let gets = asked.iter().filter(|line| line.starts_with("get ") && line.contains("/tried")).count();
    assert!(gets <= objects + 2, "{gets} for {objects}: {asked:#?}");
    // A changed object that is refused is told in the same way, and looked at all the same.
    write(server, ", podLabels = { team = \"not a label!\" }");
    let (told, _) = diff(server, "", 1);
    assert!(told.contains("Deployment web: ") && told.contains("a valid label must be"), "{told}");
    write(server, "");
    crate::controller::beside(server, || server.platctl("destroy tried --yes", 0));
}
