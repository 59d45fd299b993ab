//! Cases of the kinds of CloudWatch Logs.

use aws_sdk_cloudwatchlogs::types::LogGroupClass;
use platctl::model::logs::{LogClass, LogGroup};

use super::ec2::managed;
use super::kms::make_key;
use super::law::{Case, hold};
use super::world::{Raw, World};

laws! {
    log_group: laws_of_log_group;
}

async fn arn(raw: &Raw, name: &str) -> String {
    let described = raw.logs.describe_log_groups().log_group_name_prefix(name).send().await.unwrap();
    described.log_groups()[0].arn().unwrap().trim_end_matches(":*").to_owned()
}

async fn raw_group(raw: &Raw, case: &LogGroup, name: &str, key: &str, class: LogGroupClass) -> String {
    let create = raw.logs.create_log_group().log_group_name(name).kms_key_id(key).log_group_class(class);
    create.set_tags(Some(case.tags.clone().into_iter().collect())).send().await.unwrap();
    let put = raw.logs.put_retention_policy().log_group_name(name);
    put.retention_in_days(30).send().await.unwrap();
    name.to_owned()
}

async fn laws_of_log_group(world: &mut World) {
    let id = make_key(world, "logs").await.to_string();
    make_key(world, "other").await;
    let raw = &world.raw;
    let key = raw.kms.describe_key().key_id(id).send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let other = raw.kms.describe_key().key_id("alias/laws-other").send().await.unwrap();
    let other = other.key_metadata.unwrap().arn.unwrap();
    let spec = LogGroup {
        name: "/laws/case".to_owned(),
        retention: Some(30),
        key: Some(managed("logs")),
        class: LogClass::Standard,
        tags: world.tags("log_group.case"),
    };
    let [one, two] = [(); 2].map(|()| spec.clone());
    let [k1, k2] = [(); 2].map(|()| key.clone());
    let case = Case::new("log_group.case", spec)
        .drift("retention", |raw, id| async move {
            let put = raw.logs.put_retention_policy().log_group_name(id);
            put.retention_in_days(90).send().await.unwrap();
        })
        .drift("retention", |raw, id| async move {
            raw.logs.delete_retention_policy().log_group_name(id).send().await.unwrap();
        })
        .drift("key", |raw, id| async move {
            raw.logs.disassociate_kms_key().log_group_name(id).send().await.unwrap();
        })
        .drift("key", |raw, id| async move {
            raw.logs.associate_kms_key().log_group_name(id).kms_key_id(other).send().await.unwrap();
        })
        .drift("tags.team", |raw, id| async move {
            let set = raw.logs.tag_resource().resource_arn(arn(&raw, &id).await);
            set.tags("team", "another").send().await.unwrap();
        })
        .drift("tags.surprise", |raw, id| async move {
            let set = raw.logs.tag_resource().resource_arn(arn(&raw, &id).await);
            set.tags("surprise", "here").send().await.unwrap();
        })
        .drift("tags.Name", |raw, id| async move {
            let unset = raw.logs.untag_resource().resource_arn(arn(&raw, &id).await);
            unset.tag_keys("Name").send().await.unwrap();
        })
        .other("name", move |raw, _| async move {
            raw_group(&raw, &one, "/laws/other", &k1, LogGroupClass::Standard).await
        })
        .other("class", move |raw, id| async move {
            raw.logs.delete_log_group().log_group_name(&id).send().await.unwrap();
            raw_group(&raw, &two, &id, &k2, LogGroupClass::InfrequentAccess).await
        });
    let bare = LogGroup {
        name: "/laws/bare".to_owned(),
        retention: None,
        key: None,
        class: LogClass::InfrequentAccess,
        tags: world.tags("log_group.bare"),
    };
    let bare = Case::new("log_group.bare", bare)
        .drift("retention", |raw, id| async move {
            let put = raw.logs.put_retention_policy().log_group_name(id);
            put.retention_in_days(90).send().await.unwrap();
        })
        .drift("key", |raw, id| async move {
            raw.logs.associate_kms_key().log_group_name(id).kms_key_id(key).send().await.unwrap();
        });
    hold(world, vec![case, bare]).await;
}
