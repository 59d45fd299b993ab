//! The routes of a service, as its OpenAPI document names them.

use std::collections::BTreeMap;

use http::{HeaderValue, Method};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{OpenApi, PathItem};

/// One operation of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// What it does.
    pub summary: String,
}

/// The operations of a service by path.
#[derive(Debug)]
pub struct RouteTable {
    endpoints: Vec<Endpoint>,
    allowed: BTreeMap<String, HeaderValue>,
    assets: Vec<&'static str>,
}

impl RouteTable {
    pub(crate) fn new(document: &OpenApi, assets: Vec<&'static str>) -> Self {
        let endpoints: Vec<Endpoint> =
            document.paths.paths.iter().flat_map(|(path, item)| operations(path, item)).collect();
        let mut allowed: BTreeMap<String, String> = BTreeMap::new();
        for endpoint in &endpoints {
            let methods = allowed.entry(endpoint.path.clone()).or_default();
            if !methods.is_empty() {
                methods.push_str(", ");
            }
            methods.push_str(endpoint.method);
        }
        // Starlette's own routes answer HEAD, those of an application only what it names.
        for path in ["/docs", "/openapi.json"] {
            allowed.entry(path.to_owned()).and_modify(|methods| methods.push_str(", HEAD"));
        }
        let header = |text: String| HeaderValue::from_str(&text).expect("methods are tokens");
        let allowed = allowed.into_iter().map(|(path, text)| (path, header(text))).collect();
        Self { endpoints, allowed, assets }
    }

    /// All operations.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The value of `Allow` for a path of the document.
    pub(crate) fn allowed(&self, path: &str) -> Option<&HeaderValue> {
        self.allowed.get(path)
    }

    /// Names of all routes, documented and not.
    pub(crate) fn names(&self) -> Vec<String> {
        let assets = self.assets.iter().map(|path| (*path).to_owned());
        self.allowed.keys().cloned().chain(assets).collect()
    }
}

fn operations(path: &str, item: &PathItem) -> Vec<Endpoint> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| {
            let operation = operation.as_ref()?;
            Some(Endpoint {
                method: crate::metrics::method_name(&method),
                path: path.to_owned(),
                summary: operation.summary.clone().unwrap_or_default(),
            })
        })
        .collect()
}
