//! Who calls: tokens of EKS, verified as its authenticator verifies them, and the access entry of whoever made them.
//!
//! A token is `k8s-aws-v1.` and a GetCallerIdentity that was signed in advance, with the cluster's name in a signed
//! header. The real authenticator sends it to STS; here the signature is computed again with the secret key that the
//! world knows. A key whose secret nobody told the world cannot be verified, and is refused.
//! <https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::place::Place;
use super::signature::Signed;
use crate::clock::Time;
use crate::world::{Principal, World};

const PREFIX: &str = "k8s-aws-v1.";

/// The signed header that holds the cluster's name.
const CLUSTER: &str = "x-k8s-aws-id";

/// How long a token is good, in milliseconds.
const GOOD_FOR: i64 = 15 * 60 * 1000;

/// Clocks may differ by so much, in milliseconds.
const AHEAD: i64 = 5 * 60 * 1000;

/// A policy and the namespaces that it is for; nothing for all and what stands outside of them.
type Grant = (String, Option<Vec<String>>);

/// Who calls, and what is granted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Identity {
    pub(super) username: String,
    pub(super) groups: Vec<String>,
    pub(super) grants: Vec<Grant>,
}

/// Who made a token, if the cluster lets them in; `now` is the wall time.
pub(super) fn verify(world: &World, place: &Place, host: &str, token: &str, now: Time) -> Option<Identity> {
    let url = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let signed = Signed::read(std::str::from_utf8(&url).ok()?)?;
    let asks = signed.path == "/"
        && signed.parameter("Action") == "GetCallerIdentity"
        && signed.parameter("Version") == "2011-06-15";
    let signed_at = signed_at(signed.parameter("X-Amz-Date"))?;
    let timely = (-AHEAD..=GOOD_FOR).contains(&(now.0 - signed_at)) && signed_at >= world.tokens_from.0;
    let bounded =
        signed.parameter("X-Amz-Expires").parse::<u32>().is_ok_and(|seconds| (1..=900).contains(&seconds));
    let known_headers: Option<Vec<(&str, &str)>> = signed
        .headers()
        .into_iter()
        .map(|name| match name {
            "host" => Some((name, signed.host.as_str())),
            CLUSTER => Some((name, place.name.as_str())),
            _ => None,
        })
        .collect();
    let headers = known_headers.filter(|headers| headers.len() == 2)?;
    if !(asks && timely && bounded && is_sts(&signed.host, host)) {
        return None;
    }
    let [key, _, _, service] = signed.credential()?;
    let principal = world.keys.get(key).filter(|_| service == "sts")?;
    let expired = principal.expires.is_some_and(|expires| expires <= world.clock.at(now));
    let secret = principal.secret.as_deref().filter(|_| !expired)?;
    if !signed.is_by(secret, &headers) {
        return None;
    }
    admit(world, place, principal)
}

/// `20260102T030405Z` in milliseconds.
fn signed_at(text: &str) -> Option<i64> {
    let moment = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let zoned = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// The sandbox itself, by any of its names, or an endpoint of AWS's own.
fn is_sts(signed: &str, own: &str) -> bool {
    let port = own.rsplit(':').next().unwrap_or_default();
    let amazon = signed.strip_prefix("sts.").is_some_and(|rest| {
        let rest = rest.strip_suffix(".cn").unwrap_or(rest);
        rest == "amazonaws.com" || rest.ends_with(".amazonaws.com")
    });
    amazon || signed == own || signed == format!("localhost:{port}")
}

fn admit(world: &World, place: &Place, principal: &Principal) -> Option<Identity> {
    let state = &world.region(&place.account, &place.region)?.eks;
    let arn = role_of(world, principal);
    let entry = state.access_entries.get(&format!("{}/{arn}", place.name))?;
    let session = principal.arn.rsplit('/').next().unwrap_or_default();
    let policy = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let mut groups = entry.groups.clone();
    groups.push("system:authenticated".to_owned());
    Some(Identity {
        username: entry.username.replace("{{SessionName}}", session),
        groups,
        grants: entry.policies.iter().map(|(arn, (scope, ..))| (policy(arn), scope.clone())).collect(),
    })
}

/// The principal that an access entry names: for a session its role.
fn role_of(world: &World, principal: &Principal) -> String {
    let session = principal.arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
    let account = world.accounts.get(&principal.account);
    let role = session.and_then(|name| account?.iam.roles.get(name));
    role.map_or_else(|| principal.arn.clone(), |role| role.arn.clone())
}
