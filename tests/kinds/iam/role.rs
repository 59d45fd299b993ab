//! Roles.

use platctl::model::iam::Role;
use platctl::model::{Document, Ref};
use serde_json::json;

use super::{allow, make_policy, sdk_tags, tag, trust};
use crate::ec2::managed;
use crate::law::{Case, hold};
use crate::world::{Raw, World};

const VIEW_ONLY: &str = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
const NAME: &str = "laws-case";

/// Somebody else's role: the case's, but for its name or its path.
async fn raw_role(raw: &Raw, case: &Role, [name, path]: [&str; 2], [boundary, policy]: [&str; 2]) -> String {
    let create = raw.iam.create_role().role_name(name).path(path).description(&case.description);
    let create = create.assume_role_policy_document(case.trust.to_text()).permissions_boundary(boundary);
    let create = create.max_session_duration(7200).set_tags(Some(sdk_tags(&case.tags)));
    create.send().await.unwrap();
    for arn in [policy, VIEW_ONLY] {
        raw.iam.attach_role_policy().role_name(name).policy_arn(arn).send().await.unwrap();
    }
    for (inline, document) in &case.inline {
        let put = raw.iam.put_role_policy().role_name(name).policy_name(inline);
        put.policy_document(document.to_text()).send().await.unwrap();
    }
    name.to_owned()
}

/// Takes a role away with all that is in it.
async fn raw_delete(raw: &Raw, name: &str) {
    let attached = raw.iam.list_attached_role_policies().role_name(name).send().await.unwrap();
    for policy in attached.attached_policies() {
        let detach = raw.iam.detach_role_policy().role_name(name);
        detach.policy_arn(policy.policy_arn().unwrap()).send().await.unwrap();
    }
    for inline in raw.iam.list_role_policies().role_name(name).send().await.unwrap().policy_names() {
        raw.iam.delete_role_policy().role_name(name).policy_name(inline).send().await.unwrap();
    }
    raw.iam.delete_role().role_name(name).send().await.unwrap();
}

pub(super) async fn role(world: &mut World) {
    let ours = make_policy(world, "ours").await.to_string();
    let limit = make_policy(world, "limit").await.to_string();
    let spec = Role {
        path: "/laws/".to_owned(),
        description: "a case".to_owned(),
        policies: vec![managed("ours"), Ref::external(VIEW_ONLY)],
        inline: [("one".to_owned(), allow("s3:GetObject")), ("two".to_owned(), allow("s3:PutObject"))].into(),
        max_session: 7200,
        boundary: Some(managed("limit")),
        ..Role::new(NAME, trust("ec2.amazonaws.com"), world.tags("role.case"))
    };
    let [one, two] = [(); 2].map(|()| spec.clone());
    let [o3, l1, l2] = [&ours, &limit, &limit].map(String::clone);
    let case = policies(words(Case::new("role.case", spec)), ours.clone())
        .other("name", move |raw, _| async move {
            raw_role(&raw, &one, ["laws-other", "/laws/"], [&l1, &ours]).await
        })
        .other("path", move |raw, id| async move {
            raw_delete(&raw, &id).await;
            raw_role(&raw, &two, [NAME, "/"], [&l2, &o3]).await
        });
    hold(world, vec![case]).await;
}

fn words(case: Case) -> Case {
    case.drift("description", |raw, id| async move {
        let update = raw.iam.update_role().role_name(id).description("another");
        update.max_session_duration(7200).send().await.unwrap();
    })
    .drift("max_session", |raw, id| async move {
        let update = raw.iam.update_role().role_name(id).description("a case");
        update.max_session_duration(3600).send().await.unwrap();
    })
    .drift("trust", |raw, id| async move {
        let open = Document::new(json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]}));
        let update = raw.iam.update_assume_role_policy().role_name(id);
        update.policy_document(open.to_text()).send().await.unwrap();
    })
    .drift("tags.team", |raw, id| async move {
        raw.iam.tag_role().role_name(id).tags(tag("team", "another")).send().await.unwrap();
    })
    .drift("tags.surprise", |raw, id| async move {
        raw.iam.tag_role().role_name(id).tags(tag("surprise", "here")).send().await.unwrap();
    })
    .drift("tags.Name", |raw, id| async move {
        raw.iam.untag_role().role_name(id).tag_keys("Name").send().await.unwrap();
    })
}

fn policies(case: Case, ours: String) -> Case {
    let [o1, o2] = [&ours, &ours].map(String::clone);
    case.drift("policies", |raw, id| async move {
        raw.iam.detach_role_policy().role_name(id).policy_arn(o1).send().await.unwrap();
    })
    .drift("policies", |raw, id| async move {
        let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
        raw.iam.attach_role_policy().role_name(id).policy_arn(arn).send().await.unwrap();
    })
    .drift("inline.one", |raw, id| async move {
        let put = raw.iam.put_role_policy().role_name(id).policy_name("one");
        put.policy_document(allow("iam:*").to_text()).send().await.unwrap();
    })
    .drift("inline.two", |raw, id| async move {
        raw.iam.delete_role_policy().role_name(id).policy_name("two").send().await.unwrap();
    })
    .drift("inline.surprise", |raw, id| async move {
        let put = raw.iam.put_role_policy().role_name(id).policy_name("surprise");
        put.policy_document(allow("iam:*").to_text()).send().await.unwrap();
    })
    .drift("boundary", |raw, id| async move {
        raw.iam.delete_role_permissions_boundary().role_name(id).send().await.unwrap();
    })
    .drift("boundary", |raw, id| async move {
        let put = raw.iam.put_role_permissions_boundary().role_name(id);
        put.permissions_boundary(o2).send().await.unwrap();
    })
}
