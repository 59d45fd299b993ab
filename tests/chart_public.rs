//! Public charts: every chart below a folder, with its default values and each of its `ci/*values.yaml`,
//! rendered here and by Helm's own library, and compared object for object and text for text.
//!
//! `scripts/compare-charts DIR` runs it; without `PLATCTL_CHARTS` there is nothing to compare. There is no
//! list of charts to leave out: what is not compared is what Helm itself refuses to render.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod chart_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chart_support::Oracle;
use platctl::chart::host::Host;
use platctl::chart::load::{self, IgnoreRules};
use platctl::chart::manifest::{self, Object, Sorted};
use platctl::chart::render::{RenderOptions, render};
use platctl::chart::{File, value};
use serde_json::{Value, json};

/// The clock and the dice of this machine.
struct LocalHost;

impl Host for LocalHost {
    fn now(&self) -> (i64, u32) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        (now.as_secs() as i64, now.subsec_nanos())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        use std::io::Read;
        fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
    }
}

/// What a rendering comes to: objects and hooks in their order, and the notes.
#[derive(Debug, PartialEq)]
struct Outcome {
    objects: Vec<Object>,
    notes: String,
    /// The objects as they are printed, each with its source; nothing if Helm's dry run refuses.
    printed: Option<String>,
}

#[derive(Default)]
struct Report {
    charts: usize,
    value_files: usize,
    objects: usize,
    equal: usize,
    by_shape: usize,
    printed: usize,
    refused_by_both: usize,
    not_compared: Vec<String>,
    different: Vec<String>,
}

fn find_charts(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("Chart.yaml").exists() {
        found.push(folder.to_owned());
        return;
    }
    let mut inside: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inside.sort();
    for path in inside {
        if path.is_dir() && !path.is_symlink() {
            find_charts(&path, found);
        }
    }
}

fn read_files(root: &Path, folder: &Path, rules: &IgnoreRules, files: &mut Vec<File>) {
    let mut inside: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inside.sort();
    for path in inside {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if rules.ignores(&name, path.is_dir()) {
            continue;
        }
        if path.is_dir() {
            read_files(root, &path, rules, files);
        } else {
            let data = fs::read(&path).unwrap();
            files.push(File::new(name, data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&data)));
        }
    }
}

fn ours(chart: &Path, values: &value::Object) -> Result<Outcome, String> {
    let rules = fs::read_to_string(chart.join(".helmignore")).unwrap_or_default();
    let rules = IgnoreRules::parse(&rules).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    read_files(chart, chart, &rules, &mut files);
    let loaded = load::from_files(files).map_err(|error| error.to_string())?;
    let options = RenderOptions::install("release", "space");
    let rendered = render(loaded, values, &options, &LocalHost).map_err(|error| error.to_string())?;
    let printed = Some(rendered.manifest_text(false));
    Ok(Outcome { objects: all_objects(rendered.manifest), notes: rendered.notes, printed })
}

fn all_objects(sorted: Sorted) -> Vec<Object> {
    let hooks = sorted.hooks.into_iter().map(|hook| hook.object);
    // Helm's library tells no lines.
    sorted.objects.into_iter().chain(hooks).map(|object| Object { line: 0, ..object }).collect()
}

/// What Helm makes of it; its files are taken apart and put in order as ours are.
fn helms(oracle: &mut Oracle, chart: &Path, values: &Value) -> Result<Outcome, String> {
    let request = json!({
        "op": "render_path", "path": chart, "values": values, "name": "release", "namespace": "space"
    });
    let answer = oracle.ask(&request)?;
    let mut files: BTreeMap<String, String> = serde_json::from_value(answer).unwrap();
    let mut notes = String::new();
    files.retain(|name, text| {
        if name.ends_with("NOTES.txt") {
            if name.matches('/').count() == 2 {
                notes.clone_from(text);
            }
            return false;
        }
        true
    });
    let sorted = manifest::sort(&files).map_err(|error| error.to_string())?;
    let request = json!({
        "op": "manifest", "path": chart, "values": values, "name": "release", "namespace": "space"
    });
    let printed = oracle.ask(&request).ok().and_then(|printed| Some(printed.as_str()?.to_owned()));
    Ok(Outcome { objects: all_objects(sorted), notes, printed })
}

/// What is printed, or, where chance is in it, the sources in their order.
fn same_print(ours: &Outcome, theirs: &Outcome, whole: bool) -> bool {
    let (Some(ours), Some(theirs)) = (&ours.printed, &theirs.printed) else { return true };
    let sources = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("# Source: ")).map(str::to_owned).collect()
    };
    if whole { ours == theirs } else { sources(ours) == sources(theirs) }
}

/// A line without what chance or the clock put into it: every run of letters and digits is one `x`.
fn shape(line: &str) -> String {
    let mut out = String::new();
    for rune in line.chars() {
        let kept = if rune.is_ascii_alphanumeric() || "+/=.$".contains(rune) { 'x' } else { rune };
        if kept != 'x' || !out.ends_with('x') {
            out.push(kept);
        }
    }
    out
}

/// Whether a text is equal to Helm's, but for the shape of the lines that Helm itself does not repeat.
fn equal_by_shape(ours: &str, theirs: &str, again: &str) -> bool {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (ours, theirs, again) = (lines(ours), lines(theirs), lines(again));
    ours.len() == theirs.len()
        && theirs.len() == again.len()
        && ours.iter().zip(theirs.iter().zip(&again)).all(|(ours, (theirs, again))| {
            ours == theirs || (theirs != again && shape(ours) == shape(theirs))
        })
}

