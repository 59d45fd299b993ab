//! The differential fuzzer: random templates must give with us what they give with Helm's own library,
//! text for text, and fail exactly where they fail there. Also: no source at all makes the parser panic.
//!
//! With `PLATCTL_PEERS=1` it runs `PLATCTL_FUZZ_CASES` templates (20,000 if not set) from the seed in
//! `PLATCTL_FUZZ_SEED` (the clock if not set; it is printed).

#[path = "chart/support.rs"]
mod support;

#[path = "chart/fuzz/arguments.rs"]
mod arguments;
#[path = "chart/fuzz/generate.rs"]
mod generate;

use std::time::{SystemTime, UNIX_EPOCH};

use generate::{Generator, Random};
use proptest::prelude::*;
use support::{Files, Oracle, render};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn seed() -> u64 {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_secs());
    setting("PLATCTL_FUZZ_SEED", clock)
}

fn values() -> serde_json::Value {
    serde_json::from_str(include_str!("chart/values.json")).expect("JSON")
}

fn case(template: &str) -> Files {
    Files::from([("templates/a.yaml".to_owned(), template.to_owned())])
}

#[test]
fn random_templates_render_as_in_helm() {
    if !support::peers() {
        println!("skipped: PLATCTL_PEERS is not 1");
        return;
    }
    let seed = seed();
    let count = setting("PLATCTL_FUZZ_CASES", 20_000);
    let values = values();
    let mut generator = Generator::new(seed);
    let mut oracle = Oracle::start();
    let (mut rendered, mut refused, mut crashed, mut by_chance, mut different) = (0, 0, 0, 0, Vec::new());
    for number in 0..count {
        if number % 1_000 == 0 {
            eprintln!("{number} of {count}, {} different", different.len());
        }
        let files = case(&generator.template());
        let ours = render(&files, &values);
        let Some(theirs) = oracle.ask(&files, &values) else {
            crashed += 1;
            eprintln!("Helm dies of: {}", files["templates/a.yaml"]);
            continue;
        };
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) if ours == theirs => rendered += 1,
            (Err(_), Err(_)) => refused += 1,
            // Helm prints addresses in memory, say.
            _ if oracle.ask_anew(&files, &values).is_some_and(|again| again != theirs) => by_chance += 1,
            _ => {
                different
                    .push(format!("{}\n  helm: {theirs:?}\n  ours: {ours:?}", files["templates/a.yaml"]));
            }
        }
    }
    let least = generator.uses.iter().min_by_key(|(_, uses)| **uses).expect("there are functions");
    println!(
        "seed {seed}: {count} templates, {rendered} rendered, {refused} refused by both, {crashed} crash Helm, {by_chance} not repeated by Helm, {} different",
        different.len()
    );
    println!("{} functions, the least used {} times ({})", generator.uses.len(), least.1, least.0);
    let shown = setting("PLATCTL_FUZZ_SHOWN", 20) as usize;
    assert!(different.is_empty(), "seed {seed}\n{}", different[..different.len().min(shown)].join("\n"));
    assert!(count < 20_000 || *least.1 >= 20, "{} was used only {} times", least.0, least.1);
}

/// A number's literal, or nearly one: of any base, with fractions, exponents and underscores where they may stand or
/// not.
fn number(random: &mut Random) -> String {
    const PREFIXES: &[(&str, &str)] = &[
        ("", "0123456789"),
        ("0x", "0123456789abcdefF"),
        ("0X", "08f"),
        ("0b", "01"),
        ("0o", "01234567"),
        ("0", "07"),
    ];
    let (prefix, digits) = *random.pick(PREFIXES);
    let run = |random: &mut Random, text: &mut String, longest: usize| {
        for _ in 0..random.below(longest) {
            let digit = digits.as_bytes()[random.below(digits.len())];
            text.push(if random.chance(6) { '_' } else { char::from(digit) });
        }
    };
    let mut text = (*random.pick(&["", "", "", "-", "+"])).to_owned() + prefix;
    run(random, &mut text, 20);
    if random.chance(40) {
        text.push('.');
        run(random, &mut text, 18);
    }
    if !text.contains(|character: char| character.is_ascii_digit()) {
        // A point alone is not a number, but everything.
        text.push('0');
    }
    if random.chance(60) {
        const POWERS: &[&str] =
            &["e", "p", "p", "p-", "e-", "P+", "p-10", "p-105", "p-106", "p10", "e30", "e-31", "p_"];
        text += *random.pick(POWERS);
        text.push_str(&random.below(100).to_string());
    }
    if random.chance(3) {
        text.push('i');
    }
    text
}

