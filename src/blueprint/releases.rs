//! The releases of an environment's services: the charts that come with platctl, and their values.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::expansion::Expansion;
use super::{controller, ground};
use crate::config::Platform;
use crate::config::schema::{Exposure, OnFailure as WhenFailed, Service, Settings, Strategy as Way};
use crate::config::subnets::zone_ranges;
use crate::model::kubernetes::{Color, OnFailure, Release, Strategy};
use crate::model::route53::{HostedZone, RecordContent, RecordSet, RecordType};
use crate::model::{Address, Attribute, Desired, Kind, Name, Placeholder, Ref};

/// The release that makes the services' namespace.
const NAMESPACE: &str = "namespace";

/// Something that is not deployed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The service or component.
    pub what: String,
    /// Why.
    pub why: &'static str,
}

/// A variable that names a service otherwise than its file does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The service that has the variable.
    pub service: String,
    /// The variable.
    pub variable: String,
    /// What it holds now.
    pub value: String,
}

/// An environment with its releases.
#[derive(Clone, Debug)]
pub struct WithReleases {
    /// All that it consists of.
    pub desired: Desired,
    /// What is not deployed.
    pub left_out: Vec<LeftOut>,
    /// Private names that nothing would resolve here, and what stands for them.
    pub renamed: Vec<Renamed>,
}

/// What the settings do not say of where releases go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Whether the cloud is the sandbox, which makes load balancers without a controller in the cluster.
    pub sandbox: bool,
    /// Whether the chart of the load balancer controller is at hand, or what was made of it is recorded.
    pub controller: bool,
}

/// Adds the releases to what an environment consists of, their objects not rendered yet: `chart` holds the chart's name
/// alone. In a cluster of ours they wait for it and for what is around it; one that exists already is there.
pub fn add_releases(platform: &Platform, desired: Desired, site: Site) -> WithReleases {
    let Platform { environment, settings, buildable } = platform;
    let (mut left_out, mut renamed) = (Vec::new(), Vec::new());
    if !settings.deploy.enabled {
        let why = "`deploy.enabled` is false";
        left_out.extend(settings.enabled_services().map(|(name, _)| LeftOut { what: name.to_owned(), why }));
        return WithReleases { desired, left_out, renamed };
    }
    let mut expansion = Expansion { environment, settings, buildable, desired };
    let mut before = Vec::new();
    let balanced = match &settings.cluster.existing {
        Some(existing) => existing.load_balancers,
        None => {
            before.extend(controller::add(&mut expansion, site, &mut left_out));
            site.sandbox || !before.is_empty()
        }
    };
    let mut deployed = Vec::new();
    for (name, service) in settings.enabled_services() {
        match image(&expansion.desired, name, service) {
            Ok(image) => deployed.push((name, service, image)),
            Err(why) => left_out.push(LeftOut { what: name.to_owned(), why }),
        }
    }
    if deployed.is_empty() {
        return WithReleases { desired: expansion.desired, left_out, renamed };
    }
    let namespace = release(&expansion, NAMESPACE, NAMESPACE, namespace_values(!before.is_empty()));
    before.push(expansion.add(NAMESPACE, namespace));
    let services = Services { settings, balanced };
    for (name, service, image) in deployed {
        let mut values = services.values(environment, name, service, image);
        renamed.extend(services.rename(name, &mut values));
        merge(&mut values, &json!(service.values));
        let on_failure = match service.on_failure {
            WhenFailed::Keep => OnFailure::Keep,
            WhenFailed::Rollback => OnFailure::Rollback,
        };
        let strategy = strategy(service, &mut values);
        let after = before.clone();
        let spec = Release { after, on_failure, strategy, ..release(&expansion, name, "service", values) };
        let reference = expansion.add(name, spec);
        add_record(&mut expansion, &services, service, &reference);
    }
    WithReleases { desired: expansion.desired, left_out, renamed }
}

