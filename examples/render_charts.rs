//! Renders charts again and again and says how long it took: the half of `scripts/bench/charts` that runs here.
//!
//! usage: render_charts texts|objects ROUNDS CHART...   One JSON object a line: chart, made, median_ms, peak_kb.
//! `texts` ends with the text of each template, as Helm's library does; `objects` tells them apart and orders them.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measuring program")]

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use platctl::chart::host::Host;
use platctl::chart::load::{self, IgnoreRules};
use platctl::chart::render::{RenderOptions, render, render_texts};
use platctl::chart::{Content, File, value};

struct LocalHost;

impl Host for LocalHost {
    fn now(&self) -> (i64, u32) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (now.as_secs() as i64, now.subsec_nanos())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        use std::io::Read;
        let filled = fs::File::open("/dev/urandom").and_then(|mut random| random.read_exact(bytes));
        filled.expect("the system gives random bytes");
    }
}

fn read(root: &Path, folder: &Path, rules: &IgnoreRules, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root).map_err(io::Error::other)?.to_string_lossy().into_owned();
        let is_folder = path.is_dir();
        if rules.ignores(&name, is_folder) {
        } else if is_folder {
            read(root, &path, rules, files)?;
        } else if load::is_only_shown(&name) {
            files.push(File { name, data: Content::later(move || fs::read(&path)) });
        } else {
            files.push(File { name, data: fs::read(&path)?.into() });
        }
    }
    Ok(())
}

/// Reads and renders a chart once; the number of its texts, or of its objects.
fn once(chart: &Path, objects: bool) -> Result<usize, Box<dyn Error>> {
    let rules = fs::read_to_string(chart.join(".helmignore")).unwrap_or_default();
    let rules = IgnoreRules::parse(&rules)?;
    let mut files = Vec::new();
    read(chart, chart, &rules, &mut files)?;
    let loaded = load::from_files(files)?;
    let options = RenderOptions { crds: false, ..RenderOptions::install("release", "space") };
    if !objects {
        return Ok(render_texts(loaded, &value::Object::new(), &options, &LocalHost)?.len());
    }
    let rendered = render(loaded, &value::Object::new(), &options, &LocalHost)?;
    Ok(rendered.manifest.objects.len() + rendered.manifest.hooks.len())
}

fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let objects = arguments.next().is_some_and(|what| what == "objects");
    let rounds: usize = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    for chart in arguments {
        let mut made = 0;
        let mut times = Vec::new();
        for _ in 0..rounds.max(1) {
            let start = Instant::now();
            made = once(Path::new(&chart), objects)?;
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        println!(
            "{}",
            serde_json::json!({"chart": chart, "made": made, "median_ms": median, "peak_kb": peak_kb()})
        );
    }
    Ok(())
}
