//! Requests and replies as they are on the connection, before any protocol is looked at.

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// An HTTP request, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query string without the question mark, still encoded.
    pub query: String,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// An HTTP reply, whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers; `content-length` and `date` are the server's business.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Who signed a request, for what: the SigV4 credential scope. Signatures are not checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The access key.
    pub access_key: String,
    /// The region.
    pub region: String,
    /// The signing name of the service.
    pub service: String,
}

impl Request {
    /// The header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The decoded pairs of the query string.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        form_pairs(&self.query)
    }

    /// The decoded parameters of a form request: from the body, or from the query string of a GET.
    pub fn form(&self) -> Vec<(String, String)> {
        if self.body.is_empty() {
            self.query_pairs()
        } else {
            form_pairs(&String::from_utf8_lossy(&self.body))
        }
    }

    /// The credential scope from the Authorization header or from a presigned query string.
    pub fn scope(&self) -> Option<Scope> {
        let presigned;
        let credential = match self.header("authorization").and_then(|value| value.split_once("Credential="))
        {
            Some((_, rest)) => rest.split([',', ' ']).next().unwrap_or_default(),
            None => {
                presigned = self.query_pairs();
                presigned
                    .iter()
                    .find(|(key, _)| key == "X-Amz-Credential")
                    .map(|(_, value)| value.as_str())?
            }
        };
        let mut parts = credential.rsplitn(5, '/');
        let (_, service, region, _, access_key) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Scope { access_key: access_key.into(), region: region.into(), service: service.into() })
    }
}

impl Reply {
    /// A reply with a status, a content type and a body.
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body: body.into() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Percent-decodes a piece of a path.
pub fn decode_path(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Decodes `application/x-www-form-urlencoded`.
pub fn form_pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| decode_path(&part.replace('+', " "));
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], query: &str) -> Request {
        Request {
            method: "POST".into(),
            path: "/".into(),
            query: query.into(),
            headers: headers.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn the_scope_comes_from_the_header_or_from_the_query() {
        let expected = Scope { access_key: "AKID".into(), region: "eu-west-1".into(), service: "ec2".into() };
        let header =
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host";
        assert_eq!(request(&[("authorization", header)], "").scope(), Some(expected.clone()));
        let query = "a=b&X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fec2%2Faws4_request";
        assert_eq!(request(&[], query).scope(), Some(expected));
        assert_eq!(request(&[("authorization", "Basic abc")], "").scope(), None);
    }

    #[test]
    fn forms_decode_plus_and_percent() {
        assert_eq!(
            form_pairs("A=b+c%2Bd&E="),
            vec![("A".into(), "b c+d".into()), ("E".into(), String::new())]
        );
    }
}
