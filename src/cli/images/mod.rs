//! `images`: from the services' folders to images in the registry; and the same as a part of plans (`planned`).

mod args;
mod attach;
mod base;
mod build;
mod gate;
mod place;
mod planned;
mod prepare;
mod problem;
mod push;
mod status;

pub(super) use args::ImagesArgs;
pub(super) use planned::{as_recorded, build, supply, survey};
pub(super) use prepare::Finished;

use super::context::Context;
use crate::ui::Problem;

pub(super) async fn run(context: &Context, args: ImagesArgs) -> Result<u8, Problem> {
    match args.verb {
        args::ImagesVerb::Build(args) => build::run(context, &args).await,
        args::ImagesVerb::Status(args) => status::run(context, &args).await,
        args::ImagesVerb::Push(args) => push::run(context, &args).await,
    }
}
