//! What IAM promises, over the wire.

use serde_json::{Value, json};

use crate::testing::Client;

const CLUSTER: &str = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";

fn trust(service: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole",
    }]})
    .to_string()
}

fn allow(action: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }]})
        .to_string()
}

fn with_role(name: &str) -> Client {
    let mut client = Client::new();
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust("eks.amazonaws.com") });
    client.ok("iam", "CreateRole", input);
    client
}

fn decoded(text: &Value) -> String {
    crate::wire::message::decode_path(text.as_str().unwrap())
}

#[test]
fn a_role_is_read_back_as_it_was_made() {
    let mut client = Client::new();
    let made = client.ok(
        "iam",
        "CreateRole",
        json!({
            "RoleName": "dev-cluster", "Path": "/platform/", "Description": "d", "MaxSessionDuration": 7200,
            "AssumeRolePolicyDocument": trust("eks.amazonaws.com"), "Tags": [{ "Key": "k", "Value": "v" }],
            "PermissionsBoundary": CLUSTER,
        }),
    );
    assert_eq!(made["Role"]["Arn"], "arn:aws:iam::123456789012:role/platform/dev-cluster");
    let role = client.ok("iam", "GetRole", json!({ "RoleName": "dev-cluster" }))["Role"].clone();
    assert_eq!(decoded(&role["AssumeRolePolicyDocument"]), trust("eks.amazonaws.com"));
    assert_eq!(role["MaxSessionDuration"], 7200);
    assert_eq!(role["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    assert_eq!(role["PermissionsBoundary"]["PermissionsBoundaryArn"], CLUSTER);
    client.ok("iam", "UpdateRole", json!({ "RoleName": "dev-cluster", "Description": "e" }));
    let role = client.ok("iam", "GetRole", json!({ "RoleName": "dev-cluster" }))["Role"].clone();
    assert_eq!((&role["Description"], &role["MaxSessionDuration"]), (&json!("e"), &json!(7200)));
    let listed = client.ok("iam", "ListRoles", json!({ "PathPrefix": "/platform/" }));
    assert_eq!(listed["Roles"][0]["RoleName"], "dev-cluster");
    assert!(listed["Roles"][0].get("Tags").is_none(), "lists show no tags");
    assert_eq!(client.ok("iam", "ListRoles", json!({ "PathPrefix": "/other/" }))["Roles"], json!([]));
}

#[test]
fn names_are_unique_without_regard_to_case() {
    let mut client = with_role("dev");
    let input = json!({ "RoleName": "DEV", "AssumeRolePolicyDocument": trust("eks.amazonaws.com") });
    assert_eq!(client.code("iam", "CreateRole", input), "EntityAlreadyExists");
    assert_eq!(client.code("iam", "GetRole", json!({ "RoleName": "DEV" })), "NoSuchEntity");
}

#[test]
fn a_role_goes_only_when_nothing_hangs_on_it() {
    let mut client = with_role("dev");
    let role = json!({ "RoleName": "dev" });
    client.ok("iam", "AttachRolePolicy", json!({ "RoleName": "dev", "PolicyArn": CLUSTER }));
    client.ok("iam", "AttachRolePolicy", json!({ "RoleName": "dev", "PolicyArn": CLUSTER }));
    assert_eq!(client.code("iam", "DeleteRole", role.clone()), "DeleteConflict");
    client.ok("iam", "DetachRolePolicy", json!({ "RoleName": "dev", "PolicyArn": CLUSTER }));
    let inline = json!({ "RoleName": "dev", "PolicyName": "p", "PolicyDocument": allow("s3:GetObject") });
    client.ok("iam", "PutRolePolicy", inline);
    assert_eq!(client.code("iam", "DeleteRole", role.clone()), "DeleteConflict");
    client.ok("iam", "DeleteRolePolicy", json!({ "RoleName": "dev", "PolicyName": "p" }));
    client.ok("iam", "CreateInstanceProfile", json!({ "InstanceProfileName": "dev" }));
    let edge = json!({ "InstanceProfileName": "dev", "RoleName": "dev" });
    client.ok("iam", "AddRoleToInstanceProfile", edge.clone());
    assert_eq!(client.code("iam", "AddRoleToInstanceProfile", edge.clone()), "LimitExceeded");
    assert_eq!(client.code("iam", "DeleteRole", role.clone()), "DeleteConflict");
    let profile = json!({ "InstanceProfileName": "dev" });
    assert_eq!(client.code("iam", "DeleteInstanceProfile", profile.clone()), "DeleteConflict");
    client.ok("iam", "RemoveRoleFromInstanceProfile", edge);
    client.ok("iam", "DeleteInstanceProfile", profile);
    client.ok("iam", "DeleteRole", role.clone());
    assert_eq!(client.code("iam", "GetRole", role), "NoSuchEntity");
}

#[test]
fn policies_have_five_versions_and_one_default() {
    let mut client = Client::new();
    let made =
        client.ok("iam", "CreatePolicy", json!({ "PolicyName": "p", "PolicyDocument": allow("s3:Get*") }));
    let arn = made["Policy"]["Arn"].as_str().unwrap().to_owned();
    for n in 2..=5 {
        let input = json!({ "PolicyArn": arn, "PolicyDocument": allow("s3:Put*"), "SetAsDefault": n == 2 });
        let made = client.ok("iam", "CreatePolicyVersion", input);
        assert_eq!(made["PolicyVersion"]["VersionId"], format!("v{n}"));
    }
    let another = json!({ "PolicyArn": arn, "PolicyDocument": allow("s3:List*") });
    assert_eq!(client.code("iam", "CreatePolicyVersion", another.clone()), "LimitExceeded");
    let version = client.ok("iam", "GetPolicyVersion", json!({ "PolicyArn": arn, "VersionId": "v2" }));
    assert_eq!(decoded(&version["PolicyVersion"]["Document"]), allow("s3:Put*"));
    let default = json!({ "PolicyArn": arn, "VersionId": "v2" });
    assert_eq!(client.code("iam", "DeletePolicyVersion", default), "DeleteConflict");
    client.ok("iam", "DeletePolicyVersion", json!({ "PolicyArn": arn, "VersionId": "v1" }));
    assert_eq!(client.ok("iam", "CreatePolicyVersion", another)["PolicyVersion"]["VersionId"], "v6");
    let listed = client.ok("iam", "ListPolicyVersions", json!({ "PolicyArn": arn, "MaxItems": 2 }));
    assert_eq!((&listed["Versions"][0]["VersionId"], &listed["IsTruncated"]), (&json!("v6"), &json!(true)));
    assert_eq!(client.code("iam", "DeletePolicy", json!({ "PolicyArn": arn })), "DeleteConflict");
}

#[test]
fn documents_sizes_and_quotas_are_checked() {
    let mut client = with_role("dev");
    let put = |document: String| json!({ "RoleName": "dev", "PolicyName": "p", "PolicyDocument": document });
    assert_eq!(client.code("iam", "PutRolePolicy", put("{".into())), "MalformedPolicyDocument");
    let long = |length: usize| allow(&format!("s3:{}", "a".repeat(length)));
    assert_eq!(client.code("iam", "PutRolePolicy", put(long(10_300))), "LimitExceeded");
    let policy = json!({ "PolicyName": "p", "PolicyDocument": long(6200) });
    assert_eq!(client.code("iam", "CreatePolicy", policy), "LimitExceeded");
    let attach = |arn: &str| json!({ "RoleName": "dev", "PolicyArn": arn });
    assert_eq!(
        client.code("iam", "AttachRolePolicy", attach("arn:aws:iam::aws:policy/Nope")),
        "NoSuchEntity"
    );
    for n in 0..11 {
        let input = json!({ "PolicyName": format!("p{n}"), "PolicyDocument": allow("s3:*") });
        let arn = client.ok("iam", "CreatePolicy", input)["Policy"]["Arn"].clone();
        let result = client.ask("iam", "AttachRolePolicy", attach(arn.as_str().unwrap()));
        assert_eq!(result.is_ok(), n < 10, "policy {n}: {result:?}");
    }
    let unknown = json!({ "RoleName": "x", "AssumeRolePolicyDocument": json!({ "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:role/nobody" },
        "Action": "sts:AssumeRole" }]}).to_string() });
    assert_eq!(client.code("iam", "CreateRole", unknown), "MalformedPolicyDocument");
}

