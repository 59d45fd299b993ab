//! From arguments to values.

use std::io::Read;

use super::args::ValuesArgs;
use super::problem::ChartProblem;
use crate::chart::Object;
use crate::chart::load::read_values;
use crate::chart::values::{Overrides, merge_over};
use crate::provider::charts::{Charts, Reference};

/// The values the arguments give: files first, then `--set-json`, `--set`, `--set-string`, `--set-file`,
/// `--set-literal`, whatever their order on the command line.
pub(super) async fn read(args: &ValuesArgs, charts: &Charts) -> Result<Object, ChartProblem> {
    let mut values = Object::new();
    for file in &args.values {
        let text = read_file(file, charts).await?;
        let read =
            read_values(&text).map_err(|source| ChartProblem::Values { file: file.clone(), source })?;
        values = merge_over(values, read);
    }
    let overrides = Overrides {
        json: args.set_json.clone(),
        typed: args.set.clone(),
        text: args.set_string.clone(),
        file: args.set_file.clone(),
        literal: args.set_literal.clone(),
    };
    let content = |path: &str| {
        let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    overrides.apply(&mut values, content).map_err(|(flag, expression, source)| ChartProblem::Set {
        flag,
        expression,
        source,
    })?;
    Ok(values)
}

async fn read_file(file: &str, charts: &Charts) -> Result<Vec<u8>, ChartProblem> {
    let failed = |error: std::io::Error| ChartProblem::File { file: file.to_owned(), why: error.to_string() };
    if file.trim() == "-" {
        let mut text = Vec::new();
        std::io::stdin().lock().read_to_end(&mut text).map_err(failed)?;
        return Ok(text);
    }
    if file.starts_with("https://") || file.starts_with("http://") {
        return Ok(charts.fetch(&Reference::Url(file.to_owned()), None).await?.bytes);
    }
    std::fs::read(file).map_err(failed)
}
