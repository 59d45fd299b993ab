//! Values, YAML and `--set` against Helm's own library: thousands of generated cases, compared exactly.

#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "tests may panic, and grammars are long")]

mod chart_support;

use chart_support::{Oracle, peers};
use platctl::chart::values::{set, set_json, set_literal, set_string};
use platctl::chart::{Object, Value, json, toml, yaml};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

/// Draws `count` samples, the same ones every time; the seed is the runner's own fixed one.
fn samples<T>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn text() -> impl Strategy<Value = String> {
    let words = [
        "",
        "yes",
        "No",
        "on",
        "~",
        "null",
        "true",
        "1",
        "-1",
        "0x1F",
        "0o7",
        "017",
        "1e3",
        ".5",
        "1_000",
        "+1",
        "1.",
        "-",
        "--- a",
        "---",
        "...",
        "<<",
        "=",
        ".inf",
        ".NaN",
        "12:30",
        "1:2:3.4",
        "2001-01-01",
        "2001-1-1 2:3:4",
        "# c",
        "a # b",
        "a: b",
        "a:",
        ":a",
        ": a",
        "?",
        "? a",
        "- a",
        "-a",
        "!t",
        "&a",
        "*a",
        "@a",
        "`a",
        "%a",
        "{a",
        "[a",
        "]",
        "}",
        ",",
        "a,b",
        "'",
        "\"",
        "it's",
        "a\nb",
        "a\n",
        "\n",
        " a",
        "a ",
        "a\n\nb\n\n",
        " a\n b",
        "a \nb",
        "a\n b",
        "\ta",
        "a\tb",
        "a\t\nb",
        "é",
        "日本",
        "😀",
        "a\u{a0}b",
        "\u{feff}x",
        "a\u{2028}b",
        "a\rb",
        "a\r\nb",
        "\u{7f}",
        "\u{85}",
        "a \u{85} b",
        "{{ .x }}",
        "<b>&",
        "\\",
        "\u{1}",
        "key: |",
    ];
    prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,12}",
        "[-0-9a-f:._+exo]{1,8}",
        "[ \n\ta-b#:-]{0,10}",
        "[é\u{85}\u{2028}\u{3000}😀a \n]{0,6}",
        "[a-z ]{60,200}",
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<i32>().prop_map(f64::from),
        any::<f64>().prop_filter("JSON has no infinities", |number| number.is_finite()),
        (any::<i64>(), 0..25i32).prop_map(|(number, power)| number as f64 / 10f64.powi(power)),
        Just(-0.0),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => number().prop_map(Value::Float),
        6 => text().prop_map(Value::String),
    ];
    let key =
        prop_oneof![3 => "[a-z]{1,4}", 2 => "[a-c0-9._-]{1,4}", 2 => text(), 1 => "[A-Za-zé٣0-9_]{1,3}"];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(key.clone(), inner, 0..5).prop_map(Value::Map),
        ]
    })
}

fn to_json(value: &Value) -> serde_json::Value {
    serde_json::to_value(value).unwrap()
}

fn from_json(value: &serde_json::Value) -> Value {
    json::read(value.to_string().as_bytes()).unwrap()
}

/// What `toToml` gives; nil never comes to it, because that stops a template.
fn toml_or_error(tree: &Value) -> String {
    match toml::write(tree) {
        Err(toml::NotToml::Nil) => String::new(),
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err(error) => error.to_string(),
    }
}

/// Runs `case` on batches of samples and fails with the first few that differ.
fn report(differences: Vec<String>, cases: usize) {
    let shown = differences.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n----\n");
    assert!(differences.is_empty(), "{} of {cases} differ:\n{shown}", differences.len());
}

#[test]
fn trees_are_written_as_helm_writes_them() {
    if !peers() {
        return;
    }
    let mut oracle = Oracle::start();
    // Several trees a request: the library's start of a render costs more than the writing.
    let cases = samples(prop::collection::vec(tree(), 20), 250);
    let mark = "\u{1}cut\u{1}";
    let template = format!(
        "{{{{ range .Values.trees }}}}{{{{ toYaml . }}}}{mark}{{{{ toYamlPretty . }}}}{mark}{{{{ toJson . }}}}{mark}{{{{ toPrettyJson . }}}}{mark}{{{{ toRawJson . }}}}{mark}{{{{ if kindIs \"invalid\" . }}}}{{{{ else }}}}{{{{ toToml . }}}}{{{{ end }}}}{mark}{{{{ end }}}}"
    );
    let mut differences = Vec::new();
    for batch in &cases {
        let trees = Value::List(batch.clone());
        let answer = oracle.template(&template, &serde_json::json!({"trees": to_json(&trees)})).unwrap();
        let mut parts = answer.split(mark);
        // The library reads the values from JSON, so both start from what that holds.
        let Value::List(trees) = from_json(&to_json(&trees)) else { unreachable!() };
        for tree in trees {
            let trim = |text: String| text.strip_suffix('\n').map(str::to_owned).unwrap_or(text);
            let ours = [
                yaml::write(&tree).map(trim).unwrap_or_default(),
                yaml::write_pretty(&tree).map(trim).unwrap_or_default(),
                json::write(&tree).unwrap_or_default(),
                json::write_indented(&tree, "  ").unwrap_or_default(),
                json::write_raw(&tree).unwrap_or_default(),
                toml_or_error(&tree),
            ];
            for ours in ours {
                let theirs = parts.next().unwrap().replace("<no value>", "");
                if ours.replace("<no value>", "") != theirs {
                    differences.push(format!("{tree:?}\nours   {ours:?}\ntheirs {theirs:?}"));
                }
            }
        }
    }
    report(differences, cases.len() * 20);
}

