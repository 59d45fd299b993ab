//! Which request does what.

use std::rc::Rc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::LocalBoxStream;
use serde_json::{Value, json};

use super::access;
use super::api::{self, Ask, DeleteOptions, ListOptions, Patch, PatchKind, WatchOptions};
use super::discovery;
use super::identity::Identity;
use super::instance::Cluster;
use super::json::{name, namespace};
use super::kinds::{self, Resource};
use super::refusal::Refusal;
use super::remote::{self, Wanted};
use super::request::{Request, Target, target};
use super::selector::{Fields, Labels};
use super::table;

/// An answer.
pub(super) enum Reply {
    Json(u16, Rc<Value>),
    Text(String),
    /// Nothing, as Protocol Buffers: an OpenAPI document that knows no kind, so that old clients check nothing.
    NoSchemas,
    /// Lines, as they come.
    Stream(&'static str, LocalBoxStream<'static, Bytes>),
    /// A WebSocket, and what is done over it.
    Upgrade(Wanted),
}

type Answer = Result<Reply, Refusal>;

fn ok(value: Value) -> Answer {
    Ok(Reply::Json(200, Rc::new(value)))
}

/// Answers a request of a known caller.
pub(super) fn answer(cluster: &Rc<Cluster>, identity: &Identity, request: &Request) -> Answer {
    let pieces = request.pieces();
    let words: Vec<&str> = pieces.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["healthz" | "livez" | "readyz", ..] => Ok(Reply::Text("ok".to_owned())),
        ["version"] => ok(discovery::version(&cluster.version())),
        ["openapi", "v2"] => Ok(Reply::NoSchemas),
        ["openapi", "v3"] => ok(discovery::schemas(&cluster.store.borrow())),
        ["openapi", "v3", "api", version] => found(discovery::schema(&cluster.store.borrow(), "", version)),
        ["openapi", "v3", "apis", group, version] => {
            found(discovery::schema(&cluster.store.borrow(), group, version))
        }
        ["api"] => ok(discovery::core()),
        ["apis"] => ok(discovery::all_groups(&cluster.store.borrow())),
        ["apis", group] => found(discovery::group(&cluster.store.borrow(), group)),
        ["api", version] => found(discovery::resources(&cluster.store.borrow(), "", version)),
        ["apis", group, version] => found(discovery::resources(&cluster.store.borrow(), group, version)),
        ["api", version, ..] => on_target(cluster, identity, request, target("", version, &pieces[2..])),
        ["apis", "authorization.k8s.io" | "authentication.k8s.io", "v1", what] => {
            review(cluster, identity, request, what)
        }
        ["apis", group, version, ..] => {
            on_target(cluster, identity, request, target(group, version, &pieces[3..]))
        }
        _ => Err(Refusal::no_path()),
    }
}

fn found(value: Option<Value>) -> Answer {
    value.map_or_else(|| Err(Refusal::no_path()), ok)
}

/// Whether the caller may do something, and who the caller is.
fn review(cluster: &Rc<Cluster>, identity: &Identity, request: &Request, what: &str) -> Answer {
    let mut body = request.json()?;
    match what {
        "selfsubjectreviews" => {
            body["status"] =
                json!({ "userInfo": { "username": identity.username, "groups": identity.groups } });
        }
        "selfsubjectaccessreviews" => {
            let asked = &body["spec"]["resourceAttributes"];
            let word = |key: &str| asked[key].as_str().unwrap_or_default();
            let store = cluster.store.borrow();
            let known = kinds::all(&store)
                .into_iter()
                .find(|one| one.group == word("group") && one.plural == word("resource"));
            let allowed = known.is_some_and(|resource| {
                let place = (word("namespace"), word("name"));
                access::check(identity, word("verb"), (&resource, word("subresource")), place).is_ok()
            });
            body["status"] = json!({ "allowed": allowed });
        }
        _ => return Err(Refusal::no_path()),
    }
    Ok(Reply::Json(201, Rc::new(body)))
}

