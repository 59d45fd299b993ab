//! What people read: every verb's help, and what each says when it goes well and when it does not.

use std::fmt::Write;

use crate::place::Workplace;

/// Command lines, each with what came of it: exit code, stdout, stderr.
fn transcript(workplace: &Workplace, commands: &[&str]) -> String {
    let mut told = String::new();
    for command in commands {
        let output = workplace.platctl(command);
        let code = output.status.code().map_or("a signal".to_owned(), |code| code.to_string());
        writeln!(told, "$ platctl {command}    [exit code {code}]").unwrap();
        for stream in [&output.stdout, &output.stderr] {
            told.push_str(String::from_utf8_lossy(stream).trim_end());
            if !stream.is_empty() {
                told.push('\n');
            }
        }
        told.push('\n');
    }
    let folder = workplace.0.path().display().to_string();
    told.replace(&folder, "[folder]").replace(env!("CARGO_PKG_VERSION"), "[version]")
}

/// Ids, addresses, times and what follows from them, taken out.
fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"127\.0\.0\.1:\d+", "[address]"),
        (r"\b(vpc|subnet|igw|rtb|sg|eipalloc|nat|lt|vpce|fl|sgr)-[0-9a-f]{8,17}\b", "$1-[id]"),
        (r"\b[0-9a-f]{32}\b", "[digits]"),
        (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[time]"),
        (r"\b\d+(\.\d+)? (ms|s|min)\b", "[duration]"),
        (r"\b\d+ resources\b", "[number] resources"),
        (r"Left out as asked: .*", "Left out as asked: [the others]"),
        (r"process \d+", "process [number]"),
        (r#""process": \d+"#, r#""process": [number]"#),
    ]
}

const VERBS: [&str; 37] = [
    "",
    "init",
    "validate",
    "config",
    "schema",
    "up",
    "diff",
    "destroy",
    "status",
    "doctor",
    "graph",
    "output",
    "state",
    "state list",
    "state show",
    "state rm",
    "state mv",
    "import",
    "kubeconfig",
    "token",
    "logs",
    "restart",
    "exec",
    "port-forward",
    "dns",
    "unlock",
    "sandbox",
    "sandbox start",
    "sandbox stop",
    "sandbox status",
    "sandbox reset",
    "chart",
    "chart render",
    "chart lint",
    "chart deps",
    "chart deps update",
    "completions",
];

#[test]
fn every_verb_has_help() {
    let workplace = Workplace::new();
    let commands: Vec<String> = VERBS.iter().map(|verb| format!("{verb} --help")).collect();
    let commands: Vec<&str> = commands.iter().map(|command| command.trim()).collect();
    insta::with_settings!({filters => filters()}, {
        insta::assert_snapshot!("help", transcript(&workplace, &commands));
    });
}

#[test]
fn what_goes_wrong_is_told_with_a_way_out() {
    let workplace = Workplace::new();
    let commands = [
        "upp dev",
        "up nowhere",
        "up dev --target vpc",
        "up dev --plan nowhere.json",
        "diff dev --sandbox --target vpc.nowhere",
        "destroy prod --plan x",
        "status nowhere",
        "doctor nowhere",
        "graph dev --format x",
        "output dev vpc.main --sandbox",
        "state show dev vpc.main --sandbox",
        "state rm dev not-an-address",
        "state mv dev vpc.main vpc.other --sandbox",
        "import dev vpc.nowhere vpc-1 --sandbox",
        "unlock nowhere",
        "validate nowhere",
        "config nowhere",
        "init .",
        "sandbox status",
        "sandbox reset",
        "chart render nowhere",
        "completions x",
        "up dev --json --parallelism 0",
    ];
    insta::with_settings!({filters => filters()}, {
        insta::assert_snapshot!("failures", transcript(&workplace, &commands));
    });
}

#[test]
fn what_goes_well_is_told_at_a_glance() {
    let workplace = Workplace::new();
    let commands = [
        "--version",
        "validate --all",
        "sandbox stop",
        "diff dev --sandbox --quiet --target subnet.public-a",
        "diff dev --sandbox --quiet --markdown --target subnet.public-a",
        "up dev --sandbox --quiet --target vpc.main",
        "state list dev --sandbox",
        "state mv dev vpc.main vpc.other --sandbox",
        "state mv dev vpc.other vpc.main --sandbox",
        "output dev --sandbox --quiet",
        "diff dev --sandbox --quiet --target vpc.main",
        "doctor dev --sandbox --quiet",
        "unlock dev --sandbox",
        "destroy dev --sandbox --quiet",
        "init elsewhere",
    ];
    insta::with_settings!({filters => filters()}, {
        insta::assert_snapshot!("successes", transcript(&workplace, &commands));
    });
}
