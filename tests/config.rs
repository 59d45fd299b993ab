//! The configuration from outside: the environments of this repository, those that `init` writes, and a
//! report for every kind of bad input.

use std::path::Path;

use platctl::config::{self, Folder, Loaded, Memory, Style};

fn repository() -> Folder {
    Folder::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("environments"))
}

fn load(files: &dyn config::Files, environment: &str) -> Loaded {
    config::load(files, environment).unwrap_or_else(|findings| panic!("{}", findings.render(Style::Plain)))
}

#[test]
fn the_environments_of_this_repository_are_right() {
    let names = config::environments(&repository()).unwrap();
    assert_eq!(names, ["dev", "prod", "staging"]);
    let all = config::load_all(&repository(), &names).unwrap();
    for loaded in all {
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings.render(Style::Plain));
    }
    assert!(load(&repository(), "prod").platform.settings.protect);
}

#[test]
fn what_init_writes_is_right() {
    let files: Memory = config::templates()
        .iter()
        .filter_map(|template| Some((template.path.strip_prefix("environments/")?, template.text)))
        .filter_map(|(name, text)| Some((name.strip_suffix(".toml")?, text)))
        .collect();
    let names = config::environments(&files).unwrap();
    assert_eq!(names, ["dev", "prod", "staging"]);
    for name in names {
        let loaded = load(&files, &name);
        assert!(!loaded.warnings.has_errors(), "{}", loaded.warnings.render(Style::Plain));
    }
}
