//! Fuzz targets for whatever reads what others wrote: the template parser, the YAML, JSON and TOML readers and
//! the archive reader. Nothing panics and nothing hangs, whatever the bytes.
//!
//! The inputs are the corpus, changed at random again and again (bytes changed, parts left out, doubled, moved
//! between inputs), which gets much deeper than random bytes do. A stable compiler has no coverage to be guided
//! by; `PLATCTL_MUTATIONS` sets the number for a long run, `PLATCTL_MUTATIONS_SEED` repeats one. With a debug
//! build's overflow checks on, arithmetic that goes wrong is a panic too.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may panic, and tell their seed")]

#[path = "chart/support.rs"]
mod support;

use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use platctl::chart::{json, load, yaml};
use support::{Files, render};

/// A small generator of numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }

    /// A place in a text and the end of a part of it that is seldom long.
    fn part(&mut self, len: usize) -> (usize, usize) {
        let start = self.below(len + 1);
        let most = if self.below(8) == 0 { len } else { 24 };
        (start, (start + self.below(most + 1)).min(len))
    }
}

/// What tends to matter to one reader or another.
const TOKENS: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{ end }}",
    "(",
    ")",
    "|",
    ":=",
    "\"",
    "`",
    "'",
    "\\",
    "$",
    ".",
    "\n",
    "\r",
    "\t",
    "---",
    "...",
    "- ",
    ": ",
    "? ",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "!!float ",
    "|2-\n",
    ">+\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "%YAML 1.1\n",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\0",
    "1e400",
    "0x",
    "0b1",
    ".inf",
    "~",
    "null",
    "[[",
    "]]",
    "\"\"\"",
    "= ",
    "\\u",
    "\\x",
];

fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(6) {
        let (start, end) = random.part(bytes.len());
        match random.below(7) {
            0 if start < bytes.len() => bytes[start] = random.below(256) as u8,
            1 if start < bytes.len() => bytes[start] ^= 1 << random.below(8),
            2 => drop(bytes.drain(start..end)),
            3 => {
                let part = bytes[start..end].to_vec();
                let times = 1 + random.below(4);
                bytes.splice(start..start, part.repeat(times));
            }
            4 => {
                let other = &corpus[random.below(corpus.len())];
                let (from, to) = random.part(other.len());
                bytes.splice(start..end, other[from..to].iter().copied());
            }
            5 => bytes.truncate(start),
            _ => {
                let token = TOKENS[random.below(TOKENS.len())].as_bytes();
                bytes.splice(start..start, token.iter().copied());
            }
        }
        bytes.truncate(8_192);
    }
    bytes
}

/// The templates of the corpus, and what Helm makes of them: YAML, JSON, TOML and text.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chart");
    let mut corpus = Vec::new();
    for name in ["cases", "golden"] {
        let mut files: Vec<_> =
            std::fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            if name == "cases" {
                corpus.extend(text.split("\n%%\n").map(|case| case.as_bytes().to_vec()));
                continue;
            }
            let cases: serde_json::Value = serde_json::from_str(&text).unwrap();
            let outputs = cases.as_array().unwrap().iter().filter_map(|case| case["output"].as_object());
            corpus
                .extend(outputs.flat_map(|output| output.values()).map(|text| text.as_str().unwrap().into()));
        }
    }
    assert!(corpus.len() > 500, "the corpus is there");
    corpus
}

fn run(target: &str, default: u64, corpus: &[Vec<u8>], feed: impl Fn(&[u8])) {
    let setting = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_secs());
    let seed = setting("PLATCTL_MUTATIONS_SEED").unwrap_or(clock);
    let count = setting("PLATCTL_MUTATIONS").unwrap_or(default);
    println!("{target}: seed {seed}, {count} inputs");
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..count {
        let input = mutated(&mut random, corpus);
        let shown = String::from_utf8_lossy(&input).into_owned();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| feed(&input)));
        assert!(result.is_ok(), "{target}, seed {seed}: {shown:?}");
    }
}

#[test]
fn templates() {
    let values = serde_json::from_str(include_str!("chart/values.json")).unwrap();
    run("templates", 1_500, &corpus(), |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        // Making keys and hashes is slow by intent; it is not what is looked for here.
        if !["gen", "derive", "bcrypt", "htpasswd", "Cert"].iter().any(|slow| text.contains(slow)) {
            let _ = render(&Files::from([("templates/a.yaml".to_owned(), text)]), &values);
        }
    });
}

#[test]
fn data() {
    run("data", 5_000, &corpus(), |input| {
        let _ = yaml::read(input);
        let _ = yaml::read_typed(input);
        let _ = json::read(input);
        let text = String::from_utf8_lossy(input);
        let _ = yaml::documents(&text);
        if let Ok(value) = yaml::read(text.as_bytes()) {
            let _ = (yaml::write(&value), yaml::write_pretty(&value), json::write(&value));
        }
    });
}

/// TOML is read and written by templates alone.
#[test]
fn toml() {
    let template = "{{ fromToml .Values.text | toToml }}";
    let files = Files::from([("templates/a.yaml".to_owned(), template.to_owned())]);
    run("toml", 5_000, &corpus(), |input| {
        let text = String::from_utf8_lossy(input);
        render(&files, &serde_json::json!({ "text": text })).unwrap();
    });
}

#[test]
fn archives() {
    let chart = |name: &str, template: &[u8]| {
        let mut builder = tar::Builder::new(Vec::new());
        let metadata = format!(
            "apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:\n- name: a\n  version: '*'\n"
        );
        for (path, data) in [
            ("Chart.yaml", metadata.as_bytes()),
            ("values.yaml", b"a: 1\n"),
            (".helmignore", b"*.bak\n!x\n"),
            ("templates/a.yaml", template),
            ("charts/a/Chart.yaml", b"name: a\nversion: 1.0.0\n"),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(data.len() as u64);
            builder.append_data(&mut header, format!("{name}/{path}"), data).unwrap();
        }
        builder.into_inner().unwrap()
    };
    let corpus = [chart("app", b"x: 1\n"), chart("b", &[0xff; 700])];
    run("archives", 1_500, &corpus, |input| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(input).unwrap();
        let mut packed = gzip.finish().unwrap();
        let _ = load::from_archive(&packed);
        // The compressed stream itself, cut and damaged at a place that the input chooses.
        let at =
            input.iter().fold(7_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte)) % packed.len();
        packed[at] ^= 0x55;
        let _ = load::from_archive(&packed);
        packed.truncate(at);
        let _ = load::from_archive(&packed);
    });
}
