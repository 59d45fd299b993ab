//! Which services' folders are there.

use std::collections::BTreeSet;

use super::files::Files;
use crate::config::finding::Finding;
use crate::config::place::Path;
use crate::config::schema::Settings;
use crate::config::tree::Node;

/// The code of the finding about services whose packages are not there.
pub const NO_PACKAGE: &str = "no-package";

/// The services whose packages are there, and one finding about all whose are not: somebody may well keep an
/// environment's files apart from its services.
pub(super) fn find(
    files: &dyn Files,
    settings: &Settings,
    tree: &Node,
) -> (BTreeSet<String>, Option<Finding>) {
    let mut there = BTreeSet::new();
    let mut missing: Option<Finding> = None;
    for (name, service) in settings.enabled_services() {
        let Some(folder) = &service.path else { continue };
        match files.has_package(folder) {
            Some(true) => drop(there.insert(name.to_owned())),
            Some(false) => {
                let path = Path::of("services").join(name).join("path");
                let place = tree.nearest(&path).place.clone();
                missing = Some(match missing {
                    Some(finding) => finding.related(place, "nor here"),
                    None => {
                        let message = "services are to be built from folders that hold no Cargo package";
                        Finding::new(NO_PACKAGE, path, place, message)
                            .warning()
                            .label("there is no Cargo.toml")
                            .hint(
                                "their images are neither built nor pushed from here; correct `path` (it is relative \
                                 to the folder that holds environments/), or give an `image`",
                            )
                    }
                });
            }
            None => {}
        }
    }
    (there, missing)
}
