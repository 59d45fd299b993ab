//! Tags: the same on every service, and the same checks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::wire::failure::Failure;
use crate::wire::input::Input;

/// Keys and values.
pub type Tags = BTreeMap<String, String>;

/// How a service spells tags and refuses bad ones.
#[derive(Clone, Copy, Debug)]
pub struct TagStyle {
    /// The member with the key.
    pub key: &'static str,
    /// The member with the value.
    pub value: &'static str,
    /// The error for an invalid tag.
    pub invalid: &'static str,
    /// The error for more than fifty tags.
    pub too_many: &'static str,
}

impl TagStyle {
    /// Reads a list of tags.
    ///
    /// # Errors
    /// The service's error for a reserved, repeated, too long key or value.
    pub fn read(&self, entries: &[Input]) -> Result<Tags, Failure> {
        let mut tags = Tags::new();
        for entry in entries {
            let (key, value) = (entry.str(self.key), entry.str(self.value));
            if tags.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(Failure::new(self.invalid, format!("Duplicate tag key '{key}' specified.")));
            }
        }
        self.check(&tags)?;
        Ok(tags)
    }

    /// Checks tags that came as a map.
    ///
    /// # Errors
    /// As [`TagStyle::read`].
    pub fn check(&self, tags: &Tags) -> Result<(), Failure> {
        for (key, value) in tags {
            let length = key.chars().count();
            if key.to_lowercase().starts_with("aws:") {
                let text = format!("Tag keys starting with 'aws:' are reserved for internal use: {key}");
                return Err(Failure::new(self.invalid, text));
            }
            if length == 0 || length > 128 {
                return Err(Failure::new(
                    self.invalid,
                    format!("Tag key '{key}' must have 1 to 128 characters."),
                ));
            }
            if value.chars().count() > 256 {
                let text = format!("The value of tag '{key}' exceeds the maximum of 256 characters.");
                return Err(Failure::new(self.invalid, text));
            }
        }
        Ok(())
    }

    /// Adds tags to those of a resource.
    ///
    /// # Errors
    /// The service's error when there would be more than fifty.
    pub fn merge(&self, onto: &mut Tags, more: Tags) -> Result<(), Failure> {
        onto.extend(more);
        if onto.keys().filter(|key| !key.starts_with("aws:")).count() > 50 {
            return Err(Failure::new(self.too_many, "A resource can have at most 50 tags."));
        }
        Ok(())
    }

    /// Tags as a list for an answer.
    pub fn write(&self, tags: &Tags) -> Value {
        tags.iter().map(|(key, value)| json!({ self.key: key, self.value: value })).collect()
    }
}
