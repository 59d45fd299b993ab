//! The environment: the three services, from the node's own registry.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::balancer::beside;
use crate::server::Server;

/// The services as they are to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shop<'a> {
    /// More settings of backend-app.
    pub(crate) backend: &'a str,
    /// The image of backend-app, in place of its own.
    pub(crate) image: Option<&'a str>,
    /// Settings of the chart of frontend-app.
    pub(crate) frontend: &'a str,
    /// Settings of backend-service, where there is one.
    pub(crate) third: Option<&'a str>,
}

pub(crate) const FIRST: Shop<'static> =
    Shop { backend: "replicas = 1", image: None, frontend: "", third: Some("") };

/// A node with images and an environment.
pub(crate) struct Ground<'a> {
    pub(crate) server: &'a Server,
    /// The services' images, by name.
    images: Vec<(String, String)>,
}

impl<'a> Ground<'a> {
    /// Compiles the services and pushes their images to the node's registry.
    pub(crate) fn new(server: &'a Server) -> Self {
        let root = env!("CARGO_MANIFEST_DIR");
        let registry = format!("{}/shop", server.registry());
        let arguments =
            ["-C", root, "images", "push", "dev", "--registry", &registry, "--plain-http", "--json"];
        let output = Command::new(env!("CARGO_BIN_EXE_platctl")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let pushed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |image: &Value, key: &str| image[key].as_str().unwrap().to_owned();
        let images = pushed["images"].as_array().unwrap().iter();
        Self { server, images: images.map(|one| (text(one, "service"), text(one, "reference"))).collect() }
    }

    /// The image of a service, by digest.
    pub(crate) fn image(&self, service: &str) -> &str {
        &self.images.iter().find(|(name, _)| name == service).unwrap().1
    }

    /// Writes `environments/shop.toml`.
    pub(crate) fn write(&self, shop: Shop<'_>) {
        let Shop { backend, image, frontend, third } = shop;
        let values = |more: &str| {
            format!(
                "values = {{ disruptionBudget = {{ enabled = false }}, shutdown = {{ delaySeconds = 1, \
                 graceSeconds = 5 }}{more} }}"
            )
        };
        let mut text = format!(
            "namespace = \"shop\"\n[aws]\nregion = \"eu-central-1\"\n\
             [network]\ncidr = \"10.60.0.0/16\"\nzones = [\"a\", \"b\"]\n[registry]\nenabled = false\n\
             [cluster.existing]\nkubeconfig = \"{}\"\ncontext = \"k8s-test\"\nload_balancers = true\n\
             [services.frontend-app]\nimage = \"{}\"\nport = 8000\nreplicas = 1\nexposure = \"internet\"\n\
             calls = [\"backend-app\", \"backend-service\"]\n\
             env = {{ BACKEND_URL = \"http://backend-app-service\", BACKEND_SERVICE_URL = \"http://backend-service\" }}\n\
             {}\n\
             [services.backend-app]\nimage = \"{}\"\nport = 8000\nexposure = \"internet\"\non_failure = \"rollback\"\n\
             {backend}\n{}\n",
            self.server.kubeconfig(),
            self.image("frontend-app"),
            values(frontend),
            image.unwrap_or_else(|| self.image("backend-app")),
            values(""),
        );
        if let Some(third) = third {
            text.push_str(&format!(
                "[services.backend-service]\nimage = \"{}\"\nport = 3000\nreplicas = 1\nexposure = \"internal\"\n{third}\n{}\n",
                self.image("backend-service"),
                values(""),
            ));
        } else {
            text =
                text.replace("calls = [\"backend-app\", \"backend-service\"]", "calls = [\"backend-app\"]");
        }
        fs::write(self.server.path("environments/shop.toml"), text).unwrap();
    }

    pub(crate) fn up(&self, arguments: &str, code: i32) -> String {
        beside(self.server, || self.server.platctl(&format!("up shop --yes {arguments}"), code))
    }

    /// How a release is.
    pub(crate) fn release(&self, name: &str) -> Value {
        let status: Value =
            serde_json::from_str(&self.server.platctl("status shop --json --quiet", 0)).unwrap();
        let releases = status["releases"].as_array().unwrap();
        releases.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {status}")).clone()
    }

    /// Where a release is reached, as `status` tells it.
    pub(crate) fn url(&self, name: &str) -> String {
        self.release(name)["endpoints"][0]["url"].as_str().unwrap().to_owned()
    }
}
