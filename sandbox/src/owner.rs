//! The one owner of the world: takes requests one at a time and answers them.
//!
//! A call is a transaction. Before it, what is due ends; then the operation works on the world; if it refuses, or
//! leaves a member of the request unread, the world from before it is put back.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::blobs::Blobs;
use crate::calls::{CallEntry, CallLog, is_mutating};
use crate::clock::Time;
use crate::control;
use crate::dice::Dice;
use crate::faults::{self, Delivered, Delivery, FaultKind};
use crate::journal::{Journal, JournalError};
use crate::services::{self, Raw, Service};
use crate::settings::Settings;
use crate::wire::codec::{self, Answer, Decoded};
use crate::wire::failure::Failure;
use crate::wire::message::{Reply, Request, Scope};
use crate::wire::validate;
use crate::world::{self, Call, Held, Place, World};

/// The world, its bytes, its log.
pub struct Owner {
    pub(crate) world: Held,
    pub(crate) blobs: Blobs,
    pub(crate) calls: CallLog,
    pub(crate) settings: Settings,
    journal: Option<Journal>,
    count: u64,
}

/// A request with this header is answered and undone, and the reply names the members that were not read. The proof
/// that no member is ignored asks this way; it leaves no trace in the log of calls.
const PROBE: &str = "x-sandbox-probe";

/// The services (by signing name) that know no regions.
const GLOBAL: [&str; 2] = ["iam", "route53"];

/// Keeps request ids apart from the ids in a world of a small seed.
const REQUESTS: u64 = 0x7265_7175_6573_7473;

/// One call that is being answered.
struct Asked<'r> {
    request: &'r Request,
    service: &'static Service,
    scope: Scope,
    now: Time,
    request_id: String,
}

impl Owner {
    /// Opens the world of the settings' folder, or makes a fresh one.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or holds another release's log.
    pub fn open(settings: Settings, wall: Time) -> Result<Self, JournalError> {
        let fresh = World::new(settings.seed, settings.pace, &settings.account, wall);
        let mut owner = Self {
            world: Arc::new(World { enforce_iam: settings.enforce_iam, ..fresh }),
            blobs: Blobs::in_memory(),
            calls: CallLog::default(),
            settings: settings.clone(),
            journal: None,
            count: 0,
        };
        let Some(folder) = settings.folder else { return Ok(owner) };
        let blob_folder = folder.join("blobs");
        owner.blobs = Blobs::in_folder(blob_folder.clone())
            .map_err(|source| JournalError::File { path: blob_folder, source })?;
        let (mut journal, found) = Journal::open(&folder, &owner.blobs)?;
        let is_fresh = found.world.is_none();
        if let Some((world, count)) = found.world {
            (owner.world, owner.count) = (Arc::new(world), count);
        }
        if is_fresh && found.requests.is_empty() {
            // The settings of a fresh world are not in the log, so the first snapshot is taken at once.
            journal.snapshot(&owner.world, 0, &mut owner.blobs)?;
        }
        for (wall, request) in found.requests {
            owner.answer(&request, wall);
        }
        owner.journal = Some(journal);
        Ok(owner)
    }

    /// Answers one request at a wall time. What changed the world is on disk before this returns.
    pub fn handle(&mut self, request: &Request, wall: Time) -> Delivered {
        let before = Arc::clone(&self.world);
        let delivered = self.answer(request, wall);
        if Arc::ptr_eq(&before, &self.world) {
            return delivered;
        }
        let Some(journal) = &mut self.journal else { return delivered };
        if let Err(error) = journal.append(wall, request, &mut self.blobs) {
            self.world = before;
            tracing::error!(%error, "the call was undone because it could not be recorded");
            let reply = Reply::new(500, "text/plain", format!("the sandbox cannot write its log: {error}"));
            return Delivered { reply, delivery: Delivery::Whole };
        }
        if journal.wants_snapshot()
            && let Err(error) = self.save()
        {
            // The log still has everything.
            tracing::warn!(%error, "no snapshot was written");
        }
        delivered
    }

