//! Random sequences of calls to all services never break what must always hold, deletes leave nothing, and a restart
//! between any two calls changes nothing. (`tests/laws/invariants.rs` does the same for networks in more depth.)

mod act;
mod check;
mod tear_down;

use proptest::prelude::{Strategy, any, prop, proptest};
use proptest::test_runner::Config;
use serde_json::{Value, json};

use crate::clock::Pace;
use crate::settings::Settings;
use crate::testing::Client;

const ACCOUNT: &str = "123456789012";

/// One call of a random sequence; numbers choose among what exists.
#[derive(Clone, Debug)]
struct Step {
    action: usize,
    picks: [usize; 3],
}

fn step() -> impl Strategy<Value = Step> {
    (0..act::ACTIONS, any::<[u16; 3]>())
        .prop_map(|(action, picks)| Step { action, picks: picks.map(usize::from) })
}

/// The ground that sequences start on: a network, the roles of clusters and nodes.
struct Ground {
    vpc: String,
    subnets: Vec<String>,
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn ground(client: &mut Client) -> Ground {
    let vpc = text(&client.ok("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })), "/Vpc/VpcId");
    let gateway =
        text(&client.ok("ec2", "CreateInternetGateway", json!({})), "/InternetGateway/InternetGatewayId");
    client.ok("ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    let subnets = ["a", "b"].iter().enumerate().map(|(n, zone)| {
        let tags = json!([{ "ResourceType": "subnet", "Tags": [
            { "Key": "kubernetes.io/role/elb", "Value": "1" },
            { "Key": "kubernetes.io/role/internal-elb", "Value": "1" },
        ] }]);
        let input = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24"),
            "AvailabilityZone": format!("eu-west-1{zone}"), "TagSpecifications": tags });
        text(&client.ok("ec2", "CreateSubnet", input), "/Subnet/SubnetId")
    });
    let subnets: Vec<String> = subnets.collect();
    let roles: [(&str, &str, &[&str]); 2] = [
        ("cluster", "eks.amazonaws.com", &["AmazonEKSClusterPolicy"]),
        (
            "node",
            "ec2.amazonaws.com",
            &["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"],
        ),
    ];
    for (name, service, policies) in roles {
        client.ok(
            "iam",
            "CreateRole",
            json!({ "RoleName": name, "AssumeRolePolicyDocument": act::trust(service) }),
        );
        for policy in policies {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            client.ok("iam", "AttachRolePolicy", json!({ "RoleName": name, "PolicyArn": arn }));
        }
    }
    Ground { vpc, subnets }
}

proptest! {
    #![proptest_config(Config { cases: 24, max_shrink_iters: 200, ..Config::default() })]

    #[test]
    fn all_services_keep_their_invariants(steps in prop::collection::vec(step(), 1..100)) {
        let mut client = Client::new();
        let ground = ground(&mut client);
        for step in &steps {
            act::act(&mut client, &ground, step);
            check::check(client.world());
        }
        tear_down::tear_down(&mut client, &ground);
        tear_down::nothing_is_left(client.world());
    }

    #[test]
    fn a_restart_between_any_two_calls_changes_nothing(
        steps in prop::collection::vec(step(), 2..40),
        at in any::<[u16; 3]>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { folder: Some(folder.path().to_owned()), pace: Pace::Scaled(50), ..Settings::default() };
        let (mut straight, mut broken) = (Client::paced(Pace::Scaled(50)), Client::kept(settings.clone()));
        let ground_of_one = ground(&mut straight);
        ground(&mut broken);
        for (number, step) in steps.iter().enumerate() {
            if at.iter().any(|at| usize::from(*at) % steps.len() == number) {
                broken.reopen(settings.clone());
            }
            act::act(&mut straight, &ground_of_one, step);
            act::act(&mut broken, &ground_of_one, step);
        }
        assert_eq!(json!(straight.world()), json!(broken.world()));
    }
}
