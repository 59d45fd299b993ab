//! Helm's storage format: a Secret a revision, with the revision's JSON, compressed and in Base64.
//!
//! The Secret's own data is in Base64 once more, as all of Kubernetes' is.
//! Helm: `pkg/storage/driver/secrets.go`, `util.go`, `pkg/storage/storage.go`.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::revision::Revision;

/// The type of the Secrets.
pub const SECRET_TYPE: &str = "helm.sh/release.v1";

/// How many bytes of data a Secret may hold (`MaxSecretSize` of Kubernetes' API).
pub const LIMIT: usize = 1 << 20;

/// How large a document may become when it is taken out of its compression.
const LARGEST: u64 = 256 << 20;

/// Labels that are Helm's own; all others are the user's.
const OWN_LABELS: [&str; 6] = ["createdAt", "modifiedAt", "name", "owner", "status", "version"];

/// A revision that cannot be stored, or a Secret that holds none.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A Secret cannot hold it.
    #[error(
        "revision {revision} of {release} takes {bytes} bytes, and a Secret may hold {LIMIT}: leave large files out of \
         its chart and its values"
    )]
    TooLarge {
        /// The release.
        release: String,
        /// The revision.
        revision: u64,
        /// The size of what would be stored.
        bytes: usize,
    },
    /// What is in it is no release.
    #[error("Secret {name} holds no release of Helm's: {why}")]
    Unreadable {
        /// The Secret.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What the time in a Secret's labels is of, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// Of its making.
    Created(i64),
    /// Of its last change.
    Modified(i64),
}

impl Revision {
    /// The Secret's name: `sh.helm.release.v1.NAME.vN`.
    pub fn secret_name(&self) -> String {
        format!("sh.helm.release.v1.{}.v{}", self.name(), self.number())
    }
}

/// The Secret that a revision is stored in.
///
/// # Errors
/// When no Secret can hold it.
pub fn secret(revision: &Revision, stamp: Stamp) -> Result<Value, StorageError> {
    let text = encode(&revision.document);
    if text.len() > LIMIT {
        let (release, number) = (revision.name().to_owned(), revision.number());
        return Err(StorageError::TooLarge { release, revision: number, bytes: text.len() });
    }
    let (stamp, seconds) = match stamp {
        Stamp::Created(seconds) => ("createdAt", seconds),
        Stamp::Modified(seconds) => ("modifiedAt", seconds),
    };
    let mut labels = revision.labels.clone();
    labels.extend([
        (stamp.to_owned(), seconds.to_string()),
        ("name".to_owned(), revision.name().to_owned()),
        ("owner".to_owned(), "helm".to_owned()),
        ("status".to_owned(), revision.status().name().to_owned()),
        ("version".to_owned(), revision.number().to_string()),
    ]);
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": revision.secret_name(), "namespace": revision.namespace(), "labels": labels,
        },
        "type": SECRET_TYPE,
        "data": { "release": STANDARD.encode(text) },
    }))
}

/// The revision that a Secret holds.
///
/// # Errors
/// When it holds none.
pub fn read(secret: &Value) -> Result<Revision, StorageError> {
    let name = || secret["metadata"]["name"].as_str().unwrap_or("without a name").to_owned();
    let unreadable = |why: String| StorageError::Unreadable { name: name(), why };
    let data = secret["data"]["release"].as_str();
    let data = data.ok_or_else(|| unreadable("it has no data `release`".to_owned()))?;
    let text = STANDARD.decode(data).map_err(|error| unreadable(error.to_string()))?;
    let document = decode(&text).map_err(unreadable)?;
    let labels = secret["metadata"]["labels"].as_object();
    let labels: BTreeMap<String, String> = labels
        .into_iter()
        .flatten()
        .filter(|(key, _)| !OWN_LABELS.contains(&key.as_str()))
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    let revision = Revision { document, labels };
    if revision.name().is_empty() || revision.number() == 0 || !revision.document["info"].is_object() {
        return Err(unreadable("its document has no name, version or info".to_owned()));
    }
    Ok(revision)
}

fn encode(document: &Value) -> String {
    let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
    let written = compressed.write_all(document.to_string().as_bytes()).and_then(|()| compressed.finish());
    STANDARD.encode(written.expect("memory takes all that is written to it"))
}

