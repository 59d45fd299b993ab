//! A provider that is a map: one fake for all kinds, for tests of the plan and the engine.
//!
//! It behaves as the four recovery classes say: a token repeated gives the same resource, a name taken is a
//! conflict, a relation made twice is one, and a kind that is only found by its tag gets a twin when it is made
//! twice. What refers to something keeps it from being deleted, but for what is kept, which goes with it. What never
//! changes (an image) is one among others of its address. A new resource is pending, and one deleted leaving, for
//! one look.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Class, Create, Delete, Error, Live, Look, Observe, Observed, Provider, Readiness, Update};
use crate::model::{ADDRESS_TAG, ENVIRONMENT_TAG};
use crate::model::{
    Address, CloudId, Document, Effect, Kind, Known, Outputs, Recovery, Spec, Target, Text, Visitor,
};

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered as it should be.
    None,
    /// It fails with an error of this class and has no effect.
    Refuse(Class),
    /// It takes effect, and no answer comes.
    LoseAnswer,
    /// It has no effect, and no answer comes.
    LoseCall,
    /// The caller dies before it has an effect: the call never returns.
    DieBefore,
    /// The caller dies after it had its effect: the call never returns.
    DieAfter,
}

/// One call that was made, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `create`, `update` or `delete`.
    pub verb: &'static str,
    /// Of what.
    pub address: Address,
}

type Script = Box<dyn FnMut(usize, &Call) -> Fault + Send>;

/// The fake.
#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<World>>);

#[derive(Default)]
struct World {
    born: u64,
    resources: BTreeMap<CloudId, Thing>,
    tokens: BTreeMap<String, CloudId>,
    calls: Vec<Call>,
    looks: usize,
    script: Option<Script>,
    crash: Option<Arc<tokio::sync::Notify>>,
}

#[derive(Clone)]
struct Thing {
    address: Address,
    spec: Spec,
    pending: bool,
    leaving: bool,
}

impl Fake {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides about every mutating call from now on, by its number and what it is.
    pub fn script(&self, script: impl FnMut(usize, &Call) -> Fault + Send + 'static) {
        self.world().script = Some(Box::new(script));
    }

    /// Told when a call dies.
    pub fn on_crash(&self, crash: Arc<tokio::sync::Notify>) {
        self.world().crash = Some(crash);
    }

    /// Every mutating call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.world().calls.clone()
    }

    /// How many resources were looked at so far.
    pub fn looks(&self) -> usize {
        self.world().looks
    }

    /// What there is: for each address the specs of all that carry it (more than one is a twin), with
    /// references to others by address.
    pub fn inventory(&self) -> BTreeMap<Address, Vec<Spec>> {
        let world = self.world();
        let mut known = Known::default();
        for (id, thing) in &world.resources {
            known.insert(thing.address.clone(), id.clone(), outputs(thing.address.kind, id));
        }
        let mut found: BTreeMap<Address, Vec<Spec>> = BTreeMap::new();
        for thing in world.resources.values().filter(|thing| !thing.leaving) {
            let mut spec = thing.spec.clone();
            known.relink(&mut spec);
            found.entry(thing.address.clone()).or_default().push(spec);
        }
        found
    }

    /// Changes a resource behind everybody's back. False when there is none.
    pub fn meddle(&self, address: &Address, change: impl FnOnce(&mut Spec)) -> bool {
        let mut world = self.world();
        let thing = world.resources.values_mut().find(|thing| thing.address == *address);
        thing.map(|thing| change(&mut thing.spec)).is_some()
    }

    /// Removes a resource behind everybody's back. False when there is none.
    pub fn remove(&self, address: &Address) -> bool {
        let mut world = self.world();
        let before = world.resources.len();
        world.resources.retain(|_, thing| thing.address != *address);
        world.resources.len() < before
    }

    /// Runs a call under the script: `effect` is what it does to the world.
    async fn call<T>(
        &self,
        call: Call,
        operation: &'static str,
        effect: impl FnOnce(&mut World) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (result, dies) = {
            let mut world = self.world();
            let number = world.calls.len();
            let fault = world.script.as_mut().map_or(Fault::None, |script| script(number, &call));
            world.calls.push(call);
            let unanswered = || Err(error(Class::Unanswered, operation, "the connection was cut"));
            let result = match fault {
                Fault::None => effect(&mut world),
                Fault::Refuse(class) => Err(error(class, operation, "refused by the script")),
                Fault::LoseCall | Fault::DieBefore => unanswered(),
                Fault::LoseAnswer | Fault::DieAfter => effect(&mut world).and_then(|_| unanswered()),
            };
            let dies = matches!(fault, Fault::DieBefore | Fault::DieAfter);
            (result, dies.then(|| world.crash.clone()))
        };
        match dies {
            None => result,
            Some(crash) => {
                if let Some(crash) = crash {
                    crash.notify_one();
                }
                std::future::pending().await
            }
        }
    }
}

