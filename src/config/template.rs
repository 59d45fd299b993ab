//! What `init` writes: a folder of environments to start with.

/// A file to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its path below the folder that is set up.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// The files of a new project.
pub fn templates() -> &'static [Template] {
    &[
        Template { path: "environments/common.toml", text: include_str!("template/common.toml") },
        Template { path: "environments/dev.toml", text: include_str!("template/dev.toml") },
        Template { path: "environments/staging.toml", text: include_str!("template/staging.toml") },
        Template { path: "environments/prod.toml", text: include_str!("template/prod.toml") },
        Template { path: "state/.gitignore", text: "*\n!README.md\n!.gitignore\n" },
        Template { path: "state/README.md", text: include_str!("template/state.md") },
    ]
}
