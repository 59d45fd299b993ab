//! Waiting for the registry's scan, and having it judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Zoned;

use super::place::Place;
use super::prepare::Finished;
use crate::cli::FAILED;
use crate::cli::connect::call_problem;
use crate::cli::context::{Context, Environment};
use crate::config::schema::{self, OnUnscannable, ScanGate};
use crate::image::{Allowed, Finding, Gate, Scanned, Severity};
use crate::model::Readiness;
use crate::provider::aws::{Aws, ecr};
use crate::provider::{self, Clock as _, SystemClock};
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
    let (true, Some(aws)) = (place.own, &place.aws) else {
        context.printer.warn("only Amazon ECR scans images: what was pushed elsewhere was not judged");
        return Ok(());
    };
    let gate = gate(settings)?;
    let mut stops = Vec::new();
    for one in finished {
        let repository = place.repository(&one.name);
        for (platform, image) in &one.built.image.platforms {
            let digest = image.manifest.descriptor.digest.as_str();
            let scanned = wait(aws, &repository, digest, settings).await?;
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

/// The gate as a plan's images pass it: asked again and again, by whoever waits for them.
pub(in crate::cli) struct Watch {
    gate: Gate,
    limit: Duration,
    clock: SystemClock,
    /// When each image was asked about first.
    since: Mutex<BTreeMap<String, Duration>>,
    notes: Mutex<BTreeSet<String>>,
}

impl Watch {
    /// The one that is configured.
    pub(super) fn new(environment: &Environment) -> Result<Option<Self>, Problem> {
        let Some(settings) = &environment.loaded.platform.settings.images.scan else { return Ok(None) };
        Ok(Some(Self {
            gate: gate(settings)?,
            limit: Duration::from_secs(60 * u64::from(settings.timeout_minutes)),
            clock: SystemClock::default(),
            since: Mutex::default(),
            notes: Mutex::default(),
        }))
    }

    /// What has to be known although it stopped nothing.
    pub(in crate::cli) fn notes(&self) -> BTreeSet<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn has_waited(&self, image: &str) -> Duration {
        let now = self.clock.now();
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        now.saturating_sub(*since.entry(image.to_owned()).or_insert(now))
    }
}

impl provider::ScanGate for Watch {
    fn judge(&self, image: &str, scan: &ecr::Scan) -> Readiness {
        let waited = self.has_waited(image);
        let scanned = match scan {
            ecr::Scan::Found(findings) => Scanned::Found(findings.iter().cloned().map(finding).collect()),
            ecr::Scan::None { status, why } => Scanned::Unscannable(format!("{status} ({why})")),
            ecr::Scan::Pending if waited >= self.limit => {
                Scanned::Unscannable(format!("no result after {} minutes", self.limit.as_secs() / 60))
            }
            ecr::Scan::Pending => return Readiness::Pending("being scanned".to_owned()),
        };
        let judgement = self.gate.judge(&scanned);
        let notes = judgement.warnings.into_iter().map(|text| format!("{image}: {text}"));
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).extend(notes);
        if judgement.stops.is_empty() {
            return Readiness::Ready;
        }
        Readiness::Failed(format!("the scan gate refuses it: {}", judgement.stops.join("; ")))
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