/// Texts that are often YAML, with everything that charts hold and much they should not.
fn yaml_text() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "[a-c0-9._+-]{1,5}",
        text().prop_map(|text| text.replace('\n', " ")),
        prop::sample::select(vec![
            "'a b'",
            "\"a\\tb\"",
            "|\n    x\n     y\n",
            ">-\n    x\n    y\n\n    z",
            "[a, b: c, 'd']",
            "{a: 1, b}",
            "!!str 1",
            "!!int '3'",
            "&x 1",
            "*x",
            "!!binary aGk=",
            "1.50",
            "~",
            "yes",
            "0777",
            "0b11",
            "'it''s'",
            "a\n    b",
            "# c",
            "\"a\n    b\"",
            "[\n  1,\n  2]",
            "!foo bar",
            "? a",
            "- a",
            "\"\\u00e9\\x41\"",
            "2001-01-01",
            "!!float 1",
            "{}",
            "[]",
            "[,]",
            "{a: b: c}",
            "a: b",
            "|+\n    a\n\n",
            "|2\n      a\n",
            "'",
            "\"",
            "*y",
            "&a [*a]",
            "{? a : b}",
            "[? a : b]",
            "!!null ''",
            "1e500",
            "-.inf",
            ".nan",
            "- - a",
            "a:b",
            "a ,b",
            "[a:b, c]",
            "http://a:80/",
        ])
        .prop_map(str::to_owned),
    ];
    let line = (
        0..3usize,
        "[a-e]{1,2}|1|yes|<<|'q'|\"q r\"|1.5|~",
        prop_oneof![3 => Just(":"), 1 => Just(""), 1 => Just(" :")],
        scalar,
        0..4u8,
    )
        .prop_map(|(indent, key, colon, value, kind)| {
            let pad = "  ".repeat(indent);
            match kind {
                0 => format!("{pad}{key}{colon} {value}\n"),
                1 => format!("{pad}- {value}\n"),
                2 => format!("{pad}{key}{colon}\n"),
                _ => format!("{pad}- {key}{colon} {value}\n"),
            }
        });
    prop_oneof![
        4 => prop::collection::vec(line, 1..6).prop_map(|lines| lines.concat()),
        1 => "[-a-b0:#,\\[\\]{}&*!|>'\" \n]{1,14}",
        1 => "[-a-b0:#,?%@\\[\\]{}&*!|>'\" \n\t]{1,20}",
    ]
}

#[test]
fn texts_are_read_as_helm_reads_them() {
    if !peers() {
        return;
    }
    let mut oracle = Oracle::start();
    // The library takes C strings, which end at a NUL.
    let cases = samples(yaml_text().prop_map(|text| text.replace('\0', "")), 12_000);
    let (mut differences, mut good, mut bad, mut worded) = (Vec::new(), 0, 0, 0);
    for text in &cases {
        let theirs = oracle.ask(&serde_json::json!({"op": "values", "text": text}));
        let ours = yaml::read_map(text.as_bytes());
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => {
                good += 1;
                let ours = Value::Map(ours.clone());
                if ours != from_json(theirs) {
                    differences.push(format!("{text:?}\nours   {ours:?}\ntheirs {theirs}"));
                }
            }
            (Err(ours), Err(theirs)) => {
                bad += 1;
                // Go prints its own types and values in some.
                let go = ["invalid map key", "unsupported map key", "cannot unmarshal"];
                let same = theirs.contains(&ours.to_string()) || go.iter().any(|part| theirs.contains(part));
                worded += usize::from(same);
            }
            _ => differences.push(format!("{text:?}\nours   {ours:?}\ntheirs {theirs:?}")),
        }
    }
    assert!(good > cases.len() / 10, "only {good} of the texts were YAML");
    // Of several errors in a text, the same one is nearly always found first.
    assert!(worded * 100 > bad * 98, "{worded} of {bad} errors are worded as Helm words them");
    report(differences, cases.len());
}

