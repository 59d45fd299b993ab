//! Who gets in.

use serde_json::{Value, json};

use super::ground::{Ground, KEY, SECRET, Token};

fn code(ground: &Ground, token: &str) -> u16 {
    let answer = ground.with_token(token, "GET", "/api/v1/namespaces", ("application/json", ""));
    if answer.code >= 400 {
        assert_eq!(answer.body["kind"], "Status", "{}", answer.text);
        assert_eq!(answer.body["code"], answer.code);
    }
    answer.code
}

#[test]
fn only_a_token_that_is_good_gets_in() {
    let ground = Ground::new();
    assert!(ground.endpoint.starts_with("https://127.0.0.1:"));
    let of = |token: Token<'_>| code(&ground, &ground.token(&token));
    assert_eq!(of(Token::default()), 200);
    assert_eq!(of(Token { host: Some("sts.eu-west-1.amazonaws.com"), ..Token::default() }), 200);
    assert_eq!(of(Token { secret: "forged", ..Token::default() }), 401);
    assert_eq!(of(Token { cluster: "prod", ..Token::default() }), 401);
    assert_eq!(of(Token { age: 16 * 60, ..Token::default() }), 401);
    assert_eq!(of(Token { age: -10 * 60, ..Token::default() }), 401);
    assert_eq!(of(Token { age: 14 * 60, ..Token::default() }), 200);
    assert_eq!(of(Token { host: Some("sts.example.com"), ..Token::default() }), 401);
    assert_eq!(of(Token { key: "AKIAOFNOBODYEXAMPLE", ..Token::default() }), 401);
    assert_eq!(code(&ground, ""), 401);
    assert_eq!(code(&ground, "k8s-aws-v1.bm9uZQ"), 401);
    let mut cut = ground.token(&Token::default());
    cut.truncate(cut.len() - 8);
    assert_eq!(code(&ground, &cut), 401);
}

#[test]
fn tokens_can_be_ended_before_their_time() {
    let ground = Ground::new();
    let [old, new] = [2, 0].map(|age| ground.token(&Token { age, ..Token::default() }));
    assert_eq!((code(&ground, &old), code(&ground, &new)), (200, 200));
    ground.aws("POST", "/_sandbox/settings", "sandbox", r#"{ "end_tokens": true }"#);
    let new = ground.token(&Token::default());
    assert_eq!((code(&ground, &old), code(&ground, &new)), (401, 200));
}

#[test]
fn an_entry_without_policies_may_nothing_and_one_of_a_namespace_only_there() {
    let other = "arn:aws:iam::123456789012:user/other";
    let ground = Ground::with(|client| {
        let key =
            json!({ "access_key": "AKIAOTHER", "account": "123456789012", "arn": other, "secret": "s" });
        client.control("POST", "/keys", &key);
        client.ok("eks", "CreateAccessEntry", json!({ "clusterName": "dev", "principalArn": other }));
    });
    let token = ground.token(&Token { key: "AKIAOTHER", secret: "s", ..Token::default() });
    let ask = |method: &str, path: &str| {
        ground.with_token(&token, method, path, ("application/json", r#"{"metadata":{"name":"a"}}"#))
    };
    let refused = ask("GET", "/api/v1/namespaces/default/configmaps");
    assert_eq!((refused.code, &refused.body["reason"]), (403, &json!("Forbidden")));
    assert_eq!(ask("GET", "/version").code, 200);
    let policy = json!({ "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
        "accessScope": { "type": "namespace", "namespaces": ["default"] } });
    let path = format!(
        "/clusters/dev/access-entries/{}/access-policies",
        other.replace('/', "%2F").replace(':', "%3A")
    );
    ground.aws("POST", &path, "eks", &policy.to_string());
    assert_eq!(ask("POST", "/api/v1/namespaces/default/configmaps").code, 201);
    assert_eq!(ask("GET", "/api/v1/namespaces/kube-system/configmaps").code, 403);
    assert_eq!(ask("GET", "/api/v1/configmaps").code, 403);
    let can = json!({ "spec": { "resourceAttributes": { "verb": "get", "resource": "configmaps", "namespace": "default" } } });
    let answer = ground.with_token(
        &token,
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        ("application/json", &can.to_string()),
    );
    assert_eq!(answer.body["status"]["allowed"], true);
}

#[test]
fn a_session_is_known_by_its_role() {
    let ground = Ground::with(|client| {
        let trust =
            json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "*" },
            "Action": "sts:AssumeRole" }] })
            .to_string();
        client.ok("iam", "CreateRole", json!({ "RoleName": "admin", "AssumeRolePolicyDocument": trust }));
        let arn = "arn:aws:iam::123456789012:role/admin";
        client.ok("eks", "CreateAccessEntry", json!({ "clusterName": "dev", "principalArn": arn }));
        client.ok(
            "eks",
            "AssociateAccessPolicy",
            json!({ "clusterName": "dev", "principalArn": arn,
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": { "type": "cluster" } }),
        );
    });
    let form = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=session&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fadmin";
    let text = ground.form("sts", form);
    let part = |name: &str| {
        let rest = text.split_once(&format!("<{name}>")).unwrap().1;
        rest.split_once('<').unwrap().0.to_owned()
    };
    let (key, secret) = (part("AccessKeyId"), part("SecretAccessKey"));
    assert_eq!(code(&ground, &ground.token(&Token { key: &key, secret: &secret, ..Token::default() })), 200);
    assert_eq!(code(&ground, &ground.token(&Token { key: &key, secret: SECRET, ..Token::default() })), 401);
    assert_ne!(key, KEY);
}

#[test]
fn a_cluster_that_is_deleted_is_gone_with_its_objects() {
    let ground = Ground::with(|client| {
        client.ok("eks", "DeleteNodegroup", json!({ "clusterName": "dev", "nodegroupName": "main" }));
        for _ in 0..2 {
            let _gone = client.ask(
                "eks",
                "DescribeNodegroup",
                json!({ "clusterName": "dev", "nodegroupName": "main" }),
            );
        }
    });
    assert_eq!(ground.ask("GET", "/version", &Value::Null).body["minor"], "33");
    assert_eq!(ground.cluster_folders(), 1);
    ground.aws("DELETE", "/clusters/dev", "eks", "");
    ground.aws("GET", "/clusters/dev", "eks", "");
    ground.raw("GET", "/clusters/dev", "eks", ("application/json", ""));
    let since = std::time::Instant::now();
    while ground.cluster_folders() > 0 {
        assert!(since.elapsed().as_secs() < 10, "its folder is still there");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(std::net::TcpStream::connect(ground.endpoint.trim_start_matches("https://")).is_err());
}
