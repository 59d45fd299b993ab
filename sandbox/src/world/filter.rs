//! Filters: names with lists of values in which `*` and `?` stand for anything, as EC2 documents them.

use super::tags::Tags;
use crate::wire::failure::Failure;
use crate::wire::input::Input;

/// A kind of resource that can be filtered.
pub trait Filterable {
    /// The documented filter names, without `tag:…`, `tag-key` and `tag-value`.
    const FILTERS: &'static [&'static str];

    /// The resource's values for a name of [`Filterable::FILTERS`]; the filter holds if any of them matches.
    fn values(&self, filter: &str) -> Vec<String>;
}

/// Filters of one request.
#[derive(Debug)]
pub struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads the filters of a request: a list of `Name` and `Values`.
    pub fn read(entries: &[Input]) -> Self {
        let one = |entry: &Input| {
            let mut values = entry.texts("Values");
            values.dedup();
            (entry.str("Name").to_owned(), values)
        };
        Self(entries.iter().map(one).collect())
    }

    /// Refuses names that the kind does not document.
    ///
    /// # Errors
    /// `InvalidParameterValue`, as EC2 answers.
    pub fn check<T: Filterable>(&self) -> Result<(), Failure> {
        self.check_names(T::FILTERS)
    }

    /// Refuses names that are not in `known`.
    ///
    /// # Errors
    /// `InvalidParameterValue`, as EC2 answers.
    pub fn check_names(&self, known: &[&str]) -> Result<(), Failure> {
        for (name, values) in &self.0 {
            let tagged = name.starts_with("tag:") || name == "tag-key" || name == "tag-value";
            if !tagged && !known.contains(&name.as_str()) {
                return Err(Failure::new("InvalidParameterValue", format!("The filter '{name}' is invalid")));
            }
            if values.is_empty() {
                let text = format!("The filter '{name}' needs at least one value");
                return Err(Failure::new("InvalidParameterValue", text));
            }
        }
        Ok(())
    }

    /// True when the resource passes every filter.
    pub fn pass<T: Filterable>(&self, resource: &T, tags: Option<&Tags>) -> bool {
        self.pass_with(tags, |name| resource.values(name))
    }

    /// True when something with these tags and these values passes every filter.
    pub fn pass_with(&self, tags: Option<&Tags>, values_of: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|(name, wanted)| {
            let any = |value: &str| wanted.iter().any(|pattern| matches(pattern, value));
            let tags = || tags.into_iter().flatten();
            match (name.strip_prefix("tag:"), name.as_str()) {
                (Some(key), _) => tags().any(|(found, value)| found == key && any(value)),
                (None, "tag-key") => tags().any(|(key, _)| any(key)),
                (None, "tag-value") => tags().any(|(_, value)| any(value)),
                (None, name) => values_of(name).iter().any(|value| any(value)),
            }
        })
    }

    /// The names that are filtered by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// True when the whole value matches a pattern with `*` and `?`; a backslash takes the next letter as it is.
pub fn matches(pattern: &str, value: &str) -> bool {
    if !pattern.contains(['*', '?', '\\']) {
        return pattern == value;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let value: Vec<char> = value.chars().collect();
    let (mut p, mut v) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while v < value.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, v));
                p += 1;
                continue;
            }
            Some('?') => {
                (p, v) = (p + 1, v + 1);
                continue;
            }
            Some('\\') if pattern.get(p + 1) == Some(&value[v]) => {
                (p, v) = (p + 2, v + 1);
                continue;
            }
            Some(letter) if *letter == value[v] && *letter != '\\' => {
                (p, v) = (p + 1, v + 1);
                continue;
            }
            _ => {}
        }
        let Some((at, from)) = star else { return false };
        star = Some((at, from + 1));
        (p, v) = (at + 1, from + 1);
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_whole_values() {
        assert!(matches("demo-*", "demo-1") && matches("*", "") && matches("a?c", "abc"));
        assert!(matches("*a*b", "xxaayyb") && matches(r"a\*", "a*") && !matches(r"a\*", "ab"));
        assert!(!matches("demo", "demo-1") && !matches("a?", "a") && !matches("", "a"));
    }
}
