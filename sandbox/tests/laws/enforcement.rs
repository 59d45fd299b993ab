//! With `enforce_iam`, a role may do what its policies say and nothing else.

use platctl_sandbox::Settings;
use serde_json::json;

use crate::common::{World, authorization, element, form_request, text};

/// Makes a role with a policy and gives the access key of a session of it.
fn session(world: &mut World, policy: &serde_json::Value) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": "123456789012" },
    }] });
    let mut iam = |action: &str, parameters: &[(&str, &str)]| {
        let reply = world.send(&form_request("iam", "2010-05-08", "us-east-1", action, parameters)).reply;
        assert_eq!(reply.status, 200, "{}", text(&reply));
    };
    let (trust, policy) = (trust.to_string(), policy.to_string());
    iam("CreateRole", &[("RoleName", "worker"), ("AssumeRolePolicyDocument", &trust)]);
    iam("PutRolePolicy", &[("RoleName", "worker"), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
    let arn = "arn:aws:iam::123456789012:role/worker";
    let asked = [("RoleArn", arn), ("RoleSessionName", "test")];
    let reply = world.send(&form_request("sts", "2011-06-15", "eu-west-1", "AssumeRole", &asked)).reply;
    element(&text(&reply), "AccessKeyId").expect("credentials")
}

#[test]
fn a_role_may_do_what_its_policies_say() {
    let mut world = World::with(Settings { enforce_iam: true, ..Settings::default() });
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["ec2:CreateVpc", "ec2:CreateTags", "ec2:Describe*"], "Resource": "*",
          "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-west-1" } } },
        { "Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*",
          "Condition": { "StringEquals": { "aws:RequestTag/owner": "others" } } },
    ] });
    let key = session(&mut world, &policy);
    let mut ec2 = |region: &'static str, action: &str, parameters: &[(&str, &str)]| {
        let mut request = form_request("ec2", "2016-11-15", region, action, parameters);
        for (name, value) in &mut request.headers {
            if name == "authorization" {
                *value = authorization("ec2", region).replace("AKIAIOSFODNN7EXAMPLE", &key);
            }
        }
        let reply = world.send(&request).reply;
        (reply.status, text(&reply))
    };
    let (status, made) = ec2("eu-west-1", "CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    assert_eq!(status, 200, "{made}");
    let vpc = element(&made, "vpcId").unwrap();
    let (status, said) = ec2("us-east-1", "CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    assert_eq!((status, element(&said, "Code").as_deref()), (403, Some("UnauthorizedOperation")), "{said}");
    let tag = |value| [("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "owner"), ("Tag.1.Value", value)];
    assert_eq!(ec2("eu-west-1", "CreateTags", &tag("us")).0, 200);
    let (status, said) = ec2("eu-west-1", "CreateTags", &tag("others"));
    assert_eq!(status, 403);
    assert!(said.contains("explicit deny"), "{said}");
    let (status, said) = ec2("eu-west-1", "DeleteVpc", &[("VpcId", &vpc)]);
    assert_eq!(status, 403);
    assert!(
        said.contains("ec2:DeleteVpc on resource: arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-"),
        "{said}"
    );
    assert_eq!(ec2("eu-west-1", "DescribeVpcs", &[]).0, 200);
    // Credentials of a session end.
    world.now += 3_700_000;
    let mut request = form_request("ec2", "2016-11-15", "eu-west-1", "DescribeVpcs", &[]);
    request.headers[0].1 = authorization("ec2", "eu-west-1").replace("AKIAIOSFODNN7EXAMPLE", &key);
    let reply = world.send(&request).reply;
    assert!(text(&reply).contains("ExpiredToken"), "{}", text(&reply));
}

/// Sends a call of EC2 with an access key and gives status and text.
fn as_session(world: &mut World, key: &str, action: &str, parameters: &[(&str, &str)]) -> (u16, String) {
    let mut request = form_request("ec2", "2016-11-15", "eu-west-1", action, parameters);
    request.headers[0].1 = authorization("ec2", "eu-west-1").replace("AKIAIOSFODNN7EXAMPLE", key);
    let reply = world.send(&request).reply;
    (reply.status, text(&reply))
}

#[test]
fn tags_at_birth_need_their_own_permission() {
    let mut world = World::with(Settings { enforce_iam: true, ..Settings::default() });
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "ec2:CreateVpc", "Resource": "*" },
        { "Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*",
          "Condition": { "StringEquals": { "ec2:CreateAction": "CreateSubnet" } } },
    ] });
    let key = session(&mut world, &policy);
    let plain = [("CidrBlock", "10.0.0.0/16")];
    assert_eq!(as_session(&mut world, &key, "CreateVpc", &plain).0, 200);
    let tagged = [
        ("CidrBlock", "10.1.0.0/16"),
        ("TagSpecification.1.ResourceType", "vpc"),
        ("TagSpecification.1.Tag.1.Key", "env"),
        ("TagSpecification.1.Tag.1.Value", "dev"),
    ];
    let (status, said) = as_session(&mut world, &key, "CreateVpc", &tagged);
    assert_eq!(status, 403);
    assert!(said.contains("ec2:CreateTags"), "{said}");
}

#[test]
fn the_tags_of_a_resource_and_of_the_caller_decide() {
    let mut world = World::with(Settings { enforce_iam: true, ..Settings::default() });
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "ec2:DeleteVpc", "Resource": "*",
          "Condition": { "StringEquals": { "aws:ResourceTag/env": "dev" } } },
        { "Effect": "Deny", "Action": "ec2:Describe*", "Resource": "*",
          "Condition": { "StringLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/worker" } } },
    ] });
    let key = session(&mut world, &policy);
    let vpc = |world: &mut World, value: &str, range: &str| {
        let made = world.ec2("CreateVpc", &[("CidrBlock", range)]);
        let id = element(&made, "vpcId").unwrap();
        world.ec2("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "env"), ("Tag.1.Value", value)]);
        id
    };
    let (dev, prod) = (vpc(&mut world, "dev", "10.0.0.0/16"), vpc(&mut world, "prod", "10.1.0.0/16"));
    assert_eq!(as_session(&mut world, &key, "DeleteVpc", &[("VpcId", &prod)]).0, 403);
    assert_eq!(as_session(&mut world, &key, "DeleteVpc", &[("VpcId", &dev)]).0, 200);
    assert!(as_session(&mut world, &key, "DescribeVpcs", &[]).1.contains("explicit deny"));
}
