//! Signatures of AWS, version 4, of URLs that were signed in advance.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

use crate::blobs::hex_digest;
use crate::wire::message::form_pairs;

/// Everything but letters, digits and `-._~` is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A URL that was signed in advance, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) host: String,
    pub(super) path: String,
    pub(super) parameters: Vec<(String, String)>,
}

impl Signed {
    /// Takes a URL apart.
    pub(super) fn read(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let (place, query) = rest.split_once('?')?;
        let (host, path) = place.split_once('/').unwrap_or((place, ""));
        Some(Self { host: host.to_owned(), path: format!("/{path}"), parameters: form_pairs(query) })
    }

    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The parts of the credential: access key, date, region, service.
    pub(super) fn credential(&self) -> Option<[&str; 4]> {
        let mut parts = self.parameter("X-Amz-Credential").rsplitn(5, '/');
        let end = parts.next()?;
        let (service, region, date, key) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (end == "aws4_request").then_some([key, date, region, service])
    }

    /// The names of the headers that are signed.
    pub(super) fn headers(&self) -> Vec<&str> {
        self.parameter("X-Amz-SignedHeaders").split(';').collect()
    }

    fn canonical(&self, headers: &[(&str, &str)]) -> String {
        let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let mut query: Vec<(String, String)> = self
            .parameters
            .iter()
            .filter(|(key, _)| key != "X-Amz-Signature")
            .map(|(key, value)| (encode(key), encode(value)))
            .collect();
        query.sort();
        let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        format!("GET\n{}\n{}\n{lines}\n{}\n{}", self.path, query.join("&"), names.join(";"), hex_digest(b""))
    }

    /// The code of the request under a secret key; `headers` are the signed ones in their order.
    fn code(&self, secret: &str, headers: &[(&str, &str)]) -> Option<Hmac<Sha256>> {
        let [_, date, region, service] = self.credential()?;
        let scope = format!("{date}/{region}/{service}/aws4_request");
        let request = hex_digest(self.canonical(headers).as_bytes());
        let text = format!("{ALGORITHM}\n{}\n{scope}\n{request}", self.parameter("X-Amz-Date"));
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [date, region, service, "aws4_request"] {
            key = keyed(&key, part)?.finalize().into_bytes().to_vec();
        }
        keyed(&key, &text)
    }

    /// Whether the URL was signed with a secret key, together with these values of the signed headers.
    pub(super) fn is_by(&self, secret: &str, headers: &[(&str, &str)]) -> bool {
        let signature = self.parameter("X-Amz-Signature");
        let bytes: Option<Vec<u8>> = (0..signature.len() / 2)
            .map(|at| signature.get(at * 2..at * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let known = self.parameter("X-Amz-Algorithm") == ALGORITHM && signature.len() == 64;
        match (self.code(secret, headers), bytes) {
            (Some(code), Some(bytes)) => known && code.verify_slice(&bytes).is_ok(),
            _ => false,
        }
    }

    /// The same, signed: for tests, which have no other signer.
    #[cfg(test)]
    pub(super) fn sign(&self, secret: &str, headers: &[(&str, &str)]) -> String {
        let code = self.code(secret, headers).unwrap().finalize().into_bytes();
        code.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn keyed(key: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(key).ok()?;
    code.update(text.as_bytes());
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What botocore signed for these credentials at this time; the same as in platctl's own test of tokens.
    #[test]
    fn a_url_of_botocore_is_known_by_its_signature() {
        let url = "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260102%2Feu-central-1%2Fsts%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=NONE";
        let url = url.replace("NONE", "14f717f4c2495ffefb0812860a1387a39850badb042ca0a3f5c904ee6384ffff");
        let signed = Signed::read(&url).unwrap();
        let headers = [("host", signed.host.as_str()), ("x-k8s-aws-id", "dev-eks")];
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert!(signed.is_by(secret, &headers));
        assert!(!signed.is_by("another", &headers));
        assert!(!signed.is_by(secret, &[("host", signed.host.as_str()), ("x-k8s-aws-id", "prod-eks")]));
    }
}
