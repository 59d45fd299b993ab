//! A cluster's own certificate authority: a real self-signed certificate on P-256.
//!
//! The key comes from the world's dice and signatures are deterministic (RFC 6979), so the same calls make the same
//! certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, KeyUsagePurpose, PublicKeyData, SignatureAlgorithm,
};

use crate::clock::Time;
use crate::wire::failure::Failure;
use crate::world::Call;

struct Authority {
    key: SigningKey,
    public: Vec<u8>,
}

impl PublicKeyData for Authority {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Authority {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: Signature = self.key.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

/// A new authority: its certificate in PEM and its private key in hexadecimal.
///
/// # Errors
/// An internal failure when the certificate cannot be written.
pub(super) fn make(call: &mut Call<'_>) -> Result<(String, String), Failure> {
    let now = call.now;
    let dice = &mut call.world_mut().dice;
    let (hex, serial) = (dice.hex(64), dice.roll());
    let bytes: Vec<u8> = hex
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let key = SigningKey::from_slice(&bytes).map_err(Failure::internal)?;
    let public = VerifyingKey::from(&key).to_sec1_point(false).as_bytes().to_vec();
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, "kubernetes");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyCertSign,
    ];
    // EKS's authorities are good for ten years.
    let (year, month, day) = date(now);
    parameters.not_before = rcgen::date_time_ymd(year, month, day);
    parameters.not_after = rcgen::date_time_ymd(year + 10, month, day.min(28));
    parameters.serial_number = Some(rcgen::SerialNumber::from(serial));
    let certificate = parameters.self_signed(&Authority { key, public }).map_err(Failure::internal)?;
    Ok((certificate.pem(), hex))
}

fn date(now: Time) -> (i32, u8, u8) {
    let part = |pattern: &str| now.format(pattern).parse::<i32>().unwrap_or(1);
    let small = |pattern: &str| u8::try_from(part(pattern)).unwrap_or(1);
    (part("%Y"), small("%m"), small("%d"))
}

/// The certificate as EKS answers it: PEM in base64.
pub(super) fn encoded(pem: &str) -> String {
    STANDARD.encode(pem)
}
