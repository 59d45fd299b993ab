//! What `doctor` finds in accounts that are well and in those that are not.

use std::fs;
use std::process::Output;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use platctl::provider::aws::http_client;
use platctl_sandbox::{Sandbox, Settings};
use serde_json::{Value, json};

use crate::common::control_at;
use crate::place::Workplace;

const KEY: &str = "AKIADOCTOREXAMPLE000";

/// A sandbox that the binary takes for AWS: by its endpoint, not by `--sandbox`.
struct Account {
    sandbox: Sandbox,
    workplace: Workplace,
}

impl Account {
    /// Whose key it is, is said by the ARN.
    fn of(arn: &str) -> Self {
        let sandbox = Sandbox::start_blocking(Settings::default()).unwrap();
        let account = Self { sandbox, workplace: Workplace::new() };
        account.control("/keys", &json!({"access_key": KEY, "account": "123456789012", "arn": arn}));
        account
    }

    fn control(&self, path: &str, body: &Value) {
        control_at(self.sandbox.port(), "POST", path, body);
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = self.workplace.command(arguments);
        command.env("AWS_ENDPOINT_URL", self.sandbox.url()).env("AWS_ACCESS_KEY_ID", KEY);
        command.env_remove("AWS_PROFILE").env("HOME", self.workplace.0.path());
        command.output().unwrap()
    }

    /// The exit code, and the findings by check.
    fn examine(&self) -> (Option<i32>, Vec<Value>) {
        let output = self.run("doctor dev --json");
        let told: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(told["exit_code"].as_i64(), output.status.code().map(i64::from));
        (output.status.code(), told["findings"].as_array().unwrap().clone())
    }

    /// A role that may do what a policy says.
    fn make_role(&self, name: &str, policy: &Value) {
        let url = self.sandbox.url();
        let credentials = Credentials::new("AKIASOMEBODYEXAMPLE0", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client(Some(&url)))
            .endpoint_url(&url)
            .build();
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let iam = aws_sdk_iam::Client::new(&config);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let role = iam.create_role().role_name(name).path("/platform/");
            role.assume_role_policy_document(trust.to_string()).send().await.unwrap();
            let put = iam.put_role_policy().role_name(name).policy_name("p");
            put.policy_document(policy.to_string()).send().await.unwrap();
        });
    }
}

fn of<'a>(findings: &'a [Value], check: &str) -> Vec<&'a Value> {
    findings.iter().filter(|finding| finding["check"] == check).collect()
}