pub(super) fn release(expansion: &Expansion<'_>, name: &str, chart: &str, values: Value) -> Release {
    let cluster = ground::cluster(&expansion.desired);
    let ground = cluster.as_ref().map(|_| ground::ground(&expansion.desired)).unwrap_or_default();
    Release {
        name: name.to_owned(),
        namespace: expansion.settings.namespace.clone(),
        chart: chart.to_owned(),
        values: values.into(),
        objects: BTreeMap::new(),
        status: "deployed".to_owned(),
        on_failure: OnFailure::Keep,
        strategy: Strategy::Rolling,
        after: Vec::new(),
        cluster,
        ground,
        makes_once: BTreeMap::new(),
    }
}

/// Readiness gates are the AWS Load Balancer Controller's: without it, pods would wait for them for ever.
fn namespace_values(controller: bool) -> Value {
    json!({ "readinessGates": controller })
}

/// How a service's pods are replaced; with colours, their stand-in is in its values.
fn strategy(service: &Service, values: &mut Value) -> Strategy {
    match service.strategy {
        Way::Rolling => Strategy::Rolling,
        Way::BlueGreen => {
            merge(values, &json!({ "color": Color::STAND_IN }));
            Strategy::BlueGreen
        }
    }
}

/// The image that a service runs: the one that is named, or the one that is built here.
fn image(desired: &Desired, name: &str, service: &Service) -> Result<Value, &'static str> {
    if !service.secrets.is_empty() {
        return Err("its secrets are in Secrets Manager, from which nothing brings them into this cluster");
    }
    let Some(image) = &service.image else {
        let name = Name::from_lossy(name);
        let [built, repository] =
            [Kind::Image, Kind::Repository].map(|kind| Address::new(kind, name.clone()));
        if !desired.resources.contains_key(&built) {
            return Err("its image cannot be built here");
        }
        let output = |address, attribute| Placeholder::new(address, attribute).to_string();
        return Ok(json!({
            "repository": output(repository, Attribute::Url), "digest": output(built, Attribute::Digest),
        }));
    };
    let (place, digest) =
        image.split_once('@').ok_or("its image has no digest, and a tag may come to mean another image")?;
    let repository = match place.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => place,
    };
    Ok(json!({ "repository": repository, "digest": digest }))
}

struct Services<'a> {
    settings: &'a Settings,
    /// Whether the cluster makes load balancers.
    balanced: bool,
}

