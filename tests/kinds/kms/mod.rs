//! Cases of the kinds of KMS.

use aws_sdk_kms::types::Tag;
use platctl::model::kms::Key;
use platctl::model::{CloudId, Document};
use serde_json::json;

use super::law::{Case, hold};
use super::world::World;

laws! {
    key: laws_of_key;
}

fn policy(more: &[&str]) -> Document {
    let mut statements = vec![json!({
        "Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*", "Resource": "*",
    })];
    statements.extend(more.iter().map(|service| {
        json!({
            "Sid": "Service", "Effect": "Allow", "Principal": {"Service": service},
            "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*",
        })
    }));
    Document::new(json!({"Version": "2012-10-17", "Statement": statements}))
}

fn spec(world: &World, name: &str) -> Key {
    Key {
        alias: Some(format!("laws-{name}")),
        description: "a case".to_owned(),
        policy: Some(policy(&["logs.eu-central-1.amazonaws.com"])),
        enabled: true,
        rotation: true,
        deletion_window: 7,
        tags: world.tags(&format!("key.{name}")),
    }
}

/// `key.NAME`, which CloudWatch Logs may use too.
pub(crate) async fn make_key(world: &mut World, name: &str) -> CloudId {
    let spec = spec(world, name);
    world.make(&format!("key.{name}"), spec).await
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().tag_key(key).tag_value(value).build().unwrap()
}

async fn laws_of_key(world: &mut World) {
    let case = Case::new("key.case", spec(world, "case"))
        .drift("alias", |raw, _| async move {
            raw.kms.delete_alias().alias_name("alias/laws-case").send().await.unwrap();
        })
        .drift("alias", |raw, _| async move {
            let other = raw.kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
            let update = raw.kms.update_alias().alias_name("alias/laws-case");
            update.target_key_id(other).send().await.unwrap();
        })
        .drift("description", |raw, id| async move {
            raw.kms.update_key_description().key_id(id).description("another").send().await.unwrap();
        })
        .drift("policy", |raw, id| async move {
            let put = raw.kms.put_key_policy().key_id(id).policy_name("default");
            put.policy(policy(&[]).to_text()).send().await.unwrap();
        })
        .drift("enabled", |raw, id| async move {
            raw.kms.disable_key().key_id(id).send().await.unwrap();
        })
        .drift("rotation", |raw, id| async move {
            raw.kms.disable_key_rotation().key_id(id).send().await.unwrap();
        })
        .drift("tags.team", |raw, id| async move {
            raw.kms.tag_resource().key_id(id).tags(tag("team", "another")).send().await.unwrap();
        })
        .drift("tags.surprise", |raw, id| async move {
            raw.kms.tag_resource().key_id(id).tags(tag("surprise", "here")).send().await.unwrap();
        })
        .drift("tags.Name", |raw, id| async move {
            raw.kms.untag_resource().key_id(id).tag_keys("Name").send().await.unwrap();
        })
        .excused("deletion_window", "no policy: only a delete reads it");
    let off = Key { alias: None, enabled: false, rotation: false, policy: None, ..spec(world, "off") };
    let off = Case::new("key.off", off)
        .drift("enabled", |raw, id| async move {
            raw.kms.enable_key().key_id(id).send().await.unwrap();
        })
        .drift("alias", |raw, id| async move {
            let create = raw.kms.create_alias().alias_name("alias/laws-another");
            create.target_key_id(id).send().await.unwrap();
        });
    hold(world, vec![case, off]).await;
}
