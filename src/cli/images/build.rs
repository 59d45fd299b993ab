//! `images build`.

use std::collections::BTreeMap;
use std::path::Path;

use clap::ValueEnum as _;

use super::args::{BuildArgs, Format};
use super::base;
use super::prepare::{build_all, describe, report, services, to_json};
use super::problem::image_problem;
use crate::cli::context::Context;
use crate::cli::{DONE, USAGE};
use crate::image::{Image, write_docker_archive, write_oci_layout};
use crate::ui::Problem;

pub(super) async fn run(context: &Context, args: &BuildArgs) -> Result<u8, Problem> {
    let output = args.output.as_deref().map(read_output).transpose()?;
    let environment = context.environment_with_images(&args.choice.environment.environment)?;
    let base = base::pull(context, &environment, &args.choice).await?;
    let services = services(context, &environment, &args.choice)?;
    let finished = build_all(context, services, args.choice.tag.as_deref(), base.as_ref()).await?;
    if let Some((format, path)) = output {
        let name = |name: &str, tag: &str| format!("{name}:{tag}");
        let images: BTreeMap<String, &Image> =
            finished.iter().map(|one| (name(&one.name, &one.tag), &one.built.image)).collect();
        let written = match format {
            Format::OciLayout => write_oci_layout(path, &images),
            Format::DockerArchive => write_docker_archive(path, &images),
        };
        written.map_err(|error| image_problem(&error))?;
    }
    for one in &finished {
        context.printer.say(&describe(one));
        if !context.printer.json() {
            context.printer.data(&format!("{}:{}@{}", one.name, one.tag, one.built.image.digest()));
        }
    }
    if context.printer.json() {
        context.printer.data_json(&report(finished.iter().map(to_json).collect()));
    }
    Ok(DONE)
}

fn read_output(words: &[String]) -> Result<(Format, &Path), Problem> {
    let [format, path] = words else { return Err(Problem::new(USAGE, "--output takes a format and a path")) };
    match Format::from_str(format, false) {
        Ok(format) => Ok((format, Path::new(path))),
        Err(_) => Err(Problem::new(USAGE, format!("images cannot be written as {format:?}"))
            .hint("--output oci-layout FOLDER, or --output docker-archive FILE")),
    }
}