/// What makes up `--set` expressions, in any order.
fn expression() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-c]",
        3 => prop::sample::select(vec!["=", "=", ".", ",", "[0]", "[1]", "[2]=", "a=", "b.", "{", "}", "\\", "\\,", " ", "[", "]"]).prop_map(str::to_owned),
        3 => prop::sample::select(vec![
            "1", "-1", "007", "0", "true", "FALSE", "null", "1e3", "é", "9223372036854775808", "{1,a,true}", "{}",
            "a[0].b=1", "a[1][0]=x", ",c=2", "d={a,b},e=1", "[-1]=1", "[99999]=1", "[x]=1", "a.b.c=1", "\\.x", "=,",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["[1,2]", "{\"x\":1}", "\"s\"", "{\"a\":[null,true]} , b=2", "tru"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 1..7).prop_map(|parts| parts.concat())
}

#[test]
fn set_expressions_are_read_as_helm_reads_them() {
    if !peers() {
        return;
    }
    type Setter = fn(&str, &mut Object) -> Result<(), platctl::chart::values::SetError>;
    let setters: [(&str, Setter); 4] =
        [("set", set), ("set_string", set_string), ("set_json", set_json), ("set_literal", set_literal)];
    let mut oracle = Oracle::start();
    let cases = samples(expression(), 5_000);
    let (mut differences, mut good) = (Vec::new(), 0);
    for (op, setter) in setters {
        for text in &cases {
            let theirs = oracle.ask(&serde_json::json!({"op": op, "text": text}));
            let mut values = Object::new();
            let ours = setter(text, &mut values).map(|()| to_json(&Value::Map(values)));
            match (&ours, &theirs) {
                (Ok(ours), Ok(theirs)) => {
                    good += 1;
                    if from_json(ours) != from_json(theirs) {
                        differences.push(format!("{op} {text:?}\nours   {ours}\ntheirs {theirs}"));
                    }
                }
                (Err(_), Err(_)) => {}
                _ => differences.push(format!("{op} {text:?}\nours   {ours:?}\ntheirs {theirs:?}")),
            }
        }
    }
    assert!(good > cases.len(), "only {good} of the expressions were good");
    report(differences, cases.len() * 4);
}

/// Where what Helm's library answered is kept, so that it holds without the library.
fn goldens() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/chart_values.json")
}

#[test]
fn goldens_are_written_when_asked_for() {
    if !std::env::var("PLATCTL_WRITE_GOLDENS").is_ok_and(|value| value == "1") {
        eprintln!("skipped: set PLATCTL_WRITE_GOLDENS=1 to ask Helm's library again");
        return;
    }
    let mut oracle = Oracle::start();
    let mut written = Vec::new();
    for tree in samples(tree(), 250) {
        let value = to_json(&tree);
        let mut answer = |function: &str| {
            let template = format!("{{{{ {function} .Values.tree }}}}");
            oracle.template(&template, &serde_json::json!({"tree": value})).unwrap()
        };
        let (yaml, pretty, json) = (answer("toYaml"), answer("toYamlPretty"), answer("toJson"));
        written.push(serde_json::json!({"tree": value, "yaml": yaml, "pretty": pretty, "json": json}));
    }
    let mut read = Vec::new();
    for text in samples(yaml_text().prop_map(|text| text.replace('\0', "")), 400) {
        let answer = oracle.ask(&serde_json::json!({"op": "values", "text": text}));
        read.push(serde_json::json!({"text": text, "value": answer.ok()}));
    }
    let mut sets = Vec::new();
    for op in ["set", "set_string", "set_json", "set_literal"] {
        for text in samples(expression(), 150) {
            let answer = oracle.ask(&serde_json::json!({"op": op, "text": text}));
            sets.push(serde_json::json!({"op": op, "text": text, "value": answer.ok()}));
        }
    }
    let all = serde_json::json!({"written": written, "read": read, "set": sets});
    std::fs::create_dir_all(goldens().parent().unwrap()).unwrap();
    std::fs::write(goldens(), format!("{all:#}\n")).unwrap();
}

#[test]
fn what_helm_answered_once_still_holds() {
    let text = std::fs::read_to_string(goldens()).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let trim = |text: String| text.strip_suffix('\n').map(str::to_owned).unwrap_or(text);
    for case in all["written"].as_array().unwrap() {
        let tree = from_json(&case["tree"]);
        let wanted = |name: &str| case[name].as_str().unwrap();
        let shown = |text: String| text.replace("<no value>", "");
        assert_eq!(shown(yaml::write(&tree).map(trim).unwrap_or_default()), wanted("yaml"));
        assert_eq!(shown(yaml::write_pretty(&tree).map(trim).unwrap_or_default()), wanted("pretty"));
        assert_eq!(shown(json::write(&tree).unwrap_or_default()), wanted("json"));
    }
    for case in all["read"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let ours = yaml::read_map(text.as_bytes()).ok().map(Value::Map);
        let wanted = Some(&case["value"]).filter(|value| !value.is_null()).map(from_json);
        assert_eq!(ours, wanted, "{text:?}");
    }
    for case in all["set"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let setter = match case["op"].as_str().unwrap() {
            "set" => set,
            "set_string" => set_string,
            "set_json" => set_json,
            _ => set_literal,
        };
        let mut values = Object::new();
        let ours = setter(text, &mut values).ok().map(|()| from_json(&to_json(&Value::Map(values))));
        let wanted = Some(&case["value"]).filter(|value| !value.is_null()).map(from_json);
        assert_eq!(ours, wanted, "{} {text:?}", case["op"]);
    }
}
