//! `init`: a folder of environments to start with.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::{DONE, FAILED, USAGE};
use crate::config::{TemplateError, write_templates};
use crate::ui::Problem;

/// Write environments to start with: environments/common.toml, dev, staging and prod, with comments.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder of the project; it is made when it is not there
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &InitArgs) -> Result<u8, Problem> {
    let folder = match &args.folder {
        Some(folder) => context.global.directory.join(folder),
        None => context.global.directory.clone(),
    };
    let written = write_templates(&folder).map_err(|error| match error {
        TemplateError::Occupied(_) => Problem::from_error(USAGE, &error)
            .hint("nothing was written: `init` overwrites nothing; choose an empty folder"),
        TemplateError::File { .. } => Problem::from_error(FAILED, &error),
    })?;
    let printer = &context.printer;
    if printer.json() {
        let written: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        printer.data_json(&json!({"schema": "platctl/init", "version": 1, "written": written}));
        return Ok(DONE);
    }
    for path in &written {
        printer.data(&path.display().to_string());
    }
    let elsewhere = if args.folder.is_some() { format!(" -C {}", folder.display()) } else { String::new() };
    printer.say(&format!(
        "Next: `platctl{elsewhere} up dev --sandbox` brings it up without an AWS account;\n\
         `platctl{elsewhere} config dev --origin` shows what takes effect."
    ));
    Ok(DONE)
}
