//! All functions by name.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::signature::Function;
use super::{
    builtins, certificates, control, crypto, data, dates, defaults, dictionaries, encoding, keys, lists,
    mathematics, paths, random, reflection, regexes, strings, urls, versions,
};

/// Later tables win where a name is in two: Sprig's `slice` over Go's, Helm's `toJson` over Sprig's.
const TABLES: &[&[Function]] = &[
    builtins::FUNCTIONS,
    certificates::FUNCTIONS,
    keys::FUNCTIONS,
    crypto::FUNCTIONS,
    dates::FUNCTIONS,
    defaults::FUNCTIONS,
    dictionaries::FUNCTIONS,
    encoding::FUNCTIONS,
    lists::FUNCTIONS,
    mathematics::FUNCTIONS,
    paths::FUNCTIONS,
    random::FUNCTIONS,
    reflection::FUNCTIONS,
    regexes::FUNCTIONS,
    strings::FUNCTIONS,
    urls::FUNCTIONS,
    versions::FUNCTIONS,
    data::FUNCTIONS,
    control::FUNCTIONS,
];

fn all() -> &'static HashMap<&'static str, &'static Function> {
    static ALL: OnceLock<HashMap<&'static str, &'static Function>> = OnceLock::new();
    ALL.get_or_init(|| {
        let functions = TABLES.iter().copied().flatten();
        functions.map(|function| (function.name, function)).collect()
    })
}

/// The function of that name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    all().get(name).copied()
}

/// A function whose name is much like `name`.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let near = all().keys().map(|known| (strsim::damerau_levenshtein(known, name), *known));
    near.filter(|(distance, _)| *distance <= 2).min().map(|(_, known)| known)
}

/// The names of all functions, sorted.
#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = all().keys().copied().collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helm_s_functions_are_there_and_no_others() {
        for name in ["include", "tpl", "toYaml", "semverCompare", "genCA", "and", "printf", "lookup"] {
            assert!(find(name).is_some(), "{name}");
        }
        for name in ["env", "expandenv", "mustToDuration"] {
            assert!(find(name).is_none(), "{name}");
        }
        assert_eq!(nearest("toYml"), Some("toYaml"));
        assert!(names().len() > 200);
    }
}
