//! Everything about many roles or policies at once: GetAccountAuthorizationDetails.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, RoleDetail};

use crate::provider::Error;
use crate::provider::aws::{Aws, Service};

/// Items a page; IAM may give fewer.
const PAGE: i32 = 1000;

/// The account's roles, by name.
///
/// # Errors
/// The classified error.
pub(super) async fn roles(aws: &Aws) -> Result<BTreeMap<String, RoleDetail>, Error> {
    let mut found = BTreeMap::new();
    let mut marker = None;
    loop {
        let page = details(aws, EntityType::Role, marker).await?;
        for role in page.role_detail_list.into_iter().flatten() {
            found.insert(role.role_name.clone().unwrap_or_default(), role);
        }
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// The account's own managed policies, by ARN.
///
/// # Errors
/// The classified error.
pub(super) async fn policies(aws: &Aws) -> Result<BTreeMap<String, ManagedPolicyDetail>, Error> {
    let mut found = BTreeMap::new();
    let mut marker = None;
    loop {
        let page = details(aws, EntityType::LocalManagedPolicy, marker).await?;
        for policy in page.policies.into_iter().flatten() {
            found.insert(policy.arn.clone().unwrap_or_default(), policy);
        }
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

type Details =
    aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;

async fn details(aws: &Aws, what: EntityType, marker: Option<String>) -> Result<Details, Error> {
    aws.read(Service::Iam, "GetAccountAuthorizationDetails", || {
        aws.clients()
            .iam
            .get_account_authorization_details()
            .filter(what.clone())
            .max_items(PAGE)
            .set_marker(marker.clone())
            .send()
    })
    .await
}
