//! Starts backend-service.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_runtime::main::<backend_service::BackendService>()
}
