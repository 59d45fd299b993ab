//! The OCI distribution API: pulling, pushing, tags, referrers.
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::state::Image;
use super::{image, manifest, oci_blobs, open};
use crate::faults::FaultKind;
use crate::services::Raw;
use crate::wire::failure::Failure;
use crate::wire::message::{Reply, Request, decode_path};
use crate::world::Call;

/// The registry, as `registry` in faults and in the log of calls.
pub(super) const REGISTRY: Raw = Raw { name: "registry", operation, answer, fault };

/// The path of a download URL, before its digest.
const LAYERS: &str = "/v2-layers/";

/// What a request is for: the repository, the sort of thing, and which.
struct Target {
    repository: String,
    sort: Sort,
    reference: String,
}

/// The sorts of endpoints of the specification.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Version,
    Upload,
    Blob,
    Manifest,
    Tags,
    Referrers,
    Unknown,
}

/// The path under `/v2`, when a request is for a registry.
fn registry_path(request: &Request) -> Option<&str> {
    request.path.strip_prefix("/v2").filter(|path| path.is_empty() || path.starts_with('/'))
}

fn target(path: &str) -> Target {
    let path = decode_path(path.trim_start_matches('/'));
    const MARKERS: [(&str, Sort); 5] = [
        ("/blobs/uploads", Sort::Upload),
        ("/blobs/", Sort::Blob),
        ("/manifests/", Sort::Manifest),
        ("/tags/list", Sort::Tags),
        ("/referrers/", Sort::Referrers),
    ];
    let found = MARKERS.iter().find_map(|(marker, sort)| Some((path.rsplit_once(marker)?, *sort)));
    let ((repository, reference), sort) = match found {
        Some(found) => found,
        None if path.is_empty() => (("", ""), Sort::Version),
        None => (("", ""), Sort::Unknown),
    };
    let reference = reference.trim_start_matches('/').to_owned();
    Target { repository: repository.to_owned(), sort, reference }
}

/// The specification's endpoints, named as AWS names operations.
fn operation(request: &Request) -> Option<&'static str> {
    if request.path.starts_with(LAYERS) {
        return Some("GetLayer");
    }
    Some(match (target(registry_path(request)?).sort, request.method.as_str()) {
        (Sort::Version, _) => "GetVersion",
        (Sort::Upload, "POST") => "StartUpload",
        (Sort::Upload, "PATCH") => "UploadChunk",
        (Sort::Upload, "PUT") => "FinishUpload",
        (Sort::Upload, "DELETE") => "CancelUpload",
        (Sort::Upload, _) => "GetUpload",
        (Sort::Blob, "HEAD") => "HeadBlob",
        (Sort::Blob, _) => "GetBlob",
        (Sort::Manifest, "PUT") => "PutManifest",
        (Sort::Manifest, "HEAD") => "HeadManifest",
        (Sort::Manifest, _) => "GetManifest",
        (Sort::Tags, _) => "ListTags",
        (Sort::Referrers, _) => "ListReferrers",
        (Sort::Unknown, _) => "GetUnknown",
    })
}

/// The specification's error for a client that asks too often, and the two of a registry in trouble, which have
/// no code of their own there.
fn fault(kind: FaultKind) -> Option<Reply> {
    let reply = match kind {
        FaultKind::Throttle => error(429, "TOOMANYREQUESTS", "Rate exceeded"),
        FaultKind::ServerError => error(500, "UNKNOWN", "An internal error has occurred"),
        FaultKind::Unavailable => error(503, "UNAVAILABLE", "The service is unavailable."),
        _ => return None,
    };
    Some(versioned(reply))
}

/// Answers a request to the registry; the password says which one it is for.
fn answer(call: &mut Call<'_>, request: &Request) -> Result<Reply, Failure> {
    if let Some(hex) = request.path.strip_prefix(LAYERS) {
        return Ok(oci_blobs::download(call, hex));
    }
    if !log_in(call, request) && !enter(call, request) {
        let reply = error(401, "UNAUTHORIZED", "Not Authorized");
        let realm = format!("Basic realm=\"{}/\",service=\"ecr.amazonaws.com\"", call.endpoint);
        return Ok(versioned(reply.with("www-authenticate", realm)));
    }
    route(call, &target(registry_path(request).unwrap_or_default()), request).map(versioned)
}

fn versioned(reply: Reply) -> Reply {
    reply.with("docker-distribution-api-version", "registry/2.0")
}

/// An error in the shape of the specification.
pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Reply::new(status, "application/json; charset=utf-8", body.to_string())
}

/// Takes account and region from the password; false when it is none, or expired.
fn log_in(call: &mut Call<'_>, request: &Request) -> bool {
    let password = request
        .header("authorization")
        .and_then(|header| header.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|pair| pair.strip_prefix("AWS:").and_then(|text| STANDARD.decode(text).ok()))
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let Some(password) = password else { return false };
    let (Some(account), Some(region)) = (password["account"].as_str(), password["region"].as_str()) else {
        return false;
    };
    if password["expires"].as_i64().is_none_or(|expires| expires <= call.now.0) {
        return false;
    }
    call.account = account.to_owned();
    call.region = region.to_owned();
    call.access_key = password["key"].as_str().unwrap_or_default().to_owned();
    true
}

/// Lets whoever has no login read from an open registry.
fn enter(call: &mut Call<'_>, request: &Request) -> bool {
    let reads =
        matches!(request.method.as_str(), "GET" | "HEAD") && request.header("authorization").is_none();
    let repository = target(registry_path(request).unwrap_or_default()).repository;
    let Some((account, region)) = open::find(call.world(), &repository).filter(|_| reads) else {
        return false;
    };
    (call.account, call.region) = (account, region);
    true
}