#[test]
fn random_numbers_are_read_as_in_helm() {
    if !support::peers() {
        println!("skipped: PLATCTL_PEERS is not 1");
        return;
    }
    let seed = seed();
    let count = setting("PLATCTL_FUZZ_CASES", 20_000) / 4;
    let (values, mut random, mut oracle) = (values(), Random::new(seed), Oracle::start());
    let (mut rendered, mut refused, mut different) = (0, 0, Vec::new());
    for _ in 0..count {
        let number = number(&mut random);
        let places = random.below(700) as i64 - 350;
        for template in [
            format!("{{{{ {number} }}}} {{{{ printf \"%T %v %g\" {number} {number} {number} }}}}"),
            format!(
                "{{{{ float64 \"{number}\" }}}} {{{{ int64 \"{number}\" }}}} {{{{ round \"{number}\" {places} }}}}"
            ),
        ] {
            let files = case(&template);
            match (render(&files, &values), oracle.ask(&files, &values).expect("Helm lives")) {
                (Ok(ours), Ok(theirs)) if ours == theirs => rendered += 1,
                (Err(_), Err(_)) => refused += 1,
                (ours, theirs) => different.push(format!("{template}\n  helm: {theirs:?}\n  ours: {ours:?}")),
            }
        }
    }
    println!(
        "seed {seed}: {count} numbers, {rendered} rendered, {refused} refused by both, {} different",
        different.len()
    );
    assert!(different.is_empty(), "seed {seed}\n{}", different[..different.len().min(20)].join("\n"));
    assert!(
        count < 1_000 || rendered > count && refused > count / 5,
        "{rendered} rendered, {refused} refused"
    );
}

/// Pieces of templates, put together without sense.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{{",
        "}}",
        "{{-",
        "-}}",
        "{{ end }}",
        "{{ if ",
        "{{ range ",
        "{{ with ",
        "{{ else ",
        "{{ define \"x\" }}",
        "{{ template \"x\" . }}",
        "{{ block \"x\" . }}",
        "/*",
        "*/",
        "\"",
        "`",
        "'",
        "\\",
        "(",
        ")",
        "|",
        ":=",
        "=",
        ",",
        ".",
        "$",
        "$x",
        ".a",
        "nil",
        "true",
        "1",
        "-",
        "0x",
        "1e",
        "i",
        "printf",
        "include",
        "tpl",
        "break",
        "continue",
        "\n",
        " ",
        "é",
        "\u{0}",
        "%",
        "{{ . }}",
        "until 3",
        "list",
        "dict",
        "set",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_source_makes_the_parser_panic(source in ".{0,200}") {
        let _ = render(&case(&source), &values());
    }

    #[test]
    fn no_heap_of_pieces_makes_the_engine_panic(source in pieces()) {
        let _ = render(&case(&source), &values());
    }
}

#[test]
fn hostile_templates_end_in_an_error() {
    let deep = |open: &str, close: &str, count: usize| {
        format!("{{{{ {}1{} }}}}", open.repeat(count), close.repeat(count))
    };
    for template in [
        deep("(", ")", 100_000),
        "{{ if true }}".repeat(50_000) + &"{{ end }}".repeat(50_000),
        "{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}".to_owned(),
        "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}".to_owned(),
        "{{ define \"r\" }}{{ tpl \"{{ include \\\"r\\\" . }}\" . }}{{ end }}{{ include \"r\" . }}"
            .to_owned(),
        "{{ repeat 1000000000 \"x\" }}".to_owned(),
        "{{ $x := \"x\" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}".to_owned(),
        "{{ range until 1000000000 }}{{ end }}".to_owned(),
        "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}".to_owned(),
        "{{ range 1000000000000 }}x{{ end }}".to_owned(),
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}".to_owned(),
        "{{ $x := list }}{{ range until 100000 }}{{ $x = list $x $x }}{{ end }}{{ mustToJson $x }}"
            .to_owned(),
        "{{ indent 100000000 \"a\\nb\" }}".to_owned(),
        "{{ printf \"%d\" (regexReplaceAll \"(((a{30}){30}){30})\" \"a\" \"b\") }}".to_owned(),
        "{{ .Files.Get \"../../etc/passwd\" | required \"outside\" }}".to_owned(),
    ] {
        println!("{}", template.chars().take(60).collect::<String>());
        let result = render(&case(&template), &values());
        assert!(result.is_err(), "{}", &template[..template.len().min(80)]);
    }
}

#[test]
fn a_value_that_contains_itself_can_be_shown() {
    let template =
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toJson $d }}|{{ $d | toString | len | lt 10 }}";
    let rendered = render(&case(template), &values()).expect("it renders");
    assert_eq!(rendered["c/templates/a.yaml"], "|true");
}
