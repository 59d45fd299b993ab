//! Reading objects.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::cluster::json::{members, name, namespace, remove};
use crate::cluster::kinds::Resource;
use crate::cluster::refusal::Refusal;
use crate::cluster::selector::{Fields, Labels};
use crate::cluster::store::{Key, Store};

/// Which objects are listed.
#[derive(Clone, Debug, Default)]
pub(in crate::cluster) struct ListOptions {
    pub(in crate::cluster) labels: Labels,
    pub(in crate::cluster) fields: Fields,
    /// At most so many; 0 for all.
    pub(in crate::cluster) limit: usize,
    /// Where a former page ended.
    pub(in crate::cluster) after: String,
}

impl ListOptions {
    pub(in crate::cluster) fn matches(&self, object: &Value) -> bool {
        self.labels.matches(object) && self.fields.matches(object)
    }
}

/// An object in the version of a resource.
pub(in crate::cluster) fn shown(resource: &Resource, object: &Rc<Value>) -> Rc<Value> {
    if !resource.custom || object["apiVersion"] == resource.api_version() {
        return Rc::clone(object);
    }
    let mut shown = Value::clone(object);
    shown["apiVersion"] = resource.api_version().into();
    Rc::new(shown)
}

/// One object.
///
/// # Errors
/// 404.
pub(in crate::cluster) fn get(
    store: &Store,
    resource: &Resource,
    (namespace, name): (&str, &str),
) -> Result<Rc<Value>, Refusal> {
    let found = store.get(&resource.key(namespace, name));
    found.map(|object| shown(resource, object)).ok_or_else(|| Refusal::not_found(resource, name))
}

/// A list of objects: a page of it where a limit is asked for. Later pages are of now, not of the first page's time.
///
/// # Errors
/// 410 for a token that is none.
pub(in crate::cluster) fn list(
    store: &Store,
    resource: &Resource,
    space: Option<&str>,
    options: &ListOptions,
) -> Result<Value, Refusal> {
    let after = match options.after.as_str() {
        "" => None,
        token => Some(read_token(token).ok_or_else(|| Refusal::bad("continue key is not valid"))?),
    };
    let place = |object: &Value| (namespace(object).to_owned(), name(object).to_owned());
    let all = store.list(&resource.qualified(), space);
    let mut wanted = all
        .iter()
        .filter(|object| options.matches(object))
        .filter(|object| after.as_ref().is_none_or(|after| place(object) > *after));
    let limit = if options.limit == 0 { usize::MAX } else { options.limit };
    let page: Vec<&Rc<Value>> = wanted.by_ref().take(limit).collect();
    let rest = wanted.count();
    let mut metadata = json!({ "resourceVersion": store.revision().to_string() });
    if rest > 0
        && let Some(last) = page.last()
    {
        let (namespace, name) = place(last);
        metadata["continue"] = URL_SAFE_NO_PAD.encode(json!([namespace, name]).to_string()).into();
        metadata["remainingItemCount"] = rest.into();
    }
    let items: Vec<Value> = page.into_iter().map(|object| item(resource, object)).collect();
    let kind = format!("{}List", resource.kind);
    Ok(json!({ "kind": kind, "apiVersion": resource.api_version(), "metadata": metadata, "items": items }))
}

/// Items of built-in kinds do not say what they are.
fn item(resource: &Resource, object: &Rc<Value>) -> Value {
    let mut item = Value::clone(&*shown(resource, object));
    if !resource.custom {
        remove(&mut item, "apiVersion");
        remove(&mut item, "kind");
        members(&mut item);
    }
    item
}

fn read_token(token: &str) -> Option<(String, String)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Store {
    /// All objects of a resource that a selector of labels selects, in a namespace.
    pub(in crate::cluster) fn selected(
        &self,
        resource: &str,
        namespace: &str,
        labels: &Labels,
    ) -> Vec<Rc<Value>> {
        let mut found = self.list(resource, Some(namespace));
        found.retain(|object| labels.matches(object));
        found
    }

    /// The key of an object of a built-in resource.
    pub(in crate::cluster) fn key_of(resource: &Resource, object: &Value) -> Key {
        resource.key(namespace(object), name(object))
    }
}
