//! Instance types. Instances themselves are not modelled; nodes belong to the cluster's model.

use serde_json::{Value, json};

use super::zone;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters, PageRules};

/// Families as (family, architecture, GiB of memory a vCPU in quarters).
const FAMILIES: [(&str, &str, i64); 14] = [
    ("c5", "x86_64", 8),
    ("c6i", "x86_64", 8),
    ("c7g", "arm64", 8),
    ("c7i", "x86_64", 8),
    ("m5", "x86_64", 16),
    ("m6i", "x86_64", 16),
    ("m7g", "arm64", 16),
    ("m7i", "x86_64", 16),
    ("r5", "x86_64", 32),
    ("r6i", "x86_64", 32),
    ("r7g", "arm64", 32),
    ("t3", "x86_64", 16),
    ("t3a", "x86_64", 16),
    ("t4g", "arm64", 16),
];

/// Sizes as (size, vCPUs, network interfaces, addresses an interface), as AWS documents them for these families.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html>
const SIZES: [(&str, i64, i64, i64); 5] = [
    ("large", 2, 3, 10),
    ("xlarge", 4, 4, 15),
    ("2xlarge", 8, 4, 15),
    ("4xlarge", 16, 8, 30),
    ("8xlarge", 32, 8, 30),
];

/// The burstable types below `large` and their exceptions: (name, vCPUs, MiB, interfaces, addresses).
const SMALL: [(&str, &str, i64, i64, i64, i64); 6] = [
    ("t3.small", "x86_64", 2, 2048, 3, 4),
    ("t3.medium", "x86_64", 2, 4096, 3, 6),
    ("t3a.small", "x86_64", 2, 2048, 2, 4),
    ("t3a.medium", "x86_64", 2, 4096, 3, 6),
    ("t4g.small", "arm64", 2, 2048, 3, 4),
    ("t4g.medium", "arm64", 2, 4096, 3, 6),
];

struct InstanceType {
    name: String,
    architecture: &'static str,
    cpus: i64,
    memory: i64,
    interfaces: i64,
    addresses: i64,
}

