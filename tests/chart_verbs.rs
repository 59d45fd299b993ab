//! The `chart` verbs, driven as a caller drives them: what `helm template` prints, the arguments, and what is
//! told when something is wrong.

#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "tests may panic, and list many cases")]

use std::path::Path;

use clap::Parser;
use platctl::cli::chart::{ChartCommand, ChartProblem, ChartReport, Fault, World, run};

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: ChartCommand,
}

async fn verb(folder: &Path, line: &[&str]) -> Result<ChartReport, ChartProblem> {
    let command = Line::try_parse_from(std::iter::once("chart").chain(line.iter().copied())).unwrap().command;
    let world = World {
        cache: folder.join("cache"),
        docker_config: folder.join("none.json"),
        repositories: folder.join("none.yaml"),
        now: "2026-01-02T03:04:05Z".parse().unwrap(),
    };
    run(&command, &world).await
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn app() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\nspec:\n  port: {{ .Values.port }}\n  upgrade: {{ .Release.IsUpgrade }}\n  kube: {{ .Capabilities.KubeVersion }}\n  extra: {{ .Capabilities.APIVersions.Has \"x/v1\" }}\n";
    let hooks = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: test\n  annotations:\n    helm.sh/hook: test\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: before\n  annotations:\n    helm.sh/hook: pre-install\n";
    write(
        folder.path(),
        &[
            ("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\nkubeVersion: '>=1.25-0'\n"),
            ("app/values.yaml", "port: 80\n"),
            ("app/values.schema.json", r#"{"properties":{"port":{"type":"integer"}}}"#),
            ("app/templates/service.yaml", service),
            (
                "app/templates/config.yaml",
                "kind: ConfigMap\nmetadata: {name: c}\ndata: {{ toYaml .Values | nindent 2 }}\n",
            ),
            ("app/templates/hooks.yaml", hooks),
            ("app/templates/NOTES.txt", "Hello {{ .Release.Name }}"),
            ("app/crds/crd.yaml", "kind: CustomResourceDefinition\n"),
            ("more.yaml", "port: 8080\na: {b: 1}\n"),
            ("file.txt", "one\ntwo"),
        ],
    );
    folder
}

#[tokio::test]
async fn render_prints_what_helm_template_prints() {
    let folder = app();
    let chart = folder.path().join("app");
    let chart = chart.to_str().unwrap();
    let report = verb(folder.path(), &["render", chart]).await.unwrap();
    let wanted = "---\n# Source: app/templates/config.yaml\nkind: ConfigMap\nmetadata: {name: c}\ndata: \n  port: 80\n\n---\n# Source: app/templates/service.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: release-name\n  namespace: default\nspec:\n  port: 80\n  upgrade: false\n  kube: v1.36.0\n  extra: false\n---\n# Source: app/templates/hooks.yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: test\n  annotations:\n    helm.sh/hook: test\n---\n# Source: app/templates/hooks.yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: before\n  annotations:\n    helm.sh/hook: pre-install\n\n";
    assert_eq!(report.data, wanted);
    assert!(report.notices.is_empty() && !report.failed);
}

#[tokio::test]
async fn render_takes_the_flags_of_helm_template() {
    let folder = app();
    let (chart, more) = (folder.path().join("app"), folder.path().join("more.yaml"));
    let file = format!("text={}", folder.path().join("file.txt").display());
    let (chart, more) = (chart.to_str().unwrap(), more.to_str().unwrap());
    let line = [
        "render",
        "web",
        chart,
        "-n",
        "prod",
        "-f",
        more,
        "--set",
        "a.b=2,l={x,1}",
        "--set-string",
        "s=1",
        "--set-json",
        r#"j={"k":[null]}"#,
        "--set-file",
        &file,
        "--set-literal",
        "v=a,b",
        "--kube-version",
        "1.30.2",
        "--api-versions",
        "y/v1,x/v1",
        "--include-crds",
        "--skip-tests",
        "--is-upgrade",
        "--notes",
    ];
    let report = verb(folder.path(), &line).await.unwrap();
    let data = &report.data;
    assert!(data.starts_with("---\n# Source: app/crds/crd.yaml\nkind: CustomResourceDefinition\n"), "{data}");
    for part in [
        "  a:\n    b: 2\n",
        "  l:\n  - x\n  - 1\n",
        "  s: \"1\"\n",
        "  j:\n    k:\n    - null\n",
        "  text: |-\n    one\n    two\n",
        "  v: a,b\n",
        "port: 8080\n",
        "name: web\n",
        "namespace: prod\n",
        "upgrade: true\n",
        "kube: v1.30.2\n",
        "extra: true\n",
        "name: before\n",
    ] {
        assert!(data.contains(part), "{part} is not in\n{data}");
    }
    assert!(!data.contains("name: test\n"));
    assert_eq!(report.notices, ["Hello web"]);
    let only =
        verb(folder.path(), &["render", chart, "--no-hooks", "-s", "templates/s*.yaml"]).await.unwrap().data;
    assert!(only.starts_with("---\n# Source: app/templates/service.yaml\n") && !only.contains("ConfigMap"));
    let error = verb(folder.path(), &["render", chart, "-s", "templates/none.yaml"]).await.unwrap_err();
    assert_eq!(error.to_string(), "could not find template templates/none.yaml in chart");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_cause_and_a_way_out() {
    let folder = app();
    let chart = folder.path().join("app");
    let chart = chart.to_str().unwrap();
    for (line, fault, message, hint) in [
        (
            vec!["render", chart, "--set", "port=x"],
            Fault::Failed,
            "at '/port'",
            Some("--skip-schema-validation"),
        ),
        (vec!["render", chart, "--set", "a[x]=1"], Fault::Usage, "failed parsing --set data", None),
        (vec!["render", chart, "-f", "/none.yaml"], Fault::Usage, "cannot read /none.yaml", None),
        (vec!["render", chart, "-f", chart], Fault::Usage, "cannot read", None),
        (vec!["render", "Upper_Case", chart], Fault::Usage, "is invalid", None),
        (vec!["render", "a", chart, "--name", "b"], Fault::Usage, "given twice", None),
        (vec!["render", chart, "--kube-version", "new"], Fault::Usage, "invalid kube version", None),
        (
            vec!["render", chart, "--kube-version", "1.20"],
            Fault::Failed,
            "which is incompatible with Kubernetes v1.20",
            Some("--kube-version"),
        ),
        (vec!["render", "/none"], Fault::Failed, "/none", None),
        (vec!["render", "oci://host"], Fault::Failed, "no chart reference", None),
        (
            vec!["render", "oci://127.0.0.1:1/a/b", "--offline", "--version", "1.0.0"],
            Fault::Failed,
            "not in the cache",
            Some("--offline"),
        ),
    ] {
        let error = verb(folder.path(), &line).await.unwrap_err();
        let told = error.lines().join(": ");
        assert!(told.contains(message), "{line:?}: {told}");
        assert_eq!(error.fault(), fault, "{line:?}: {told}");
        let has = error.hint().unwrap_or_default();
        assert!(hint.is_none_or(|hint| has.contains(hint)), "{line:?}: {has}");
    }
    write(folder.path(), &[("app/templates/bad.yaml", "a: {{ .Values.nothing.here.at.all }}\n")]);
    let error = verb(folder.path(), &["render", chart]).await.unwrap_err();
    assert!(error.lines()[0].contains("app/templates/bad.yaml:1:"), "{:?}", error.lines());
    write(folder.path(), &[("app/templates/bad.yaml", "a: [\n")]);
    let error = verb(folder.path(), &["render", chart]).await.unwrap_err();
    assert!(error.lines()[0].contains("YAML parse error on app/templates/bad.yaml"), "{:?}", error.lines());
}

#[tokio::test]
async fn dependencies_have_to_be_there_and_can_be_fetched() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            (
                "app/Chart.yaml",
                "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 1.x, repository: 'file://../sub'}\n",
            ),
            ("sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.3.0\n"),
            ("sub/templates/a.yaml", "kind: A\nname: {{ .Chart.Name }}\n"),
            ("sub/.helmignore", "secret*\n"),
            ("sub/secret.txt", "s"),
        ],
    );
    let chart = folder.path().join("app");
    let chart = chart.to_str().unwrap();
    let error = verb(folder.path(), &["render", chart]).await.unwrap_err();
    assert_eq!(error.to_string(), "found in Chart.yaml, but missing in charts/ directory: sub");
    assert!(error.hint().unwrap().contains("deps update"));
    let report = verb(folder.path(), &["deps", "update", chart]).await.unwrap();
    assert_eq!(report.notices, ["charts/sub-1.3.0.tgz", "the lock file is written"]);
    let rendered = verb(folder.path(), &["render", chart]).await.unwrap().data;
    assert_eq!(rendered, "---\n# Source: app/charts/sub/templates/a.yaml\nkind: A\nname: sub\n");
    let bytes = std::fs::read(folder.path().join("app/charts/sub-1.3.0.tgz")).unwrap();
    let packed = platctl::chart::load::from_archive(&bytes).unwrap();
    assert!(packed.files.iter().all(|file| file.name != "secret.txt"));
}

#[tokio::test]
async fn lint_finds_what_does_not_work() {
    let folder = app();
    let chart = folder.path().join("app");
    let path = chart.to_str().unwrap();
    // Kubernetes would refuse most of what the chart says of its service.
    let report = verb(folder.path(), &["lint", path]).await.unwrap();
    let told = "[ERROR] templates/service.yaml: line 1: Service test-release: spec.port: there is no such field (did you mean `ports`?)";
    assert!(report.data.contains(told), "{}", report.data);
    assert!(report.failed);
    let service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: {{ .Values.port }}}]}\n";
    write(folder.path(), &[("app/templates/service.yaml", service)]);
    let report = verb(folder.path(), &["lint", path]).await.unwrap();
    assert!(report.data.contains("[INFO] Chart.yaml: icon is recommended"), "{}", report.data);
    assert!(report.data.ends_with("1 chart(s) linted, 0 chart(s) failed\n") && !report.failed);
    write(
        folder.path(),
        &[
            ("app/templates/d.yaml", "kind: Deployment\nmetadata: {name: Bad_Name}\nspec: {}\n"),
            ("app/templates/x.json", "{}"),
            (
                "app/templates/r.yaml",
                "kind: A\nmetadata: {name: {{ required \"needed\" .Values.none | default \"ok\" }}}\n",
            ),
        ],
    );
    let report = verb(folder.path(), &["lint", path]).await.unwrap();
    for part in [
        "[ERROR] templates/x.json: file extension '.json' not valid",
        "[WARNING] templates/d.yaml: object name does not conform",
        "[ERROR] templates/d.yaml: a Deployment must contain matchLabels",
    ] {
        assert!(report.data.contains(part), "{part} is not in\n{}", report.data);
    }
    assert!(report.failed && report.data.contains("1 chart(s) failed"));
    let broken = verb(folder.path(), &["lint", path, "--set", "port=x"]).await.unwrap();
    assert!(broken.data.contains("[ERROR] values.yaml: values don't meet"), "{}", broken.data);
}

