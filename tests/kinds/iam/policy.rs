//! Managed policies of our own.

use platctl::model::iam::Policy;

use super::{allow, sdk_tags, tag};
use crate::law::{Case, hold};
use crate::world::{Raw, World};

const NAME: &str = "laws-case";

async fn raw_policy(raw: &Raw, case: &Policy, name: &str, path: &str, description: &str) -> String {
    let create = raw.iam.create_policy().policy_name(name).path(path).description(description);
    let create = create.policy_document(case.document.to_text()).set_tags(Some(sdk_tags(&case.tags)));
    create.send().await.unwrap().policy.unwrap().arn.unwrap()
}

/// Takes a policy away with its older versions.
async fn raw_delete(raw: &Raw, arn: &str) {
    let listed = raw.iam.list_policy_versions().policy_arn(arn).send().await.unwrap();
    for version in listed.versions().iter().filter(|version| !version.is_default_version) {
        let delete = raw.iam.delete_policy_version().policy_arn(arn);
        delete.version_id(version.version_id().unwrap()).send().await.unwrap();
    }
    raw.iam.delete_policy().policy_arn(arn).send().await.unwrap();
}

pub(super) async fn policy(world: &mut World) {
    let spec = Policy {
        name: NAME.to_owned(),
        path: "/laws/".to_owned(),
        description: "a case".to_owned(),
        document: allow("s3:GetObject"),
        tags: world.tags("policy.case"),
    };
    let [one, two, three] = [(); 3].map(|()| spec.clone());
    let mut case = Case::new("policy.case", spec);
    // There is room for five versions: healing goes on when it is full.
    for number in 0..6 {
        case = case.drift("document", move |raw, id| async move {
            let document = allow(&format!("s3:Action{number}")).to_text();
            let listed = raw.iam.list_policy_versions().policy_arn(&id).send().await.unwrap();
            let mut old = listed.versions().iter().filter(|version| !version.is_default_version);
            if let Some(oldest) = old.next_back().filter(|_| listed.versions().len() >= 5) {
                let delete = raw.iam.delete_policy_version().policy_arn(&id);
                delete.version_id(oldest.version_id().unwrap()).send().await.unwrap();
            }
            let create = raw.iam.create_policy_version().policy_arn(id).policy_document(document);
            create.set_as_default(true).send().await.unwrap();
        });
    }
    let case = case
        .drift("tags.team", |raw, id| async move {
            raw.iam.tag_policy().policy_arn(id).tags(tag("team", "another")).send().await.unwrap();
        })
        .drift("tags.surprise", |raw, id| async move {
            raw.iam.tag_policy().policy_arn(id).tags(tag("surprise", "here")).send().await.unwrap();
        })
        .drift("tags.Name", |raw, id| async move {
            raw.iam.untag_policy().policy_arn(id).tag_keys("Name").send().await.unwrap();
        })
        .other(
            "name",
            move |raw, _| async move { raw_policy(&raw, &one, "laws-other", "/laws/", "a case").await },
        )
        .other("path", move |raw, id| async move {
            raw_delete(&raw, &id).await;
            raw_policy(&raw, &two, NAME, "/", "a case").await
        })
        .other("description", move |raw, id| async move {
            raw_delete(&raw, &id).await;
            raw_policy(&raw, &three, NAME, "/laws/", "another").await
        });
    hold(world, vec![case]).await;
}
