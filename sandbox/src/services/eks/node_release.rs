//! Releases of the node images that EKS recommends: the newest one of each Kubernetes version.

use sha2::{Digest as _, Sha256};

use super::version::patch;

/// The date of the images; every version's newest image was built on it.
const BUILT: &str = "20260115";

/// The release of the recommended image, for example `1.33.5-20260115`.
pub fn release_version(kubernetes: &str) -> String {
    format!("{}-{BUILT}", patch(kubernetes))
}

/// The id of the recommended image of a version and an AMI type in a region. Always the same, and no two alike.
pub fn recommended_image(region: &str, kubernetes: &str, ami_type: &str) -> String {
    let digest = Sha256::digest(format!("{region}/{}/{ami_type}", release_version(kubernetes)));
    let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("ami-0{digits}")
}

/// True when a release belongs to a Kubernetes version: `1.33.0-20250519` to `1.33`.
pub(super) fn belongs(release: &str, kubernetes: &str) -> bool {
    let date = |text: &str| text.len() == 8 && text.chars().all(|digit| digit.is_ascii_digit());
    release.split_once('-').is_some_and(|(patch, built)| {
        patch.strip_prefix(kubernetes).is_some_and(|rest| rest.starts_with('.') && rest.len() > 1)
            && date(built)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_belongs_to_its_minor() {
        assert!(belongs(&release_version("1.33"), "1.33"));
        assert!(!belongs(&release_version("1.33"), "1.3") && !belongs("1.33.0", "1.33"));
        assert_eq!(recommended_image("eu-west-1", "1.33", "AL2023_x86_64_STANDARD").len(), 21);
    }
}
