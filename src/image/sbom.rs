//! The bill of materials, as CycloneDX. (<https://cyclonedx.org/docs/1.5/json/>)

use serde_json::{Value, json};

use super::dependencies::{Dependencies, Linked};

/// Its media type, which is also the artifact's type.
pub(super) const MEDIA_TYPE: &str = "application/vnd.cyclonedx+json";

/// The document: the same packages give the same bytes, so it carries neither a time nor a serial number.
pub(super) fn cyclonedx(dependencies: &Dependencies) -> Vec<u8> {
    let packages = &dependencies.packages;
    let root = packages.iter().find(|package| package.root);
    let components: Vec<Value> = packages
        .iter()
        .filter(|package| !package.root)
        .map(|package| component(package, "library"))
        .collect();
    let edges: Vec<Value> = packages
        .iter()
        .map(|package| {
            let on: Vec<String> =
                package.dependencies.iter().filter_map(|at| packages.get(*at)).map(reference).collect();
            json!({ "ref": reference(package), "dependsOn": on })
        })
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": root.map(|package| component(package, "application")),
            "tools": { "components": [{ "type": "application", "name": "platctl", "version": env!("CARGO_PKG_VERSION") }] },
        },
        "components": components,
        "dependencies": edges,
    });
    document.to_string().into_bytes()
}

/// The package's URL. (<https://github.com/package-url/purl-spec>, type `cargo`.)
fn reference(package: &Linked) -> String {
    // A plus in a version (`1.0.0+build`) is written in percent.
    let version = package.version.replace('+', "%2B");
    match package.source.as_str() {
        "crates.io" => format!("pkg:cargo/{}@{version}", package.name),
        other => format!("pkg:cargo/{}@{version}?source={other}", package.name),
    }
}

fn component(package: &Linked, kind: &str) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
        "purl": reference(package),
    });
    if let Some(license) = &package.license {
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    if let Some(description) = &package.description {
        component["description"] = description.trim().into();
    }
    component
}
