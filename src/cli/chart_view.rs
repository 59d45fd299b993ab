//! `chart` on a terminal: data to stdout, what it has to say to stderr, problems with their causes and hints.

use super::chart::{ChartCommand, Fault, World, run as run_verb};
use super::context::Context;
use super::{CREDENTIALS, DONE, FAILED, USAGE};
use crate::ui::Problem;

pub(super) async fn run(context: &Context, command: &ChartCommand) -> Result<u8, Problem> {
    let printer = &context.printer;
    match run_verb(command, &World::from_process()).await {
        Ok(report) => {
            report.notices.iter().for_each(|notice| printer.say(notice));
            if !report.data.is_empty() {
                printer.data(&report.data);
            }
            Ok(if report.failed { FAILED } else { DONE })
        }
        Err(problem) => {
            let code = match problem.fault() {
                Fault::Usage => USAGE,
                Fault::Credentials => CREDENTIALS,
                Fault::Failed => FAILED,
            };
            let told = Problem::from_error(code, &problem);
            Err(match problem.hint() {
                Some(hint) => told.hint(hint),
                None => told,
            })
        }
    }
}
