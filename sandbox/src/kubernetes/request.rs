//! The control calls: which body makes or removes what.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{interface, service, volume};
use crate::clock::Time;
use crate::owner::Owner;
use crate::services;
use crate::wire::failure::Failure;
use crate::wire::message::Request;
use crate::world::{Call, Place};

/// A refused control call: HTTP status and why.
pub(crate) type Refusal = (u16, String);

/// Where a cluster is.
#[derive(Debug, Deserialize)]
struct Where {
    /// The account; the default one when missing.
    #[serde(default)]
    account: Option<String>,
    /// The region.
    region: String,
}

/// Does what the controllers do when an object appears (`POST`) or goes (`DELETE`).
///
/// # Errors
/// 400 for a body that cannot be read, 404 for another path, 409 for what AWS or the controllers refuse; nothing
/// has changed then.
pub(crate) fn change(owner: &mut Owner, path: &str, request: &Request, wall: Time) -> Result<Value, Refusal> {
    let unread = |error: serde_json::Error| (400, format!("the body cannot be read: {error}"));
    let mut body: Value = serde_json::from_slice(&request.body).map_err(unread)?;
    let place: Where = serde_json::from_value(body.clone()).map_err(unread)?;
    if let Value::Object(members) = &mut body {
        members.shift_remove("account");
        members.shift_remove("region");
    }
    let now = owner.settled(wall);
    let before = Arc::clone(&owner.world);
    let place = Place {
        account: place.account.unwrap_or_else(|| before.default_account.clone()),
        region: place.region,
        operation: format!("{} {path}", request.method),
        now,
        access_key: String::new(),
        endpoint: String::new(),
    };
    let eks = services::service("eks").ok_or_else(|| (500, "there is no EKS".to_owned()))?;
    let mut call = Call::new(&mut owner.world, &mut owner.blobs, eks, place);
    let done = match (request.method.as_str(), path) {
        ("POST", "/services") => service::appear(&mut call, read(body)?),
        ("PUT", "/services") => service::retarget(&mut call, read(body)?),
        ("DELETE", "/services") => service::go(&mut call, &read(body)?),
        ("POST", "/volumes") => volume::appear(&mut call, &read(body)?),
        ("POST", "/interfaces") => interface::appear(&mut call, &read(body)?),
        (method, path) => return Err((404, format!("no control call {method} /_sandbox/kubernetes{path}"))),
    };
    done.map_err(|Failure { code, message, .. }| {
        owner.world = before;
        (409, format!("{code}: {message}"))
    })
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, Refusal> {
    serde_json::from_value(body).map_err(|error| (400, format!("the body cannot be read: {error}")))
}
