//! A rendered chart as text: what `helm template` prints.

use std::fmt::Write;

use super::pipeline::Rendered;
use crate::chart::glob;
use crate::chart::manifest::{HookEvent, split};

/// What is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputOptions {
    /// Custom resource definitions, before everything else.
    pub crds: bool,
    /// Hooks are left out.
    pub no_hooks: bool,
    /// Test hooks are left out.
    pub skip_tests: bool,
    /// If not empty, only what comes from templates whose path inside the chart matches one of these.
    pub show_only: Vec<String>,
}

/// A pattern of `show_only` that matches no template with any output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not find template {0} in chart")]
pub struct NoSuchTemplate(pub String);

impl Rendered {
    /// The release's manifest as Helm keeps it: without hooks.
    pub fn manifest_text(&self, crds: bool) -> String {
        let mut out = String::new();
        if crds {
            for (path, file) in &self.crds {
                section(&mut out, path, &String::from_utf8_lossy(&file.data));
            }
        }
        for object in &self.manifest.objects {
            section(&mut out, &object.template, &object.content);
        }
        out
    }

    /// What `helm template` prints.
    pub fn output(&self, options: &OutputOptions) -> Result<String, NoSuchTemplate> {
        let mut out = self.manifest_text(options.crds).trim().to_owned();
        out.push('\n');
        if !options.no_hooks {
            for hook in &self.manifest.hooks {
                if !(options.skip_tests && hook.events.contains(&HookEvent::Test)) {
                    section(&mut out, &hook.object.template, &hook.object.content);
                }
            }
        }
        if options.show_only.is_empty() { Ok(out) } else { only(&out, &options.show_only) }
    }
}

fn section(out: &mut String, source: &str, text: &str) {
    let _infallible = write!(out, "---\n# Source: {source}\n{text}\n");
}

fn only(all: &str, patterns: &[String]) -> Result<String, NoSuchTemplate> {
    let documents = split(all);
    let mut out = String::new();
    for pattern in patterns {
        let before = out.len();
        for document in &documents {
            let source = document.text.lines().find_map(|line| line.split_once("# Source: "));
            let inside = source.and_then(|(_, path)| path.split_once('/')).map(|(_, inside)| inside);
            if inside.is_some_and(|inside| glob::matches(pattern, inside)) {
                let _infallible = write!(out, "---\n{}\n", document.text);
            }
        }
        if out.len() == before {
            return Err(NoSuchTemplate(pattern.clone()));
        }
    }
    Ok(out)
}