impl Services<'_> {
    fn exposure(&self, service: &Service) -> Exposure {
        if self.balanced { service.exposure } else { Exposure::Cluster }
    }

    /// Whether others of the namespace reach it by its load balancer alone.
    fn is_behind_balancer(&self, service: &Service) -> bool {
        self.exposure(service) == Exposure::Internal
    }

    /// The ranges that internal load balancers, and pods, have addresses in.
    fn private_ranges(&self) -> Vec<String> {
        let network = &self.settings.network;
        let zones = zone_ranges(network).unwrap_or_default();
        if network.existing.is_some() || zones.is_empty() {
            return vec![network.cidr.to_string()];
        }
        zones.iter().map(|zone| zone.private.to_string()).collect()
    }

    fn values(&self, environment: &str, name: &str, service: &Service, image: Value) -> Value {
        let callers: Vec<&str> = self
            .settings
            .enabled_services()
            .filter(|(_, other)| {
                !self.is_behind_balancer(service) && other.calls.iter().any(|called| called == name)
            })
            .map(|(other, _)| other)
            .collect();
        // Whoever calls it in the cluster may name the port that it listens on.
        let mut ports = vec![service.service_port];
        if !callers.is_empty() && service.port != service.service_port {
            ports.push(service.port);
        }
        let exposure = match self.exposure(service) {
            Exposure::Cluster => "cluster",
            Exposure::Internal => "internal",
            Exposure::Internet => "internet",
        };
        let ranges = if self.is_behind_balancer(service) { self.private_ranges() } else { Vec::new() };
        let resources = &service.resources;
        let mut values = json!({
            "name": name,
            "image": image,
            "port": service.port,
            "exposure": exposure,
            "service": { "ports": ports },
            "replicas": service.replicas,
            "clusterName": environment,
            "env": service.env,
            "probes": { "health": service.health_path, "ready": service.readiness_path },
            "resources": {
                "requests": { "cpu": resources.cpu_request, "memory": resources.memory_request },
                "limits": { "memory": resources.memory_limit },
            },
            "networkPolicy": {
                "callers": callers, "loadBalancerRanges": ranges, "calls": self.calls(service),
            },
        });
        // The chart's own limit of processor time is for those who say nothing.
        values["resources"]["limits"]["cpu"] = json!(resources.cpu_limit);
        if let Some(scaling) = &service.autoscaling {
            values["autoscaling"] = json!({
                "enabled": true, "min": scaling.min, "max": scaling.max, "cpuPercent": scaling.cpu_percent,
                "memoryPercent": scaling.memory_percent.unwrap_or(0),
            });
        }
        if let Some(certificate) = service.certificate_arn.as_ref().filter(|_| self.balanced) {
            values["loadBalancer"] = json!({ "certificateArn": certificate });
        }
        values
    }

    /// Where nothing makes load balancers, private names lead nowhere: variables name the Services themselves.
    fn rename(&self, name: &str, values: &mut Value) -> Vec<Renamed> {
        let mut renamed = Vec::new();
        let Some(variables) = values["env"].as_object_mut().filter(|_| !self.balanced) else {
            return renamed;
        };
        for (called, service) in self.settings.enabled_services() {
            let Some(label) = &service.dns_name else { continue };
            let private = format!("{label}.{}", self.settings.dns.zone);
            for (variable, held) in variables.iter_mut() {
                let value =
                    held.as_str().and_then(|text| with_host(text, &private, &address(called, service)));
                let Some(value) = value else { continue };
                *held = value.as_str().into();
                renamed.push(Renamed { service: name.to_owned(), variable: variable.clone(), value });
            }
        }
        renamed
    }

    fn calls(&self, service: &Service) -> Vec<Value> {
        let called = service.calls.iter().filter_map(|name| {
            let called = self.settings.services.get(name).filter(|called| called.enabled)?;
            Some(if self.is_behind_balancer(called) {
                json!({ "ranges": self.private_ranges(), "port": called.service_port })
            } else {
                json!({ "service": name, "port": called.port })
            })
        });
        called.collect()
    }
}

/// The name of a service's Service, as its chart has it (`service.address`).
fn address(name: &str, service: &Service) -> String {
    let chosen = json!(service.values)["service"]["name"].as_str().map(str::to_owned);
    chosen.unwrap_or_else(|| format!("{}-service", name.strip_suffix("-service").unwrap_or(name)))
}

/// A URL, or a host with or without a port, that leads to another host; none when it does not name this one.
fn with_host(text: &str, host: &str, other: &str) -> Option<String> {
    let start = text.find("://").map_or(0, |at| at + 3);
    let rest = text[start..].strip_prefix(host)?;
    let ends = rest.is_empty() || rest.starts_with([':', '/', '?']);
    ends.then(|| format!("{}{other}{rest}", &text[..start]))
}

/// The service's name in the private zone: it waits for the load balancer's own, and goes before it.
fn add_record(
    expansion: &mut Expansion<'_>,
    services: &Services<'_>,
    service: &Service,
    release: &Ref<Release>,
) {
    let (Some(label), Some(at)) = (&service.dns_name, release.address()) else { return };
    let zone = Name::from_lossy("main");
    let has_zone = expansion.desired.resources.contains_key(&Address::new(Kind::HostedZone, zone.clone()));
    if !has_zone || !services.is_behind_balancer(service) {
        return;
    }
    let dns = &services.settings.dns;
    let record = RecordSet {
        zone: Ref::<HostedZone>::managed(zone),
        name: format!("{label}.{}", dns.zone),
        record_type: RecordType::Cname,
        content: RecordContent::Values {
            ttl: dns.ttl,
            values: vec![Placeholder::new(at, Attribute::Host).into()],
        },
        leads_to: Some(release.clone()),
    };
    expansion.add(label, record);
}

/// Puts values over others: maps key by key, anything else whole.
pub(super) fn merge(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                merge(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}
