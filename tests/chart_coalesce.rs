//! Random trees of charts with random values, rendered by this engine and by Helm's library: every chart
//! must see the same values, and the same charts must take part.

#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "tests may panic, and grammars are long")]

mod chart_support;

use std::collections::BTreeMap;

use chart_support::{Oracle, peers};
use platctl::chart::host::Host;
use platctl::chart::render::{RenderOptions, render};
use platctl::chart::{File, Value, json, load, yaml};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A world in which nothing happens.
struct Still;

impl Host for Still {
    fn now(&self) -> (i64, u32) {
        (0, 0)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

const NAMES: [&str; 4] = ["sub", "other", "deep", "lib"];

/// Values whose keys often meet: names of charts, `global`, `exports`, a few others; nulls everywhere.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::Bool),
        2 => (0..5i32).prop_map(|number| Value::Float(f64::from(number))),
        2 => "[a-c]".prop_map(Value::String),
        1 => Just(Value::List(vec![Value::Null, Value::Map([("x".to_owned(), Value::Null)].into())])),
    ];
    let key = prop::sample::select(vec![
        "a", "b", "c", "global", "global", "sub", "other", "deep", "alias", "enabled", "exports", "tags",
        "front", "data",
    ]);
    let tree = leaf.prop_recursive(4, 30, 5, move |inner| {
        prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..5).prop_map(Value::Map)
    });
    tree.prop_map(|value| match value {
        Value::Map(_) => value,
        other => Value::Map([("a".to_owned(), other)].into()),
    })
}

/// The files of a chart and the charts inside it.
#[derive(Debug, Clone)]
struct Tree {
    name: &'static str,
    values: Value,
    dependencies: Vec<String>,
    children: Vec<Tree>,
}

fn dependency(name: &'static str) -> impl Strategy<Value = String> {
    let condition = prop::sample::select(vec![
        "",
        "",
        "sub.enabled",
        "deep.enabled,other.enabled",
        "enabled",
        "a.b",
        "global.enabled",
    ]);
    let tags = prop::sample::select(vec!["", "", "front", "front, data"]);
    let imports = prop::sample::select(vec![
        "",
        "",
        "[a]",
        "[{child: a, parent: b}]",
        "[{child: global, parent: .}, data]",
        "[{child: exports.a, parent: c.b}]",
    ]);
    let alias = prop::sample::select(vec!["", "", "", "alias"]);
    let range = prop::sample::select(vec!["*", "1.x", ">=1.0.0", "^2"]);
    (condition, tags, imports, alias, range).prop_map(move |(condition, tags, imports, alias, range)| {
        let mut text = format!("- name: {name}\n  version: '{range}'\n");
        for (field, value) in [("condition", condition), ("alias", alias), ("import-values", imports)] {
            if !value.is_empty() {
                text.push_str(&format!("  {field}: {value}\n"));
            }
        }
        if !tags.is_empty() {
            text.push_str(&format!("  tags: [{tags}]\n"));
        }
        text
    })
}

fn tree(name: &'static str, depth: u32) -> impl Strategy<Value = Tree> {
    let inner = if depth == 0 {
        Just(Vec::new()).boxed()
    } else {
        let one = move |name: &'static str| {
            prop::option::weighted(
                0.55,
                (tree(name, depth - 1).boxed(), prop::option::weighted(0.8, dependency(name))),
            )
        };
        let names = if depth == 2 { [NAMES[0], NAMES[1]] } else { [NAMES[2], NAMES[3]] };
        (one(names[0]), one(names[1])).prop_map(|(a, b)| [a, b].into_iter().flatten().collect()).boxed()
    };
    (values(), inner).prop_map(move |(values, inner): (Value, Vec<(Tree, Option<String>)>)| {
        let (children, dependencies): (Vec<_>, Vec<_>) = inner.into_iter().unzip();
        Tree { name, values, children, dependencies: dependencies.into_iter().flatten().collect() }
    })
}

impl Tree {
    fn files(&self, prefix: &str, out: &mut BTreeMap<String, String>) {
        let mut chart = format!("apiVersion: v2\nname: {}\nversion: 1.2.0\n", self.name);
        if !self.dependencies.is_empty() {
            chart.push_str("dependencies:\n");
            self.dependencies.iter().for_each(|text| chart.push_str(text));
        }
        out.insert(format!("{prefix}Chart.yaml"), chart);
        out.insert(format!("{prefix}values.yaml"), yaml::write(&self.values).unwrap());
        out.insert(format!("{prefix}templates/v.yaml"), "v: {{ toJson .Values }}\n".to_owned());
        for child in &self.children {
            child.files(&format!("{prefix}charts/{}/", child.name), out);
        }
    }
}

fn ours(files: &BTreeMap<String, String>, given: &Value) -> Result<BTreeMap<String, String>, String> {
    let files = files.iter().map(|(name, text)| File::new(name.as_str(), text.as_bytes())).collect();
    let chart = load::from_files(files).map_err(|error| error.to_string())?;
    let rendered = render(chart, given.as_map().unwrap(), &RenderOptions::install("r", "n"), &Still)
        .map_err(|error| error.to_string())?;
    let objects = rendered.manifest.objects.into_iter();
    Ok(objects.map(|object| (object.template, object.content.trim().to_owned())).collect())
}

#[test]
fn every_chart_sees_the_values_helm_shows_it() {
    if !peers() {
        return;
    }
    let mut oracle = Oracle::start();
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = (tree("root", 2), values());
    let (mut differences, mut same, mut refused) = (Vec::new(), 0, 0);
    for _ in 0..4_000 {
        let (tree, given) = strategy.new_tree(&mut runner).unwrap().current();
        let mut files = BTreeMap::new();
        tree.files("", &mut files);
        let given_json: serde_json::Value = serde_json::from_str(&json::write(&given).unwrap()).unwrap();
        let request = serde_json::json!({"op": "render", "files": files, "values": given_json, "name": "r", "namespace": "n"});
        let theirs = oracle.ask(&request);
        match (ours(&files, &given), theirs) {
            (Ok(ours), Ok(theirs)) => {
                let theirs: BTreeMap<String, String> = theirs
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, text)| (name.clone(), text.as_str().unwrap().trim().to_owned()))
                    .collect();
                if ours == theirs {
                    same += 1;
                } else {
                    differences.push(format!(
                        "{files:#?}\ngiven {given_json}\nours   {ours:#?}\ntheirs {theirs:#?}"
                    ));
                }
            }
            (Err(_), Err(_)) => refused += 1,
            (ours, theirs) => differences
                .push(format!("{files:#?}\ngiven {given_json}\nours   {ours:?}\ntheirs {theirs:?}")),
        }
    }
    eprintln!("{same} the same, {refused} refused by both, {} different", differences.len());
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences[0]);
    assert!(same > 1_000);
}