/// An API server that knows these answers: what a kube-apiserver 1.20 says, cut down to what is asked for.
fn api_server(answers: &'static [(&'static str, &'static str)]) -> String {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let path =
                lines.next().and_then(|line| Some(line.split(' ').nth(1)?.to_owned())).unwrap_or_default();
            let _rest = lines.take_while(|line| !line.is_empty()).count();
            let found = answers.iter().find(|(known, _)| *known == path);
            let missing = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not found","reason":"NotFound","code":404}"#;
            let (status, body) = found.map_or((404, missing), |(_, body)| (200, body));
            let head = "Content-Type: application/json\r\nConnection: close";
            let _ = write!(
                stream,
                "HTTP/1.1 {status} x\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn lookup_asks_the_cluster_that_is_named() {
    let address = api_server(&[
        (
            "/api/v1",
            r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"configmaps","namespaced":true,"kind":"ConfigMap"},{"name":"namespaces","namespaced":false,"kind":"Namespace"},{"name":"namespaces/status","namespaced":false,"kind":"Namespace"}]}"#,
        ),
        (
            "/api/v1/namespaces/space/configmaps/a",
            r#"{"kind":"ConfigMap","apiVersion":"v1","data":{"n":"1"},"x":3}"#,
        ),
        (
            "/api/v1/configmaps",
            r#"{"kind":"ConfigMapList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}"#,
        ),
        ("/api/v1/namespaces/space", r#"{"kind":"Namespace","apiVersion":"v1"}"#),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let template = r#"{{ with lookup "v1" "ConfigMap" "space" "a" }}one: {{ .data.n }} {{ kindOf .x }}{{ end }}
none: {{ lookup "v1" "ConfigMap" "space" "none" | toJson }}
all: {{ range (lookup "v1" "ConfigMap" "" "").items }}{{ .apiVersion }}/{{ .kind }}/{{ .metadata.name }} {{ end }}
cluster-wide: {{ (lookup "v1" "Namespace" "" "space").kind }}
"#;
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: '{address}'}}}}]\nusers: [{{name: u, user: {{}}}}]\ncontexts: [{{name: test, context: {{cluster: c, user: u}}}}]\n"
    );
    let unserved = r#"{{ lookup "no/v1" "Thing" "" "" }}"#;
    write(
        folder.path(),
        &[
            ("look/Chart.yaml", "apiVersion: v2\nname: look\nversion: 1.0.0\n"),
            ("look/templates/a.yaml", template),
            ("bad/Chart.yaml", "apiVersion: v2\nname: bad\nversion: 1.0.0\n"),
            ("bad/templates/a.yaml", unserved),
            ("kubeconfig", &kubeconfig),
        ],
    );
    let path = |name: &str| folder.path().join(name).display().to_string();
    let cluster = ["--kube-context", "test", "--kubeconfig", &path("kubeconfig")];
    let asked = verb(folder.path(), &[&["render", &path("look")], &cluster[..]].concat()).await.unwrap().data;
    let wanted = "one: 1 int64\nnone: {}\nall: v1/ConfigMap/a v1/ConfigMap/b \ncluster-wide: Namespace\n";
    assert!(asked.contains(wanted), "{asked}");
    let offline = verb(folder.path(), &["render", &path("look")]).await.unwrap().data;
    assert!(offline.contains("\nnone: {}\nall: \ncluster-wide:\n"), "{offline}");
    let error = verb(folder.path(), &[&["render", &path("bad")], &cluster[..]].concat()).await.unwrap_err();
    assert!(error.to_string().contains("the cluster serves no Thing of no/v1"), "{error}");
}
