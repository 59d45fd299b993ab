//! Images: things that never change, one after the other.

use std::collections::BTreeMap;

use platctl::model::ecr::{Image, ImageEncryption, Repository};
use platctl::model::{Action, Attribute, Desired, Effect, Origin, Spec};
use platctl::plan::{Purpose, Reason};
use platctl::provider::Class;
use platctl::provider::fake::{Fake, Fault};

use crate::support::{Disk, address, planned, reference, tags, verb, world};

const AT: &str = "image.app";

/// A repository and its image, made from one file of this content; `digest` is known once it is built.
fn shop(content: &str, digest: Option<&str>) -> Desired {
    let repository = Repository {
        name: "dev/app".to_owned(),
        scan_on_push: true,
        immutable_tags: true,
        encryption: ImageEncryption::Service,
        lifecycle: None,
        policy: None,
        force_delete: true,
        tags: tags(&address("repository.app")),
    };
    let sources = BTreeMap::from([("src/main.rs".to_owned(), content.to_owned())]);
    let image = Image { repository: reference("app"), digest: digest.map(str::to_owned), sources };
    let resources =
        BTreeMap::from([(address("repository.app"), repository.into()), (address(AT), image.into())]);
    Desired { environment: "dev".to_owned(), protect: true, resources }
}

async fn standing() -> (Fake, Disk) {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    let outcome = verb(&fake, &mut disk, &shop("1", Some("sha256:1")), Purpose::Up).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    (fake, disk)
}

#[tokio::test]
async fn what_is_made_from_the_same_sources_stands_whether_it_is_built_again_or_not() {
    let (fake, disk) = standing().await;
    for digest in [None, Some("sha256:1")] {
        let plan = planned(&fake, &disk.load(), &shop("1", digest), Purpose::Up).await.unwrap();
        assert!(plan.is_empty(), "{:?}", plan.steps);
    }
    // Its sources are told by the record where the registry does not tell them.
    assert!(fake.meddle(&address(AT), |spec| match spec {
        Spec::Image(image) => image.sources.clear(),
        other => panic!("{other:?}"),
    }));
    assert!(planned(&fake, &disk.load(), &shop("1", None), Purpose::Up).await.unwrap().is_empty());
    let plan = planned(&fake, &disk.load(), &shop("2", None), Purpose::Up).await.unwrap();
    assert_eq!(plan.steps[0].changes[0].change.field, "sources.src/main.rs");
}

#[tokio::test]
async fn other_sources_make_another_image_and_the_old_one_stays() {
    let (fake, mut disk) = standing().await;
    // Not built yet: that much is known without a compiler. And nothing is removed, so protection is no obstacle.
    let plan = planned(&fake, &disk.load(), &shop("2", None), Purpose::Up).await.unwrap();
    let step = &plan.steps[0];
    assert_eq!((plan.steps.len(), step.action, &step.reason), (1, Action::Create, &Reason::Differs));
    let changes: Vec<_> =
        step.changes.iter().map(|c| (c.change.field.as_str(), c.change.effect, c.origin)).collect();
    assert_eq!(changes, [("sources.src/main.rs", Effect::Anew, Origin::Configuration)]);

    let outcome = verb(&fake, &mut disk, &shop("2", Some("sha256:2")), Purpose::Up).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    let digests: Vec<_> = fake.inventory()[&address(AT)]
        .iter()
        .map(|spec| match spec {
            Spec::Image(image) => image.digest.clone().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(digests, ["sha256:1", "sha256:2"]);
    assert!(planned(&fake, &disk.load(), &shop("2", None), Purpose::Up).await.unwrap().is_empty());
    // Back to the old sources: what is there is found again, and nothing is made.
    let made = fake.calls().len();
    let outcome = verb(&fake, &mut disk, &shop("1", Some("sha256:1")), Purpose::Up).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert_eq!(fake.calls().len() - made, 1, "the push, which sends nothing");
    assert_eq!(fake.inventory()[&address(AT)].len(), 2);
}

#[tokio::test]
async fn other_sources_of_the_same_bytes_are_no_new_image() {
    let (fake, mut disk) = standing().await;
    let id = disk.load().record(&address(AT)).unwrap().id.clone();
    let outcome = verb(&fake, &mut disk, &shop("2", Some("sha256:1")), Purpose::Up).await.unwrap();
    assert_eq!(outcome.plan.steps[0].action, Action::Update);
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    let state = disk.load();
    let record = state.record(&address(AT)).unwrap();
    assert_eq!(record.id, id);
    assert!(record.outputs.as_ref().unwrap().attribute(Attribute::Digest).is_some());
    assert_eq!(fake.inventory(), world(&shop("2", Some("sha256:1"))));
}

#[tokio::test]
async fn a_push_that_failed_is_made_again_and_what_vanished_too() {
    let (fake, mut disk) = standing().await;
    let new = shop("2", Some("sha256:2"));
    for fault in [Fault::Refuse(Class::Unavailable), Fault::LoseAnswer, Fault::LoseCall] {
        fake.script(move |_, call| if call.verb == "create" { fault } else { Fault::None });
        verb(&fake, &mut disk, &new, Purpose::Up).await.unwrap();
    }
    fake.script(|_, _| Fault::None);
    let outcome = verb(&fake, &mut disk, &new, Purpose::Up).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert_eq!(fake.inventory()[&address(AT)].len(), 2, "each once");
    fake.remove(&address(AT));
    let plan = planned(&fake, &disk.load(), &new, Purpose::Up).await.unwrap();
    assert_eq!((plan.steps[0].action, &plan.steps[0].reason), (Action::Create, &Reason::Vanished));
}

#[tokio::test]
async fn images_go_with_their_repository_and_are_forgotten_before() {
    let (fake, mut disk) = standing().await;
    let mut desired = shop("1", None);
    desired.protect = false;
    let outcome = verb(&fake, &mut disk, &desired, Purpose::Destroy).await.unwrap();
    let steps: Vec<_> = outcome.plan.steps.iter().map(|s| (s.address.to_string(), s.action)).collect();
    assert_eq!(steps, [(AT.to_owned(), Action::Forget), ("repository.app".to_owned(), Action::Delete)]);
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert!(fake.inventory().is_empty());
    // A service that is built no longer: its images stay for whoever runs them.
    let (fake, mut disk) = standing().await;
    let mut desired = shop("1", None);
    desired.resources.remove(&address(AT));
    let outcome = verb(&fake, &mut disk, &desired, Purpose::Up).await.unwrap();
    assert_eq!(outcome.plan.steps[0].action, Action::Forget);
    assert!(outcome.report.is_complete() && fake.inventory().contains_key(&address(AT)));
}

#[tokio::test]
async fn how_it_is_deleted_is_told_by_the_configuration_though_that_is_no_change() {
    let (fake, mut disk) = standing().await;
    let mut desired = shop("1", None);
    desired.protect = false;
    match desired.resources.get_mut(&address("repository.app")) {
        Some(Spec::Repository(repository)) => repository.force_delete = false,
        other => panic!("{other:?}"),
    }
    assert!(planned(&fake, &disk.load(), &desired, Purpose::Up).await.unwrap().is_empty());
    let outcome = verb(&fake, &mut disk, &desired, Purpose::Destroy).await.unwrap();
    let deleted = outcome.plan.steps.iter().find(|step| step.action == Action::Delete).unwrap();
    assert!(matches!(&deleted.spec, Spec::Repository(repository) if !repository.force_delete));
}
