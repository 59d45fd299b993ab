//! Repositories, the mail settings of alerts, the state's folder: small tables with rules of their own.

use super::Context;
use crate::config::place::Path;
use crate::config::schema::RegistryEncryption;

pub(super) fn check(context: &mut Context<'_>) {
    check_prefix(context);
    check_key(context);
    check_repositories(context);
    check_alerts(context);
    check_state(context);
}

/// Repository names are the account's: without the environment in front, two environments would share them.
fn check_prefix(context: &mut Context<'_>) {
    let environment = context.environment;
    let Some(prefix) = &context.settings.registry.prefix else { return };
    if prefix == environment || prefix.starts_with(&format!("{environment}/")) {
        return;
    }
    let path = Path::of("registry.prefix");
    let message = format!("repositories named `{prefix}/...` could belong to another environment");
    let finding = context.at("foreign-prefix", &path, message).label("not this environment's");
    context.push(finding.hint(format!("start with the environment's name: `{environment}/{prefix}`")), []);
}

fn check_key(context: &mut Context<'_>) {
    let registry = &context.settings.registry;
    if registry.key_arn.is_some() && registry.encryption != RegistryEncryption::Kms {
        let (key, encryption) = (Path::of("registry.key_arn"), Path::of("registry.encryption"));
        let message = "`registry.key_arn` has no effect unless `registry.encryption` is `kms`";
        let finding = context.at("no-effect", &key, message).label("has no effect");
        context.push(finding.hint("set `encryption = \"kms\"`"), [&encryption]);
    }
}

fn check_repositories(context: &mut Context<'_>) {
    for (at, name) in context.settings.registry.repositories.iter().enumerate() {
        // Only what is built here has one: what is switched off may keep its own by being named.
        let service = context.settings.enabled_services().find(|(service, _)| *service == name);
        if service.is_some_and(|(_, service)| service.path.is_some()) {
            let path = Path::of("registry.repositories").join(at);
            let service = Path::of("services").join(name.as_str());
            let message = format!("`{name}` has a repository already: it is a service");
            let finding = context.at("duplicate-name", &path, message).label("again here");
            context.push(finding.related(context.key_place(&service), "the service"), [&service]);
        }
    }
}

fn check_alerts(context: &mut Context<'_>) {
    let alerts = &context.settings.components.monitoring.alerts;
    let path = Path::of("components.monitoring.alerts");
    if alerts.email_to.is_empty() {
        return;
    }
    for (missing, key) in
        [(alerts.email_from.is_none(), "email_from"), (alerts.smtp_server.is_none(), "smtp_server")]
    {
        if missing {
            let message = format!("alerts cannot be sent: `{path}.{key}` is missing");
            let finding = context.at("missing-key", &path.join("email_to"), message).label("receivers");
            context.push(finding.hint(format!("set `{key}` beside `email_to`")), [&path.join(key)]);
        }
    }
}

/// The sandbox's states and world must stay apart from the real ones.
fn check_state(context: &mut Context<'_>) {
    let folder = &context.settings.state.folder;
    let parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.starts_with(&["state", "sandbox"]) {
        let path = Path::of("state.folder");
        let finding = context.at("reserved-folder", &path, "`state/sandbox` belongs to `--sandbox`");
        context.push(finding.label("not here").hint("choose another folder, or leave it at `state`"), []);
    }
}
