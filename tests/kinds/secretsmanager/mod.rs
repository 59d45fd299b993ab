//! Cases of the kinds of Secrets Manager.

use aws_sdk_secretsmanager::types::Tag;
use platctl::model::secretsmanager::{Characters, Generated, Secret};
use platctl::model::{Attribute, Tags};

use super::ec2::managed;
use super::kms::make_key;
use super::law::{Case, hold_without_end};
use super::world::{Raw, World};

laws! {
    secret: laws_of_secret;
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

fn rule(length: u16) -> Generated {
    Generated { length, characters: Characters::Alphanumeric }
}

/// `secret.NAME`, of 32 letters and digits.
pub(crate) async fn make_secret(world: &mut World, name: &str) -> String {
    let address = format!("secret.{name}");
    let secret = Secret {
        name: format!("laws/{name}"),
        description: String::new(),
        key: None,
        generated: Some(rule(32)),
        recovery_window: 0,
        tags: world.tags(&address),
    };
    world.make(&address, secret).await.to_string()
}

async fn value(raw: &Raw, id: &str) -> String {
    raw.secrets.get_secret_value().secret_id(id).send().await.unwrap().secret_string.unwrap()
}

async fn raw_secret(raw: &Raw, tags: Tags, key: &str) -> String {
    let create = raw.secrets.create_secret().name("laws/other").description("a case").kms_key_id(key);
    let rule = ("platctl:generated".to_owned(), "alphanumeric/40".to_owned());
    let tags = tags.into_iter().chain([rule]).map(|(key, value)| tag(&key, &value)).collect();
    create.secret_string("other").set_tags(Some(tags)).send().await.unwrap().arn.unwrap()
}

async fn laws_of_secret(world: &mut World) {
    make_key(world, "secrets").await;
    make_key(world, "other").await;
    let arn = |name: &str| world.known.attribute(&name.parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let (key, other) = (arn("key.secrets"), arn("key.other"));
    let spec = Secret {
        name: "laws/case".to_owned(),
        description: "a case".to_owned(),
        key: Some(managed("secrets")),
        generated: Some(rule(40)),
        recovery_window: 0,
        tags: world.tags("secret.case"),
    };
    let tags = spec.tags.clone();
    let case = Case::new("secret.case", spec)
        .drift("description", |raw, id| async move {
            raw.secrets.update_secret().secret_id(id).description("another").send().await.unwrap();
        })
        .drift("key", |raw, id| async move {
            raw.secrets.update_secret().secret_id(id).kms_key_id(other).send().await.unwrap();
        })
        .drift("generated", |raw, id| async move {
            raw.secrets.untag_resource().secret_id(id).tag_keys("platctl:generated").send().await.unwrap();
        })
        .drift("tags.team", |raw, id| async move {
            raw.secrets.tag_resource().secret_id(id).tags(tag("team", "another")).send().await.unwrap();
        })
        .drift("tags.surprise", |raw, id| async move {
            raw.secrets.tag_resource().secret_id(id).tags(tag("surprise", "here")).send().await.unwrap();
        })
        .drift("tags.Name", |raw, id| async move {
            raw.secrets.untag_resource().secret_id(id).tag_keys("Name").send().await.unwrap();
        })
        .other("name", |raw, _| async move { raw_secret(&raw, tags, &key).await })
        .excused("recovery_window", "no policy: only a delete reads it");
    // One that waits for its end when the next of its name is wanted.
    let waiting = Secret {
        name: "laws/waiting".to_owned(),
        description: String::new(),
        key: None,
        generated: None,
        recovery_window: 7,
        tags: world.tags("secret.waiting"),
    };
    let [first, again] = [(); 2].map(|()| Case::new("secret.waiting", waiting.clone()));
    hold_without_end(world, vec![case, first, again]).await;
    a_value_is_made_once_and_told_to_nobody(world).await;
    world.unmake().await;
}

async fn a_value_is_made_once_and_told_to_nobody(world: &mut World) {
    let id = make_secret(world, "told").await;
    let raw = world.raw.clone();
    let made = value(&raw, &id).await;
    assert!(made.len() == 32 && made.chars().all(|letter| letter.is_ascii_alphanumeric()), "{made}");
    let address = "secret.told".parse().unwrap();
    let spec = Secret {
        name: "laws/told".to_owned(),
        description: "told".to_owned(),
        key: None,
        generated: Some(rule(32)),
        recovery_window: 0,
        tags: world.tags("secret.told"),
    }
    .into();
    let id = id.as_str().into();
    world.converge(&address, &id, &spec).await;
    assert_eq!(value(&raw, id.as_str()).await, made, "another description makes no other value");
    let live = world.ready(&address, &id, &spec).await;
    let told = format!("{live:?} {}", serde_json::to_string(&(&live.spec, &live.outputs)).unwrap());
    assert!(!told.contains(&made), "the value stands in what is recorded");
}
