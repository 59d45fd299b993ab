//! A restart between any two calls changes nothing.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use platctl_sandbox::clock::Time;
use platctl_sandbox::{JournalError, Owner, Pace, Settings};
use serde_json::{Value, json};

use crate::common::{START, World, element};

fn settings(folder: &Path, pace: Pace) -> Settings {
    Settings { folder: Some(folder.to_owned()), pace, seed: 9, ..Settings::default() }
}

/// Builds a little network; after each call `between` may replace the world by a reopened one.
fn build(world: &mut World, mut between: impl FnMut(&mut World)) {
    let mut call = |world: &mut World, action: &str, parameters: &[(&str, &str)]| {
        let reply = world.ec2(action, parameters);
        between(world);
        reply
    };
    let vpc = element(&call(world, "CreateVpc", &[("CidrBlock", "10.0.0.0/16")]), "vpcId").unwrap();
    let subnet = call(world, "CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")]);
    let subnet = element(&subnet, "subnetId").unwrap();
    let igw = element(&call(world, "CreateInternetGateway", &[]), "internetGatewayId").unwrap();
    call(world, "AttachInternetGateway", &[("VpcId", &vpc), ("InternetGatewayId", &igw)]);
    let allocation = element(&call(world, "AllocateAddress", &[]), "allocationId").unwrap();
    let asked = [("SubnetId", subnet.as_str()), ("AllocationId", &allocation), ("ClientToken", "t")];
    let gateway = element(&call(world, "CreateNatGateway", &asked), "natGatewayId").unwrap();
    let again = element(&call(world, "CreateNatGateway", &asked), "natGatewayId").unwrap();
    assert_eq!(gateway, again);
    for _ in 0..3 {
        call(world, "DescribeNatGateways", &[("NatGatewayId.1", &gateway)]);
    }
    call(world, "DeleteNatGateway", &[("NatGatewayId", &gateway)]);
    for _ in 0..2 {
        call(world, "DescribeNatGateways", &[("NatGatewayId.1", &gateway)]);
    }
    call(world, "DescribeVpcs", &[]);
}

/// Opens the folder again, as after a SIGKILL: nothing was said to the old owner.
fn reopen(world: &mut World, settings: &Settings) {
    let before = world.dump();
    // At another wall time: the log has its own.
    world.owner = Owner::open(settings.clone(), Time(START + 1_000_000_000)).unwrap();
    assert_eq!(world.dump(), before);
}

#[test]
fn killed_after_every_call_the_world_is_the_same() {
    for pace in [Pace::Instant, Pace::Realistic, Pace::Scaled(60)] {
        let straight = tempfile::tempdir().unwrap();
        let mut one = World::with(settings(straight.path(), pace));
        build(&mut one, |_| {});
        let broken = tempfile::tempdir().unwrap();
        let settings = settings(broken.path(), pace);
        let mut other = World::with(settings.clone());
        build(&mut other, |world| reopen(world, &settings));
        assert_eq!(one.dump(), other.dump(), "{pace}");
    }
}

#[test]
fn a_saved_world_is_the_same_and_its_log_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), Pace::Instant);
    let mut world = World::with(settings.clone());
    build(&mut world, |_| {});
    world.owner.save().unwrap();
    reopen(&mut world, &settings);
    let logs = files(folder.path(), ".jsonl");
    assert_eq!(logs.len(), 1, "{logs:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join(&logs[0])).unwrap().lines().count(), 1);
    world.ec2("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]);
    reopen(&mut world, &settings);
}

#[test]
fn snapshots_are_taken_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), Pace::Instant);
    let mut world = World::with(settings.clone());
    let group = element(&world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]), "vpcId").unwrap();
    for number in 0..1203 {
        let value = number.to_string();
        world.ec2("CreateTags", &[("ResourceId.1", &group), ("Tag.1.Key", "n"), ("Tag.1.Value", &value)]);
    }
    let snapshots = files(folder.path(), ".json");
    assert_eq!(snapshots, ["snapshot-3.json"]);
    reopen(&mut world, &settings);
}

fn files(folder: &Path, ending: &str) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(ending)).collect()
}

#[test]
fn a_torn_last_line_is_dropped_and_a_torn_middle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), Pace::Instant);
    let mut world = World::with(settings.clone());
    world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    let log = folder.path().join(&files(folder.path(), ".jsonl")[0]);
    let append = |text: &str| {
        OpenOptions::new().append(true).open(&log).unwrap().write_all(text.as_bytes()).unwrap();
    };
    append("{\"wall\":17672");
    reopen(&mut world, &settings);
    world.ec2("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]);
    reopen(&mut world, &settings);
    append("nonsense\n");
    match Owner::open(settings, Time(START)) {
        Err(JournalError::Damaged { line, .. }) => assert_eq!(line, 4),
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn another_release_s_log_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), Pace::Instant);
    World::with(settings.clone()).ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    let log = folder.path().join(&files(folder.path(), ".jsonl")[0]);
    let text = std::fs::read_to_string(&log).unwrap();
    let own = format!("\"release\":\"{}\"", env!("CARGO_PKG_VERSION"));
    std::fs::write(&log, text.replacen(&own, "\"release\":\"0.0.1\"", 1)).unwrap();
    let error = Owner::open(settings, Time(START)).err().unwrap().to_string();
    assert!(error.contains("0.0.1") && error.contains("reset"), "{error}");
}

#[test]
fn what_the_control_api_changed_survives_too() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), Pace::Realistic);
    let mut world = World::with(settings.clone());
    world.control("POST", "/clock", &json!({ "advance_seconds": 3600 }));
    world.control("POST", "/faults", &json!({ "kind": "throttle", "share": 0.5 }));
    world.control("POST", "/keys", &json!({ "access_key": "AKIAOTHER", "account": "210987654321" }));
    for _ in 0..20 {
        world.try_ec2("DescribeVpcs", &[]);
        reopen(&mut world, &settings);
    }
    world.control("POST", "/reset", &Value::Null);
    reopen(&mut world, &settings);
}

/// The folder holds a world of format 1 as an earlier release left it when it was stopped: its log is empty.
#[test]
fn a_stopped_world_of_an_earlier_release_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/world-1");
    for name in ["snapshot-2.json", "log-2.jsonl"] {
        std::fs::copy(old.join(name), folder.path().join(name)).unwrap();
    }
    let mut world = World::with(settings(folder.path(), Pace::Instant));
    let shown = world.ec2("DescribeVpcs", &[("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "old")]);
    let vpc = element(&shown, "vpcId").expect("the old VPC is there");
    let region = world.owner.world().region("123456789012", "eu-west-1").unwrap();
    assert!(region.eks.clusters.contains("old") && region.ecr.repositories.contains("old"));
    assert_eq!((region.elbv2.balancers.len(), region.ec2.volumes.len()), (1, 1));
    world.ec2("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.9.0/24")]);
    let settings = settings(folder.path(), Pace::Instant);
    reopen(&mut world, &settings);
}