impl World {
    fn find(&self, address: &Address, spec: &Spec) -> Option<CloudId> {
        let another = |thing: &Thing| {
            let changes = spec.changes(&thing.spec).unwrap_or_default();
            changes.iter().any(|change| change.effect == Effect::Anew)
        };
        let found = self
            .resources
            .iter()
            .find(|(_, thing)| thing.address == *address && !thing.leaving && !another(thing));
        found.map(|(id, _)| id.clone())
    }

    fn create(&mut self, call: &Create) -> Result<CloudId, Error> {
        let kind = call.address.kind;
        let mut spec = dereferenced(&call.spec, &call.known)?;
        let taken = match kind.recovery() {
            Recovery::Token => self.tokens.get(&call.token).cloned(),
            Recovery::Name if self.find(&call.address, &spec).is_some() => {
                return Err(error(Class::Conflict, "Create", "it exists already"));
            }
            Recovery::Edge => self.find(&call.address, &spec),
            Recovery::Name | Recovery::Tag => None,
        };
        if let Some(id) = taken {
            return Ok(id);
        }
        // Born with its ownership tags only: the rest is for `update` to bring.
        if let Some(tags) = spec.tags_mut() {
            tags.retain(|key, _| key == ADDRESS_TAG || key == ENVIRONMENT_TAG);
        }
        self.born += 1;
        let id = CloudId::new(format!("{}-{:06}", kind.as_str(), self.born));
        self.tokens.insert(call.token.clone(), id.clone());
        let address = call.address.clone();
        self.resources.insert(id.clone(), Thing { address, spec, pending: true, leaving: false });
        Ok(id)
    }

    fn update(&mut self, call: &Update) -> Result<(), Error> {
        let spec = dereferenced(&call.spec, &call.known)?;
        let thing = self.resources.get_mut(&call.id);
        let thing = thing.ok_or_else(|| error(Class::NotFound, "Update", "it is not there"))?;
        thing.spec = spec;
        thing.pending = true;
        Ok(())
    }

    fn delete(&mut self, id: &CloudId) -> Result<(), Error> {
        let holder =
            self.resources.iter().find(|(other, thing)| *other != id && !thing.leaving && holds(thing, id));
        if let Some((_, holder)) = holder {
            let why = format!("{} refers to it", holder.address);
            return Err(error(Class::DependencyViolation, "Delete", why));
        }
        match self.resources.get_mut(id) {
            Some(thing) => thing.leaving = true,
            None => return Err(error(Class::NotFound, "Delete", "it is not there")),
        }
        self.resources.retain(|_, thing| !(thing.address.kind.is_kept() && refers(&thing.spec, id)));
        Ok(())
    }

    fn look(&mut self, look: &Look, known: &Known) -> Observed {
        self.looks += 1;
        let find = || {
            let spec = dereferenced(&look.spec, known).unwrap_or_else(|_| look.spec.clone());
            self.find(&look.address, &spec)
        };
        let Some(id) = look.id.clone().or_else(find) else { return Observed::Absent };
        let Some(thing) = self.resources.get_mut(&id) else { return Observed::Absent };
        if thing.leaving {
            self.resources.remove(&id);
            return Observed::Leaving("deleting".to_owned());
        }
        let readiness = match std::mem::take(&mut thing.pending) {
            true => Readiness::Pending("pending".to_owned()),
            false => Readiness::Ready,
        };
        let Some(outputs) = outputs(thing.address.kind, &id) else { return Observed::Absent };
        let spec = thing.spec.clone();
        Observed::Present(Box::new(Live { id, spec, outputs, readiness }))
    }
}

