//! The values of secrets. They pass through here and are neither kept nor shown: the SDK's types hide them in
//! debug output too.

use std::collections::HashMap;

use crate::model::secretsmanager::{Characters, Generated};
use crate::provider::Error;
use crate::provider::aws::presence::must;
use crate::provider::aws::{Aws, Service};

/// The stage of the version in force.
const CURRENT: &str = "AWSCURRENT";

/// A new value, by the service's own generator, put in force.
///
/// # Errors
/// The classified error.
pub(super) async fn put_new(aws: &Aws, id: &str, rule: Generated) -> Result<(), Error> {
    const NAME: &str = "GetRandomPassword";
    let plain = rule.characters == Characters::Alphanumeric;
    let made = aws
        .read(Service::SecretsManager, NAME, || {
            aws.clients()
                .secretsmanager
                .get_random_password()
                .password_length(i64::from(rule.length))
                .exclude_punctuation(plain)
                .include_space(false)
                .require_each_included_type(true)
                .send()
        })
        .await?;
    let value = must(made.random_password, NAME, "password")?;
    aws.converge(Service::SecretsManager, "PutSecretValue", || {
        aws.clients().secretsmanager.put_secret_value().secret_id(id).secret_string(&value).send()
    })
    .await?;
    Ok(())
}

/// The id of the version in force, of a secret's versions and their stages.
pub(super) fn in_force(versions: Option<&HashMap<String, Vec<String>>>) -> Option<String> {
    let mut versions = versions.into_iter().flatten();
    versions.find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT)).map(|(id, _)| id.clone())
}

/// The id of the version in force; `None` when there is no such secret or it has no value.
///
/// # Errors
/// The classified error.
pub(in crate::provider::aws) async fn current_version(aws: &Aws, id: &str) -> Result<Option<String>, Error> {
    let reply = aws
        .read(Service::SecretsManager, "DescribeSecret", || {
            aws.clients().secretsmanager.describe_secret().secret_id(id).send()
        })
        .await;
    let found = crate::provider::aws::presence::if_there(reply)?;
    Ok(found.and_then(|secret| in_force(secret.version_ids_to_stages.as_ref())))
}

/// The value in force and the id of its version, to be copied to where a program finds it.
///
/// # Errors
/// The classified error.
pub(in crate::provider::aws) async fn read(aws: &Aws, id: &str) -> Result<(String, String), Error> {
    const NAME: &str = "GetSecretValue";
    let reply = aws
        .read(Service::SecretsManager, NAME, || {
            aws.clients().secretsmanager.get_secret_value().secret_id(id).send()
        })
        .await?;
    Ok((must(reply.secret_string, NAME, "text value")?, must(reply.version_id, NAME, "version id")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_force_is_the_current_one() {
        let stages = |stages: &[&str]| stages.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let versions = HashMap::from([
            ("old".to_owned(), stages(&["AWSPREVIOUS"])),
            ("new".to_owned(), stages(&["mine", "AWSCURRENT"])),
        ]);
        assert_eq!(in_force(Some(&versions)).as_deref(), Some("new"));
        assert_eq!(in_force(None), None);
    }
}
