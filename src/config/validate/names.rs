//! Names: of the environment, and of what it tags.

use super::Context;
use crate::config::finding::Finding;
use crate::config::format::{REGIONS, account_of, is_label};
use crate::config::place::{Path, Place};
use crate::config::suggest::nearest;
use crate::model::is_reserved_tag;

/// The longest name of an environment: with it, every name that is made from it stays inside AWS's limits.
const LONGEST: usize = 20;

/// An environment's name, which is its file's.
pub(in crate::config) fn name(environment: &str, place: &Place) -> Option<Finding> {
    let finding = |message: String| {
        let label = "the file's name is the environment's name";
        Finding::new("environment-name", Path::root(), place.clone(), message).label(label)
    };
    if environment == "sandbox" {
        let message = "an environment may not be called `sandbox`".to_owned();
        return Some(finding(message).hint("`state/sandbox/` belongs to `--sandbox`; rename the file"));
    }
    let starts = environment.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts || !is_label(environment, LONGEST) || environment.contains("--") {
        let message = format!("`{environment}` cannot name an environment");
        let hint =
            format!("{LONGEST} lower-case letters, digits and single `-` at most, starting with a letter");
        return Some(finding(message).hint(hint));
    }
    // Every name in the account is `ENVIRONMENT-eks-...` or `ENVIRONMENT/...`: without this word in the names
    // of environments, no name of one can be a name of another.
    if environment.split('-').any(|part| part == "eks") {
        let message = format!("`{environment}` cannot name an environment: `eks` is a part of other names");
        return Some(finding(message).hint("`dev` has a cluster `dev-eks`, so `dev-eks` would meet it"));
    }
    None
}

pub(super) fn check(context: &mut Context<'_>) {
    check_region(context);
    check_account(context);
    check_tags(context);
    check_namespaces(context);
}

fn check_region(context: &mut Context<'_>) {
    let path = Path::of("aws.region");
    let region = &context.settings.aws.region;
    if REGIONS.contains(&region.as_str()) || region == "us-west-2" {
        return;
    }
    let near = nearest(region, REGIONS).map(|near| format!("did you mean `{near}`?"));
    let message = format!("`{region}` is no region that platctl knows");
    let finding = context.at("unknown-region", &path, message).warning().label("perhaps a slip").hints(near);
    context.push(finding, []);
}

fn check_account(context: &mut Context<'_>) {
    let aws = &context.settings.aws;
    let (Some(account), Some(role)) = (&aws.account_id, &aws.role) else { return };
    let Some(owner) = account_of(&role.arn).filter(|owner| owner != account) else { return };
    let message =
        format!("the role to assume is of account {owner}, and this environment lives in {account}");
    let (account_path, role_path) = (Path::of("aws.account_id"), Path::of("aws.role.arn"));
    let finding = context.at("account-mismatch", &role_path, message).label("another account");
    let finding = context.beside(finding, &account_path, "the account");
    context.push(finding, [&account_path]);
}

fn check_tags(context: &mut Context<'_>) {
    for (key, value) in &context.settings.tags {
        let path = Path::of("tags").join(key.as_str());
        let ours = key == "Name" || key.to_lowercase().starts_with("platctl:");
        let message = if is_reserved_tag(key) || ours {
            format!("the tag `{key}` is not yours to set")
        } else if key.is_empty() || key.chars().count() > 128 || !is_tag_text(key) {
            format!("`{key}` is not a tag's key")
        } else if value.chars().count() > 256 || !is_tag_text(value) {
            format!("the value of the tag `{key}` is not one that every service takes")
        } else {
            continue;
        };
        let finding = context.at_key("tag", &path, message);
        let hint = "letters, digits, spaces and `_.:/=+-@`; not `Name`, `aws:...` or `platctl:...`";
        context.push(finding.label("cannot be used").hint(hint), []);
    }
}

/// ("Tag naming limits and requirements", Tagging AWS Resources guide; the set that all services share.)
fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
}

/// The services' namespace enforces the `restricted` Pod Security Standard, which collectors on nodes cannot meet.
fn check_namespaces(context: &mut Context<'_>) {
    let services = Path::of("namespace");
    let namespace = &context.settings.namespace;
    if namespace.starts_with("kube-") {
        let finding =
            context.at("reserved-namespace", &services, format!("`{namespace}` belongs to Kubernetes"));
        context.push(finding.label("reserved").hint("choose a name that does not start with `kube-`"), []);
    }
    let components = &context.settings.components;
    for (component, enabled, theirs) in [
        ("monitoring", components.monitoring.enabled, &components.monitoring.namespace),
        ("logging", components.logging.enabled, &components.logging.namespace),
        ("external_secrets", components.external_secrets.enabled, &components.external_secrets.namespace),
    ] {
        if !enabled || theirs != namespace {
            continue;
        }
        let path = Path::of("components").join(component).join("namespace");
        let message = format!("`components.{component}` cannot share the services' namespace `{namespace}`");
        let finding = context.at("shared-namespace", &path, message).label("the services' namespace");
        let finding = context.beside(finding, &services, "the services");
        let hint = "the services' namespace lets only `restricted` pods in; choose another one";
        context.push(finding.hint(hint), [&services]);
    }
}