/// What a request is about.
struct On<'r> {
    cluster: &'r Rc<Cluster>,
    request: &'r Request,
    resource: Resource,
    target: Target,
}

fn on_target(
    cluster: &Rc<Cluster>,
    identity: &Identity,
    request: &Request,
    target: Option<Target>,
) -> Answer {
    let target = target.ok_or_else(Refusal::no_path)?;
    let resource = kinds::find(&cluster.store.borrow(), &target.group, &target.version, &target.plural);
    let resource = resource.ok_or_else(Refusal::no_path)?;
    let watches = request.flag("watch");
    let verb = match (request.method.as_str(), &target.name) {
        ("GET", Some(_)) => "get",
        ("GET", None) if watches => "watch",
        ("GET", None) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", Some(_)) => "delete",
        ("DELETE", None) => "deletecollection",
        _ => return Err(Refusal::method()),
    };
    let space = target.namespace.clone().unwrap_or_default();
    let whose = target.name.clone().unwrap_or_default();
    access::check(identity, verb, (&resource, &target.subresource), (&space, &whose))?;
    let on = On { cluster, request, resource, target };
    match (verb, on.target.subresource.as_str()) {
        ("get", "log") if on.resource.is("", "Pod") => {
            super::logs::answer(cluster, request, (&space, &whose))
        }
        ("get" | "create", into @ ("exec" | "portforward")) if on.resource.is("", "Pod") => {
            Ok(Reply::Upgrade(remote::wanted(cluster, request, (into, (&space, &whose)))?))
        }
        ("get", "" | "status" | "scale") => on.get(),
        ("list", _) => on.list(),
        ("watch", _) => on.watch(),
        ("create", "") if on.target.name.is_none() => on.create(),
        ("create", "eviction") if on.resource.is("", "Pod") => on.delete(),
        ("update" | "patch", "scale") if on.resource.has_scale => on.scale(),
        ("update" | "patch", "status") if on.resource.has_status => on.change(),
        ("update", "finalize") if on.resource.is("", "Namespace") => on.change(),
        ("update" | "patch", "") => on.change(),
        ("delete", "") => on.delete(),
        ("deletecollection", "") => on.delete_all(),
        _ => Err(Refusal::no_path()),
    }
}

