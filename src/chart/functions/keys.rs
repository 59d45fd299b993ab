//! Private keys: RSA, DSA, ECDSA and Ed25519, in the PEM forms that Sprig writes and reads.

use std::convert::Infallible;

use dsa::{Components, KeySize};
use num_bigint::BigUint;
use p256::ecdsa::signature::Signer;
use p256::elliptic_curve::sec1::ToSec1Point;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;

use super::der::{self, bits, identifier, integer, pem, read_pem, sequence};
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::host::Host;
use crate::chart::template::{Execution, Object};

pub(super) const FUNCTIONS: &[Function] =
    &[Function::engine("genPrivateKey", &[Type::Text], generate_private_key).costing(20_000)];

/// The host's randomness for the cryptographic crates.
pub(super) struct HostRandom<'h>(pub(super) &'h dyn Host);

impl TryRng for HostRandom<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill_random(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill_random(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_random(bytes);
        Ok(())
    }
}

impl TryCryptoRng for HostRandom<'_> {}

/// A private key that may sign certificates.
pub(super) enum PrivateKey {
    Rsa(Box<rsa::PrivateKey>),
    Ecdsa(p256::SecretKey),
    Ed25519(ed25519_dalek::SigningKey),
    /// Kept as read: Go cannot sign certificates with it.
    Dsa(Vec<u8>),
}

const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];

fn generate_private_key(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let kind = a.text(0);
    let kind = kind.lossy();
    if matches!(&*kind, "" | "rsa" | "dsa") {
        execution.meter().step(1_000_000)?;
    }
    let host = execution.host();
    let key = match &*kind {
        "" | "rsa" => PrivateKey::generate_rsa(host, 4096),
        "dsa" => generate_dsa(host),
        "ecdsa" => Ok(PrivateKey::Ecdsa(generate_ecdsa(host))),
        "ed25519" => {
            let mut seed = [0; 32];
            host.fill_random(&mut seed);
            Ok(PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)))
        }
        _ => return Ok(format!("Unknown type {kind}").into()),
    };
    Ok(match key.and_then(|key| key.pem()) {
        Ok(pem) => pem.into(),
        Err(error) => format!("failed to generate private key: {error}").into(),
    })
}

fn generate_ecdsa(host: &dyn Host) -> p256::SecretKey {
    loop {
        // Only about one in 2^32 random numbers is no key of this curve.
        let mut bytes = [0; 32];
        host.fill_random(&mut bytes);
        if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
            return key;
        }
    }
}

/// A DSA key in the form of OpenSSL: version, p, q, g, public and private number.
fn generate_dsa(host: &dyn Host) -> Result<PrivateKey, String> {
    let Ok(components) =
        Components::try_generate_from_rng_with_key_size(&mut HostRandom(host), KeySize::DSA_2048_256);
    let [p, q, g] = [
        BigUint::from_bytes_be(&components.p().to_be_bytes()),
        BigUint::from_bytes_be(&components.q().to_be_bytes()),
        BigUint::from_bytes_be(&components.g().to_be_bytes()),
    ];
    let mut bytes = [0; 40];
    host.fill_random(&mut bytes);
    let x = BigUint::from_bytes_be(&bytes) % (&q - 1_u32) + 1_u32;
    let y = g.modpow(&x, &p);
    let numbers: Vec<Vec<u8>> =
        [BigUint::from(0_u32), p, q, g, y, x].iter().map(|n| integer(&n.to_bytes_be())).collect();
    Ok(PrivateKey::Dsa(der::value(der::SEQUENCE, &numbers.concat())))
}

impl PrivateKey {
    /// A new RSA key.
    pub(super) fn generate_rsa(host: &dyn Host, bits: usize) -> Result<Self, String> {
        let key = rsa::PrivateKey::new(&mut HostRandom(host), bits);
        key.map(|key| Self::Rsa(Box::new(key))).map_err(|error| format!("error generating rsa key: {error}"))
    }

