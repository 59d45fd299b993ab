//! The environment whose releases are killed: small, with images that lie elsewhere, so that no process runs.

/// What is in the cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shop {
    /// Nothing yet.
    Empty,
    /// Three services, one of them with a name in the private zone.
    First,
    /// As [`Shop::Changed`], and backend-service is gone.
    Reduced,
    /// backend-app is otherwise: its image, its replicas, a variable more, an object less.
    Changed,
}

/// What the services run on.
const PLATFORM: &str = include_str!("../common/small.toml");

impl Shop {
    /// The environment's file.
    pub(crate) fn text(self) -> String {
        let mut text = format!("namespace = \"shop\"\n{PLATFORM}[cluster.logs]\ntypes = []\n");
        let mut service = |name: &str, digest: &str, settings: &str| {
            let image = format!("registry.example.com/{name}@sha256:{}", digest.repeat(32));
            text.push_str(&format!("[services.{name}]\nimage = \"{image}\"\n{settings}\n"));
        };
        let backend = match self {
            Self::Empty => return text,
            Self::First => ("a0", "replicas = 1"),
            Self::Reduced | Self::Changed => (
                "b1",
                "replicas = 2\nenv = { COLOUR = \"blue\" }\nvalues = { disruptionBudget = { enabled = false } }",
            ),
        };
        service("frontend-app", "a0", "port = 8000\nexposure = \"internet\"\ncalls = [\"backend-app\"]");
        service("backend-app", backend.0, &format!("port = 8000\n{}", backend.1));
        if !matches!(self, Self::Reduced) {
            let private = "port = 3000\nexposure = \"internal\"\ndns_name = \"api\"";
            service("backend-service", "a0", private);
        }
        text
    }
}
