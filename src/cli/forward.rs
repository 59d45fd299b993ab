//! `port-forward`: a port of this machine that leads to the pods of a service.

use std::sync::Arc;

use clap::Args;
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::context::Context;
use super::service::{Reached, ServiceArgs};
use super::{FAILED, USAGE};
use crate::provider::kube::name;
use crate::ui::{Printer, Problem};

/// Lead a port of this machine to the pods of a service, until interrupted.
#[derive(Debug, Args)]
pub(super) struct ForwardArgs {
    #[command(flatten)]
    of: ServiceArgs,
    /// The port of the pods, or `HERE:THERE`; the service's own if it is not given, and any free one here
    #[arg(value_name = "PORT", value_parser = ports)]
    ports: Option<(u16, u16)>,
    /// The pod; one that is ready, chosen for each connection, if it is not given
    #[arg(long, value_name = "POD")]
    pod: Option<String>,
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let port = |text: &str| text.parse::<u16>().map_err(|_| format!("{text} is no port"));
    match text.split_once(':') {
        Some((here, there)) => Ok((port(here)?, port(there)?)),
        None => Ok((port(text)?, port(text)?)),
    }
}

pub(super) async fn run(context: &Context, args: &ForwardArgs) -> Result<u8, Problem> {
    let reached = args.of.reach(context).await?;
    let own = reached.environment.loaded.platform.settings.services.get(&args.of.service);
    let own = own.map(|service| service.port);
    let (here, there) = args.ports.or(own.map(|port| (0, port))).unwrap_or_default();
    if there == 0 {
        return Err(Problem::new(USAGE, "0 is no port of a pod"));
    }
    // Whether there is a pod at all is told now, not at the first connection.
    let pod = reached.pod(args.pod.as_deref()).await?;
    let listener = TcpListener::bind(("127.0.0.1", here)).await.map_err(|error| {
        Problem::from_error(FAILED, &error)
            .hint(format!("port {here} of this machine: choose another, as in 0:{there}"))
    })?;
    let address = listener.local_addr().map_err(|error| Problem::from_error(FAILED, &error))?;
    let printer = context.printer;
    if printer.json() {
        printer.data_json_line(&json!({
            "schema": "platctl/port-forward", "version": 1, "url": format!("http://{address}"), "service": args.of.service,
            "port": there, "pod": name(&pod),
        }));
    } else {
        printer.data(&format!("http://{address}"));
        printer.say(&format!("leads to port {there} of {}; Ctrl-C ends it", args.of.service));
    }
    let reached = Arc::new(reached);
    loop {
        let (stream, _) = listener.accept().await.map_err(|error| Problem::from_error(FAILED, &error))?;
        let (reached, pod) = (Arc::clone(&reached), args.pod.clone());
        tokio::spawn(async move {
            if let Err(problem) = carry(&reached, pod.as_deref(), there, stream).await {
                tell(printer, &problem);
            }
        });
    }
}

/// One connection, to its end.
async fn carry(reached: &Reached, pod: Option<&str>, port: u16, mut here: TcpStream) -> Result<(), Problem> {
    let pod = reached.pod(pod).await?;
    let there = reached.cluster.connect_to(&reached.namespace, name(&pod), port).await;
    let mut there = there.map_err(|error| super::connect::call_problem(&error))?;
    // Either side may close as it likes.
    let _ended = copy_bidirectional(&mut here, &mut there).await;
    Ok(())
}

fn tell(printer: Printer, problem: &Problem) {
    let cause = problem.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
    printer.warn(&format!("{}{cause}", problem.message));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_one_or_two() {
        assert_eq!(ports("8000"), Ok((8000, 8000)));
        assert_eq!(ports("0:3000"), Ok((0, 3000)));
        assert!(ports("x").is_err() && ports("1:x").is_err() && ports("70000").is_err());
    }
}
