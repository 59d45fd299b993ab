//! `.helmignore`: which files of a chart's folder are no part of the chart.

use super::error::LoadError;
use crate::chart::glob;

/// The rules of one `.helmignore`, with Helm's own rule (dot files in `templates/`) last.
#[derive(Debug, Clone)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: String,
    negated: bool,
    folders_only: bool,
    scope: Scope,
    form: Form,
}

/// Most patterns are plain, and need no matching character by character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A name as it stands.
    Name,
    /// A star and the end of a name.
    Ending,
    Pattern,
}

/// What of a path a rule is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Path,
    LastPart,
}

impl Default for IgnoreRules {
    fn default() -> Self {
        let rule = Rule {
            pattern: "templates/.?*".to_owned(),
            negated: false,
            folders_only: false,
            scope: Scope::Path,
            form: Form::Pattern,
        };
        Self { rules: vec![rule] }
    }
}

impl IgnoreRules {
    /// Reads the text of a `.helmignore`.
    pub fn parse(text: &str) -> Result<Self, LoadError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for line in text.lines() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                rules.push(Rule::parse(line)?);
            }
        }
        rules.extend(Self::default().rules);
        Ok(Self { rules })
    }

    /// Whether `path` (slashes, relative to the chart's folder) is left out; a folder with all it holds.
    ///
    /// Rules are looked at in order and the first that decides wins. A rule that starts with `!` leaves out
    /// everything it does not match: that is how Helm reads it.
    pub fn ignores(&self, path: &str, is_folder: bool) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        for rule in &self.rules {
            if rule.negated {
                if rule.folders_only && !is_folder || !rule.matches(path) {
                    return true;
                }
            } else if (is_folder || !rule.folders_only) && rule.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Rule {
    fn parse(line: &str) -> Result<Self, LoadError> {
        if line.contains("**") {
            return Err(LoadError::Ignore("double-star (**) syntax is not supported".to_owned()));
        }
        if !glob::is_valid(line) {
            return Err(LoadError::Ignore(format!("syntax error in pattern {line:?}")));
        }
        let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let scope = if line.contains('/') { Scope::Path } else { Scope::LastPart };
        let pattern = line.strip_prefix('/').unwrap_or(line).to_owned();
        let is_plain = |text: &str| !text.contains(['*', '?', '[', '\\']);
        let form = match pattern.strip_prefix('*') {
            Some(ending) if is_plain(ending) && scope == Scope::LastPart => Form::Ending,
            None if is_plain(&pattern) => Form::Name,
            _ => Form::Pattern,
        };
        Ok(Self { pattern, negated, folders_only, scope, form })
    }

    fn matches(&self, path: &str) -> bool {
        let subject = match self.scope {
            Scope::Path => path,
            Scope::LastPart => path.rsplit('/').next().unwrap_or(path),
        };
        match self.form {
            Form::Name => self.pattern == subject,
            Form::Ending => subject.ends_with(&self.pattern[1..]),
            Form::Pattern => glob::matches(&self.pattern, subject),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_follow_helms_own_tests() {
        for (rule, path, folder, ignored) in [
            ("helm.txt", "helm.txt", false, true),
            ("helm.*", "helm.txt", false, true),
            ("helm.*", "rudder.txt", false, false),
            ("*.txt", "cargo/a.txt", false, true),
            ("cargo/*.txt", "cargo/a.txt", false, true),
            ("cargo/*.*", "mast/a.txt", false, false),
            ("cargo/", "cargo", true, true),
            ("cargo/", "cargo", false, false),
            ("/a.txt", "a.txt", false, true),
            ("/a.txt", "cargo/a.txt", false, false),
            ("ru[c-e]?er.txt", "rudder.txt", false, true),
            ("templates/.?*", "templates/.dotfile", false, true),
            ("!helm.txt", "helm.txt", false, false),
            ("!helm.txt", "tiller.txt", false, true),
            ("!cargo", "mast/", true, true),
            ("# helm.txt", "helm.txt", false, false),
        ] {
            assert_eq!(IgnoreRules::parse(rule).unwrap().ignores(path, folder), ignored, "{rule} {path}");
        }
        assert!(IgnoreRules::default().ignores("templates/.git", true));
        assert!(IgnoreRules::parse("a/**").is_err());
        assert!(IgnoreRules::parse("[a").is_err());
    }
}
