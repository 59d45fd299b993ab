//! What CloudWatch Logs promises, over the wire.

use serde_json::{Value, json};

use crate::testing::Client;

fn with_group(name: &str) -> Client {
    let mut client = Client::new();
    client.ok("logs", "CreateLogGroup", json!({ "logGroupName": name, "tags": { "k": "v" } }));
    client
}

fn group(client: &mut Client, name: &str) -> Value {
    client.ok("logs", "DescribeLogGroups", json!({ "logGroupNamePrefix": name }))["logGroups"][0].clone()
}

#[test]
fn a_group_keeps_retention_key_class_and_tags() {
    let mut client = with_group("/aws/eks/dev/cluster");
    let name = json!({ "logGroupName": "/aws/eks/dev/cluster" });
    assert_eq!(client.code("logs", "CreateLogGroup", name.clone()), "ResourceAlreadyExistsException");
    client.ok(
        "logs",
        "PutRetentionPolicy",
        json!({ "logGroupName": "/aws/eks/dev/cluster", "retentionInDays": 30 }),
    );
    let bad = json!({ "logGroupName": "/aws/eks/dev/cluster", "retentionInDays": 31 });
    assert_eq!(client.code("logs", "PutRetentionPolicy", bad), "InvalidParameterException");
    let key = client.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
    client.ok("logs", "AssociateKmsKey", json!({ "logGroupName": "/aws/eks/dev/cluster", "kmsKeyId": key }));
    let shown = group(&mut client, "/aws/eks/dev");
    assert_eq!((&shown["retentionInDays"], &shown["kmsKeyId"]), (&json!(30), &key));
    assert_eq!(shown["logGroupClass"], "STANDARD");
    let arn = shown["logGroupArn"].as_str().unwrap().to_owned();
    assert_eq!(shown["arn"], format!("{arn}:*"));
    client.ok("logs", "TagResource", json!({ "resourceArn": arn, "tags": { "l": "w" } }));
    client.ok("logs", "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["k"] }));
    assert_eq!(
        client.ok("logs", "ListTagsForResource", json!({ "resourceArn": arn }))["tags"],
        json!({ "l": "w" })
    );
    client.ok("logs", "DeleteRetentionPolicy", name.clone());
    client.ok("logs", "DisassociateKmsKey", name.clone());
    let shown = group(&mut client, "/aws/eks/dev");
    assert!(shown.get("retentionInDays").is_none() && shown.get("kmsKeyId").is_none());
    client.ok("logs", "DeleteLogGroup", name.clone());
    assert_eq!(client.code("logs", "DeleteLogGroup", name), "ResourceNotFoundException");
}

#[test]
fn groups_come_in_pages_and_are_found_by_prefix_or_pattern() {
    let mut client = Client::new();
    for n in 0..5 {
        client.ok("logs", "CreateLogGroup", json!({ "logGroupName": format!("/a/{n}") }));
    }
    let first = client.ok("logs", "DescribeLogGroups", json!({ "limit": 3 }));
    let second =
        client.ok("logs", "DescribeLogGroups", json!({ "limit": 3, "nextToken": first["nextToken"] }));
    let count = |page: &Value| page["logGroups"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second)), (3, 2));
    assert!(second.get("nextToken").is_none());
    assert_eq!(count(&client.ok("logs", "DescribeLogGroups", json!({ "logGroupNamePattern": "/4" }))), 1);
}

#[test]
fn events_come_out_in_order_and_by_pattern() {
    let mut client = with_group("g");
    client.ok("logs", "CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "s" }));
    let now = 1_760_000_000_000_i64;
    let event = |offset: i64, message: &str| json!({ "timestamp": now + offset, "message": message });
    let put = |events: Value| json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events });
    client.ok(
        "logs",
        "PutLogEvents",
        put(json!([event(0, "INFO one"), event(10, "ERROR two"), event(20, "INFO three")])),
    );
    let unordered = put(json!([event(20, "b"), event(10, "a")]));
    assert_eq!(client.code("logs", "PutLogEvents", unordered), "InvalidParameterException");
    let late = client.ok("logs", "PutLogEvents", put(json!([event(3 * 3_600_000, "x")])));
    assert_eq!(late["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"], 0);
    let of = json!({ "logGroupName": "g", "logStreamName": "s", "limit": 2, "startFromHead": true });
    let page = client.ok("logs", "GetLogEvents", of.clone());
    assert_eq!(page["events"][1]["message"], "ERROR two");
    let mut next = of;
    next["nextToken"] = page["nextForwardToken"].clone();
    let page = client.ok("logs", "GetLogEvents", next.clone());
    assert_eq!(page["events"].as_array().unwrap().len(), 1);
    next["nextToken"] = page["nextForwardToken"].clone();
    assert_eq!(client.ok("logs", "GetLogEvents", next)["nextForwardToken"], page["nextForwardToken"]);
    let found = client.ok("logs", "FilterLogEvents", json!({ "logGroupName": "g", "filterPattern": "INFO" }));
    assert_eq!(found["events"].as_array().unwrap().len(), 2);
    let missing = json!({ "logGroupName": "g", "logStreamName": "none" });
    assert_eq!(client.code("logs", "GetLogEvents", missing), "ResourceNotFoundException");
    let streams = client.ok("logs", "DescribeLogStreams", json!({ "logGroupName": "g" }));
    assert_eq!(streams["logStreams"][0]["lastEventTimestamp"], now + 20);
}
