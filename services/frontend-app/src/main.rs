//! Starts frontend-app.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_runtime::main::<frontend_app::FrontendApp>()
}
