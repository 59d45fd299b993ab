//! Signatures with ECDSA on P-256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::EncodePublicKey as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::lookup::{key, require_enabled, resolve};
use super::symmetric::bytes_of;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

fn signing_key(call: &Call<'_>, id: &str) -> Result<SigningKey, Failure> {
    let found = key(call, id)?;
    if found.spec.encrypts() {
        let text = format!(
            "{} key usage is {}, which is not valid for this operation.",
            call.arn("kms", &format!("key/{id}")),
            found.spec.usage()
        );
        return Err(Failure::new("InvalidKeyUsageException", text));
    }
    // A scalar beyond the order of the curve is as unlikely as guessing the key.
    SigningKey::from_slice(&bytes_of(&found.material)).map_err(Failure::internal)
}

fn digest(input: &Input) -> Result<Vec<u8>, Failure> {
    let message = input.blob("Message").cloned().unwrap_or_default();
    match input.text("MessageType").unwrap_or("RAW") {
        "RAW" => Ok(Sha256::digest(&message).to_vec()),
        "DIGEST" if message.len() == 32 => Ok(message.to_vec()),
        "DIGEST" => {
            let text = "Digest is invalid length for algorithm ECDSA_SHA_256.";
            Err(Failure::new("ValidationException", text))
        }
        other => Err(Failure::unmodelled(format!("MessageType = {other}"))),
    }
}

fn check_algorithm(input: &Input) -> Result<(), Failure> {
    match input.str("SigningAlgorithm") {
        "ECDSA_SHA_256" => Ok(()),
        other => {
            let text = format!("Algorithm {other} and key spec ECC_NIST_P256 are incompatible.");
            Err(Failure::new("InvalidKeyUsageException", text))
        }
    }
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
pub(super) fn sign(call: &mut Call<'_>, input: &Input) -> Outcome {
    let _ = input.tree("GrantTokens");
    let id = resolve(call, input.str("KeyId"))?;
    require_enabled(call, &id)?;
    let key = signing_key(call, &id)?;
    check_algorithm(input)?;
    let signature: Signature = key.sign_prehash(&digest(input)?).map_err(Failure::internal)?;
    Ok(json!({
        "KeyId": call.arn("kms", &format!("key/{id}")), "SigningAlgorithm": "ECDSA_SHA_256",
        "Signature": STANDARD.encode(signature.to_der().as_bytes()),
    })
    .into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html>
pub(super) fn verify(call: &mut Call<'_>, input: &Input) -> Outcome {
    let _ = input.tree("GrantTokens");
    let id = resolve(call, input.str("KeyId"))?;
    require_enabled(call, &id)?;
    let key = VerifyingKey::from(&signing_key(call, &id)?);
    check_algorithm(input)?;
    let sent = input.blob("Signature").cloned().unwrap_or_default();
    let valid = Signature::from_der(&sent).is_ok_and(|signature| {
        digest(input).is_ok_and(|digest| key.verify_prehash(&digest, &signature).is_ok())
    });
    digest(input)?;
    if !valid {
        return Err(Failure::new("KMSInvalidSignatureException", ""));
    }
    Ok(json!({
        "KeyId": call.arn("kms", &format!("key/{id}")), "SigningAlgorithm": "ECDSA_SHA_256",
        "SignatureValid": true,
    })
    .into())
}

/// The public half in DER, as a SubjectPublicKeyInfo.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html>
pub(super) fn get_public_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    let _ = input.tree("GrantTokens");
    let id = resolve(call, input.str("KeyId"))?;
    require_enabled(call, &id)?;
    if key(call, &id)?.spec.encrypts() {
        let text = format!("{} is a symmetric key.", call.arn("kms", &format!("key/{id}")));
        return Err(Failure::new("UnsupportedOperationException", text));
    }
    let public =
        VerifyingKey::from(&signing_key(call, &id)?).to_public_key_der().map_err(Failure::internal)?;
    Ok(json!({
        "KeyId": call.arn("kms", &format!("key/{id}")), "PublicKey": STANDARD.encode(public.as_bytes()),
        "CustomerMasterKeySpec": "ECC_NIST_P256", "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY",
        "SigningAlgorithms": ["ECDSA_SHA_256"],
    })
    .into())
}
