//! Services: where they come from, whom they call, how they are reached, what they take.

use std::collections::BTreeMap;

use super::Context;
use crate::config::format::{cpu_millis, is_label, memory_bytes};
use crate::config::place::Path;
use crate::config::schema::{Exposure, Service, Strategy};
use crate::config::suggest::{list, nearest};

/// The longest name of a service: with it, the names that are made from it stay inside the limits of IAM
/// (64 characters for a role).
const LONGEST: usize = 35;

pub(super) fn check(context: &mut Context<'_>) {
    let mut dns_names: BTreeMap<&str, Path> = BTreeMap::new();
    for (name, service) in context.settings.enabled_services() {
        let path = Path::of("services").join(name);
        check_name(context, &path, name);
        check_source(context, &path, name, service);
        check_calls(context, &path, name, service);
        check_exposure(context, &path, service);
        check_scale(context, &path, service);
        check_colors(context, &path, service);
        check_resources(context, &path, service);
        check_variables(context, &path, service);
        check_needs(context, &path, name, service);
        let dns = path.join("dns_name");
        if let Some(dns_name) = &service.dns_name
            && let Some(other) = dns_names.insert(dns_name, dns.clone())
        {
            let message = format!("two services have the name `{dns_name}` in the private zone");
            let finding = context.at("duplicate-name", &dns, message).label("again here");
            context.push(context.beside(finding, &other, "first here"), [&other]);
        }
    }
}

fn check_name(context: &mut Context<'_>, path: &Path, name: &str) {
    if !is_label(name, LONGEST) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        let message = format!("`{name}` cannot name a service");
        let hint = format!(
            "lower-case letters, digits and `-`, {LONGEST} characters at most, starting with a letter"
        );
        let finding = context.at_key("service-name", path, message).label("not a name").hint(hint);
        context.push(finding, []);
    }
}

fn check_source(context: &mut Context<'_>, path: &Path, name: &str, service: &Service) {
    let (folder, image) = (path.join("path"), path.join("image"));
    match (&service.path, &service.image) {
        (Some(_), Some(_)) => {
            let message = format!("service `{name}` has both a path and an image");
            let finding = context.at("either-or", &image, message).label("one of them");
            context.push(context.beside(finding, &folder, "the other"), [&folder]);
        }
        (None, None) => {
            let message = format!("service `{name}` has neither a path to build from nor an image to run");
            let finding = context.at_key("either-or", path, message).label("comes from nowhere");
            context.push(
                finding.hint("set `path = \"services/...\"` or `image = \"...:TAG\"`"),
                [&folder, &image],
            );
        }
        _ => {}
    }
}

fn check_calls(context: &mut Context<'_>, path: &Path, name: &str, service: &Service) {
    let known = context.written_keys(&Path::of("services"));
    for (at, callee) in service.calls.iter().enumerate() {
        let path = path.join("calls").join(at);
        if callee == name {
            let finding =
                context.at("self-call", &path, format!("service `{name}` need not be let through to itself"));
            context.push(finding.warning().label("itself"), []);
        } else if !known.contains(&callee.as_str()) {
            let message = format!("service `{name}` calls `{callee}`, which is no service");
            let finding = context.at("unknown-service", &path, message).label("no such service");
            let hint = match nearest(callee, known.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("there is {}", list(known.iter().copied().filter(|known| *known != name))),
            };
            context.push(finding.hint(hint), []);
        } else if context.settings.services.get(callee).is_some_and(|callee| !callee.enabled) {
            let message = format!("service `{name}` calls `{callee}`, which is switched off");
            let finding = context.at("unknown-service", &path, message).label("switched off");
            context.push(finding, [&Path::of("services").join(callee.as_str()).join("enabled")]);
        }
    }
}

fn check_exposure(context: &mut Context<'_>, path: &Path, service: &Service) {
    let exposure = path.join("exposure");
    let dns = path.join("dns_name");
    if service.dns_name.is_some() && service.exposure != Exposure::Internal {
        let message = "a name in the private zone is for services with `exposure = \"internal\"`";
        let finding = context.at("no-effect", &dns, message).label("has no effect");
        context.push(context.beside(finding, &exposure, "the exposure"), [&exposure]);
    } else if service.dns_name.is_some() && !context.settings.dns.enabled {
        let message = "a name in the private zone needs one, and `dns.enabled` is false";
        let enabled = Path::of("dns.enabled");
        let finding = context.at("no-effect", &dns, message).label("no zone to be named in");
        context.push(context.beside(finding, &enabled, "switched off"), [&enabled]);
    }
    if service.certificate_arn.is_some() && service.exposure != Exposure::Internet {
        let certificate = path.join("certificate_arn");
        let message = "a certificate is for services with `exposure = \"internet\"`";
        let finding = context.at("no-effect", &certificate, message).label("has no effect");
        context.push(context.beside(finding, &exposure, "the exposure"), [&exposure]);
    }
}

