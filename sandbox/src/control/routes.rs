//! Which path does what.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Pace, Time};
use crate::faults::{CLUSTER, Fault};
use crate::kubernetes;
use crate::owner::Owner;
use crate::services;
use crate::wire::message::{Reply, Request};
use crate::world::{Principal, World};

type Answered = Result<Value, (u16, String)>;

/// Answers a control request; `path` is what follows `/_sandbox`.
pub(crate) fn answer(owner: &mut Owner, path: &str, request: &Request, wall: Time) -> Reply {
    let answered = match (request.method.as_str(), path.trim_end_matches('/')) {
        ("GET", "" | "/status") => Ok(status(owner, wall)),
        ("POST", "/reset") => Ok(reset(owner, wall)),
        ("GET", "/clock") => Ok(clock(owner, wall)),
        ("POST", "/clock") => set_clock(owner, request, wall),
        ("GET", "/faults") => Ok(json!({ "faults": faults(owner) })),
        ("POST", "/faults") => arm(owner, request),
        ("DELETE", "/faults") => Ok(disarm(owner)),
        ("POST", "/faults/strike") => strike(owner, request),
        ("GET", "/calls") => Ok(calls(owner, request)),
        ("DELETE", "/calls") => {
            owner.calls.clear();
            Ok(json!({}))
        }
        ("GET", "/resources") => Ok(json!(services::inventory(owner.world()))),
        ("POST", "/settings") => settings(owner, request, wall),
        ("POST", "/keys") => key(owner, request),
        ("POST", "/quotas") => quota(owner, request),
        ("POST", "/ecr/findings") => {
            let world = Arc::make_mut(&mut owner.world);
            services::ecr::seed_findings(world, &request.body).map_err(|text| (400, text))
        }
        ("POST", "/ecr/open") => {
            let world = Arc::make_mut(&mut owner.world);
            services::ecr::open_registry(world, &request.body).map_err(|text| (400, text))
        }
        (_, path) if path.starts_with("/kubernetes/") => {
            kubernetes::change(owner, path.trim_start_matches("/kubernetes"), request, wall)
        }
        _ => Err((404, format!("no control call {} /_sandbox{path}", request.method))),
    };
    match answered {
        Ok(value) => Reply::new(200, "application/json", value.to_string()),
        Err((status, text)) => Reply::new(status, "application/json", json!({ "error": text }).to_string()),
    }
}

fn body<'r, T: Deserialize<'r>>(request: &'r Request) -> Result<T, (u16, String)> {
    serde_json::from_slice(&request.body).map_err(|error| (400, format!("the body cannot be read: {error}")))
}

fn status(owner: &Owner, wall: Time) -> Value {
    let world = owner.world();
    json!({
        "clock": world.clock.pace.to_string(),
        "time": world.clock.at(wall).iso(),
        "account": world.default_account,
        "enforce_iam": world.enforce_iam,
        "consistency_delay_ms": world.consistency_delay,
        "pending": world.pending.len(),
        "services": services::SERVICES.iter().map(|service| service.name).collect::<Vec<_>>(),
    })
}

/// A fresh world with the settings of the start. The clock keeps its pace.
fn reset(owner: &mut Owner, wall: Time) -> Value {
    let settings = owner.settings.clone();
    let world = World::new(settings.seed, owner.world.clock.pace, &settings.account, wall);
    owner.world = Arc::new(World { enforce_iam: settings.enforce_iam, ..world });
    owner.calls.clear();
    json!({})
}