#[test]
fn the_details_of_an_account_come_in_pages() {
    let mut client = with_role("role-0");
    for n in 1..5 {
        let input = json!({ "RoleName": format!("role-{n}"), "AssumeRolePolicyDocument": trust("ec2.amazonaws.com") });
        client.ok("iam", "CreateRole", input);
    }
    client.ok("iam", "CreatePolicy", json!({ "PolicyName": "p", "PolicyDocument": allow("s3:*") }));
    client.ok("iam", "AttachRolePolicy", json!({ "RoleName": "role-0", "PolicyArn": CLUSTER }));
    let (mut roles, mut policies, mut marker) = (Vec::new(), Vec::new(), Value::Null);
    for _ in 0..4 {
        let mut input = json!({ "MaxItems": 2 });
        if !marker.is_null() {
            input["Marker"] = marker;
        }
        let page = client.ok("iam", "GetAccountAuthorizationDetails", input);
        roles.extend(page["RoleDetailList"].as_array().unwrap().clone());
        policies.extend(page["Policies"].as_array().unwrap().clone());
        marker = page["Marker"].clone();
        assert_eq!(page["IsTruncated"], !marker.is_null());
        if marker.is_null() {
            break;
        }
    }
    assert_eq!((roles.len(), policies.len()), (5, 2));
    assert_eq!(roles[0]["AttachedManagedPolicies"][0]["PolicyArn"], CLUSTER);
    let filtered =
        client.ok("iam", "GetAccountAuthorizationDetails", json!({ "Filter": ["LocalManagedPolicy"] }));
    assert_eq!(filtered["RoleDetailList"], json!([]));
    assert_eq!(filtered["Policies"][0]["PolicyName"], "p");
}

