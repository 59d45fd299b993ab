//! `scripts/dist-link` on a small program: what its training uses lies side by side, and nothing else changes.
//! Needs valgrind, so PLATCTL_PEERS=1.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const FUNCTIONS: usize = 400;
const USED: [usize; 4] = [3, 120, 250, 390];

fn peers() -> bool {
    let wanted = std::env::var("PLATCTL_PEERS").is_ok_and(|value| value == "1");
    if !wanted {
        println!("skipped: PLATCTL_PEERS is not 1");
    }
    wanted
}

/// A program of many functions that calls the ones whose numbers it is given.
fn source() -> String {
    let mut text = String::new();
    let mut table = String::new();
    for number in 0..FUNCTIONS {
        let steps: String =
            (0..8).map(|step| format!("sum = box_of(sum ^ {number}).rotate_left({step});")).collect();
        let head = format!("pub extern \"C\" fn part_{number}(mut sum: u64) -> u64");
        writeln!(text, "#[unsafe(no_mangle)] #[inline(never)] {head} {{ {steps} sum }}").unwrap();
        write!(table, "part_{number},").unwrap();
    }
    format!(
        "use std::hint::black_box as box_of;\n{text}\n\
         static TABLE: [extern \"C\" fn(u64) -> u64; {FUNCTIONS}] = [{table}];\n\
         fn main() {{ for number in std::env::args().skip(1) {{\
         let number: usize = number.parse().unwrap(); println!(\"{{}}\", TABLE[number](number as u64)); }} }}\n"
    )
}

struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("program.rs"), source()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A training of these lines; the program is `$1`.
    fn training(&self, lines: &str) -> PathBuf {
        let path = self.path("training");
        fs::write(&path, format!("#!/bin/sh\nset -e\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn compile(&self, program: &str, training: Option<&Path>) -> Output {
        let mut compiler = Command::new("rustc");
        compiler.args(["--edition", "2024", "-C", "opt-level=1", "-o"]).arg(self.path(program));
        compiler.arg(self.path("program.rs")).env_remove("LINK_TRAINING");
        if let Some(training) = training {
            compiler.env("LINK_TRAINING", training);
        }
        if program != "plain" {
            let linker = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/dist-link");
            compiler.arg("-C").arg(format!("linker={}", linker.display()));
        }
        compiler.output().unwrap()
    }

    fn run(&self, program: &str, numbers: impl IntoIterator<Item = usize>) -> String {
        let run = Command::new(self.path(program))
            .args(numbers.into_iter().map(|it| it.to_string()))
            .output()
            .unwrap();
        assert!(run.status.success());
        String::from_utf8(run.stdout).unwrap()
    }

    /// From the first byte to the last of the functions that the training uses.
    fn stretch(&self, program: &str) -> u64 {
        let symbols = Command::new("nm").arg("-S").arg(self.path(program)).output().unwrap();
        let symbols = String::from_utf8(symbols.stdout).unwrap();
        let hexadecimal = |text: &str| u64::from_str_radix(text, 16).unwrap();
        let used: Vec<(u64, u64)> = symbols
            .lines()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .filter(|line| line.len() == 4 && USED.iter().any(|used| line[3] == format!("part_{used}")))
            .map(|line| (hexadecimal(line[0]), hexadecimal(line[0]) + hexadecimal(line[1])))
            .collect();
        assert_eq!(used.len(), USED.len(), "{symbols}");
        used.iter().map(|(_, end)| end).max().unwrap() - used.iter().map(|(start, _)| start).min().unwrap()
    }
}

#[test]
fn what_is_used_lies_side_by_side() {
    if !peers() {
        return;
    }
    let workshop = Workshop::new();
    assert!(workshop.compile("plain", None).status.success());
    // Two runs: what each uses counts.
    let training = workshop.training("\"$1\" 3 250 >/dev/null\n\"$1\" 390 120 >/dev/null");
    let linked = workshop.compile("ordered", Some(&training));
    assert!(linked.status.success(), "{}", String::from_utf8_lossy(&linked.stderr));
    let (before, after) = (workshop.stretch("plain"), workshop.stretch("ordered"));
    assert!(before > 20_000, "{before} bytes as they were compiled");
    // Other functions that ran, of the library, may lie between those of the two runs.
    assert!(after < before / 2, "{after} bytes instead of {before}");
    assert_eq!(workshop.run("plain", 0..FUNCTIONS), workshop.run("ordered", 0..FUNCTIONS));
}

#[test]
fn a_training_that_fails_is_told() {
    if !peers() {
        return;
    }
    let workshop = Workshop::new();
    let told = |training: Option<&Path>| {
        let linked = workshop.compile("ordered", training);
        assert!(!linked.status.success());
        String::from_utf8(linked.stderr).unwrap()
    };
    assert!(told(None).contains("dist-link: LINK_TRAINING names no command that runs the program"));
    assert!(told(Some(&workshop.path("nowhere"))).contains("dist-link: [Errno 2] No such file"));
    let training = workshop.training("exit 7");
    let message = told(Some(&training));
    assert!(message.contains("dist-link: ") && message.contains("exit status 7"), "{message}");
    let training = workshop.training("true");
    assert!(told(Some(&training)).contains("ran no function of the program"));
}
