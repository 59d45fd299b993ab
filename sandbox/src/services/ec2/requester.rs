//! What other services do in EC2: clusters, gateways, endpoints and load balancers make interfaces and groups.
//!
//! The functions act in the account and region of the call; they check what EC2 checks and refuse as it does.

use super::kind::Kind;
use super::launch_template::{LaunchTemplate, Version};
use super::network_interface::{Attachment, NetworkInterface, free_address};
use super::permission::{Rule, Target};
use super::security_group::SecurityGroup;
use super::volume::VolumeAttachment;
use super::{address, tag};
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

/// What an interface shall be.
pub struct Wish<'w> {
    /// Its subnet.
    pub subnet: &'w str,
    /// Its security groups; the VPC's default group when there are none.
    pub groups: &'w [String],
    /// The description.
    pub description: &'w str,
    /// `interface`, `nat_gateway`, `vpc_endpoint`, `network_load_balancer`.
    pub kind: &'w str,
    /// The service that makes it (`amazon-elb`, `amazon-aws`, …); it is then attached, and only the service can
    /// delete it.
    pub requester: Option<&'w str>,
    /// Whether it gets a public address of its maker's (not an elastic IP).
    pub public: bool,
}

/// Makes a network interface and gives its id.
///
/// # Errors
/// EC2's error for a missing subnet or group, or a full subnet.
pub fn make_interface(call: &mut Call<'_>, wish: &Wish<'_>) -> Result<String, Failure> {
    let state = &call.home().ec2;
    let subnet = state.subnets.get(wish.subnet).cloned().ok_or_else(|| Kind::Subnet.missing(wish.subnet))?;
    let mut groups = wish.groups.to_vec();
    if groups.is_empty() && wish.kind != "nat_gateway" {
        groups.extend(state.default_group(&subnet.vpc));
    }
    for id in &groups {
        let group = state.groups.get(id).ok_or_else(|| Kind::SecurityGroup.missing(id))?;
        if group.vpc != subnet.vpc {
            let text = format!("You have specified two resources that belong to different networks: {id}.");
            return Err(Failure::new("InvalidParameter", text));
        }
    }
    let address = free_address(state, wish.subnet, &subnet).ok_or_else(|| {
        let text = format!("There are not enough free addresses in subnet '{}'", wish.subnet);
        Failure::new("InsufficientFreeAddressesInSubnet", text)
    })?;
    let attachment = wish.requester.map(|service| Attachment {
        id: call.id("ela-attach"),
        instance_owner: service.to_owned(),
        instance: None,
        delete_on_termination: false,
    });
    let mac = call.world_mut().dice.hex(10);
    let pairs: Vec<&str> = (0..5).map(|pair| &mac[pair * 2..pair * 2 + 2]).collect();
    let interface = NetworkInterface {
        subnet: wish.subnet.to_owned(),
        vpc: subnet.vpc,
        zone: subnet.zone,
        description: wish.description.to_owned(),
        kind: wish.kind.to_owned(),
        requester: wish.requester.map(str::to_owned),
        groups,
        address,
        mac: format!("02:{}", pairs.join(":")),
        source_dest_check: wish.kind != "nat_gateway",
        attachment,
        owner: call.account.clone(),
        created: call.now,
        public: wish.public.then(|| address::fresh(call)),
    };
    let id = call.id("eni");
    let state = &mut call.home_mut().ec2;
    state.interfaces.insert(&id, interface);
    if let Some(subnet) = state.subnets.get_mut(wish.subnet) {
        subnet.used += 1;
    }
    Ok(id)
}

/// Removes an interface, whoever made it. Its public address is free again.
pub fn drop_interface(call: &mut Call<'_>, id: &str) {
    let state = &mut call.home_mut().ec2;
    let Some(interface) = state.interfaces.remove(id) else { return };
    if let Some(subnet) = state.subnets.get_mut(&interface.subnet) {
        subnet.used = subnet.used.saturating_sub(1);
    }
    let holders = state.addresses.iter().filter(|(_, address)| address.is_on(id));
    let freed: Vec<String> = holders.map(|(allocation, _)| allocation.to_owned()).collect();
    for allocation in freed {
        if let Some(address) = state.addresses.get_mut(&allocation) {
            address.association = None;
        }
    }
    state.tags.remove(id);
}

