//! Text against Helm's own library: changes of case character by character (what letters, capitals, numbers and
//! punctuation are is Unicode's to say, and Go's tables are not Rust's), and all that makes text of text with bytes
//! that are no UTF-8.

#[path = "chart/support.rs"]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use support::{Files, Oracle, render};

/// Changes of case.
const CASES: &[&str] =
    &["upper", "lower", "title", "untitle", "swapcase", "snakecase", "kebabcase", "camelcase"];

/// Everything else that makes text of text.
const OTHERS: &[&str] = &[
    "js",
    "html",
    "urlquery",
    "quote",
    "squote",
    "trim",
    "nospace",
    "initials",
    "toJson",
    "toRawJson",
    "toPrettyJson",
    "toYaml",
    "toString",
    "sha256sum",
    "adler32sum",
    "b32enc",
    "trunc 3",
    "trunc -3",
    "abbrev 7",
    "abbrevboth 2 8",
    "wrap 4",
    "wrapWith 3 \"|\"",
    "indent 2",
    "nindent 1",
    "repeat 2",
    "replace \"a\" \"x\"",
    "trimAll \"ab\"",
    "trimPrefix \"a\"",
    "trimSuffix \"a\"",
    "cat \"x\"",
    "printf \"%q\"",
    "printf \"%+q\"",
    "printf \"%x\"",
    "printf \"%5.3s|\"",
    "printf \"%v\"",
    "splitList \"a\" | join \"-\"",
    "split \"a\" | toJson",
    "regexReplaceAll \"[^a]\" . \"<${0}>\"",
    "regexFindAll \"[[:alpha:]]+\" . -1 | toJson",
    "base",
    "dir",
    "clean",
    "ext",
    "regexQuoteMeta",
    "list | toYaml",
    "list | toToml",
    "dict \"k\" | toJson",
    "len | toString",
    "fromYaml | toJson",
    "fromJson | toJson",
    "toYamlPretty",
    "sortAlpha | toJson",
    "trimall \"-_\"",
];

/// A line for each text (given in base64) and function.
fn template(functions: &[&str]) -> Files {
    let call = |name: &str| match name.contains(" . ") {
        true => format!("{{{{ {} | b64enc }}}}", name.replace(" . ", " (b64dec .) ")),
        false => format!("{{{{ b64dec . | {name} | b64enc }}}}"),
    };
    let calls = functions.iter().map(|name| format!("{}: {}\n", name.replace(' ', "_"), call(name)));
    let body: String = calls.collect();
    let text = format!("{{{{ range .Values.texts }}}}{{{{ . }}}}\n{body}{{{{ end }}}}");
    Files::from([("templates/a.yaml".to_owned(), text)])
}

/// Renders the texts here and with Helm; how many lines there were, and those that differ.
fn compare(oracle: &mut Oracle, functions: &[&str], texts: &[Vec<u8>], different: &mut Vec<String>) -> usize {
    let texts: Vec<String> = texts.iter().map(|text| STANDARD.encode(text)).collect();
    let values = serde_json::json!({ "texts": texts });
    let ours = render(&template(functions), &values).expect("it renders")["c/templates/a.yaml"].clone();
    let theirs =
        oracle.render(&template(functions), &values).expect("it renders")["c/templates/a.yaml"].clone();
    let readable = |line: &str| {
        let coded = line.rsplit(' ').next().unwrap_or_default();
        STANDARD.decode(coded).map_or_else(|_| line.to_owned(), |bytes| bytes.escape_ascii().to_string())
    };
    let mut text = String::new();
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        if !theirs.contains(' ') {
            text = readable(theirs);
        }
        if ours != theirs {
            let function = theirs.split(' ').next().unwrap_or_default();
            different.push(format!("{function} {text}: {} / Helm {}", readable(ours), readable(theirs)));
        }
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
    ours.lines().count()
}

fn report(what: &str, lines: usize, different: &[String]) {
    println!("{what}: {lines} cases, {} different", different.len());
    assert!(different.is_empty(), "{}", different[..different.len().min(40)].join("\n"));
}

#[test]
fn every_character_changes_as_in_helm() {
    if !support::peers() {
        println!("skipped: PLATCTL_PEERS is not 1");
        return;
    }
    let mut oracle = Oracle::start();
    let (mut lines, mut different) = (0, Vec::new());
    // The planes that have scripts, in words where their class decides.
    let characters: Vec<char> =
        (1..0x2_0000_u32).chain(0xE0000..0xE0200).filter_map(char::from_u32).collect();
    for part in characters.chunks(4_096) {
        let texts: Vec<Vec<u8>> =
            part.iter().map(|c| format!("{c} a{c}b {c}1c{c} A{c}Bc").into_bytes()).collect();
        lines += compare(&mut oracle, CASES, &texts, &mut different);
    }
    report("characters", lines, &different);
}

#[test]
fn broken_text_is_treated_as_in_helm() {
    if !support::peers() {
        println!("skipped: PLATCTL_PEERS is not 1");
        return;
    }
    const PIECES: &[&[u8]] = &[
        b"a",
        b"b",
        b"B",
        b"C",
        b"1",
        b"2",
        b"-",
        b"_",
        b" ",
        b".",
        b"$",
        b"\n",
        b"\xff",
        b"\xe2\x82",
        b"\xf0\x9f",
        b"\x80",
        "\u{FFFD}".as_bytes(),
        "é".as_bytes(),
        "É".as_bytes(),
        "ǅ".as_bytes(),
        "Ⅷ".as_bytes(),
        "ⓐ".as_bytes(),
        "中".as_bytes(),
        "ß".as_bytes(),
        "，".as_bytes(),
        "🦀".as_bytes(),
        "\u{2028}".as_bytes(),
    ];
    let text =
        proptest::collection::vec(proptest::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat());
    let mut runner = TestRunner::deterministic();
    let mut oracle = Oracle::start();
    let (mut lines, mut different) = (0, Vec::new());
    for _ in 0..20 {
        let texts: Vec<Vec<u8>> =
            (0..250).map(|_| text.new_tree(&mut runner).expect("a text").current()).collect();
        let functions = [CASES, OTHERS].concat();
        lines += compare(&mut oracle, &functions, &texts, &mut different);
    }
    report("broken texts", lines, &different);
}
