//! What the chart tests share: a fixed host, the root object of a chart, and Helm's library as oracle.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use platctl::chart::Value;
use platctl::chart::host::Host;
use platctl::chart::template::{Capabilities, Engine, Error, HelmVersion, KubeVersion, Object, Options};
use serde_json::json;

/// A host with a fixed clock and a small generator of numbers.
pub(crate) struct FixedHost(std::cell::Cell<u64>);

impl FixedHost {
    pub(crate) fn new() -> Self {
        Self(std::cell::Cell::new(0x9e37_79b9_7f4a_7c15))
    }
}

impl Host for FixedHost {
    fn now(&self) -> (i64, u32) {
        (1_700_000_000, 123_456_789)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut state = self.0.get();
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            self.0.set(state);
            *byte = (state >> 24) as u8;
        }
    }
}

/// The files of a case, by their path in the chart.
pub(crate) type Files = BTreeMap<String, String>;

/// What rendering gives: text by template name, or an error.
pub(crate) type Rendered = Result<BTreeMap<String, String>, String>;

fn default_api_versions() -> Vec<String> {
    include_str!("api_versions.txt").lines().map(str::to_owned).collect()
}

fn capabilities() -> Object {
    Object::capabilities(Capabilities {
        kube_version: Rc::new(KubeVersion {
            version: "v1.36.0".into(),
            normalized: "v1.36.0".into(),
            major: "1".into(),
            minor: "36".into(),
        }),
        api_versions: default_api_versions(),
        helm_version: Rc::new(HelmVersion {
            version: "v4.2".into(),
            git_commit: String::new(),
            git_tree_state: String::new(),
            go_version: "go1.26.6".into(),
            kube_client_version: "v1.36".into(),
        }),
    })
}

fn chart_object() -> Object {
    let text = |value: &'static str| Object::text(value);
    Object::map_of([
        ("APIVersion", text("v2")),
        ("Annotations", Object::Map(nil_text_map())),
        ("AppVersion", text("")),
        ("Condition", text("")),
        ("Dependencies", Object::list_of([])),
        ("Deprecated", Object::Bool(false)),
        ("Description", text("")),
        ("Home", text("")),
        ("Icon", text("")),
        ("IsRoot", Object::Bool(true)),
        ("Keywords", Object::list_of([])),
        ("KubeVersion", text("")),
        ("Maintainers", Object::list_of([])),
        ("Name", text("c")),
        ("Sources", Object::list_of([])),
        ("Tags", text("")),
        ("Type", text("")),
        ("Version", text("0.1.0")),
    ])
}

fn nil_text_map() -> platctl::chart::template::Map {
    match Object::text_map([]) {
        Object::Map(map) => map,
        _ => unreachable!("a text map is a map"),
    }
}

/// Renders a chart of plain templates with the engine under test.
pub(crate) fn render(files: &Files, values: &serde_json::Value) -> Rendered {
    render_with(files, values, Options::default()).map_err(|error| error.to_string())
}

pub(crate) fn render_with(
    files: &Files,
    values: &serde_json::Value,
    options: Options,
) -> Result<BTreeMap<String, String>, Box<Error>> {
    let host = FixedHost::new();
    let is_template = |name: &str| name.starts_with("templates/");
    let templates = files.iter().filter(|(name, _)| is_template(name));
    let templates: BTreeMap<String, String> =
        templates.map(|(name, text)| (format!("c/{name}"), text.clone())).collect();
    let engine = Engine::new(templates, options, &host)?;
    let others = files
        .iter()
        .filter(|(name, _)| !is_template(name) && *name != "Chart.yaml" && *name != "values.yaml");
    let root = Object::values_of([
        ("Values", Object::values(&plain(values))),
        ("Chart", chart_object()),
        ("Release", release()),
        ("Capabilities", capabilities()),
        ("Files", Object::files(others.map(|(name, text)| (name.as_str(), text.clone().into_bytes())))),
        ("Subcharts", Object::map_of::<&str>([])),
    ]);
    let map = root.as_map().expect("the root is a map").clone();
    let mut rendered = BTreeMap::new();
    let names: Vec<String> = engine.files().map(str::to_owned).collect();
    for name in names {
        let template = [("Name", Object::text(name.as_str())), ("BasePath", Object::text("c/templates"))];
        map.set("Template", Object::values_of(template));
        rendered.insert(name.clone(), engine.render(&name, &root)?);
    }
    Ok(rendered)
}

