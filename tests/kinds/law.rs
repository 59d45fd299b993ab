//! The laws that hold for every kind.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use platctl::model::{Address, CloudId, Effect, Observed, Recovery, Spec};
use platctl::plan::fingerprint;
use platctl::provider::Class;
use serde_json::Value;

use super::world::{Raw, World};

type Reply = Pin<Box<dyn Future<Output = Option<CloudId>>>>;

/// A resource that the laws are tried on.
pub(crate) struct Case {
    address: Address,
    spec: Spec,
    drifts: Vec<Drift>,
    excused: Vec<&'static str>,
}

/// One field, changed behind platctl's back.
struct Drift {
    field: String,
    effect: Effect,
    /// What is wanted, where it is not what the case wants.
    spec: Option<Spec>,
    act: Box<dyn FnOnce(Raw, String) -> Reply>,
}

impl Case {
    /// A case; it should set every field that there is.
    pub(crate) fn new(address: &str, spec: impl Into<Spec>) -> Self {
        Self { address: address.parse().unwrap(), spec: spec.into(), drifts: Vec::new(), excused: Vec::new() }
    }

    /// A field that the service changes in place, and how somebody else does it.
    pub(crate) fn drift<F>(mut self, field: &str, act: impl FnOnce(Raw, String) -> F + 'static) -> Self
    where
        F: Future<Output = ()> + 'static,
    {
        self.drifts.push(Drift {
            field: field.to_owned(),
            effect: Effect::InPlace,
            spec: None,
            act: Box::new(|raw, id| {
                let acted = act(raw, id);
                Box::pin(async {
                    acted.await;
                    None
                })
            }),
        });
        self
    }

    /// A field that nobody can change: how somebody makes another resource that differs in it alone, and that is
    /// recorded in place of ours. (The first may go for it.)
    pub(crate) fn other<F>(mut self, field: &str, act: impl FnOnce(Raw, String) -> F + 'static) -> Self
    where
        F: Future<Output = String> + 'static,
    {
        self.drifts.push(Drift {
            field: field.to_owned(),
            effect: Effect::Replace,
            spec: None,
            act: Box::new(|raw, id| {
                let acted = act(raw, id);
                Box::pin(async { Some(acted.await.into()) })
            }),
        });
        self
    }

    /// A field of what never changes: how somebody makes another one, which differs in it alone and stays beside ours.
    pub(crate) fn beside<F>(mut self, field: &str, act: impl FnOnce(Raw, String) -> F + 'static) -> Self
    where
        F: Future<Output = String> + 'static,
    {
        self = self.other(field, act);
        self.drifts.last_mut().unwrap().effect = Effect::Anew;
        self
    }

    /// What the last drift is compared with, where that is not the case's own spec.
    pub(crate) fn wanting(mut self, spec: impl Into<Spec>) -> Self {
        self.drifts.last_mut().unwrap().spec = Some(spec.into());
        self
    }

    /// A field that cannot differ by its nature (it is how the resource is found, or only for the order).
    pub(crate) fn excused(mut self, field: &'static str, _why: &'static str) -> Self {
        self.excused.push(field);
        self
    }
}

/// Tries all laws on each case, and that together they leave no field out.
pub(crate) async fn hold(world: &mut World, cases: Vec<Case>) {
    hold_without_end(world, cases).await;
    world.unmake().await;
}

/// As [`hold`], but what the cases stand on is left, for something to be tidied up first.
pub(crate) async fn hold_without_end(world: &mut World, cases: Vec<Case>) {
    let mut fields = BTreeSet::new();
    let mut covered: Vec<String> = Vec::new();
    for case in &cases {
        fields.extend(fields_of(&case.spec));
        covered.extend(case.drifts.iter().map(|drift| drift.field.clone()));
        covered.extend(case.excused.iter().map(|field| (*field).to_owned()));
    }
    let left_out: Vec<&String> =
        fields.iter().filter(|field| !covered.iter().any(|covered| covers(covered, field))).collect();
    assert!(left_out.is_empty(), "fields that nobody changes behind our back: {left_out:?}");
    for case in cases {
        hold_one(world, case).await;
    }
}

async fn hold_one(world: &mut World, case: Case) {
    let Case { address, spec, drifts, excused: _ } = case;
    let kind = address.kind.as_str();
    assert_eq!(world.observe(&address, None, &spec).await, Observed::Absent, "{address} before its create");
    let token = world.token();
    let mut id = world.create(&address, &spec, &token).await.unwrap();
    recovers(world, &address, &spec, &token, &id).await;
    world.converge(&address, &id, &spec).await;
    order_is_no_change(world, &address, &spec, &id).await;

    for drift in drifts {
        let field = drift.field.clone();
        if world.judges(&format!("{kind}.{field}")) {
            id = drifts_and_heals(world, &address, &spec, id, drift).await;
            world.known.insert(address.clone(), id.clone(), None);
            world.converge(&address, &id, &spec).await;
        }
    }

    if address.kind.is_kept() {
        world.try_delete(&address, &id, &spec).await.unwrap();
        world.ready(&address, &id, &spec).await;
        return;
    }
    // A delete whose answer is lost is asked for again, and what is gone is no error.
    world.lose_an_answer().await;
    world.delete(&address, &id, &spec).await;
    world.try_delete(&address, &id, &spec).await.unwrap();
    world.known.remove(&address);
    assert_eq!(world.observe(&address, None, &spec).await, Observed::Absent, "{address} after its end");
}

/// A create whose answer was lost leaves no orphan and makes no twin.
async fn recovers(world: &World, address: &Address, spec: &Spec, token: &str, id: &CloudId) {
    let replays = matches!(address.kind.recovery(), Recovery::Token | Recovery::Edge);
    if replays && world.judges(&format!("{}:replay", address.kind.as_str())) {
        let again = world.create(address, spec, token).await.unwrap();
        assert_eq!(again, *id, "{address}: the create of the same token is the same");
    }
    let is_named = address.kind.recovery() == Recovery::Name;
    if is_named && world.judges(&format!("{}:conflict", address.kind.as_str())) {
        let again = world.create(address, spec, &world.another_token()).await;
        let refused = again.unwrap_err();
        assert_eq!(refused.class, Class::Conflict, "{address}: its name is taken: {refused}");
    }
    match world.observe(address, None, spec).await {
        Observed::Present(live) => assert_eq!(live.id, *id, "{address} is found by tag, name or content"),
        other => panic!("{address} is not found without its id: {other:?}"),
    }
}

/// A service that tells what has no order in another one has changed nothing: neither to a plan, nor to the check
/// just before a change that what was planned for still stands.
async fn order_is_no_change(world: &World, address: &Address, spec: &Spec, id: &CloudId) {
    let seen = world.ready(address, id, spec).await.spec;
    let wanted = world.filled(spec);
    let digest = |seen: &Spec| fingerprint(seen, Some(&wanted), None);
    let value = serde_json::to_value(&seen).unwrap();
    for pointer in lists(&value) {
        let mut other = value.clone();
        other.pointer_mut(&pointer).unwrap().as_array_mut().unwrap().reverse();
        let other: Spec = serde_json::from_value(other).unwrap();
        if wanted.changes(&other).unwrap().is_empty() {
            assert_eq!(digest(&seen), digest(&other), "{address}: {pointer} has no order");
        }
    }
}

/// Pointers to all lists of more than one item.
fn lists(value: &Value) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.replace('~', "~0").replace('/', "~1"), item)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    let here = value.as_array().is_some_and(|items| items.len() > 1).then(String::new);
    let below = inside
        .into_iter()
        .flat_map(|(key, item)| lists(item).into_iter().map(move |rest| format!("/{key}{rest}")));
    here.into_iter().chain(below).collect()
}

async fn drifts_and_heals(
    world: &mut World,
    address: &Address,
    spec: &Spec,
    id: CloudId,
    drift: Drift,
) -> CloudId {
    let Drift { field, effect, spec: wanted, act } = drift;
    let other = act(world.raw.clone(), id.to_string()).await;
    let wanted = wanted.as_ref().unwrap_or(spec);
    let seen = other.as_ref().unwrap_or(&id);
    let changes = world.changes(address, seen, wanted).await;
    let found: Vec<(&str, Effect)> =
        changes.iter().map(|change| (change.field.as_str(), change.effect)).collect();
    assert_eq!(found, [(field.as_str(), effect)], "{address}: exactly the changed field shows: {changes:?}");
    let Some(other) = other else {
        let seen = world.converge(address, &id, spec).await.unwrap();
        // Asking for it again, with what was seen then, changes nothing: so it is after an answer was lost.
        world.update(address, &id, spec, &seen).await;
        assert!(world.changes(address, &id, spec).await.is_empty(), "{address}: {field} is healed for good");
        return id;
    };
    if effect == Effect::Anew {
        return id;
    }
    world.delete(address, &other, wanted).await;
    match world.observe(address, Some(&id), spec).await {
        Observed::Present(_) => id,
        _ => {
            let token = world.token();
            world.create(address, spec, &token).await.unwrap()
        }
    }
}

/// The fields of a spec: paths to what is no struct. A map, a list, and what is compared as a
/// whole counts as one.
fn fields_of(spec: &Spec) -> Vec<String> {
    const WHOLE: [&str; 13] = [
        "encryption",
        "expiry",
        "generated",
        "inline",
        "instance_tags",
        "labels",
        "pod_identities",
        "policies",
        "routes",
        "tags",
        "traffic",
        "unavailable",
        "value",
    ];
    fn walk(path: &str, value: &Value, found: &mut Vec<String>) {
        let name = path.rsplit('.').next().unwrap_or_default();
        match value {
            Value::Object(map) if !WHOLE.contains(&name) && !is_document(name) => {
                for (key, value) in map {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, value, found);
                }
            }
            _ => found.push(path.to_owned()),
        }
    }
    let mut found = Vec::new();
    walk("", &serde_json::to_value(spec).unwrap()["spec"], &mut found);
    found
}

fn is_document(name: &str) -> bool {
    ["policy", "document", "configuration", "trust", "lifecycle"].contains(&name) || name.ends_with("_policy")
}

/// True when a change of `changed` is one of the field at `path`: `tags.Name` of `tags`, `private_dns` of
/// `reach.interface.private_dns` (the words of variants are left out of changes).
fn covers(changed: &str, path: &str) -> bool {
    if changed == path || changed.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')) {
        return true;
    }
    let mut parts = path.split('.');
    let last = path.rsplit('.').next();
    changed.rsplit('.').next() == last && changed.split('.').all(|part| parts.any(|other| other == part))
}

#[test]
fn a_change_covers_the_field_it_is_of() {
    for (changed, path, expected) in [
        ("tags.Name", "tags", true),
        ("cidr", "cidr", true),
        ("private_dns", "reach.interface.private_dns", true),
        ("destination.log_group", "destination.log_group.log_group", true),
        ("metadata.hop_limit", "metadata.hop_limit", true),
        ("cidr", "tags", false),
        ("vpc", "cidr", false),
        ("disk.iops", "disk.size_gib", false),
    ] {
        assert_eq!(covers(changed, path), expected, "{changed} {path}");
    }
}
