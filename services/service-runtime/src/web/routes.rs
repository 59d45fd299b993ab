//! The routes of a service, as its OpenAPI document names them.

use std::collections::{BTreeMap, HashMap};

use http::{HeaderValue, Method};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{OpenApi, PathItem};

use crate::metrics::MethodLabel;

/// The name of what matches no route.
const UNMATCHED: &str = "unmatched";

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

/// A place in the table of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route(usize);

impl Route {
    /// The place as an index, for what is kept beside the table.
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

/// The operations of a service by path.
#[derive(Debug)]
pub struct RouteTable {
    endpoints: Vec<Endpoint>,
    /// Names of routes; the last is that of what matches none.
    names: Vec<String>,
    /// Values of `Allow`, for the routes of the document.
    allowed: Vec<HeaderValue>,
    places: HashMap<String, Route>,
    /// Beginnings of paths whose rest names a file.
    folders: Vec<(String, Route)>,
}

impl RouteTable {
    /// The routes of the document, and `assets` beside it: paths, or folders that end in `{*file}`.
    pub(crate) fn new(document: &OpenApi, assets: &[&str]) -> Self {
        let endpoints: Vec<Endpoint> =
            document.paths.paths.iter().flat_map(|(path, item)| operations(path, item)).collect();
        let methods = methods_by_path(&endpoints);
        let header = |text: &String| HeaderValue::from_str(text).expect("methods are tokens");
        let allowed = methods.values().map(header).collect();
        let mut names: Vec<String> = methods.into_keys().collect();
        names.extend(assets.iter().map(|path| (*path).to_owned()));
        let (mut places, mut folders) = (HashMap::new(), Vec::new());
        for (index, name) in names.iter().enumerate() {
            match name.split_once("{*") {
                Some((folder, _)) => folders.push((folder.to_owned(), Route(index))),
                None => {
                    places.insert(name.clone(), Route(index));
                }
            }
        }
        names.push(UNMATCHED.to_owned());
        Self { endpoints, names, allowed, places, folders }
    }

    /// All operations.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The route of a path.
    pub(crate) fn find(&self, path: &str) -> Route {
        let folder = || self.folders.iter().find(|(folder, _)| path.starts_with(folder));
        let found = self.places.get(path).copied().or_else(|| folder().map(|(_, route)| *route));
        found.unwrap_or(Route(self.names.len() - 1))
    }

    /// The value of `Allow` of a route of the document.
    pub(crate) fn allowed(&self, route: Route) -> Option<&HeaderValue> {
        self.allowed.get(route.0)
    }

    /// The name of a route.
    pub(crate) fn name(&self, route: Route) -> &str {
        &self.names[route.0]
    }

    /// Names of all routes, in the order of their places.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
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
                method: MethodLabel::of(&method).name(),
                path: path.to_owned(),
                summary: operation.summary.clone().unwrap_or_default(),
            })
        })
        .collect()
}

/// The methods of each path, as `Allow` lists them.
fn methods_by_path(endpoints: &[Endpoint]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for endpoint in endpoints {
        let methods = all.entry(endpoint.path.clone()).or_default();
        if !methods.is_empty() {
            methods.push_str(", ");
        }
        methods.push_str(endpoint.method);
    }
    // Starlette's own routes answer HEAD, those of an application only what it names.
    for path in ["/docs", "/openapi.json"] {
        all.entry(path.to_owned()).and_modify(|methods| methods.push_str(", HEAD"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::OpenApi as _;

    #[test]
    fn paths_are_found_and_all_else_is_unmatched() {
        let document = crate::web::CommonDocument::openapi();
        let table = RouteTable::new(&document, &["/page.css", "/docs/{*file}"]);
        let name = |path| table.name(table.find(path));
        assert_eq!(name("/health"), "/health");
        assert_eq!(name("/page.css"), "/page.css");
        assert_eq!(name("/docs"), "/docs");
        assert_eq!(name("/docs/swagger-ui.css"), "/docs/{*file}");
        for path in ["", "/", "/health/", "/docsx", "*", "/unmatched/more"] {
            assert_eq!(name(path), UNMATCHED, "{path}");
        }
        let allowed = |path| table.allowed(table.find(path)).map(|value| value.to_str().expect("text"));
        assert_eq!(allowed("/health"), Some("GET"));
        assert_eq!(allowed("/docs"), Some("GET, HEAD"));
        assert_eq!(allowed("/page.css"), None);
        assert_eq!(allowed("/nowhere"), None);
    }
}
