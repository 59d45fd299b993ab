//! What may be typed after `images`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::EnvironmentArg;
use crate::image::Platform;

/// Build the services' images, and push them.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImagesArgs {
    #[command(subcommand)]
    pub(super) verb: ImagesVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum ImagesVerb {
    /// Build images and tell their digests; --output writes them to disk
    Build(BuildArgs),
    /// Tell which images would be built again and why; compiles nothing
    Status(StatusArgs),
    /// Build images and push them to the environment's registry
    Push(PushArgs),
}

/// What is built, and how.
#[derive(Debug, Args)]
pub(super) struct Choice {
    #[command(flatten)]
    pub(super) environment: EnvironmentArg,
    /// The services; all that are built from a folder when none is named
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
    /// Only for this platform; for those of the node groups otherwise; may be given again
    #[arg(long, value_name = "linux/amd64|linux/arm64", value_parser = platform)]
    pub(super) platform: Vec<Platform>,
    /// Take this binary for a platform in place of compiling one; may be given again
    #[arg(long, value_name = "PLATFORM=PATH", value_parser = binary)]
    pub(super) binary: Vec<(Platform, PathBuf)>,
    /// The tag; made of commit and digest otherwise
    #[arg(long)]
    pub(super) tag: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    pub(super) choice: Choice,
}

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Write the images: a folder in OCI layout, or a file for `docker load`
    #[arg(long, num_args = 2, value_names = ["oci-layout|docker-archive", "PATH"])]
    pub(super) output: Option<Vec<String>>,
}

#[derive(Debug, Args)]
pub(super) struct PushArgs {
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Push to this registry in place of the account's own, with the credentials of `docker login`
    #[arg(long, value_name = "HOST[/PREFIX]")]
    pub(super) registry: Option<String>,
    /// Speak to that registry without TLS
    #[arg(long, requires = "registry")]
    pub(super) plain_http: bool,
}

/// How images are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    OciLayout,
    DockerArchive,
}

fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).ok_or_else(|| "there are linux/amd64 and linux/arm64".to_owned())
}

fn binary(text: &str) -> Result<(Platform, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("write PLATFORM=PATH")?;
    Ok((platform(name)?, PathBuf::from(path)))
}
