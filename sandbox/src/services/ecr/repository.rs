//! Repositories.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::Repository;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, TagStyle};

/// How ECR spells tags.
const STYLE: TagStyle = TagStyle {
    key: "Key",
    value: "Value",
    invalid: "InvalidTagParameterException",
    too_many: "TooManyTagsException",
};

/// How ECR pages.
pub(super) const RULES: PageRules = PageRules {
    default: Some(100),
    min: 1,
    max: 1000,
    strict: Some("InvalidParameterException"),
    bad_token: "InvalidParameterException",
};

/// The refusal of a repository that does not exist.
pub(super) fn missing(call: &Call<'_>, name: &str) -> Failure {
    let text = format!(
        "The repository with name '{name}' does not exist in the registry with id '{}'",
        call.account
    );
    Failure::new("RepositoryNotFoundException", text)
}

/// The repository that a request names, in the caller's own registry.
///
/// # Errors
/// `RepositoryNotFoundException`; a 501 for another registry.
pub(super) fn find<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Repository, Failure> {
    own_registry(call, input)?;
    let name = input.str("repositoryName");
    call.home().ecr.repositories.get(name).ok_or_else(|| missing(call, name))
}

/// As [`find`], to change it.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, input: &Input) -> Result<&'c mut Repository, Failure> {
    find(call, input)?;
    row(call, input.str("repositoryName"))
}

/// The repository of this name, to change it.
pub(super) fn row<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Repository, Failure> {
    let absent = missing(call, name);
    call.home_mut().ecr.repositories.get_mut(name).ok_or(absent)
}

fn own_registry(call: &Call<'_>, input: &Input) -> Result<(), Failure> {
    let account = call.account.clone();
    input.only("registryId", &account)
}

/// A repository for an answer.
fn show(call: &Call<'_>, name: &str, repository: &Repository) -> Value {
    let host = match call.home().ecr.open {
        true => call.endpoint.trim_start_matches("http://").to_owned(),
        false => format!("{}.dkr.ecr.{}.amazonaws.com", call.account, call.region),
    };
    json!({
        "repositoryArn": repository.arn, "registryId": call.account, "repositoryName": name,
        "repositoryUri": format!("{host}/{name}"),
        "createdAt": repository.created.value(), "imageTagMutability": repository.mutability,
        "imageTagMutabilityExclusionFilters": repository.exclusions,
        "imageScanningConfiguration": { "scanOnPush": repository.scan_on_push },
        "encryptionConfiguration": repository.encryption,
    })
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
pub(super) fn create_repository(call: &mut Call<'_>, input: &Input) -> Outcome {
    own_registry(call, input)?;
    let name = input.str("repositoryName").to_owned();
    let tags = STYLE.read(input.list("tags"))?;
    if call.home().ecr.repositories.contains(&name) {
        let text = format!(
            "The repository with name '{name}' already exists in the registry with id '{}'",
            call.account
        );
        return Err(Failure::new("RepositoryAlreadyExistsException", text));
    }
    let scanning = input.get("imageScanningConfiguration");
    let asked =
        input.tree("encryptionConfiguration").unwrap_or_else(|| json!({ "encryptionType": "AES256" }));
    let mut encryption = asked;
    if encryption["encryptionType"] == "KMS" && encryption.get("kmsKey").is_none() {
        encryption["kmsKey"] = call.arn("kms", "alias/aws/ecr").into();
    }
    let repository = Repository {
        arn: call.arn("ecr", &format!("repository/{name}")),
        mutability: input.text("imageTagMutability").unwrap_or("MUTABLE").to_owned(),
        exclusions: input.tree("imageTagMutabilityExclusionFilters"),
        scan_on_push: scanning.and_then(|scanning| scanning.flag("scanOnPush")).unwrap_or(false),
        encryption,
        tags,
        lifecycle: None,
        policy: None,
        layers: BTreeMap::new(),
        images: BTreeMap::new(),
        seeded: None,
        created: call.now,
    };
    let shown = show(call, &name, &repository);
    call.home_mut().ecr.repositories.insert(&name, repository);
    Ok(json!({ "repository": shown }).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html>
pub(super) fn describe_repositories(call: &mut Call<'_>, input: &Input) -> Outcome {
    own_registry(call, input)?;
    let wanted = input.texts("repositoryNames");
    let repositories = &call.home().ecr.repositories;
    if let Some(absent) = wanted.iter().find(|name| !repositories.contains(name)) {
        return Err(missing(call, absent));
    }
    let rows = repositories
        .iter()
        .filter(|(name, row)| match wanted.is_empty() {
            true => call.visible(row.created),
            false => wanted.iter().any(|wanted| wanted == name),
        })
        .map(|(name, repository)| (name.to_owned(), show(call, name, repository)))
        .collect();
    Ok(call.page(input, RULES, rows)?.into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html>
pub(super) fn delete_repository(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("repositoryName").to_owned();
    let force = input.flag("force") == Some(true);
    let repository = find(call, input)?;
    if !repository.images.is_empty() && !force {
        let text = format!(
            "The repository with name '{name}' in registry with id '{}' cannot be deleted because it still contains images",
            call.account
        );
        return Err(Failure::new("RepositoryNotEmptyException", text));
    }
    let shown = show(call, &name, repository);
    let images = format!("{name}@");
    call.abandon_where(|subject| subject.starts_with(&images));
    let state = &mut call.home_mut().ecr;
    state.repositories.remove(&name);
    state.uploads.retain(|_, upload| upload.repository != name);
    Ok(json!({ "repository": shown }).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html>
pub(super) fn put_image_scanning_configuration(call: &mut Call<'_>, input: &Input) -> Outcome {
    let scanning = input.get("imageScanningConfiguration");
    let on = scanning.and_then(|scanning| scanning.flag("scanOnPush")).unwrap_or(false);
    find_mut(call, input)?.scan_on_push = on;
    Ok(json!({
        "registryId": call.account, "repositoryName": input.str("repositoryName"),
        "imageScanningConfiguration": { "scanOnPush": on },
    })
    .into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html>
pub(super) fn put_image_tag_mutability(call: &mut Call<'_>, input: &Input) -> Outcome {
    let mutability = input.str("imageTagMutability").to_owned();
    let exclusions = input.tree("imageTagMutabilityExclusionFilters");
    let repository = find_mut(call, input)?;
    repository.mutability.clone_from(&mutability);
    repository.exclusions.clone_from(&exclusions);
    Ok(json!({
        "registryId": call.account, "repositoryName": input.str("repositoryName"),
        "imageTagMutability": mutability, "imageTagMutabilityExclusionFilters": exclusions,
    })
    .into())
}

fn by_arn<'c>(call: &'c mut Call<'_>, arn: &str) -> Result<&'c mut Repository, Failure> {
    let name = arn.split_once(":repository/").map_or("", |(_, name)| name).to_owned();
    row(call, &name)
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list_tags_for_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = STYLE.write(&by_arn(call, input.str("resourceArn"))?.tags);
    Ok(json!({ "tags": tags }).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_TagResource.html>
pub(super) fn tag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = STYLE.read(input.list("tags"))?;
    STYLE.merge(&mut by_arn(call, input.str("resourceArn"))?.tags, tags)?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UntagResource.html>
pub(super) fn untag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let keys = input.texts("tagKeys");
    by_arn(call, input.str("resourceArn"))?.tags.retain(|key, _| !keys.contains(key));
    Ok(Answer::empty())
}
