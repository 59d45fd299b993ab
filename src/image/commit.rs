//! The commit that sources are of.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::cargo::{command, run};

/// The newest commit that touched some folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its hash; with `-dirty` behind it when the folders hold something else.
    pub revision: String,
    /// When it was made.
    pub date: Timestamp,
    /// True where the history is cut off (a shallow clone), so that the commit may be a later one.
    pub shallow: bool,
}

impl Commit {
    /// Asks git; `None` where there is no repository, no commit or no git.
    pub(super) async fn find(
        root: &Path,
        folders: &[PathBuf],
        variables: &[(String, String)],
    ) -> Option<Self> {
        let named = variables.iter().any(|(name, _)| name == "GIT_DIR");
        let root = &std::path::absolute(root).ok()?;
        if !named && !root.ancestors().any(|folder| folder.join(".git").exists()) {
            return None;
        }
        let ask = |arguments: &'static [&'static str]| {
            let mut git = command("git", root, variables);
            git.args(arguments).arg("--").args(folders);
            async move {
                let said = run(git, &|_| ()).await.ok()?;
                said.success.then(|| String::from_utf8_lossy(&said.out).into_owned())
            }
        };
        let shallow = async {
            let mut git = command("git", root, variables);
            git.args(["rev-parse", "--is-shallow-repository"]);
            Some(run(git, &|_| ()).await.ok()?.out.starts_with(b"true"))
        };
        let (log, changed, shallow) = tokio::join!(
            ask(&["log", "-1", "--format=%H %ct"]),
            ask(&["status", "--porcelain", "--untracked-files=all"]),
            shallow
        );
        let log = log?;
        let (revision, date) = log.trim().split_once(' ')?;
        let date = Timestamp::from_second(date.parse().ok()?).ok()?;
        let dirty = if changed.is_none_or(|changed| changed.trim().is_empty()) { "" } else { "-dirty" };
        Some(Self { revision: format!("{revision}{dirty}"), date, shallow: shallow.unwrap_or(false) })
    }
}
