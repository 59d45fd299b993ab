//! Identity providers, instance profiles, service-linked roles.

use platctl::model::iam::{InstanceProfile, OidcProvider, ServiceLinkedRole};

use super::{make_role, sdk_tags, tag};
use crate::ec2::managed;
use crate::law::{Case, hold};
use crate::world::{Raw, World};

pub(super) async fn oidc_provider(world: &mut World) {
    let spec = OidcProvider {
        issuer: "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE".into(),
        audiences: vec!["sts.amazonaws.com".to_owned(), "laws".to_owned()],
        tags: world.tags("oidc_provider.case"),
    };
    let tags = spec.tags.clone();
    let case = Case::new("oidc_provider.case", spec)
        .drift("audiences", |raw, id| async move {
            let add = raw.iam.add_client_id_to_open_id_connect_provider().open_id_connect_provider_arn(id);
            add.client_id("another").send().await.unwrap();
        })
        .drift("audiences", |raw, id| async move {
            let remove =
                raw.iam.remove_client_id_from_open_id_connect_provider().open_id_connect_provider_arn(id);
            remove.client_id("laws").send().await.unwrap();
        })
        .drift("tags.team", |raw, id| async move {
            let set = raw.iam.tag_open_id_connect_provider().open_id_connect_provider_arn(id);
            set.tags(tag("team", "another")).send().await.unwrap();
        })
        .drift("tags.surprise", |raw, id| async move {
            let set = raw.iam.tag_open_id_connect_provider().open_id_connect_provider_arn(id);
            set.tags(tag("surprise", "here")).send().await.unwrap();
        })
        .drift("tags.Name", |raw, id| async move {
            let unset = raw.iam.untag_open_id_connect_provider().open_id_connect_provider_arn(id);
            unset.tag_keys("Name").send().await.unwrap();
        })
        .other("issuer", |raw, _| async move {
            let create = raw.iam.create_open_id_connect_provider();
            let create = create.url("https://oidc.eks.eu-central-1.amazonaws.com/id/OTHER");
            let create = create.client_id_list("sts.amazonaws.com").client_id_list("laws");
            let create = create.thumbprint_list("9e99a48a9960b14926bb7f3b02e22da2b0ab7280");
            let made = create.set_tags(Some(sdk_tags(&tags))).send().await.unwrap();
            made.open_id_connect_provider_arn.unwrap()
        });
    hold(world, vec![case]).await;
}

async fn raw_profile(raw: &Raw, case: &InstanceProfile, name: &str, path: &str) -> String {
    let create = raw.iam.create_instance_profile().instance_profile_name(name).path(path);
    create.set_tags(Some(sdk_tags(&case.tags))).send().await.unwrap();
    let add = raw.iam.add_role_to_instance_profile().instance_profile_name(name);
    add.role_name("laws-one").send().await.unwrap();
    name.to_owned()
}

async fn raw_empty(raw: &Raw, name: &str) {
    let remove = raw.iam.remove_role_from_instance_profile().instance_profile_name(name);
    remove.role_name("laws-one").send().await.unwrap();
}

pub(super) async fn instance_profile(world: &mut World) {
    make_role(world, "one", "ec2.amazonaws.com", &[]).await;
    make_role(world, "two", "ec2.amazonaws.com", &[]).await;
    let spec = InstanceProfile {
        name: "laws-case".to_owned(),
        path: "/laws/".to_owned(),
        role: Some(managed("one")),
        tags: world.tags("instance_profile.case"),
    };
    let [one, two] = [(); 2].map(|()| spec.clone());
    let case = Case::new("instance_profile.case", spec)
        .drift("role", |raw, id| async move { raw_empty(&raw, &id).await })
        .drift("role", |raw, id| async move {
            raw_empty(&raw, &id).await;
            let add = raw.iam.add_role_to_instance_profile().instance_profile_name(id);
            add.role_name("laws-two").send().await.unwrap();
        })
        .drift("tags.team", |raw, id| async move {
            let set = raw.iam.tag_instance_profile().instance_profile_name(id);
            set.tags(tag("team", "another")).send().await.unwrap();
        })
        .drift("tags.surprise", |raw, id| async move {
            let set = raw.iam.tag_instance_profile().instance_profile_name(id);
            set.tags(tag("surprise", "here")).send().await.unwrap();
        })
        .drift("tags.Name", |raw, id| async move {
            let unset = raw.iam.untag_instance_profile().instance_profile_name(id);
            unset.tag_keys("Name").send().await.unwrap();
        })
        .other("name", move |raw, _| async move { raw_profile(&raw, &one, "laws-other", "/laws/").await })
        .other("path", move |raw, id| async move {
            raw_empty(&raw, &id).await;
            raw.iam.delete_instance_profile().instance_profile_name(&id).send().await.unwrap();
            raw_profile(&raw, &two, &id, "/").await
        });
    hold(world, vec![case]).await;
}

pub(super) async fn service_linked_role(world: &mut World) {
    let spec = ServiceLinkedRole { service: "eks-nodegroup.amazonaws.com".to_owned() };
    let case = Case::new("service_linked_role.case", spec)
        .excused("service", "it is found by its service: one of another service is another role");
    hold(world, vec![case]).await;
}