    /// The operation that a request asks for, as `service:Operation`, when it is one that changes something.
    pub(crate) fn changing_operation(request: &Request) -> Option<String> {
        let (service, operation) = match services::recognise(request, request.scope().as_ref()) {
            Some(service) => (service.name, codec::operation_name((service.model)(), request).ok()?),
            None => services::raw(request).map(|(_, raw, operation)| (raw.name, operation.to_owned()))?,
        };
        is_mutating(&operation).then(|| format!("{service}:{operation}"))
    }

    /// Writes a snapshot, if the world is kept on disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&mut self) -> Result<(), JournalError> {
        match &mut self.journal {
            Some(journal) => journal.snapshot(&self.world, self.count, &mut self.blobs),
            None => Ok(()),
        }
    }

    /// The world, to look at.
    pub fn world(&self) -> &World {
        &self.world
    }

    fn answer(&mut self, request: &Request, wall: Time) -> Delivered {
        if let Some(rest) = request.path.strip_prefix("/_sandbox") {
            let reply = control::answer(self, rest, request, wall);
            return Delivered { reply, delivery: Delivery::Whole };
        }
        self.count += 1;
        let now = self.world.clock.at(wall);
        let scope = request.scope();
        let request_id = Dice::new(self.count ^ REQUESTS).uuid();
        let Some(service) = services::recognise(request, scope.as_ref()) else {
            return match services::raw(request) {
                Some((service, raw, operation)) => {
                    let scope = Scope {
                        access_key: String::new(),
                        region: "us-east-1".into(),
                        service: service.name.into(),
                    };
                    self.raw(&Asked { request, service, scope, now, request_id }, raw, operation)
                }
                None => {
                    let reply = unknown_service(request, scope.as_ref());
                    Delivered { reply, delivery: Delivery::Whole }
                }
            };
        };
        let region = "us-east-1".to_owned();
        let scope =
            scope.unwrap_or(Scope { access_key: String::new(), region, service: service.name.to_owned() });
        self.aws(Asked { request, service, scope, now, request_id })
    }

    /// Requests outside of AWS's protocols, such as those to an image registry.
    fn raw(&mut self, asked: &Asked<'_>, raw: &Raw, operation: &str) -> Delivered {
        let fault = self.strike(raw.name, operation, is_mutating(operation));
        self.settle(asked.now, is_mutating(operation));
        let before = Arc::clone(&self.world);
        let place = place_of(&self.world, asked.request, &asked.scope, (operation.to_owned(), asked.now));
        let (mut region, mut access_key) = (place.region.clone(), String::new());
        let reply = match fault {
            // Nothing of it is delivered.
            Some(FaultKind::CutBefore) => Reply::new(500, "text/plain", String::new()),
            fault => fault.and_then(raw.fault).unwrap_or_else(|| {
                let mut call = Call::new(&mut self.world, &mut self.blobs, asked.service, place);
                let result = (raw.answer)(&mut call, asked.request);
                (region, access_key) = (call.region.clone(), call.access_key.clone());
                let model = (asked.service.model)();
                result.unwrap_or_else(|failure| codec::encode_failure(model, &failure, &asked.request_id))
            }),
        };
        if reply.status >= 400 {
            self.world = before;
        }
        let delivery = fault.map_or(Delivery::Whole, Delivery::from);
        let outcome = match reply.status {
            status if status < 400 => "ok".to_owned(),
            status => status.to_string(),
        };
        self.calls.push(CallEntry {
            n: self.count,
            time: asked.now,
            service: raw.name,
            mutating: is_mutating(operation),
            operation: operation.to_owned(),
            request_id: asked.request_id.clone(),
            outcome: cut_or(delivery, outcome),
            status: reply.status,
            access_key,
            region,
        });
        Delivered { reply, delivery }
    }

    fn aws(&mut self, asked: Asked<'_>) -> Delivered {
        let model = (asked.service.model)();
        let decoded = codec::decode(model, asked.request);
        let operation = match &decoded {
            Ok(decoded) => decoded.operation.to_owned(),
            Err(_) => codec::operation_name(model, asked.request).unwrap_or_else(|_| "Unknown".to_owned()),
        };
        let fault = self.strike(asked.service.name, &operation, is_mutating(&operation));
        self.settle(asked.now, is_mutating(&operation));
        let before = Arc::clone(&self.world);
        let refused = fault.and_then(|kind| kind.failure(model));
        let result = match (refused, fault, &decoded) {
            (Some(failure), ..) => Err(failure),
            (None, Some(FaultKind::CutBefore), _) => Err(Failure::new("CutBefore", "the connection was cut")),
            (.., Ok(decoded)) => self.operate(&asked, decoded),
            (.., Err(failure)) => Err(failure.clone()),
        };
        let result = result.and_then(|answer| codec::encode(model, &operation, &answer, &asked.request_id));
        if asked.request.header(PROBE).is_some() {
            self.world = before;
            let unread = decoded.map(|decoded| decoded.input.unread()).unwrap_or_default();
            let reply =
                result.unwrap_or_else(|failure| codec::encode_failure(model, &failure, &asked.request_id));
            let reply = reply.with("x-sandbox-unread", unread.join(","));
            return Delivered { reply, delivery: Delivery::Whole };
        }
        let (reply, outcome) = match result {
            Ok(reply) => (reply, "ok".to_owned()),
            Err(failure) => {
                self.world = before;
                (codec::encode_failure(model, &failure, &asked.request_id), failure.code)
            }
        };
        let delivery = fault.map_or(Delivery::Whole, Delivery::from);
        self.calls.push(CallEntry {
            n: self.count,
            time: asked.now,
            service: asked.service.name,
            mutating: is_mutating(&operation),
            operation,
            request_id: asked.request_id,
            outcome: cut_or(delivery, outcome),
            status: reply.status,
            access_key: asked.scope.access_key,
            region: asked.scope.region,
        });
        Delivered { reply, delivery }
    }

    /// The fault that strikes a call to a cluster. It is asked by a control call, so that what it counts is in the log.
    pub(crate) fn strike_cluster(
        &mut self,
        operation: &str,
        mutating: bool,
        wall: Time,
    ) -> Option<FaultKind> {
        if self.world.faults.is_empty() {
            return None;
        }
        let request = Request {
            method: "POST".to_owned(),
            path: "/_sandbox/faults/strike".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: json!({ "operation": operation, "mutating": mutating }).to_string().into(),
        };
        let reply = self.handle(&request, wall).reply;
        serde_json::from_slice::<Value>(&reply.body)
            .ok()
            .and_then(|reply| serde_json::from_value(reply["struck"].clone()).ok())
    }

    /// Counts the call at every armed fault; the first that strikes is the one that counts.
    pub(crate) fn strike(&mut self, service: &str, operation: &str, mutating: bool) -> Option<FaultKind> {
        if self.world.faults.is_empty() {
            return None;
        }
        let world = Arc::make_mut(&mut self.world);
        let ids: Vec<String> = world.faults.ids().map(str::to_owned).collect();
        let mut struck = None;
        for id in ids {
            let World { faults, dice, .. } = world;
            if let Some(fault) = faults.get_mut(&id)
                && fault.strikes(faults::Call { service, operation, mutating }, dice)
                && struck.is_none()
            {
                struck = Some(fault.kind);
            }
        }
        world.faults.retain(|_, fault| !fault.is_spent());
        struck
    }

    /// Ends every change that is due at a wall time, as before a call that changes something; gives world time.
    pub(crate) fn settled(&mut self, wall: Time) -> Time {
        let now = self.world.clock.at(wall);
        self.settle(now, true);
        now
    }

    /// Ends every change that is due.
    fn settle(&mut self, now: Time, mutating: bool) {
        if self.world.pending.is_empty() {
            return;
        }
        for (key, pending) in world::due(&self.world, now, mutating) {
            Arc::make_mut(&mut self.world).pending.remove(&key);
            let Some(service) = services::service(&pending.service) else { continue };
            let place = Place {
                account: pending.account.clone(),
                region: pending.region.clone(),
                operation: pending.change.clone(),
                now: now.min(pending.due.max(pending.started)),
                access_key: String::new(),
                endpoint: String::new(),
            };
            let mut call = Call::new(&mut self.world, &mut self.blobs, service, place);
            (service.complete)(&mut call, &pending);
            self.calls.end(pending);
        }
    }

    fn operate(&mut self, asked: &Asked<'_>, decoded: &Decoded) -> Result<Answer, Failure> {
        let Asked { request, service, scope, now, .. } = asked;
        let principal = world::caller(&self.world, &scope.access_key);
        if principal.expires.is_some_and(|expires| expires <= *now) {
            let text = "The security token included in the request is expired";
            return Err(Failure::new("ExpiredTokenException", text).status(400));
        }
        let model = (service.model)();
        if let Some(input) = &decoded.model.input {
            let shape = model.shape(&input.shape);
            if let Some(violation) = validate::first_violation(model, shape, &decoded.input, "") {
                return Err((service.refuse)(&violation));
            }
        }
        let operation = (service.operation)(decoded.operation).ok_or_else(|| {
            Failure::unmodelled(format!("the operation {}:{}", service.name, decoded.operation))
        })?;
        let place = place_of(&self.world, request, scope, (decoded.operation.to_owned(), *now));
        let mut call = Call::new(&mut self.world, &mut self.blobs, service, place);
        if call.world().enforce_iam {
            services::iam::authorize(&call, model, &decoded.input)?;
        }
        let dry_run = decoded.input.knows("DryRun") && decoded.input.flag("DryRun") == Some(true);
        let answer = operation(&mut call, &decoded.input)?;
        if let Some(path) = decoded.input.unread().first() {
            let what = format!("the member {path} of {}:{}", service.name, decoded.operation);
            return Err(Failure::unmodelled(what));
        }
        if dry_run {
            return Err(would_have_succeeded(service));
        }
        Ok(answer)
    }
}

