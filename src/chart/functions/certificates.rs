//! Sprig's certificates: authorities, self-signed and signed ones, as Go's `x509` makes them.

use std::net::IpAddr;
use std::rc::Rc;

use sha2::{Digest, Sha256};
use x509_cert::der::{Decode, Encode};

use super::der::{self, bits, identifier, integer, pem, read_pem, sequence, value};
use super::encoding::decode64;
use super::keys::PrivateKey;
use super::layout::format;
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::host::Host;
use crate::chart::template::{Certificate, Execution, Native, Object, Text, Time, lossy, sprint};

use Type::{Certificate as Cert, Int, List, Text as Str};

/// Steps that a signature counts as.
const COST: u64 = 20_000;
/// The same with a new RSA key for it.
const RSA_COST: u64 = 200_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("buildCustomCert", &[Str, Str], custom).costing(1_000),
    Function::engine("genCA", &[Str, Int], |e, a| authority(e.host(), a, None)).costing(RSA_COST),
    Function::engine("genCAWithKey", &[Str, Int, Str], |e, a| authority(e.host(), a, Some(a.text(2))))
        .costing(COST),
    Function::engine("genSelfSignedCert", &[Str, List, List, Int], |e, a| self_signed(e.host(), a, None))
        .costing(RSA_COST),
    Function::engine("genSelfSignedCertWithKey", &[Str, List, List, Int, Str], |e, a| {
        self_signed(e.host(), a, Some(a.text(4)))
    })
    .costing(COST),
    Function::engine("genSignedCert", &[Str, List, List, Int, Cert], |e, a| signed(e, a, None))
        .costing(RSA_COST),
    Function::engine("genSignedCertWithKey", &[Str, List, List, Int, Cert, Str], |e, a| {
        signed(e, a, Some(a.text(5)))
    })
    .costing(COST),
];

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x23];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// What a certificate is to say.
struct Request {
    subject: Vec<u8>,
    /// Encoded alternative names.
    names: Vec<u8>,
    days: i64,
    is_authority: bool,
}

/// Who signs: the encoded name, the identifier of the key (empty if there is none) and the key.
struct Issuer<'a> {
    name: Vec<u8>,
    key_identifier: Vec<u8>,
    key: &'a PrivateKey,
}

fn certificate(cert: String, key: String) -> Object {
    Native::Certificate(Rc::new(Certificate { cert, key })).into()
}

fn custom(a: &[Object]) -> Outcome {
    let decoded = |at: usize, what: &str| {
        decode64(a.text(at).as_bytes()).map_err(|_| format!("unable to decode base64 {what}"))
    };
    let cert = decoded(0, "certificate")?;
    let key = decoded(1, "private key")?;
    let (cert, key) = (lossy(&cert).into_owned(), lossy(&key).into_owned());
    parse(&cert)?;
    PrivateKey::read(&key).map_err(|why| format!("error parsing private key: {why}"))?;
    Ok(certificate(cert, key))
}

fn parse(text: &str) -> Result<x509_cert::Certificate, String> {
    let (_, data) = read_pem(text).ok_or("unable to decode certificate")?;
    x509_cert::Certificate::from_der(&data)
        .map_err(|error| format!("error parsing certificate: decodedCert.Bytes: {error}"))
}

/// The key given, or a new one.
fn key(host: &dyn Host, given: Option<Text>) -> Result<PrivateKey, String> {
    match given {
        Some(text) => PrivateKey::read(&text.lossy()).map_err(|why| format!("parsing private key: {why}")),
        None => PrivateKey::generate_rsa(host, 2048),
    }
}

fn authority(host: &dyn Host, a: &[Object], given: Option<Text>) -> Outcome {
    let key = key(host, given)?;
    let request =
        Request { subject: name(&a.text(0))?, names: Vec::new(), days: a.int(1), is_authority: true };
    issue(
        host,
        &request,
        &key,
        &Issuer { name: request.subject.clone(), key_identifier: Vec::new(), key: &key },
    )
}

fn self_signed(host: &dyn Host, a: &[Object], given: Option<Text>) -> Outcome {
    let key = key(host, given)?;
    let request = request(a)?;
    issue(
        host,
        &request,
        &key,
        &Issuer { name: request.subject.clone(), key_identifier: Vec::new(), key: &key },
    )
}

fn signed(execution: &mut Execution<'_>, a: &[Object], given: Option<Text>) -> Outcome {
    let host = execution.host();
    let key = key(host, given)?;
    let Object::Native(Native::Certificate(authority)) = a.any(4) else {
        return Err("unable to decode certificate".into());
    };
    let parent = parse(&authority.cert)?;
    let signer =
        PrivateKey::read(&authority.key).map_err(|why| format!("error parsing private key: {why}"))?;
    let parent = parent.tbs_certificate();
    let name = parent.subject().to_der().map_err(|error| error.to_string())?;
    let extensions = parent.extensions().map(Vec::as_slice).unwrap_or_default();
    let identifier =
        extensions.iter().find(|extension| extension.extn_id.as_bytes() == SUBJECT_KEY_IDENTIFIER);
    let key_identifier = identifier
        .map_or(Vec::new(), |found| found.extn_value.as_bytes().get(2..).unwrap_or_default().to_vec());
    issue(host, &request(a)?, &key, &Issuer { name, key_identifier, key: &signer })
}

fn request(a: &[Object]) -> Result<Request, String> {
    Ok(Request {
        subject: name(&a.text(0))?,
        names: names(a.any(1), a.any(2))?,
        days: a.int(3),
        is_authority: false,
    })
}