fn same_shape(ours: &Outcome, theirs: &Outcome, again: &Outcome) -> bool {
    ours.objects.len() == theirs.objects.len()
        && theirs.objects.len() == again.objects.len()
        && equal_by_shape(&ours.notes, &theirs.notes, &again.notes)
        && ours.objects.iter().zip(theirs.objects.iter().zip(&again.objects)).all(
            |(ours, (theirs, again))| {
                ours.template == theirs.template
                    && equal_by_shape(&ours.content, &theirs.content, &again.content)
            },
        )
}

/// The first difference, for a person.
fn difference(ours: &Outcome, theirs: &Outcome) -> String {
    for (ours, theirs) in ours.objects.iter().zip(&theirs.objects) {
        let template = &ours.template;
        if *template != theirs.template {
            return format!(
                "order: {template} {} here, {} {} there",
                ours.name, theirs.template, theirs.name
            );
        }
        if let Some((ours, theirs)) = first_line(&ours.content, &theirs.content) {
            return format!("{template}:\n    ours {ours:?}\n    helm {theirs:?}");
        }
    }
    if let Some((ours, theirs)) = first_line(&ours.notes, &theirs.notes) {
        return format!("notes:\n    ours {ours:?}\n    helm {theirs:?}");
    }
    format!("{} objects here, {} there", ours.objects.len(), theirs.objects.len())
}

fn first_line(ours: &str, theirs: &str) -> Option<(String, String)> {
    if ours == theirs {
        return None;
    }
    let mut pairs = ours.lines().zip(theirs.lines());
    let pair = pairs.find(|(ours, theirs)| ours != theirs);
    let (ours, theirs) = pair.unwrap_or(("(another length)", ""));
    Some((ours.to_owned(), theirs.to_owned()))
}

fn value_files(chart: &Path) -> Vec<Option<PathBuf>> {
    let mut all = vec![None];
    if let Ok(entries) = fs::read_dir(chart.join("ci")) {
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        found.retain(|path| path.to_string_lossy().ends_with("values.yaml"));
        found.sort();
        all.extend(found.into_iter().map(Some));
    }
    all
}

fn compare(oracle: &mut Oracle, chart: &Path, file: Option<&Path>, report: &mut Report) {
    report.value_files += 1;
    let text = file.map(|file| fs::read_to_string(file).unwrap()).unwrap_or_default();
    let label = format!(
        "{} {}",
        chart.display(),
        file.map_or("(defaults)".into(), |file| file.display().to_string())
    );
    let values = oracle.ask(&json!({"op": "values", "text": text})).unwrap_or_else(|_| json!({}));
    let theirs = helms(oracle, chart, &values);
    let given = load::read_values(text.as_bytes()).map_err(|error| error.to_string());
    let ours = given.and_then(|given| ours(chart, &given));
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            report.objects += theirs.objects.len();
            let equal = (&ours.objects, &ours.notes) == (&theirs.objects, &theirs.notes);
            if !same_print(&ours, &theirs, equal) {
                let (ours, theirs) = (ours.printed.unwrap_or_default(), theirs.printed.unwrap_or_default());
                let lines = first_line(&ours, &theirs);
                report.different.push(format!("{label}\n  printed otherwise: {lines:?}"));
                return;
            }
            report.printed += usize::from(theirs.printed.is_some());
            if equal {
                report.equal += theirs.objects.len();
                return;
            }
            if let Ok(again) = helms(oracle, chart, &values)
                && same_shape(&ours, &theirs, &again)
            {
                report.equal += theirs.objects.len();
                report.by_shape += 1;
                return;
            }
            report.different.push(format!("{label}\n  {}", difference(&ours, &theirs)));
        }
        (Err(_), Err(why)) => {
            report.refused_by_both += 1;
            report.not_compared.push(format!("{label}\n  {}", why.lines().last().unwrap_or_default()));
        }
        (Ok(_), Err(why)) => report.not_compared.push(format!("{label}\n  only Helm refuses: {why}")),
        // The library renders what `helm install` and `helm template` refuse; there are no objects in it.
        (Err(why), Ok(theirs)) if theirs.objects.is_empty() && why.contains("library charts") => {
            report.refused_by_both += 1;
            report.not_compared.push(format!("{label}\n  {why}"));
        }
        (Err(why), Ok(theirs)) => {
            report.objects += theirs.objects.len();
            report.different.push(format!("{label}\n  refused here: {why}"));
        }
    }
}

#[test]
fn public_charts_render_as_in_helm() {
    let Some(folder) = std::env::var_os("PLATCTL_CHARTS") else {
        println!("skipped: PLATCTL_CHARTS names no folder");
        return;
    };
    let mut charts = Vec::new();
    find_charts(&PathBuf::from(folder).canonicalize().unwrap(), &mut charts);
    let mut oracle = Oracle::start();
    let mut report = Report::default();
    for chart in &charts {
        report.charts += 1;
        for file in value_files(chart) {
            compare(&mut oracle, chart, file.as_deref(), &mut report);
        }
    }
    for (title, list) in
        [("not compared, Helm refuses", &report.not_compared), ("different", &report.different)]
    {
        for line in list {
            println!("{title}: {line}");
        }
    }
    println!(
        "charts {}, value files {}, objects {}, equal {} ({} value files by shape), printed alike {} value files, \
         different value files {}, not compared value files {} ({} refused here too)",
        report.charts,
        report.value_files,
        report.objects,
        report.equal,
        report.by_shape,
        report.printed,
        report.different.len(),
        report.not_compared.len(),
        report.refused_by_both
    );
    assert!(report.different.is_empty(), "{} value files differ", report.different.len());
}
