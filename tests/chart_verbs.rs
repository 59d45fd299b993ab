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
