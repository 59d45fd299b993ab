//! Cases of the kinds of Systems Manager.

use aws_sdk_ssm::types::{ParameterTier as Tier, ParameterType, ResourceTypeForTagging, Tag};
use platctl::model::ssm::{Parameter, ParameterTier, ParameterValue};
use platctl::model::{Attribute, Tags};

use super::ec2::managed;
use super::kms::make_key;
use super::law::{Case, hold};
use super::secretsmanager::make_secret;
use super::world::{Raw, World};

laws! {
    parameter: laws_of_parameter;
}

/// What somebody writes over a parameter.
struct Put {
    value: &'static str,
    sort: ParameterType,
    description: &'static str,
    tier: Tier,
}

const TEXT: Put =
    Put { value: "https://here", sort: ParameterType::String, description: "a case", tier: Tier::Standard };

async fn put(raw: &Raw, id: &str, put: Put) {
    let call = raw.ssm.put_parameter().name(id).value(put.value).r#type(put.sort);
    call.description(put.description).tier(put.tier).overwrite(true).send().await.unwrap();
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

async fn set_tag(raw: &Raw, id: &str, key: &str, value: &str) {
    let add = raw.ssm.add_tags_to_resource().resource_type(ResourceTypeForTagging::Parameter);
    add.resource_id(id).tags(tag(key, value)).send().await.unwrap();
}

/// Somebody else's parameter in the place of ours, or beside it.
async fn raw_parameter(raw: &Raw, id: &str, content: Put, tags: &Tags) -> String {
    let _ = raw.ssm.delete_parameter().name(id).send().await;
    let call = raw.ssm.put_parameter().name(id).value(content.value).r#type(content.sort);
    let tags = tags.iter().map(|(key, value)| tag(key, value)).collect();
    let call = call.description(content.description).tier(content.tier).set_tags(Some(tags));
    call.send().await.unwrap();
    id.to_owned()
}

async fn laws_of_parameter(world: &mut World) {
    make_key(world, "parameters").await;
    let secret = make_secret(world, "source").await;
    let spec = Parameter {
        name: "/laws/case".to_owned(),
        description: "a case".to_owned(),
        value: ParameterValue::Text("https://here".into()),
        tier: ParameterTier::Standard,
        tags: world.tags("parameter.case"),
    };
    let [one, two, three] = [(); 3].map(|()| spec.tags.clone());
    let case = Case::new("parameter.case", spec.clone())
        .drift("value", |raw, id| async move { put(&raw, &id, Put { value: "https://there", ..TEXT }).await })
        .drift("description", |raw, id| async move {
            put(&raw, &id, Put { description: "another", ..TEXT }).await;
        })
        .drift("tags.team", |raw, id| async move { set_tag(&raw, &id, "team", "another").await })
        .drift("tags.surprise", |raw, id| async move { set_tag(&raw, &id, "surprise", "here").await })
        .drift("tags.Name", |raw, id| async move {
            let remove = raw.ssm.remove_tags_from_resource().resource_type(ResourceTypeForTagging::Parameter);
            remove.resource_id(id).tag_keys("Name").send().await.unwrap();
        })
        .other("name", move |raw, _| async move { raw_parameter(&raw, "/laws/other", TEXT, &one).await })
        .other("value", move |raw, id| async move {
            raw_parameter(&raw, &id, Put { sort: ParameterType::StringList, ..TEXT }, &two).await
        })
        .other("tier", move |raw, id| async move {
            raw_parameter(&raw, &id, Put { tier: Tier::Advanced, ..TEXT }, &three).await
        });
    let list = Parameter {
        name: "/laws/list".to_owned(),
        value: ParameterValue::List(vec!["b".into(), "a".into()]),
        tier: ParameterTier::Advanced,
        tags: world.tags("parameter.list"),
        ..spec.clone()
    };
    let list = Case::new("parameter.list", list).drift("value", |raw, id| async move {
        let other = Put {
            value: "a,b",
            sort: ParameterType::StringList,
            description: "a case",
            tier: Tier::Advanced,
        };
        put(&raw, &id, other).await;
    });
    let value = ParameterValue::Secret { secret: managed("source"), key: Some(managed("parameters")) };
    let copied =
        Parameter { name: "/laws/copied".to_owned(), value, tags: world.tags("parameter.copied"), ..spec };
    let key = world.known.attribute(&"key.parameters".parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let copied = Case::new("parameter.copied", copied)
        .drift("value", move |raw, id| async move {
            let call = raw.ssm.put_parameter().name(id).value("mine").r#type(ParameterType::SecureString);
            let call = call.description("a case").key_id(key).overwrite(true);
            call.send().await.unwrap();
        })
        // The secret has another value now: the copy is out of date.
        .drift("value", move |raw, _| async move {
            let put = raw.secrets.put_secret_value().secret_id(secret);
            put.secret_string("another").send().await.unwrap();
        });
    hold(world, vec![case, list, copied]).await;
}