/// Components that a service's settings count on.
fn check_needs(context: &mut Context<'_>, path: &Path, name: &str, service: &Service) {
    let components = &context.settings.components;
    let exposed = service.exposure != Exposure::Cluster;
    for (needed, on, key, component) in [
        (exposed, components.load_balancer_controller.enabled, "exposure", "load_balancer_controller"),
        (!service.secrets.is_empty(), components.external_secrets.enabled, "secrets", "external_secrets"),
    ] {
        if !needed || on {
            continue;
        }
        let switch = Path::of("components").join(component).join("enabled");
        let message =
            format!("`{key}` of service `{name}` needs `components.{component}`, which is switched off");
        let finding = context.at("missing-component", &path.join(key), message).label("needs it");
        context.push(context.beside(finding, &switch, "switched off"), [&switch]);
    }
}

fn check_scale(context: &mut Context<'_>, path: &Path, service: &Service) {
    let Some(autoscaling) = &service.autoscaling else { return };
    let (min, max) = (path.join("autoscaling").join("min"), path.join("autoscaling").join("max"));
    if autoscaling.min > autoscaling.max {
        let message =
            format!("autoscaling from {} to {} is the wrong way round", autoscaling.min, autoscaling.max);
        let finding = context.at("size-order", &min, message).label("greater than max");
        context.push(context.beside(finding, &max, "max"), [&max]);
        return;
    }
    let replicas = path.join("replicas");
    let inside = (autoscaling.min..=autoscaling.max).contains(&service.replicas);
    if !inside && context.is_written(&replicas) {
        let message = format!(
            "{} replicas are not between autoscaling's {} and {}",
            service.replicas, autoscaling.min, autoscaling.max
        );
        let finding = context.at("size-order", &replicas, message).label("out of bounds");
        context.push(finding, [&min, &max]);
    }
}

/// With `blue-green` the deploy chooses the colour.
fn check_colors(context: &mut Context<'_>, path: &Path, service: &Service) {
    if service.strategy != Strategy::BlueGreen {
        return;
    }
    let strategy = path.join("strategy");
    for key in ["color", "activeColor"].into_iter().filter(|key| service.values.contains_key(*key)) {
        let value = path.join("values").join(key);
        let message = format!("`{key}` is not for you to set when the strategy is `blue-green`");
        let finding = context.at("no-effect", &value, message).label("has no effect");
        let finding = finding.hint("each deploy chooses the colour that does not serve; leave it out");
        context.push(context.beside(finding, &strategy, "the strategy"), [&strategy]);
    }
}

fn check_resources(context: &mut Context<'_>, path: &Path, service: &Service) {
    let resources = &service.resources;
    let path = path.join("resources");
    let cpu_limit = resources.cpu_limit.as_deref().and_then(cpu_millis);
    let pairs = [
        ("cpu", cpu_millis(&resources.cpu_request), cpu_limit),
        ("memory", memory_bytes(&resources.memory_request), memory_bytes(&resources.memory_limit)),
    ];
    for (what, request, limit) in pairs {
        let (Some(request), Some(limit)) = (request, limit) else { continue };
        if request <= limit {
            continue;
        }
        let (request, limit) = (path.join(format!("{what}_request")), path.join(format!("{what}_limit")));
        let message = format!("more {what} is requested than the limit allows");
        let at = if context.is_written(&request) { &request } else { &limit };
        let finding = context.at("size-order", at, message).label("the request must not exceed the limit");
        context.push(finding, [&request, &limit]);
    }
}

fn check_variables(context: &mut Context<'_>, path: &Path, service: &Service) {
    for (table, names) in [("env", service.env.keys()), ("secrets", service.secrets.keys())] {
        for name in names {
            let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if first && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                continue;
            }
            let finding = context.at_key(
                "variable-name",
                &path.join(table).join(name.as_str()),
                format!("`{name}` is not a variable's name"),
            );
            context.push(
                finding.label("cannot be set").hint("letters, digits and `_`, not starting with a digit"),
                [],
            );
        }
    }
    for name in service.secrets.keys().filter(|name| service.env.contains_key(*name)) {
        let (plain, secret) =
            (path.join("env").join(name.as_str()), path.join("secrets").join(name.as_str()));
        let message = format!("the variable `{name}` is set twice");
        let finding = context.at_key("duplicate-name", &secret, message).label("again here");
        context.push(finding.related(context.key_place(&plain), "first here"), [&plain]);
    }
    let invalid = service.secrets.iter().filter(|(_, secret)| !is_secret_name(secret));
    for (name, secret) in invalid {
        let path = path.join("secrets").join(name.as_str());
        let finding = context.at("secret-name", &path, format!("`{secret}` is not a secret's name"));
        let hint = "the name below the environment's: letters, digits and `/_+=.@-`, not starting with `/`";
        context.push(finding.label("not a name").hint(hint), []);
    }
}

/// ("CreateSecret", AWS Secrets Manager API Reference.)
fn is_secret_name(text: &str) -> bool {
    (1..=400).contains(&text.len())
        && !text.starts_with('/')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b))
}
