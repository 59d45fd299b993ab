//! Cases of the kinds of Route 53.

use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, HostedZoneConfig, ResourceRecord, ResourceRecordSet,
    RrType, Tag, TagResourceType, Vpc, VpcRegion,
};
use platctl::model::route53::{HostedZone, RecordContent, RecordSet, RecordType};

use super::ec2::{make_vpc, managed};
use super::law::{Case, hold};
use super::world::{Raw, World};

laws! {
    hosted_zone: laws_of_hosted_zone;
    record_set: laws_of_record_set;
}

fn vpc(id: &str) -> Vpc {
    Vpc::builder().vpc_region(VpcRegion::EuCentral1).vpc_id(id).build()
}

async fn set_tag(raw: &Raw, id: &str, key: &str, value: &str) {
    let change = raw.route53.change_tags_for_resource().resource_type(TagResourceType::Hostedzone);
    let tag = Tag::builder().key(key).value(value).build();
    change.resource_id(id).add_tags(tag).send().await.unwrap();
}

async fn associate(raw: &Raw, zone: &str, id: &str) {
    let associate = raw.route53.associate_vpc_with_hosted_zone().hosted_zone_id(zone);
    associate.vpc(vpc(id)).send().await.unwrap();
}

/// Somebody else's zone: the case's, but for its name or its VPCs.
async fn raw_zone(raw: &Raw, case: &HostedZone, name: &str, vpcs: &[&str]) -> String {
    let config = HostedZoneConfig::builder().comment(&case.comment).private_zone(!vpcs.is_empty()).build();
    let create = raw.route53.create_hosted_zone().name(name).caller_reference(format!("other-{name}"));
    let create = create.hosted_zone_config(config).set_vpc(vpcs.first().map(|id| vpc(id)));
    let id = create.send().await.unwrap().hosted_zone.unwrap().id;
    let id = id.trim_start_matches("/hostedzone/").to_owned();
    for more in vpcs.iter().skip(1) {
        associate(raw, &id, more).await;
    }
    for (key, value) in &case.tags {
        set_tag(raw, &id, key, value).await;
    }
    id
}

async fn laws_of_hosted_zone(world: &mut World) {
    let main = make_vpc(world, "main", "10.1.0.0/16").await.to_string();
    let second = make_vpc(world, "second", "10.2.0.0/16").await.to_string();
    let third = make_vpc(world, "third", "10.3.0.0/16").await.to_string();
    let spec = HostedZone {
        name: "backend.internal".to_owned(),
        vpcs: vec![managed("main"), managed("second")],
        comment: "a case".to_owned(),
        empty_on_delete: true,
        tags: world.tags("hosted_zone.case"),
    };
    let [one, two] = [(); 2].map(|()| spec.clone());
    let taken = second.clone();
    let case = Case::new("hosted_zone.case", spec)
        .drift("vpcs", |raw, id| async move {
            let take = raw.route53.disassociate_vpc_from_hosted_zone().hosted_zone_id(id);
            take.vpc(vpc(&taken)).send().await.unwrap();
        })
        .drift("vpcs", |raw, id| async move { associate(&raw, &id, &third).await })
        .drift("comment", |raw, id| async move {
            raw.route53.update_hosted_zone_comment().id(id).comment("another").send().await.unwrap();
        })
        .drift("tags.team", |raw, id| async move { set_tag(&raw, &id, "team", "another").await })
        .drift("tags.surprise", |raw, id| async move { set_tag(&raw, &id, "surprise", "here").await })
        .drift("tags.Name", |raw, id| async move {
            let change = raw.route53.change_tags_for_resource().resource_type(TagResourceType::Hostedzone);
            change.resource_id(id).remove_tag_keys("Name").send().await.unwrap();
        })
        .other("name", move |raw, _| async move {
            raw_zone(&raw, &one, "other.internal", &[&main, &second]).await
        })
        .other("vpcs", move |raw, _| async move { raw_zone(&raw, &two, "backend.internal", &[]).await })
        .excused("empty_on_delete", "no policy: only a delete reads it");
    hold(world, vec![case]).await;
}

fn values(name: &str, sort: RrType, ttl: i64, values: &[&str]) -> ResourceRecordSet {
    let records = values.iter().map(|value| ResourceRecord::builder().value(*value).build().unwrap());
    let set = ResourceRecordSet::builder().name(name).r#type(sort).ttl(ttl);
    set.set_resource_records(Some(records.collect())).build().unwrap()
}

