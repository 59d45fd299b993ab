//! `doctor`: whether `up` would get through.

use clap::Args;
use serde_json::json;

use super::args::EnvironmentArg;
use super::connect::{announce, reach};
use super::context::Context;
use super::{CREDENTIALS, DONE, FAILED, flow};
use crate::inspect::{Check, Finding, Patient, Verdict, examine};
use crate::ui::{Paint, Problem};

/// Find out whether `up` would get through, and change nothing.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
}

pub(super) async fn run(context: &Context, args: &DoctorArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let connection = reach(context, &environment).await?;
    announce(context, &environment, &connection);
    let reader = connection.read_only();
    let state = flow::load(&environment)?;
    let settings = &environment.loaded.platform.settings;
    let findings = examine(&reader, Patient { settings, desired: &environment.desired, state: &state }).await;
    let code = exit_code(&findings);
    tell(context, ("platctl/doctor", &environment.name), &findings, code);
    Ok(code)
}

/// Tells findings, to people or as data of a schema.
pub(super) fn tell(context: &Context, (schema, environment): (&str, &str), findings: &[Finding], code: u8) {
    let printer = &context.printer;
    if printer.json() {
        let findings: Vec<_> = findings
            .iter()
            .map(|one| {
                json!({"check": one.check.as_str(), "verdict": word(one.verdict), "told": one.told, "hint": one.hint})
            })
            .collect();
        printer.data_json(&json!({
            "schema": schema, "version": 1, "environment": environment, "exit_code": code, "findings": findings,
        }));
        return;
    }
    for finding in findings {
        printer.data(&line(finding, printer.data_paint()));
    }
}

/// Credentials, account and permissions that do not suffice weigh more than room and zones.
fn exit_code(findings: &[Finding]) -> u8 {
    let bad = |checks: &[Check]| {
        findings.iter().any(|one| one.verdict == Verdict::Bad && checks.contains(&one.check))
    };
    if bad(&[Check::Credentials, Check::Account, Check::Permissions]) {
        CREDENTIALS
    } else if bad(&[Check::Quotas, Check::Zones, Check::Names]) {
        FAILED
    } else {
        DONE
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Unknown => "unknown",
        Verdict::Bad => "bad",
    }
}

fn line(finding: &Finding, paint: Paint) -> String {
    let mark = match finding.verdict {
        Verdict::Good => paint.green("✓"),
        Verdict::Unknown => paint.yellow("?"),
        Verdict::Bad => paint.red("✗"),
    };
    let hint = finding.hint.as_ref().map(|hint| format!("\n  {} {hint}", paint.cyan("hint:")));
    format!("{mark} {}: {}{}", finding.check.as_str(), finding.told, hint.unwrap_or_default())
}
