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
    /// A chart with hooks, a definition and objects of its kind.
    Hooked,
    /// The same chart with another value, and an object less.
    HookedOtherwise,
    /// One service whose pods have a colour, behind a load balancer.
    Colored,
    /// The same service with other pods, which come up in the other colour.
    ColoredOtherwise,
    /// All services, one of them with a colour, and the chart with hooks.
    Whole,
}

/// The folder of the chart with hooks, beside the environment's file.
pub(crate) const CHART: &str = "chart";

/// What the services run on.
const PLATFORM: &str = include_str!("../common/small.toml");

impl Shop {
    /// The environment's file.
    pub(crate) fn text(self) -> String {
        let mut text = format!("namespace = \"shop\"\n{PLATFORM}[cluster.logs]\ntypes = []\n");
        let private = "port = 3000\nexposure = \"internal\"\ndns_name = \"api\"";
        let colored =
            |digest: &str| format!("{private}\nstrategy = \"blue-green\"\nenv = {{ SHOWN = \"{digest}\" }}");
        let backend = match self {
            Self::Empty => return text,
            Self::Hooked => return text + &hooked("1"),
            Self::HookedOtherwise => return text + &hooked("2"),
            Self::Colored => return text + &service("backend-service", "a0", &colored("a0")),
            Self::ColoredOtherwise => return text + &service("backend-service", "b1", &colored("b1")),
            Self::First | Self::Whole => ("a0", "replicas = 1"),
            Self::Reduced | Self::Changed => (
                "b1",
                "replicas = 2\nenv = { COLOUR = \"blue\" }\nvalues = { disruptionBudget = { enabled = false } }",
            ),
        };
        let public = "port = 8000\nexposure = \"internet\"\ncalls = [\"backend-app\"]";
        text += &service("frontend-app", "a0", public);
        text += &service("backend-app", backend.0, &format!("port = 8000\n{}", backend.1));
        text + &match self {
            Self::Reduced => String::new(),
            Self::Whole => service("backend-service", "a0", &colored("a0")) + &hooked("1"),
            _ => service("backend-service", "a0", private),
        }
    }
}

fn service(name: &str, digest: &str, settings: &str) -> String {
    let image = format!("registry.example.com/{name}@sha256:{}", digest.repeat(32));
    format!("[services.{name}]\nimage = \"{image}\"\n{settings}\n")
}

fn hooked(shown: &str) -> String {
    let component = "[components.load_balancer_controller]";
    format!("{component}\nchart = \"{CHART}\"\nvalues = {{ shown = \"{shown}\" }}\n")
}
