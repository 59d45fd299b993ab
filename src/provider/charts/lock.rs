//! `Chart.lock`: which versions a chart's dependencies have.

use crate::chart::load::{Dependency, Lock};
use crate::chart::{Object, Value, json, yaml};

use super::cache::digest_of;

/// The digest a lock file names: over what was asked for and what was chosen, as Helm computes it.
pub fn digest_of_requirements(wanted: &[Dependency], chosen: &[Dependency]) -> String {
    let list = |dependencies: &[Dependency]| {
        let parts: Vec<String> = dependencies.iter().map(dependency_json).collect();
        format!("[{}]", parts.join(","))
    };
    digest_of(format!("[{},{}]", list(wanted), list(chosen)).as_bytes())
}

/// A dependency as Go writes its structure: fields in the order of their declaration, empty ones left out.
fn dependency_json(dependency: &Dependency) -> String {
    let mut fields = Vec::new();
    let mut field = |name: &str, value: Value, keep: bool| {
        if keep {
            let value = json::write(&value).unwrap_or_default();
            fields.push(format!("\"{name}\":{value}"));
        }
    };
    let text = |text: &str| Value::from(text);
    field("name", text(&dependency.name), true);
    field("version", text(&dependency.version), !dependency.version.is_empty());
    field("repository", text(&dependency.repository), true);
    field("condition", text(&dependency.condition), !dependency.condition.is_empty());
    let tags = dependency.tags.iter().map(|tag| Value::from(tag.as_str())).collect();
    field("tags", Value::List(tags), !dependency.tags.is_empty());
    field("enabled", Value::Bool(true), dependency.enabled);
    let imports = dependency.import_values.iter().map(|import| import.to_value()).collect();
    field("import-values", Value::List(imports), !dependency.import_values.is_empty());
    field("alias", text(&dependency.alias), !dependency.alias.is_empty());
    format!("{{{}}}", fields.join(","))
}

/// The text of a lock file.
pub fn lock_text(lock: &Lock) -> String {
    let dependencies =
        lock.dependencies.iter().map(|dependency| Value::Map(dependency.to_object())).collect();
    let mut members = Object::new();
    members.insert("dependencies".to_owned(), Value::List(dependencies));
    members.insert("digest".to_owned(), Value::from(lock.digest.as_str()));
    members.insert("generated".to_owned(), Value::from(lock.generated.as_str()));
    yaml::write(&Value::Map(members)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_helms() {
        // From a lock file that Helm wrote for these requirements.
        let wanted = Dependency {
            name: "common".to_owned(),
            version: "2.x.x".to_owned(),
            repository: "oci://registry-1.docker.io/bitnamicharts".to_owned(),
            tags: vec!["bitnami-common".to_owned()],
            ..Dependency::default()
        };
        let chosen = Dependency {
            name: "common".to_owned(),
            version: "2.31.4".to_owned(),
            repository: "oci://registry-1.docker.io/bitnamicharts".to_owned(),
            ..Dependency::default()
        };
        let digest = digest_of_requirements(&[wanted], std::slice::from_ref(&chosen));
        assert_eq!(digest, "sha256:fc442e77200e1914dd46fe26490dcf62f44caa51db673c2f8e67d5319cd4c163");
        let lock =
            Lock { generated: "2025-09-15T10:27:20.7Z".to_owned(), digest, dependencies: vec![chosen] };
        assert!(lock_text(&lock).starts_with(
            "dependencies:\n- name: common\n  repository: oci://registry-1.docker.io/bitnamicharts\n  version: 2.31.4\ndigest: sha256:"
        ));
    }
}
