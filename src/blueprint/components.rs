//! What components and services need of AWS: roles, log groups, secrets.

use super::cluster::Built;
use super::expansion::{Expansion, cluster_name, output};
use super::identity::{self, Rights, ServiceAccount};
use super::permissions;
use crate::config::schema::{Components, LogOutput};
use crate::model::iam::Policy;
use crate::model::logs::{LogClass, LogGroup};
use crate::model::secretsmanager::{Characters, Generated, Secret};
use crate::model::{Attribute, Ref};

/// Adds what the components and services that are switched on need.
pub(super) fn expand(expansion: &mut Expansion<'_>, built: &Built) {
    let components = &expansion.settings.components;
    if components.load_balancer_controller.enabled {
        add_load_balancer_controller(expansion, built);
    }
    if components.cluster_autoscaler.enabled {
        add_autoscaler(expansion, built);
    }
    if components.external_secrets.enabled {
        add_external_secrets(expansion, built, components);
    }
    if components.logging.enabled && components.logging.outputs.contains(&LogOutput::Cloudwatch) {
        add_log_shipping(expansion, built, components);
    }
    add_secrets(expansion, components);
    add_service_roles(expansion, built);
}

fn add_load_balancer_controller(expansion: &mut Expansion<'_>, built: &Built) {
    let cluster = cluster_name(expansion.environment);
    let name = expansion.account_name("load-balancer-controller");
    // Too long to be a part of the role.
    let policy = Policy {
        name: name.clone(),
        path: "/".to_owned(),
        description: format!("Load balancers of {cluster}"),
        document: permissions::balance_load(expansion.partition(), &cluster),
        tags: expansion.named(name),
    };
    let policy = expansion.add("load-balancer-controller", policy);
    let account = ServiceAccount {
        role: "load-balancer-controller",
        namespace: "kube-system",
        name: "aws-load-balancer-controller",
        purpose: "Load balancers",
    };
    identity::add(expansion, built, &account, Rights::Managed(vec![policy]));
}

fn add_autoscaler(expansion: &mut Expansion<'_>, built: &Built) {
    let cluster = cluster_name(expansion.environment);
    let node_groups = expansion.arn("eks", &format!("nodegroup/{cluster}/*/*"));
    let rights = Rights::Inline(permissions::scale_nodes(&cluster, node_groups));
    let account = ServiceAccount {
        role: "cluster-autoscaler",
        namespace: "kube-system",
        name: "cluster-autoscaler",
        purpose: "The number of nodes",
    };
    identity::add(expansion, built, &account, rights);
}

fn add_external_secrets(expansion: &mut Expansion<'_>, built: &Built, components: &Components) {
    let environment = expansion.environment;
    let secrets = expansion.arn("secretsmanager", &format!("secret:{environment}/*"));
    let parameters = expansion.arn("ssm", &format!("parameter/{environment}/*"));
    let account = ServiceAccount {
        role: "external-secrets",
        namespace: &components.external_secrets.namespace,
        name: "external-secrets",
        purpose: "Secrets and parameters",
    };
    identity::add(expansion, built, &account, Rights::Inline(permissions::read_secrets(secrets, parameters)));
}

fn add_log_shipping(expansion: &mut Expansion<'_>, built: &Built, components: &Components) {
    let name = expansion.path_name("pods");
    let group = LogGroup {
        name: name.clone(),
        retention: Some(components.logging.retention_days),
        key: None,
        class: LogClass::Standard,
        tags: expansion.named(name),
    };
    let group = expansion.add("pods", group);
    let account = ServiceAccount {
        role: "fluent-bit",
        namespace: &components.logging.namespace,
        name: "fluent-bit",
        purpose: "Logs of all pods",
    };
    let rights = Rights::Inline(permissions::write_logs(&output(&group, Attribute::Arn)));
    identity::add(expansion, built, &account, rights);
}

fn add_secrets(expansion: &mut Expansion<'_>, components: &Components) {
    let monitoring = &components.monitoring;
    if !monitoring.enabled {
        return;
    }
    if monitoring.grafana.enabled {
        let generated = Generated { length: 32, characters: Characters::Alphanumeric };
        add_secret(expansion, "grafana-admin", "The password of Grafana's user admin", Some(generated));
    }
    if monitoring.alerts.smtp_user.is_some() {
        add_secret(
            expansion,
            "alertmanager-smtp",
            "The password of the mail server, to be put in by hand",
            None,
        );
    }
}

fn add_secret(expansion: &mut Expansion<'_>, name: &str, purpose: &str, generated: Option<Generated>) {
    let full_name = expansion.path_name(name);
    let secret = Secret {
        name: full_name.clone(),
        description: purpose.to_owned(),
        key: None,
        generated,
        // What is protected can be brought back; what is for trying out frees its name at once.
        recovery_window: if expansion.settings.protect { 30 } else { 0 },
        tags: expansion.named(full_name),
    };
    expansion.add(name, secret);
}

/// A role for each service that names policies: without any a service has none.
fn add_service_roles(expansion: &mut Expansion<'_>, built: &Built) {
    let settings = expansion.settings;
    for (name, service) in settings.enabled_services().filter(|(_, service)| !service.policy_arns.is_empty())
    {
        let policies = service.policy_arns.iter().map(|arn| Ref::external(arn.as_str())).collect();
        let role = format!("app-{name}");
        let purpose = format!("Service {name}");
        let account = ServiceAccount { role: &role, namespace: &settings.namespace, name, purpose: &purpose };
        identity::add(expansion, built, &account, Rights::Managed(policies));
    }
}