/// What the log says of a call: the fault that kept the reply from its caller, or the outcome.
fn cut_or(delivery: Delivery, outcome: String) -> String {
    match delivery {
        Delivery::Cut | Delivery::Half => format!("{delivery:?}").to_lowercase(),
        Delivery::Whole | Delivery::Late(_) => outcome,
    }
}

/// What a call with `DryRun` answers that would have succeeded: EC2's own code, or that of the service's model.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html>
fn would_have_succeeded(service: &Service) -> Failure {
    if service.name == "ec2" {
        let text = "Request would have succeeded, but DryRun flag is set.";
        return Failure::new("DryRunOperation", text).status(412);
    }
    Failure::new(
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    )
}

fn place_of(world: &World, request: &Request, scope: &Scope, (operation, now): (String, Time)) -> Place {
    Place {
        account: world::caller(world, &scope.access_key).account,
        // Global services live in one region whatever their callers sign for.
        region: if GLOBAL.contains(&scope.service.as_str()) {
            "us-east-1".into()
        } else {
            scope.region.clone()
        },
        operation,
        now,
        access_key: scope.access_key.clone(),
        endpoint: format!("http://{}", request.header("host").unwrap_or("127.0.0.1")),
    }
}

/// A request for a service that is not there, or for none at all.
fn unknown_service(request: &Request, scope: Option<&Scope>) -> Reply {
    let (status, code, text) = match scope {
        Some(scope) => {
            (501, "NotImplemented", format!("the sandbox does not model the service {}", scope.service))
        }
        None => (403, "MissingAuthenticationToken", "Missing Authentication Token".to_owned()),
    };
    let form = request.header("content-type").is_some_and(|kind| kind.contains("x-www-form-urlencoded"));
    if form {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error></ErrorResponse>"
        );
        return Reply::new(status, "text/xml", body);
    }
    let body = json!({ "__type": code, "message": text }).to_string();
    Reply::new(status, "application/json", body).with("x-amzn-errortype", code)
}
