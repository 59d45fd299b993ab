//! Encryption of secrets with a key of one's own. It cannot be taken off again.

use serde_json::json;

use super::cluster::{self, Cluster};
use super::refuse::{TOKEN_MISMATCH, invalid_parameter};
use super::{cluster_config, update};
use crate::services::Outcome;
use crate::services::kms::{Unusable, usable_key};
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// The ARN of the key in an encryption configuration, if there is one.
///
/// # Errors
/// `InvalidParameterException` for anything but secrets, or a key that cannot be used.
pub(super) fn read(call: &Call<'_>, configs: &[Input]) -> Result<Option<String>, Failure> {
    let Some(config) = configs.first() else { return Ok(None) };
    if config.texts("resources") != ["secrets"] {
        return Err(invalid_parameter("resources in encryptionConfig must be [secrets]."));
    }
    let Some(name) = config.get("provider").and_then(|provider| provider.text("keyArn")) else {
        return Err(invalid_parameter("keyArn in encryptionConfig is required."));
    };
    usable_key(call, name).map(Some).map_err(|why| {
        let why = match why {
            Unusable::Missing => "does not exist in this region",
            Unusable::NotEnabled => "is not enabled",
            Unusable::NotSymmetric => "is not a symmetric key",
        };
        invalid_parameter(format!("The KMS key {name} {why}."))
    })
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_AssociateEncryptionConfig.html>
pub(super) fn associate_encryption_config(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("clusterName").to_owned();
    if let Some(id) = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)? {
        return update::replay(call, &name, &id);
    }
    let before = cluster::find(call, &name)?.clone();
    let key = read(call, input.list("encryptionConfig"))?;
    if before.encryption_key.is_some() {
        // In EKS's words: hashicorp/terraform-provider-aws issue 19968.
        return Err(invalid_parameter("Encryption is already enabled on the cluster"));
    }
    let shown = json!([{ "resources": ["secrets"], "provider": { "keyArn": key } }]).to_string();
    let after = Cluster { encryption_key: key, ..before.clone() };
    let change = (after, "AssociateEncryptionConfig", vec![("EncryptionConfig", shown)]);
    let (id, answer) = cluster_config::start(call, &before, change, 600)?;
    call.remember(input, "clientRequestToken", &id);
    Ok(answer.into())
}
