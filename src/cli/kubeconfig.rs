//! `kubeconfig`: what kubectl and other tools need to reach the environment's cluster.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::args::EnvironmentArg;
use super::connect::connect;
use super::context::{Context, Environment};
use super::{DONE, FAILED, cluster};
use crate::provider::aws::ClusterPlace;
use crate::provider::kube::{Entry, FileError, KubeconfigError, document, merge, write};
use crate::ui::Problem;

/// Print a kubeconfig for the cluster, or write it into yours.
///
/// It holds no secret: tools run `platctl token` when they need one.
#[derive(Debug, Args)]
pub(super) struct KubeconfigArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// Put it into a kubeconfig, beside what is there
    #[arg(short, long)]
    write: bool,
    /// The kubeconfig to write; the first of $KUBECONFIG or ~/.kube/config if it is not given
    #[arg(long, value_name = "FILE", requires = "write")]
    file: Option<PathBuf>,
    /// Make it the current context there, also when another one is
    #[arg(long, requires = "write")]
    current: bool,
    /// The name of the context, the cluster and the user; the cluster's own if it is not given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) async fn run(context: &Context, args: &KubeconfigArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    cluster::name(&environment)?;
    let reader = connect(context, &environment).await?.read_only();
    let place = cluster::place(&environment, &reader).await?;
    let entry = entry(context, &environment, args, place)?;
    if !args.write {
        if context.printer.json() {
            let tree = serde_json::to_value(document(&entry));
            context.printer.data_json(&tree.map_err(|error| Problem::from_error(FAILED, &error))?);
        } else {
            let text = merge("", &entry, true).map_err(|error| Problem::from_error(FAILED, &error))?;
            context.printer.data(&text);
        }
        return Ok(DONE);
    }
    let file = match &args.file {
        Some(file) => file.clone(),
        None => customary()?,
    };
    let changed = write(&file, &entry, args.current).map_err(|error| file_problem(&error))?;
    if context.printer.json() {
        context.printer.data_json(&json!({
            "schema": "platctl/kubeconfig", "version": 1, "file": file, "context": entry.name, "changed": changed,
        }));
        return Ok(DONE);
    }
    let what = if changed { "wrote" } else { "nothing new for" };
    context.printer.say(&format!(
        "{what} context {} in {}; try: kubectl --context {} get nodes",
        entry.name,
        file.display(),
        entry.name
    ));
    Ok(DONE)
}

fn entry(
    context: &Context,
    environment: &Environment,
    args: &KubeconfigArgs,
    place: ClusterPlace,
) -> Result<Entry, Problem> {
    let absolute = |path: &Path| {
        std::fs::canonicalize(path).map_err(|error| {
            Problem::from_error(FAILED, &error).hint(format!("while looking for {}", path.display()))
        })
    };
    let command = std::env::current_exe().map_err(|error| Problem::from_error(FAILED, &error))?;
    let folder = absolute(&context.global.directory)?;
    let mut arguments = vec!["-C".to_owned(), folder.display().to_string()];
    if context.global.sandbox {
        arguments.push("--sandbox".to_owned());
    }
    arguments.extend(["token".to_owned(), environment.name.clone()]);
    Ok(Entry {
        name: args.name.clone().map_or_else(|| cluster::name(environment).map(str::to_owned), Ok)?,
        server: place.endpoint,
        authority: place.authority,
        command: command.display().to_string(),
        arguments,
    })
}

/// The file that kubectl writes: the first of `$KUBECONFIG`, else the one at home.
fn customary() -> Result<PathBuf, Problem> {
    let listed = std::env::var_os("KUBECONFIG").unwrap_or_default();
    if let Some(first) = std::env::split_paths(&listed).find(|path| !path.as_os_str().is_empty()) {
        return Ok(first);
    }
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    home.map(|home| home.join(".kube").join("config"))
        .ok_or_else(|| Problem::new(FAILED, "there is no home folder").hint("name the file with --file"))
}

fn file_problem(error: &FileError) -> Problem {
    let problem = Problem::from_error(FAILED, error);
    match error {
        FileError::Content { source: KubeconfigError::Taken { .. }, .. } => {
            problem.hint("choose another name with --name, or remove that entry")
        }
        FileError::Locked(path) => {
            problem.hint(format!("if nothing does, remove it: rm '{}'", path.display()))
        }
        _ => problem,
    }
}
