//! Reading: what charts rely on, and what hostile text must not do.

use super::*;
use crate::chart::json;

fn json_of(text: &str) -> String {
    json::write(&read(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"))).unwrap()
}

fn message(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string().replace("error converting YAML to JSON: yaml: ", "")
}

#[test]
fn block_collections_nest() {
    for (yaml, json) in [
        (
            "a: 1\nb:\n  c: [x, 'y', \"z\"]\n  d: {e: f, g}\n",
            r#"{"a":1,"b":{"c":["x","y","z"],"d":{"e":"f","g":null}}}"#,
        ),
        ("a:\n- 1\n- - 2\n  - 3\n- b: 4\n  c: 5\n", r#"{"a":[1,[2,3],{"b":4,"c":5}]}"#),
        ("- a\n-\n- b: \n", r#"["a",null,{"b":null}]"#),
        ("a: [\n  1,\n  2\n]\nb: {\n}\n", r#"{"a":[1,2],"b":{}}"#),
        ("? complex\n: value\n? bare\n", r#"{"bare":null,"complex":"value"}"#),
        ("[a: 1, b]", r#"[{"a":1},"b"]"#),
        ("", "null"),
        ("# nothing\n", "null"),
        ("--- text\n...\n", r#""text""#),
        ("a: 1\n---\nb: 2\n", r#"{"a":1}"#),
        ("%YAML 1.1\n---\na: b\n", r#"{"a":"b"}"#),
    ] {
        assert_eq!(json_of(yaml), json, "{yaml:?}");
    }
}

#[test]
fn scalars_fold_and_chomp() {
    for (yaml, json) in [
        ("a: one\n  two\n\n  three\n", r#"{"a":"one two\nthree"}"#),
        ("a: |\n  one\n   two\n\nb: 1", r#"{"a":"one\n two\n","b":1}"#),
        ("a: |-\n  one\n\n", r#"{"a":"one"}"#),
        ("a: |+\n  one\n\n", r#"{"a":"one\n\n"}"#),
        ("a: >\n  one\n  two\n\n  three\n   four\n  five\n", r#"{"a":"one two\nthree\n four\nfive\n"}"#),
        ("a: |2\n    one\n", r#"{"a":"  one\n"}"#),
        ("- |\n one\n- |1\n  two\n", r#"["one\n"," two\n"]"#),
        ("a: 'it''s\n  here'", r#"{"a":"it's here"}"#),
        ("a: \"x\\n\\u00e9\\x41\\\n   y\"", r#"{"a":"x\néAy"}"#),
        ("a: \"one \n\n  two\"", r#"{"a":"one\ntwo"}"#),
        ("a: b:c#d http://x", r#"{"a":"b:c#d http://x"}"#),
        ("a: b #c", r#"{"a":"b"}"#),
        ("a: |", r#"{"a":""}"#),
        ("a:\r\n  - b\r\n", r#"{"a":["b"]}"#),
    ] {
        assert_eq!(json_of(yaml), json, "{yaml:?}");
    }
}

#[test]
fn keys_become_text_and_the_last_wins() {
    assert_eq!(json_of("1: a\n1.50: b\nyes: c\nx: d\nx: e\n"), r#"{"1":"a","1.5":"b","true":"c","x":"e"}"#);
    assert!(message("~: a").contains("unsupported map key of type"));
    assert!(message("[a]: b").contains("invalid map key"));
}

#[test]
fn anchors_and_merges_follow_go_yaml_two() {
    let text = "a: &a {x: 1, z: 2}\nb:\n  z: 3\n  <<: *a\nc:\n  <<: [{x: 5}, *a]\n  z: 4\nd: *a\n";
    // A merge overrides what stands before it: go-yaml 2 works through a map in order.
    assert_eq!(json_of(text), r#"{"a":{"x":1,"z":2},"b":{"x":1,"z":2},"c":{"x":5,"z":4},"d":{"x":1,"z":2}}"#);
    assert_eq!(message("a: *b"), "unknown anchor 'b' referenced");
    assert_eq!(message("a: &a [*a]"), "anchor 'a' value contains itself");
    assert_eq!(message("<<: 1"), "map merge requires map or sequence of maps as the value");
    assert_eq!(json_of("'<<': 1"), r#"{"\u003c\u003c":1}"#);
}

#[test]
fn tags_choose_the_type() {
    assert_eq!(
        json_of("[!!str 1, !!int '2', !!float 3, !custom 4, !!binary aGk=, ! '5', !!null '']"),
        r#"["1",2,3,"4","hi",5,null]"#
    );
    assert_eq!(message("!!int x"), "cannot decode !!str `x` as a !!int");
    assert_eq!(message("!x!y z"), "found undefined tag handle");
    assert_eq!(json_of("%TAG !x! tag:yaml.org,2002:\n---\n!x!str 1"), r#""1""#);
}

#[test]
fn errors_are_in_go_yamls_words_and_know_their_line() {
    for (yaml, expected) in [
        ("a: b: c", "mapping values are not allowed in this context"),
        ("a:\n  b: c: d", "line 2: mapping values are not allowed in this context"),
        ("a: [1", "line 1: did not find expected ',' or ']'"),
        ("a:\n\t- b", "line 2: found character that cannot start any token"),
        ("a: 'b", "found unexpected end of stream"),
        ("a: \"\\q\"", "found unknown escape character"),
        ("a: 1\n b: 2", "line 2: mapping values are not allowed in this context"),
        ("a:\n  - b\n c: d", "line 2: did not find expected key"),
        ("a: @x", "found character that cannot start any token"),
        ("a\nb: c", "line 2: mapping values are not allowed in this context"),
        ("a: \u{1}", "control characters are not allowed"),
    ] {
        assert_eq!(message(yaml), expected, "{yaml:?}");
    }
    assert_eq!(read(b"a: 1\n b: 2").unwrap_err().line(), Some(2));
    assert_eq!(
        read_map(b"[1]").unwrap_err().to_string(),
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"
    );
}

#[test]
fn bombs_are_refused_quickly() {
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert_eq!(message(&bomb), "document contains excessive aliasing");
    assert!(message(&"[".repeat(50_000)).contains("exceeded max depth"));
    assert!(message(&"- ".repeat(50_000)).contains("exceeded max depth"));
    assert!(message(&"{a: ".repeat(50_000)).contains("exceeded max depth"));
    assert!(read("a ".repeat(500_000).as_bytes()).is_ok());
}

#[test]
fn documents_are_cut_as_kubernetes_cuts_them() {
    assert_eq!(documents("---\na\n---\nb\n--- # c\n---\nd"), [(1, "---\na\n"), (4, "b\n"), (6, "---\nd")]);
    assert_eq!(documents("a\n---x\nb\n"), [(1, "a\n---x\nb\n")]);
    assert_eq!(documents(""), []);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[-a-c0-9 :,?#&*!|>'\"%@`\\[\\]{}\n\t\\\\<é]{0,60}") {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
        let _ = read(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(text in "(?s).{0,30}", key in "[ -~é\n]{1,20}", number in -1e12f64..1e12) {
        // Helm writes this key bare too, and what is read then is a merge.
        proptest::prop_assume!(key != "<<");
        let members = [(key, Value::List(vec![text.as_str().into(), number.into(), Value::Null]))];
        let value = Value::Map(members.into());
        if let Ok(yaml) = write(&value) && !text.contains('\u{85}') {
            proptest::prop_assert_eq!(&read(yaml.as_bytes()).unwrap(), &value, "{}", yaml);
        }
        let pretty = write_pretty(&value).unwrap();
        proptest::prop_assert_eq!(&read(pretty.as_bytes()).unwrap(), &value, "{}", pretty);
    }
}

use crate::chart::value::Value;
