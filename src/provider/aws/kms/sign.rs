//! Signatures by keys that never leave the service.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MessageType;
pub use aws_sdk_kms::types::SigningAlgorithmSpec as Algorithm;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::provider::Error;
use crate::provider::aws::presence::must;
use crate::provider::aws::{Aws, Service};

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// It, in base64.
    pub base64: String,
    /// The ARN of the key that made it.
    pub key: String,
}

/// The ARN of a signing key (given by ARN, id or alias) and how it signs; what cosign and openssl can check.
///
/// # Errors
/// The classified error; there is no such key, or it is not one for signatures over SHA-256.
pub async fn signing_key(aws: &Aws, key: &str) -> Result<(String, Algorithm), Error> {
    const NAME: &str = "GetPublicKey";
    let reply =
        aws.read(Service::Kms, NAME, || aws.clients().kms.get_public_key().key_id(key).send()).await?;
    let known = [Algorithm::EcdsaSha256, Algorithm::RsassaPkcs1V15Sha256];
    let algorithm = known.into_iter().find(|known| reply.signing_algorithms().contains(known));
    let algorithm = algorithm.ok_or_else(|| {
        let wanted = "ECDSA_SHA_256 (a key of ECC_NIST_P256) or RSASSA_PKCS1_V1_5_SHA_256";
        Error::local("kms", NAME, format!("the key {key} does not sign by {wanted}"))
    })?;
    Ok((must(reply.key_id, NAME, "key id")?, algorithm))
}

/// Signs a message of 4096 bytes at most.
///
/// # Errors
/// The classified error.
pub async fn sign(aws: &Aws, key: &str, algorithm: &Algorithm, message: &[u8]) -> Result<Signature, Error> {
    const NAME: &str = "Sign";
    let reply = aws
        .converge(Service::Kms, NAME, || {
            let call = aws.clients().kms.sign().key_id(key).signing_algorithm(algorithm.clone());
            call.message_type(MessageType::Raw).message(Blob::new(message)).send()
        })
        .await?;
    let signature = must(reply.signature, NAME, "signature")?;
    Ok(Signature { base64: STANDARD.encode(signature), key: must(reply.key_id, NAME, "key id")? })
}
