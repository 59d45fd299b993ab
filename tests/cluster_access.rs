//! The shipped binary reaching the sandbox's cluster: a token that STS takes, a kubeconfig that is kept whole.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A folder with the shipped environments and a sandbox of its own, stopped at the end.
struct Workplace(tempfile::TempDir);

impl Workplace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environments = folder.path().join("environments");
        fs::create_dir(&environments).unwrap();
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("environments")).unwrap() {
            let file = file.unwrap().path();
            fs::copy(&file, environments.join(file.file_name().unwrap())).unwrap();
        }
        Self(folder)
    }

    fn platctl(&self, arguments: &str, variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(self.0.path()).args(arguments.split_whitespace());
        command.env_remove("KUBERNETES_EXEC_INFO").env("KUBECONFIG", self.0.path().join("kubeconfig"));
        command.envs(variables.iter().copied()).output().unwrap()
    }

    /// Runs, and gives stdout and stderr; the exit code must be the expected one.
    fn run(&self, arguments: &str, code: i32) -> (String, String) {
        let output = self.platctl(arguments, &[]);
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "platctl {arguments}\n{out}\n{err}");
        (out, err)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        self.platctl("sandbox stop", &[]);
    }
}

/// What an authenticator does with a token: it takes the URL out and sends it, with the cluster's name.
fn asked_of_sts(token: &str, cluster: &str) -> String {
    let url = URL_SAFE_NO_PAD.decode(token.strip_prefix("k8s-aws-v1.").unwrap()).unwrap();
    let url = String::from_utf8(url).unwrap();
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nx-k8s-aws-id: {cluster}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_token_names_its_caller_and_a_kubeconfig_is_kept_whole() {
    let workplace = Workplace::new();
    let (_, err) = workplace.run("kubeconfig dev --sandbox", 1);
    assert!(err.contains("dev-eks does not stand") && err.contains("platctl up dev"), "{err}");
    workplace.run("up dev --sandbox", 0);

    let (out, err) = workplace.run("token dev --sandbox", 0);
    assert_eq!(err, "");
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["apiVersion"], "client.authentication.k8s.io/v1");
    assert_eq!(answer["kind"], "ExecCredential");
    let told = asked_of_sts(answer["status"]["token"].as_str().unwrap(), "dev-eks");
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    assert!(told.contains("<Account>") && told.contains("<Arn>arn:aws:"), "{told}");
    let asked = r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential"}"#;
    let older = workplace.platctl("token dev --sandbox", &[("KUBERNETES_EXEC_INFO", asked)]);
    assert!(String::from_utf8_lossy(&older.stdout).contains("client.authentication.k8s.io/v1beta1"));

    let file = workplace.0.path().join("kubeconfig");
    let theirs = "apiVersion: v1\nkind: Config\ncurrent-context: work\ncontexts:\n- name: work\n  context: {cluster: c, user: u}\n";
    fs::write(&file, theirs).unwrap();
    workplace.run("kubeconfig dev --sandbox --write", 0);
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("current-context: work\n") && written.contains("name: work\n"), "{written}");
    assert!(written.contains("name: dev-eks\n") && written.contains("- --sandbox\n"), "{written}");
    assert!(written.contains("server: https://") && !written.contains("k8s-aws-v1"), "{written}");
    workplace.run("kubeconfig dev --sandbox --write --current", 0);
    assert!(fs::read_to_string(&file).unwrap().contains("current-context: dev-eks\n"));
    let (out, _) = workplace.run("kubeconfig dev --sandbox --json", 0);
    let printed: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(printed["users"][0]["user"]["exec"]["interactiveMode"], "Never");

    fs::write(&file, "clusters: [{name: dev-eks, cluster: {server: 'https://other'}}]").unwrap();
    let (_, err) = workplace.run("kubeconfig dev --sandbox --write", 1);
    assert!(err.contains("not ours") && err.contains("--name"), "{err}");
    workplace.run("kubeconfig dev --sandbox --write --name sandbox", 0);
    assert!(fs::read_to_string(&file).unwrap().contains("https://other"));
}

#[test]
fn a_cluster_that_is_somebody_elses_is_not_of_eks() {
    let workplace = Workplace::new();
    let file = workplace.0.path().join("environments").join("dev.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[cluster.existing]\ncontext = \"kind-dev\"\n")).unwrap();
    let (_, err) = workplace.run("token dev --sandbox", 64);
    assert!(err.contains("no cluster of EKS") && err.contains("kind-dev"), "{err}");
}
