//! The names that keys have.

use crate::provider::aws::manage::gone_is_fine;
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

/// How every alias starts.
pub(super) const PREFIX: &str = "alias/";

/// The aliases of a key, without the prefix.
///
/// # Errors
/// The classified error.
pub(super) async fn of(aws: &Aws, key: &str) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = aws
            .read(Service::Kms, "ListAliases", || {
                aws.clients().kms.list_aliases().key_id(key).set_marker(marker.clone()).send()
            })
            .await?;
        found.extend(page.aliases.into_iter().flatten().filter_map(|alias| {
            alias.alias_name.and_then(|name| name.strip_prefix(PREFIX).map(str::to_owned))
        }));
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// Of a key's aliases the one that stands for the key: the wanted one, or else one of the environment's.
pub(super) fn main(aws: &Aws, found: &[String], wanted: Option<&str>) -> Option<String> {
    let ours = |alias: &&String| alias.starts_with(aws.environment());
    found.iter().find(|alias| Some(alias.as_str()) == wanted).or_else(|| found.iter().find(ours)).cloned()
}

/// Points an alias at a key. One of ours that points at another key, such as one that is being deleted, is
/// taken over.
///
/// # Errors
/// The classified error; a conflict when the alias is somebody else's.
pub(super) async fn point(aws: &Aws, alias: &str, key: &str) -> Result<(), Error> {
    let name = format!("{PREFIX}{alias}");
    let created = aws
        .converge(Service::Kms, "CreateAlias", || {
            aws.clients().kms.create_alias().alias_name(&name).target_key_id(key).send()
        })
        .await;
    match created {
        Err(error) if error.class == Class::Conflict && alias.starts_with(aws.environment()) => {
            aws.converge(Service::Kms, "UpdateAlias", || {
                aws.clients().kms.update_alias().alias_name(&name).target_key_id(key).send()
            })
            .await?;
            Ok(())
        }
        other => other.map(|_| ()),
    }
}

/// Takes an alias away.
///
/// # Errors
/// The classified error.
pub(super) async fn delete(aws: &Aws, alias: &str) -> Result<(), Error> {
    let name = format!("{PREFIX}{alias}");
    gone_is_fine(
        aws.remove(Service::Kms, "DeleteAlias", || aws.clients().kms.delete_alias().alias_name(&name).send())
            .await,
    )
}
