//! Requests of the API, taken apart.

use bytes::Bytes;
use serde_json::Value;

use super::protobuf;
use super::refusal::Refusal;
use crate::wire::message::{decode_path, form_pairs};

/// A request, whole.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    query: Vec<(String, String)>,
    pub(super) content: String,
    pub(super) agent: String,
    pub(super) accept: String,
    pub(super) body: Bytes,
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) namespace: Option<String>,
    pub(super) plural: String,
    pub(super) name: Option<String>,
    pub(super) subresource: String,
}

impl Request {
    pub(super) fn new(method: &str, (path, query): (&str, &str), body: Bytes) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: form_pairs(query),
            content: String::new(),
            agent: String::new(),
            accept: String::new(),
            body,
        }
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a parameter.
    pub(super) fn parameters<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        ["true", "1"].contains(&self.parameter(name))
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.parameter(name).parse().ok()
    }

    /// Whether nothing is to be written.
    pub(super) fn is_dry_run(&self) -> bool {
        self.parameter("dryRun") == "All"
    }

    /// What is asked for, as `METHOD /path`.
    pub(super) fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The same, as `kubernetes:METHOD /path`, when it changes something: what is only tried, asked of the
    /// caller's rights, or done inside a pod does not.
    pub(super) fn changing_operation(&self) -> Option<String> {
        let reads = ["GET", "HEAD", "OPTIONS"].contains(&self.method.as_str());
        let asks = ["/apis/authorization.k8s.io/", "/apis/authentication.k8s.io/"];
        let inside = ["/exec", "/portforward"];
        let changes = !reads
            && !self.is_dry_run()
            && !asks.iter().any(|start| self.path.starts_with(start))
            && !inside.iter().any(|end| self.path.ends_with(end));
        changes.then(|| format!("kubernetes:{}", self.operation()))
    }

    /// Who writes: as the query says, or else the program that calls.
    pub(super) fn manager(&self) -> String {
        let said = self.parameter("fieldManager");
        let program = self.agent.split('/').next().unwrap_or_default();
        let name = if said.is_empty() { program } else { said };
        if name.is_empty() { "unknown".to_owned() } else { name.chars().take(128).collect() }
    }

    /// The body as JSON. YAML that is not JSON as well is not read.
    pub(super) fn json(&self) -> Result<Value, Refusal> {
        if let Some(object) = protobuf::read(&self.body) {
            return Ok(object);
        }
        if self.content.contains("protobuf") {
            let message = "the body of the request was in an unknown format - accepted media types include: application/json";
            return Err(Refusal::new(415, "UnsupportedMediaType", message));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            Refusal::bad(format!("the object provided is unrecognized (it is no JSON): {error}"))
        })
    }

    /// The pieces of the path.
    pub(super) fn pieces(&self) -> Vec<String> {
        self.path.split('/').filter(|piece| !piece.is_empty()).map(decode_path).collect()
    }
}

/// What the pieces of a path behind a group and a version name.
pub(super) fn target(group: &str, version: &str, pieces: &[String]) -> Option<Target> {
    let scoped = pieces.len() >= 3
        && pieces[0] == "namespaces"
        && !["status", "finalize"].contains(&pieces[2].as_str());
    let (namespace, rest) = if scoped { (Some(pieces[1].clone()), &pieces[2..]) } else { (None, pieces) };
    let (plural, rest) = rest.split_first()?;
    Some(Target {
        group: group.to_owned(),
        version: version.to_owned(),
        namespace,
        plural: plural.clone(),
        name: rest.first().cloned(),
        subresource: rest.get(1..).unwrap_or_default().join("/"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Target {
        let request = Request::new("GET", (path, ""), Bytes::new());
        target("", "v1", &request.pieces()).unwrap()
    }

    #[test]
    fn paths_name_objects_in_and_outside_of_namespaces() {
        let pod = of("namespaces/n/pods/a%2Db/log");
        assert_eq!(
            (pod.namespace.as_deref(), pod.plural.as_str(), pod.name.as_deref()),
            (Some("n"), "pods", Some("a-b"))
        );
        assert_eq!(pod.subresource, "log");
        let space = of("namespaces/n");
        assert_eq!(
            (space.namespace, space.plural.as_str(), space.name.as_deref()),
            (None, "namespaces", Some("n"))
        );
        assert_eq!(of("namespaces/n/finalize").subresource, "finalize");
        assert_eq!(of("namespaces/n/pods").name, None);
        assert_eq!(of("pods").plural, "pods");
    }

    #[test]
    fn what_changes_something_is_told_from_what_only_asks() {
        let of = |method: &str, path: &str, query: &str| {
            Request::new(method, (path, query), Bytes::new()).changing_operation()
        };
        let secret = "/api/v1/namespaces/n/secrets/s";
        assert_eq!(of("PATCH", secret, "force=true"), Some(format!("kubernetes:PATCH {secret}")));
        assert!(of("DELETE", secret, "").is_some());
        for (method, path, query) in [
            ("GET", secret, ""),
            ("PATCH", secret, "fieldManager=platctl&dryRun=All"),
            ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", ""),
            ("POST", "/api/v1/namespaces/n/pods/p/exec", "command=a"),
        ] {
            assert_eq!(of(method, path, query), None, "{method} {path}");
        }
    }
}
