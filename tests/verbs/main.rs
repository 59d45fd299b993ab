//! The shipped binary on the sandbox: every environment from nothing to standing to nothing, and what people see.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/place.rs"]
mod common;
mod doctor;
mod engine;
mod leak;
mod misfits;
mod place;
#[cfg(feature = "sandbox")]
mod sandbox;
mod words;

use std::fs;

use place::Workplace;

/// From nothing to standing, nothing left to do, and to nothing again.
fn there_and_back(workplace: &Workplace, environment: &str) {
    let (out, _) = workplace.run(&format!("diff {environment} --sandbox --json --exit-code"), 2);
    let plan: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(plan["totals"]["create"], plan["steps"].as_array().unwrap().len());
    let (_, err) = workplace.run(&format!("up {environment} --sandbox"), 0);
    assert!(err.contains("SANDBOX"), "{err}");
    let (out, _) = workplace.run(&format!("diff {environment} --sandbox --exit-code"), 0);
    assert!(out.contains("nothing to do"), "{out}");
    let (out, _) = workplace.run(&format!("status {environment} --sandbox --json"), 0);
    let status: serde_json::Value = serde_json::from_str(&out).unwrap();
    for resource in status["resources"].as_array().unwrap() {
        assert_eq!(resource["health"], "ready", "{resource}");
        assert_eq!(resource["recorded"], "yes", "{resource}");
    }
    let (_, err) = workplace.run(&format!("destroy {environment} --sandbox"), 0);
    assert!(err.contains("0 left"), "{err}");
}

#[test]
fn dev_comes_up_stands_and_goes() {
    there_and_back(&Workplace::new(), "dev");
}

#[test]
fn staging_comes_up_stands_and_goes() {
    there_and_back(&Workplace::new(), "staging");
}

#[test]
fn prod_refuses_to_go_until_its_protection_is_lifted() {
    let workplace = Workplace::new();
    workplace.run("up prod --sandbox", 0);
    let (_, err) = workplace.run("destroy prod --sandbox --yes", 1);
    assert!(err.contains("protected") && err.contains("protect = false"), "{err}");
    let path = workplace.file("prod");
    let lifted = fs::read_to_string(&path).unwrap().replace("protect = true", "protect = false");
    fs::write(&path, lifted).unwrap();
    workplace.run("up prod --sandbox", 0);
    let (_, err) = workplace.run("destroy prod --sandbox --yes", 0);
    assert!(err.contains("0 left"), "{err}");
}

#[test]
fn a_wrong_command_line_is_64_and_help_is_no_error() {
    let workplace = Workplace::new();
    for wrong in
        ["", "upp dev", "up", "up dev --parallelism 0", "diff dev --markdown --json", "graph dev --format x"]
    {
        workplace.run(wrong, 64);
    }
    for asked in ["--help", "--version", "up --help"] {
        workplace.run(asked, 0);
    }
    let (_, err) = workplace.run("graph nowhere", 64);
    assert!(err.contains("nowhere"), "{err}");
    let (_, err) = workplace.run("state rm dev not-an-address", 64);
    assert!(err.contains("kind.name"), "{err}");
}

/// Nothing is ever done to whichever cluster happens to be current.
#[test]
fn a_real_cluster_for_the_sandbox_is_chosen_by_name() {
    let workplace = Workplace::new();
    let kubeconfig = workplace.0.path().join("kubeconfig");
    let with = |contexts: &[&str], arguments: &str| {
        let listed: Vec<String> = contexts
            .iter()
            .map(|name| format!("{{name: {name}, context: {{cluster: c, user: u}}}}"))
            .collect();
        let current = contexts.first().unwrap_or(&"");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: {current:?}\ncontexts: [{}]\n\
             clusters: [{{name: c, cluster: {{server: \"http://127.0.0.1:9\"}}}}]\nusers: [{{name: u, user: {{}}}}]\n",
            listed.join(", ")
        );
        fs::write(&kubeconfig, text).unwrap();
        let output = workplace.command(arguments).env("KUBECONFIG", &kubeconfig).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = with(&["kind-dev"], "graph dev --cluster kubeconfig");
    assert!(code == 64 && told.contains("--sandbox") && told.contains("[cluster.existing]"), "{told}");
    for (contexts, flag, word) in [
        (&["kind-dev", "prod"][..], "kubeconfig", "kubeconfig=kind-dev | prod"),
        (&["kind-dev"], "kubeconfig=kind-prod", "no context `kind-prod`"),
        (&[], "kubeconfig", "has no context"),
        (&["kind-dev"], "kubeconfig=", "kubeconfig=CONTEXT"),
        (&["kind-dev"], "minikube", "`minikube`"),
    ] {
        let (code, told) = with(contexts, &format!("graph dev --sandbox --cluster {flag}"));
        assert!(code == 64 && told.contains(word), "{flag}: {code} {told}");
    }
    for flag in ["kubeconfig", "kubeconfig=kind-dev"] {
        let (code, told) = with(&["kind-dev"], &format!("graph dev --sandbox --cluster {flag}"));
        assert_eq!(code, 0, "{told}");
    }
    let output =
        workplace.command("graph dev --sandbox --cluster kubeconfig").env("KUBECONFIG", &kubeconfig).output();
    let graph = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(graph.contains("repository") && !graph.contains("node_group"), "{graph}");
}

#[test]
fn without_a_terminal_up_needs_yes_and_touches_nothing() {
    let workplace = Workplace::new();
    // Without the sandbox the trap is reached: whatever happens, nothing is made and the exit code tells.
    let output = workplace.platctl("up dev");
    assert_ne!(output.status.code(), Some(0));
    let journal = workplace.0.path().join("state/dev/journal.jsonl");
    assert!(!journal.exists());
}