fn route(call: &mut Call<'_>, target: &Target, request: &Request) -> Result<Reply, Failure> {
    let (method, name, reference) = (request.method.as_str(), &target.repository, &target.reference);
    match target.sort {
        Sort::Version => return Ok(Reply::new(200, "application/json", "{}")),
        Sort::Unknown => return Ok(error(404, "NOT_FOUND", "no such endpoint")),
        _ => {}
    }
    if !call.home().ecr.repositories.contains(name) {
        let text = format!(
            "The repository with name '{name}' does not exist in the registry with id '{}'",
            call.account
        );
        return Ok(error(404, "NAME_UNKNOWN", &text));
    }
    match (target.sort, method) {
        (Sort::Upload, _) => oci_blobs::upload(call, (name, reference), request),
        (Sort::Blob, "GET" | "HEAD") => Ok(oci_blobs::read(call, name, reference, method == "HEAD")),
        (Sort::Manifest, "GET" | "HEAD") => Ok(read_manifest(call, name, reference, method == "HEAD")),
        (Sort::Manifest, "PUT") => put_manifest(call, name, reference, request),
        (Sort::Tags, "GET") => Ok(tags(call, name, request)),
        (Sort::Referrers, "GET") => Ok(referrers(call, name, reference)),
        _ => Ok(error(405, "UNSUPPORTED", "The operation is unsupported.")),
    }
}

fn find<'c>(call: &'c Call<'_>, name: &str, reference: &str) -> Option<(String, &'c Image)> {
    let repository = call.home().ecr.repositories.get(name)?;
    let digest = if reference.contains(':') {
        image::resolve(repository, Some(reference), None)
    } else {
        image::resolve(repository, None, Some(reference))
    }?;
    let image = repository.images.get(&digest)?;
    Some((digest, image))
}

fn read_manifest(call: &Call<'_>, name: &str, reference: &str, head: bool) -> Reply {
    let Some((digest, image)) = find(call, name, reference) else {
        return error(404, "MANIFEST_UNKNOWN", "Requested image not found");
    };
    let body = if head { String::new() } else { image.manifest.clone() };
    let reply = Reply::new(200, &image.media_type, body).with("docker-content-digest", digest);
    if head { reply.with("content-length", image.manifest.len().to_string()) } else { reply }
}

fn put_manifest(
    call: &mut Call<'_>,
    name: &str,
    reference: &str,
    request: &Request,
) -> Result<Reply, Failure> {
    let invalid = |text: &str| error(400, "MANIFEST_INVALID", text);
    let Ok(text) = std::str::from_utf8(&request.body) else { return Ok(invalid("the manifest is no text")) };
    let Some(read) = manifest::read(text, request.header("content-type")) else {
        return Ok(invalid("the manifest is no manifest"));
    };
    let digest = read.digest.clone();
    let by_digest = reference.contains(':');
    if by_digest && reference != digest {
        return Ok(error(400, "DIGEST_INVALID", "the digest is not that of the manifest"));
    }
    let subject = read.subject.clone();
    let tag = (!by_digest).then_some(reference);
    // A push of what is there already is no error here, unlike in PutImage.
    match image::put(call, name, read, (text, tag)) {
        Ok(()) => {}
        Err(failure) => match failure.code.as_str() {
            "ImageAlreadyExistsException" => {}
            "ImageTagAlreadyExistsException" => return Ok(error(400, "TAG_INVALID", &failure.message)),
            "LayersNotFoundException" => return Ok(error(404, "BLOB_UNKNOWN", &failure.message)),
            "ReferencedImagesNotFoundException" => {
                return Ok(error(404, "MANIFEST_UNKNOWN", &failure.message));
            }
            _ => return Err(failure),
        },
    }
    let reply = Reply { status: 201, ..Reply::default() }
        .with("location", format!("/v2/{name}/manifests/{digest}"))
        .with("docker-content-digest", digest);
    Ok(match subject {
        Some(subject) => reply.with("oci-subject", subject),
        None => reply,
    })
}

fn tags(call: &Call<'_>, name: &str, request: &Request) -> Reply {
    let query = request.query_pairs();
    let parameter =
        |wanted: &str| query.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str());
    let images = call.home().ecr.repositories.get(name).map(|repository| &repository.images);
    let mut tags: Vec<&String> = images.into_iter().flatten().flat_map(|(_, image)| &image.tags).collect();
    tags.sort();
    let last = parameter("last").unwrap_or_default();
    tags.retain(|tag| tag.as_str() > last);
    let most = parameter("n").and_then(|text| text.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let more = tags.len() > most;
    tags.truncate(most);
    let body = json!({ "name": name, "tags": tags }).to_string();
    let reply = Reply::new(200, "application/json", body);
    match tags.last() {
        Some(last) if more => {
            reply.with("link", format!("</v2/{name}/tags/list?n={most}&last={last}>; rel=\"next\""))
        }
        _ => reply,
    }
}

fn referrers(call: &Call<'_>, name: &str, digest: &str) -> Reply {
    let images = call.home().ecr.repositories.get(name).map(|repository| &repository.images);
    let entries: Vec<Value> = images
        .into_iter()
        .flatten()
        .filter(|(_, image)| image.subject.as_deref() == Some(digest))
        .map(|(digest, image)| {
            json!({
                "mediaType": image.media_type, "digest": digest, "size": image.manifest.len(),
                "artifactType": image.artifact_type,
            })
        })
        .collect();
    let media_type = "application/vnd.oci.image.index.v1+json";
    let body = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries });
    Reply::new(200, media_type, body.to_string())
}