    /// Reads the first PEM block of a text.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (label, data) = read_pem(text).ok_or("no PEM data in input")?;
        match label.as_str() {
            "PRIVATE KEY" => Self::read_pkcs8(&data).map_err(|why| format!("decoding PEM as PKCS#8: {why}")),
            "RSA PRIVATE KEY" => rsa::PrivateKey::from_pkcs1_der(&data)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|error| format!("parsing RSA private key from PEM: {error}")),
            "EC PRIVATE KEY" => p256::SecretKey::from_sec1_der(&data)
                .map(Self::Ecdsa)
                .map_err(|error| format!("parsing EC private key from PEM: {error}")),
            "DSA PRIVATE KEY" if data.first() == Some(&der::SEQUENCE) => Ok(Self::Dsa(data)),
            "DSA PRIVATE KEY" => Err("parsing DSA private key from PEM: asn1: structure error".to_owned()),
            _ => match label.strip_suffix(" PRIVATE KEY") {
                Some(kind) => Err(format!("invalid private key type {kind}")),
                None => Err(format!("no private key data in PEM block of type {label}")),
            },
        }
    }

    fn read_pkcs8(data: &[u8]) -> Result<Self, String> {
        let info = PrivateKeyInfoRef::try_from(data).map_err(|error| error.to_string())?;
        if info.algorithm.oid.as_bytes() == ED25519 {
            let seed = info.private_key.as_bytes().last_chunk::<32>().ok_or("invalid Ed25519 private key")?;
            return Ok(Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)));
        }
        if info.algorithm.oid.as_bytes() == EC_PUBLIC_KEY {
            return p256::SecretKey::from_pkcs8_der(data).map(Self::Ecdsa).map_err(|error| error.to_string());
        }
        let key = rsa::PrivateKey::from_pkcs8_der(data).map_err(|error| error.to_string())?;
        Ok(Self::Rsa(Box::new(key)))
    }

    /// The PEM form: PKCS#1 for RSA, SEC 1 for ECDSA, PKCS#8 for Ed25519.
    pub(super) fn pem(&self) -> Result<String, String> {
        Ok(match self {
            Self::Rsa(key) => {
                let der = key.to_pkcs1_der().map_err(|error| error.to_string())?;
                pem("RSA PRIVATE KEY", der.as_bytes())
            }
            Self::Ecdsa(key) => {
                let point = key.public_key().to_sec1_point(false);
                let der = sequence(&[
                    &integer(&[1]),
                    &der::value(der::OCTET_STRING, &key.to_bytes()),
                    &der::value(0xa0, &identifier(P256)),
                    &der::value(0xa1, &bits(point.as_bytes())),
                ]);
                pem("EC PRIVATE KEY", &der)
            }
            Self::Ed25519(key) => {
                let seed = der::value(der::OCTET_STRING, key.as_bytes());
                let algorithm = sequence(&[&identifier(ED25519)]);
                pem(
                    "PRIVATE KEY",
                    &sequence(&[&integer(&[0]), &algorithm, &der::value(der::OCTET_STRING, &seed)]),
                )
            }
            Self::Dsa(data) => pem("DSA PRIVATE KEY", data),
        })
    }

    /// The public key as certificates hold it.
    pub(super) fn public_key(&self) -> Result<Vec<u8>, String> {
        Ok(match self {
            Self::Rsa(key) => {
                let document = key.to_public_key().to_public_key_der().map_err(|error| error.to_string())?;
                document.as_bytes().to_vec()
            }
            Self::Ecdsa(key) => {
                let point = key.public_key().to_sec1_point(false);
                let algorithm = sequence(&[&identifier(EC_PUBLIC_KEY), &identifier(P256)]);
                sequence(&[&algorithm, &bits(point.as_bytes())])
            }
            Self::Ed25519(key) => {
                sequence(&[&sequence(&[&identifier(ED25519)]), &bits(key.verifying_key().as_bytes())])
            }
            Self::Dsa(_) => return Err(only_supported()),
        })
    }

    /// The algorithm that this key signs certificates with.
    pub(super) fn algorithm(&self) -> Result<Vec<u8>, String> {
        Ok(match self {
            Self::Rsa(_) => sequence(&[&identifier(SHA256_WITH_RSA), &[5, 0]]),
            Self::Ecdsa(_) => sequence(&[&identifier(ECDSA_WITH_SHA256)]),
            Self::Ed25519(_) => sequence(&[&identifier(ED25519)]),
            Self::Dsa(_) => return Err(only_supported()),
        })
    }

    /// The signature of a message.
    pub(super) fn sign(&self, host: &dyn Host, message: &[u8]) -> Result<Vec<u8>, String> {
        Ok(match self {
            Self::Rsa(key) => {
                let signed = key.pkcs1v15_sign_with_rng::<Sha256, _>(&mut HostRandom(host), message);
                signed.map_err(|error| error.to_string())?
            }
            Self::Ecdsa(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(key).sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::Ed25519(key) => ed25519_dalek::Signer::sign(key, message).to_bytes().to_vec(),
            Self::Dsa(_) => return Err(only_supported()),
        })
    }
}

fn only_supported() -> String {
    "x509: only RSA, ECDSA and Ed25519 keys supported".to_owned()
}