fn clock(owner: &Owner, wall: Time) -> Value {
    let clock = &owner.world().clock;
    json!({ "pace": clock.pace.to_string(), "time": clock.at(wall).iso() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    #[serde(default)]
    pace: Option<String>,
    #[serde(default)]
    advance_seconds: Option<i64>,
}

fn set_clock(owner: &mut Owner, request: &Request, wall: Time) -> Answered {
    let change: ClockChange = body(request)?;
    let pace = change.pace.map(|text| text.parse::<Pace>()).transpose().map_err(|text| (400, text))?;
    let world = Arc::make_mut(&mut owner.world);
    if let Some(pace) = pace {
        world.clock.set_pace(pace, wall);
    }
    if let Some(seconds) = change.advance_seconds {
        world.clock.advance(seconds.saturating_mul(1000));
    }
    Ok(clock(owner, wall))
}

fn faults(owner: &Owner) -> Vec<Value> {
    let shown = |(id, fault): (&str, &Fault)| {
        let mut value = json!(fault);
        value["id"] = id.into();
        value
    };
    owner.world().faults.iter().map(shown).collect()
}

fn arm(owner: &mut Owner, request: &Request) -> Answered {
    let fault: Fault = body(request)?;
    if fault.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
        return Err((400, "share must be between 0 and 1".into()));
    }
    let known = |name: &str| {
        let raw = |service: &services::Service| service.raw.as_ref().is_some_and(|raw| raw.name == name);
        name == CLUSTER || services::service(name).is_some() || services::SERVICES.iter().any(raw)
    };
    if fault.service.as_deref().is_some_and(|name| !known(name)) {
        return Err((400, format!("there is no service {}", fault.service.unwrap_or_default())));
    }
    let world = Arc::make_mut(&mut owner.world);
    let id = format!("fault-{}", world.next_sequence());
    world.faults.insert(&id, Fault { matched: 0, struck: 0, ..fault });
    Ok(json!({ "id": id }))
}

fn disarm(owner: &mut Owner) -> Value {
    Arc::make_mut(&mut owner.world).faults.retain(|_, _| false);
    json!({})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterCall {
    operation: String,
    mutating: bool,
}

/// Counts a call to a cluster at every armed fault. Asked by the clusters themselves.
fn strike(owner: &mut Owner, request: &Request) -> Answered {
    let ClusterCall { operation, mutating } = body(request)?;
    Ok(json!({ "struck": owner.strike(CLUSTER, &operation, mutating) }))
}

fn calls(owner: &Owner, request: &Request) -> Value {
    let query = request.query_pairs();
    let after =
        query.iter().find(|(name, _)| name == "after").and_then(|(_, text)| text.parse().ok()).unwrap_or(0);
    let entries: Vec<_> = owner.calls.since(after).collect();
    let ended: Vec<_> = owner.calls.ended().collect();
    json!({ "counts": owner.calls.counts(), "calls": entries, "ended": ended })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsChange {
    #[serde(default)]
    enforce_iam: Option<bool>,
    #[serde(default)]
    consistency_delay_ms: Option<i64>,
    #[serde(default)]
    default_account: Option<String>,
    #[serde(default)]
    end_tokens: bool,
}

fn settings(owner: &mut Owner, request: &Request, wall: Time) -> Answered {
    let change: SettingsChange = body(request)?;
    let world = Arc::make_mut(&mut owner.world);
    if let Some(enforce) = change.enforce_iam {
        world.enforce_iam = enforce;
    }
    if let Some(delay) = change.consistency_delay_ms {
        world.consistency_delay = delay.max(0);
    }
    if let Some(account) = change.default_account {
        world.default_account = account;
    }
    if change.end_tokens {
        // Tokens know whole seconds.
        world.tokens_from = Time(wall.0 - wall.0.rem_euclid(1000));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyChange {
    access_key: String,
    account: String,
    #[serde(default)]
    arn: Option<String>,
    #[serde(default)]
    secret: Option<String>,
}

/// Says whose an access key is.
fn key(owner: &mut Owner, request: &Request) -> Answered {
    let change: KeyChange = body(request)?;
    let arn = change.arn.unwrap_or_else(|| format!("arn:aws:iam::{}:root", change.account));
    let KeyChange { account, secret, .. } = change;
    let principal = Principal { user_id: account.clone(), account, arn, expires: None, secret };
    Arc::make_mut(&mut owner.world).keys.insert(&change.access_key, principal);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotaChange {
    #[serde(default)]
    account: Option<String>,
    region: String,
    code: String,
    value: u32,
}

/// Raises or lowers one of the limits that EC2 enforces.
fn quota(owner: &mut Owner, request: &Request) -> Answered {
    let change: QuotaChange = body(request)?;
    let world = Arc::make_mut(&mut owner.world);
    let account = change.account.unwrap_or_else(|| world.default_account.clone());
    let region = world.accounts.entry(account).or_default().regions.entry(change.region).or_default();
    region.ec2.quotas.insert(change.code, change.value);
    Ok(json!({}))
}
