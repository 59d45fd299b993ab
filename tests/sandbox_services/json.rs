//! `--json` of each verb about what stands: one document on stdout, or one a line where they come one after the other, and
//! nothing else there; errors are documents too.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::ground::{Ground, fetch};

/// What a verb writes to stdout; all else is on stderr. The exit code must be the expected one.
fn out(ground: &Ground, arguments: &str, code: i32) -> String {
    let output = ground.command(arguments).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(code), "platctl {arguments}\n{out}{err}");
    assert!(!err.contains("\"schema\""), "data on stderr: {err}");
    out
}

/// The one document of a verb. It says of which schema it is, and has the members that are asked for.
fn document(ground: &Ground, arguments: &str, schema: &str, members: &[&str]) -> Value {
    let text = out(ground, arguments, 0);
    let value: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments}: {error}: {text}"));
    assert_eq!((&value["schema"], &value["version"]), (&schema.into(), &1.into()), "{arguments}: {text}");
    has(&value, arguments, members);
    value
}

fn has(value: &Value, what: &str, members: &[&str]) {
    let lacks: Vec<&&str> = members.iter().filter(|member| value.get(**member).is_none()).collect();
    assert!(lacks.is_empty(), "{what} lacks {lacks:?}: {value}");
}

/// To be called when backend-app has two revisions.
pub(crate) fn hold(ground: &Ground) {
    status(ground);
    logs(ground);
    exec(ground);
    port_forward(ground);
    restart(ground);
    history_and_rollback(ground);
    dns(ground);
    the_way_in(ground);
    errors(ground);
}

fn status(ground: &Ground) {
    let members = ["environment", "serial", "pending", "resources", "releases"];
    let status = document(ground, "status demo --sandbox --json", "platctl/status", &members);
    has(&status["resources"][0], "a resource", &["address", "health", "id", "recorded"]);
    let releases = status["releases"].as_array().unwrap();
    let frontend = releases.iter().find(|release| release["name"] == "frontend-app").unwrap();
    let members =
        ["namespace", "revision", "status", "healthy", "wanted", "ready", "restarts", "pods", "endpoints"];
    has(frontend, "a release", &members);
    has(&frontend["pods"][0], "a pod", &["name", "ready", "restarts", "images", "node", "trouble"]);
    has(&frontend["endpoints"][0], "an endpoint", &["service", "ports", "ready", "load_balancer", "url"]);
}

fn logs(ground: &Ground) {
    let text = out(ground, "logs demo frontend-app --sandbox --json --tail 3", 0);
    assert!(text.lines().count() > 0, "it writes a line a request");
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["schema"], &line["version"]), (&"platctl/log".into(), &1.into()), "{line}");
        has(&line, "a line", &["pod", "container", "time", "line"]);
    }
    // One after the other, each as soon as it is there.
    let mut command = ground.command("logs demo frontend-app --sandbox --json --tail 1 -f");
    let mut following = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(following.stdout.take().unwrap()).read_line(&mut line).unwrap();
    following.kill().unwrap();
    following.wait().unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    has(&line, "a line", &["pod", "line"]);
}

fn exec(ground: &Ground) {
    let members = ["pod", "container", "exit_code", "stdout", "stderr"];
    let run = "exec demo frontend-app --sandbox --json -- /app/frontend-app probe get http://backend-service/health";
    let ran = document(ground, run, "platctl/exec", &members);
    assert!(ran["exit_code"] == 0 && ran["stdout"].as_str().unwrap().contains("healthy"), "{ran}");
    // The remote code is passed on, and is no error of ours.
    let fails = "exec demo frontend-app --sandbox --json -- /app/frontend-app probe resolve nobody.invalid";
    let ran: Value = serde_json::from_str(&out(ground, fails, 1)).unwrap();
    assert_eq!((&ran["schema"], &ran["exit_code"]), (&"platctl/exec".into(), &1.into()), "{ran}");
}