#[test]
fn an_account_that_is_well_is_told_so_and_nothing_is_written() {
    let account = Account::of("arn:aws:iam::123456789012:root");
    let (code, findings) = account.examine();
    assert_eq!(code, Some(0), "{findings:#?}");
    for check in ["credentials", "account", "permissions", "quotas", "zones", "hosted zone"] {
        assert!(!of(&findings, check).is_empty(), "{check} was not looked at: {findings:#?}");
    }
    assert!(findings.iter().all(|finding| finding["verdict"] == "good"), "{findings:#?}");
    let log = control_at(account.sandbox.port(), "GET", "/calls", &Value::Null);
    let writes: Vec<&Value> =
        log["calls"].as_array().unwrap().iter().filter(|call| call["mutating"] == true).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn what_a_role_may_not_do_is_named_and_is_a_matter_of_permissions() {
    let account = Account::of("arn:aws:sts::123456789012:assumed-role/deployer/me");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["ec2:CreateNatGateway", "eks:Create*"], "Resource": "*"}]});
    account.make_role("deployer", &policy);
    account.control("/settings", &json!({"enforce_iam": true}));
    let (code, findings) = account.examine();
    assert_eq!(code, Some(3), "{findings:#?}");
    let told = of(&findings, "permissions")[0]["told"].as_str().unwrap();
    let (_, denied) = told.rsplit_once(": ").unwrap();
    let expected = "ec2:CreateNatGateway, eks:CreateAccessEntry, eks:CreateAddon, eks:CreateCluster, \
                    eks:CreateNodegroup, eks:CreatePodIdentityAssociation";
    assert_eq!(denied, expected);
    // And so it is: what doctor names is what stops `up`.
    let output = account.run("up dev --yes");
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_role_that_may_do_what_is_asked_for_and_nothing_else_gets_through_up_and_destroy() {
    let account = Account::of("arn:aws:sts::123456789012:assumed-role/deployer/me");
    let kinds = platctl::model::Kind::ALL.iter().copied();
    let actions = platctl::provider::aws::needed_actions(kinds);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": actions, "Resource": "*"}]});
    // As IAM counts it, without white space, it is too long for one inline policy: it is halved.
    let halves = policy["Statement"][0]["Action"].as_array().unwrap().chunks(actions.len() / 2 + 1);
    let statements: Vec<Value> =
        halves.map(|half| json!({"Effect": "Allow", "Action": half, "Resource": "*"})).collect();
    account.make_role("deployer", &json!({"Version": "2012-10-17", "Statement": statements}));
    account.control("/settings", &json!({"enforce_iam": true}));
    for verb in ["up dev --yes", "diff dev --exit-code", "destroy dev --yes"] {
        let output = account.run(verb);
        assert_eq!(output.status.code(), Some(0), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn what_images_take_is_asked_for_where_there_are_images() {
    let account = Account::of("arn:aws:sts::123456789012:assumed-role/deployer/me");
    let denied = ["ecr:PutImage", "ecr:DescribeImageScanFindings", "kms:Sign"];
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": denied, "Resource": "*"}]});
    account.make_role("deployer", &policy);
    account.control("/settings", &json!({"enforce_iam": true}));
    let (code, findings) = account.examine();
    assert_eq!(code, Some(0), "there is nothing to build: {findings:#?}");
    let root = account.workplace.0.path();
    fs::create_dir_all(root.join("services/backend-app")).unwrap();
    fs::write(root.join("services/backend-app/Cargo.toml"), "[package]\n").unwrap();
    let told = || {
        let (code, findings) = account.examine();
        assert_eq!(code, Some(3), "{findings:#?}");
        let told = of(&findings, "permissions")[0]["told"].as_str().unwrap().to_owned();
        told.rsplit_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(told(), "ecr:PutImage");
    let file = account.workplace.file("dev");
    let key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    let settings = fs::read_to_string(&file).unwrap();
    let images = format!("[images]\nsigning_key = \"{key}\"\n[images.scan]\nseverity = \"high\"\n");
    fs::write(&file, format!("{settings}{images}")).unwrap();
    let all = told();
    assert!(denied.iter().all(|action| all.contains(action)), "{all}");
}

#[test]
fn a_role_that_may_not_be_simulated_is_no_failure() {
    let account = Account::of("arn:aws:sts::123456789012:assumed-role/deployer/me");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:SimulatePrincipalPolicy", "iam:GetRole"], "Resource": "*"}]});
    account.make_role("deployer", &policy);
    account.control("/settings", &json!({"enforce_iam": true}));
    let (code, findings) = account.examine();
    let permissions = of(&findings, "permissions")[0];
    assert_eq!((code, &permissions["verdict"]), (Some(0), &json!("unknown")), "{permissions}");
    assert!(permissions["hint"].as_str().unwrap().contains("iam:SimulatePrincipalPolicy"), "{permissions}");
}

#[test]
fn a_quota_that_leaves_no_room_is_told_with_the_way_to_more() {
    let account = Account::of("arn:aws:iam::123456789012:root");
    account.control("/quotas", &json!({"region": "us-east-1", "code": "L-0263D0A3", "value": 0}));
    let (code, findings) = account.examine();
    assert_eq!(code, Some(1), "{findings:#?}");
    let bad: Vec<&Value> = findings.iter().filter(|finding| finding["verdict"] == "bad").collect();
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0]["told"].as_str().unwrap().contains("elastic IP addresses"), "{bad:?}");
    assert!(bad[0]["hint"].as_str().unwrap().contains("L-0263D0A3"), "{bad:?}");
}

#[test]
fn another_account_is_told_and_nothing_else_is_asked() {
    let account = Account::of("arn:aws:iam::123456789012:root");
    account.control(
        "/keys",
        &json!({"access_key": KEY, "account": "999999999999", "arn": "arn:aws:iam::999999999999:root"}),
    );
    let (code, findings) = account.examine();
    assert_eq!((code, findings.len()), (Some(3), 2), "{findings:#?}");
    assert_eq!(findings[1]["verdict"], "bad");
}