impl Observe for Fake {
    async fn observe(&self, looks: Vec<Look>, known: Arc<Known>) -> Vec<Result<Observed, Error>> {
        let mut world = self.world();
        looks.iter().map(|look| Ok(world.look(look, &known))).collect()
    }
}

impl Provider for Fake {
    async fn create(&self, call: Create) -> Result<CloudId, Error> {
        let made = Call { verb: "create", address: call.address.clone() };
        self.call(made, "Create", |world| world.create(&call)).await
    }

    async fn update(&self, call: Update) -> Result<(), Error> {
        let made = Call { verb: "update", address: call.address.clone() };
        self.call(made, "Update", |world| world.update(&call)).await
    }

    async fn delete(&self, call: Delete) -> Result<(), Error> {
        let made = Call { verb: "delete", address: call.address.clone() };
        self.call(made, "Delete", |world| world.delete(&call.id)).await
    }
}

fn error(class: Class, operation: &'static str, message: impl Into<String>) -> Error {
    let message = message.into();
    Error { class, service: "fake", operation, code: None, message, request_id: None }
}

/// The outputs of a kind, whatever fields it has: each is its name and the id.
fn outputs(kind: Kind, id: &CloudId) -> Option<Outputs> {
    let fields = [
        "id",
        "arn",
        "name",
        "host",
        "url",
        "hosted_zone",
        "address",
        "digest",
        "security_group",
        "version",
        "endpoint",
        "issuer",
        "certificate_authority",
        "alias",
        "public_ip",
        "suffix",
        "latest_version",
        "default_version",
        "platform_version",
        "autoscaling_group",
        "revision",
    ];
    let fields: serde_json::Map<String, serde_json::Value> =
        fields.iter().map(|field| ((*field).to_owned(), format!("{field}:{id}").into())).collect();
    let value = serde_json::json!({"kind": kind, "outputs": fields});
    serde_json::from_value(value).ok()
}

/// A spec as a cloud keeps it: ids in place of references.
fn dereferenced(spec: &Spec, known: &Known) -> Result<Spec, Error> {
    struct Dereference<'a>(&'a Known, Option<String>);
    impl Visitor for Dereference<'_> {
        fn target(&mut self, kind: Kind, target: &mut Target) {
            if let Target::Managed(name) = target {
                let address = Address::new(kind, name.clone());
                match self.0.id(&address) {
                    Some(id) => *target = Target::External(id.as_str().to_owned()),
                    None => self.1 = Some(address.to_string()),
                }
            }
        }
        fn text(&mut self, _: &mut Text) {}
        fn document(&mut self, _: &mut Document) {}
    }
    let mut spec = spec.clone();
    let mut visitor = Dereference(known, None);
    spec.visit(&mut visitor);
    match visitor.1 {
        None => Ok(spec),
        Some(missing) => Err(error(Class::Invalid, "Create", format!("{missing} does not exist"))),
    }
}

/// Routes to a NAT gateway do not keep it: they lead nowhere once it is gone ("Delete a NAT gateway", Amazon VPC User
/// Guide). Nor does what goes with it.
fn holds(thing: &Thing, id: &CloudId) -> bool {
    let route = thing.address.kind == Kind::RouteTable && id.as_str().starts_with(Kind::NatGateway.as_str());
    !route && !thing.address.kind.is_kept() && refers(&thing.spec, id)
}

fn refers(spec: &Spec, id: &CloudId) -> bool {
    struct Find<'a>(&'a str, bool);
    impl Visitor for Find<'_> {
        fn target(&mut self, _: Kind, target: &mut Target) {
            self.1 |= matches!(target, Target::External(other) if other == self.0);
        }
        fn text(&mut self, _: &mut Text) {}
        fn document(&mut self, _: &mut Document) {}
    }
    let mut find = Find(id.as_str(), false);
    spec.clone().visit(&mut find);
    find.1
}