fn port_forward(ground: &Ground) {
    let mut command = ground.command("port-forward demo backend-app --sandbox --json 0:8000");
    let mut forward = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(forward.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert_eq!((&told["schema"], &told["port"]), (&"platctl/port-forward".into(), &8000.into()), "{told}");
    has(&told, "port-forward", &["version", "service", "pod"]);
    let (code, _) = fetch(told["url"].as_str().unwrap(), "/health").unwrap();
    forward.kill().unwrap();
    forward.wait().unwrap();
    assert_eq!(code, 200);
}

fn restart(ground: &Ground) {
    let members = ["service", "deployments", "seconds"];
    let told = document(ground, "restart demo backend-app --sandbox --json", "platctl/restart", &members);
    assert_eq!(told["deployments"][0], "backend-app");
}

fn history_and_rollback(ground: &Ground) {
    let history = "history demo backend-app --sandbox --json";
    let before = document(ground, history, "platctl/history", &["release", "namespace", "revisions"]);
    let revisions = before["revisions"].as_array().unwrap();
    let members = ["revision", "updated", "status", "chart", "app_version", "description"];
    has(&revisions[0], "a revision", &members);
    assert_eq!(revisions.len(), 2, "{before}");
    let members = ["release", "namespace", "revision", "from"];
    let back = document(ground, "rollback demo backend-app --sandbox --json", "platctl/rollback", &members);
    assert_eq!((&back["revision"], &back["from"]), (&3.into(), &1.into()), "{back}");
}

fn dns(ground: &Ground) {
    let told = document(
        ground,
        "dns demo --sandbox --json",
        "platctl/dns",
        &["environment", "exit_code", "findings"],
    );
    has(&told["findings"][0], "a finding", &["check", "verdict", "told", "hint"]);
}

/// What other programs read has the form that they know.
fn the_way_in(ground: &Ground) {
    let token: Value = serde_json::from_str(&out(ground, "token demo --sandbox --json", 0)).unwrap();
    assert_eq!(token["kind"], "ExecCredential");
    assert!(token["status"]["token"].as_str().unwrap().starts_with("k8s-aws-v1."), "{token}");
    let kubeconfig: Value =
        serde_json::from_str(&out(ground, "kubeconfig demo --sandbox --json", 0)).unwrap();
    assert_eq!((&kubeconfig["kind"], kubeconfig["users"][0].is_object()), (&"Config".into(), true));
    let write =
        format!("kubeconfig demo --sandbox --json --write --file {}", ground.path("kubeconfig").display());
    for changed in [true, false] {
        let told = document(ground, &write, "platctl/kubeconfig", &["file", "context", "changed"]);
        assert_eq!(told["changed"], changed, "{told}");
    }
}

/// Every one of them, asked for what is not there or in words that nobody knows.
fn errors(ground: &Ground) {
    for (arguments, code) in [
        ("status nowhere", 64),
        ("logs demo nobody", 64),
        ("logs demo backend-app --tail many", 64),
        ("exec demo nobody -- /bin/true", 64),
        ("exec demo backend-app --pod none -- /bin/true", 1),
        ("port-forward demo nobody", 64),
        ("port-forward demo backend-app 0:0", 64),
        ("port-forward demo backend-app none", 64),
        ("restart demo nobody", 64),
        ("history demo nobody", 1),
        ("history demo", 64),
        ("rollback demo nobody", 1),
        ("rollback demo backend-app 99", 1),
        ("dns nowhere", 64),
        ("token nowhere", 64),
        ("kubeconfig nowhere", 64),
        ("kubeconfig demo --file x", 64),
    ] {
        let verb = arguments.split(' ').next().unwrap();
        let arguments = arguments.replacen(verb, &format!("{verb} --sandbox --json"), 1);
        let text = out(ground, &arguments, code);
        let error: Value =
            serde_json::from_str(&text).unwrap_or_else(|no| panic!("{arguments}: {no}: {text}"));
        assert_eq!(
            (&error["schema"], &error["exit_code"]),
            (&"platctl/error".into(), &code.into()),
            "{text}"
        );
        assert!(!error["message"].as_str().unwrap().is_empty() && text.lines().count() == 1, "{text}");
    }
    // Behind `--` it is another program's.
    let output = ground.command("exec demo nobody --sandbox -- x --json").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(64), 0));
}
