//! Encryption with AES-256-GCM.
//!
//! A ciphertext is the id of its key, the nonce, and what the cipher gives; the encryption context is bound to it.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::lookup::{key, require_enabled, resolve, resolve_or_make};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

const KEY_ID: usize = 36;
const NONCE: usize = 12;

/// Bytes from hexadecimal digits.
pub(super) fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn context(input: &Input) -> Vec<u8> {
    // Pairs in the order of their keys: the same context always gives the same bytes.
    json!(input.pairs("EncryptionContext")).to_string().into_bytes()
}

fn cipher(call: &Call<'_>, id: &str) -> Result<Aes256Gcm, Failure> {
    let found = key(call, id)?;
    require_enabled(call, id)?;
    if !found.spec.encrypts() {
        let text = format!(
            "{} key usage is {}, which is not valid for this operation.",
            call.arn("kms", &format!("key/{id}")),
            found.spec.usage()
        );
        return Err(Failure::new("InvalidKeyUsageException", text));
    }
    Aes256Gcm::new_from_slice(&bytes_of(&found.material)).map_err(Failure::internal)
}

fn seal(call: &mut Call<'_>, id: &str, plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, Failure> {
    let cipher = cipher(call, id)?;
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&bytes_of(&call.world_mut().dice.hex(2 * NONCE)));
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad })
        .map_err(|_| Failure::internal("the cipher refused a small message"))?;
    Ok([id.as_bytes(), &nonce, &sealed].concat())
}

fn base64(bytes: &[u8]) -> Value {
    STANDARD.encode(bytes).into()
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
pub(super) fn encrypt(call: &mut Call<'_>, input: &Input) -> Outcome {
    input.only("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")?;
    let _ = input.tree("GrantTokens");
    let id = resolve_or_make(call, input.str("KeyId"))?;
    let plain = input.blob("Plaintext").cloned().unwrap_or_default();
    let sealed = seal(call, &id, &plain, &context(input))?;
    Ok(json!({
        "CiphertextBlob": base64(&sealed), "KeyId": call.arn("kms", &format!("key/{id}")),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    })
    .into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
pub(super) fn decrypt(call: &mut Call<'_>, input: &Input) -> Outcome {
    input.only("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")?;
    let _ = input.tree("GrantTokens");
    let invalid = || Failure::new("InvalidCiphertextException", "");
    let sealed = input.blob("CiphertextBlob").cloned().unwrap_or_default();
    let (id, rest) = sealed.split_at_checked(KEY_ID).ok_or_else(invalid)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or_else(invalid)?;
    let id = std::str::from_utf8(id).map_err(|_| invalid())?.to_owned();
    if let Some(name) = input.text("KeyId")
        && resolve(call, name)? != id
    {
        let text = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(Failure::new("IncorrectKeyException", text));
    }
    if call.home().kms.key(&id, call.now).is_none() {
        return Err(invalid());
    }
    let payload = Payload { msg: body, aad: &context(input) };
    let plain = cipher(call, &id)?.decrypt(&Nonce::from(*nonce), payload).map_err(|_| invalid())?;
    Ok(json!({
        "Plaintext": base64(&plain), "KeyId": call.arn("kms", &format!("key/{id}")),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    })
    .into())
}

fn data_key(call: &mut Call<'_>, input: &Input) -> Result<(Value, Vec<u8>), Failure> {
    let _ = input.tree("GrantTokens");
    let length = match (input.text("KeySpec"), input.integer("NumberOfBytes")) {
        (Some("AES_128"), None) => 16,
        (Some(_), None) => 32,
        (None, Some(bytes)) => usize::try_from(bytes).unwrap_or(0),
        _ => {
            let text = "Please specify either number of bytes or key spec.";
            return Err(Failure::new("ValidationException", text));
        }
    };
    let id = resolve_or_make(call, input.str("KeyId"))?;
    let plain = bytes_of(&call.world_mut().dice.hex(2 * length));
    let sealed = seal(call, &id, &plain, &context(input))?;
    let answer = json!({ "CiphertextBlob": base64(&sealed), "KeyId": call.arn("kms", &format!("key/{id}")) });
    Ok((answer, plain))
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
pub(super) fn generate_data_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (mut answer, plain) = data_key(call, input)?;
    answer["Plaintext"] = base64(&plain);
    Ok(answer.into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html>
pub(super) fn generate_data_key_without_plaintext(call: &mut Call<'_>, input: &Input) -> Outcome {
    Ok(data_key(call, input)?.0.into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html>
pub(super) fn generate_random(call: &mut Call<'_>, input: &Input) -> Outcome {
    let Some(length) = input.integer("NumberOfBytes").and_then(|bytes| usize::try_from(bytes).ok()) else {
        return Err(Failure::new("ValidationException", "NumberOfBytes is required."));
    };
    let bytes = bytes_of(&call.world_mut().dice.hex(2 * length));
    Ok(json!({ "Plaintext": base64(&bytes) }).into())
}