/// A distinguished name with a common name only; empty if there is none.
fn name(common: &Text) -> Result<Vec<u8>, String> {
    if common.is_empty() {
        return Ok(sequence(&[]));
    }
    if std::str::from_utf8(common.as_bytes()).is_err() {
        return Err("error creating certificate: asn1: string not valid UTF-8".to_owned());
    }
    let printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(byte);
    let tag = if common.as_bytes().iter().all(printable) { der::PRINTABLE_STRING } else { der::UTF8_STRING };
    let attribute = sequence(&[&identifier(COMMON_NAME), &value(tag, common.lossy().as_bytes())]);
    Ok(sequence(&[&value(der::SET, &attribute)]))
}

/// The alternative names: host names first, then addresses.
fn names(addresses: &Object, hosts: &Object) -> Result<Vec<u8>, String> {
    let items = |object: &Object| match object {
        Object::List(list) => list.items().to_vec(),
        _ => Vec::new(),
    };
    let mut out = Vec::new();
    for host in items(hosts) {
        let Object::Text(host) = &host else {
            let shown = sprint(std::slice::from_ref(&host));
            return Err(format!("error processing alternate dns name: {} is not a string", shown.lossy()));
        };
        if !host.as_bytes().is_ascii() {
            return Err(format!("x509: {:?} cannot be encoded as an IA5String", host.lossy()));
        }
        out.extend(value(0x82, host.as_bytes()));
    }
    for address in items(addresses) {
        let Object::Text(text) = &address else {
            let shown = sprint(std::slice::from_ref(&address));
            return Err(format!("error parsing ip: {} is not a string", shown.lossy()));
        };
        let parsed: IpAddr =
            text.lossy().parse().map_err(|_| format!("error parsing ip: {}", text.lossy()))?;
        out.extend(match parsed.to_canonical() {
            IpAddr::V4(address) => value(0x87, &address.octets()),
            IpAddr::V6(address) => value(0x87, &address.octets()),
        });
    }
    Ok(out)
}

/// A moment as certificates write it.
fn moment(time: &Time) -> Vec<u8> {
    if (1950..2050).contains(&time.civil().year) {
        value(der::UTC_TIME, format(time, "060102150405Z").as_bytes())
    } else {
        value(der::GENERALIZED_TIME, format(time, "20060102150405Z").as_bytes())
    }
}

fn extension(id: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let flag = if critical { value(der::BOOLEAN, &[0xff]) } else { Vec::new() };
    sequence(&[&identifier(id), &flag, &value(der::OCTET_STRING, content)])
}

fn extensions(request: &Request, issuer: &Issuer<'_>, public_key: &[u8]) -> Vec<u8> {
    // Digital signature and key encipherment; an authority may also sign certificates.
    let usage: &[u8] = if request.is_authority { &[2, 0xa4] } else { &[5, 0xa0] };
    let purposes = sequence(&[&identifier(SERVER_AUTHENTICATION), &identifier(CLIENT_AUTHENTICATION)]);
    let constraints =
        if request.is_authority { sequence(&[&value(der::BOOLEAN, &[0xff])]) } else { sequence(&[]) };
    let mut all = extension(KEY_USAGE, true, &value(der::BIT_STRING, usage));
    all.extend(extension(EXTENDED_KEY_USAGE, false, &purposes));
    all.extend(extension(BASIC_CONSTRAINTS, true, &constraints));
    if request.is_authority {
        let id = &Sha256::digest(public_key)[..20];
        all.extend(extension(SUBJECT_KEY_IDENTIFIER, false, &value(der::OCTET_STRING, id)));
    }
    if issuer.name != request.subject && !issuer.key_identifier.is_empty() {
        let id = sequence(&[&value(0x80, &issuer.key_identifier)]);
        all.extend(extension(AUTHORITY_KEY_IDENTIFIER, false, &id));
    }
    if !request.names.is_empty() {
        let critical = request.subject == sequence(&[]);
        all.extend(extension(ALTERNATIVE_NAMES, critical, &value(der::SEQUENCE, &request.names)));
    }
    value(0xa3, &value(der::SEQUENCE, &all))
}

fn issue(host: &dyn Host, request: &Request, key: &PrivateKey, issuer: &Issuer<'_>) -> Outcome {
    let failed = |why: String| format!("error creating certificate: {why}");
    let public_key = key.public_key().map_err(failed)?;
    let algorithm = issuer.key.algorithm().map_err(failed)?;
    let mut serial = [0; 16];
    host.fill_random(&mut serial);
    let (seconds, nanos) = host.now();
    let start = Time::utc(seconds, nanos);
    let end = start.plus(request.days.wrapping_mul(86_400_000_000_000));
    // Go identifies a key by the bits of the public key alone.
    let key_bits = public_key_bits(&public_key);
    let body = sequence(&[
        &value(0xa0, &integer(&[2])),
        &integer(&serial),
        &algorithm,
        &issuer.name,
        &sequence(&[&moment(&start), &moment(&end)]),
        &request.subject,
        &public_key,
        &extensions(request, issuer, key_bits),
    ]);
    let signature = issuer.key.sign(host, &body).map_err(failed)?;
    let cert = sequence(&[&body, &algorithm, &bits(&signature)]);
    Ok(certificate(pem("CERTIFICATE", &cert), key.pem()?))
}

/// The content of the bit string in an encoded public key.
fn public_key_bits(public_key: &[u8]) -> &[u8] {
    x509_cert::spki::SubjectPublicKeyInfoRef::from_der(public_key)
        .ok()
        .and_then(|info| info.subject_public_key.as_bytes())
        .unwrap_or(public_key)
}