fn types() -> Vec<InstanceType> {
    let small = SMALL.iter().map(|(name, architecture, cpus, memory, interfaces, addresses)| InstanceType {
        name: (*name).to_owned(),
        architecture,
        cpus: *cpus,
        memory: *memory,
        interfaces: *interfaces,
        addresses: *addresses,
    });
    let mut all: Vec<InstanceType> = small.collect();
    for (family, architecture, quarters) in FAMILIES {
        let burstable = family.starts_with('t');
        for (size, cpus, interfaces, addresses) in SIZES.iter().take(if burstable { 3 } else { 5 }) {
            all.push(InstanceType {
                name: format!("{family}.{size}"),
                architecture,
                cpus: *cpus,
                memory: cpus * quarters * 256,
                interfaces: *interfaces,
                addresses: if burstable && *size == "large" { 12 } else { *addresses },
            });
        }
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

impl InstanceType {
    fn show(&self) -> Value {
        let burstable = self.name.starts_with('t');
        let usage = ["on-demand", "spot"];
        json!({
            "InstanceType": self.name, "CurrentGeneration": true, "FreeTierEligible": false,
            "SupportedUsageClasses": usage, "SupportedRootDeviceTypes": ["ebs"],
            "SupportedVirtualizationTypes": ["hvm"], "BareMetal": false, "Hypervisor": "nitro",
            "ProcessorInfo": { "SupportedArchitectures": [self.architecture] },
            "VCpuInfo": { "DefaultVCpus": self.cpus },
            "MemoryInfo": { "SizeInMiB": self.memory }, "InstanceStorageSupported": false,
            "NetworkInfo": {
                "MaximumNetworkInterfaces": self.interfaces, "Ipv4AddressesPerInterface": self.addresses,
            },
            "BurstablePerformanceSupported": burstable, "DedicatedHostsSupported": !burstable,
            "AutoRecoverySupported": true,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html>
pub(super) fn describe_instance_types(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&[
        "bare-metal",
        "burstable-performance-supported",
        "current-generation",
        "instance-type",
        "memory-info.size-in-mib",
        "processor-info.supported-architecture",
        "supported-usage-class",
        "vcpu-info.default-vcpus",
    ])?;
    let wanted = input.texts("InstanceTypes");
    let all = types();
    if let Some(unknown) = wanted.iter().find(|name| !all.iter().any(|one| one.name == **name)) {
        let text = format!("The following supplied instance types do not exist: [{unknown}]");
        return Err(Failure::new("InvalidInstanceType", text));
    }
    let passes = |one: &InstanceType| {
        filters.pass_with(None, |name| match name {
            "bare-metal" => vec!["false".to_owned()],
            "burstable-performance-supported" => vec![one.name.starts_with('t').to_string()],
            "current-generation" => vec!["true".to_owned()],
            "instance-type" => vec![one.name.clone()],
            "memory-info.size-in-mib" => vec![one.memory.to_string()],
            "processor-info.supported-architecture" => vec![one.architecture.to_owned()],
            "supported-usage-class" => vec!["on-demand".to_owned(), "spot".to_owned()],
            _ => vec![one.cpus.to_string()],
        })
    };
    let rows = all
        .iter()
        .filter(|one| (wanted.is_empty() || wanted.contains(&one.name)) && passes(one))
        .map(|one| (one.name.clone(), one.show()))
        .collect();
    Ok(call.page(input, PageRules { default: Some(100), max: 100, ..PageRules::EC2 }, rows)?.into())
}

/// Every type is offered everywhere in the model.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html>
pub(super) fn describe_instance_type_offerings(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&["instance-type", "location"])?;
    let kind = input.text("LocationType").unwrap_or("region").to_owned();
    let region = call.region.clone();
    let locations = match kind.as_str() {
        "region" => vec![region],
        "availability-zone" => zone::names(&region),
        "availability-zone-id" => zone::names(&region)
            .iter()
            .filter_map(|name| Some(zone::zone_id(&region, name.chars().last()?)))
            .collect(),
        other => return Err(Failure::unmodelled(format!("offerings by {other}"))),
    };
    let mut rows = Vec::new();
    for location in &locations {
        for one in types() {
            let passes = filters.pass_with(None, |name| match name {
                "instance-type" => vec![one.name.clone()],
                _ => vec![location.clone()],
            });
            if passes {
                let row = json!({ "InstanceType": one.name, "LocationType": kind, "Location": location });
                rows.push((format!("{location}/{}", one.name), row));
            }
        }
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(call.page(input, PageRules { default: Some(1000), ..PageRules::EC2 }, rows)?.into())
}

/// There are none.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>
pub(super) fn describe_instances(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&[
        "availability-zone",
        "image-id",
        "instance-id",
        "instance-lifecycle",
        "instance-state-name",
        "instance-type",
        "instance.group-id",
        "launch-time",
        "network-interface.vpc-id",
        "private-dns-name",
        "private-ip-address",
        "subnet-id",
        "vpc-id",
    ])?;
    // Nothing can match, but the values were looked at.
    filters.pass_with(None, |_| Vec::new());
    if let Some(id) = input.texts("InstanceIds").first() {
        let text = format!("The instance ID '{id}' does not exist");
        return Err(Failure::new("InvalidInstanceID.NotFound", text));
    }
    Ok(call.page(input, PageRules::EC2, Vec::new())?.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html>
pub(super) fn describe_account_attributes(call: &mut Call<'_>, input: &Input) -> Outcome {
    let wanted = input.texts("AttributeNames");
    let addresses = super::quota::limit(call, super::quota::ADDRESSES).to_string();
    let known = [
        ("supported-platforms", "VPC"),
        ("default-vpc", "none"),
        ("max-instances", "20"),
        ("vpc-max-security-groups-per-interface", "5"),
        ("max-elastic-ips", addresses.as_str()),
        ("vpc-max-elastic-ips", addresses.as_str()),
    ];
    let shown: Vec<Value> = known
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name))
        .map(|(name, value)| {
            json!({ "AttributeName": name, "AttributeValues": [{ "AttributeValue": value }] })
        })
        .collect();
    Ok(json!({ "AccountAttributes": shown }).into())
}

/// Name, vCPUs and GiB of every instance type, for the price list.
pub fn type_sizes() -> Vec<(String, i64, i64)> {
    types().into_iter().map(|one| (one.name, one.cpus, one.memory / 1024)).collect()
}
