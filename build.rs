//! How the binary is linked.

use std::env::{var, var_os};
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn main() {
    // Nothing else that it reads changes by itself.
    println!("cargo::rerun-if-env-changed=RUSTC");
    let is = |name: &str, value: &str| var(name).is_ok_and(|found| found == value);
    // Both are for a program that is small in memory (docs/decisions/0003-release-profile.md).
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release") {
        // At a fixed address, as Go's programs are: 250,000 relocations are most of the time that `--version` takes.
        println!("cargo::rustc-link-arg-bins=-no-pie");
        // The AWS crates are full of functions that are the same but for their types.
        if takes(FOLD) {
            println!("cargo::rustc-link-arg-bins={FOLD}");
        }
    }
}

/// Functions of the same code become one. LLD, which Rust brings along for x86-64, has it; GNU's linker has not.
const FOLD: &str = "-Wl,--icf=all";

/// Whether a program can be linked so.
fn takes(argument: &str) -> bool {
    let link = || {
        let folder = PathBuf::from(var_os("OUT_DIR")?);
        let source = folder.join("probe.rs");
        std::fs::write(&source, "fn main() {}").ok()?;
        let mut compiler = Command::new(var_os("RUSTC")?);
        compiler.args(var("CARGO_ENCODED_RUSTFLAGS").ok()?.split('\u{1f}').filter(|flag| !flag.is_empty()));
        compiler.args(["--target", &var("TARGET").ok()?, "-C", &format!("link-arg={argument}"), "-o"]);
        compiler.arg(folder.join("probe")).arg(source).stdout(Stdio::null()).stderr(Stdio::null());
        compiler.status().ok()
    };
    link().is_some_and(|status| status.success())
}