fn release() -> Object {
    Object::map_of([
        ("Name", Object::text("release")),
        ("Namespace", Object::text("space")),
        ("Revision", Object::integer(1)),
        ("IsInstall", Object::Bool(true)),
        ("IsUpgrade", Object::Bool(false)),
        ("Service", Object::text("Helm")),
    ])
}

/// Values as Helm reads them: every number is a float.
fn plain(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap_or(0.0)),
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(plain).collect()),
        serde_json::Value::Object(members) => {
            Value::Map(members.iter().map(|(key, value)| (key.clone(), plain(value))).collect())
        }
    }
}

/// Whether the peers are to be asked; without them the tests that need them say so and end.
pub(crate) fn peers() -> bool {
    std::env::var_os("PLATCTL_PEERS").is_some_and(|value| value == "1")
}

/// Helm's own library in a Python process.
pub(crate) struct Oracle {
    child: Child,
    replies: Receiver<String>,
    asked: usize,
}

/// How long Helm may take over a case, and how many cases one process gets: its memory grows with each.
const PATIENCE: Duration = Duration::from_secs(20);
const CASES: usize = 2_000;

impl Oracle {
    /// Starts it; installs the library into a virtual environment first if it is not there.
    pub(crate) fn start() -> Self {
        let (child, replies) = Self::spawn();
        Self { child, replies, asked: 0 }
    }

    fn spawn() -> (Child, Receiver<String>) {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let root = if root.join("tests/peers/helm_oracle.py").exists() { root } else { source_root() };
        let python =
            Command::new(root.join("scripts/helm-oracle-install")).output().expect("the installation runs");
        assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
        let python = String::from_utf8(python.stdout).expect("a path").trim().to_owned();
        let mut child = Command::new(python)
            .arg(root.join("tests/peers/helm_oracle.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the oracle starts");
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let (sender, replies) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        (child, replies)
    }

    /// What Helm makes of a case.
    pub(crate) fn render(&mut self, files: &Files, values: &serde_json::Value) -> Rendered {
        self.ask(files, values).unwrap_or_else(|| Err("Helm crashed".to_owned()))
    }

    /// As [`Self::ask`], by a new process.
    pub(crate) fn ask_anew(&mut self, files: &Files, values: &serde_json::Value) -> Option<Rendered> {
        self.asked = CASES;
        let _ = self.ask(&Files::from([("templates/a.yaml".to_owned(), String::new())]), values);
        self.ask(files, values)
    }

    /// What Helm makes of a case; nothing if its process dies of it or never ends (of a map that contains
    /// itself, say).
    pub(crate) fn ask(&mut self, files: &Files, values: &serde_json::Value) -> Option<Rendered> {
        let mut files = files.clone();
        files.insert("Chart.yaml".into(), "apiVersion: v2\nname: c\nversion: 0.1.0\n".into());
        let request = json!({
            "op": "render", "files": files, "values": values, "name": "release", "namespace": "space"
        });
        let input = self.child.stdin.as_mut().expect("its input is piped");
        writeln!(input, "{request}").expect("the oracle reads");
        input.flush().expect("the oracle reads");
        self.asked += 1;
        let reply = self.replies.recv_timeout(PATIENCE);
        if reply.is_err() || self.asked >= CASES {
            // Dead, stuck, or grown old.
            let _ = self.child.kill();
            self.child.wait().expect("the oracle has ended");
            (self.child, self.replies) = Self::spawn();
            self.asked = 0;
        }
        let line = reply.ok()?;
        let reply: serde_json::Value = serde_json::from_str(&line).expect("the oracle answers in JSON");
        Some(match reply.get("ok") {
            Some(rendered) => Ok(serde_json::from_value(rendered.clone()).expect("text by name")),
            None => Err(reply["error"].as_str().unwrap_or_default().to_owned()),
        })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn source_root() -> PathBuf {
    let file = PathBuf::from(file!());
    file.ancestors().nth(3).expect("tests/chart/support.rs is three levels deep").to_path_buf()
}
