//! Blobs through the OCI distribution API.

use bytes::Bytes;

use super::layer;
use super::oci::error;
use super::repository::row;
use crate::blobs::hex_digest;
use crate::wire::failure::Failure;
use crate::wire::message::{Reply, Request};
use crate::world::Call;

/// The bytes behind a download URL.
pub(super) fn download(call: &Call<'_>, hex: &str) -> Reply {
    let is_digest = hex.len() == 64 && hex.chars().all(|letter| letter.is_ascii_hexdigit());
    match call.blobs.get(hex).filter(|_| is_digest) {
        Some(bytes) => Reply::new(200, "application/octet-stream", bytes),
        None => error(404, "BLOB_UNKNOWN", "no such layer"),
    }
}

/// A blob of a repository.
pub(super) fn read(call: &Call<'_>, name: &str, digest: &str, head: bool) -> Reply {
    let known = call.home().ecr.repositories.get(name).and_then(|repository| repository.layers.get(digest));
    let Some(size) = known else { return error(404, "BLOB_UNKNOWN", "blob unknown to registry") };
    let reply =
        |body: Bytes| Reply::new(200, "application/octet-stream", body).with("docker-content-digest", digest);
    if head {
        return reply(Bytes::new()).with("content-length", size.to_string());
    }
    match call.blobs.get(digest.trim_start_matches("sha256:")) {
        Some(bytes) => reply(bytes),
        None => error(404, "BLOB_UNKNOWN", "blob unknown to registry"),
    }
}

/// Everything under `blobs/uploads/`.
pub(super) fn upload(
    call: &mut Call<'_>,
    (name, id): (&str, &str),
    request: &Request,
) -> Result<Reply, Failure> {
    let query = request.query_pairs();
    let parameter =
        |wanted: &str| query.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone());
    let digest = parameter("digest");
    match (request.method.as_str(), id.is_empty()) {
        ("POST", true) => {
            if let (Some(digest), Some(from)) = (parameter("mount"), parameter("from"))
                && let Some(reply) = mount(call, name, &digest, &from)?
            {
                return Ok(reply);
            }
            match digest {
                Some(digest) => whole(call, name, &digest, &request.body),
                None => {
                    let id = layer::begin(call, name);
                    Ok(accepted(name, &id, 0))
                }
            }
        }
        (_, true) => Ok(error(405, "UNSUPPORTED", "The operation is unsupported.")),
        (method, false) => {
            let known = call.home().ecr.uploads.get(id).filter(|upload| upload.repository == name);
            let Some(received) = known.map(|upload| upload.received) else {
                return Ok(error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
            };
            match method {
                "PATCH" => {
                    if out_of_order(request, received) {
                        let reply = error(416, "BLOB_UPLOAD_INVALID", "the range is not the next one");
                        return Ok(reply.with("range", format!("0-{}", received.saturating_sub(1))));
                    }
                    let received = layer::append(call, id, &request.body)?;
                    Ok(accepted(name, id, received))
                }
                "PUT" => finish(call, (name, id), digest, &request.body),
                "GET" => Ok(Reply { status: 204, ..accepted(name, id, received) }),
                "DELETE" => {
                    call.home_mut().ecr.uploads.remove(id);
                    Ok(Reply { status: 204, ..Reply::default() })
                }
                _ => Ok(error(405, "UNSUPPORTED", "The operation is unsupported.")),
            }
        }
    }
}

fn out_of_order(request: &Request, received: u64) -> bool {
    let range = request.header("content-range");
    range.is_some_and(|range| {
        range.split('-').next().and_then(|text| text.trim().parse().ok()) != Some(received)
    })
}

fn accepted(name: &str, id: &str, received: u64) -> Reply {
    Reply { status: 202, ..Reply::default() }
        .with("location", format!("/v2/{name}/blobs/uploads/{id}"))
        .with("range", format!("0-{}", received.saturating_sub(1)))
        .with("docker-upload-uuid", id)
}

fn created(name: &str, digest: &str) -> Reply {
    Reply { status: 201, ..Reply::default() }
        .with("location", format!("/v2/{name}/blobs/{digest}"))
        .with("docker-content-digest", digest)
}

/// A blob in one request.
fn whole(call: &mut Call<'_>, name: &str, digest: &str, bytes: &Bytes) -> Result<Reply, Failure> {
    if format!("sha256:{}", hex_digest(bytes)) != digest {
        return Ok(error(400, "DIGEST_INVALID", "the digest is not that of the content"));
    }
    call.blobs.put(bytes).map_err(Failure::internal)?;
    row(call, name)?.layers.insert(digest.to_owned(), bytes.len() as u64);
    Ok(created(name, digest))
}

fn finish(
    call: &mut Call<'_>,
    (name, id): (&str, &str),
    digest: Option<String>,
    rest: &Bytes,
) -> Result<Reply, Failure> {
    let Some(digest) = digest else {
        return Ok(error(400, "DIGEST_INVALID", "the parameter digest is missing"));
    };
    if !rest.is_empty() {
        layer::append(call, id, rest)?;
    }
    if layer::finish(call, id, &digest)? {
        return Ok(created(name, &digest));
    }
    Ok(error(400, "DIGEST_INVALID", "the digest is not that of the content"))
}

/// Takes a blob over from another repository of the registry, if that has it.
fn mount(call: &mut Call<'_>, name: &str, digest: &str, from: &str) -> Result<Option<Reply>, Failure> {
    let size = call.home().ecr.repositories.get(from).and_then(|other| other.layers.get(digest)).copied();
    let Some(size) = size else { return Ok(None) };
    row(call, name)?.layers.insert(digest.to_owned(), size);
    Ok(Some(created(name, digest)))
}
