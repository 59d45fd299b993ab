//! The records of releases, with Helm's own library at the same ones.
//!
//! `PLATCTL_PEERS=1` runs it. The records are kept by `tests/peers/kube_store.py`, which keeps whatever it is given: the
//! judge of their form is Helm.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod chart_support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use chart_support::{Oracle, peers};
use platctl::chart::host::Host;
use platctl::chart::render::{self, RenderOptions};
use platctl::chart::{File, load};
use platctl::chart::{Object, Value as ChartValue};
use platctl::provider::kube::{Access, Cluster};
use platctl::release::{Composition, Revision, Stamp, Status, compose, read, rollback, secret};
use serde_json::{Value, json};

/// A place for records, gone when dropped.
struct Store {
    process: Child,
    folder: tempfile::TempDir,
}

impl Store {
    fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/kube_store.py");
        let mut process = Command::new("python3").arg(script).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let store = Self { process, folder: tempfile::tempdir().unwrap() };
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": format!("http://127.0.0.1:{}", port.trim())}}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        });
        fs::write(store.folder.path().join("kubeconfig"), kubeconfig.to_string()).unwrap();
        store
    }

    fn kubeconfig(&self) -> String {
        self.folder.path().join("kubeconfig").display().to_string()
    }

    /// Runs platctl on an environment whose cluster this is; gives what it says on both streams.
    fn platctl(&self, arguments: &str, code: i32) -> String {
        let environments = self.folder.path().join("environments");
        if !environments.exists() {
            fs::create_dir(&environments).unwrap();
            let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/environments");
            for file in fs::read_dir(shipped).unwrap() {
                let file = file.unwrap().path();
                fs::copy(&file, environments.join(file.file_name().unwrap())).unwrap();
            }
            let dev = environments.join("dev.toml");
            let text = fs::read_to_string(&dev).unwrap();
            let existing = format!("kubeconfig = \"{}\"\ncontext = \"c\"\n", self.kubeconfig());
            fs::write(&dev, format!("{text}\n[cluster.existing]\n{existing}")).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(self.folder.path()).args(arguments.split_whitespace());
        let output = command.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "platctl {arguments}\n{told}");
        told
    }

    fn cluster(&self) -> Cluster {
        Cluster::new(Access::Context { file: Some(self.kubeconfig().into()), context: "c".to_owned() })
    }

    fn helm(&self, helm: &mut Oracle, action: &str, request: Value) -> Value {
        let mut whole =
            json!({"op": "release", "action": action, "kubeconfig": self.kubeconfig(), "namespace": "x"});
        whole.as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
        helm.ask(&whole).unwrap_or_else(|error| panic!("{action}: {error}"))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// No clock and no dice: the templates here ask for neither.
struct NoHost;

impl Host for NoHost {
    fn now(&self) -> (i64, u32) {
        (0, 0)
    }

    fn fill_random(&self, _: &mut [u8]) {}
}

/// A chart of which nothing but its records goes anywhere: one hook that never runs, and notes.
fn files() -> Value {
    json!({
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: '7'\ndescription: A web\nkeywords: [a]\n\
            home: https://example.com\nmaintainers: [{name: n, email: e}]\nannotations: {a: b}\ntype: application\n",
        "values.yaml": "replicas: 2\nratio: 0.5\nlarge: 3000000000\n",
        "values.schema.json": "{\"type\": \"object\"}",
        "templates/NOTES.txt": "Well done, {{ .Values.n }}.\n",
        "templates/hook.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations:\n    \
            helm.sh/hook: post-delete,test\n    helm.sh/hook-weight: \"-5\"\n    \
            helm.sh/hook-delete-policy: hook-succeeded\n",
        "README.md": "# web\n",
    })
}

fn composed(name: &str, first: &Revision) -> Revision {
    let files = files();
    let files = files.as_object().unwrap().iter();
    let files = files.map(|(name, text)| File::new(name.as_str(), text.as_str().unwrap().as_bytes()));
    let chart = load::from_files(files.collect()).unwrap();
    let options = RenderOptions::install(name, "x");
    // As a values file gives it.
    let values = Object::from([("n".to_owned(), ChartValue::Float(3.0))]);
    let rendered = render::render(chart.clone(), &values, &options, &NoHost).unwrap();
    compose(&Composition {
        release: &options.release,
        chart: &chart,
        values: &values,
        rendered: &rendered,
        first_deployed: None,
        at: first.last_deployed().parse().unwrap(),
    })
}

/// A document with what may differ taken out: the age of files, which we do not record, empty things, order.
fn plain(document: &Value) -> Value {
    match document {
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, value)| {
                let empty = value.is_null() || **value == json!([]) || **value == json!("");
                !empty && !["modtime", "schemamodtime"].contains(&key.as_str())
            });
            let mut kept: Vec<(String, Value)> =
                kept.map(|(key, value)| (key.clone(), plain(value))).collect();
            kept.sort_by(|a, b| a.0.cmp(&b.0));
            kept.into_iter().collect()
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(plain).collect();
            items.sort_by_key(|item| item["name"].as_str().map(str::to_owned));
            Value::Array(items)
        }
        other => other.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_record_is_what_helm_records_and_reads() {
    if !peers() {
        return;
    }
    let store = Store::start();
    let cluster = store.cluster();
    let mut helm = Oracle::start();
    let request = json!({"files": files(), "arguments": {"name": "web", "values": {"n": 3}}});
    store.helm(&mut helm, "install", request);
    let secrets = cluster.secrets(Some("x"), "owner=helm,name=web").await.unwrap();
    assert_eq!(secrets.len(), 1);
    let theirs = read(&secrets[0]).unwrap();

    ours_is_theirs(&secrets[0], &theirs);
    helm_reads_ours(&store, &cluster, &mut helm, &theirs).await;
    we_read_helms(&store, &cluster, &mut helm).await;
    we_tell_what_helm_tells(&store);
}

