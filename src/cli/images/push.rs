//! `images push`.

use serde_json::{Value, json};

use super::args::PushArgs;
use super::place::{Carrier, Place, marker_of};
use super::prepare::{Finished, build_all, describe, megabytes, report, services, to_json};
use super::problem::registry_problem;
use super::{base, gate};
use crate::cli::DONE;
use crate::cli::connect::connect;
use crate::cli::context::Context;
use crate::provider::registry::{Pushed, RegistryError};
use crate::ui::Problem;

pub(super) async fn run(context: &Context, args: &PushArgs) -> Result<u8, Problem> {
    let environment = context.environment_with_images(&args.choice.environment.environment)?;
    // The login first: nobody wants to compile for minutes to learn that there is none.
    let place = match &args.registry {
        Some(other) => Place::other(context, &environment, (other, args.plain_http)).await?,
        None => Place::own(&environment, &connect(context, &environment).await?).await?,
    };
    let base = base::pull(context, &environment, &args.choice).await?;
    let services = services(context, &environment, &args.choice)?;
    let finished = build_all(context, services, args.choice.tag.as_deref(), base.as_ref()).await?;
    let carrier = Carrier::to(&environment, place).await?;
    let mut reports = Vec::new();
    for one in &finished {
        reports.push(push_one(context, &carrier, one).await?);
    }
    if context.printer.json() {
        context.printer.data_json(&report(reports));
    }
    gate::check(context, &environment, &carrier.place, &finished).await?;
    Ok(DONE)
}

async fn push_one(context: &Context, carrier: &Carrier, finished: &Finished) -> Result<Value, Problem> {
    let (place, image) = (&carrier.place, &finished.built.image);
    let repository = place.repository(&finished.name);
    let marker = place.own.then(|| marker_of(finished));
    let carried = carrier.carry(finished, &repository, marker.as_deref()).await;
    let (pushed, attached) = carried.map_err(|error| {
        let problem = registry_problem(&error);
        match error {
            RegistryError::NotFound { .. } | RegistryError::Status { status: 404, .. } if place.own => {
                problem.hint("the repository is made by `platctl up`")
            }
            _ => problem,
        }
    })?;
    let (name, blobs) = (format!("{}/{repository}", place.registry.host()), image.blobs().len());
    let what = match pushed {
        Pushed::Unchanged => "there already".to_owned(),
        Pushed::Done(sent) => format!(
            "pushed: {} of {blobs} blobs sent ({}), {} mounted, {} there",
            sent.uploaded,
            megabytes(sent.bytes),
            sent.mounted,
            sent.there
        ),
    };
    context.printer.say(&format!("{}; {what}", describe(finished)));
    for line in &attached {
        context.printer.say(&format!("  {line}"));
    }
    if !context.printer.json() {
        context.printer.data(&format!("{name}:{}@{}", finished.tag, image.digest()));
    }
    let mut json = to_json(finished);
    json["reference"] = format!("{name}@{}", image.digest()).into();
    json["pushed"] = match pushed {
        Pushed::Unchanged => json!({ "uploaded": 0, "bytes": 0, "mounted": 0, "there": blobs }),
        Pushed::Done(sent) => json!({
            "uploaded": sent.uploaded, "bytes": sent.bytes, "mounted": sent.mounted, "there": sent.there,
        }),
    };
    Ok(json)
}
