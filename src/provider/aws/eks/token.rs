//! Tokens by which a cluster knows its caller: a GetCallerIdentity that is signed here and sent by the cluster.
//!
//! The form is aws-iam-authenticator's: `k8s-aws-v1.` and the presigned URL in URL-safe Base64 without padding. The
//! header `x-k8s-aws-id` holds the cluster's name and is signed, so that a token for one cluster opens no other.
//! <https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::provider::Error;

const NAME: &str = "GetCallerIdentity";
const PREFIX: &str = "k8s-aws-v1.";
const CLUSTER_HEADER: &str = "x-k8s-aws-id";

/// What the URL says of its own validity. The authenticator takes it for 15 minutes from its signing all the same.
const SIGNED_FOR: Duration = Duration::from_secs(60);

/// How long a token is used: a minute less than the authenticator takes it, for clocks that differ.
const USED_FOR: Duration = Duration::from_secs(14 * 60);

/// A token for one cluster. Whoever has it is its maker, until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterToken {
    /// The bearer token.
    pub text: String,
    /// When a new one is to be made.
    pub expires: SystemTime,
}

impl fmt::Debug for ClusterToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterToken").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What a token is made for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Audience<'a> {
    /// The cluster's name.
    pub(super) cluster: &'a str,
    /// The region whose STS is asked.
    pub(super) region: &'a str,
    /// An endpoint in place of AWS's own.
    pub(super) endpoint: Option<&'a str>,
}

/// Signs a token at a time.
pub(super) fn presign(
    audience: Audience<'_>,
    credentials: Credentials,
    at: SystemTime,
) -> Result<ClusterToken, Error> {
    let endpoint = match audience.endpoint {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => regional_endpoint(audience.region),
    };
    let url = format!("{endpoint}/?Action={NAME}&Version=2011-06-15");
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(SIGNED_FOR);
    // What is signed by a session ends with it.
    let expires = credentials.expiry().map_or(at + USED_FOR, |end| end.min(at + USED_FOR));
    let identity = Identity::from(credentials);
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(audience.region)
        .name("sts")
        .time(at)
        .settings(settings)
        .build()
        .map_err(|error| failed(&error))?
        .into();
    let headers = [(CLUSTER_HEADER, audience.cluster)].into_iter();
    let request = SignableRequest::new("GET", url.as_str(), headers, SignableBody::empty());
    let signed = sign(request.map_err(|error| failed(&error))?, &params).map_err(|error| failed(&error))?;
    let mut request = http::Request::get(&url).body(()).map_err(|error| failed(&error))?;
    signed.into_parts().0.apply_to_request_http1x(&mut request);
    let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(request.uri().to_string()));
    Ok(ClusterToken { text, expires })
}

/// The regional endpoint: the authenticator knows it for every region, and the global one is far from most.
fn regional_endpoint(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://sts.{region}.{suffix}")
}

fn failed(error: &dyn std::error::Error) -> Error {
    Error::local("sts", NAME, format!("the request could not be signed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-02T03:04:05Z.
    const AT: Duration = Duration::from_secs(1_767_323_045);

    fn token(session: Option<&str>, region: &str) -> ClusterToken {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let session = session.map(str::to_owned);
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", secret, session, None, "test");
        let audience = Audience { cluster: "dev-eks", region, endpoint: None };
        presign(audience, credentials, SystemTime::UNIX_EPOCH + AT).unwrap()
    }

    fn url(token: &ClusterToken) -> String {
        let encoded = token.text.strip_prefix(PREFIX).unwrap();
        String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
    }

    fn signature(url: &str) -> &str {
        url.split_once("X-Amz-Signature=").unwrap().1
    }

    /// The parameters of a URL, sorted: their order means nothing.
    fn parameters(url: &str) -> Vec<&str> {
        let mut parameters: Vec<&str> = url.split_once('?').unwrap().1.split('&').collect();
        parameters.sort_unstable();
        parameters
    }

    #[test]
    fn a_token_is_what_botocore_signs() {
        // botocore's SigV4QueryAuth for the same request, credentials and time, as `aws eks get-token` uses it.
        let url = url(&token(None, "eu-central-1"));
        assert!(url.starts_with("https://sts.eu-central-1.amazonaws.com/?"), "{url}");
        assert_eq!(
            parameters(&url),
            [
                "Action=GetCallerIdentity",
                "Version=2011-06-15",
                "X-Amz-Algorithm=AWS4-HMAC-SHA256",
                "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260102%2Feu-central-1%2Fsts%2Faws4_request",
                "X-Amz-Date=20260102T030405Z",
                "X-Amz-Expires=60",
                "X-Amz-Signature=14f717f4c2495ffefb0812860a1387a39850badb042ca0a3f5c904ee6384ffff",
                "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
            ]
        );
    }

    #[test]
    fn a_session_token_is_signed_with_the_rest() {
        let url = url(&token(Some("FwoGZXIvYXdzEXAMPLE/+=="), "cn-north-1"));
        assert!(url.starts_with("https://sts.cn-north-1.amazonaws.com.cn/?"), "{url}");
        assert!(url.contains("X-Amz-Security-Token=FwoGZXIvYXdzEXAMPLE%2F%2B%3D%3D"), "{url}");
        let signed = signature(&url).split('&').next().unwrap();
        assert_eq!(signed, "22f6ad4539bb1c795d934dfe083668886039d84b12c542c866b1330b96511fba");
    }

    #[test]
    fn a_token_is_renewed_before_the_cluster_refuses_it_and_is_not_shown() {
        let token = token(None, "eu-central-1");
        assert_eq!(token.expires, SystemTime::UNIX_EPOCH + AT + Duration::from_secs(840));
        assert!(!format!("{token:?}").contains(PREFIX));
        // A session may end sooner.
        for (ends, used) in [(300, 300), (3600, 840)] {
            let at = SystemTime::UNIX_EPOCH + AT;
            let [ends, used] = [ends, used].map(|seconds| at + Duration::from_secs(seconds));
            let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, Some(ends), "test");
            let audience = Audience { cluster: "dev-eks", region: "eu-central-1", endpoint: None };
            assert_eq!(presign(audience, credentials, at).unwrap().expires, used);
        }
    }
}
