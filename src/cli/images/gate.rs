//! Waiting for the registry's scan, and having it judged.

use std::time::Duration;

use jiff::Zoned;

use super::prepare::Finished;
use super::push::Place;
use crate::cli::FAILED;
use crate::cli::connect::call_problem;
use crate::cli::context::{Context, Environment};
use crate::config::schema::{self, OnUnscannable, ScanGate};
use crate::image::{Allowed, Finding, Gate, Scanned, Severity};
use crate::provider::aws::{Aws, ecr};
use crate::provider::{Clock as _, SystemClock};
use crate::ui::Problem;

/// Between two questions.
const INTERVAL: Duration = Duration::from_secs(5);

/// Stops when an image does not pass.
pub(super) async fn check(
    context: &Context,
    environment: &Environment,
    place: &Place,
    finished: &[Finished],
) -> Result<(), Problem> {
    let Some(settings) = &environment.loaded.platform.settings.images.scan else { return Ok(()) };
    let (true, Some(connection)) = (place.own, &place.connection) else {
        context.printer.warn("only Amazon ECR scans images: what was pushed elsewhere was not judged");
        return Ok(());
    };
    let gate = gate(settings)?;
    let mut stops = Vec::new();
    for one in finished {
        let repository = place.repository(&one.name);
        for (platform, image) in &one.built.image.platforms {
            let digest = image.manifest.descriptor.digest.as_str();
            let scanned = wait(&connection.aws, &repository, digest, settings).await?;
            let judgement = gate.judge(&scanned);
            let name = format!("{} for {platform}", one.name);
            judgement.warnings.iter().for_each(|text| context.printer.warn(&format!("{name}: {text}")));
            stops.extend(judgement.stops.into_iter().map(|text| format!("{name}: {text}")));
        }
    }
    if stops.is_empty() {
        return Ok(());
    }
    let mut problem = Problem::new(FAILED, "the scan gate refuses what was pushed");
    problem.causes = stops;
    Err(problem.hint(
        "update what is affected; or let a finding through in [[images.scan.allow]], with a reason and a day",
    ))
}

fn gate(settings: &ScanGate) -> Result<Gate, Problem> {
    let allowed = settings.allow.iter().map(|allowed| {
        let expires =
            allowed.expires.parse().map_err(|error: jiff::Error| Problem::from_error(FAILED, &error))?;
        Ok(Allowed { id: allowed.name.clone(), reason: allowed.reason.clone(), expires })
    });
    Ok(Gate {
        severity: match settings.severity {
            schema::Severity::Low => Severity::Low,
            schema::Severity::Medium => Severity::Medium,
            schema::Severity::High => Severity::High,
            schema::Severity::Critical => Severity::Critical,
        },
        stops_unscannable: settings.on_unscannable == OnUnscannable::Stop,
        allowed: allowed.collect::<Result<_, Problem>>()?,
        today: Zoned::now().date(),
    })
}

/// Asks until the scan has ended, or for as long as is allowed.
async fn wait(aws: &Aws, repository: &str, digest: &str, settings: &ScanGate) -> Result<Scanned, Problem> {
    let clock = SystemClock::default();
    let limit = Duration::from_secs(60 * u64::from(settings.timeout_minutes));
    loop {
        match ecr::scan(aws, repository, digest).await.map_err(|error| call_problem(&error))? {
            ecr::Scan::Found(findings) => {
                return Ok(Scanned::Found(findings.into_iter().map(finding).collect()));
            }
            ecr::Scan::None { status, why } => return Ok(Scanned::Unscannable(format!("{status} ({why})"))),
            ecr::Scan::Pending if clock.now() >= limit => {
                let text = format!("no result after {} minutes", settings.timeout_minutes);
                return Ok(Scanned::Unscannable(text));
            }
            ecr::Scan::Pending => clock.sleep(INTERVAL).await,
        }
    }
}

fn finding(found: ecr::ScanFinding) -> Finding {
    let severity = match found.severity.as_str() {
        "CRITICAL" => Severity::Critical,
        "HIGH" => Severity::High,
        "MEDIUM" => Severity::Medium,
        "LOW" => Severity::Low,
        // A severity that nobody has judged yet may be any: it counts as high.
        "UNDEFINED" | "UNTRIAGED" => Severity::High,
        _ => Severity::Minor,
    };
    Finding { id: found.id, severity, packages: found.packages }
}