fn alias(name: &str, host: &str, zone: &str, healthy: bool) -> ResourceRecordSet {
    let target = AliasTarget::builder().dns_name(host).hosted_zone_id(zone).evaluate_target_health(healthy);
    let target = target.build().unwrap();
    ResourceRecordSet::builder().name(name).r#type(RrType::A).alias_target(target).build().unwrap()
}

/// Writes a record into the zone of an id of ours (`ZONE/NAME/TYPE`), and gives the id of what was written.
async fn put(raw: &Raw, id: &str, set: ResourceRecordSet) -> String {
    let zone = id.split('/').next().unwrap();
    let written = format!("{zone}/{}/{}", set.name, set.r#type.as_str());
    let change = Change::builder().action(ChangeAction::Upsert).resource_record_set(set).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    let change = raw.route53.change_resource_record_sets().hosted_zone_id(zone);
    change.change_batch(batch).send().await.unwrap();
    written
}

const API: &str = "api.main.internal";
const LB_NAME: &str = "lb.main.internal";
const LB: &str = "laws-0123456789abcdef.elb.eu-central-1.amazonaws.com";
const LB_OTHER: &str = "other-0123456789abcdef.elb.eu-central-1.amazonaws.com";
/// The zone of network load balancers of eu-central-1, and that of application load balancers.
const NLB_ZONE: &str = "Z3F0SRJ5LGBH90";
const ALB_ZONE: &str = "Z215JYRZR1TBD5";

async fn laws_of_record_set(world: &mut World) {
    make_vpc(world, "main", "10.1.0.0/16").await;
    make_vpc(world, "second", "10.2.0.0/16").await;
    // Two of one name, as two networks may have them.
    for name in ["main", "second"] {
        let address = format!("hosted_zone.{name}");
        let zone = HostedZone {
            name: "main.internal".to_owned(),
            vpcs: vec![managed(name)],
            comment: String::new(),
            empty_on_delete: true,
            tags: world.tags(&address),
        };
        world.make(&address, zone).await;
    }
    let second = world.known.id(&"hosted_zone.second".parse().unwrap()).unwrap().to_string();
    let answers = RecordContent::Values { ttl: 60, values: vec!["10.0.0.1".into(), "10.0.0.2".into()] };
    let spec = RecordSet {
        zone: managed("main"),
        name: API.to_owned(),
        record_type: RecordType::A,
        leads_to: None,
        content: answers,
    };
    let content = |host: &str| RecordContent::Alias {
        host: host.into(),
        host_zone: NLB_ZONE.into(),
        evaluate_health: true,
    };
    let aliased = RecordSet { name: LB_NAME.to_owned(), content: content(LB), ..spec.clone() };
    let case = Case::new("record_set.case", spec)
        .drift("ttl", |raw, id| async move {
            put(&raw, &id, values(API, RrType::A, 300, &["10.0.0.1", "10.0.0.2"])).await;
        })
        .drift("values", |raw, id| async move {
            put(&raw, &id, values(API, RrType::A, 60, &["10.0.0.1"])).await;
        })
        .drift("content", |raw, id| async move {
            put(&raw, &id, alias(API, LB, NLB_ZONE, true)).await;
        })
        .other("zone", |raw, _| async move {
            put(&raw, &second, values(API, RrType::A, 60, &["10.0.0.1", "10.0.0.2"])).await
        })
        .other("name", |raw, id| async move {
            put(&raw, &id, values("x.main.internal", RrType::A, 60, &["10.0.0.1", "10.0.0.2"])).await
        })
        .other("record_type", |raw, id| async move {
            put(&raw, &id, values(API, RrType::Ptr, 60, &["10.0.0.1", "10.0.0.2"])).await
        });
    let aliased = Case::new("record_set.alias", aliased)
        .drift("host", |raw, id| async move {
            put(&raw, &id, alias(LB_NAME, LB_OTHER, NLB_ZONE, true)).await;
        })
        .drift("host_zone", |raw, id| async move {
            put(&raw, &id, alias(LB_NAME, LB, ALB_ZONE, true)).await;
        })
        .drift("evaluate_health", |raw, id| async move {
            put(&raw, &id, alias(LB_NAME, LB, NLB_ZONE, false)).await;
        });
    hold(world, vec![case, aliased]).await;
}
