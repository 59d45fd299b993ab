//! Serves a sandbox until it is interrupted: `cargo run -p platctl-sandbox --example sandbox -- [port] [clock] [folder]`.

use platctl_sandbox::{Sandbox, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut settings = Settings::default();
    if let Some(port) = arguments.next() {
        settings.port = port.parse()?;
    }
    if let Some(pace) = arguments.next() {
        settings.pace = pace.parse()?;
    }
    settings.folder = arguments.next().map(Into::into);
    let sandbox = Sandbox::start(settings).await?;
    println!("{}", sandbox.url());
    sandbox.run_until_signal().await?;
    Ok(())
}
