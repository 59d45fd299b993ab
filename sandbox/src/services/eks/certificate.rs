//! A cluster's own certificate authority: a real self-signed certificate on P-256.
//!
//! The key comes from the world's dice and signatures are deterministic (RFC 6979), so the same calls make the same
//! certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::EncodePrivateKey as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    PublicKeyData, SignatureAlgorithm,
};

use super::cluster::Cluster;
use crate::blobs::hex_digest;
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
    let authority = Authority::read(&hex)?;
    let mut parameters = authority_parameters();
    // EKS's authorities are good for ten years.
    let (year, month, day) = date(now);
    parameters.not_before = rcgen::date_time_ymd(year, month, day);
    parameters.not_after = rcgen::date_time_ymd(year + 10, month, day.min(28));
    parameters.serial_number = Some(rcgen::SerialNumber::from(serial));
    let certificate = parameters.self_signed(&authority).map_err(Failure::internal)?;
    Ok((certificate.pem(), hex))
}

impl Authority {
    /// The key pair of a private key in hexadecimal.
    fn read(hex: &str) -> Result<Self, Failure> {
        let bytes: Vec<u8> = hex
            .as_bytes()
            .chunks(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let key = SigningKey::from_slice(&bytes).map_err(Failure::internal)?;
        let public = VerifyingKey::from(&key).to_sec1_point(false).as_bytes().to_vec();
        Ok(Self { key, public })
    }
}

fn authority_parameters() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, "kubernetes");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyCertSign,
    ];
    parameters
}

/// The certificate of the cluster's API server on loopback, signed by the cluster's authority, and its private key
/// in PKCS #8, both in DER. The key is made from the authority's own, so it is the same after a restart.
///
/// # Errors
/// An internal failure when one of them cannot be written.
pub(crate) fn server_certificate(cluster: &Cluster, now: Time) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let authority = Authority::read(&cluster.certificate_key)?;
    let server = Authority::read(&hex_digest(format!("server {}", cluster.certificate_key).as_bytes()))?;
    let names = ["127.0.0.1", "localhost"].map(str::to_owned).to_vec();
    let mut parameters = CertificateParams::new(names).map_err(Failure::internal)?;
    parameters.distinguished_name.push(DnType::CommonName, "kube-apiserver");
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let (year, ..) = date(now);
    parameters.not_before = rcgen::date_time_ymd(year - 1, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(year + 10, 1, 1);
    parameters.serial_number = Some(rcgen::SerialNumber::from(2_u64));
    let issuer = Issuer::new(authority_parameters(), authority);
    let certificate = parameters.signed_by(&server, &issuer).map_err(Failure::internal)?;
    let key = server.key.to_pkcs8_der().map_err(Failure::internal)?;
    Ok((certificate.der().to_vec(), key.as_bytes().to_vec()))
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