#[test]
fn a_service_linked_role_is_made_once_and_deleted_by_a_task() {
    let mut client = Client::new();
    let service = json!({ "AWSServiceName": "eks-nodegroup.amazonaws.com" });
    client.ok("iam", "CreateServiceLinkedRole", service.clone());
    assert_eq!(client.code("iam", "CreateServiceLinkedRole", service), "InvalidInput");
    let name = json!({ "RoleName": "AWSServiceRoleForAmazonEKSNodegroup" });
    assert_eq!(client.code("iam", "DeleteRole", name.clone()), "UnmodifiableEntity");
    let task = client.ok("iam", "DeleteServiceLinkedRole", name.clone())["DeletionTaskId"].clone();
    let status = |client: &mut Client| {
        client.ok("iam", "GetServiceLinkedRoleDeletionStatus", json!({ "DeletionTaskId": task }))["Status"]
            .clone()
    };
    assert_eq!(status(&mut client), "IN_PROGRESS");
    assert_eq!(status(&mut client), "SUCCEEDED");
    assert_eq!(client.code("iam", "GetRole", name), "NoSuchEntity");
}

#[test]
fn providers_have_tags_clients_and_thumbprints() {
    let mut client = Client::new();
    let input = json!({ "Url": "https://oidc.example/id/A", "ClientIDList": ["sts.amazonaws.com"] });
    let arn =
        client.ok("iam", "CreateOpenIDConnectProvider", input.clone())["OpenIDConnectProviderArn"].clone();
    assert_eq!(arn, "arn:aws:iam::123456789012:oidc-provider/oidc.example/id/A");
    assert_eq!(client.code("iam", "CreateOpenIDConnectProvider", input), "EntityAlreadyExists");
    let tag =
        |value: &str| json!({ "OpenIDConnectProviderArn": arn, "Tags": [{ "Key": "K", "Value": value }] });
    client.ok("iam", "TagOpenIDConnectProvider", tag("1"));
    client.ok("iam", "TagOpenIDConnectProvider", tag("2"));
    let of = json!({ "OpenIDConnectProviderArn": arn });
    let shown = client.ok("iam", "GetOpenIDConnectProvider", of.clone());
    assert_eq!(shown["Url"], "oidc.example/id/A");
    assert_eq!(shown["Tags"], json!([{ "Key": "K", "Value": "2" }]));
    assert_eq!(shown["ThumbprintList"].as_array().unwrap().len(), 1, "IAM finds one itself");
    client.ok("iam", "DeleteOpenIDConnectProvider", of.clone());
    client.ok("iam", "DeleteOpenIDConnectProvider", of.clone());
    assert_eq!(client.code("iam", "GetOpenIDConnectProvider", of), "NoSuchEntity");
}

