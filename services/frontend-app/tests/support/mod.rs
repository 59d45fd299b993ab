//! Starting the frontend with backends.
#![allow(dead_code, reason = "each test file uses its part")]

use std::net::SocketAddr;

use backend_app::BackendApp;
use backend_service::BackendService;
use service_runtime::config::Variables;
use service_runtime::{Running, Service};
use service_testing::process::ServiceProcess;

/// The operations of frontend-app beside those that every service has.
pub(crate) const OWN: [(&str, &str); 9] = [
    ("GET", "/"),
    ("GET", "/info"),
    ("GET", "/api/backend/status"),
    ("GET", "/api/backend/data"),
    ("POST", "/api/backend/process"),
    ("GET", "/api/backend-service/health"),
    ("GET", "/api/backend-service/data"),
    ("GET", "/api/backend-service/info"),
    ("POST", "/api/backend-service/process"),
];

/// Starts a service in this process.
async fn start<S: Service>(pod: &str) -> Running {
    let variables = [
        ("LISTEN_ADDR", "127.0.0.1:0"),
        ("POD_NAME", pod),
        ("NODE_NAME", "node-1"),
        ("SHUTDOWN_DELAY_SECONDS", "0"),
        ("SHUTDOWN_GRACE_SECONDS", "1"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    service_runtime::start::<S>(Variables::of(variables)).await.expect("it starts")
}

/// The frontend in front of both real backends.
pub(crate) struct Platform {
    pub(crate) frontend: ServiceProcess,
    pub(crate) backend_app: Option<Running>,
    pub(crate) backend_service: Option<Running>,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let backend_app = start::<BackendApp>("backend-app-pod").await;
        let backend_service = start::<BackendService>("backend-service-pod").await;
        let urls = [
            ("BACKEND_URL", format!("http://{}", backend_app.address())),
            ("BACKEND_SERVICE_URL", format!("http://{}", backend_service.address())),
        ];
        let variables: Vec<(&str, &str)> = urls.iter().map(|(name, url)| (*name, url.as_str())).collect();
        let mut variables = variables;
        variables.extend([("POD_NAME", "frontend-pod"), ("NODE_NAME", "node-1")]);
        let frontend = ServiceProcess::start("frontend-app", &variables).await;
        let (backend_app, backend_service) = (Some(backend_app), Some(backend_service));
        Self { frontend, backend_app, backend_service }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.frontend.address
    }
}

/// The frontend alone, with one URL for both backends.
pub(crate) async fn frontend(url: &str, variables: &[(&str, &str)]) -> ServiceProcess {
    let mut all = vec![("BACKEND_URL", url), ("BACKEND_SERVICE_URL", url)];
    all.extend_from_slice(variables);
    ServiceProcess::start("frontend-app", &all).await
}
