//! `images`: from the services' folders to images in the registry.

mod args;
mod attach;
mod base;
mod build;
mod gate;
mod prepare;
mod problem;
mod push;
mod status;

pub(super) use args::ImagesArgs;

use super::context::Context;
use crate::ui::Problem;

pub(super) async fn run(context: &Context, args: ImagesArgs) -> Result<u8, Problem> {
    match args.verb {
        args::ImagesVerb::Build(args) => build::run(context, &args).await,
        args::ImagesVerb::Status(args) => status::run(context, &args).await,
        args::ImagesVerb::Push(args) => push::run(context, &args).await,
    }
}
