//! Sums, password hashes, derived passwords and encryption.

use aes::Aes256;
use cbc::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use scrypt::{Params, scrypt};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::encoding::{decode64, encode64};
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Execution, Object, Text};

use Type::{Text as Str, Uint32};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("sha1sum", &[Str], |a| Ok(hexadecimal(&Sha1::digest(a.text(0).as_bytes())).into())),
    Function::pure("sha256sum", &[Str], |a| Ok(hexadecimal(&Sha256::digest(a.text(0).as_bytes())).into())),
    Function::pure("sha512sum", &[Str], |a| Ok(hexadecimal(&Sha512::digest(a.text(0).as_bytes())).into())),
    Function::pure("adler32sum", &[Str], |a| Ok(adler32(a.text(0).as_bytes()).to_string().into())),
    Function::engine("bcrypt", &[Str], |e, a| Ok(bcrypt(e, &a.text(0)).into())).costing(100_000),
    Function::engine("htpasswd", &[Str, Str], htpasswd).costing(100_000),
    Function::pure("derivePassword", &[Uint32, Str, Str, Str, Str], derive_password).costing(200_000),
    Function::engine("encryptAES", &[Str, Str], encrypt),
    Function::pure("decryptAES", &[Str, Str], decrypt),
];

/// Go's default cost.
const BCRYPT_COST: u32 = 10;

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (first, second) = bytes.iter().fold((1_u32, 0_u32), |(first, second), byte| {
        let first = (first + u32::from(*byte)) % MODULUS;
        (first, (second + first) % MODULUS)
    });
    (second << 16) | first
}

fn bcrypt(execution: &Execution<'_>, password: &Text) -> String {
    if password.len() > 72 {
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned();
    }
    let mut salt = [0; 16];
    execution.host().fill_random(&mut salt);
    match bcrypt::hash_with_salt(password.as_bytes(), BCRYPT_COST, salt) {
        Ok(parts) => parts.format_for_version(bcrypt::Version::TwoA),
        Err(error) => format!("failed to encrypt string with bcrypt: {error}"),
    }
}

fn htpasswd(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let (user, password) = (a.text(0), a.text(1));
    let user = user.lossy();
    if user.contains(':') {
        return Ok(format!("invalid username: {user}").into());
    }
    Ok(format!("{user}:{}", bcrypt(execution, &password)).into())
}

/// The templates of the Master Password algorithm, by kind of password.
fn password_templates(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        "long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        "medium" => &["CvcnoCvc", "CvcCvcno"],
        "short" => &["Cvcn"],
        "basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        "pin" => &["nnnn"],
        _ => return None,
    })
}

/// The characters that a letter of a template stands for.
fn password_characters(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The Master Password algorithm (version 0 of its key and seed).
fn derive_password(a: &[Object]) -> Outcome {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let counter = a.int(0) as u32;
    let (kind, password, user, site) = (a.text(1), a.text(2), a.text(3), a.text(4));
    let Some(templates) = password_templates(&kind.lossy()) else {
        return Ok(format!("cannot find password template {}", kind.lossy()).into());
    };
    let length = |text: &Text| (text.len() as u32).to_be_bytes();
    let salt = [SEED, &length(&user), user.as_bytes()].concat();
    let mut key = [0; 64];
    let params = Params::new(15, 8, 2).map_err(|error| error.to_string())?;
    scrypt(password.as_bytes(), &salt, &params, &mut key).map_err(|error| error.to_string())?;
    let message = [SEED, &length(&site), site.as_bytes(), &counter.to_be_bytes()].concat();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|error| error.to_string())?;
    mac.update(&message);
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    let letters = template.bytes().zip(seed.iter().skip(1)).map(|(letter, byte)| {
        let characters = password_characters(letter);
        characters[usize::from(*byte) % characters.len()]
    });
    Ok(letters.collect::<Vec<u8>>().into())
}

/// The password cut or filled up with zeros to a key.
fn aes_key(password: &Text) -> [u8; 32] {
    let mut key = [0; 32];
    for (slot, byte) in key.iter_mut().zip(password.as_bytes()) {
        *slot = *byte;
    }
    key
}

fn encrypt(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let plain = a.text(1);
    if plain.is_empty() {
        return Ok("".into());
    }
    execution.meter().allocate(plain.len().saturating_mul(2))?;
    let mut vector = [0; 16];
    execution.host().fill_random(&mut vector);
    let mut cipher = cbc::Encryptor::<Aes256>::new(&aes_key(&a.text(0)).into(), &vector.into());
    let mut content = plain.as_bytes().to_vec();
    let padding = 16 - content.len() % 16;
    content.extend(std::iter::repeat_n(padding as u8, padding));
    let mut out = vector.to_vec();
    for chunk in content.chunks_exact(16) {
        let mut block = Block::<cbc::Encryptor<Aes256>>::default();
        block.copy_from_slice(chunk);
        cipher.encrypt_block(&mut block);
        out.extend_from_slice(&block);
    }
    Ok(encode64(&out).into())
}

fn decrypt(a: &[Object]) -> Outcome {
    let text = a.text(1);
    if text.is_empty() {
        return Ok("".into());
    }
    let bytes = decode64(text.as_bytes()).map_err(|at| format!("illegal base64 data at input byte {at}"))?;
    let Some((vector, content)) = bytes.split_first_chunk::<16>() else {
        return Err("runtime error: slice bounds out of range".into());
    };
    if content.len() % 16 != 0 {
        return Err("crypto/cipher: input not full blocks".into());
    }
    let mut cipher = cbc::Decryptor::<Aes256>::new(&aes_key(&a.text(0)).into(), &(*vector).into());
    let mut out = Vec::with_capacity(content.len());
    for chunk in content.chunks_exact(16) {
        let mut block = Block::<cbc::Decryptor<Aes256>>::default();
        block.copy_from_slice(chunk);
        cipher.decrypt_block(&mut block);
        out.extend_from_slice(&block);
    }
    let padding = out.last().map_or(usize::MAX, |byte| usize::from(*byte));
    let Some(length) = out.len().checked_sub(padding) else {
        return Err("runtime error: slice bounds out of range".into());
    };
    out.truncate(length);
    Ok(out.into())
}
