//! Layers: uploads in parts, and which layers there are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use serde_json::json;

use super::repository::{find, find_mut, row};
use super::state::Upload;
use crate::blobs::hex_digest;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// The refusal of an upload that does not exist.
fn no_upload(id: &str) -> Failure {
    Failure::new("UploadNotFoundException", format!("The upload {id} could not be found."))
}

/// Begins an upload and gives its id.
pub(super) fn begin(call: &mut Call<'_>, repository: &str) -> String {
    let id = call.world_mut().dice.uuid();
    let upload = Upload { repository: repository.to_owned(), parts: Vec::new(), received: 0 };
    call.home_mut().ecr.uploads.insert(&id, upload);
    id
}

/// Adds bytes to an upload and gives the number of bytes so far.
pub(super) fn append(call: &mut Call<'_>, id: &str, bytes: &Bytes) -> Result<u64, Failure> {
    let blob = call.blobs.put(bytes).map_err(Failure::internal)?;
    let upload = call.home_mut().ecr.uploads.get_mut(id).ok_or_else(|| no_upload(id))?;
    upload.parts.push(blob);
    upload.received += bytes.len() as u64;
    Ok(upload.received)
}

/// Ends an upload: its bytes must have the digest. Gives false, and changes nothing, when they do not.
pub(super) fn finish(call: &mut Call<'_>, id: &str, digest: &str) -> Result<bool, Failure> {
    let upload = call.home().ecr.uploads.get(id).cloned().ok_or_else(|| no_upload(id))?;
    let mut whole = BytesMut::new();
    for part in &upload.parts {
        whole.extend_from_slice(&call.blobs.get(part).ok_or_else(|| Failure::internal("a part is gone"))?);
    }
    let whole = whole.freeze();
    if digest != format!("sha256:{}", hex_digest(&whole)) {
        return Ok(false);
    }
    call.blobs.put(&whole).map_err(Failure::internal)?;
    let size = whole.len() as u64;
    row(call, &upload.repository)?.layers.insert(digest.to_owned(), size);
    call.home_mut().ecr.uploads.remove(id);
    Ok(true)
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_InitiateLayerUpload.html>
pub(super) fn initiate_layer_upload(call: &mut Call<'_>, input: &Input) -> Outcome {
    find(call, input)?;
    let id = begin(call, input.str("repositoryName"));
    Ok(json!({ "uploadId": id, "partSize": 10_485_760 }).into())
}

/// Parts come in order, each beginning where the last one ended.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html>
pub(super) fn upload_layer_part(call: &mut Call<'_>, input: &Input) -> Outcome {
    find(call, input)?;
    let (name, id) = (input.str("repositoryName"), input.str("uploadId").to_owned());
    let (first, last) = (input.integer("partFirstByte"), input.integer("partLastByte"));
    let bytes = input.blob("layerPartBlob").cloned().unwrap_or_default();
    let upload = call.home().ecr.uploads.get(&id).filter(|upload| upload.repository == name);
    let received = i64::try_from(upload.ok_or_else(|| no_upload(&id))?.received).unwrap_or(i64::MAX);
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    if first != Some(received) || last != Some(received + length - 1) {
        let text = format!("The layer part is not valid: the next byte to upload is {received}.");
        let failure = Failure::new("InvalidLayerPartException", text).with("uploadId", id);
        return Err(failure.with("lastValidByteReceived", received - 1));
    }
    let received = append(call, &id, &bytes)?;
    Ok(json!({
        "registryId": call.account, "repositoryName": name, "uploadId": id, "lastByteReceived": received - 1,
    })
    .into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CompleteLayerUpload.html>
pub(super) fn complete_layer_upload(call: &mut Call<'_>, input: &Input) -> Outcome {
    let repository = find(call, input)?;
    let (name, id) = (input.str("repositoryName"), input.str("uploadId"));
    let digests = input.texts("layerDigests");
    let digest = digests.first().cloned().unwrap_or_default();
    if repository.layers.contains_key(&digest) {
        let text =
            format!("Layer with digest '{digest}' already exists in the repository with name '{name}'.");
        return Err(Failure::new("LayerAlreadyExistsException", text));
    }
    let upload = call.home().ecr.uploads.get(id).filter(|upload| upload.repository == name);
    if upload.ok_or_else(|| no_upload(id))?.received == 0 {
        return Err(Failure::new(
            "EmptyUploadException",
            "The specified layer upload does not contain any layer parts.",
        ));
    }
    if !finish(call, id, &digest)? {
        let text = "The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not match the digest specified.";
        return Err(Failure::new("InvalidLayerException", text));
    }
    Ok(json!({
        "registryId": call.account, "repositoryName": name, "uploadId": id, "layerDigest": digest,
    })
    .into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html>
pub(super) fn batch_check_layer_availability(call: &mut Call<'_>, input: &Input) -> Outcome {
    let repository = find(call, input)?;
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for digest in input.texts("layerDigests") {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.chars().all(|letter| letter.is_ascii_hexdigit()) {
            failures.push(json!({
                "layerDigest": digest, "failureCode": "InvalidLayerDigest", "failureReason": "Invalid layer digest",
            }));
            continue;
        }
        let size = repository.layers.get(&digest);
        let availability = if size.is_some() { "AVAILABLE" } else { "UNAVAILABLE" };
        layers.push(json!({ "layerDigest": digest, "layerAvailability": availability, "layerSize": size }));
    }
    Ok(json!({ "layers": layers, "failures": failures }).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html>
pub(super) fn get_download_url_for_layer(call: &mut Call<'_>, input: &Input) -> Outcome {
    let digest = input.str("layerDigest").to_owned();
    if !find_mut(call, input)?.layers.contains_key(&digest) {
        let text = format!("The layer with digest '{digest}' does not exist.");
        return Err(Failure::new("LayerInaccessibleException", text));
    }
    let url = format!("{}/v2-layers/{}", call.endpoint, digest.trim_start_matches("sha256:"));
    Ok(json!({ "downloadUrl": url, "layerDigest": digest }).into())
}

/// A password for the registry: it says whose registry, and until when.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html>
pub(super) fn get_authorization_token(call: &mut Call<'_>, input: &Input) -> Outcome {
    let account = call.account.clone();
    if let Some(other) = input.texts("registryIds").into_iter().find(|id| *id != account) {
        return Err(Failure::unmodelled(format!("the registry {other} of another account")));
    }
    let expires = call.now.plus_seconds(12 * 3600);
    let password =
        json!({ "account": account, "region": call.region, "expires": expires, "key": call.access_key });
    let token = STANDARD.encode(format!("AWS:{}", STANDARD.encode(password.to_string())));
    Ok(json!({ "authorizationData": [{
        "authorizationToken": token, "expiresAt": expires.value(), "proxyEndpoint": call.endpoint,
    }] })
    .into())
}