fn decode(text: &[u8]) -> Result<Value, String> {
    let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
    // Before Helm compressed its releases, the document stood there as it is.
    let document = if bytes.starts_with(&[0x1f, 0x8b, 0x08]) {
        let mut document = Vec::new();
        let read = GzDecoder::new(bytes.as_slice()).take(LARGEST + 1).read_to_end(&mut document);
        read.map_err(|error| error.to_string())?;
        if document.len() as u64 > LARGEST {
            return Err(format!("it is over {LARGEST} bytes large"));
        }
        document
    } else {
        bytes
    };
    serde_json::from_slice(&document).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::Status;

    fn revision(manifest: &str) -> Revision {
        let document = json!({
            "name": "web", "namespace": "frontend", "version": 3,
            "info": {"status": "deployed", "description": "Install complete", "later": {"than": ["us"]}},
            "chart": {"metadata": {"name": "service", "version": "1.2.3", "appVersion": "7"}, "new": 1.5},
            "config": {"replicas": 2}, "manifest": manifest, "apply_method": "ssa",
        });
        Revision { document, labels: [("team".to_owned(), "platform".to_owned())].into() }
    }

    #[test]
    fn a_revision_comes_back_whole() {
        let mut revision = revision("---\n# Source: a\nkind: ConfigMap\n");
        let stored = secret(&revision, Stamp::Created(1_700_000_000)).unwrap();
        assert_eq!(stored["metadata"]["name"], "sh.helm.release.v1.web.v3");
        assert_eq!(stored["metadata"]["namespace"], "frontend");
        assert_eq!(
            stored["metadata"]["labels"],
            json!({"team": "platform", "createdAt": "1700000000", "name": "web", "owner": "helm",
                   "status": "deployed", "version": "3"})
        );
        assert_eq!(read(&stored).unwrap(), revision);
        revision.mark(Status::Superseded, None);
        let stored = secret(&revision, Stamp::Modified(1_700_000_001)).unwrap();
        assert_eq!(stored["metadata"]["labels"]["status"], "superseded");
        assert!(stored["metadata"]["labels"]["createdAt"].is_null());
        let again = read(&stored).unwrap();
        assert_eq!((again.status(), again.description()), (Status::Superseded, "Install complete"));
        assert_eq!(again.document["info"]["later"], json!({"than": ["us"]}));
        assert_eq!(again.chart(), "service-1.2.3");
    }

    #[test]
    fn what_no_secret_can_hold_is_refused_with_its_size() {
        // Digits of a generator that no compression shortens by half.
        let mut state = 1_u64;
        let noise: String = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:016x}", state >> 1)
        })
        .take(110_000)
        .collect();
        assert!(secret(&revision(&noise[..1_000_000]), Stamp::Created(0)).is_ok());
        let error = secret(&revision(&noise), Stamp::Created(0)).unwrap_err();
        let StorageError::TooLarge { bytes, revision: 3, .. } = error else { panic!("{error}") };
        assert!(bytes > LIMIT, "{bytes}");
    }

    #[test]
    fn what_is_no_release_is_told() {
        let good = secret(&revision(""), Stamp::Created(0)).unwrap();
        for (data, why) in [
            (json!(null), "no data"),
            (json!("%"), "invalid"),
            (json!(STANDARD.encode("%")), "invalid"),
            (json!(STANDARD.encode(STANDARD.encode("{"))), "EOF"),
            (json!(STANDARD.encode(STANDARD.encode("{}"))), "no name"),
            (json!(STANDARD.encode(STANDARD.encode([0x1f, 0x8b, 0x08, 0]))), "end of file"),
        ] {
            let mut bad = good.clone();
            bad["data"]["release"] = data.clone();
            let error = read(&bad).unwrap_err().to_string();
            assert!(error.to_lowercase().contains(&why.to_lowercase()), "{data}: {error}");
        }
        // As Helm stored it before it compressed.
        let mut old = good;
        old["data"]["release"] = json!(STANDARD.encode(STANDARD.encode(revision("").document.to_string())));
        assert_eq!(read(&old).unwrap(), revision(""));
    }
}