/// The same chart, composed by us, is the same document, and the Secret around it the same but for when.
fn ours_is_theirs(stored: &Value, theirs: &Revision) {
    let mut ours = composed("web", theirs);
    assert_eq!(ours.status(), Status::PendingInstall);
    ours.mark(Status::Deployed, Some("Install complete"));
    let mut expected = plain(theirs.document());
    // The one word of ours: how Helm is to go on with it (`docs/decisions/releases.md`).
    assert_eq!(expected["apply_method"], "ssa");
    expected["apply_method"] = json!("csa");
    assert_eq!(plain(ours.document()), expected);
    let mut around = secret(&ours, Stamp::Modified(0)).unwrap();
    for (key, value) in around.as_object_mut().unwrap() {
        match key.as_str() {
            "metadata" => {
                value["labels"]["modifiedAt"] = stored["metadata"]["labels"]["modifiedAt"].clone();
                assert_eq!(value["labels"], stored["metadata"]["labels"]);
                assert_eq!(value["name"], stored["metadata"]["name"]);
            }
            "data" => {}
            _ => assert_eq!(*value, stored[key], "{key}"),
        }
    }
}

/// Helm reads what we record: a release of our own, and a rollback of it.
async fn helm_reads_ours(store: &Store, cluster: &Cluster, helm: &mut Oracle, theirs: &Revision) {
    let mut twin = composed("twin", theirs);
    twin.mark(Status::Superseded, Some("Install complete"));
    cluster.create_secret(&secret(&twin, Stamp::Created(1_700_000_000)).unwrap()).await.unwrap();
    let at = theirs.last_deployed().parse().unwrap();
    let (mut again, from) = rollback("twin", std::slice::from_ref(&twin), Some(1), at).unwrap();
    assert_eq!((again.number(), from), (2, 1));
    cluster.create_secret(&secret(&again, Stamp::Created(1_700_000_000)).unwrap()).await.unwrap();
    again.mark(Status::Deployed, None);
    cluster.replace_secret(&secret(&again, Stamp::Modified(1_700_000_001)).unwrap()).await.unwrap();
    let history = store.helm(helm, "history", json!({"arguments": {"name": "twin"}}));
    let mut told: Vec<String> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {}",
                one["revision"],
                one["status"].as_str().unwrap(),
                one["chart_version"].as_str().unwrap()
            )
        })
        .collect();
    told.sort();
    assert_eq!(told, ["1 superseded 1.0.0", "2 deployed 1.0.0"]);
    let values = store.helm(helm, "get_values", json!({"arguments": {"name": "twin"}}));
    assert_eq!(values, json!({"n": 3}));
    let all = store.helm(helm, "get_all", json!({"arguments": {"name": "twin"}}));
    assert_eq!(
        (&all["info"]["notes"], &all["hooks"]),
        (&json!("Well done, 3.\n"), &again.document()["hooks"])
    );
    let listed = store.helm(helm, "list", json!({}));
    let mut names: Vec<&str> =
        listed.as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["twin", "web"]);
}

/// Helm's rollback of our release is understood by us.
async fn we_read_helms(store: &Store, cluster: &Cluster, helm: &mut Oracle) {
    store.helm(helm, "rollback", json!({"arguments": {"name": "twin", "version": 1}}));
    let secrets = cluster.secrets(None, "owner=helm,name=twin").await.unwrap();
    let mut told: Vec<(u64, Status)> = secrets
        .iter()
        .map(|secret| {
            let revision = read(secret).unwrap();
            (revision.number(), revision.status())
        })
        .collect();
    told.sort_by_key(|one| one.0);
    assert_eq!(told, [(1, Status::Superseded), (2, Status::Superseded), (3, Status::Deployed)]);
}

/// Our history is told as `helm history` tells it.
fn we_tell_what_helm_tells(store: &Store) {
    let told = store.platctl("history dev twin --quiet", 0);
    let lines: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["REVISION", "UPDATED", "STATUS", "CHART", "APP", "VERSION", "DESCRIPTION"]);
    let last = &lines[3];
    assert_eq!((last[0], last[2], last[3], last[4]), ("3", "deployed", "web-1.0.0", "7"), "{told}");
    assert_eq!(last[5..], ["Rollback", "to", "1"]);
    let told = store.platctl("history dev twin -n x --json --quiet", 0);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["namespace"], &told["revisions"][1]["status"]), (&json!("x"), &json!("superseded")));
    let told = store.platctl("history dev nothing", 1);
    assert!(told.contains("no release nothing is recorded in any namespace"), "{told}");
}
