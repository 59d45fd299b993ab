//! Packing a chart into an archive. The same files give the same bytes.

use flate2::Compression;
use flate2::write::GzEncoder;

use super::error::LoadError;
use crate::chart::model::File;

/// The archive of the chart `name`, `Chart.yaml` first as Helm has it.
pub fn pack(name: &str, files: &[File]) -> Result<Vec<u8>, LoadError> {
    let failed = |error: std::io::Error| LoadError::NotAnArchive(error.to_string());
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let (first, rest): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.name == "Chart.yaml");
    for file in first.into_iter().chain(rest) {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.data.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        let path = format!("{name}/{}", file.name);
        archive.append_data(&mut header, path, &*file.data).map_err(failed)?;
    }
    archive.into_inner().and_then(GzEncoder::finish).map_err(failed)
}