/// Makes a security group that lets everything out, and gives its id. Service tags (`aws:…`) are allowed here.
///
/// # Errors
/// EC2's error for a missing VPC or a name that is taken.
pub fn make_group(
    call: &mut Call<'_>,
    (name, description): (&str, &str),
    vpc: &str,
    tags: Tags,
) -> Result<String, Failure> {
    let state = &call.home().ec2;
    if !state.vpcs.contains(vpc) {
        return Err(Kind::Vpc.missing(vpc));
    }
    if state.groups.values().any(|group| group.vpc == vpc && group.name == name) {
        let text = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Failure::new("InvalidGroup.Duplicate", text));
    }
    let group = SecurityGroup {
        name: name.to_owned(),
        description: description.to_owned(),
        vpc: vpc.to_owned(),
        owner: call.account.clone(),
    };
    let id = call.id("sg");
    call.home_mut().ec2.groups.insert(&id, group);
    tag::attach(call, &id, tags);
    let everywhere = Target::Cidr4("0.0.0.0/0".to_owned());
    add_rule(call, Rule::everything(&id, true, everywhere));
    Ok(id)
}

/// Removes a security group with its rules, and the rules of other groups that name it.
pub fn drop_group(call: &mut Call<'_>, id: &str) {
    let state = &mut call.home_mut().ec2;
    let rules = state.rules.iter().filter(|(_, rule)| rule.group == id || rule.names(id));
    let gone: Vec<String> = rules.map(|(rule, _)| rule.to_owned()).collect();
    for rule in gone {
        state.rules.remove(&rule);
        state.tags.remove(&rule);
    }
    state.groups.remove(id);
    state.tags.remove(id);
}

/// Adds a rule and gives its id.
pub fn add_rule(call: &mut Call<'_>, rule: Rule) -> String {
    let id = call.id("sgr");
    call.home_mut().ec2.rules.insert(&id, rule);
    id
}

/// Removes rules.
pub fn drop_rules(call: &mut Call<'_>, ids: &[String]) {
    let state = &mut call.home_mut().ec2;
    for id in ids {
        state.rules.remove(id);
        state.tags.remove(id);
    }
}

/// Makes a launch template with one version and gives its id. A name that is taken gets the id behind it.
pub fn make_template(call: &mut Call<'_>, name: &str, data: serde_json::Value, tags: Tags) -> String {
    let id = call.id("lt");
    let taken = call.home().ec2.launch_templates.values().any(|template| template.name == name);
    let name = if taken { format!("{name}-{id}") } else { name.to_owned() };
    let (created, creator) = (call.now, "arn:aws:iam::aws:service".to_owned());
    let version = Version { number: 1, description: None, data, created, creator: creator.clone() };
    let template = LaunchTemplate {
        name,
        default_version: 1,
        latest_version: 1,
        versions: vec![version],
        created,
        creator,
    };
    call.home_mut().ec2.launch_templates.insert(&id, template);
    tag::attach(call, &id, tags);
    id
}

/// Adds a version with other data to a launch template, makes it the default, and gives its number.
pub fn renew_template(call: &mut Call<'_>, id: &str, data: serde_json::Value) -> String {
    let now = call.now;
    let Some(template) = call.home_mut().ec2.launch_templates.get_mut(id) else { return "1".to_owned() };
    template.latest_version += 1;
    template.default_version = template.latest_version;
    let creator = template.creator.clone();
    let number = template.latest_version;
    template.versions.push(Version { number, description: None, data, created: now, creator });
    number.to_string()
}

/// Removes a launch template.
pub fn drop_template(call: &mut Call<'_>, id: &str) {
    let state = &mut call.home_mut().ec2;
    state.launch_templates.remove(id);
    state.tags.remove(id);
}

/// A new volume is ready: attached to an instance, or available.
pub fn mount_volume(call: &mut Call<'_>, id: &str, instance: Option<&str>) {
    call.abandon(id);
    let since = call.now;
    let Some(volume) = call.home_mut().ec2.volumes.get_mut(id) else { return };
    volume.attachment = instance.map(|instance| VolumeAttachment { instance: instance.to_owned(), since });
    volume.state = if instance.is_some() { "in-use" } else { "available" }.to_owned();
}

/// Detaches the volumes of instances that are gone.
pub fn detach_volumes(call: &mut Call<'_>, instances: &[String]) {
    let on = |one: &VolumeAttachment| instances.contains(&one.instance);
    let volumes =
        call.home().ec2.volumes.iter().filter(|(_, volume)| volume.attachment.as_ref().is_some_and(on));
    for id in volumes.map(|(id, _)| id.to_owned()).collect::<Vec<_>>() {
        mount_volume(call, &id, None);
    }
}