#[test]
fn a_new_role_is_not_listed_while_consistency_is_behind() {
    let mut client = Client::new();
    client.control("POST", "/settings", &json!({ "consistency_delay_ms": 5000 }));
    client.ok(
        "iam",
        "CreateRole",
        json!({ "RoleName": "a", "AssumeRolePolicyDocument": trust("eks.amazonaws.com") }),
    );
    assert_eq!(client.ok("iam", "ListRoles", json!({}))["Roles"], json!([]));
    let after = json!({ "RoleName": "b", "AssumeRolePolicyDocument": json!({ "Statement": [{ "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::123456789012:role/a" }, "Action": "sts:AssumeRole" }]}).to_string() });
    assert_eq!(client.code("iam", "CreateRole", after.clone()), "MalformedPolicyDocument");
    client.pass(6);
    client.ok("iam", "CreateRole", after);
    assert_eq!(client.ok("iam", "ListRoles", json!({}))["Roles"].as_array().unwrap().len(), 1);
}

#[test]
fn a_simulation_says_what_the_policies_say() {
    let mut client = with_role("deployer");
    let arn = "arn:aws:iam::123456789012:role/deployer";
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "ec2:*", "Resource": "*" },
        { "Effect": "Deny", "Action": "ec2:DeleteVpc", "Resource": "*" },
    ]});
    let put = json!({ "RoleName": "deployer", "PolicyName": "p", "PolicyDocument": policy.to_string() });
    client.ok("iam", "PutRolePolicy", put);
    let actions = ["ec2:CreateVpc", "ec2:DeleteVpc", "eks:CreateCluster"];
    let asked = json!({ "PolicySourceArn": arn, "ActionNames": actions });
    let said = client.ok("iam", "SimulatePrincipalPolicy", asked);
    let decisions: Vec<&str> = actions
        .iter()
        .map(|action| {
            let results = said["EvaluationResults"].as_array().unwrap();
            let result = results.iter().find(|one| one["EvalActionName"] == *action).unwrap();
            result["EvalDecision"].as_str().unwrap()
        })
        .collect();
    assert_eq!(decisions, ["allowed", "explicitDeny", "implicitDeny"]);
    for (arn, code) in [
        ("arn:aws:iam::123456789012:role/nobody", "NoSuchEntity"),
        ("arn:aws:iam::123456789012:root", "InvalidInput"),
    ] {
        let asked = json!({ "PolicySourceArn": arn, "ActionNames": actions });
        assert_eq!(client.code("iam", "SimulatePrincipalPolicy", asked), code);
    }
}
