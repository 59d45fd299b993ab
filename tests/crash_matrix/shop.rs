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

const PLATFORM: &str = r#"namespace = "shop"
[aws]
region = "us-east-1"
[network]
cidr = "10.20.0.0/16"
zones = ["a", "b"]
[cluster]
version = "1.33"
[cluster.logs]
types = []
[[cluster.node_groups]]
name = "general"
instance_types = ["m6i.large"]
[registry]
enabled = false
[dns]
zone = "backend.internal"
"#;

impl Shop {
    /// The environment's file.
    pub(crate) fn text(self) -> String {
        let mut text = PLATFORM.to_owned();
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
