//! The charts that come with platctl.

use crate::chart::load::{LoadError, from_files};
use crate::chart::{Chart, File};

macro_rules! files {
    ($chart:literal: $($file:literal),* $(,)?) => {
        [$(($file, include_bytes!(concat!("../../templates/", $chart, "/", $file)).as_slice())),*]
    };
}

type Files = &'static [(&'static str, &'static [u8])];

const NAMESPACE: Files = &files!("namespace":
    "Chart.yaml", "values.yaml", "values.schema.json", "README.md",
    "templates/namespace.yaml", "templates/networkpolicy.yaml",
);

const SERVICE: Files = &files!("service":
    "Chart.yaml", "values.yaml", "values.schema.json", "README.md",
    "templates/NOTES.txt", "templates/_load-balancer.tpl", "templates/_names.tpl", "templates/_network.tpl",
    "templates/_pod.tpl", "templates/deployment.yaml", "templates/disruptionbudget.yaml",
    "templates/networkpolicy.yaml", "templates/scaler.yaml", "templates/service.yaml",
    "templates/serviceaccount.yaml",
);

/// A chart that comes with platctl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `templates/namespace`: the namespace of an environment's services.
    Namespace,
    /// `templates/service`: one of them.
    Service,
}

impl Builtin {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Namespace, Self::Service];

    /// The chart.
    ///
    /// # Errors
    /// None for what is in the binary: a test loads all of them.
    pub fn chart(self) -> Result<Chart, LoadError> {
        let files = match self {
            Self::Namespace => NAMESPACE,
            Self::Service => SERVICE,
        };
        from_files(files.iter().map(|(name, data)| File::new(*name, data)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_binary_has_all_files_of_the_charts() {
        for (chart, files) in [("namespace", NAMESPACE), ("service", SERVICE)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(chart);
            let mut there = BTreeSet::new();
            for (below, prefix) in [(folder.clone(), ""), (folder.join("templates"), "templates/")] {
                for entry in fs::read_dir(below).unwrap() {
                    let entry = entry.unwrap();
                    let name = entry.file_name().into_string().unwrap();
                    if entry.file_type().unwrap().is_file() && name != ".helmignore" {
                        there.insert(format!("{prefix}{name}"));
                    }
                }
            }
            let ours: BTreeSet<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
            assert_eq!(ours, there, "{chart}");
        }
        for builtin in Builtin::ALL {
            builtin.chart().unwrap();
        }
    }
}
