//! Starts backend-app.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_runtime::main::<backend_app::BackendApp>()
}