impl On<'_> {
    fn space(&self) -> &str {
        self.target.namespace.as_deref().unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.target.name.as_deref().unwrap_or_default()
    }

    fn get(&self) -> Answer {
        let found = api::get(&self.cluster.store.borrow(), &self.resource, (self.space(), self.name()))?;
        match self.target.subresource.as_str() {
            "scale" if self.resource.has_scale => ok(api::read_scale(&found)),
            "scale" => Err(Refusal::no_path()),
            "" if table::is_wanted(&self.request.accept) => ok(table::table(&self.resource, &found)),
            _ => Ok(Reply::Json(200, found)),
        }
    }

    fn which(&self) -> Result<ListOptions, Refusal> {
        Ok(ListOptions {
            labels: Labels::parse(self.request.parameter("labelSelector"))?,
            fields: Fields::parse(self.request.parameter("fieldSelector"))?,
            limit: self.request.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0),
            after: self.request.parameter("continue").to_owned(),
        })
    }

    fn list(&self) -> Answer {
        let options = self.which()?;
        let space = self.target.namespace.as_deref();
        let found = api::list(&self.cluster.store.borrow(), &self.resource, space, &options)?;
        match table::is_wanted(&self.request.accept) {
            true => ok(table::table(&self.resource, &found)),
            false => ok(found),
        }
    }

    fn watch(&self) -> Answer {
        let options = WatchOptions {
            which: self.which()?,
            namespace: self.target.namespace.clone(),
            version: self.request.parameter("resourceVersion").to_owned(),
            bookmarks: self.request.flag("allowWatchBookmarks"),
            initial: self.request.flag("sendInitialEvents"),
            seconds: self.request.number("timeoutSeconds").filter(|seconds| *seconds > 0).unwrap_or(1800),
        };
        let events = api::watch(&self.cluster.store, self.resource.clone(), options);
        Ok(Reply::Stream("application/json", events.boxed_local()))
    }

    fn create(&self) -> Answer {
        let body = self.request.json()?;
        let space = if self.resource.is("", "Namespace") { "" } else { self.space() };
        let manager = self.request.manager();
        let made = api::create(&mut self.cluster.store.borrow_mut(), self.ask(space, &manager), body)?;
        Ok(Reply::Json(201, made))
    }

    fn ask<'a>(&'a self, namespace: &'a str, manager: &'a str) -> Ask<'a> {
        let subresource = match self.target.subresource.as_str() {
            "finalize" => "",
            other => other,
        };
        Ask { resource: &self.resource, namespace, subresource, manager, dry_run: self.request.is_dry_run() }
    }

    fn scale(&self) -> Answer {
        let manager = self.request.manager();
        let ask = self.ask(self.space(), &manager);
        let body = self.request.json()?;
        let changed = api::write_scale(&mut self.cluster.store.borrow_mut(), ask, self.name(), &body)?;
        ok(api::read_scale(&changed))
    }

    fn change(&self) -> Answer {
        let manager = self.request.manager();
        let ask = self.ask(self.space(), &manager);
        let body = self.request.json()?;
        let mut store = self.cluster.store.borrow_mut();
        if self.request.method == "PUT" {
            return Ok(Reply::Json(200, api::replace(&mut store, ask, self.name(), body)?));
        }
        let kind = match self.request.content.split(';').next().unwrap_or_default().trim() {
            "application/json-patch+json" => PatchKind::Json,
            "application/merge-patch+json" => PatchKind::Merge,
            "application/strategic-merge-patch+json" => PatchKind::Strategic,
            "application/apply-patch+yaml" | "application/apply-patch+json" => PatchKind::Apply,
            other => {
                let message = format!("the body of the request was in an unknown format: {other}");
                return Err(Refusal::new(415, "UnsupportedMediaType", message));
            }
        };
        if kind == PatchKind::Apply && self.request.parameter("fieldManager").is_empty() {
            return Err(Refusal::bad(
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
            ));
        }
        let change = Patch { kind, body: &body, force: self.request.flag("force") };
        let (object, created) = api::patch(&mut store, ask, self.name(), change)?;
        Ok(Reply::Json(if created { 201 } else { 200 }, object))
    }

    fn options(&self) -> Result<DeleteOptions, Refusal> {
        let body = if self.request.body.is_empty() { Value::Null } else { self.request.json()? };
        // An eviction wraps its options.
        let mut options = DeleteOptions::read(body.get("deleteOptions").unwrap_or(&body));
        if let Ok(grace) = self.request.parameter("gracePeriodSeconds").parse() {
            options.grace = Some(grace);
        }
        if options.propagation.is_empty() {
            options.propagation = self.request.parameter("propagationPolicy").to_owned();
        }
        Ok(options)
    }

    fn delete(&self) -> Answer {
        let options = self.options()?;
        let ask = Ask { subresource: "", ..self.ask(self.space(), "") };
        ok(api::delete(&mut self.cluster.store.borrow_mut(), ask, self.name(), &options)?)
    }

    fn delete_all(&self) -> Answer {
        let (options, which) = (self.options()?, self.which()?);
        let mut store = self.cluster.store.borrow_mut();
        let all = store.list(&self.resource.qualified(), self.target.namespace.as_deref());
        for object in all.iter().filter(|object| which.matches(object)) {
            let ask = self.ask(namespace(object), "");
            // One that went meanwhile is gone all the same.
            api::delete(&mut store, ask, name(object), &options).or_else(|refusal| match refusal.code {
                404 => Ok(Value::Null),
                _ => Err(refusal),
            })?;
        }
        ok(api::list(&store, &self.resource, self.target.namespace.as_deref(), &which)?)
    }
}
